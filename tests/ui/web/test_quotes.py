"""Quotes are shown in their passage as they would be read, without the marks of Markdown."""

from ui.web.quotes import read


def test_only_a_line_begins_as_an_item_or_a_heading() -> None:
    """A star that ends what is stressed begins no item, nor does a number in a sentence, and C# is no heading."""
    assert read("The financial *bank* comes from the *banca*.") == (
        "The financial <em>bank</em> comes from the <em>banca</em>."
    )
    assert read("It is C# that is meant, of 12. May.") == "It is C# that is meant, of 12. May."
    assert read("## Kinds\n- the *first* one\n2. the next") == "Kinds\n• the <em>first</em> one\n• the next"
