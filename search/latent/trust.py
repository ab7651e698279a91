"""How far a map can be believed: as a whole, and point by point."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from search.latent.neighbours import Indices, Neighbours, nearest
from search.types import Coords, Vectors

K = 10
"""Neighbours that are looked at."""
EXACT = 5_000
"""Points up to which trustworthiness and continuity are of all of them; above, of a sample of so many."""
WOBBLED = 1_000
"""Points that are laid out again to see how much depends on the seed; above, of a sample of so many."""
OTHER_SEEDS = 2
_BLOCK = 256

Shares = NDArray[np.float32]  # (n,), 0 to 1


@dataclass(frozen=True, slots=True)
class Trust:
    """A map's measures over 10 neighbours, each 0 to 1; None for fewer than 21 points."""

    trustworthiness: float | None
    """How far map neighbours are true neighbours. Venna and Kaski (2006)."""
    continuity: float | None
    """How far true neighbours are map neighbours."""
    knn_recall: float | None
    """Share of the ten true neighbours that are among the ten on the map, on average over all points."""
    measured_on: int
    """Points that the first two are of, each compared with each."""


def trustworthiness(vectors: Vectors, coords: Coords, k: int = K) -> float | None:
    """Return how far map neighbours are true cosine neighbours, 0 to 1; None for 2k points or fewer.

    Venna and Kaski (2006).
    """
    return None if len(vectors) <= 2 * k else _missed(_cosines(vectors), _closeness(coords), k)


def continuity(vectors: Vectors, coords: Coords, k: int = K) -> float | None:
    """Return how far true cosine neighbours are map neighbours, 0 to 1; None for 2k points or fewer.

    Venna and Kaski (2006).
    """
    return None if len(vectors) <= 2 * k else _missed(_closeness(coords), _cosines(vectors), k)


def measure(vectors: Vectors, coords: Coords, shares: Shares, seed: int = 0) -> Trust:
    """Return the measures of a map.

    :param shares: Of each point, as `kept` gives them.
    """
    n = len(vectors)
    if n <= 2 * K:
        return Trust(None, None, None, n)
    rows = sample(n, EXACT, seed)
    some, places = vectors[rows], coords[rows]
    return Trust(trustworthiness(some, places), continuity(some, places), float(np.mean(shares)), len(rows))


def sample(n: int, most: int, seed: int) -> NDArray[np.int64]:
    """Return so many of n rows, in order; all where there are no more."""
    if n <= most:
        return np.arange(n)
    return np.sort(np.random.default_rng(seed).choice(n, most, replace=False))


def kept(near: Neighbours, coords: Coords, k: int = K) -> Shares:
    """Return of each point the share of its k true neighbours that are among its k on the map."""
    true = near.first(k).indices
    if not true.shape[1]:
        return np.ones(len(coords), dtype=np.float32)
    return overlap(true, map_neighbours(coords, true.shape[1]))


def overlap(a: Indices, b: Indices) -> Shares:
    """Return of each row of (n, k) the share of its indices that stand in the same row of another, too."""
    shares = np.empty(len(a), dtype=np.float32)
    for start in range(0, len(a), _BLOCK):
        some = slice(start, start + _BLOCK)
        shares[some] = (a[some, :, None] == b[some, None, :]).any(axis=2).mean(axis=1)
    return shares


def map_neighbours(coords: Coords, k: int) -> Indices:
    """Return the k points nearest to each on the map, (n, k), itself left out."""
    from scipy.spatial import cKDTree  # noqa: PLC0415 - takes half a second

    n = len(coords)
    _, found = cKDTree(coords).query(coords, k=k + 1)
    # Where points share a place, it may be any of them that comes first.
    own = found == np.arange(n)[:, None]
    own[~own.any(axis=1), -1] = True
    return np.asarray(found[~own].reshape(n, k), dtype=np.int32)


def wobble(vectors: Vectors, coords: Coords, lay_out: Callable[[Vectors, int], Coords], seed: int) -> Shares:
    """Return of each point the share of its map neighbours that are others under another seed, 0 to 1.

    Above 1,000 points, so many of them are laid out alone, and each of the others gets the mean of the three that it is
    most like.

    :param lay_out: Gives rows their places by a seed, beginning anywhere.
    """
    n = len(vectors)
    rows = sample(n, WOBBLED, seed)
    if n <= 2 * K:
        return np.zeros(n, dtype=np.float32)
    some = vectors[rows]
    own = map_neighbours(coords if len(rows) == n else lay_out(some, seed), K)
    others = [map_neighbours(lay_out(some, seed + i), K) for i in range(1, OTHER_SEEDS + 1)]
    changed = np.mean([1 - overlap(own, other) for other in others], axis=0).astype(np.float32)
    if len(rows) == n:
        return np.asarray(changed)
    like = nearest(some, vectors, 3).indices
    found = np.asarray(changed[like].mean(axis=1), dtype=np.float32)
    found[rows] = changed
    return found


Closeness = Callable[[slice], NDArray[np.float32] | NDArray[np.float64]]
"""Gives for some rows how close all are to each, (m, n): larger is closer."""


def _missed(truth: Closeness, shown: Closeness, k: int) -> float:
    """Return 1 less how far down the neighbours by one measure stand by another, over the most that is possible."""
    n, total, start = -1, 0, 0
    while n < 0 or start < n:
        block = slice(start, start + _BLOCK)
        true, seen = truth(block).copy(), shown(block).copy()
        n = true.shape[1]
        rows = np.arange(len(true))
        true[rows, rows + start] = seen[rows, rows + start] = -np.inf
        listed = np.argpartition(seen, n - k, axis=1)[:, n - k :]
        for column in listed.T:
            ranks = 1 + np.sum(true > true[rows, column][:, None], axis=1)
            total += int(np.sum(np.maximum(ranks - k, 0)))
        start += _BLOCK
    return 1.0 - total * 2.0 / (n * k * (2.0 * n - 3.0 * k - 1.0))


def _cosines(vectors: Vectors) -> Closeness:
    return lambda rows: vectors[rows] @ vectors.T


def _closeness(coords: Coords) -> Closeness:
    # Squared differences, since those of products would make near points one.
    wide = coords.astype(np.float64)
    return lambda rows: -np.sum([(wide[rows, i, None] - wide[:, i]) ** 2 for i in range(wide.shape[1])], axis=0)
