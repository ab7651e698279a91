"""A collection: passages of one vector space, as rows of one matrix."""

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from search.errors import PassageNotFoundError
from search.prices import price
from search.store.ledger import CollectionRow, Ledger
from search.types import CollectionInfo, Passage, Vector, Vectors

FLOAT_BYTES = 4


@dataclass(frozen=True, slots=True)
class Stored:
    """A passage with its number in the ledger and its vector."""

    number: int
    passage: Passage
    vector: Vector


class Collection:
    """A collection as it stands: after a write, the store hands out a new one."""

    def __init__(self, row: CollectionRow, ledger: Ledger, exact_bytes: int) -> None:
        self.name = row.name
        self.embedder = row.embedder
        self.dimension = row.dimension
        self.row = row
        self._ledger = ledger
        self._exact_bytes = exact_bytes
        self._loading = threading.Lock()
        self._size = ledger.size(row.number)

    def __len__(self) -> int:
        """Return the number of passages."""
        return self._size

    def info(self) -> CollectionInfo:
        """Return what it holds and what it cost."""
        row = self.row
        passages, sources, vectors, text = self._ledger.totals(row.number)
        size = text + vectors * self.dimension * FLOAT_BYTES
        cost = price(self.embedder, row.tokens)
        return CollectionInfo(row.name, row.embedder, passages, sources, vectors, row.tokens, cost, size)

    def blocks(self) -> Iterator[tuple[NDArray[np.int64], Vectors]]:
        """Yield numbers and unit rows of all passages: one block from memory when they fit into it."""
        if self._size * self.dimension * FLOAT_BYTES > self._exact_bytes:
            yield from self._ledger.blocks(self.row.number, self.dimension)
            return
        with self._loading:
            block = self._matrix
        if len(block[0]):
            yield block

    def get(self, passage_id: str) -> Stored:
        """Return the passage of an id.

        :raises PassageNotFoundError: When there is none.
        """
        found = self._ledger.find(self.row.number, passage_id)
        if found is None:
            raise PassageNotFoundError(passage_id, self.name)
        return Stored(*found, self._ledger.vectors([found[0]], self.dimension)[0])

    def read(self, numbers: Sequence[int]) -> dict[int, Passage]:
        """Return passages by their numbers; one that was removed meanwhile is left out."""
        return self._ledger.passages(numbers)

    @cached_property
    def _matrix(self) -> tuple[NDArray[np.int64], Vectors]:
        numbers = np.empty(self._size, dtype=np.int64)
        rows: Vectors = np.empty((self._size, self.dimension), dtype=np.float32)
        filled = 0
        for block_numbers, block in self._ledger.blocks(self.row.number, self.dimension):
            # What came in after the count belongs to the next collection object.
            size = min(len(block), self._size - filled)
            numbers[filled : filled + size] = block_numbers[:size]
            rows[filled : filled + size] = block[:size]
            filled += size
        return numbers[:filled], rows[:filled]
