"""Which columns of a table are its text, and which its metadata."""

import re
from collections.abc import Mapping, Sequence
from statistics import median
from typing import NamedTuple, TypeAlias

from ingest.document import Options
from ingest.encoding import UnreadableError
from ingest.readers.values import MOST

Row: TypeAlias = Mapping[str, object]

_TITLES = ("title", "headline", "name", "subject", "question", "term", "word", "label")
"""Names of the column that says what a row is about, the likeliest first."""
_WORDS, _LETTERS = 6, 30
"""What half the cells of a free text have at least."""
_FIRST = 1_000
"""Columns that are looked at."""
_NAMED = 20
"""Columns that are named where one is missing."""
_URL = re.compile(r"\s*(?:https?|ftp)://\S+\s*")
_YEAR = re.compile(r"[12]\d{3}")
_NUMBER = re.compile(r"\s*[-+]?(?:\d[\d,]*\.?\d*|\.\d+)(?:[eE][-+]?\d+)?%?\s*")


class Columns(NamedTuple):
    """The columns of a table by what they are for."""

    text: tuple[str, ...]
    meta: tuple[str, ...]


def choose(rows: Sequence[Row], options: Options) -> Columns:
    """Return the columns that the user names, else those that the first rows make likely.

    Free text is text, with the title before it; without any, it is the title, or what has the longest words.

    :raises UnreadableError: For a column that is named but not there, and for a table without text.
    """
    names = list(dict.fromkeys(name for row in rows for name in list(row)[:_FIRST]))
    for name in (*options.text, *options.meta):
        if name not in names:
            more = f" and {len(names) - _NAMED:,} more" if len(names) > _NAMED else ""
            raise UnreadableError(f"has no column {name!r}: there are {', '.join(map(repr, names[:_NAMED]))}{more}")
    text = options.text or _text(rows, names)
    meta = options.meta or tuple(name for name in names if name not in text)[:MOST]
    return Columns(text, meta)


def _text(rows: Sequence[Row], names: Sequence[str]) -> tuple[str, ...]:
    cells = {name: _strings(rows, name) for name in names}
    worded = {name: strings for name, strings in cells.items() if strings}
    if not worded:
        raise UnreadableError("has no column of text: name the one to take with --text")
    free = [name for name, strings in worded.items() if _is_free(strings)]
    title = next((name for known in _TITLES for name in worded if name.lower() == known), None)
    if title is None and not free:
        free = [max(worded, key=lambda name: (len(set(worded[name])), median(map(len, worded[name]))))]
    return tuple(dict.fromkeys([title, *free] if title else free))


def _strings(rows: Sequence[Row], name: str) -> list[str]:
    """Return the texts of a column; none when most of it is something else."""
    values = [value for row in rows if (value := row.get(name)) not in (None, "")]
    texts = [v for v in values if isinstance(v, str) and not _URL.fullmatch(v[:2000]) and not is_number(v)]
    return texts if 2 * len(texts) > len(values) else []


def _is_free(strings: Sequence[str]) -> bool:
    return median(len(s.split()) for s in strings) >= _WORDS and median(map(len, strings)) >= _LETTERS


def is_number(cell: str) -> bool:
    """Whether a cell is a number as tables write them."""
    return len(cell) < 40 and _NUMBER.fullmatch(cell) is not None  # noqa: PLR2004 - longer ones are codes


def has_header(rows: Sequence[Sequence[str]]) -> bool:
    """Whether the first row names the columns rather than being one of them.

    It does when it differs from what is below: it has words over numbers, or a short name over long texts, or over a
    few values that come again and again and never is one of them; or when it has a name that everyone uses.
    """
    if len(rows) < 2 or not _could_name(rows[0]):  # noqa: PLR2004 - a row below the first
        return False
    known = any(cell.strip().lower() in _KNOWN for cell in rows[0])
    return known or any(_differs(cell, [r[i] for r in rows[1:] if i < len(r)]) for i, cell in enumerate(rows[0]))


_KNOWN = {*_TITLES, "_id", "author", "body", "category", "content", "date", "description", "id", "text", "url", "year"}


def _could_name(cells: Sequence[str]) -> bool:
    named = [cell.strip() for cell in cells if cell.strip()]
    # pandas leaves the name of its index empty.
    whole = len(named) >= max(1, len(cells) - 1) and len(set(named)) == len(named)
    worded = any(not is_number(name) for name in named)
    return whole and worded and not any(map(_is_no_name, named))


def _is_no_name(cell: str) -> bool:
    """Whether a cell is too long, a link, or a number that is no year."""
    number = is_number(cell) and not _YEAR.fullmatch(cell)
    return number or len(cell) > 64 or "\n" in cell or _URL.fullmatch(cell) is not None  # noqa: PLR2004


def _differs(name: str, below: Sequence[str]) -> bool:
    values = [value for value in below if value.strip()]
    if not values or not name.strip():
        return False
    if is_number(name):
        return all(is_number(value) and not _YEAR.fullmatch(value) for value in values)
    long = median(map(len, values)) > max(_LETTERS, 3 * len(name))
    often = len(values) >= 10 and 2 * len(set(values)) <= len(values) and name not in values  # noqa: PLR2004
    return all(is_number(value) for value in values) or long or often
