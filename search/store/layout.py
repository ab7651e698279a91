"""Where the passages of a collection stand, so that what follows from them is brought up to date, not made anew."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from search.store.ledger import Ledger

Places = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Layout:
    """A collection's passages at one moment, and the vector of each; a vector has one text for as long as it lives."""

    version: int
    numbers: NDArray[np.int64]
    """Of the passages, (n,), ascending."""
    vectors: NDArray[np.int64]
    """Numbers of their vectors, (n,)."""

    def has_grown_to(self, version: int, size: int) -> bool:
        """Return whether all that happened up to a later version is that passages came, behind the last of these.

        A version counts every passage that came, went or changed; as many more passages leave no room for the others.
        """
        return size - len(self.numbers) == version - self.version >= 0


class Kept(NamedTuple):
    """What two layouts have in common."""

    before: Places
    """Places in the older one, ascending."""
    now: Places
    """Places of the same passages in the newer one, ascending."""
    new: Places
    """All other places of the newer one, ascending."""

    def is_growth(self, size: int) -> bool:
        """Return whether the newer one is the older one, of some size, with more behind it."""
        return len(self.before) == size and (size == 0 or int(self.now[-1]) == size - 1)


def layout(ledger: Ledger, collection: int, before: Layout | None) -> Layout:
    """Return how a collection stands now.

    :param before: How it stood: where it has only grown, no more is read than what came.
    """
    with ledger.snapshot():
        found = ledger.rows(
            "SELECT version, (SELECT count(*) FROM passages WHERE collection = ?1) FROM collections WHERE number = ?1",
            (collection,),
        )
        version, size = found[0] if found else (0, 0)
        if before is None or not before.has_grown_to(version, size):
            before = Layout(version, np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64))
        last = int(before.numbers[-1]) if len(before.numbers) else -1
        rows = ledger.rows(
            "SELECT number, vector FROM passages WHERE collection = ? AND number > ? ORDER BY number",
            (collection, last),
        )
    came = np.array(rows, dtype=np.int64).reshape(-1, 2)
    numbers, vectors = (np.concatenate(pair) for pair in ((before.numbers, came[:, 0]), (before.vectors, came[:, 1])))
    return Layout(version, numbers, vectors)


def kept(before: Layout, now: Layout) -> Kept:
    """Return which passages are in both with the same vector, and so with the same text."""
    if not len(before.numbers):
        nothing = np.empty(0, dtype=np.intp)
        return Kept(nothing, nothing, np.arange(len(now.numbers)))
    places = np.minimum(np.searchsorted(before.numbers, now.numbers), len(before.numbers) - 1)
    same = (before.numbers[places] == now.numbers) & (before.vectors[places] == now.vectors)
    return Kept(places[same], np.flatnonzero(same), np.flatnonzero(~same))
