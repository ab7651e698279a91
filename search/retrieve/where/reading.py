"""What a scalar reads as: a number, a stretch of time, a text. Stored values and those of a filter are read alike."""

import calendar
import math
import re
import unicodedata
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any, Literal, NamedTuple, TypeAlias

from search.retrieve.where.tree import Value

Sense: TypeAlias = Literal["number", "moment", "instant", "text"]
"""A moment is what the clock on the wall says, an instant is the same in all time zones."""
Key: TypeAlias = Any  # int | float for numbers, int for microseconds, str: compared only within one sense

_SIGNS = frozenset("+-.0123456789")
_NUMBER = re.compile(r"[-+]?(?:\d++(?:\.\d*+)?|\.\d++)(?:e[-+]?\d++)?", re.ASCII | re.IGNORECASE)
_GROUPED = re.compile(r"[-+]?\d{1,3}(?:,\d{3})++(?:\.\d++)?", re.ASCII)
_MOMENT = re.compile(
    r"(?P<year>\d{4})(?:-(?P<month>\d\d)(?:-(?P<day>\d\d)"
    r"(?P<time>[T ]\d\d:\d\d(?P<second>:\d\d(?P<fraction>\.\d{1,9})?)?(?:Z|[-+]\d\d:?\d\d)?)?)?)?",
    re.ASCII,
)
_LONGEST_MOMENT = 40
_MOST_DIGITS = 40
_START = datetime(1, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_SECOND = 1_000_000
_DAY = 86_400 * _SECOND
_FIRST_YEAR, _LAST_YEAR = 1000, 9999


class Period(NamedTuple):
    """A stretch of time: a year, a month, a day, a minute, a second."""

    first: int
    """Microsecond on the wall, from the year 0."""
    last: int
    offset: int | None
    """Microseconds that the wall is before Greenwich, where that is said."""


class Span(NamedTuple):
    """What keys of a sense equal a value: those from the first to the last."""

    sense: Sense
    first: Key
    last: Key


def spans(value: Value) -> list[Span]:
    """Return what equals a value: by number and by time where it reads as such, else by text."""
    found: list[Span] = []
    if (number := as_number(value)) is not None:
        found.append(Span("number", number, number))
    if (period := as_period(value)) is not None:
        ahead = period.offset or 0
        sense: Sense = "moment" if period.offset is None else "instant"
        found.append(Span(sense, period.first - ahead, period.last - ahead))
    text = as_text(value)
    return found or [Span("text", text, text)]


def as_text(value: Value) -> str:
    """Return a value as it is written, regardless of case and of how accents are encoded."""
    text = str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
    return text.casefold() if text.isascii() else _composed(_composed(text).casefold())


def as_number(value: Value) -> float | None:
    """Return a number, or the one that a text is: `1990`, `-1.5`, `2e6`, `1,234,567`. Whole ones stay exact."""
    if not isinstance(value, str):
        return value if math.isfinite(value) else None
    if value[:1] not in _SIGNS:
        return None
    if _GROUPED.fullmatch(value):
        value = value.replace(",", "")
    elif not _NUMBER.fullmatch(value):
        return None
    if len(value) <= _MOST_DIGITS and value.lstrip("+-").isdigit():
        return int(value)
    return number if math.isfinite(number := float(value)) else None


def as_period(value: Value) -> Period | None:
    """Return the time that an ISO date is, be it no more than a year; of numbers, those that could be years."""
    if not isinstance(value, str):
        is_year = _FIRST_YEAR <= value <= _LAST_YEAR and value == int(value)
        return _days(int(value), 1, 1, _year(int(value))) if is_year else None
    found = _MOMENT.fullmatch(value) if value[:4].isdigit() and len(value) <= _LONGEST_MOMENT else None
    try:
        return _period(found) if found else None
    except ValueError:  # no month has 32 days
        return None


def _period(found: re.Match[str]) -> Period:
    if found["time"]:
        length = 1 if found["fraction"] else _SECOND if found["second"] else 60 * _SECOND
        return _time(datetime.fromisoformat(found[0]), length)
    year, month, day = (int(found[name] or 1) for name in ("year", "month", "day"))
    days = 1
    if not found["day"]:
        days = calendar.monthrange(year, month)[1] if found["month"] else _year(year)
    return _days(year, month, day, days)


def _time(moment: datetime, length: int) -> Period:
    first = _DAY + (moment.replace(tzinfo=UTC) - _START) // _MICROSECOND
    offset = moment.utcoffset()
    return Period(first, first + length - 1, None if offset is None else offset // _MICROSECOND)


def _days(year: int, month: int, day: int, days: int) -> Period:
    first = date(year, month, day).toordinal() * _DAY
    return Period(first, first + days * _DAY - 1, None)


def _year(year: int) -> int:
    return 365 + calendar.isleap(year)


def _composed(text: str) -> str:
    return unicodedata.normalize("NFC", text)


def _moment(value: Value) -> int | None:
    period = as_period(value)
    return None if period is None else period.first


def _instant(value: Value) -> int | None:
    """Return a moment in Greenwich, where one without a time zone is taken to be."""
    period = as_period(value)
    return None if period is None else period.first - (period.offset or 0)


SENSES: dict[Sense, Callable[[Value], Key]] = {
    "number": as_number,
    "moment": _moment,
    "instant": _instant,
    "text": as_text,
}
"""What a stored value is ordered by in a sense, None where it has none: a time by its first microsecond."""
