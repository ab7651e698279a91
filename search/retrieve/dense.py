"""Ranks passages by their cosine with a query: exactly, over every row."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from search.store.collection import Collection
from search.types import Vector, Vectors

_ROUNDING = 2e-6
"""More than a float32 product of unit vectors can be off by."""


class Near(NamedTuple):
    """A passage's number in the ledger, and its cosine with the query."""

    number: int
    similarity: float


def nearest(collection: Collection, query: Vector, k: int, *, without: int | None = None) -> list[Near]:
    """Return the k passages most similar to a query, best first; equal ones in the order they came in.

    :param query: Unit vector, (d,).
    :param without: Number of a passage to leave out.
    """
    found: list[tuple[NDArray[np.int64], NDArray[np.float64]]] = []
    for numbers, rows in collection.blocks():
        scores = rows @ query
        if without is not None:
            scores[numbers == without] = -np.inf
        top = _candidates(scores, k)
        found.append((numbers[top], _precise(rows[top], query)))
    if not found:
        return []
    numbers = np.concatenate([n for n, _ in found])
    similarity = np.concatenate([s for _, s in found])
    order = np.lexsort((numbers, -similarity))[:k]
    return [Near(int(numbers[i]), float(similarity[i])) for i in order]


def _candidates(scores: NDArray[np.float32], k: int) -> NDArray[np.intp]:
    """Return the rows that may be among the best k once rounding is out of the way."""
    if k >= len(scores):
        return np.flatnonzero(scores > -np.inf)
    threshold = np.partition(scores, -k)[-k]
    return np.flatnonzero(scores >= max(threshold - _ROUNDING, -2.0))


def _precise(rows: Vectors, query: Vector) -> NDArray[np.float64]:
    # Row by row, since a matrix product may round equal rows differently, by where they stand.
    cosines: NDArray[np.float64] = np.sum(rows.astype(np.float64) * query.astype(np.float64), axis=1)
    return np.clip(cosines, -1.0, 1.0)
