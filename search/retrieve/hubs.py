"""Hubs: passages that stand in the lists of many others, near to everything and therefore of little meaning."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from search.retrieve.rows import Rows
from search.store.collection import Collection

NEAREST = 10
SAMPLE = 5_000
"""Passages whose lists are looked at; in a larger collection the counts are estimates."""
_CHUNK = 256


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
    numbers = np.fromiter((number for number, _ in collection.texts()), dtype=np.int64)
    size = len(numbers)
    asked = np.sort(np.random.default_rng(0).choice(size, size=min(SAMPLE, size), replace=False))
    counts = np.zeros(size, dtype=np.int64)
    for start in range(0, len(asked), _CHUNK):
        places = _nearest(collection, numbers, asked[start : start + _CHUNK])
        counts += np.bincount(places.ravel(), minlength=size)
    scaled = np.rint(counts * (size / max(1, len(asked)))).astype(np.int64)
    return Hubs(Rows(numbers, scaled), len(asked), _skewness(counts))


def _nearest(collection: Collection, numbers: NDArray[np.int64], asked: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the places of the passages nearest to each that is asked for, itself left out, (m, 10)."""
    queries = collection.vectors(numbers[asked].tolist())
    k = min(NEAREST, len(numbers) - 1)
    best = np.full((len(asked), k), -2.0, dtype=np.float32)
    where = np.zeros((len(asked), k), dtype=np.int64)
    seen = 0
    for _, rows in collection.blocks():
        scores = queries @ rows.T
        inside = (asked >= seen) & (asked < seen + len(rows))
        scores[np.flatnonzero(inside), asked[inside] - seen] = -2.0
        both = np.concatenate([best, scores], axis=1)
        places = np.concatenate([where, np.broadcast_to(np.arange(seen, seen + len(rows)), scores.shape)], axis=1)
        top = np.argpartition(-both, k - 1, axis=1)[:, :k] if k else np.empty((len(asked), 0), dtype=np.int64)
        best, where = np.take_along_axis(both, top, axis=1), np.take_along_axis(places, top, axis=1)
        seen += len(rows)
    return where


def _skewness(counts: NDArray[np.int64]) -> float:
    spread = float(np.std(counts)) if len(counts) else 0.0
    return float(np.mean(((counts - np.mean(counts)) / spread) ** 3)) if spread > 0 else 0.0
