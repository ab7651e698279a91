"""Files that come over the network: kept under the data folder, so that a later sync knows them again.

They come in pieces into a folder of their own, where a dry run looks at them; once they are to be taken in, they move
to `files/COLLECTION`, where a file of the same name is replaced and counts as changed.
"""

import re
import secrets
import shutil
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path, PurePosixPath
from threading import Lock

from ingest.estimate import Estimate, estimate
from ingest.job import MARGIN
from ingest.plan import digest
from ingest.readers import READERS
from ingest.report import Failure, Progress
from ingest.sync import Wish
from search.embedders.base import Embedder
from search.errors import InvalidInputError, NotFoundError
from search.store.collection import files_folder
from search.store.store import Store, check_name

MOST_BATCHES = 8
"""Brought and not taken in yet; of more, the oldest is let go."""
_LONGEST_NAME = 200
"""Bytes of a part of a name, below what file systems take."""
DEEPEST = 16
"""Parts of a name; of more, the last ones are kept."""
_WAITING = ".waiting"
"""Hidden, so that who takes in the folder above does not get what is half there."""
_UNSAFE = re.compile(r"[\x00-\x1f\x7f/\\]")


class BatchNotFoundError(NotFoundError):
    """Files that nobody brought, or that were taken in or let go."""

    def __init__(self) -> None:
        super().__init__("these files are not here any more: choose them again")


@dataclass(frozen=True, slots=True)
class Limits:
    """How much can be brought together."""

    file_bytes: int = 200 * 2**20
    bytes: int = 2**30
    """Of all files."""
    files: int = 5_000


LIMITS = Limits()


@dataclass(slots=True)
class _Batch:
    folder: Path
    sizes: dict[str, int] = field(default_factory=dict)
    """Bytes that are there, by the name of the file."""
    lock: Lock = field(default_factory=Lock)


class Uploads:
    """What was brought to a store, from the first piece to where it stays."""

    def __init__(self, store: Store, limits: Limits = LIMITS) -> None:
        """Begin with nothing: what an earlier process left waiting is removed."""
        self._store, self._limits = store, limits
        self._root = store.folder.resolve() / "files"
        shutil.rmtree(self._root / _WAITING, ignore_errors=True)
        self._batches: dict[str, _Batch] = {}
        self._lock = Lock()

    def begin(self) -> str:
        """Return the name under which some files will be brought."""
        name = secrets.token_hex(16)
        with self._lock:
            old = list(self._batches)[: -MOST_BATCHES + 1]
            self._batches[name] = _Batch(self._root / _WAITING / name)
        for one in old:
            self.discard(one)
        return name

    def write(self, batch: str, name: str, start: int, content: bytes) -> int:
        """Add a piece to a file, and return how many bytes it has then; a piece at 0 begins it anew.

        :raises InvalidInputError: For a name that no reader knows, a piece that does not follow, or too much of it.
        :raises DiskFullError: When there is no room for it.
        """
        to, path = self._of(batch), safe(name)
        with to.lock:
            self._check(to, path, start, len(content))
            file = to.folder / path
            file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._store.require_room(MARGIN + 2 * len(content))
            with file.open("ab" if start else "wb") as opened:
                opened.write(content)
            to.sizes[path] = start + len(content)
        return to.sizes[path]

    def paths(self, batch: str) -> list[Path]:
        """Return the files as they wait.

        :raises BatchNotFoundError: When there are none.
        """
        found = self._of(batch)
        return [found.folder / name for name in found.sizes]

    def names(self, batch: str) -> dict[str, int]:
        """Return the bytes of each file that waits, by its name."""
        return dict(self._of(batch).sizes)

    def is_too_long(self, size: int) -> str:
        """Return why a file of so many bytes cannot be brought; empty when it can."""
        most = self._limits.file_bytes
        return f"has {size:,} bytes, and {most:,} can be sent (NEARHOOD_UPLOAD_BYTES there)" if size > most else ""

    def fitting(self, sizes: Iterable[int]) -> int:
        """Return how many files, from the first on, can be brought together."""
        count = total = 0
        for size in sizes:
            total += size
            if total > self._limits.bytes or count >= self._limits.files:
                break
            count += 1
        return count

    def look(
        self,
        batch: str,
        embedder: Embedder,
        collection: str,
        wish: Wish,
        progress: Callable[[Progress], None] = lambda _: None,
    ) -> Estimate:
        """Return what taking the files in would do; nothing is written and nothing is sent.

        :param wish: How they are to be taken in; its paths are not looked at.
        """
        waiting, stays = self._of(batch), self._folder(collection)
        known = self._store.digests(self._store.collection(collection)) if collection in self._store.names() else {}
        new: list[Path] = []
        changed: list[Path] = []
        same: list[Path] = []
        for name in waiting.sizes:
            before = known.get(str(stays / name))
            now = digest(waiting.folder / name, wish.options)
            (same if before == now else changed if before else new).append(waiting.folder / name)
        looked_at = replace(wish, paths=new + changed or same)
        found = estimate(self._store, embedder, collection, looked_at, progress)
        failed = tuple(Failure(self._stays(waiting, stays, one.source), one.reason) for one in found.failed)
        bad = {one.source for one in found.failed}
        added, altered = (sum(str(path) not in bad for path in paths) for paths in (new, changed))
        return replace(found, added=added - found.renamed, changed=altered, unchanged=len(same), failed=failed)

    def keep(self, batch: str, collection: str, unreadable: Iterable[str] = ()) -> list[Path]:
        """Move the files to where they stay, and return them there.

        :param unreadable: Sources that `look` found to be so: they are let go.
        :raises InvalidInputError: For a collection's name that no folder can have.
        """
        waiting, stays = self._of(batch), self._folder(collection)
        bad = {*unreadable}
        found = {name: stays / name for name in waiting.sizes if str(stays / name) not in bad}
        for name, to in found.items():
            try:
                to.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                (waiting.folder / name).replace(to)
            except OSError as error:
                # A file is there where a folder should be, or the other way round.
                raise InvalidInputError(f"{name} cannot be kept: {error.strerror}") from error
        self.discard(batch)
        return list(found.values())

    def discard(self, batch: str) -> None:
        """Let files go that wait, if they do."""
        with self._lock:
            gone = self._batches.pop(batch, None)
        if gone is not None:
            shutil.rmtree(gone.folder, ignore_errors=True)

    def _of(self, batch: str) -> _Batch:
        with self._lock:
            if batch not in self._batches:
                raise BatchNotFoundError
            return self._batches[batch]

    def _folder(self, collection: str) -> Path:
        check_name(collection)
        if len(collection) > _LONGEST_NAME:
            raise InvalidInputError(f"files can be brought to a collection of a name of {_LONGEST_NAME} characters")
        return files_folder(self._store.folder.resolve(), collection)

    def _check(self, batch: _Batch, path: str, start: int, more: int) -> None:
        here, limits = batch.sizes.get(path, 0), self._limits
        if start not in {0, here}:
            raise InvalidInputError(f"{path}: a piece came at {start:,}, where {here:,} bytes are there")
        if path not in batch.sizes and len(batch.sizes) >= limits.files:
            raise InvalidInputError(f"{limits.files:,} files can be brought together: put them into a folder instead")
        if start + more > limits.file_bytes:
            raise InvalidInputError(f"{path}: a file may have {limits.file_bytes:,} bytes: name its folder instead")
        if sum(batch.sizes.values()) - here + start + more > limits.bytes:
            raise InvalidInputError(f"{limits.bytes:,} bytes can be brought together: name the folder instead")

    @staticmethod
    def _stays(batch: _Batch, stays: Path, source: str) -> str:
        path = Path(source)
        return str(stays / path.relative_to(batch.folder)) if path.is_relative_to(batch.folder) else source


def safe(name: str) -> str:
    """Return a name that is a path below a folder and nothing else: no way up, nothing hidden, no control characters.

    :raises InvalidInputError: When nothing is left of it, or no reader knows such files.
    """
    parts = [part(one) for one in PurePosixPath(name.replace("\\", "/")).parts]
    path = PurePosixPath(*[one for one in parts if one][-DEEPEST:])
    if path.suffix.lower() not in kinds():
        raise InvalidInputError(f"{path.name or name!r} is of no kind that can be read ({', '.join(kinds())})")
    return str(path)


@cache
def kinds() -> Sequence[str]:
    """Return the suffixes of files that can be read."""
    # Asks each installed package what it brings, which takes too long for each of many files.
    return READERS.names()


def part(name: str) -> str:
    """Return what may stand between two slashes of a name; empty when nothing of it may."""
    words = _UNSAFE.sub("", unicodedata.normalize("NFC", name)).encode("utf-8", "ignore").decode()
    stem, dot, suffix = words.strip().lstrip(".").rpartition(".")
    longest = _LONGEST_NAME - len(suffix.encode()) - 1
    if not dot or longest < 1:
        return suffix.encode()[:_LONGEST_NAME].decode("utf-8", "ignore").strip()
    return f"{stem.encode()[:longest].decode('utf-8', 'ignore')}.{suffix}"
