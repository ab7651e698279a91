"""Hubs: passages that stand in the lists of many others, near to everything and therefore of little meaning."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from search.retrieve.rows import Rows
from search.store.collection import Collection
from search.types import Vectors

NEAREST = 10
SAMPLE = 2_000
"""Passages whose lists are looked at; in a larger collection the counts are estimates."""
_ROUNDING = 1e-9
"""A variance below this share of the squared mean is none."""
_PART = 8_192
"""Rows that are compared with all queries at once."""


@dataclass(frozen=True, slots=True)
class Hubs:
    """In how many passages' lists of nearest each passage stands."""

    lists: Rows[np.int64]
    """Counts, estimated where not all lists were looked at; `NEAREST` on average."""
    looked_at: int
    """Lists that were counted."""
    skewness: float | None
    """Of the counts: 0 when all stand in as many lists, above 1 where hubs take over; None where too few lists were
    looked at to say."""


def hubs(collection: Collection, most: int = SAMPLE) -> Hubs:
    """Count lists of nearest, in that many of them at most. Radovanović, Nanopoulos and Ivanović (2010)."""
    rng = np.random.default_rng(0)
    numbers = np.concatenate([np.empty(0, dtype=np.int64), *(block for block, _ in collection.blocks())])
    size = len(numbers)
    asked = np.sort(rng.choice(size, size=min(most, size), replace=False))
    counts = np.bincount(_nearest(collection, asked, size).ravel(), minlength=size)
    scaled = np.rint(counts * (size / max(1, len(asked)))).astype(np.int64)
    return Hubs(Rows(numbers, scaled), len(asked), _skewness(counts, len(asked)))


def _nearest(collection: Collection, asked: NDArray[np.int64], size: int) -> NDArray[np.int64]:
    """Return the places of the passages nearest to each that is asked for, itself left out, (m, 10)."""
    queries, k = _rows(collection, asked), min(NEAREST, size - 1)
    if k <= 0:
        return np.empty((len(asked), 0), dtype=np.int64)
    best = np.full((len(asked), k), -2.0, dtype=np.float32)
    where = np.zeros((len(asked), k), dtype=np.int64)
    for first, rows in _parts(collection):
        scores = queries @ rows.T
        inside = (asked >= first) & (asked < first + len(rows))
        scores[np.flatnonzero(inside), asked[inside] - first] = -2.0
        top = np.argpartition(-scores, min(k, len(rows)) - 1, axis=1)[:, :k]
        both = np.concatenate([best, np.take_along_axis(scores, top, axis=1)], axis=1)
        places = np.concatenate([where, top + first], axis=1)
        chosen = np.argpartition(-both, k - 1, axis=1)[:, :k]
        best, where = np.take_along_axis(both, chosen, axis=1), np.take_along_axis(places, chosen, axis=1)
    return where


def _parts(collection: Collection) -> Iterator[tuple[int, Vectors]]:
    """Yield the rows in parts whose products with all queries have room, each with the place of its first."""
    first = 0
    for _, rows in collection.blocks():
        for start in range(0, len(rows), _PART):
            yield first + start, rows[start : start + _PART]
        first += len(rows)


def _rows(collection: Collection, places: NDArray[np.int64]) -> Vectors:
    parts: list[Vectors] = [np.empty((0, collection.dimension), dtype=np.float32)]
    for first, rows in _parts(collection):
        parts.append(rows[places[(places >= first) & (places < first + len(rows))] - first])
    return np.concatenate(parts)


def _skewness(counts: NDArray[np.int64], looked_at: int) -> float | None:
    """Return the skewness that the counts would have, had all lists been looked at.

    A count in some of the lists is hypergeometric, so that its factorial moments are those of the count in all times a
    known factor. Without them a sample's counts would be skewed by chance alone.
    """
    size = len(counts)
    if size > NEAREST * looked_at:  # less than one place for each passage tells too little
        return None
    factors = [(size - i) / (looked_at - i) if looked_at > i else 1.0 for i in range(3)]
    falling = np.cumprod([(counts - i) * factors[i] for i in range(3)], axis=0).mean(axis=1) if size else np.zeros(3)
    first, second, third = falling[0], falling[1] + falling[0], falling[2] + 3 * falling[1] + falling[0]
    variance = float(second - first**2)
    cubed = float(third - 3 * first * second + 2 * first**3)
    return cubed / variance**1.5 if variance > _ROUNDING * float(first) ** 2 else 0.0
