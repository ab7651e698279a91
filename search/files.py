"""Files that are written whole or not at all."""

import contextlib
import errno
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from search.errors import DiskFullError, InvalidInputError


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
