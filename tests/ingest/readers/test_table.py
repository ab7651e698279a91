"""CSV and TSV: what is text, what is metadata, what is a header."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.document import Options, Part
from ingest.encoding import UnreadableError
from ingest.readers.columns import has_header
from ingest.readers.table import read

LONG = "a film about the water that runs down to the sea"


def table(text: str, *columns: str, **options: object) -> list[Part]:
    return list(read(io.BytesIO(text.encode()), Options(columns, **options)))  # type: ignore[arg-type]


def test_a_row_is_a_part_with_its_number() -> None:
    """Title and free text are its text, the others its metadata."""
    first, second = table(f"year,plot,title,code\n1984,{LONG},River,007\n1990,{LONG} too,Sea,008\n")
    assert first.text == f"River\n{LONG}\n\n"
    assert first.metadata == {"year": 1984, "code": "007", "row": 1}
    assert second.metadata["row"] == 2


def test_a_list_of_words_is_words() -> None:
    """One column: a term a line."""
    (part,) = table("river\n\nbank\nice cream\n")
    assert (part.kind, part.text) == ("words", "river\nbank\nice cream\n")


def test_words_are_the_first_column_where_asked_for() -> None:
    """Or the one that is named."""
    assert table("river,1,x\nbank,2,y\n", kind="words")[0].text == "river\nbank\n"
    assert table("a,b\nriver,wet\n", "b", kind="words")[0].text == "wet\n"


def test_columns_can_be_named() -> None:
    """Both for the text and for the metadata."""
    rows = table("a,b,c\n1,x y,z\n", "c", meta=("a",))
    assert (rows[0].text, rows[0].metadata) == ("z\n\n", {"a": 1, "row": 1})


def test_a_column_that_is_not_there_is_named() -> None:
    """With those that are."""
    with pytest.raises(UnreadableError, match="no column 'plot': there are 'title', 'year'"):
        table("title,year\nRiver,1984\n", "plot")


def test_of_many_columns_some_are_named() -> None:
    """And how many there are beside them."""
    names = ",".join("abcdefghijklmnopqrstuvwx")
    with pytest.raises(UnreadableError, match=r"'column 20' and 4 more$"):
        table(f"{names}\n{names}\n", "plot")


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([["title", "year"], ["River", "1984"]], True),
        ([["ice cream", "1"], ["bank", "2"]], False),
        ([["x", "y"], ["river", "1.5"]], True),
        ([["cat", "animal"], ["dog", "animal"]], False),
        ([["Country", "1960", "1961"], ["Chad", "1.5", "2"]], True),
        ([["", "name"], ["0", "River"]], True),
        ([["k", "v"], *([str(i) + "a", "red"] for i in range(12))], True),
        ([["a", "a"], ["1", "2"]], False),
        ([["only", "one"]], False),
        ([["code", "abstract"], ["x1", LONG]], True),
    ],
)
def test_a_header_is_told_from_a_row(rows: list[list[str]], *, expected: bool) -> None:
    """By what stands below it."""
    assert has_header(rows) is expected


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_what_parts_evenly(delimiter: str) -> None:
    """Commas in a text do not win over it."""
    text = f"title{delimiter}year\nRiver{delimiter}1984\nSea{delimiter}1990\n"
    assert [part.metadata["year"] for part in table(text)] == [1984, 1990]


def test_ragged_rows_keep_what_they_have() -> None:
    """Cells too many are left out, cells too few are absent."""
    rows = table("title,year\nRiver\nSea,1990,x,y\n,\nLake,1991\n")
    assert [(r.text.strip(), r.metadata.get("year")) for r in rows] == [("River", None), ("Sea", 1990), ("Lake", 1991)]


def test_a_quote_left_open_is_an_error_of_one_line() -> None:
    """Where it would swallow the file."""
    with pytest.raises(UnreadableError, match="quote left open"):
        table('a,b\n"x,1\n' + f"{LONG},1\n" * 30_000)


def test_a_hundred_thousand_columns_are_bounded() -> None:
    """The first thousand are kept."""
    row = ",".join(f"w{i}" for i in range(100_000))
    parts = table(f"{row}\n" * 5)
    assert len(parts) == 5
    assert len(parts[0].metadata) <= 51


def test_an_endless_line_is_an_error() -> None:
    """No CSV has one."""
    with pytest.raises(UnreadableError, match="line 1 is longer"):
        table("a," * 5_000_000)


@given(st.lists(st.lists(st.text(st.characters(exclude_categories=["Cs", "Cc"])), min_size=1, max_size=5), max_size=8))
def test_any_rows_are_read_or_refused(rows: list[list[str]]) -> None:
    """With offsets that follow one another."""
    try:
        parts = table("\n".join(",".join(row) for row in rows))
    except UnreadableError:
        return
    assert [p.start for p in parts] == [sum(len(q.text) for q in parts[:i]) for i in range(len(parts))]


def test_a_column_without_a_name_is_kept() -> None:
    """As R writes tables, the names stand above one column less."""
    first, _ = table(f"title,plot\n1,River,{LONG}\n2,Sea,{LONG} too\n")
    assert first.text == f"River\n{LONG}\n\n"
    _, second = table(f"title,plot\nRiver,{LONG}\nSea,{LONG} too,and more\n")
    assert second.text.startswith("Sea\n")
    assert "and more" in second.text + str(second.metadata)
    first, _ = table(f"title,plot\nRiver,{LONG},\nSea,{LONG} too,\n")
    assert first.text == f"River\n{LONG}\n\n"
