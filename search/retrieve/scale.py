"""What a similarity means in this collection: its place among those of random pairs, and what chance would give."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from search.store.collection import Collection
from search.types import Vectors

SAMPLE = 2_000
"""Passages drawn; all their pairs count, two million at most."""
_BINS = 20_000
"""Of a ten-thousandth each, from -1 to 1."""


@dataclass(frozen=True, slots=True)
class Scale:
    """Cosines of random pairs of different passages, counted in bins."""

    below: NDArray[np.float64]
    """Share of pairs below each bin's lower edge, with a last 1: (bins + 1,), ascending."""
    pairs: int

    def percentile(self, similarity: float) -> float | None:
        """Return the share of random pairs that are less similar, 0 to 100; None without pairs."""
        return 100.0 * self._below(similarity) if self.pairs else None

    def chance(self, similarity: float) -> float | None:
        """Return the share of random pairs that are as similar or more, 0 to 1; None without pairs.

        At least what one pair is of all of them: rarer than that, nothing was seen.
        """
        return max(1.0 - self._below(similarity), 1.0 / self.pairs) if self.pairs else None

    def at(self, percentile: float) -> float:
        """Return the similarity that so many of 100 random pairs do not reach."""
        return float(np.searchsorted(self.below, percentile / 100)) * 2 / _BINS - 1

    def _below(self, similarity: float) -> float:
        # Linear inside a bin; equal vectors are no nearer than the last bin's edge.
        place = min(max((similarity + 1) * _BINS / 2, 0.0), _BINS - 1.0)
        low = int(place)
        return float(self.below[low] + (place - low) * (self.below[low + 1] - self.below[low]))


def measure(collection: Collection) -> Scale:
    """Compare random passages of a collection, each with each; the same ones every time."""
    rows = _sample(collection)
    similarity = rows @ rows.T
    upper = similarity[np.tri(len(rows), k=-1, dtype=np.bool_)]
    bins = np.clip(((upper + 1) * (_BINS / 2)).astype(np.int32), 0, _BINS - 1)
    counts = np.bincount(bins, minlength=_BINS)
    below = np.concatenate([[0], np.cumsum(counts)]) / max(1, len(upper))
    return Scale(below, len(upper))


def _sample(collection: Collection) -> Vectors:
    rng = np.random.default_rng(0)
    chosen = np.sort(rng.choice(len(collection), size=min(SAMPLE, len(collection)), replace=False))
    parts: list[Vectors] = [np.empty((0, collection.dimension), dtype=np.float32)]
    seen = 0
    for _, rows in collection.blocks():
        parts.append(rows[chosen[(chosen >= seen) & (chosen < seen + len(rows))] - seen])
        seen += len(rows)
    return np.concatenate(parts)
