"""The passages of a collection in an order that does not depend on how they came in."""

import hashlib
import itertools
from collections.abc import Sequence
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
        return digest(self.ids, self.marks)

    def some(self, places: NDArray[np.int64]) -> "Rows":
        """Return those at some places."""
        ids = tuple(self.ids[i] for i in places.tolist())
        return Rows(ids, self.numbers[places], self.vectors[places], self.marks[places], self.total)


def rows(collection: Collection) -> Rows:
    """Return all passages of a collection."""
    known = collection.ids()
    ids = tuple(passage_id for _, passage_id in known)
    numbers = np.array([number for number, _ in known], dtype=np.int64)
    vectors, there = vectors_of(collection, numbers)
    if not there.all():
        ids, numbers, vectors = tuple(itertools.compress(ids, there)), numbers[there], vectors[there]
    return Rows(ids, numbers, vectors, _marks(vectors), len(numbers))


def vectors_of(collection: Collection, numbers: NDArray[np.int64]) -> tuple[Vectors, NDArray[np.bool_]]:
    """Return the unit rows of passages by their numbers, and which of these are still there; the others' are zeros."""
    found: Vectors = np.zeros((len(numbers), collection.dimension), dtype=np.float32)
    is_there = np.zeros(len(numbers), dtype=np.bool_)
    order = np.argsort(numbers)
    wanted = numbers[order]
    for block, vectors in collection.blocks():
        some = slice(*np.searchsorted(wanted, (block[0], block[-1] + 1)).tolist())
        places = np.searchsorted(block, wanted[some])
        same = block[places] == wanted[some]
        found[order[some][same]] = vectors[places[same]]
        is_there[order[some][same]] = True
    return found, is_there


def digest(ids: Sequence[str], marks: Marks) -> str:
    """Return a hash of ids and vectors."""
    found = hashlib.sha256("\0".join(ids).encode("utf-8", "surrogatepass"))
    found.update(marks.tobytes())
    return found.hexdigest()


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
