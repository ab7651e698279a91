"""The metadata of a collection by columns, so that a filter is a few array operations."""

import json
import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, reduce
from itertools import chain, count, islice, repeat
from operator import contains, itemgetter
from typing import Literal, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from search.errors import InvalidInputError
from search.retrieve.where import And, Clause, Not, OneOf, Op, Or, Value, Where
from search.retrieve.where.reading import SENSES, Key, Sense, Span, as_number, as_period, as_text, spans
from search.store.collection import Collection

Mask: TypeAlias = NDArray[np.bool_]  # (n,), in the order of the passages' numbers
FieldKind: TypeAlias = Literal["number", "date", "text"]

SOURCE, HEADING = "source", "heading"
OWN_SOURCE = "metadata.source"
"""The name of what metadata itself calls its source."""
_BETWEEN = ", "
"""What stands between the items of a list, as readers keep it."""
_END = "\0"
_FREQUENT = 20
"""A part that is in more than one text out of these is looked for in each of them."""
_BLOCK = 10_000
_MOST_NAMED = 20
_PLAIN = re.compile(r"[^\W\d][\w.-]{0,39}")
"""A name as a filter has it without quotes."""


@dataclass(frozen=True, slots=True)
class FieldInfo:
    """A field that a filter can name."""

    name: str
    kind: FieldKind
    """What all of its values read as."""
    passages: int
    """Those that have it."""
    values: int
    """Different ones."""


class Texts:
    """What the values of a field look like as text; the first stands for their absence."""

    def __init__(self, texts: list[str]) -> None:
        self._texts = texts
        # Fetching many texts from memory takes longer than searching one.
        self._joined = _END.join(texts)
        self._ends = np.cumsum([len(text) + 1 for text in texts])

    def containing(self, part: str) -> Mask:
        """Return which texts have a part; the first never has."""
        hits = self._hits(part)
        if hits is None:
            mask = np.fromiter(map(contains, self._texts, repeat(part)), dtype=np.bool_, count=len(self._texts))
        else:
            mask = np.zeros(len(self._texts), dtype=np.bool_)
            mask[np.searchsorted(self._ends, hits, side="right")] = True
        mask[0] = False
        return mask

    def _hits(self, part: str) -> list[int] | None:
        """Return where a part is, at most once for each text; None where it is too frequent for that to be fast."""
        if _END in part:
            return None
        most = len(self._texts) // _FREQUENT
        found = re.finditer(re.escape(part) + f"[^{_END}]*+", self._joined)
        hits = [hit.start() for hit in islice(found, most)]
        return hits if len(hits) < most else None


class Order(NamedTuple):
    """The values of a field that have a sense, in that order."""

    keys: list[Key]
    """Ascending."""
    codes: NDArray[np.intp]
    """The value that each key belongs to."""

    def codes_where(self, op: Op, span: Span) -> NDArray[np.intp]:
        """Return the values that stand in a relation to those that equal the span."""
        first, last = bisect_left(self.keys, span.first), bisect_right(self.keys, span.last)
        ranges = {"<": slice(first), "<=": slice(last), ">": slice(last, None), ">=": slice(first, None)}
        return self.codes[ranges.get(op, slice(first, last))]


class Field:
    """A column: its different values, and which of them each passage has."""

    def __init__(self, values: Sequence[Value], codes: NDArray[np.int32]) -> None:
        """:param codes: (n,); 0 where a passage lacks the field, else the place of its value, counted from 1."""
        self.values = values
        self._codes = codes
        self._orders: dict[tuple[Sense, bool], Order] = {}

    def mask(self, clause: Clause | OneOf) -> Mask:
        """Return the passages whose value is as the clause wants it."""
        mask: Mask = self._wanted(clause).take(self._codes)
        return mask

    def info(self, name: str) -> FieldInfo:
        """Return what it holds."""
        return FieldInfo(name, self._kind, int(np.count_nonzero(self._codes)), len(self.values))

    @property
    def _kind(self) -> FieldKind:
        if all(as_number(value) is not None for value in self.values):
            return "number"
        return "date" if all(as_period(value) is not None for value in self.values) else "text"

    def _wanted(self, clause: Clause | OneOf) -> Mask:
        """Return which values are wanted, behind a False for their absence."""
        match clause:
            case OneOf(_, values):
                return self._related("=", values)
            case Clause(_, "contains", value):
                return self._texts.containing(as_text(value))
            case Clause(_, "!=", value):
                wanted = ~self._related("=", [value])
                wanted[0] = False
                return wanted
            case Clause(_, op, value):
                return self._related(op, [value])

    def _related(self, op: Op, values: Iterable[Value]) -> Mask:
        wanted = np.zeros(len(self.values) + 1, dtype=np.bool_)
        for span in chain.from_iterable(map(spans, values)):
            wanted[self._order(span.sense, with_items=op == "=").codes_where(op, span)] = True
        return wanted

    def _order(self, sense: Sense, *, with_items: bool) -> Order:
        key = sense, with_items and self._has_lists
        if key not in self._orders:
            self._orders[key] = self._ordered(sense, with_items=key[1])
        return self._orders[key]

    def _ordered(self, sense: Sense, *, with_items: bool) -> Order:
        read, units = SENSES[sense], _units if with_items else _alone
        pairs = [(read(one), code) for code, value in enumerate(self.values, 1) for one in units(value)]
        found = sorted((pair for pair in pairs if pair[0] is not None), key=itemgetter(0))
        return Order([key for key, _ in found], np.array([code for _, code in found], dtype=np.intp))

    @cached_property
    def _has_lists(self) -> bool:
        return any(isinstance(value, str) and _BETWEEN in value for value in self.values)

    @cached_property
    def _texts(self) -> Texts:
        return Texts(["", *map(as_text, self.values)])


Beside: TypeAlias = Callable[[str, NDArray[np.int64]], Field | None]
"""Makes a field of a name for some passages; None where the name means nothing to it."""


def nothing_beside(_name: str, _numbers: NDArray[np.int64]) -> None:
    """Know no field."""


class Columns:
    """The metadata of a collection as it stood."""

    def __init__(self, numbers: NDArray[np.int64], fields: dict[str, Field]) -> None:
        """:param numbers: The passages' numbers in the ledger, ascending."""
        self.numbers = numbers
        self._fields = fields

    def fields(self) -> tuple[FieldInfo, ...]:
        """Return what a filter can name: the source, then the others by their names."""
        return tuple(self._fields[name].info(name) for name in self._names)

    def mask(self, where: Where, beside: Beside = nothing_beside) -> Mask:
        """Return which passages a filter lets through.

        :param beside: Returns fields that are not of the metadata by their names.
        :raises InvalidInputError: For a field that no passage has.
        """
        match where:
            case And(parts):
                return reduce(np.logical_and, (self.mask(part, beside) for part in parts))
            case Or(parts):
                return reduce(np.logical_or, (self.mask(part, beside) for part in parts))
            case Not(part):
                return ~self.mask(part, beside)
            case Clause() | OneOf():
                return self._field(where.field, beside).mask(where)

    @property
    def _names(self) -> list[str]:
        return sorted(self._fields, key=lambda name: (name != SOURCE, name))

    def _field(self, name: str, beside: Beside) -> Field:
        if name in self._fields:
            return self._fields[name]
        if (found := beside(name, self.numbers)) is not None:
            return found
        if name == HEADING:
            return Field((), np.zeros(len(self.numbers), dtype=np.int32))
        # Whoever wrote the notes gave the others: this line is ours, and a model may read it.
        names = [each for each in self._names if _PLAIN.fullmatch(each)][:_MOST_NAMED]
        left = len(self._names) - len(names)
        raise InvalidInputError(
            f"no passage has a field {name!r:.100}: there are {', '.join(names)}{f' and {left} more' if left else ''}"
        )


def columns(collection: Collection) -> Columns:
    """Read the metadata of a collection."""
    numbers: list[int] = []
    paths = _Draft()
    drafts: dict[str, _Draft] = {}
    facts = collection.facts()
    while block := list(islice(facts, _BLOCK)):
        start = len(numbers)
        found, sources, metadata = zip(*block, strict=True)
        numbers += found
        paths.add(start, sources)
        for name, values in _columns(metadata):
            drafts.setdefault(name, _Draft()).add(start, values)
    if SOURCE in drafts:
        drafts.setdefault(OWN_SOURCE, drafts[SOURCE])
    fields = {name: draft.field(len(numbers)) for name, draft in {**drafts, SOURCE: paths}.items()}
    return Columns(np.array(numbers, dtype=np.int64), fields)


class _Draft:
    """A column in the making: values get numbers as they come."""

    def __init__(self) -> None:
        self._codes: dict[Value | None, int] = {None: 0}
        self._parts: list[tuple[int, NDArray[np.int32]]] = []

    def add(self, start: int, values: Sequence[Value | None]) -> None:
        """Take in the values of passages from one on."""
        if bool in set(map(type, values)):
            # Else True and 1 would be one value.
            values = [str(value).lower() if isinstance(value, bool) else value for value in values]
        new = (value for value in dict.fromkeys(values) if value not in self._codes)
        self._codes.update(zip(list(new), count(len(self._codes)), strict=False))
        part = np.fromiter(map(self._codes.__getitem__, values), dtype=np.int32, count=len(values))
        self._parts.append((start, part))

    def field(self, n: int) -> Field:
        """Return the column of n passages."""
        codes = np.zeros(n, dtype=np.int32)
        for start, part in self._parts:
            codes[start : start + len(part)] = part
        return Field([value for value in self._codes if value is not None], codes)


def _columns(metadata: Sequence[str]) -> Iterator[tuple[str, list[Value | None]]]:
    """Yield the fields of some passages, with a value or None for each."""
    # The passages of a note share theirs.
    distinct = list(dict.fromkeys(metadata))
    records = dict(zip(distinct, json.loads(f"[{','.join(distinct)}]"), strict=True))
    rows = [records[text] for text in metadata]
    for name in dict.fromkeys(chain.from_iterable(records.values())):
        yield name, [row.get(name) for row in rows]


def _alone(value: Value) -> list[Value]:
    return [value]


def _units(value: Value) -> list[Value]:
    """Return a value, and the items of what is a list."""
    return [value, *value.split(_BETWEEN)] if isinstance(value, str) and _BETWEEN in value else [value]
