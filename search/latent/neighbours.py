"""Nearest neighbours by cosine, all compared: computed once, and shared by layout, trust and clusters."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from search.heard import Heard, unheard
from search.latent.threads import one_thread
from search.types import Vectors

MOST = 90
"""Neighbours of each point: three times the perplexity of 30."""
_BLOCK = 256
"""Rows that are compared with all at once."""
_SAMPLED = 2_048
"""Columns that tell from which similarity on there are about enough."""
_ENOUGH = 3
"""Times the neighbours wanted that are looked for above that similarity."""
_FEWEST_ABOVE = 8
"""Sampled columns above it, so that it is no accident."""

Indices = NDArray[np.int32]  # (n, k), rows of other points
Similarity = NDArray[np.float32]  # (n, k), cosines, -1 to 1


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The k nearest of each point, itself left out, the nearest first."""

    indices: Indices
    similarity: Similarity

    def first(self, k: int) -> "Neighbours":
        """Return the k nearest alone, or all where there are fewer."""
        return Neighbours(self.indices[:, :k], self.similarity[:, :k])

    @property
    def distances(self) -> NDArray[np.float64]:
        """Euclidean distances between the unit rows, (n, k)."""
        return np.sqrt(np.maximum(2.0 - 2.0 * self.similarity.astype(np.float64), 0.0))


def neighbours(vectors: Vectors, k: int = MOST, heard: Heard = unheard, threads: int = 1) -> Neighbours:
    """Return the k nearest of each row among the others, or all of them where there are fewer.

    Every pair is compared. Equal similarities are in the order of the rows.
    """
    n = len(vectors)
    k = max(0, min(k, n - 1))
    found = Neighbours(np.empty((n, k), dtype=np.int32), np.empty((n, k), dtype=np.float32))

    def look(start: int) -> int:
        similarity = vectors[start : start + _BLOCK] @ vectors.T
        rows = np.arange(len(similarity))
        # Below any cosine, so that none is its own neighbour.
        similarity[rows, rows + start] = -2.0
        stop = start + len(similarity)
        found.indices[start:stop], found.similarity[start:stop] = _nearest(similarity, k)
        return stop

    # A thread for each block: those of a product would wait while its largest are looked for.
    with one_thread(), ThreadPoolExecutor(threads) as pool:
        for stop in pool.map(look, range(0, n, _BLOCK)):
            heard(stop, n)
    return found


def nearest(vectors: Vectors, queries: Vectors, k: int) -> Neighbours:
    """Return the k rows nearest to each of some queries, (m, d); a query that is a row finds itself."""
    k = min(k, len(vectors))
    blocks = [_nearest(queries[i : i + _BLOCK] @ vectors.T, k) for i in range(0, len(queries), _BLOCK)]
    if not blocks:
        return Neighbours(np.empty((0, k), dtype=np.int32), np.empty((0, k), dtype=np.float32))
    return Neighbours(np.concatenate([i for i, _ in blocks]), np.concatenate([s for _, s in blocks]))


def _nearest(similarity: Similarity, k: int) -> tuple[Indices, Similarity]:
    """Return the columns of the k largest values of each row, and the values."""
    m, n = similarity.shape
    above = _ENOUGH * k * _SAMPLED / max(1, n)
    if k == 0 or n < 4 * _SAMPLED or above > _SAMPLED / 4:
        return _partitioned(similarity, k)
    # To part 100,000 columns at the 90th largest takes far longer than to multiply them.
    step = max(1, n // _SAMPLED)
    rank = max(_FEWEST_ABOVE, int(np.ceil(above)))
    limit = -np.partition(-similarity[:, ::step], rank, axis=1)[:, rank]
    rows, columns = np.nonzero(similarity >= limit[:, None])
    values = similarity[rows, columns]
    order = np.lexsort((columns, -values, rows))
    counts = np.bincount(rows, minlength=m)
    starts = np.concatenate([[0], np.cumsum(counts)[:-1]])
    enough = counts >= k
    taken = order[np.where(enough, starts, 0)[:, None] + np.arange(k) * enough[:, None]]
    indices, found = columns[taken].astype(np.int32), values[taken]
    if not enough.all():
        indices[~enough], found[~enough] = _partitioned(similarity[~enough], k)
    return indices, found


def _partitioned(similarity: Similarity, k: int) -> tuple[Indices, Similarity]:
    m, n = similarity.shape
    every = np.tile(np.arange(n), (m, 1))
    some = np.sort(np.argpartition(similarity, n - k, axis=1)[:, n - k :], axis=1) if 0 < k < n else every[:, :k]
    values = np.take_along_axis(similarity, some, axis=1)
    order = np.argsort(-values, axis=1, kind="stable")
    return np.take_along_axis(some, order, axis=1).astype(np.int32), np.take_along_axis(values, order, axis=1)
