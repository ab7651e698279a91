"""Finds the passages whose vectors are nearest to a query's: all of them compared, or those that an index finds."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from search.retrieve.rows import Rows
from search.store.collection import Collection, Matrix
from search.types import Vector, Vectors

FETCHED = 100
"""Passages that the index is asked for at least: those it takes for the tenth are often not."""
MOST_FETCHED = 10_000
_TIMES = 4
FEW = 5_000
"""Passages that a filter leaves and that are rather compared one by one."""
_MANY = 0.2
"""Share of kept rows from which on it costs less to compare all than to copy those."""
_READ = 16_384
PROBES = 100
_NEAREST = 10


class Block(NamedTuple):
    """Some passages."""

    numbers: NDArray[np.int64]
    """Ascending."""
    rows: Vectors
    matrix: Matrix | None = None
    """Whose rows these are, all of them."""

    def cosines(self, vector: Vector) -> NDArray[np.float32]:
        """Return a unit vector's cosines with all rows, (n,)."""
        return self.rows @ vector if self.matrix is None else self.matrix.cosines(vector)


def every(collection: Collection, keep: Rows[np.bool_] | None) -> Iterator[Block]:
    """Yield all passages that may be found, or more of them: a mask is cheaper than a copy where it keeps many."""
    if keep is None or (collection.is_exact and np.mean(keep.values) > _MANY):
        if collection.is_exact:
            matrix = collection.matrix
            yield Block(matrix.layout.numbers, matrix.rows, matrix)
        else:
            yield from (Block(*block) for block in collection.blocks())
        return
    if collection.is_exact:
        for numbers, rows in collection.blocks():
            kept = np.flatnonzero(keep.at(numbers))
            yield Block(numbers[kept], rows[kept])
        return
    kept = keep.numbers[keep.values]
    for start in range(0, len(kept), _READ):
        some = kept[start : start + _READ]
        yield Block(some, collection.vectors(some.tolist()))


def candidates(
    collection: Collection, query: Vector, k: int, keep: Rows[np.bool_] | None, also: NDArray[np.int64]
) -> Block | None:
    """Return passages that an index takes for the nearest; None where all have to be compared instead.

    :param keep: Those that may be found.
    :param also: Numbers of others that are wanted beside them.
    """
    if collection.is_exact or not len(collection):
        return None
    share = 1.0 if keep is None else float(np.mean(keep.values))
    if share * len(collection) <= FEW:
        return None
    wanted = round(max(FETCHED, _TIMES * k) / share)
    found = collection.approximate(query[np.newaxis], wanted) if wanted <= MOST_FETCHED else None
    if found is None:
        return None
    numbers = np.union1d(found[0], also)
    numbers = numbers if keep is None else numbers[keep.at(numbers)]
    return None if len(numbers) < k else Block(numbers, collection.vectors(numbers.tolist()))


def recall(collection: Collection) -> float | None:
    """Return which share of the true ten nearest the index finds, measured on passages of the collection itself.

    Measured once for as long as the collection does not change. None when the index cannot be asked now.
    """
    known = collection.recall()
    if known is None and (known := _measure(collection)) is not None:
        collection.keep_recall(known)
    return known


def _measure(collection: Collection) -> float | None:
    numbers, probes = _probes(collection)
    found = collection.approximate(probes, FETCHED)
    if found is None:
        return None
    true = _true_nearest(collection, probes)
    shares = [
        _share(own, probe, near, tenth, collection)
        for own, probe, near, tenth in zip(numbers, probes, found, true, strict=True)
    ]
    return float(np.mean(shares))


def _share(own: int, probe: Vector, near: NDArray[np.int64], tenth: float, collection: Collection) -> float:
    others = near[near != own]
    similarity = collection.vectors(others.tolist()) @ probe
    # Equal ones at the tenth place are as good.
    return min(_NEAREST, int(np.sum(similarity >= tenth - 1e-6))) / _NEAREST


def _probes(collection: Collection) -> tuple[list[int], Vectors]:
    rng = np.random.default_rng(0)
    numbers = np.fromiter((number for number, _ in collection.texts()), dtype=np.int64)
    chosen: list[int] = np.sort(rng.choice(numbers, size=min(PROBES, len(numbers)), replace=False)).tolist()
    return chosen, collection.vectors(chosen)


def _true_nearest(collection: Collection, probes: Vectors) -> NDArray[np.float32]:
    """Return each probe's similarity with its tenth nearest passage, itself left out."""
    best = np.full((len(probes), _NEAREST + 1), -1.0, dtype=np.float32)
    for _, rows in collection.blocks():
        both = np.concatenate([best, probes @ rows.T], axis=1)
        best = -np.partition(-both, _NEAREST, axis=1)[:, : _NEAREST + 1]
    tenth: NDArray[np.float32] = best.min(axis=1)
    return tenth
