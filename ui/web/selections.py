"""Parts of a map that somebody chose: kept for a while, so that they can be saved."""

import csv
import io
import json
import secrets
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from search.errors import InvalidInputError, NotFoundError
from search.store.collection import Collection
from search.types import Passage
from ui.web.chart import NONE, Chart
from ui.web.colorings import Coloring

MOST_KEPT = 64
MOST_POINTS = 2_000_000
"""Points of all selections together: about 70 MB."""
MOST_CORNERS = 2_000
FEWEST_CORNERS = 3
_PAGE = 2_000
# What a spreadsheet would take for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")

Points = NDArray[np.int64]  # (m,), in the order of the chart


@dataclass(frozen=True, slots=True)
class Selection:
    """Some points of a chart, without the chart: that has all vectors of its collection."""

    token: str
    edition: str
    """Of the chart."""
    collection: str
    title: str
    points: Points
    ids: tuple[str, ...]
    """Of their passages."""
    numbers: NDArray[np.int64]
    """Theirs in the ledger."""
    coords: NDArray[np.float32]
    """Their places, (m, 2)."""
    trust: NDArray[np.uint8]
    """As a chart has it."""
    cluster: NDArray[np.uint16]
    """The place of each point's cluster among the labels; `NONE` for none."""
    labels: tuple[str, ...]

    @classmethod
    def of(cls, chart: Chart, points: Points, title: str) -> "Selection":
        """Return one that cannot be guessed."""
        return cls(
            token=secrets.token_urlsafe(16),
            edition=chart.edition,
            collection=chart.collection.name,
            title=title,
            points=points,
            ids=chart.ids(points),
            numbers=chart.standing.numbers[chart.order[points]],
            coords=chart.coords[points],
            trust=chart.trust[points],
            cluster=chart.cluster[points],
            labels=tuple(one.label for one in chart.clusters),
        )

    def passages(self, collection: Collection, start: int, stop: int) -> Iterator[tuple[int, Passage]]:
        """Yield some of its passages, each with its place in the selection; those removed meanwhile are left out."""
        numbers = self.numbers[start:stop].tolist()
        read = collection.read(numbers)
        for i, number in enumerate(numbers, start):
            if number in read and read[number].id == self.ids[i]:
                yield i, read[number]

    def label(self, i: int) -> str | None:
        """Return the label of a point's cluster; None where it is in none."""
        return None if self.cluster[i] == NONE else self.labels[self.cluster[i]]


class Selections:
    """The last few, by tokens that cannot be guessed."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, Selection] = OrderedDict()
        self._lock = Lock()

    def keep(self, chart: Chart, points: Points, title: str) -> Selection:
        """Return a selection that can be asked for by its token."""
        made = Selection.of(chart, points, title)
        with self._lock:
            self._kept[made.token] = made
            # The newest stays, however large.
            while len(self._kept) > MOST_KEPT or (len(self._kept) > 1 and self._points() > MOST_POINTS):
                self._kept.popitem(last=False)
        return made

    def of(self, token: str) -> Selection:
        """Return a selection.

        :raises NotFoundError: When it was made too long ago.
        """
        found = self._kept.get(token)
        if found is None:
            raise NotFoundError("this selection is gone: draw it again")
        return found

    def _points(self) -> int:
        return sum(len(one.points) for one in self._kept.values())


def inside(chart: Chart, polygon: Sequence[Sequence[float]]) -> NDArray[np.bool_]:
    """Return which points lie within a polygon of the map's plane, (n,); by the even-odd rule.

    :raises InvalidInputError: For one of fewer than 3 corners, or more than 2,000.
    """
    corners = np.array(polygon, dtype=np.float64) if _is_polygon(polygon) else np.empty((0, 2))
    if not FEWEST_CORNERS <= len(corners) <= MOST_CORNERS or not np.isfinite(corners).all():
        raise InvalidInputError(f"a selection has {FEWEST_CORNERS} to {MOST_CORNERS:,} corners: draw a simpler one")
    x, y = chart.coords.astype(np.float64).T
    low, high = corners.min(axis=0), corners.max(axis=0)
    within: NDArray[np.bool_] = (x >= low[0]) & (x <= high[0]) & (y >= low[1]) & (y <= high[1])
    rows = np.flatnonzero(within)
    odd = np.zeros(len(rows), dtype=np.bool_)
    a, b = x[rows], y[rows]
    for (x1, y1), (x0, y0) in zip(corners, np.roll(corners, 1, axis=0), strict=True):
        if y0 != y1:
            odd ^= ((y1 > b) != (y0 > b)) & (a < (x0 - x1) * (b - y1) / (y0 - y1) + x1)
    within[rows] = odd
    return within


def shown(coloring: Coloring, chosen: Sequence[int]) -> NDArray[np.bool_]:
    """Return which points a legend shows in which some groups are chosen, (n,): all of them where none is."""
    if not chosen:
        return np.ones(len(coloring.groups), dtype=np.bool_)
    return np.asarray(np.isin(coloring.groups, np.array([NONE if g < 0 else g for g in chosen])))


def as_csv(selection: Selection, collection: Collection) -> Iterator[str]:
    """Yield a table of the passages, with their places, a row each."""
    yield _line(["id", "source", "text", "cluster", "x", "y", "near_of_10", "metadata"])
    for start in range(0, len(selection.points), _PAGE):
        for i, passage in selection.passages(collection, start, start + _PAGE):
            near = "" if selection.trust[i] > 10 else int(selection.trust[i])  # noqa: PLR2004 - of ten
            x, y = (f"{value:.4f}" for value in selection.coords[i].tolist())
            more = json.dumps(dict(passage.metadata), ensure_ascii=False) if passage.metadata else ""
            label = selection.label(i) or ""
            yield _line([passage.id, passage.source, passage.text, label, x, y, near, more])


def _is_polygon(polygon: Any) -> bool:  # noqa: ANN401 - as a browser sent it
    return isinstance(polygon, list) and all(
        isinstance(corner, list) and len(corner) == 2 and all(isinstance(v, int | float) for v in corner)  # noqa: PLR2004
        for corner in polygon
    )


def _line(values: Sequence[object]) -> str:
    out = io.StringIO()
    csv.writer(out).writerow([_harmless(value) if i not in {4, 5} else value for i, value in enumerate(values)])
    return out.getvalue()


def _harmless(value: object) -> object:
    """Return a cell that no spreadsheet takes for a formula."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value
