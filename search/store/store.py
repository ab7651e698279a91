"""The store: a data folder that one process has open, and writes to."""

import contextlib
import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from search.errors import CollectionNotFoundError, EmbedderMismatchError, InvalidInputError, NearhoodError
from search.store.collection import Collection, files_folder
from search.store.held import Held
from search.store.ledger import Record
from search.store.pending import REPLACED, Pending
from search.store.sources import SourceChanges
from search.types import Vectors

_NAME = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9._-]{1,510}[a-zA-Z0-9]")
_IP = re.compile(r"\d{1,3}(\.\d{1,3}){3}")


class LostVectorsError(NearhoodError):
    """Vectors that were there are gone: somebody purged what no passage used."""

    def __init__(self, keys: set[bytes]) -> None:
        super().__init__(f"{len(keys):,} vectors were purged meanwhile: run the same command again")
        self.keys = keys


class Store(Held):
    """What is written to a data folder, and taken out of it: first to the ledger, always."""

    def create(self, name: str, embedder: str, dimension: int) -> Collection:
        """Return a collection, adding it when there is none of that name.

        :raises InvalidInputError: For a name that Chroma refuses.
        :raises EmbedderMismatchError: When it was made with another embedder.
        """
        self.require_own()
        check_name(name)
        if name not in self.names():
            with self.ledger.transaction():
                if name not in self.names():
                    self.ledger.add_collection(name, embedder, dimension)
        return self.collection(name, embedder)

    def drop(self, name: str) -> None:
        """Remove a collection, and the files that were brought to it."""
        self.require_own()
        # In this order: whoever commits several things at once has the first when he asks for the second.
        with self.ledger.transaction(), self._changing:
            row = self._row(name)
            self._forget(name)
            self.ledger.drop_collection(row)
            self.sources.forget_failures(row.number)
            shutil.rmtree(files_folder(self.folder, name), ignore_errors=True)
        self.update_index()

    def digests(self, collection: Collection) -> dict[str, str | None]:
        """Return the digest of each source; None where it is unfinished."""
        return self.sources.digests(collection.row.number)

    def begin_source(self, collection: Collection, source: str) -> None:
        """Note that a source is being taken in."""
        self.require_own()
        self.sources.begin_source(collection.row.number, source)

    def finish_source(self, collection: Collection, source: str, digest: str, passages: int) -> None:
        """Note that a source is complete with this many passages."""
        self.sources.finish_source(collection.row.number, source, digest, passages)
        self._changed(collection)

    def rename_source(self, collection: Collection, source: str, name: str, prefix: str) -> None:
        """Give a source another name, and its passages ids of another prefix."""
        with self.ledger.transaction():
            self.sources.rename_source(collection.row.number, source, name, prefix)
            self.conversations.rename_source(collection.name, source, name, prefix)
        self._changed(collection)

    def remove_source(self, collection: Collection, source: str) -> None:
        """Remove a source with its passages."""
        self.require_own()
        self.sources.remove_source(collection.row.number, source)
        self._changed(collection)

    def missing(self, keys: Sequence[bytes]) -> set[bytes]:
        """Return those keys whose vectors are not there and have to be embedded."""
        return set(keys) - self.ledger.known(keys)

    def put(
        self,
        collection: Collection,
        records: Sequence[Record],
        keys: Sequence[bytes],
        vectors: Vectors,
        tokens: int,
        cost_usd: float = 0.0,
        changes: SourceChanges = SourceChanges(),  # noqa: B008 - frozen
    ) -> None:
        """Commit passages with the vectors that are new among theirs, and what becomes of sources with them.

        :param vectors: One unit row for each of `keys`.
        :param tokens: How many were embedded for them.
        :param cost_usd: What that cost.
        :raises LostVectorsError: When others' vectors are not there any more; then nothing is committed.
        :raises CollectionNotFoundError: When the collection was dropped.
        :raises EmbedderMismatchError: When it was brought to another embedder.
        """
        self.require_own()
        rows = np.ascontiguousarray(vectors, dtype="<f4")
        new = {key: rows[i].tobytes() for i, key in enumerate(keys)}
        number = collection.row.number
        with self.ledger.transaction():
            row = self._row(collection.name)
            if row.number != number:
                raise CollectionNotFoundError(collection.name, self.names())
            if records and row.embedder != collection.embedder:
                raise EmbedderMismatchError(collection.name, row.embedder, collection.embedder)
            others = {record.key for record in records}.difference(new)
            if lost := self.missing(list(others)):
                raise LostVectorsError(lost)
            for source in changes.begun:
                self.sources.begin_source(number, source)
            self.ledger.put(number, records, new, tokens, cost_usd)
            self.sources.remove_passages(number, changes.without)
            for source, digest, passages in changes.finished:
                self.sources.finish_source(number, source, digest, passages)
            for source in changes.broken:
                self.sources.remove_source(number, source)
        self._changed(collection)

    def keep_only(self, collection: Collection, source: str, places: Mapping[str, int]) -> None:
        """Remove those passages of a source whose ids do not stand at these positions."""
        self.require_own()
        self.sources.keep_only(collection.row.number, source, places)
        self._changed(collection)

    @contextlib.contextmanager
    def all_or_nothing(self) -> Iterator[None]:
        """Commit everything that is written in the block, or nothing of it.

        It may take long, and the index's process would wait for the ledger, and be taken for stuck: it has a rest.
        """
        self.require_own()
        try:
            with self._indexer.resting(), self.ledger.transaction():
                yield
        except BaseException:
            with self._changing:
                self._collections.clear()
                self._last.clear()
            raise
        with self._changing:
            # Others may have opened them meanwhile, as they were before.
            self._collections.clear()

    def renew(self, collection: Collection, embedder: str, dimension: int) -> bool:
        """Write a collection into the index anew, with the vectors of an embedder, and switch to that.

        :return: False when some of its texts have no such vector yet; then nothing is switched.
        """
        self.require_own()
        switched = self._indexer.renew(collection.name, embedder, dimension)
        self._anew(collection.name)
        return switched

    def replace(self, embedder: str, dimension: int, draft: str) -> bool:
        """Give all passages of an embedder the vectors that are kept under another name, in place of those they had.

        :return: False when some of its texts have no such vector yet; then nothing is replaced.
        """
        self.require_own()
        with self._indexer.resting(), self.ledger.transaction():
            rows = Pending(self.ledger).replace(embedder, dimension, draft)
            for row in rows or ():
                # Maps, probes and the card are of the vectors that go, and a crash must leave none of them.
                self._forget(row.name)
        if rows is None:
            return False
        with self._changing:
            # Numbers of vectors are given out again.
            self._collections.clear()
            self._last.clear()
        for row in rows:
            # And what others made meanwhile.
            with contextlib.suppress(CollectionNotFoundError):
                self._forget(row.name)
        self.finish_replacing()
        return True

    def finish_replacing(self) -> None:
        """Write into the index what was replaced, and note that no more is to be done."""
        self.update_index()
        self.ledger.clear_fact(REPLACED)

    def purge_source(self, source: str, collections: Sequence[str]) -> tuple[int, int]:
        """Remove a source from every file, and return how many passages and vectors went with it."""
        self.require_own()
        for name in collections:
            # First, since all can be made again, and a crash in between must leave nothing of the source.
            self._forget(name)
            self.sources.forget_failures(self._row(name).number)
            self._remove_file(source, name)
        with self.ledger.transaction():
            gone = self.sources.purge_source([self._row(name).number for name in collections], source)
            self.conversations.forget(source, collections)
        for name in collections:
            # And what others made meanwhile.
            self._forget(name)
        with self._changing:
            # Vectors went that no passage used, of other collections too, and their numbers are given out again.
            self._collections.clear()
            self._last.clear()
            # The same words may have gone from other collections before, and stand in their indexes yet.
            for row in self.ledger.collections():
                self._derived_of(row.number).remove_words()
        self._sweep()
        return gone

    def _remove_file(self, source: str, name: str) -> None:
        """Remove the file of a source that was brought to a collection; a file of the user's own is left alone."""
        file, folder = Path(source), files_folder(self.folder.resolve(), name)
        if ".." not in file.parts and file.is_relative_to(folder):
            file.unlink(missing_ok=True)


def check_name(name: str) -> None:
    """Check a collection's name by Chroma's rules.

    :raises InvalidInputError: When Chroma would refuse it.
    """
    if not _NAME.fullmatch(name) or ".." in name or _IP.fullmatch(name):
        raise InvalidInputError(
            f"{name!r} cannot be a collection's name: take 3 to 512 characters of a-z, A-Z, 0-9, '.', '_' and '-',"
            " the first and the last a letter or digit, no '..', and no IP address"
        )
