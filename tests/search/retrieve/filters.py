"""Random filters over random metadata, and an oracle that reads them passage by passage."""

import operator
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from fractions import Fraction

from hypothesis import strategies as st

from search.retrieve.where import And, Clause, Not, OneOf, Or, Value, Where
from search.types import MetadataValue

Metadata = Mapping[str, MetadataValue]

_FORMATS = {"%Y": "year", "%Y-%m": "month", "%Y-%m-%d": "day", "%Y-%m-%dT%H:%M": "minute"}
_RELATIONS: dict[str, Callable[[int, int], bool]] = {
    "=": operator.eq,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def _number(value: MetadataValue) -> Fraction | None:
    text = str(value).replace(",", "") if re.fullmatch(r"\d+,\d{3}", str(value)) else str(value)
    try:
        return None if " " in text else Fraction(text)
    except ValueError:
        return None


def _time(value: MetadataValue) -> tuple[datetime, str] | None:
    for pattern, unit_name in _FORMATS.items():
        try:
            return datetime.strptime(str(value), pattern), unit_name  # noqa: DTZ007 - as the clock said
        except ValueError:
            continue
    return None


def _cut(moment: datetime, to: str) -> tuple[int, ...]:
    return moment.timetuple()[: ["year", "month", "day", "hour", "minute"].index(to) + 1]


def _order(value: MetadataValue, literal: Value) -> int | None:
    """Return whether a value is below (-1), at (0) or above (1) a literal; None where they do not compare."""
    number, time = _number(literal), _time(literal)
    if number is None and time is None:
        a, b = _text(value), _text(literal)
        return (a > b) - (a < b)
    if number is not None and (own := _number(value)) is not None:
        return (own > number) - (own < number)
    if time is not None and (moment := _time(value)) is not None:
        start, end = _cut(moment[0], time[1]), _cut(time[0], time[1])
        return (start > end) - (start < end)
    return None


def _text(value: MetadataValue) -> str:
    return str(value).casefold()


def _equals(value: MetadataValue, literal: Value) -> bool:
    items = value.split(", ") if isinstance(value, str) else []
    return any(_order(one, literal) == 0 for one in [value, *items])


def keeps(where: Where, row: Metadata) -> bool:
    """Whether a filter keeps a passage."""
    match where:
        case And(parts):
            return all(keeps(part, row) for part in parts)
        case Or(parts):
            return any(keeps(part, row) for part in parts)
        case Not(part):
            return not keeps(part, row)
        case OneOf(field, values):
            return field in row and any(_equals(row[field], value) for value in values)
    return where.field in row and _holds(row[where.field], where.op, where.value)


def _holds(value: MetadataValue, op: str, literal: Value) -> bool:
    if op == "contains":
        return _text(literal) in _text(value)
    if op in {"=", "!="}:
        return _equals(value, literal) == (op == "=")
    order = _order(value, literal)
    return order is not None and _RELATIONS[op](order, 0)


NAMES = ["year", "tags", "a.b-c", "with space", "heading", "größe"]
_TEXTS = ["1990", "2e3", "007", "1,234", "1990-07", "1990-07-14", "1991-01-01", "1990-07-14T10:30", "true", "false"]
_WORDS = ["Drama", "drama, War", "war", "Warsaw", "5, 7", "1990-07-14, 1992", "É, ß", "ss", "", "a'b\"c\\d`e"]
_numbers = st.one_of(
    st.integers(-3, 8), st.integers(1988, 1992), st.sampled_from([0.5, -1.25, 1990.5, 2**53, 2**53 + 1])
)
_values = st.one_of(_numbers, st.sampled_from(_TEXTS), st.sampled_from(_WORDS), st.text("aB 1,-", max_size=4))
rows: st.SearchStrategy[list[Metadata]] = st.lists(
    st.dictionaries(st.sampled_from(NAMES), st.one_of(_values, st.booleans())), max_size=12
)
_ops = st.sampled_from(["=", "!=", "<", "<=", ">", ">="])
_fields = st.sampled_from(NAMES)
_clauses = st.one_of(
    st.builds(Clause, _fields, _ops, _values),
    st.builds(Clause, _fields, st.just("contains"), st.sampled_from([*_TEXTS, *_WORDS, "a"])),
    st.builds(OneOf, _fields, st.lists(_values, min_size=1, max_size=4).map(tuple)),
)
trees: st.SearchStrategy[Where] = st.recursive(
    _clauses,
    lambda trees: st.one_of(
        st.builds(Not, trees),
        st.builds(And, st.lists(trees, min_size=2, max_size=3).map(tuple)),
        st.builds(Or, st.lists(trees, min_size=2, max_size=3).map(tuple)),
    ),
    max_leaves=8,
)
