"""Numbers as NPZ, and JSON beside them that says which file has them: both change at once, or neither does."""

import io
import json
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from search.files import whole

FORMAT = 1
Numbers: TypeAlias = Mapping[str, NDArray[Any]]


def write(folder: Path, name: str, numbers: Numbers, said: Mapping[str, Any]) -> None:
    """Write both, in the place of those of the same name; who reads meanwhile finds either the old or the new ones.

    :raises DiskFullError: When there is no room for it; the old ones stay.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    content = io.BytesIO()
    np.savez(content, allow_pickle=False, **numbers)
    check = zlib.crc32(content.getbuffer())
    file = _named(folder, name, check)
    with whole(file) as part:
        part.write_bytes(content.getbuffer())
    with whole(folder / f"{name}.json") as part:
        value = {"format": FORMAT, "check": check, **said}
        part.write_text(json.dumps(value, ensure_ascii=True), encoding="utf-8")
    # Last, since until now the JSON before was there, which names another.
    _clear(folder, name, but=file)


def read(folder: Path, name: str) -> tuple[dict[str, Any], dict[str, NDArray[Any]]] | None:
    """Return what was said, and the numbers; None when they are not there, or not whole."""
    # Between its two files, both may have been replaced.
    return _read(folder, name) or _read(folder, name)


def remove(folder: Path, name: str) -> None:
    """Remove both, whole or not."""
    (folder / f"{name}.json").unlink(missing_ok=True)
    _clear(folder, name)


def _read(folder: Path, name: str) -> tuple[dict[str, Any], dict[str, NDArray[Any]]] | None:
    try:
        said = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
        file = _named(folder, name, said["check"])
        # As they were named once.
        file = file if file.exists() else folder / f"{name}.npz"
        if said["format"] != FORMAT or said["check"] != zlib.crc32(file.read_bytes()):
            return None
        with np.load(file, allow_pickle=False) as numbers:
            return said, dict(numbers.items())
    except (OSError, ValueError, KeyError, TypeError, EOFError):
        return None


def _named(folder: Path, name: str, check: int) -> Path:
    # No name has a plus.
    return folder / f"{name}+{check:08x}.npz"


def _clear(folder: Path, name: str, but: Path | None = None) -> None:
    for file in (folder / f"{name}.npz", *folder.glob(f"{name}+*.npz")):
        if file != but:
            file.unlink(missing_ok=True)
