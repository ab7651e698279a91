"""Tells a full disk from other failures, which libraries do not always say."""

import shutil
from pathlib import Path

LEAST_ROOM = 4 * 2**20
"""Bytes below which a write that failed did so for lack of space."""


def is_full(folder: Path) -> bool:
    """Return whether the disk of a folder, which may not be there yet, has no room for a write."""
    there = next(path for path in (folder, *folder.parents) if path.exists())
    return shutil.disk_usage(there).free < LEAST_ROOM
