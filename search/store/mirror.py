"""A replica: what another process took in, read from the Chroma server that it writes to."""

import contextlib
import json
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from search.errors import IndexServerError, NotConfiguredError
from search.store.entry import OFF
from search.store.ledger import CollectionRow, Ledger, Record, vector_key
from search.store.site import Site
from search.types import Passage, Vectors

if TYPE_CHECKING:
    from search.store.index import Index, Published

MIRRORED = "replica of"
"""The fact that a ledger is a copy, and of what."""
_OUTDATED = "replica outdated"
"""The fact that what was made of collections has to go, with their numbers, kept until it is gone."""
_TRIES = 3
"""Times that a collection is read which changes meanwhile."""


class _MovedError(Exception):
    """It changed while it was read."""


@dataclass(frozen=True, slots=True)
class Followed:
    """A collection that has changed."""

    name: str
    """Empty where a process that was killed had taken it over, and no more."""
    outdated: tuple[int, ...] = ()
    """Numbers of collections that are gone or have other vectors by now, so that what was made of them has to go."""


class Mirror:
    """Brings a ledger level with a Chroma server: the other way round than an owner does."""

    def __init__(self, ledger: Ledger, site: Site) -> None:
        """:raises NotConfiguredError: Without a server, or with a ledger that is no copy of it."""
        if site.is_folder:
            raise NotConfiguredError("a replica reads from a server: set NEARHOOD_CHROMA, or unset NEARHOOD_REPLICA")
        of = ledger.fact(MIRRORED)
        if of is None and ledger.collections():
            raise NotConfiguredError("this data folder has collections of its own: pass a replica another --data")
        if of not in {None, site.name}:
            raise NotConfiguredError(f"this data folder is a replica of {of}: pass another --data")
        ledger.set_fact(MIRRORED, site.name)
        self._ledger = ledger
        self._site = site
        self._turn = threading.RLock()
        self._index: Index | None = None

    def refresh(self) -> Iterator[Followed]:
        """Yield each collection that has changed, as soon as it is as the server has it.

        :raises IndexServerError: When the server does not answer.
        """
        with self._turn:
            try:
                index = self._index = self._index or self._opened()
                for followed in self._changes(index):
                    yield followed
                    if followed.outdated:
                        self._ledger.clear_fact(_OUTDATED)
            except IndexServerError:
                self.close()
                raise

    def _opened(self) -> "Index":
        from search.store.index import Index  # noqa: PLC0415 - imports Chroma, which takes a second

        return Index(self._site)

    def close(self) -> None:
        """Close the connection; the next `refresh` opens another."""
        with self._turn:
            index, self._index = self._index, None
            if index is not None:
                index.close()

    def _changes(self, index: "Index") -> Iterator[Followed]:
        if left := self._ledger.fact(_OUTDATED):
            yield Followed("", tuple(json.loads(left)))
        there = _live(index.published())
        yield from self._forget(there)
        yield from filter(None, (self._follow(index, one) for one in there.values()))

    def _forget(self, there: "dict[str, Published]") -> Iterator[Followed]:
        for row in self._ledger.collections():
            if row.name not in there:
                self._drop(row)
                yield Followed(row.name, (row.number,))

    def _follow(self, index: "Index", one: "Published") -> Followed | None:
        known = self._known(one.name)
        if known == (one.index_name, one.version):
            return None
        for _ in range(_TRIES):
            with contextlib.suppress(_MovedError):
                return self._copy(index, one, _since(known, one))
            one = _live(index.published()).get(one.name, one)
        return None

    def _copy(self, index: "Index", one: "Published", since: int | None) -> Followed:
        """Take over what was written after a version; None for all of it.

        :raises _MovedError: When it changes meanwhile, or is dropped.
        """
        from search.store.index import GoneError  # noqa: PLC0415 - imports Chroma, as whoever has an index did

        try:
            return self._copy_as_it_is(index, one, since)
        except GoneError as error:
            raise _MovedError from error

    def _copy_as_it_is(self, index: "Index", one: "Published", since: int | None) -> Followed:
        ids = index.ids(one.index_name)
        replaced = 0
        with self._ledger.transaction():
            row = self._row(one, anew=since is None)
            self._remove(row, self._ids(row) - ids)
            for passages, vectors in index.read(one.index_name, since):
                replaced += self._put(row, passages, vectors)
            # Pages of what changes meanwhile may have gaps.
            if self._ids(row) != ids or one not in index.published():
                raise _MovedError
            self._finish(row, one)
            # Collections share the vectors of the texts that they share.
            shared = [other.number for other in self._ledger.collections() if other.embedder == one.embedder]
            if replaced:
                self._ledger.set_fact(_OUTDATED, json.dumps(shared))
        return Followed(row.name, tuple(shared) if replaced else ())

    def _row(self, one: "Published", *, anew: bool) -> CollectionRow:
        rows = {row.name: row for row in self._ledger.collections()}
        if one.name not in rows:
            self._ledger.add_collection(one.name, one.embedder, one.dimension)
        elif anew:
            self._empty(rows[one.name], one)
        return next(row for row in self._ledger.collections() if row.name == one.name)

    def _empty(self, row: CollectionRow, one: "Published") -> None:
        """Remove all passages of a collection. It stays the same, and so do conversations about it."""
        with self._ledger.transaction() as db:
            db.execute("DELETE FROM sources WHERE collection = ?", (row.number,))
            db.execute(
                # From anywhere, as that of a new one: nothing is to be taken for what follows from it.
                "UPDATE collections SET embedder = ?, dimension = ?, version = random() >> 2 WHERE number = ?",
                (one.embedder, one.dimension, row.number),
            )
            self._ledger.clear_fact(_fact(row.name))

    def _ids(self, row: CollectionRow) -> set[str]:
        return {i for (i,) in self._ledger.rows("SELECT id FROM passages WHERE collection = ?", (row.number,))}

    def _remove(self, row: CollectionRow, ids: Iterable[str]) -> None:
        with self._ledger.transaction() as db:
            gone = [(row.number, i) for i in ids]
            db.executemany("DELETE FROM passages WHERE collection = ? AND id = ?", gone)

    def _put(self, row: CollectionRow, passages: Sequence[Passage], vectors: Vectors) -> int:
        """Keep passages, and return how many of their texts have another vector than they had."""
        with self._ledger.transaction() as db:
            db.executemany(
                "INSERT OR IGNORE INTO sources (collection, name, digest) VALUES (?, ?, 'replica')",
                {(row.number, p.source) for p in passages},
            )
        # One that has moved to another source keeps its id.
        self._remove(row, (p.id for p in passages))
        keys = [vector_key(row.embedder, p.text) for p in passages]
        # Of a text that is there several times, the first one's: copies are a little off in the index.
        new = dict(reversed(list(zip(keys, (v.tobytes() for v in vectors), strict=True))))
        replaced = self._replace(new)
        self._ledger.put(row.number, list(map(Record, passages, keys)), new, 0, 0.0)
        return replaced

    def _replace(self, vectors: Mapping[bytes, bytes]) -> int:
        """Give texts their vectors where they have others: their model has changed under its name."""
        kept = self._ledger.vectors_by_key(list(vectors))
        moved = [(vectors[key], key) for key, vector in kept.items() if _differ(vector, vectors[key])]
        with self._ledger.transaction() as db:
            db.executemany("UPDATE vectors SET vector = ? WHERE key = ?", moved)
        return len(moved)

    def _finish(self, row: CollectionRow, one: "Published") -> None:
        with self._ledger.transaction() as db:
            db.execute(
                "DELETE FROM sources WHERE NOT EXISTS (SELECT 1 FROM passages WHERE source = sources.number)"
                " AND collection = ?",
                (row.number,),
            )
            db.execute("DELETE FROM vectors WHERE NOT EXISTS (SELECT 1 FROM passages WHERE vector = vectors.number)")
            db.execute("UPDATE passages SET indexed = 1 WHERE collection = ?", (row.number,))
            db.execute("DELETE FROM dropped")
            db.execute("UPDATE collections SET index_name = ? WHERE number = ?", (one.index_name, row.number))
            self._ledger.set_fact(_fact(one.name), json.dumps([one.index_name, one.version]))

    def _drop(self, row: CollectionRow) -> None:
        with self._ledger.transaction() as db:
            self._ledger.drop_collection(row)
            self._ledger.set_fact(_OUTDATED, json.dumps([row.number]))
            db.execute("DELETE FROM dropped")
            self._ledger.clear_fact(_fact(row.name))

    def _known(self, name: str) -> tuple[str, int] | None:
        index_name, version = json.loads(self._ledger.fact(_fact(name)) or "[null, null]")
        return None if index_name is None else (index_name, version)


def check_own(ledger: Ledger) -> None:
    """Check that a ledger is no copy.

    :raises NotConfiguredError: When it is one.
    """
    if of := ledger.fact(MIRRORED):
        raise NotConfiguredError(
            f"this data folder is a replica of {of}: set NEARHOOD_REPLICA=1, or pass another --data"
        )


def _since(known: tuple[str, int] | None, one: "Published") -> int | None:
    """Return the version from which on a collection has to be read; None where all of it has."""
    if known is None or known[0] != one.index_name or known[1] >= one.version:
        return None
    return known[1]


def _differ(one: bytes, other: bytes) -> bool:
    """Return whether two vectors are farther apart than copies of a text may be in the index."""
    a, b = np.frombuffer(one, dtype="<f4"), np.frombuffer(other, dtype="<f4")
    return a.shape != b.shape or not np.linalg.norm(a - b) <= OFF


def _fact(name: str) -> str:
    return f"replica version {name}"


def _live(published: "Sequence[Published]") -> "dict[str, Published]":
    """Return the collections by name; of one that is written anew under another name, the later version."""
    return {one.name: one for one in sorted(published, key=lambda one: one.version)}
