"""What makes a passage near, as HTML."""

from search.types import Hit, Why, Word
from ui.web.why import because, body

TEXT = "# Rivers\n\nA river has *two* [banks](http://x.example). Money is kept\nelsewhere <b>."


def _hit(why: Why | None) -> Hit:
    return Hit(1, "a-1", "/notes/a.md", TEXT, 0.5, 90.0, {}, 0, len(TEXT), why=why)


def _why(sentence: str) -> Why:
    start = TEXT.index(sentence)
    words = (Word("river", 2, 7, 0.25), Word("<i>", 0, 3, -0.01))
    return Why(start, start + len(sentence), 0.61, words, words)


def test_the_nearest_sentence_is_marked_in_the_text_as_it_is_read() -> None:
    """Without the Markdown that stands in its source, and over the ends of lines."""
    assert "<mark>A river has two banks</mark>. Money" in body(
        TEXT, "/notes/a.md", _why("A river has *two* [banks](http://x.example).")
    )
    assert "<mark>Money is kept elsewhere</mark> &lt;b&gt;" in body(
        TEXT, "/notes/a.md", _why("Money is kept\nelsewhere")
    )


def test_a_sentence_with_links_between_pages_is_marked_as_it_is_read() -> None:
    """Whole, by the labels, while the passage itself keeps its brackets."""
    text = "> [!tip] Mind\n> See [[Rivers#Banks|the banks]] of ![[nile.png|100]]. Or not."
    start, end = text.index("See"), text.index(" Or")
    assert "Mind\n<mark>See the banks of nile.png</mark>. Or not." in body(
        text, "/notes/a.md", Why(start, end, 0.61, (), ())
    )
    whole = body(text, "/notes/a.md", Why(2, end, 0.61, (), ()))
    assert "<mark>Mind\nSee the banks of nile.png</mark>. Or not." in whole


def test_a_text_without_a_why_is_left_as_it_is() -> None:
    """Nothing is marked, and nothing is folded away."""
    assert "<mark>" not in body(TEXT, "/notes/a.md", None)
    assert because(_hit(None)) == ""


def test_each_word_says_what_it_adds() -> None:
    """With its sign, and as text."""
    shown = because(_hit(_why("A river has")))
    assert "river <i>+0.250</i>" in shown
    assert "&lt;i&gt; <i>−0.010</i>" in shown
