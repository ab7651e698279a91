"""Divides a large collection of the index, so that its files and what a writer holds stay small, whatever the whole.

Chroma holds the graph of a collection in memory while it writes, and writes all of it to its files every few thousand
passages. So a collection is continued in another one of Chroma's once it has grown to a size: what is full is neither
held nor written again. Which of them has a passage follows from its number in the ledger.
"""

import bisect
from collections.abc import Sequence
from itertools import groupby
from typing import TypeVar

from search.store.ledger import Ledger

PART_BYTES, PART_MOST = 384 * 2**20, 170_000
"""What a part takes of a writer's memory at most, which are so many passages of 384 numbers. It has no more of shorter
ones: what Chroma does for a passage grows with those that are there."""
_FLOAT_BYTES = 4
_BESIDE_VECTOR = 800
"""Bytes that Chroma takes for a passage beside its vector: links, ids, and where it stands."""

T = TypeVar("T", bound=tuple)  # type: ignore[type-arg] # its first is the number


def most(dimension: int, part_bytes: int = PART_BYTES) -> int:
    """Return how many passages a part takes."""
    return max(1, min(PART_MOST, part_bytes // (dimension * _FLOAT_BYTES + _BESIDE_VECTOR)))


class Parts:
    """Chroma's collections that hold one of ours: the first has its name, and is all of it while it is small."""

    def __init__(self, ledger: Ledger, collection: int, index_name: str) -> None:
        """:param collection: Its number in the ledger."""
        self._ledger = ledger
        self._collection = collection
        self._index_name = index_name
        self._names = names(ledger, index_name)
        self._firsts = [n for (n,) in ledger.rows("SELECT first FROM parts WHERE of = ? ORDER BY 1", (index_name,))]
        since = self._firsts[-1] if self._firsts else 0
        # A generation that is not the live one has nothing yet.
        self._count, self._last = ledger.rows(
            "SELECT count(*), coalesce(max(p.number), -1) FROM passages p JOIN collections c ON c.number = p.collection"
            " WHERE p.collection = ? AND p.number >= ? AND p.indexed = 1 AND c.index_name = ?",
            (collection, since, index_name),
        )[0]

    def divided(self, passages: Sequence[T], limit: int) -> list[tuple[str, list[T]]]:
        """Return passages by the part that has each, adding a part where the last one is full.

        :param passages: Tuples that begin with their number, ascending.
        :param limit: How many passages a part takes.
        """
        for number, *_ in passages:
            if number > self._last:
                if self._count >= limit:
                    self._begin(number)
                self._count, self._last = self._count + 1, number
        grouped = groupby(passages, key=lambda one: self._names[bisect.bisect_right(self._firsts, one[0])])
        return [(name, list(some)) for name, some in grouped]

    def _begin(self, number: int) -> None:
        """Begin a part with a passage, before anything is written to it."""
        with self._ledger.transaction() as db:
            name = self._ledger.index_name(self._index_name)
            db.execute("INSERT INTO parts VALUES (?, ?, ?)", (name, self._index_name, number))
        self._names.append(name)
        self._firsts.append(number)
        self._count = 0


def names(ledger: Ledger, index_name: str) -> list[str]:
    """Return the names of a collection's parts, the first of them its own."""
    rows = ledger.rows("SELECT index_name FROM parts WHERE of = ? ORDER BY first", (index_name,))
    return [index_name, *(name for (name,) in rows)]
