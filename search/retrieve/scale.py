"""What a similarity means in this collection: its place among those of random pairs."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from search.store.collection import Collection
from search.types import Vectors

SAMPLE = 2_000
"""Passages drawn, of which the pairs are made."""
PAIRS = 20_000


@dataclass(frozen=True, slots=True)
class Scale:
    """Cosines of random pairs of different passages, ascending."""

    similarities: NDArray[np.float32]

    def percentile(self, similarity: float) -> float | None:
        """Return the share of random pairs that are less similar, 0 to 100; None without pairs."""
        if not len(self.similarities):
            return None
        return float(100 * np.searchsorted(self.similarities, similarity) / len(self.similarities))


def measure(collection: Collection) -> Scale:
    """Draw random pairs of a collection; the same ones each time."""
    rng = np.random.default_rng(0)
    rows = _sample(collection, rng)
    if len(rows) < 2:  # noqa: PLR2004 - a pair needs two
        return Scale(np.empty(0, dtype=np.float32))
    a = rng.integers(len(rows), size=PAIRS)
    # A step of at least one, so that no passage is paired with itself.
    b = (a + rng.integers(1, len(rows), size=PAIRS)) % len(rows)
    return Scale(np.sort(np.einsum("ij,ij->i", rows[a], rows[b])))


def _sample(collection: Collection, rng: np.random.Generator) -> Vectors:
    chosen = np.sort(rng.choice(len(collection), size=min(SAMPLE, len(collection)), replace=False))
    parts: list[Vectors] = [np.empty((0, collection.dimension), dtype=np.float32)]
    seen = 0
    for _, rows in collection.blocks():
        parts.append(rows[chosen[(chosen >= seen) & (chosen < seen + len(rows))] - seen])
        seen += len(rows)
    return np.concatenate(parts)
