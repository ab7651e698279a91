"""An SQLite file that survives a kill at any moment: connections, transactions, and what goes wrong with them."""

import sqlite3
import threading
import weakref
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from search.errors import DiskFullError, StoreClosedError, StoreDamagedError
from search.store.room import is_full
from search.store.schema import CONVERSATIONS, SCHEMA, SCHEMA_VERSION, TRIGGERS, UPGRADES

_STARVED = {sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN}
"""What SQLite says, too, when the disk is full."""


class _Connection:
    """A thread's own connection, which is closed when the thread ends, or by whoever closes the file before."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self.db = db

    def __del__(self) -> None:
        self.db.close()


class Database:
    """The file with its tables. A connection for each thread; writers take turns."""

    def __init__(self, path: Path, key: Callable[[str, str], bytes]) -> None:
        """Open the file, making its tables when it is new.

        :param key: What queries know as `vector_key`.
        :raises StoreDamagedError: When the file is none of ours, or a newer version's.
        """
        self.path = path
        self._key = key
        self._local = threading.local()
        # Only weakly: a server has thousands of threads in its life, each with two open files here.
        self._open: weakref.WeakSet[_Connection] = weakref.WeakSet()
        self._opening = threading.Lock()
        self._writing = threading.RLock()
        self._is_closed = False
        try:
            self._prepare()
        except sqlite3.DatabaseError as error:
            self.close()
            raise _translated(error, path) from error

    def close(self) -> None:
        """Close every thread's connection; whoever asks for another one is told so."""
        self._is_closed = True
        with self._opening:
            for own in list(self._open):
                own.db.close()
            self._open.clear()
        self._local = threading.local()

    # The file

    def sweep(self) -> None:
        """Write the file anew, so that nothing stays of what was removed.

        :raises StoreDamagedError: When others read for so long that the log cannot be emptied.
        """
        try:
            # In its turn, since it takes long: others would be told that the file is locked.
            with self._writing:
                self._db.execute("VACUUM")
                (busy, _, _) = self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        except sqlite3.DatabaseError as error:
            raise _translated(error, self.path) from error
        if busy:
            raise StoreDamagedError(f"{self.path} is being read: run the same command again")

    def copy_to(self, path: Path) -> None:
        """Write all of it, as it stands now, into a new file."""
        try:
            self._db.execute("VACUUM INTO ?", (str(path),))
        except sqlite3.DatabaseError as error:
            raise _translated(error, path) from error

    # Facts

    def fact(self, name: str) -> str | None:
        """Return a note that outlives the process."""
        rows = self.rows("SELECT value FROM facts WHERE name = ?", (name,))
        return rows[0][0] if rows else None

    def set_fact(self, name: str, value: str) -> None:
        """Keep a note that outlives the process."""
        with self.transaction() as db:
            db.execute("INSERT OR REPLACE INTO facts VALUES (?, ?)", (name, value))

    def clear_fact(self, name: str) -> None:
        """Forget a note."""
        with self.transaction() as db:
            db.execute("DELETE FROM facts WHERE name = ?", (name,))

    # Connections

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Commit everything in the block or nothing of it; inside another one, with that.

        :raises DiskFullError: When there is no room for it.
        """
        with self._writing:
            db = self._db
            if db.in_transaction:
                yield db
                return
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

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """Have all that is read in the block be of one moment."""
        db = self._db
        if db.in_transaction:
            yield
            return
        try:
            db.execute("BEGIN")
            try:
                yield
            finally:
                db.execute("COMMIT")
        except sqlite3.DatabaseError as error:
            raise _translated(error, self.path) from error

    def rows(self, query: str, values: Sequence[object] = ()) -> list[tuple]:  # type: ignore[type-arg] # rows differ
        """Return what a query selects."""
        try:
            return self._db.execute(query, values).fetchall()
        except sqlite3.DatabaseError as error:
            raise _translated(error, self.path) from error

    @property
    def _db(self) -> sqlite3.Connection:
        own: _Connection | None = getattr(self._local, "own", None)
        if own is None:
            own = self._local.own = self._connected()
        return own.db

    def _connected(self) -> _Connection:
        with self._opening:
            if self._is_closed:
                raise StoreClosedError(self.path.parent)
            # Closed by another thread than its own, at the end.
            db = sqlite3.connect(self.path, timeout=30, isolation_level=None, check_same_thread=False)
            own = _Connection(db)
            self._open.add(own)
        db.execute("PRAGMA foreign_keys = ON")
        db.execute("PRAGMA synchronous = FULL")
        db.create_function("vector_key", 2, self._key, deterministic=True)
        return own

    def _prepare(self) -> None:
        self._db.execute("PRAGMA journal_mode = WAL")
        (version,) = self._db.execute("PRAGMA user_version").fetchone()
        if version > SCHEMA_VERSION:
            raise StoreDamagedError(f"{self.path} was written by a newer nearhood: upgrade this one")
        steps = (
            [SCHEMA, TRIGGERS, CONVERSATIONS] if version == 0 else [UPGRADES[v] for v in range(version, SCHEMA_VERSION)]
        )
        if steps:
            # A kill half way leaves the version that was there.
            self._db.executescript(f"BEGIN; {''.join(steps)} PRAGMA user_version = {SCHEMA_VERSION}; COMMIT;")


def _translated(error: sqlite3.DatabaseError, path: Path) -> Exception:
    # The low byte is the kind; the rest tells kinds of one kind apart.
    if isinstance(error, sqlite3.ProgrammingError) and "closed" in str(error):
        return StoreClosedError(path.parent)
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code == sqlite3.SQLITE_FULL or (code in _STARVED and is_full(path.parent)):
        return DiskFullError(path.parent)
    if code in {sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT}:
        return StoreDamagedError(f"{path} is damaged ({error}): restore it from a backup, or move it away")
    return StoreDamagedError(f"{path} cannot be used ({error})")
