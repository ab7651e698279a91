"""Writes the truth of a data folder into one file, and any file whole or not at all."""

import contextlib
import errno
import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from search.errors import DiskFullError, InvalidInputError
from search.store.store import Store


@dataclass(frozen=True, slots=True)
class Backup:
    """A file that restores everything when it is put as `ledger.sqlite` into an empty data folder."""

    file: str
    collections: int
    passages: int
    bytes: int


def back_up(store: Store, file: Path) -> Backup:
    """Write a copy of the ledger, as it stands now; the index is derived from it and needs none.

    :raises InvalidInputError: When the file cannot be written.
    :raises DiskFullError: When there is no room for it.
    """
    with whole(file) as part:
        # SQLite wants to make the file itself.
        part.unlink()
        store.ledger.copy_to(part)
    rows = store.ledger.collections()
    return Backup(str(file), len(rows), sum(store.ledger.size(row.number) for row in rows), file.stat().st_size)


@contextlib.contextmanager
def whole(file: Path) -> Iterator[Path]:
    """Yield a file beside another that takes its place when all went well, and is removed when not."""
    part = None
    try:
        handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}-")
        os.close(handle)
        part = Path(name)
        yield part
        _flush(part)
        part.replace(file)
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise DiskFullError(file) from error
        raise InvalidInputError(f"{file} cannot be written: {error.strerror or error}") from error
    finally:
        if part is not None:
            part.unlink(missing_ok=True)


def _flush(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())
