"""The store: a data folder that one process has open."""

import contextlib
import errno
import re
import shutil
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np

from search.errors import (
    CollectionNotFoundError,
    DiskFullError,
    EmbedderMismatchError,
    IndexServerError,
    InvalidInputError,
    ReplicaError,
    StoreDamagedError,
)
from search.store.collection import (
    Collection,
    Last,
    cards_folder,
    files_folder,
    lexical_folder,
    maps_folder,
    probes_folder,
)
from search.store.conversations import Conversations
from search.store.indexer import Indexer
from search.store.ledger import CollectionRow, Ledger, Record
from search.store.lock import Lock
from search.store.mirror import Mirror, check_own
from search.store.site import Site
from search.store.sources import SWEEP, SourceChanges, Sources
from search.types import Vectors

_NAME = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9._-]{1,510}[a-zA-Z0-9]")
_IP = re.compile(r"\d{1,3}(\.\d{1,3}){3}")


class Store:
    """Ledger, lock and index of a data folder.

    Every write is committed to the ledger first. The index follows from what the ledger says it lacks, so a
    process that dies between the two leaves nothing to repair.
    """

    def __init__(
        self, folder: Path, exact_bytes: int, command: str, site: Site | None = None, *, replica: bool = False
    ) -> None:
        """Open the folder, making it when it is new.

        :param command: What the lock tells others of this process, such as `search`.
        :param site: Where the index is; None for a folder in this one.
        :param replica: Whether to hold what another process writes there, and nothing else.
        :raises StoreBusyError: When another process has it open.
        """
        self.folder = folder
        self._exact_bytes = exact_bytes
        self._collections: dict[str, Collection] = {}
        self._last: dict[str, Last] = {}
        self._changing = threading.RLock()
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._lock = Lock(folder, command)
        except OSError as error:
            if error.errno == errno.ENOSPC:
                raise DiskFullError(folder) from error
            raise InvalidInputError(f"the data folder {folder} cannot be used: {error.strerror}") from error
        try:
            self.ledger = Ledger(folder / "ledger.sqlite")
        except BaseException:
            self._lock.release()
            raise
        self.sources = Sources(self.ledger)
        self.conversations = Conversations(self.ledger)
        self.site = site or Site(folder / "chroma")
        self._indexer = Indexer(self.ledger, exact_bytes, self._lock, self.site, reads_only=replica)
        self._mirror: Mirror | None = None
        try:
            self._mirror = Mirror(self.ledger, self.site) if replica else None
            if self._mirror is None:
                check_own(self.ledger)
        except BaseException:
            self.close()
            raise
        if self.ledger.fact(SWEEP) is not None:
            # What hinders it now is no reason not to search; doctor tells.
            with contextlib.suppress(DiskFullError, StoreDamagedError, IndexServerError):
                self._sweep()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close everything and give the folder back."""
        try:
            if self._mirror:
                self._mirror.close()
            self._indexer.close()
        finally:
            self.ledger.close()
            self._lock.release()

    def announce(self, url: str) -> None:
        """Tell other processes where this one can be reached."""
        self._lock.announce(url)

    def names(self) -> list[str]:
        """Return the names of all collections."""
        return [row.name for row in self.ledger.collections()]

    def collection(self, name: str, embedder: str | None = None) -> Collection:
        """Return a collection as it stands now.

        :param embedder: Id of the embedder it is to be used with; None when only texts are read.
        :raises CollectionNotFoundError: When there is none of that name.
        :raises EmbedderMismatchError: When it was made with another embedder.
        """
        with self._changing:
            if name not in self._collections:
                last = self._last.setdefault(name, Last())
                row = self._row(name)
                self._collections[name] = Collection(row, self.ledger, self._indexer, self._exact_bytes, last)
            collection = self._collections[name]
        if embedder not in {None, collection.embedder}:
            raise EmbedderMismatchError(name, collection.embedder, str(embedder))
        return collection

    def create(self, name: str, embedder: str, dimension: int) -> Collection:
        """Return a collection, adding it when there is none of that name.

        :raises InvalidInputError: For a name that Chroma refuses.
        :raises EmbedderMismatchError: When it was made with another embedder.
        """
        self._require_own()
        check_name(name)
        if name not in self.names():
            with self.ledger.transaction():
                if name not in self.names():
                    self.ledger.add_collection(name, embedder, dimension)
        return self.collection(name, embedder)

    def drop(self, name: str) -> None:
        """Remove a collection, and the files that were brought to it."""
        self._require_own()
        # In this order: whoever commits several things at once has the first when he asks for the second.
        with self.ledger.transaction(), self._changing:
            words, number = self.collection(name).lexical_folder, self._row(name).number
            self.ledger.drop_collection(self._row(name))
            self._anew(name)
            shutil.rmtree(words, ignore_errors=True)
            words.with_name(f"{words.name}.gate.json").unlink(missing_ok=True)
            self._forget(number)
            self.sources.forget_failures(number)
            shutil.rmtree(files_folder(self.folder, name), ignore_errors=True)
        self.update_index()

    # Writing

    def digests(self, collection: Collection) -> dict[str, str | None]:
        """Return the digest of each source; None where it is unfinished."""
        return self.sources.digests(collection.row.number)

    def begin_source(self, collection: Collection, source: str) -> None:
        """Note that a source is being taken in."""
        self._require_own()
        self.sources.begin_source(collection.row.number, source)

    def finish_source(self, collection: Collection, source: str, digest: str, passages: int) -> None:
        """Note that a source is complete with this many passages."""
        self.sources.finish_source(collection.row.number, source, digest, passages)
        self._changed(collection)

    def rename_source(self, collection: Collection, source: str, name: str, prefix: str) -> None:
        """Give a source another name, and its passages ids of another prefix."""
        self.sources.rename_source(collection.row.number, source, name, prefix)
        self._changed(collection)

    def remove_source(self, collection: Collection, source: str) -> None:
        """Remove a source with its passages."""
        self._require_own()
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
        """
        self._require_own()
        rows = np.ascontiguousarray(vectors, dtype="<f4")
        new = {key: rows[i].tobytes() for i, key in enumerate(keys)}
        number = collection.row.number
        with self.ledger.transaction():
            for source in changes.begun:
                self.sources.begin_source(number, source)
            self.ledger.put(number, records, new, tokens, cost_usd)
            for source, digest, passages in changes.finished:
                self.sources.finish_source(number, source, digest, passages)
            for source in changes.broken:
                self.sources.remove_source(number, source)
        self._changed(collection)

    @contextlib.contextmanager
    def all_or_nothing(self) -> Iterator[None]:
        """Commit everything that is written in the block, or nothing of it."""
        self._require_own()
        try:
            with self.ledger.transaction():
                yield
        except BaseException:
            with self._changing:
                self._collections.clear()
                self._last.clear()
            raise

    def require_room(self, size: int) -> None:
        """Check that so many bytes can be written.

        :raises DiskFullError: When there is less room than that.
        """
        if shutil.disk_usage(self.folder).free < size:
            raise DiskFullError(self.folder)

    def update_index(self) -> None:
        """Bring the Chroma database level with the ledger."""
        self._require_own()
        self._indexer.update()

    def check_index(self) -> bool:
        """Compare the Chroma database with the ledger, and return whether it had to be rebuilt; in a replica, the
        ledger.
        """
        return self.refresh() if self._mirror else self._indexer.probe()

    def refresh(self) -> bool:
        """Take over what is new on the server of a replica, and return whether anything is.

        :raises IndexServerError: When it does not answer.
        """
        changed = self._mirror.refresh() if self._mirror else []
        with self._changing:
            for name in changed:
                self._anew(name)
        return bool(changed)

    def _require_own(self) -> None:
        if self._mirror:
            raise ReplicaError

    def renew(self, collection: Collection, embedder: str, dimension: int) -> bool:
        """Write a collection into the index anew, with the vectors of an embedder, and switch to that.

        :return: False when some of its texts have no such vector yet; then nothing is switched.
        """
        self._require_own()
        switched = self._indexer.renew(collection.name, embedder, dimension)
        self._anew(collection.name)
        return switched

    def purge_source(self, source: str, collections: Sequence[str]) -> tuple[int, int]:
        """Remove a source from every file, and return how many passages and vectors went with it."""
        self._require_own()
        for name in collections:
            # First, since they can be made again, and a crash in between must leave nothing of the source.
            self._forget(self._row(name).number)
            self.sources.forget_failures(self._row(name).number)
            self._remove_file(source, name)
        with self.ledger.transaction():
            gone = self.sources.purge_source([self._row(name).number for name in collections], source)
            self.conversations.forget(source)
        for name in collections:
            # The numbers of what is gone are given out again.
            self._anew(name)
        self._sweep()
        return gone

    def _forget(self, number: int) -> None:
        """Remove the maps, the probes and the report card of a collection."""
        for of in (maps_folder, probes_folder, cards_folder):
            shutil.rmtree(of(self.folder, number), ignore_errors=True)

    def _remove_file(self, source: str, name: str) -> None:
        """Remove the file of a source that was brought to a collection; a file of the user's own is left alone."""
        file, folder = Path(source), files_folder(self.folder.resolve(), name)
        if ".." not in file.parts and file.is_relative_to(folder):
            file.unlink(missing_ok=True)

    def _sweep(self) -> None:
        # Chroma keeps what it deletes in its queue and its full-text tables, and the index of words its vocabulary.
        if lexical_folder(self.folder).exists():
            shutil.rmtree(lexical_folder(self.folder))
        self._indexer.discard()
        self.update_index()
        self.ledger.sweep()
        self.ledger.clear_fact(SWEEP)

    def _row(self, name: str) -> CollectionRow:
        rows = {row.name: row for row in self.ledger.collections()}
        if name not in rows:
            raise CollectionNotFoundError(name, list(rows))
        return rows[name]

    def _changed(self, collection: Collection) -> None:
        with self._changing:
            self._collections.pop(collection.name, None)

    def _anew(self, name: str) -> None:
        """Forget all that was made of a collection."""
        with self._changing:
            self._collections.pop(name, None)
            self._last.pop(name, None)


def check_name(name: str) -> None:
    """Check a collection's name by Chroma's rules.

    :raises InvalidInputError: When Chroma would refuse it.
    """
    if not _NAME.fullmatch(name) or ".." in name or _IP.fullmatch(name):
        raise InvalidInputError(
            f"{name!r} cannot be a collection's name: take 3 to 512 characters of a-z, A-Z, 0-9, '.', '_' and '-',"
            " the first and the last a letter or digit, no '..', and no IP address"
        )
