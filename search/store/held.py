"""A data folder that one process has open, and what can be read from it."""

import contextlib
import errno
import shutil
import threading
from pathlib import Path
from types import TracebackType
from typing import Self

from search.errors import (
    CollectionNotFoundError,
    DiskFullError,
    EmbedderMismatchError,
    IndexServerError,
    InvalidInputError,
    ReplicaError,
    StoreDamagedError,
)
from search.store.collection import Collection, Last
from search.store.conversations import Conversations
from search.store.derived import Derived, words_folder
from search.store.indexer import Indexer
from search.store.ledger import CollectionRow, Ledger
from search.store.lock import Lock
from search.store.mirror import Mirror, check_own
from search.store.site import Site
from search.store.sources import SWEEP, Sources

ASIDE = ".aside-"
"""How folders begin that are there for as long as something is tried or sent."""


class Held:
    """Ledger, lock and index of a data folder.

    The index follows from what the ledger says it lacks, so a process that dies between the two leaves nothing to
    repair.
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
        self.exact_bytes = exact_bytes
        self._collections: dict[str, Collection] = {}
        self._last: dict[str, Last] = {}
        self._derived: dict[int, Derived] = {}
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
        self._indexer = Indexer(self.ledger, self._lock, self.site, reads_only=replica)
        self._mirror: Mirror | None = None
        try:
            self._mirror = Mirror(self.ledger, self.site) if replica else None
            if self._mirror is None:
                check_own(self.ledger)
            for left in folder.glob(f"{ASIDE}*"):
                # Of a process that was killed.
                shutil.rmtree(left, ignore_errors=True)
            if self.ledger.fact(SWEEP) is not None:
                # What hinders it now is no reason not to search; doctor tells.
                with contextlib.suppress(DiskFullError, StoreDamagedError, IndexServerError):
                    shutil.rmtree(words_folder(folder), ignore_errors=True)
                    self._sweep()
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close everything and give the folder back."""
        with contextlib.ExitStack() as closing:
            closing.callback(self._lock.release)
            closing.callback(self.ledger.close)
            closing.callback(self._indexer.close)
            if self._mirror:
                closing.callback(self._mirror.close)

    def announce(self, url: str) -> None:
        """Tell other processes where this one can be reached."""
        self._lock.announce(url)

    def names(self) -> list[str]:
        """Return the names of all collections."""
        return [row.name for row in self.ledger.collections()]

    def all(self) -> list[Collection]:
        """Return all collections; one that is dropped meanwhile is left out."""
        found = []
        for name in self.names():
            with contextlib.suppress(CollectionNotFoundError):
                found.append(self.collection(name))
        return found

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
                derived = self._derived_of(row.number)
                self._collections[name] = Collection(row, self.ledger, self._indexer, self.exact_bytes, last, derived)
            collection = self._collections[name]
        if embedder not in {None, collection.embedder}:
            raise EmbedderMismatchError(name, collection.embedder, str(embedder))
        return collection

    def update_index(self) -> None:
        """Bring the Chroma database level with the ledger."""
        self.require_own()
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
        changed = False
        # Each at once: numbers are given out again, and a later one may fail.
        for followed in self._mirror.refresh() if self._mirror else ():
            changed = True
            self._anew(followed.name)
            with self._changing:
                for number in followed.outdated:
                    self._derived_of(number).remove()
                if followed.outdated:
                    self._collections.clear()
                    self._last.clear()
        return changed

    def require_room(self, size: int) -> None:
        """Check that so many bytes can be written.

        :raises DiskFullError: When there is less room than that.
        """
        if shutil.disk_usage(self.folder).free < size:
            raise DiskFullError(self.folder)

    def require_own(self) -> None:
        """Check that it is for this process to write.

        :raises ReplicaError: When it is a replica.
        """
        if self._mirror:
            raise ReplicaError

    def _sweep(self) -> None:
        # Chroma keeps what it deletes in its queue and its full-text tables.
        self._indexer.discard()
        self.update_index()
        with self._indexer.resting():
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
        """Forget all that was made of a collection in memory."""
        with self._changing:
            self._collections.pop(name, None)
            self._last.pop(name, None)

    def _forget(self, name: str) -> None:
        """Forget all that was made of a collection, in memory and in files, and what is being made of it now."""
        with self._changing:
            number = self._row(name).number
            self._anew(name)
            self._derived_of(number).remove()

    def _derived_of(self, number: int) -> Derived:
        if number not in self._derived or self._derived[number].is_gone:
            self._derived[number] = Derived(self.folder, number)
        return self._derived[number]
