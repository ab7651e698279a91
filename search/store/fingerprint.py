"""What an index is known again by that was closed: a digest of its files."""

import errno
import hashlib
import os
from pathlib import Path

_MOST_HOLES = 256 * 2**20
"""Bytes of a file that may never have been written."""


def fingerprint(folder: Path) -> str | None:
    """Return a digest of all files under a folder; None where one is mostly a hole, as no sound index has.

    A write that was torn can leave a file of ten terabytes with nothing in it.
    """
    digest = hashlib.blake2b()
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            if _holes(file.fileno(), size) > _MOST_HOLES:
                return None
            digest.update(f"{path.relative_to(folder)}\0{size}\0".encode())
            digest.update(hashlib.file_digest(file, "blake2b").digest())
    return digest.hexdigest()


def _holes(file: int, size: int) -> int:
    """Return the bytes of a file that were never written, as far as its file system says.

    The blocks that it takes say nothing of that: some compress them, some count them late, some not at all.
    """
    at, holes = 0, 0
    # Not every system has them.
    to_data, to_hole = getattr(os, "SEEK_DATA", None), getattr(os, "SEEK_HOLE", None)
    if to_data is None or to_hole is None:
        return 0
    try:
        while at < size:
            data = os.lseek(file, at, to_data)
            holes, at = holes + data - at, os.lseek(file, data, to_hole)
    except OSError as error:
        # There is no data behind this; else it knows of no holes.
        holes += size - at if error.errno == errno.ENXIO else 0
    finally:
        os.lseek(file, 0, os.SEEK_SET)
    return holes
