"""Values as HTML: pure functions, so that these tests need no page."""

import pytest

from search.errors import CollectionNotFoundError, InvalidInputError
from search.retrieve.caution import Caution
from search.tokens import Token, Tokens
from search.types import Comparison, Hit, HitList, PairCaution, Passage
from ui.web import format as show
from ui.web.chips import chips
from ui.web.matrix import best_pair, matrix
from ui.web.plain import name, one_line, plain

EVIL = "<img src=x onerror=alert(1)>\"'&"


def _hit(
    text: str = "river", percentile: float | None = 99.24, source: str = "/notes/words.txt", **more: object
) -> Hit:
    values = {"similarity": 0.8266, "cautions": (), **more}
    return Hit(1, "id-1", source, text, percentile=percentile, metadata={}, start=5, end=10, **values)  # type: ignore[arg-type]


def _hits(*hits: Hit, took_ms: float = 12.3, query: str = "bank") -> HitList:
    return HitList(
        query, "dense", exact=True, recall=1.0, embedder="local:all-MiniLM-L6-v2", hits=hits, took_ms=took_ms
    )


def test_a_card_says_how_near_and_what_that_means() -> None:
    """A similarity stands as a number, a bar and its place among random pairs."""
    html = show.hits(_hits(_hit()))
    assert ">0.827<" in html
    assert "width:82.7%" in html
    assert "closer than 99.2 % of random pairs here" in html
    assert "all-MiniLM-L6-v2 · exact · 12 ms" in html


@pytest.mark.parametrize(
    ("percentiles", "words"),
    [((99.0, 80.0), "all nearer than chance"), ((99.0, 60.0, 50.0), "1 of 3 nearer"), ((60.0,), "none nearer")],
)
def test_a_list_says_how_much_of_it_is_nearer_than_chance(percentiles: tuple[float, ...], words: str) -> None:
    """By the same measure as each card; nothing where there is none."""
    assert words in show.hits(_hits(*(_hit(percentile=percentile) for percentile in percentiles)))
    assert "chance" not in show.hits(_hits(_hit(percentile=None)))


@pytest.mark.parametrize(
    ("why", "told"),
    [
        ("'not' only in the second text", "'not' is only in this passage"),
        ("'not' only in the first text", "'not' is not in this passage"),
        ("numbers: 2 and 3", "numbers: 2 and 3"),
    ],
)
def test_a_caution_is_told_of_the_passage(why: str, told: str) -> None:
    """Which of two texts is the second, nobody who reads a card knows."""
    html = show.hits(_hits(_hit(cautions=(Caution("negation", why),))))
    assert f"</span> {told.replace(chr(39), '&#x27;')}</li>" in html


def test_a_card_names_the_file_and_keeps_its_path() -> None:
    """The name is short, the path and the place in it are at hand."""
    assert 'title="/notes/words.txt, characters 5 to 10">words.txt<' in show.hits(_hits(_hit()))


def test_a_card_shows_its_cautions() -> None:
    """A near text that says something else is marked, with the evidence."""
    html = show.cards([_hit(cautions=(Caution("negation", "'not' only in the first text"),))])
    assert ">negation<" in html
    assert "&#x27;not&#x27; is not in this passage" in html


@pytest.mark.parametrize(
    ("percentile", "words"),
    [
        (None, ""),
        (99.0, "closer than 99 % of random pairs here"),
        (99.999, "closer than 99.9 % of random pairs here"),
        (50.0, "closer than 50 % of random pairs here, which is no more than chance"),
    ],
)
def test_nearness_in_words(percentile: float | None, words: str) -> None:
    """A percentile is never rounded up to all, and a low one is called what it is."""
    assert show.nearness(percentile) == words


def test_every_text_is_escaped() -> None:
    """Nothing of what people wrote becomes markup, wherever it is shown."""
    hit = _hit(EVIL, source=f"/a/{EVIL}.md", cautions=(Caution("number", EVIL),))
    passage = Passage(EVIL, f"/a/{EVIL}.md", 0, f"# {EVIL}\n{EVIL}", 0, 9)
    for html in (
        show.hits(_hits(hit, query=EVIL)),
        show.neighbours(passage, _hits(hit), (show.Stop(EVIL, EVIL),), EVIL, EVIL),
        show.examples(EVIL, [EVIL]),
        show.message(EVIL, EVIL, EVIL),
        show.hint(EVIL),
        matrix(Comparison(EVIL, (EVIL, EVIL), ((1.0, 0.5), (0.5, 1.0)), (PairCaution(0, 1, EVIL, EVIL),))),
        chips(Tokens(EVIL, EVIL, 9, 2, (Token(1, EVIL), Token(2, "<"))), EVIL),
    ):
        assert "<img" not in html
        assert "\"'&" not in html


def test_an_error_is_said_in_its_own_words() -> None:
    """What is wrong comes first, and the way out second."""
    html = show.error(CollectionNotFoundError("nots", ["notes"]))
    assert ">No collection &#x27;nots&#x27; (there are: notes)<" in html
    assert "run nearhood ingest PATH -c nots<" in html
    assert ">There is no text<" in show.error(InvalidInputError("there is no text"))


def test_a_trail_can_be_walked_back() -> None:
    """Every step but the last is a button."""
    passage = Passage("c", "words.txt", 0, "money", 0, 5)
    way = (show.Stop("b", "bank"), show.Stop("c", "money"))
    html = show.neighbours(passage, _hits(_hit()), way, "Results")
    assert 'data-step="0">Results<' in html
    assert 'data-step="1">bank<' in html
    assert 'aria-current="step">money<' in html


def test_the_matrix_has_a_number_in_each_cell() -> None:
    """Numbers, the best pair marked twice, the texts beside them."""
    found = Comparison("local:m", ("a", "b", "c"), ((1, 0.2, -0.1), (0.2, 1, 0.9), (-0.1, 0.9, 1)), ())
    html = matrix(found)
    assert html.count("<td") == 1 + 9
    assert html.count('class="nh-best"') == 2
    assert ">\N{MINUS SIGN}0.10<" in html
    assert best_pair(found.similarity) == (1, 2)


def test_the_matrix_lists_cautions_by_the_numbers_of_rows() -> None:
    """People count from 1."""
    found = Comparison("m", ("x", "y"), ((1, 0.9), (0.9, 1)), (PairCaution(0, 1, "role-swap", "exchanged: dog, man"),))
    html = matrix(found)
    assert "<b>1 and 2</b>" in html
    assert "exchanged: dog, man" in html


def test_a_chip_shows_spaces_and_bytes() -> None:
    """A space can be seen, and part of a character is its bytes."""
    tokens = (Token(9906, "Hello"), Token(1917, " world"), Token(11410, "\\xf0\\x9f"), Token(101, "[CLS]"))
    html = chips(Tokens("m", "cl100k_base", 100_277, 4, tokens), "Hello world 🦜")
    assert "<s>·</s>world</span><i>1917</i>" in html
    assert 'nh-bytes"><span>f0 9f<' in html
    assert 'nh-special"><span>[CLS]<' in html
    assert "vocabulary of 100,277" in html


def test_text_that_looks_like_bytes_stays_text() -> None:
    """A backslash that the user typed is no byte."""
    assert "nh-bytes" not in chips(Tokens("m", "e", 9, 1, (Token(1, "\\xf0"),)), "a \\xf0")


def test_markdown_is_read_as_plain_text() -> None:
    """Headings become the title, lines of a paragraph one line, marks and addresses go."""
    read = plain(
        "# Banks\n\n## Runs\n\nA *run*\nis a [fear](a_(b).md)\nof **others'** `fear`.\n\n\n- one\n- two\n", "a.md"
    )
    assert read.title == "Banks › Runs"
    assert read.body == "A run is a fear of others' fear.\n\n• one\n• two"


def test_code_and_other_formats_are_left_alone() -> None:
    """Line breaks mean something in code, and a mark is only a mark in Markdown."""
    code = "x = a * b\n  y = *c*\n> z"
    assert plain(f"```\n{code}\n```", "a.md").body == code
    assert plain("> said\n> *twice*", "a.md").body == "said twice"
    assert plain("# not\na *heading*", "a.txt").body == "# not\na *heading*"
    assert plain("snake_case_name and 2 * 3 * 4", "a.md").body == "snake_case_name and 2 * 3 * 4"


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("See [[Links|the links]] and [[Files]].", "See the links and Files."),
        ("[[Links#To a heading]] or [[#Above]]", "Links › To a heading or Above"),
        ("![[pic.jpg#outline|100x145]] ![[Paper.pdf#page=3]] ![[My note#^id]]", "pic.jpg Paper.pdf My note"),
        ("| [[a\\|b]] | c |", "b · c"),
        ("Type `[[` or `[[Page]]`, [[ ]], **[[x|y]]**", "Type [[ or [[Page]], [[ ]], y"),
        ("> [!tip]- Mind\n> the\n> [[Gap]]", "Mind\nthe Gap"),
        ("> [!warning]\n> ==hot==", "Warning\nhot"),
        ("See\n\n[!tip] alone, as in C # and [[7]]", "See\n\n[!tip] alone, as in C # and [[7]]"),
    ],
)
def test_links_between_pages_are_read_by_their_labels(text: str, read: str) -> None:
    """As in Obsidian: label, else page and heading; pictures by their files; boxes by their titles."""
    assert plain(text, "a.md").body == read


def test_tables_are_read_by_their_cells() -> None:
    """A row a line, without the rule below the head; a row that ends in code, or a minus alone, is left as it is."""
    table = "Keys:\n\n| Key | Does |\n|:---|---|\n| `a\\|b` |  [[Copy]] |\n| - | minus |\n\nAnd a - b | c"
    assert plain(table, "a.md").body == "Keys:\n\nKey · Does\na|b · Copy\n- · minus\n\nAnd a - b | c"
    assert plain("```\n| a |\n|---|\n```", "a.md").body == "| a |\n|---|"


def test_names_of_passages() -> None:
    """A passage is called by its heading; on one line, it is its heading and its text."""
    assert name("# A\n## B\nc d", "x.md", 40) == "B"
    assert one_line("# A\nb\nc", "x.md", 40) == "A: b c"
    assert one_line("abcdefgh", "x.txt", 5) == "abcd…"
