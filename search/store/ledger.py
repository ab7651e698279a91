"""The truth: passages, vectors and sources in SQLite, each change committed before anything else hears of it."""

import hashlib
import itertools
import json
import secrets
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from search.store.database import Database
from search.types import Passage, Vectors

PASSAGE = (
    "SELECT p.number, p.id, s.name, p.position, p.text, p.start, p.stop, p.metadata"
    " FROM passages p JOIN sources s ON s.number = p.source"
)
ORPHANS = "WHERE NOT EXISTS (SELECT 1 FROM passages p WHERE p.vector = vectors.number)"
"""Which vectors no passage uses."""
_BLOCK = 16_384
"""Rows read at once."""
_FLOAT_BYTES = 4

SHARED = "index shared"
"""The fact that others may write to the same Chroma: each collection there has a name that none ever had."""
_LONGEST = 100
"""Characters of a name there: Chroma Cloud takes 128 bytes."""


@dataclass(frozen=True, slots=True)
class CollectionRow:
    """What the ledger knows of a collection."""

    number: int
    name: str
    embedder: str
    dimension: int
    index_name: str
    """The live Chroma collection."""
    tokens: int
    """Tokens embedded for it so far."""
    cost_usd: float
    """What they cost when they were."""
    version: int
    """Grows with every change of its passages."""


@dataclass(frozen=True, slots=True)
class Record:
    """A passage to be kept, and the key under which its vector is."""

    passage: Passage
    key: bytes


def vector_key(embedder: str, text: str) -> bytes:
    """Return the key of a text's vector: equal wherever embedder and text are."""
    return hashlib.sha256(f"{embedder}\0{text}".encode("utf-8", "surrogatepass")).digest()


class Ledger(Database):
    """The tables of one data folder, and what is asked of them."""

    def __init__(self, path: Path) -> None:
        """Open the ledger, making its tables when it is new.

        :raises StoreDamagedError: When the file is no ledger, or a newer version's.
        """
        super().__init__(path, vector_key)

    # Collections

    def collections(self) -> list[CollectionRow]:
        """Return all collections by name."""
        rows = self.rows(
            "SELECT number, name, embedder, dimension, index_name, tokens, cost_usd, version FROM collections"
            " ORDER BY name"
        )
        return [CollectionRow(*row) for row in rows]

    def add_collection(self, name: str, embedder: str, dimension: int) -> None:
        """Add an empty collection."""
        with self.transaction() as db:
            db.execute(
                # From anywhere, so that nothing is taken for what follows from one of the same number before.
                "INSERT INTO collections (name, embedder, dimension, index_name, version)"
                " VALUES (?, ?, ?, ?, random() >> 2)",
                (name, embedder, dimension, self.index_name(name)),
            )

    def index_name(self, name: str) -> str:
        """Return a name that no Chroma collection has, nor one that is still to be deleted."""
        used = self.rows(
            "SELECT index_name FROM dropped UNION SELECT index_name FROM collections UNION SELECT index_name FROM parts"
        )
        if self.fact(SHARED):
            name = f"{name[:_LONGEST].rstrip('._-')}-{secrets.token_hex(4)}"
        names = (name if n == 1 else f"{name}-{n}" for n in itertools.count(1))
        return next(n for n in names if (n,) not in used)

    def drop_collection(self, collection: CollectionRow) -> None:
        """Remove a collection and its passages; vectors stay, for whoever ingests the same texts again."""
        with self.transaction() as db:
            db.execute("DELETE FROM collections WHERE number = ?", (collection.number,))
            db.execute("INSERT OR IGNORE INTO dropped VALUES (?)", (collection.index_name,))

    def size(self, collection: int) -> int:
        """Return the number of passages."""
        return int(self.rows("SELECT count(*) FROM passages WHERE collection = ?", (collection,))[0][0])

    def totals(self, collection: int) -> tuple[int, int, int, int]:
        """Return the numbers of passages, sources and different vectors, and the bytes of the texts."""
        passages, vectors, text = self.rows(
            "SELECT count(*), count(DISTINCT vector), coalesce(sum(length(CAST(text AS BLOB))), 0)"
            " FROM passages WHERE collection = ?",
            (collection,),
        )[0]
        (sources,) = self.rows("SELECT count(*) FROM sources WHERE collection = ?", (collection,))[0]
        return passages, sources, vectors, text

    # Passages and vectors

    def known(self, keys: Sequence[bytes]) -> set[bytes]:
        """Return those keys whose vectors are there."""
        found: set[bytes] = set()
        for start in range(0, len(keys), _BLOCK):
            block = keys[start : start + _BLOCK]
            marks = ",".join("?" * len(block))
            found.update(key for (key,) in self.rows(f"SELECT key FROM vectors WHERE key IN ({marks})", block))
        return found

    def put(
        self, collection: int, records: Iterable[Record], vectors: dict[bytes, bytes], tokens: int, cost_usd: float
    ) -> None:
        """Keep passages and the new vectors among theirs, all or none. Unchanged passages stay as they are."""
        with self.transaction() as db:
            db.executemany("INSERT OR IGNORE INTO vectors (key, vector) VALUES (?, ?)", vectors.items())
            db.execute(
                "UPDATE collections SET tokens = tokens + ?, cost_usd = cost_usd + ? WHERE number = ?",
                (tokens, cost_usd, collection),
            )
            db.executemany(
                "INSERT INTO passages (collection, source, position, id, text, start, stop, metadata, vector)"
                " SELECT ?1, s.number, ?3, ?4, ?5, ?6, ?7, ?8, v.number FROM sources s, vectors v"
                " WHERE s.collection = ?1 AND s.name = ?2 AND v.key = ?9"
                " ON CONFLICT (collection, id) DO UPDATE SET text = excluded.text, start = excluded.start,"
                " stop = excluded.stop, metadata = excluded.metadata, vector = excluded.vector, indexed = 0"
                " WHERE (text, start, stop, metadata, vector)"
                " IS NOT (excluded.text, excluded.start, excluded.stop, excluded.metadata, excluded.vector)",
                (_row(collection, record) for record in records),
            )

    def passages(self, collection: int, numbers: Sequence[int]) -> dict[int, Passage]:
        """Return passages by their numbers; one that another collection has by now is left out."""
        marks = ",".join("?" * len(numbers))
        # With the plus, it is no reason to read all of a collection.
        rows = self.rows(f"{PASSAGE} WHERE +p.collection = ? AND p.number IN ({marks})", (collection, *numbers))
        return {row[0]: passage_of(row) for row in rows}

    def find(self, collection: int, passage_id: str) -> tuple[int, Passage] | None:
        """Return the number and the passage of an id."""
        rows = self.rows(f"{PASSAGE} WHERE p.collection = ? AND p.id = ?", (collection, passage_id))
        return (rows[0][0], passage_of(rows[0])) if rows else None

    def around(self, number: int, distance: int) -> list[Passage]:
        """Return the passages of a passage's source that are so near to it, itself among them, in order."""
        rows = self.rows(
            f"{PASSAGE} JOIN passages o ON o.source = p.source"
            " WHERE o.number = ?1 AND p.position BETWEEN o.position - ?2 AND o.position + ?2 ORDER BY p.position",
            (number, distance),
        )
        return [passage_of(row) for row in rows]

    def numbers(self, collection: int, ids: Sequence[str]) -> dict[str, int]:
        """Return the numbers of passages by their ids."""
        marks = ",".join("?" * len(ids))
        query = f"SELECT id, number FROM passages WHERE collection = ? AND id IN ({marks})"
        return dict(self.rows(query, (collection, *ids)))

    def not_indexed(self, collection: int, limit: int) -> list[int] | None:
        """Return the numbers of passages that the index has yet to hear of; None when they are more than a limit."""
        query = "SELECT number FROM passages WHERE collection = ? AND indexed = 0 LIMIT ?"
        numbers = [number for (number,) in self.rows(query, (collection, limit + 1))]
        return numbers if len(numbers) <= limit else None

    def blocks(self, collection: int, dimension: int) -> Iterator[tuple[NDArray[np.int64], Vectors]]:
        """Yield the numbers and the unit rows of all passages in the order of their numbers."""
        query = (
            "SELECT p.number, v.vector FROM passages p JOIN vectors v ON v.number = p.vector"
            " WHERE +p.collection = ? AND p.number BETWEEN ? AND ?"
        )
        for rows in self._pages(query, collection):
            numbers, blobs = zip(*rows, strict=True)
            vectors = np.frombuffer(b"".join(blobs), dtype="<f4").reshape(-1, dimension)
            yield np.array(numbers, dtype=np.int64), vectors

    def texts(self, collection: int) -> Iterator[tuple[int, str]]:
        """Yield numbers and texts of all passages in the order of their numbers."""
        query = "SELECT number, text FROM passages WHERE +collection = ? AND number BETWEEN ? AND ?"
        return itertools.chain.from_iterable(self._pages(query, collection))

    def texts_of(self, collection: int, numbers: Sequence[int]) -> dict[int, str]:
        """Return the texts of passages by their numbers; one that was removed is left out."""
        own = f"+collection = {int(collection)}"
        return dict(self._some(f"SELECT number, text FROM passages WHERE {own} AND number IN", numbers))

    def rows_of(self, vectors: Sequence[int]) -> dict[int, bytes]:
        """Return unit rows by the numbers of the vectors themselves; one that was removed is left out."""
        return dict(self._some("SELECT number, vector FROM vectors WHERE number IN", vectors))

    def vectors_by_key(self, keys: Sequence[bytes]) -> dict[bytes, bytes]:
        """Return unit rows by their keys; one that is not there is left out."""
        return dict(self._some("SELECT key, vector FROM vectors WHERE key IN", keys))

    def sources_of(self, collection: int, ids: Sequence[str]) -> dict[str, str]:
        """Return the sources of passages by their ids; one that is not there is left out."""
        found = "SELECT p.id, s.name FROM passages p JOIN sources s ON s.number = p.source"
        return dict(self._some(f"{found} WHERE p.collection = {int(collection)} AND p.id IN", ids))

    def _some(self, query: str, values: Sequence[object]) -> Iterator[tuple]:  # type: ignore[type-arg] # as selected
        for start in range(0, len(values), _BLOCK):
            block = values[start : start + _BLOCK]
            yield from self.rows(f"{query} ({','.join('?' * len(block))})", block)

    def facts_of(self, collection: int) -> Iterator[tuple[int, str, str]]:
        """Yield numbers, sources and metadata of all passages in the order of their numbers."""
        query = (
            "SELECT p.number, s.name, p.metadata FROM passages p JOIN sources s ON s.number = p.source"
            " WHERE +p.collection = ? AND p.number BETWEEN ? AND ?"
        )
        return itertools.chain.from_iterable(self._pages(query, collection))

    def ids(self, collection: int) -> list[tuple[int, str]]:
        """Return numbers and ids of all passages in the order of their ids, by code points."""
        return self.rows("SELECT number, id FROM passages WHERE collection = ? ORDER BY id", (collection,))

    def _pages(self, query: str, collection: int) -> Iterator[list[tuple]]:  # type: ignore[type-arg] # as selected
        """Yield what is selected of all passages, a range of their numbers at a time.

        :param query: Takes the collection, with a plus before its column, and the first and the last number. By the
            index on collections, which the plus rules out, each range would be a walk through all of them.
        """
        numbers = sorted(self.rows("SELECT number FROM passages WHERE collection = ?", (collection,)))
        for start in range(0, len(numbers), _BLOCK):
            (first,), (last,) = numbers[start], numbers[min(start + _BLOCK, len(numbers)) - 1]
            if rows := self.rows(f"{query} ORDER BY 1", (collection, first, last)):
                yield rows

    def vectors(self, numbers: Sequence[int], dimension: int) -> Vectors:
        """Return the unit rows of passages, in the order of the numbers asked for; zeros for one that was removed."""
        query = "SELECT p.number, v.vector FROM passages p JOIN vectors v ON v.number = p.vector WHERE p.number IN"
        rows = dict(self._some(query, numbers))
        nothing = bytes(_FLOAT_BYTES * dimension)
        return np.frombuffer(b"".join(rows.get(n, nothing) for n in numbers), dtype="<f4").reshape(-1, dimension)


def _row(collection: int, record: Record) -> tuple[object, ...]:
    p = record.passage
    return collection, p.source, p.position, p.id, p.text, p.start, p.end, metadata_text(p), record.key


def metadata_text(passage: Passage) -> str:
    """Return the metadata as it is stored."""
    return json.dumps(dict(passage.metadata), ensure_ascii=False, sort_keys=True)


def passage_of(row: tuple) -> Passage:  # type: ignore[type-arg] # as PASSAGE selects it
    """Return the passage of a row."""
    _, passage_id, source, position, text, start, stop, metadata = row
    return Passage(passage_id, source, position, text, start, stop, json.loads(metadata))
