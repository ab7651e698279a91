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
_PART = 8_192
"""Rows that are compared with all queries at once."""


@dataclass(frozen=True, slots=True)
class Hubs:
    """In how many passages' lists of nearest each passage stands."""

    lists: Rows[np.int64]
    """Counts, estimated where not all lists were looked at; `NEAREST` on average."""
    looked_at: int
    """Lists that were counted."""
    skewness: float
    """Of the counts: 0 when all stand in as many lists, above 1 where hubs take over."""


def hubs(collection: Collection) -> Hubs:
    """Count lists of nearest. Radovanović, Nanopoulos and Ivanović (2010)."""
    rng = np.random.default_rng(0)
    numbers = np.concatenate([np.empty(0, dtype=np.int64), *(block for block, _ in collection.blocks())])
    size = len(numbers)
    asked = np.sort(rng.choice(size, size=min(SAMPLE, size), replace=False))
    counts = np.bincount(_nearest(collection, asked, size).ravel(), minlength=size)
    scaled = np.rint(counts * (size / max(1, len(asked)))).astype(np.int64)
    return Hubs(Rows(numbers, scaled), len(asked), _skewness(counts))


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


def _skewness(counts: NDArray[np.int64]) -> float:
    spread = float(np.std(counts)) if len(counts) else 0.0
    return float(np.mean(((counts - np.mean(counts)) / spread) ** 3)) if spread > 0 else 0.0
