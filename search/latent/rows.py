"""The passages of a collection in an order that does not depend on how they came in."""

import hashlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from search.latent.trust import sample
from search.store.collection import Collection
from search.types import Passage, Vectors

_PAGE = 16_000
"""Passages read at once, below what SQLite takes."""

Marks = NDArray[np.uint64]  # (n,), of each vector's bytes


@dataclass(frozen=True, slots=True)
class Rows:
    """Passages sorted by their ids."""

    ids: tuple[str, ...]
    numbers: NDArray[np.int64]
    vectors: Vectors
    marks: Marks
    total: int
    """Passages of the collection, of which these are all or a sample."""

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self.ids)

    @property
    def digest(self) -> str:
        """A hash of ids and vectors."""
        found = hashlib.sha256("\0".join(self.ids).encode("utf-8", "surrogatepass"))
        found.update(self.marks.tobytes())
        return found.hexdigest()

    def some(self, places: NDArray[np.int64]) -> "Rows":
        """Return those at some places."""
        ids = tuple(self.ids[i] for i in places.tolist())
        return Rows(ids, self.numbers[places], self.vectors[places], self.marks[places], self.total)


def rows(collection: Collection) -> Rows:
    """Return all passages of a collection."""
    none = np.empty(0, dtype=np.int64), np.empty((0, collection.dimension), dtype=np.float32)
    blocks = [none, *collection.blocks()]
    numbers = np.concatenate([block[0] for block in blocks])
    vectors = np.concatenate([block[1] for block in blocks])
    ids = dict(collection.ids())
    order = sorted((i for i, n in enumerate(numbers.tolist()) if n in ids), key=lambda i: ids[int(numbers[i])])
    places = np.array(order, dtype=np.int64)
    numbers, vectors = numbers[places], np.ascontiguousarray(vectors[places])
    return Rows(tuple(ids[n] for n in numbers.tolist()), numbers, vectors, _marks(vectors), len(numbers))


def sampled(found: Rows, most: int | None, seed: int) -> Rows:
    """Return so many of the rows, by a seed; all where none are to be left out."""
    return found if most is None else found.some(sample(len(found), most, seed))


def passages(collection: Collection, numbers: NDArray[np.int64]) -> dict[int, Passage]:
    """Return passages by their numbers."""
    found: dict[int, Passage] = {}
    for start in range(0, len(numbers), _PAGE):
        found.update(collection.read(numbers[start : start + _PAGE].tolist()))
    return found


def _marks(vectors: Vectors) -> Marks:
    digests = b"".join(hashlib.blake2b(row.tobytes(), digest_size=8).digest() for row in vectors)
    return np.frombuffer(digests, dtype="<u8").astype(np.uint64)
