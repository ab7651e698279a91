"""Excel and Parquet: rows of typed cells."""

import datetime
import io
import zipfile
from collections.abc import Callable

import pytest

from ingest.document import Options
from ingest.encoding import UnreadableError
from ingest.readers import excel, parquet
from tests.ingest.readers.samples import excel as workbook
from tests.ingest.readers.samples import parquet as written
from tests.ingest.readers.samples import zipped

DAY = datetime.datetime(2024, 5, 1)  # noqa: DTZ001 - workbooks know no zones


def test_rows_bear_sheet_and_number() -> None:
    """Dates in ISO's way; the row of names is not counted."""
    data = workbook(films=[["title", "day"], ["River", DAY]], books=[["title"], ["Sea"], [None], ["Lake"]])
    film, *books = excel.read(io.BytesIO(data))
    assert (film.text, film.metadata) == ("River\n\n", {"day": "2024-05-01T00:00:00", "sheet": "films", "row": 1})
    assert [(part.text, part.metadata["row"]) for part in books] == [("Sea\n\n", 1), ("Lake\n\n", 2)]
    assert books[0].start == len(film.text)


def test_a_sheet_of_numbers_is_passed_over() -> None:
    """Unless there is no other."""
    numbers = [[1, 2], [3, 4]]
    assert len(list(excel.read(io.BytesIO(workbook(a=numbers, b=[["River"]]))))) == 1
    with pytest.raises(UnreadableError, match="sheet 'a' has no column of text"):
        list(excel.read(io.BytesIO(workbook(a=numbers))))


def test_a_workbook_that_is_none_is_an_error() -> None:
    """Also one that unpacks to too much."""
    for data in (zipped({"a": "b"}), zipped({"xl/workbook.xml": b" " * 30_000_000})):
        with pytest.raises(UnreadableError):
            list(excel.read(io.BytesIO(data)))


def test_parquet_s_columns_have_names_and_types() -> None:
    """Lists are joined, bytes and nothing left out."""
    row = {"title": "River", "year": 1984, "genres": ["a", "b"], "raw": b"\0", "none": None, "ok": True, "day": DAY}
    (part,) = parquet.read(io.BytesIO(written([row])))
    assert part.text == "River\n\n"
    assert part.metadata == {"year": 1984, "genres": "a, b", "ok": True, "day": "2024-05-01T00:00:00", "row": 1}


def test_columns_can_be_named() -> None:
    """As of any table."""
    (part,) = parquet.read(io.BytesIO(written([{"a": "x y", "b": "z", "c": 1}])), Options(("b",), ("c",)))
    assert (part.text, part.metadata) == ("z\n\n", {"c": 1, "row": 1})


def test_parquet_without_pyarrow_says_what_to_install(run_without: Callable[..., str]) -> None:
    """It is an extra."""
    code = (
        "import io\nfrom ingest.encoding import UnreadableError\nfrom ingest.readers.parquet import read\n"
        "try: list(read(io.BytesIO(b'PAR1')))\nexcept UnreadableError as error: print(error)"
    )
    assert run_without("pyarrow", code).strip() == 'needs pyarrow: pip install "nearhood[tables]"'


def test_a_column_without_a_name_is_kept() -> None:
    """Whoever writes a workbook by hand names the first one, and not the answers beside it."""
    asked = ("What is a bank?", "What is a river?")
    answers = ("A house that lends money.", "Water that runs.")
    pairs = list(zip(asked, answers, strict=True))
    rows: list[tuple[object, ...]] = [("Question", None), *pairs]
    first, _ = excel.read(io.BytesIO(workbook(a=rows)))
    assert answers[0] in first.text + str(first.metadata)


def test_a_sheet_that_breaks_off_is_no_whole_workbook() -> None:
    """Its rows would be lost behind those of the sheet before, and nobody would hear of it."""
    whole = workbook(a=[["River"], ["Sea"]], b=[["Lake"], *[[f"pond {i}"] for i in range(500)]])
    with zipfile.ZipFile(io.BytesIO(whole)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    rows = parts["xl/worksheets/sheet2.xml"]
    parts["xl/worksheets/sheet2.xml"] = rows[: len(rows) // 2]
    with pytest.raises(UnreadableError, match=r"no whole XLSX file .* in sheet 'b'"):
        list(excel.read(io.BytesIO(zipped(parts))))
