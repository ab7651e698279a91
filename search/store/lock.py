"""One process has a data folder open, readers included."""

import contextlib
import errno
import fcntl
import json
import os
import time
from pathlib import Path

from search.errors import StoreBusyError

PATIENCE = 0.75
"""Seconds to wait for a holder that is about to end, such as another short command."""
_PATIENCE_WITH_THE_DEAD = 45.0
"""Seconds to wait when the holder was killed: what it began to write to the index is being finished."""

_HELD: set[tuple[int, int]] = set()
"""The locks that this process has: a pid would not tell, since in containers many have the same."""


class Lock:
    """An exclusive `flock` on a file that says who holds it. It falls with its process, however that ends."""

    def __init__(self, folder: Path, command: str) -> None:
        """Take the lock.

        :raises StoreBusyError: When another process still has it after `PATIENCE`.
        """
        self._folder = folder
        self._holder: dict[str, str | int] = {"pid": os.getpid(), "command": command}
        self._file = os.open(folder / "LOCK", os.O_RDWR | os.O_CREAT, 0o600)
        started = time.monotonic()
        while not self._try():
            # A server does not end soon.
            patience = 0.0 if self._url() else PATIENCE
            if time.monotonic() - started >= (patience if self._is_alive() else _PATIENCE_WITH_THE_DEAD):
                holder, url, is_own = self._read(), self._url(), self._inode() in _HELD
                os.close(self._file)
                raise StoreBusyError(folder, holder, url, is_own=is_own)
            time.sleep(0.05)
        _HELD.add(self._inode())
        self._write()

    def announce(self, url: str) -> None:
        """Write where the holder can be reached."""
        self._holder["url"] = url
        self._write()

    def release(self) -> None:
        """Give the lock back."""
        _HELD.discard(self._inode())
        os.ftruncate(self._file, 0)
        os.close(self._file)

    def fileno(self) -> int:
        """Return the open file, which a child that works for this process inherits, and the lock with it."""
        return self._file

    def _inode(self) -> tuple[int, int]:
        status = os.fstat(self._file)
        return status.st_dev, status.st_ino

    def _try(self) -> bool:
        with contextlib.suppress(BlockingIOError):
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        return False

    def _write(self) -> None:
        text = json.dumps(self._holder).encode()
        os.ftruncate(self._file, 0)
        try:
            os.pwrite(self._file, text, 0)
        except OSError as error:
            # A full disk has no room for a courtesy, and what is there can still be read.
            if error.errno != errno.ENOSPC:
                raise

    def _is_alive(self) -> bool:
        """Return whether the holder runs, as far as is known."""
        try:
            os.kill(int(json.loads(os.pread(self._file, 4096, 0))["pid"]), 0)
        except ProcessLookupError:
            return False
        except (OSError, ValueError, KeyError, TypeError):
            return True
        return True

    def _url(self) -> str | None:
        """Return where the holder answers requests, as far as it says."""
        with contextlib.suppress(ValueError, KeyError, TypeError):
            url = json.loads(os.pread(self._file, 4096, 0))["url"]
            return url if isinstance(url, str) else None
        return None

    def _read(self) -> str:
        """Describe the holder, who may not have written yet."""
        try:
            holder = json.loads(os.pread(self._file, 4096, 0))
            where = f" at {holder['url']}" if "url" in holder else ""
            return f"nearhood {holder['command']} (pid {holder['pid']}){where}"
        except (ValueError, KeyError, TypeError):
            return "another process"


def announced(folder: Path) -> str | None:
    """Return where the server answers that has a data folder open; None when there is none."""
    try:
        file = os.open(folder / "LOCK", os.O_RDONLY)
    except OSError:
        return None
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
            url = json.loads(os.pread(file, 4096, 0))["url"]
            return url if isinstance(url, str) else None
    except OSError:
        return None
    finally:
        os.close(file)
    # What is written there is of a process that has ended.
    return None
