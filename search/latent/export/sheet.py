"""A map as it is drawn: places, groups with colours, and labels."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from search.latent.map import LatentMap, Point

COLORS = (
    "#1f6f8b", "#c9592b", "#5b8c3e", "#8a5aa8", "#b8860b", "#3d5ba9", "#a83e5b", "#2f8f7f", "#7a5c3e", "#6b7f1f",
)  # fmt: skip
OTHER = "#8d8a84"
"""Of points in no group, and of groups beyond the colours there are."""
TERM = 32
"""Characters of a text that is its own label."""
_MOST_TERMS = 300
_LONGEST = 40


@dataclass(frozen=True, slots=True)
class Group:
    """Points of one colour."""

    name: str
    color: str
    count: int


@dataclass(frozen=True, slots=True)
class Mark:
    """A text that stands at a place."""

    text: str
    x: float
    y: float
    is_group: bool
    """Whether it names a group, and not a point."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """What is drawn."""

    title: str
    places: NDArray[np.float64]
    """(n, 2)."""
    group: NDArray[np.int64]
    """Of each point; -1 for none."""
    trust: NDArray[np.float64]
    """Of each point, 0 to 1; 1 where it was not measured."""
    groups: tuple[Group, ...]
    marks: tuple[Mark, ...]
    """The first ones matter most."""

    @classmethod
    def of(cls, drawn: LatentMap, title: str) -> "Sheet":
        """Return what is drawn of a map: coloured by its colours where it has them, else by its clusters."""
        places = np.array([(p.x, p.y) for p in drawn.points], dtype=np.float64).reshape(-1, 2)
        names = _names(drawn)
        group, groups = _grouped(names)
        trust = np.array([1.0 if p.trust is None else p.trust for p in drawn.points])
        return cls(title, places, group, trust, groups, _marks(drawn.points, places, group, groups))


def _names(drawn: LatentMap) -> list[str | None]:
    if any(p.color is not None for p in drawn.points):
        return [p.color for p in drawn.points]
    labels = {one.id: one.label for one in drawn.clusters}
    return [None if p.cluster is None else labels.get(p.cluster) for p in drawn.points]


def _grouped(names: Sequence[str | None]) -> tuple[NDArray[np.int64], tuple[Group, ...]]:
    counted = sorted(Counter(name for name in names if name is not None).items(), key=lambda item: (-item[1], item[0]))
    number = {name: i for i, (name, _) in enumerate(counted)}
    colors = (*COLORS, *(OTHER for _ in counted[len(COLORS) :]))
    groups = tuple(Group(shortened(name), colors[i], count) for i, (name, count) in enumerate(counted))
    return np.array([-1 if name is None else number[name] for name in names], dtype=np.int64), groups


def _marks(
    points: Sequence[Point], places: NDArray[np.float64], group: NDArray[np.int64], groups: Sequence[Group]
) -> tuple[Mark, ...]:
    if points and len(points) <= _MOST_TERMS and all(len(p.text) <= TERM for p in points):
        order = np.random.default_rng(0).permutation(len(points)).tolist()
        return tuple(
            Mark(shortened(points[i].text), float(places[i, 0]), float(places[i, 1]), is_group=False) for i in order
        )
    middles = [np.median(places[group == i], axis=0) for i in range(len(groups))]
    return tuple(Mark(one.name, float(x), float(y), is_group=True) for one, (x, y) in zip(groups, middles, strict=True))


def shortened(text: str) -> str:
    """Return a text in one line, of a label's length."""
    words = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return words if len(words) <= _LONGEST else f"{words[: _LONGEST - 1]}…"
