"""The truth: passages, vectors and sources in SQLite, each change committed before anything else hears of it."""

import itertools
import json
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from search.errors import DiskFullError, StoreDamagedError
from search.types import Passage, Vectors

SCHEMA_VERSION = 1
SCHEMA = """
CREATE TABLE collections (
    number INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    embedder TEXT NOT NULL,
    dimension INTEGER NOT NULL,
    index_name TEXT NOT NULL UNIQUE,
    tokens INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE sources (
    number INTEGER PRIMARY KEY,
    collection INTEGER NOT NULL REFERENCES collections ON DELETE CASCADE,
    name TEXT NOT NULL,
    digest TEXT,
    UNIQUE (collection, name)
);
CREATE TABLE vectors (
    number INTEGER PRIMARY KEY,
    key BLOB NOT NULL UNIQUE,
    vector BLOB NOT NULL
);
CREATE TABLE passages (
    number INTEGER PRIMARY KEY,
    collection INTEGER NOT NULL REFERENCES collections ON DELETE CASCADE,
    source INTEGER NOT NULL REFERENCES sources ON DELETE CASCADE,
    position INTEGER NOT NULL,
    id TEXT NOT NULL,
    text TEXT NOT NULL,
    start INTEGER NOT NULL,
    stop INTEGER NOT NULL,
    metadata TEXT NOT NULL,
    vector INTEGER NOT NULL REFERENCES vectors,
    indexed INTEGER NOT NULL DEFAULT 0,
    UNIQUE (collection, id)
);
CREATE INDEX passages_of_source ON passages (source, position);
CREATE INDEX passages_pending ON passages (collection) WHERE indexed = 0;
CREATE INDEX passages_by_vector ON passages (vector);
CREATE TABLE removed (
    collection INTEGER NOT NULL REFERENCES collections ON DELETE CASCADE,
    id TEXT NOT NULL,
    PRIMARY KEY (collection, id)
);
CREATE TABLE dropped (index_name TEXT PRIMARY KEY);
CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL);
"""
_PASSAGE = (
    "SELECT p.number, p.id, s.name, p.position, p.text, p.start, p.stop, p.metadata"
    " FROM passages p JOIN sources s ON s.number = p.source"
)
_BLOCK = 16_384
"""Rows read at once."""


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


@dataclass(frozen=True, slots=True)
class Record:
    """A passage to be kept, and the key under which its vector is."""

    passage: Passage
    key: bytes


class Ledger:
    """The tables of one data folder. A connection for each thread; writers take turns."""

    def __init__(self, path: Path) -> None:
        """Open the ledger, making its tables when it is new.

        :raises StoreDamagedError: When the file is no ledger, or a newer version's.
        """
        self.path = path
        self._local = threading.local()
        self._open: list[sqlite3.Connection] = []
        self._writing = threading.RLock()
        try:
            self._prepare()
        except sqlite3.DatabaseError as error:
            self.close()
            raise _translated(error, path) from error

    def close(self) -> None:
        """Close every thread's connection."""
        while self._open:
            self._open.pop().close()
        self._local = threading.local()

    # Collections

    def collections(self) -> list[CollectionRow]:
        """Return all collections by name."""
        rows = self._all("SELECT number, name, embedder, dimension, index_name, tokens FROM collections ORDER BY name")
        return [CollectionRow(*row) for row in rows]

    def add_collection(self, name: str, embedder: str, dimension: int) -> None:
        """Add an empty collection."""
        with self.transaction() as db:
            # A name that was dropped may still be in the index.
            used = db.execute("SELECT index_name FROM dropped UNION SELECT index_name FROM collections").fetchall()
            names = (name if n == 1 else f"{name}-{n}" for n in itertools.count(1))
            index_name = next(n for n in names if (n,) not in used)
            db.execute(
                "INSERT INTO collections (name, embedder, dimension, index_name) VALUES (?, ?, ?, ?)",
                (name, embedder, dimension, index_name),
            )

    def drop_collection(self, collection: CollectionRow) -> None:
        """Remove a collection and its passages; vectors stay, for whoever ingests the same texts again."""
        with self.transaction() as db:
            db.execute("DELETE FROM collections WHERE number = ?", (collection.number,))
            db.execute("INSERT OR IGNORE INTO dropped VALUES (?)", (collection.index_name,))

    def size(self, collection: int) -> int:
        """Return the number of passages."""
        return int(self._all("SELECT count(*) FROM passages WHERE collection = ?", (collection,))[0][0])

    def totals(self, collection: int) -> tuple[int, int, int, int]:
        """Return the numbers of passages, sources and different vectors, and the bytes of the texts."""
        passages, vectors, text = self._all(
            "SELECT count(*), count(DISTINCT vector), coalesce(sum(length(CAST(text AS BLOB))), 0)"
            " FROM passages WHERE collection = ?",
            (collection,),
        )[0]
        (sources,) = self._all("SELECT count(*) FROM sources WHERE collection = ?", (collection,))[0]
        return passages, sources, vectors, text

    # Sources

    def digests(self, collection: int) -> dict[str, str | None]:
        """Return each source's digest; None for one whose passages are not all there yet."""
        return dict(self._all("SELECT name, digest FROM sources WHERE collection = ?", (collection,)))

    def begin_source(self, collection: int, source: str) -> None:
        """Note that a source is being taken in: from here on it counts as unfinished."""
        with self.transaction() as db:
            db.execute(
                "INSERT INTO sources (collection, name) VALUES (?, ?)"
                " ON CONFLICT (collection, name) DO UPDATE SET digest = NULL",
                (collection, source),
            )

    def finish_source(self, collection: int, source: str, digest: str, passages: int) -> None:
        """Note that a source is complete, and let go of passages past its new end."""
        with self.transaction() as db:
            (number,) = db.execute(
                "UPDATE sources SET digest = ? WHERE collection = ? AND name = ? RETURNING number",
                (digest, collection, source),
            ).fetchone()
            gone = db.execute(
                "DELETE FROM passages WHERE source = ? AND position >= ? RETURNING collection, id", (number, passages)
            ).fetchall()
            db.executemany("INSERT OR IGNORE INTO removed VALUES (?, ?)", gone)

    def rename_source(self, collection: int, source: str, name: str, prefix: str) -> None:
        """Give a source another name and its passages the ids of that name; their vectors stay."""
        with self.transaction() as db:
            (number,) = db.execute(
                "UPDATE sources SET name = ? WHERE collection = ? AND name = ? RETURNING number",
                (name, collection, source),
            ).fetchone()
            db.execute("INSERT OR IGNORE INTO removed SELECT collection, id FROM passages WHERE source = ?", (number,))
            db.execute("UPDATE passages SET id = ? || '-' || position, indexed = 0 WHERE source = ?", (prefix, number))

    def remove_source(self, collection: int, source: str) -> None:
        """Remove a source and its passages; their vectors stay, for whoever ingests the same texts again."""
        with self.transaction() as db:
            of = "SELECT number FROM sources WHERE collection = ? AND name = ?"
            db.execute(
                f"INSERT OR IGNORE INTO removed SELECT collection, id FROM passages WHERE source = ({of})",
                (collection, source),
            )
            db.execute("DELETE FROM sources WHERE collection = ? AND name = ?", (collection, source))

    # Passages and vectors

    def known(self, keys: Sequence[bytes]) -> set[bytes]:
        """Return those keys whose vectors are there."""
        found: set[bytes] = set()
        for start in range(0, len(keys), _BLOCK):
            block = keys[start : start + _BLOCK]
            marks = ",".join("?" * len(block))
            found.update(key for (key,) in self._all(f"SELECT key FROM vectors WHERE key IN ({marks})", block))
        return found

    def put(self, collection: int, records: Iterable[Record], vectors: dict[bytes, bytes], tokens: int) -> None:
        """Keep passages and the new vectors among theirs, all or none. Unchanged passages stay as they are."""
        with self.transaction() as db:
            db.executemany("INSERT OR IGNORE INTO vectors (key, vector) VALUES (?, ?)", vectors.items())
            db.execute("UPDATE collections SET tokens = tokens + ? WHERE number = ?", (tokens, collection))
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

    def passages(self, numbers: Sequence[int]) -> dict[int, Passage]:
        """Return passages by their numbers."""
        marks = ",".join("?" * len(numbers))
        rows = self._all(f"{_PASSAGE} WHERE p.number IN ({marks})", numbers)
        return {row[0]: _passage(row) for row in rows}

    def find(self, collection: int, passage_id: str) -> tuple[int, Passage] | None:
        """Return the number and the passage of an id."""
        rows = self._all(f"{_PASSAGE} WHERE p.collection = ? AND p.id = ?", (collection, passage_id))
        return (rows[0][0], _passage(rows[0])) if rows else None

    def blocks(self, collection: int, dimension: int) -> Iterator[tuple[NDArray[np.int64], Vectors]]:
        """Yield the numbers and the unit rows of all passages in the order of their numbers."""
        last = -1
        while rows := self._all(
            "SELECT p.number, v.vector FROM passages p JOIN vectors v ON v.number = p.vector"
            " WHERE p.collection = ? AND p.number > ? ORDER BY p.number LIMIT ?",
            (collection, last, _BLOCK),
        ):
            numbers, blobs = zip(*rows, strict=True)
            last = numbers[-1]
            vectors = np.frombuffer(b"".join(blobs), dtype="<f4").reshape(-1, dimension)
            yield np.array(numbers, dtype=np.int64), vectors

    def vectors(self, numbers: Sequence[int], dimension: int) -> Vectors:
        """Return the unit rows of passages, in the order of the numbers asked for."""
        marks = ",".join("?" * len(numbers))
        rows = dict(
            self._all(
                "SELECT p.number, v.vector FROM passages p JOIN vectors v ON v.number = p.vector"
                f" WHERE p.number IN ({marks})",
                numbers,
            )
        )
        return np.frombuffer(b"".join(rows[n] for n in numbers), dtype="<f4").reshape(-1, dimension)

    # What the index has yet to hear of

    def pending(self, collection: int, limit: int) -> list[tuple[int, Passage, bytes]]:
        """Return passages that the index does not have as they are: number, passage, vector bytes."""
        rows = self._all(
            f"{_PASSAGE.replace('p.metadata', 'p.metadata, v.vector', 1)} JOIN vectors v ON v.number = p.vector"
            " WHERE p.collection = ? AND p.indexed = 0 LIMIT ?",
            (collection, limit),
        )
        return [(row[0], _passage(row[:8]), row[8]) for row in rows]

    def mark_indexed(self, numbers: Iterable[int]) -> None:
        """Note that the index has these passages."""
        with self.transaction() as db:
            db.executemany("UPDATE passages SET indexed = 1 WHERE number = ?", ((n,) for n in numbers))

    def forget_index(self) -> None:
        """Note that the index has nothing: all of it is to be written anew."""
        with self.transaction() as db:
            db.execute("UPDATE passages SET indexed = 0")
            db.execute("DELETE FROM removed")
            db.execute("DELETE FROM dropped")

    def removed(self, collection: int) -> list[str]:
        """Return ids that the index still has to let go of."""
        return [i for (i,) in self._all("SELECT id FROM removed WHERE collection = ?", (collection,))]

    def clear_removed(self, collection: int, ids: Iterable[str]) -> None:
        """Note that the index has let go of these ids."""
        with self.transaction() as db:
            db.executemany("DELETE FROM removed WHERE collection = ? AND id = ?", ((collection, i) for i in ids))

    def dropped(self) -> list[str]:
        """Return Chroma collections that are still to be deleted."""
        return [name for (name,) in self._all("SELECT index_name FROM dropped")]

    def clear_dropped(self, index_name: str) -> None:
        """Note that a Chroma collection is deleted."""
        with self.transaction() as db:
            db.execute("DELETE FROM dropped WHERE index_name = ?", (index_name,))

    # Facts

    def fact(self, name: str) -> str | None:
        """Return a note that outlives the process."""
        rows = self._all("SELECT value FROM facts WHERE name = ?", (name,))
        return rows[0][0] if rows else None

    def set_fact(self, name: str, value: str) -> None:
        """Keep a note that outlives the process."""
        with self.transaction() as db:
            db.execute("INSERT OR REPLACE INTO facts VALUES (?, ?)", (name, value))

    # Connections

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Commit everything in the block or nothing of it.

        :raises DiskFullError: When there is no room for it.
        """
        with self._writing:
            db = self._db
            try:
                db.execute("BEGIN IMMEDIATE")
                yield db
                db.execute("COMMIT")
            except BaseException as error:
                if db.in_transaction:
                    db.execute("ROLLBACK")
                if isinstance(error, sqlite3.DatabaseError):
                    raise _translated(error, self.path) from error
                raise

    def _all(self, query: str, values: Sequence[object] = ()) -> list[tuple]:  # type: ignore[type-arg] # rows differ
        try:
            return self._db.execute(query, values).fetchall()
        except sqlite3.DatabaseError as error:
            raise _translated(error, self.path) from error

    @property
    def _db(self) -> sqlite3.Connection:
        db: sqlite3.Connection | None = getattr(self._local, "db", None)
        if db is None:
            # Closed by another thread than its own, at the end.
            db = sqlite3.connect(self.path, timeout=30, isolation_level=None, check_same_thread=False)
            self._local.db = db
            self._open.append(db)
            db.execute("PRAGMA foreign_keys = ON")
            db.execute("PRAGMA synchronous = FULL")
        return db

    def _prepare(self) -> None:
        self._db.execute("PRAGMA journal_mode = WAL")
        (version,) = self._db.execute("PRAGMA user_version").fetchone()
        if version > SCHEMA_VERSION:
            raise StoreDamagedError(f"{self.path} was written by a newer nearhood: upgrade this one")
        if version == 0:
            self._db.executescript(f"BEGIN; {SCHEMA} PRAGMA user_version = {SCHEMA_VERSION}; COMMIT;")


def _row(collection: int, record: Record) -> tuple[object, ...]:
    p = record.passage
    metadata = json.dumps(dict(p.metadata), ensure_ascii=False, sort_keys=True)
    return collection, p.source, p.position, p.id, p.text, p.start, p.end, metadata, record.key


def _passage(row: tuple) -> Passage:  # type: ignore[type-arg] # as _PASSAGE selects it
    _, passage_id, source, position, text, start, stop, metadata = row
    return Passage(passage_id, source, position, text, start, stop, json.loads(metadata))


def _translated(error: sqlite3.DatabaseError, path: Path) -> Exception:
    code = getattr(error, "sqlite_errorcode", None)
    if code == sqlite3.SQLITE_FULL:
        return DiskFullError(path.parent)
    if code in {sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT}:
        return StoreDamagedError(f"{path} is damaged ({error}): restore it from a backup, or move it away")
    return StoreDamagedError(f"{path} cannot be used ({error})")
