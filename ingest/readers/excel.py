"""Excel's workbooks: a part for each row of each sheet."""

import warnings
from collections.abc import Iterator
from itertools import chain, islice
from typing import Any, BinaryIO

from ingest.document import Options, Part
from ingest.encoding import UnreadableError
from ingest.readers import records
from ingest.readers.archive import opened
from ingest.readers.columns import Row, has_header
from ingest.readers.values import clean

MOST_COLUMNS = 1_000
MOST_ROWS = 1_048_576
"""As many as Excel has: a row that says it is a later one would come behind all the empty ones before it."""
_FIRST = 100
_STREAMED = ("xl/worksheets/", "xl/sharedstrings")
"""What openpyxl reads bit by bit: the cells, and their texts."""


class _BrokenError(UnreadableError):
    """The file is not whole, whatever is in it: some of its rows may be lost."""


def read(file: BinaryIO, options: Options = Options()) -> Iterator[Part]:  # noqa: B008 - frozen
    """Yield a part for each row, with its sheet and its number from 1, the row of names not counted.

    :raises UnreadableError: For what is no whole workbook, unpacks to too much, or holds no text.
    """
    if not file.read(1):
        return
    opened(file, "XLSX", tree=True, streamed=_STREAMED).close()
    start, reasons = 0, list[str]()
    for name, rows in _sheets(file):
        try:
            for part in _parts(rows, options, start, name):
                yield part
                start = part.start + len(part.text)
        except _BrokenError as error:
            raise UnreadableError(f"{error.reason} in sheet {name!r}") from error
        except UnreadableError as error:
            # A sheet of numbers beside one of texts is no fault.
            reasons.append(f"sheet {name!r} {error.reason}")
    if not start and reasons:
        raise UnreadableError(reasons[0])


def _parts(rows: Iterator[tuple[object, ...]], options: Options, start: int, sheet: str) -> Iterator[Part]:
    first = list(islice(rows, _FIRST))
    cells = [["" if cell is None else str(cell) for cell in row] for row in first]
    asked = {*options.text, *options.meta}
    header = 1 if cells and (has_header(cells) or asked & set(cells[0])) else 0
    above = first[0] if header else ()
    # A column may have no name.
    names = records.named([*above, *[None] * (max(map(len, first), default=0) - len(above))])
    body: Iterator[Row] = (dict(zip(names, row, strict=False)) for row in chain(first[header:], rows))
    return records.parts(body, options, start, {"sheet": sheet})


def _sheets(file: BinaryIO) -> Iterator[tuple[str, Iterator[tuple[object, ...]]]]:
    from openpyxl import load_workbook  # noqa: PLC0415 - takes a while, and only a workbook needs it

    file.seek(0)
    # It warns of styles and extensions that it passes over, and so do we.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        try:
            book = load_workbook(file, read_only=True, data_only=True, keep_links=False)
        except (MemoryError, UnreadableError):
            raise
        except Exception as error:  # openpyxl raises whatever Python has for XML that it does not expect
            raise _translated(error) from error
    for sheet in book.worksheets:
        yield clean(str(sheet.title)), _rows(sheet)


def _rows(sheet: Any) -> Iterator[tuple[object, ...]]:  # noqa: ANN401 - openpyxl is imported only here
    # What a sheet says of its own size may be wrong.
    sheet.reset_dimensions()
    stream = filter(None, sheet.iter_rows(values_only=True, max_row=MOST_ROWS))
    while True:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", UserWarning)
                row = next(stream, None)
        except (MemoryError, UnreadableError):
            raise
        except Exception as error:
            raise _translated(error) from error
        if row is None:
            return
        width = next((i for i in range(len(row), 0, -1) if row[i - 1] is not None), 0)
        if width:
            yield tuple(row[: min(width, MOST_COLUMNS)])


def _translated(error: Exception) -> _BrokenError:
    why = " ".join(str(error).split())[:120] or type(error).__name__
    return _BrokenError(f"is no whole XLSX file ({why})")
