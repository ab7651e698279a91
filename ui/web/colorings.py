"""What the points of a map can be coloured by: their cluster, source, metadata, trust, or what a probe says."""

import itertools
import json
import os
from collections import Counter, OrderedDict
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from threading import Lock
from typing import Any, Generic, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from search.errors import InvalidInputError
from search.latent.probes import stamp
from search.latent.probes import usable as usable_probes
from search.service import Service
from ui.web.chart import NONE, Chart
from ui.web.plain import shorten

MOST_GROUPS = 10
"""Colours that can be told apart; the rest share one."""
MOST_FIELDS = 40
PROBE = "probe"
_LONGEST = 60
_BANDS = 5
_YEARS = (1_000, 3_000)
"""Whole numbers from one to below the other are years, and written as such."""
_KEPT = 16
TRUST = ((0, 1), (2, 3), (4, 5), (6, 7), (8, 10))
"""How many of ten true neighbours stand near, from and to."""

Facts: TypeAlias = list[tuple[str, dict[str, Any]]]
"""Source and metadata of each point's passage."""
Made = TypeVar("Made")


@dataclass(frozen=True, slots=True)
class Coloring:
    """A group for each point."""

    by: str
    names: tuple[str, ...]
    counts: tuple[int, ...]
    groups: NDArray[np.uint16]
    """In the order of the points; `NONE` for those in none."""
    is_scale: bool = False
    """Whether the groups have an order, so that one colour is more than another."""

    def legend(self) -> dict[str, Any]:
        """Return what the colours stand for, as JSON values."""
        groups = [{"name": n, "count": c} for n, c in zip(self.names, self.counts, strict=True)]
        return {"by": self.by, "groups": groups, "none": int(np.sum(self.groups == NONE)), "scale": self.is_scale}


class _Recent(Generic[Made]):
    """The last few things that were made, by what they were made of; of the charts themselves nothing is kept."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: OrderedDict[Hashable, Made] = OrderedDict()
        self._lock = Lock()

    def of(self, key: Hashable, make: Callable[[], Made]) -> Made:
        """Return what was made before, or make it."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        made = make()
        with self._lock:
            self._kept[key] = made
            if len(self._kept) > self._most:
                self._kept.popitem(last=False)
        return made


class Colorings:
    """Makes colourings of charts, and remembers the last few."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._colorings: _Recent[Coloring] = _Recent(_KEPT)
        self._read: _Recent[Facts] = _Recent(2)

    def of(self, chart: Chart, by: str) -> Coloring:
        """Return a colouring: `cluster`, `source`, `trust`, `field:NAME` or `probe:NAME`.

        :raises InvalidInputError: For any other, or a field that no passage has.
        """
        kind, _, name = by.partition(":")
        # A probe may be fitted again, of which no edition of a map knows.
        fitted = stamp(chart.collection, name) if kind == PROBE else 0
        return self._colorings.of((chart.edition, by, fitted), lambda: self._made(chart, by))

    def offered(self, chart: Chart) -> list[dict[str, str]]:
        """Return what a chart can be coloured by, as JSON values."""
        found = [("cluster", "Cluster"), ("source", "Source")]
        fields = Counter(key for _, values in self._facts(chart) for key in values)
        varied = [(f"field:{key}", shorten(key, _LONGEST)) for key, _ in fields.most_common(MOST_FIELDS)]
        probes = [(f"probe:{name}", f"Probe {name}") for name in usable_probes(chart.collection)]
        found += [*varied, *probes, ("trust", "Trust")]
        return [{"by": by, "name": shown} for by, shown in found]

    def _facts(self, chart: Chart) -> Facts:
        return self._read.of(chart.edition, lambda: facts(chart))

    def _made(self, chart: Chart, by: str) -> Coloring:
        kind, _, name = by.partition(":")
        if by == "cluster":
            counts = tuple(one.size for one in chart.clusters)
            return Coloring(by, tuple(one.label for one in chart.clusters), counts, chart.cluster)
        if by == "trust":
            return _bands_of_trust(chart)
        if by == "source":
            return _counted(by, list(sources([source for source, _ in self._facts(chart)])))
        if kind == "field":
            return _of_field(by, [values.get(name) for _, values in self._facts(chart)])
        if kind == PROBE:
            said = self._service.colors(name, chart.collection.name)
            ids = chart.standing.fitted.ids
            return _counted(by, [said.get(ids[row]) for row in chart.order.tolist()])
        raise InvalidInputError(f"points cannot be coloured by {by!r}: take one of those that the map offers")


def facts(chart: Chart) -> Facts:
    """Return source and metadata of each point's passage."""
    known = {number: (source, metadata) for number, source, metadata in chart.collection.facts()}
    parsed: dict[str, dict[str, Any]] = {}
    found = []
    for number in chart.standing.numbers[chart.order].tolist():
        source, metadata = known.get(number, ("", "{}"))
        if metadata not in parsed:
            parsed[metadata] = json.loads(metadata)
        found.append((source, parsed[metadata]))
    return found


def sources(every: Sequence[str]) -> Iterator[str]:
    """Yield the group of each source: its file, else its folder when few enough of these have a colour each."""
    distinct = sorted(set(every))
    if not distinct:
        return
    folders = [str(PurePath(source).parent) for source in distinct]
    root = os.path.commonpath(folders) if all(map(os.path.isabs, folders)) else ""
    paths = [PurePath(source).relative_to(root) if root else PurePath(source) for source in distinct]
    tops = {path.parts[0] for path in paths if len(path.parts) > 1}
    if len(paths) > MOST_GROUPS and 1 < len(tops) <= MOST_GROUPS:
        names = [path.parts[0] if len(path.parts) > 1 else "(top folder)" for path in paths]
    else:
        names_differ = len({path.name for path in paths}) == len(paths)
        names = [path.name if names_differ else str(path) for path in paths]
    known = dict(zip(distinct, names, strict=True))
    yield from (known[source] for source in every)


def _of_field(by: str, values: Sequence[Any]) -> Coloring:
    there = [value for value in values if value is not None]
    if not there:
        raise InvalidInputError(f"no passage has the field {by.partition(':')[2]!r}: take one that the map offers")
    are_numbers = all(isinstance(value, int | float) and not isinstance(value, bool) for value in there)
    if are_numbers and len(set(there)) > MOST_GROUPS:
        return _bands(by, np.array([np.nan if value is None else float(value) for value in values]))
    return _counted(by, [None if value is None else str(value) for value in values])


def _counted(by: str, values: Sequence[str | None]) -> Coloring:
    """Return a group for each of the most frequent values, and one for the rest."""
    counted = Counter(value for value in values if value is not None)
    first = sorted(counted.items(), key=lambda item: (-item[1], item[0]))
    shown, rest = (first, []) if len(first) <= MOST_GROUPS else (first[: MOST_GROUPS - 1], first[MOST_GROUPS - 1 :])
    number = {value: i for i, (value, _) in enumerate(shown)} | {value: len(shown) for value, _ in rest}
    groups = np.array([NONE if value is None else number[value] for value in values], dtype=np.uint16)
    others = [(f"{len(rest):,} others", sum(count for _, count in rest))] if rest else []
    pairs = [*((shorten(value, _LONGEST) or "(empty)", count) for value, count in shown), *others]
    return Coloring(by, tuple(name for name, _ in pairs), tuple(count for _, count in pairs), groups)


def _bands(by: str, values: NDArray[np.float64]) -> Coloring:
    """Return numbers in bands that hold about as many points each."""
    there = ~np.isnan(values)
    edges = np.unique(np.quantile(values[there], np.linspace(0, 1, _BANDS + 1)))
    band = np.clip(np.searchsorted(edges, values[there], side="right") - 1, 0, max(0, len(edges) - 2))
    groups = np.full(len(values), NONE, dtype=np.uint16)
    groups[there] = band
    said = [_number(edge, is_year=_are_years(values[there])) for edge in edges.tolist()]
    names = tuple(low if low == high else f"{low} to {high}" for low, high in itertools.pairwise(said)) or (said[0],)
    return Coloring(by, names, _sizes(groups, len(names)), groups, is_scale=True)


def _are_years(values: NDArray[np.float64]) -> bool:
    return bool(np.all((values == np.round(values)) & (values >= _YEARS[0]) & (values < _YEARS[1])))


def _number(value: float, *, is_year: bool) -> str:
    return f"{value:.6g}" if is_year else f"{value:,.6g}"


def _bands_of_trust(chart: Chart) -> Coloring:
    trust = chart.trust
    groups = np.full(len(chart), NONE, dtype=np.uint16)
    for i, (least, most) in enumerate(TRUST):
        groups[(trust >= least) & (trust <= most)] = i
    names = tuple(f"{least} or {most} of 10 near" if most < 10 else "8 to 10 of 10 near" for least, most in TRUST)  # noqa: PLR2004
    return Coloring("trust", names, _sizes(groups, len(names)), groups, is_scale=True)


def _sizes(groups: NDArray[np.uint16], count: int) -> tuple[int, ...]:
    return tuple(np.bincount(groups[groups != NONE], minlength=count).tolist())
