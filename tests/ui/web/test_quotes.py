"""Quotes are shown in their passage as they would be read, without the marks of Markdown."""

from ui.web.quotes import quoted, read


def test_only_a_line_begins_as_an_item_or_a_heading() -> None:
    """A star that ends what is stressed begins no item, nor does a number in a sentence, and C# is no heading."""
    assert read("The financial *bank* comes from the *banca*.") == (
        "The financial <em>bank</em> comes from the <em>banca</em>."
    )
    assert read("It is C# that is meant, of 12. May.") == "It is C# that is meant, of 12. May."
    assert read("## Kinds\n- the *first* one\n2. the next") == "Kinds\n• the <em>first</em> one\n• the next"


def test_what_follows_a_quote_within_a_line_begins_none() -> None:
    """A number or a dash behind a quote is no item, and neither is one that a quote begins with."""
    passage = "> He came in 1990. 12. March was cold.\n- It *rained* - then it snowed."
    assert quoted(["He came in 1990."], passage) == (
        "<blockquote><mark>He came in 1990.</mark> 12. March was cold.\n"
        "• It <em>rained</em> - then it snowed.</blockquote>"
    )
    assert "<mark>12. March was cold.</mark>\n• It" in quoted(["12. March was cold."], passage)
    assert "<mark>• It <em>rained</em></mark> - then" in quoted(["- It *rained*"], passage)
