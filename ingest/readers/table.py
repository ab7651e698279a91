"""CSV and TSV: a list of words, or a table with columns."""

import csv
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from itertools import chain, islice
from typing import BinaryIO, TextIO

from ingest.document import Options, Part
from ingest.encoding import UnreadableError, text_of
from ingest.readers import records
from ingest.readers.columns import Row, has_header, is_number
from search.types import MetadataValue

LONGEST_LINE = 8_000_000
LONGEST_CELL = 1_000_000
MOST_COLUMNS = 1_000
"""Columns that are kept of a row; nobody names more."""
_FIRST = 100
_DELIMITERS = ",\t;|"
_AGREE = 0.9
"""The share of rows that are of one width where a delimiter is the right one."""


def read(file: BinaryIO, options: Options = Options()) -> Iterator[Part]:  # noqa: B008 - frozen
    """Yield a part for each row; of a file with one column of short texts, all as words, a line each.

    :raises UnreadableError: For what no CSV has: endless lines and cells, as a quote that is left open makes them.
    """
    with text_of(file, newline="") as text:
        lines = _lines(text.stream)
        first = list(_head(lines))
        rows = _rows(chain(first, lines), _delimiter(first))
        for number, part in enumerate(_parts(rows, options)):
            yield part if number else _warned(part, text.warnings)


def _warned(part: Part, warnings: tuple[str, ...]) -> Part:
    return Part(part.text, part.start, part.kind, part.marks, part.metadata, part.markdown, warnings)


def _lines(stream: TextIO) -> Iterator[str]:
    number = 0
    while line := stream.readline(LONGEST_LINE):
        number += 1
        if len(line) == LONGEST_LINE:
            raise UnreadableError(f"line {number:,} is longer than {LONGEST_LINE:,} characters")
        yield line


def _head(lines: Iterator[str]) -> Iterator[str]:
    size = 0
    for line in islice(lines, _FIRST):
        yield line
        size += len(line)
        if size > LONGEST_LINE:
            return


def _delimiter(lines: list[str]) -> str:
    """Return what parts the first lines into rows of one width."""
    scores = {delimiter: _agreement(lines, delimiter) for delimiter in _DELIMITERS}
    return max(_DELIMITERS, key=lambda delimiter: scores[delimiter])


def _agreement(lines: list[str], delimiter: str) -> tuple[bool, float, int]:
    """Return whether nearly all rows have the commonest width, their share, and that width; a width of one is none."""
    try:
        widths = Counter(len(row) for row in csv.reader(lines, delimiter=delimiter) if row)
    except csv.Error:
        return False, 0.0, 0
    width, rows = widths.most_common(1)[0] if widths else (1, 0)
    share = rows / widths.total() if width > 1 else 0.0
    return share >= _AGREE, share, width


def _rows(lines: Iterable[str], delimiter: str) -> Iterator[list[str]]:
    csv.field_size_limit(LONGEST_CELL)
    reader = csv.reader(lines, delimiter=delimiter)
    try:
        for row in reader:
            if any(row):
                yield row[:MOST_COLUMNS]
    except csv.Error as error:
        hint = ": is a quote left open above?" if "field limit" in str(error) else ""
        raise UnreadableError(f"line {reader.line_num:,} is no CSV ({error}){hint}") from error


def _parts(rows: Iterator[list[str]], options: Options) -> Iterator[Part]:
    first = list(islice(rows, _FIRST))
    everything = chain(first, rows)
    if not options.text and (options.kind in {"words", "sentences"} or _is_list(first)):
        terms = ({"term": row[0]} for row in everything)
        yield from records.parts(terms, Options(("term",), kind=options.kind or "words"))
        return
    asked = {*options.text, *options.meta}
    header = first[:1] if has_header(first) or (first and asked & set(first[0])) else []
    width = max(map(len, first), default=0)
    above = header[0] if header else []
    # R leaves the corner empty, above the names of its rows; others leave out names at the end.
    rest = first[1:]
    is_shifted = bool(above) and {len(row) for row in rest} == {len(above) + 1} and any(row[-1] for row in rest)
    names = records.named([*([""] if is_shifted else []), *above, *[""] * (width - len(above) - is_shifted)])
    yield from records.parts(
        _named(islice(everything, len(header), None), names, _types(first[len(header) :])), options
    )


def _is_list(rows: list[list[str]]) -> bool:
    """Whether a file is a list of words: one column, and at most a few words in most of its rows."""
    short = sum(len(row[0].split()) <= 5 for row in rows)  # noqa: PLR2004 - a term
    return all(len(row) == 1 for row in rows) and 2 * short >= len(rows)


def _named(rows: Iterable[list[str]], names: list[str], types: list[Callable[[str], object]]) -> Iterator[Row]:
    for row in rows:
        cells = (kind(cell) for cell, kind in zip(row, types, strict=False))
        yield dict(zip(names, cells, strict=False))


def _types(rows: list[list[str]]) -> list[Callable[[str], object]]:
    """Return how the cells of each column are read: as numbers where all of the first ones are."""
    width = max(map(len, rows), default=0)
    columns = ([row[i] for row in rows if i < len(row) and row[i].strip()] for i in range(width))
    return [_number if cells and all(map(_is_plain, cells)) else str for cells in columns]


def _is_plain(cell: str) -> bool:
    """Whether a cell counts something: codes with zeros before them do not."""
    digits = cell.strip().lstrip("+-")
    return is_number(cell) and not {",", "%"} & set(cell) and not (digits[:1] == "0" and digits[1:2].isdigit())


def _number(cell: str) -> MetadataValue:
    if not _is_plain(cell):
        return cell
    try:
        return int(cell)
    except ValueError:
        # Of what parts words, float takes less than int does.
        return float(cell.strip())
