"""Rows of a table to parts: one each, so that a row is a passage unless it is too long for one."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain

from ingest.document import Options, Part
from ingest.encoding import UnreadableError
from ingest.readers.columns import Columns, Row, choose
from ingest.readers.values import clean, joined, metadata
from search.types import MetadataValue

SAMPLE_ROWS, SAMPLE_CELLS = 200, 200_000
"""By which columns are chosen: rows, and cells of a very wide table."""
_LISTED = 10_000
_BATCH = 500_000


def parts(
    rows: Iterable[Row], options: Options, start: int = 0, where: Mapping[str, MetadataValue] | None = None
) -> Iterator[Part]:
    r"""Yield a part for each row that has text, with the row's number from 1 and its other columns as metadata.

    A row's text is its text columns, the title first, on a line each and without the columns' names: what all rows
    would share tells none from another. An empty line parts it from the next.

    :param start: Characters of the reader's text before the first row.
    :param where: What else all the rows bear.
    :raises UnreadableError: As `choose`.
    """
    stream = iter(rows)
    sample = list(_sample(stream))
    if not sample:
        return
    columns = _columns(sample, options)
    if options.kind in {"words", "sentences"}:
        yield from _lines(chain(sample, stream), columns.text[0], options, start)
        return
    for number, row in enumerate(chain(sample, stream), start=1):
        if text := "\n".join(filter(None, (words(row.get(name)) for name in columns.text))):
            kept = metadata((name, row.get(name)) for name in columns.meta)
            yield Part(f"{text}\n\n", start, metadata={**kept, **(where or {}), "row": number})
            start += len(text) + 2


def _columns(sample: list[Row], options: Options) -> Columns:
    """Return the columns; where lines are asked for, the text is the one named, else the first."""
    if options.kind in {"words", "sentences"} and not options.text:
        return Columns((next(iter(sample[0]), ""),), ())
    return choose(sample, options)


def _lines(rows: Iterable[Row], column: str, options: Options, start: int) -> Iterator[Part]:
    """Yield parts of many rows, a line each."""
    lines: list[str] = []
    size = 0
    for row in rows:
        lines.append(" ".join(words(row.get(column)).split()) + "\n")
        size += len(lines[-1])
        if size > _BATCH:
            yield Part("".join(lines), start, options.kind or "words")
            start, lines, size = start + size, [], 0
    if size:
        yield Part("".join(lines), start, options.kind or "words")


def _sample(rows: Iterator[Row]) -> Iterator[Row]:
    cells = 0
    for number, row in enumerate(rows, start=1):
        yield row
        cells += len(row)
        if number == SAMPLE_ROWS or cells > SAMPLE_CELLS:
            return


def words(value: object) -> str:
    """Return a cell's text, whole; a list's scalars have commas between."""
    if isinstance(value, list | tuple):
        return joined(value, _LISTED)
    if value is None or isinstance(value, Mapping | bytes):
        return ""
    return clean(str(value)).strip()


def named(header: Iterable[object]) -> list[str]:
    """Return names for columns: each of its own, and none empty."""
    names: dict[str, None] = {}
    for number, cell in enumerate(header, start=1):
        name = " ".join(words(cell).split())[:100] or f"column {number}"
        names[name if name not in names else f"{name} ({number})"] = None
        if len(names) < number:
            raise UnreadableError(f"has two columns called {name!r}")
    return list(names)
