"""HTML: what a page says."""

import io

import pytest

from ingest.document import Part
from ingest.encoding import UnreadableError
from ingest.readers.html import read


def page(html: str | bytes) -> Part:
    (part,) = read(io.BytesIO(html if isinstance(html, bytes) else html.encode()))
    return part


def test_headings_are_marks_and_the_title_metadata() -> None:
    """The path is that of the headings' levels."""
    part = page("<title>T &amp; U</title><h1>A <em>b</em></h1><p>one</p><h2>C</h2><p>two</p>")
    assert part.metadata == {"title": "T & U"}
    assert part.text == "# A b\n\none\n\n## C\n\ntwo\n\n"
    assert [mark.metadata for mark in part.marks] == [{"heading": "A b"}, {"heading": "A b > C"}]


def test_what_surrounds_the_text_is_left_out() -> None:
    """Scripts, styles, menus and what is hidden."""
    part = page(
        "<nav>menu</nav><style>p{}</style><p>text<script>run()</script> on</p><p hidden>no</p><footer>foot</footer>"
        "<!-- note --><div role='navigation'>links</div>"
    )
    assert part.text == "text on\n\n"


def test_the_main_content_is_taken_where_it_is_named() -> None:
    """Everything else is beside it."""
    assert page("<div>beside</div><main><p>the text itself</p></main>").text == "the text itself\n\n"


def test_lists_tables_and_code_keep_their_lines() -> None:
    """A row is a line, and code is as it stands."""
    part = page(
        "<ul><li>a<ul><li>b</li></ul></li></ul><table><tr><th>x<td><p>y</p></table><pre>if a:\n    b</pre>after<br>all"
    )
    assert part.text == "- a\n  - b\n\nx | y\n\n```\nif a:\n    b\n```\n\nafter all\n\n"


@pytest.mark.parametrize(
    ("declared", "actual", "warns"),
    [
        ("iso-8859-1", "utf-8", True),
        ("utf-8", "cp1252", True),
        ("iso-8859-1", "cp1252", False),
        ("utf-8", "utf-8", False),
        ("shift_jis", "shift_jis", False),
        ("nonsense", "utf-8", False),
    ],
)
def test_a_false_encoding_is_reported(declared: str, actual: str, *, warns: bool) -> None:
    """The page is read as what it is."""
    text = "日本語の文章です" if actual == "shift_jis" else "the café was closed for the whole of the summer"
    part = page(f"<meta charset='{declared}'><p>{text}</p>".encode(actual))
    assert part.text == f"{text}\n\n"
    assert bool(part.warnings) is warns


def test_depth_without_end_is_an_error() -> None:
    """A page nested a thousand deep is still read."""
    assert page("<div>" * 1_000 + "deep").text == "deep\n\n"
    with pytest.raises(UnreadableError, match="too deep"):
        page("<div>" * 100_000 + "deep")


def test_a_page_too_large_for_the_memory_is_an_error() -> None:
    """Its tree would be ten times as large."""
    with pytest.raises(UnreadableError, match="larger than"):
        page(b"<p>x</p>" * 5_000_000)
