"""A collection: passages of one vector space, as rows of one matrix."""

import json
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from search.errors import PassageNotFoundError
from search.gathered import Gathered
from search.store.derived import Derived
from search.store.indexer import Indexer
from search.store.layout import Layout, kept, layout
from search.store.ledger import CollectionRow, Ledger
from search.types import CollectionInfo, Excerpt, Passage, Vector, Vectors

T = TypeVar("T")
FLOAT_BYTES = 4
_BLOCK = 16_384
"""Rows read at once."""
_GROWTH = 0.125
"""Share of the rows for which a matrix that has grown gets room. It takes memory only once it is written to."""
_MOST_WAITING = 5_000
"""Passages that are compared beside what the index finds, until it has heard of them."""


def files_folder(data: Path, name: str) -> Path:
    """Return where the files are kept that were brought to a collection; its name is safe as a folder's."""
    return data / "files" / name


@dataclass(frozen=True, slots=True)
class Stored:
    """A passage with its number in the ledger and its vector."""

    number: int
    passage: Passage
    vector: Vector


class Last:
    """What was last made of a collection, at whatever age, by its kind: the next is made out of it."""

    def __init__(self) -> None:
        self._made: dict[type, object] = {}

    def get(self, kind: type[T]) -> T | None:
        """Return what was last kept of a kind."""
        found = self._made.get(kind)
        return found if isinstance(found, kind) else None

    def keep(self, made: object) -> None:
        """Keep something in the place of what was kept of its kind."""
        self._made[type(made)] = made


class Matrix:
    """The vectors of a collection in memory."""

    def __init__(self, layout: Layout, rows: Vectors, room: Vectors | None = None) -> None:
        """:param room: What the rows are the beginning of; a collection that grows has some left behind them."""
        self.layout = layout
        self.rows = rows
        self._room = rows if room is None else room
        self._has_grown = False
        self._growing = threading.Lock()
        self._products = Gathered[Vector, NDArray[np.float32]](self._compared)

    def grown(self, layout: Layout) -> "Matrix":
        """Return one with more rows behind these, which are zero until they are written; these stay as they are."""
        size = len(layout.numbers)
        room = self._room
        with self._growing:
            # Behind one that has grown already, there are the rows of another.
            is_taken, self._has_grown = self._has_grown, True
        if is_taken or size > len(room):
            room = np.zeros((size + round(size * _GROWTH), self.rows.shape[1]), dtype=np.float32)
            room[: len(self.rows)] = self.rows
        return Matrix(layout, room[:size], room)

    def cosines(self, vector: Vector) -> NDArray[np.float32]:
        """Return a unit vector's cosines with all rows, (n,); those asked for meanwhile share one pass over them."""
        return self._products.one(vector)

    def _compared(self, vectors: Sequence[Vector]) -> Sequence[NDArray[np.float32]]:
        if len(vectors) == 1:
            return [self.rows @ vectors[0]]
        together: NDArray[np.float32] = np.stack(vectors) @ self.rows.T
        return list(together)


class Collection:
    """A collection as it stands: after a write, the store hands out a new one."""

    def __init__(
        self,
        row: CollectionRow,
        ledger: Ledger,
        indexer: Indexer,
        exact_bytes: int,
        last: Last | None = None,
        derived: Derived | None = None,
    ) -> None:
        """:param last: What was made of it before the last write.

        :param derived: What is kept of it in files.
        """
        self.name = row.name
        self.embedder = row.embedder
        self.dimension = row.dimension
        self.row = row
        self._ledger = ledger
        self._indexer = indexer
        self._exact_bytes = exact_bytes
        self._loading = threading.RLock()
        self.last = last or Last()
        self.derived = derived or Derived(ledger.path.parent, row.number)
        self._size = ledger.size(row.number)

    def __len__(self) -> int:
        """Return the number of passages."""
        return self._size

    def info(self) -> CollectionInfo:
        """Return what it holds and what it cost."""
        row = self.row
        passages, sources, vectors, text = self._ledger.totals(row.number)
        size = text + vectors * self.dimension * FLOAT_BYTES
        return CollectionInfo(row.name, row.embedder, passages, sources, vectors, row.tokens, row.cost_usd, size)

    def blocks(self) -> Iterator[tuple[NDArray[np.int64], Vectors]]:
        """Yield numbers and unit rows of all passages: one block from memory when they fit into it."""
        if not self.is_exact:
            yield from self._ledger.blocks(self.row.number, self.dimension)
            return
        matrix = self.matrix
        if len(matrix.rows):
            yield matrix.layout.numbers, matrix.rows

    @property
    def matrix(self) -> Matrix:
        """All vectors, in memory; only where they fit."""
        with self._loading:
            return self._matrix

    @property
    def layout(self) -> Layout:
        """Where its passages stand."""
        with self._loading:
            return self._layout

    @property
    def is_exact(self) -> bool:
        """Whether all of its vectors are held in memory, so that every passage is compared."""
        return self._size * self.dimension * FLOAT_BYTES <= self._exact_bytes

    @property
    def files_folder(self) -> Path:
        """Where the files are kept that were brought to it."""
        return files_folder(self._ledger.path.parent, self.name)

    def texts(self) -> Iterator[tuple[int, str]]:
        """Yield numbers and texts of all passages in the order of their numbers."""
        return self._ledger.texts(self.row.number)

    def texts_of(self, numbers: Sequence[int]) -> dict[int, str]:
        """Return the texts of passages by their numbers; one that was removed meanwhile is left out."""
        return self._ledger.texts_of(self.row.number, numbers)

    def ids(self) -> list[tuple[int, str]]:
        """Return numbers and ids of all passages in the order of their ids, by code points."""
        return self._ledger.ids(self.row.number)

    def facts(self) -> Iterator[tuple[int, str, str]]:
        """Yield numbers, sources and metadata, as JSON, of all passages in the order of their numbers."""
        return self._ledger.facts_of(self.row.number)

    def vectors(self, numbers: Sequence[int]) -> Vectors:
        """Return the unit rows of passages, in the order of the numbers asked for."""
        return self._ledger.vectors(numbers, self.dimension)

    def approximate(self, vectors: Vectors, k: int) -> list[NDArray[np.int64]] | None:
        """Return for each row the numbers of some k passages that the index takes for the nearest.

        Those that the index has yet to hear of are among them. None when it cannot be asked now.
        """
        waiting = self._ledger.not_indexed(self.row.number, _MOST_WAITING)
        found = None if waiting is None else self._indexer.query(self.row.index_name, vectors, k)
        if found is None or waiting is None:
            return None
        numbers = self._ledger.numbers(self.row.number, list({i for ids in found for i in ids}))
        return [np.union1d([numbers[i] for i in ids if i in numbers], waiting).astype(np.int64) for ids in found]

    def recall(self) -> float | None:
        """Return the recall of the index as it was last measured; None since when it has changed."""
        known = self._ledger.fact(self._recall_fact)
        version, recall = json.loads(known) if known else (None, None)
        return recall if version == self.row.version else None

    def keep_recall(self, recall: float) -> None:
        """Remember a measured recall for as long as the collection does not change."""
        self._ledger.set_fact(self._recall_fact, json.dumps([self.row.version, recall]))

    @property
    def _recall_fact(self) -> str:
        return f"recall {self.row.index_name}"

    def get(self, passage_id: str) -> Stored:
        """Return the passage of an id.

        :raises PassageNotFoundError: When there is none.
        """
        found = self._ledger.find(self.row.number, passage_id)
        if found is None:
            raise PassageNotFoundError(passage_id, self.name)
        return Stored(*found, self._ledger.vectors([found[0]], self.dimension)[0])

    def excerpt(self, passage_id: str, distance: int) -> Excerpt:
        """Return the passage of an id, and so many on each side of it.

        :raises PassageNotFoundError: When there is none.
        """
        found = self._ledger.find(self.row.number, passage_id)
        if found is None:
            raise PassageNotFoundError(passage_id, self.name)
        number, passage = found
        near = self._ledger.around(number, distance)
        before = tuple(p for p in near if p.position < passage.position)
        return Excerpt(passage, before, tuple(p for p in near if p.position > passage.position))

    def numbers(self, ids: Sequence[str]) -> dict[str, int]:
        """Return the numbers of passages by their ids; one that is not there is left out."""
        return self._ledger.numbers(self.row.number, ids)

    def read(self, numbers: Sequence[int]) -> dict[int, Passage]:
        """Return passages by their numbers; one that was removed meanwhile is left out."""
        return self._ledger.passages(self.row.number, numbers)

    @cached_property
    def _layout(self) -> Layout:
        found = layout(self._ledger, self.row.number, self.last.get(Layout))
        self.last.keep(found)
        return found

    @cached_property
    def _matrix(self) -> Matrix:
        now, before = self._layout, self.last.get(Matrix)
        same = None if before is None else kept(before.layout, now)
        if before is not None and same is not None and same.is_growth(len(before.rows)):
            # What came is written behind what was there, not all of it anew.
            found = before.grown(now)
        else:
            # Of what was removed since, nothing is found, as nothing is like it.
            found = Matrix(now, np.zeros((len(now.numbers), self.dimension), dtype=np.float32))
            if before is not None and same is not None:
                found.rows[same.now] = before.rows[same.before]
        new = np.arange(len(found.rows)) if same is None else same.new
        for start in range(0, len(new), _BLOCK):
            self._read_rows(found.rows, new[start : start + _BLOCK])
        self.last.keep(found)
        return found

    def _read_rows(self, rows: Vectors, places: NDArray[np.intp]) -> None:
        vectors = self._layout.vectors[places].tolist()
        found = self._ledger.rows_of(vectors)
        there = np.array([vector in found for vector in vectors], dtype=np.bool_)
        read = np.frombuffer(b"".join(found[vector] for vector in vectors if vector in found), dtype="<f4")
        rows[places[there]] = read.reshape(-1, self.dimension)
