"""Markdown: front matter, headings, and what a vault's notes name."""

import io
from pathlib import Path

import pytest

from ingest.document import Part
from ingest.readers.markdown import read
from ingest.splitter import split
from search.embedders.base import open_embedder
from search.settings import Settings


def note(text: str) -> Part:
    (part,) = read(io.BytesIO(text.encode()))
    return part


def headings(text: str) -> list[object]:
    return [mark.metadata["heading"] for mark in note(text).marks]


def test_front_matter_is_metadata_and_no_passage() -> None:
    """The part starts behind it, so that offsets stay the file's."""
    text = "---\ndate: 2024-05-01\naliases: [A, B]\nn: 3\nnested: {a: 1}\n---\nBody.\n"
    part = note(text)
    assert text[part.start :] == part.text == "Body.\n"
    assert part.metadata == {"date": "2024-05-01", "aliases": "A, B", "n": 3}


@pytest.mark.parametrize(
    "front",
    [
        "---\na: [1\n---\n",
        "---\njust a line\n---\n",
        "---\na: &x [1]\nb: *x\n---\n",
        "---\na: !!python/object/apply:os.system [ls]\n---\n",
        "---\nd: 2024-13-45\n---\n",
        "---\n{{title}}: 1\n---\n",
        f"---\na: {'[' * 3000}\n---\n",
        "---\nno end\n",
    ],
)
def test_front_matter_that_is_none_stays_text(front: str) -> None:
    """Nothing is lost, nothing is run, and no alias multiplies."""
    part = note(front + "Body.")
    assert (part.start, part.text, dict(part.metadata)) == (0, front + "Body.", {})


def test_headings_are_a_path() -> None:
    """A section leaves the path when its sibling begins."""
    assert headings("# A\n\n## B `c`\n\n### D\n\n## [E](x) {#id}\n") == ["A", "A > B c", "A > B c > D", "A > E"]


def test_headings_in_code_and_quotes_do_not_count() -> None:
    """Those that are underlined do."""
    assert headings("```\n# no\n```\n\n> # no\n\n    # no\n\nYes\n===\n\ntext\n") == ["Yes"]


def test_a_passage_bears_the_heading_that_it_begins_with(settings: Settings) -> None:
    """And one further down bears the last one before it."""
    text = f"intro\n\n# One\n\n{'Water runs down. ' * 60}\n\n## Two\n\n{'Banks are dry. ' * 60}"
    spans = list(split(note(text), open_embedder("local", settings)))
    assert "heading" not in spans[0].metadata or spans[0].text.startswith("#")
    assert {s.metadata["heading"] for s in spans if s.text.startswith("## Two")} == {"One > Two"}
    assert spans[-1].metadata["heading"] == "One > Two"


def test_links_embeds_and_tags_of_a_vault() -> None:
    """Aliases and anchors are left out, and so is what stands in code."""
    part = note("---\ntags: a, b\n---\nSee [[Note#Part|it]], [[Other]] #deep/tag #1.\n![[pic.png|100]] `[[no]] #no`\n")
    assert part.metadata == {"tags": "a, b, deep/tag", "links": "Note, Other", "embeds": "pic.png"}


def test_myst_stays_text() -> None:
    """Labels, roles and directives are part of it; what jupytext writes is not."""
    part = note(
        "---\njupytext:\n  text_representation:\n    extension: .md\n---\n(label)=\n# A {doc}`x`\n\n```{note}\nHi\n```"
    )
    assert part.metadata == {}
    assert part.text.startswith("(label)=")


def test_no_passage_is_a_heading_alone(settings: Settings) -> None:
    """It goes with the text that it heads, even when that text would fill a passage by itself."""
    embedder = open_embedder("local", settings)
    text = "# Top\n\n" + "".join(f"## Part {i}\n\n{'water ' * n}end.\n\n" for i, n in enumerate(range(190, 200)))
    spans = list(split(note(text), embedder))
    assert all("water" in span.text or "end" in span.text for span in spans)
    assert all(text[s.start : s.end] == s.text and embedder.count_tokens(s.text) <= 200 for s in spans)


def test_headings_in_a_row_go_with_the_text_below_the_last(settings: Settings) -> None:
    """Also where all of them and the text are too long for one passage."""
    text = f"# Chapter\n\n## Section\n\n### Part\n\n{'water ' * 400}\n\n---\n\n## Last\n\nmore\n"
    spans = list(split(note(text), open_embedder("local", settings)))
    assert spans[0].text.startswith("# Chapter\n\n## Section\n\n### Part\n\nwater")
    assert all(any(word in span.text for word in ("water", "more")) for span in spans)


def test_a_huge_note_comes_in_parts() -> None:
    """The path goes on from one to the next."""
    text = "# Top\n\n## Low\n\n" + f"{'Water runs. ' * 20}\n\n" * 9_000
    parts = list(read(io.BytesIO(text.encode())))
    assert len(parts) > 1
    assert "".join(p.text for p in parts) == text
    assert parts[1].marks[0].metadata == {"heading": "Top > Low"}


def test_line_ends_and_a_mark_are_as_read_text_has_them(tmp_path: Path) -> None:
    """Offsets count in what Python reads from the file."""
    path = tmp_path / "a.md"
    path.write_bytes(b"---\r\na: 1\r\n---\r\n# A\r\n\rtext\r\n")
    (part,) = read(io.BytesIO(path.read_bytes()))
    assert path.read_text()[part.start :] == part.text == "# A\n\ntext\n"


def test_an_outline_is_cut_as_any_text(settings: Settings) -> None:
    """Headings without a text are no passage of thousands of tokens."""
    text = "".join(f"## Heading number {i} of an outline\n\n" for i in range(200))
    embedder = open_embedder("local", settings)
    (part,) = read(io.BytesIO(text.encode()))
    spans = list(split(part, embedder))
    assert max(embedder.count_tokens(span.text) for span in spans) <= embedder.max_tokens
    assert sum(span.text.count("Heading") for span in spans) == 200
