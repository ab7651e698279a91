"""Compares files with what a collection has of them, before anything is read through."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from ingest.document import Options
from ingest.report import Counts, Failure
from ingest.splitter import REVISION


@dataclass(frozen=True, slots=True)
class Source:
    """A file that is to be taken in."""

    name: str
    digest: str
    """SHA-256 of its bytes, and how it is cut: cut in another way, the same bytes are another source."""
    stamp: tuple[int, int]
    """Size and time of the last change when the digest was taken."""
    is_new: bool

    @property
    def size(self) -> int:
        """Bytes."""
        return self.stamp[0]


@dataclass(frozen=True)
class Plan:
    """What brings a collection level with files."""

    read: tuple[Source, ...]
    renamed: tuple[tuple[str, str], ...]
    """Sources that stand elsewhere now: old name, new name."""
    gone: tuple[str, ...]
    """Sources under the given paths that have no file any more."""

    @cached_property
    def size(self) -> int:
        """Bytes of what is to be read."""
        return sum(source.size for source in self.read)


def compare(
    files: Sequence[Path], roots: Sequence[Path], known: dict[str, str | None], options: Options, counts: Counts
) -> Plan:
    """Return what is to be done, counting what is unchanged or cannot be read.

    :param known: Digest of each source that the collection has; None for an unfinished one.
    """
    missing = {name: digest for name, digest in known.items() if not is_there(name)}
    by_digest = {digest: name for name, digest in missing.items() if digest}
    read: list[Source] = []
    renamed: list[tuple[str, str]] = []
    for file in files:
        source = _source(file, known, options, counts)
        if source is None:
            continue
        # One that was broken off is there already, under this name.
        old = by_digest.pop(source.digest, None) if source.name not in known else None
        if old is not None:
            renamed.append((old, source.name))
        else:
            read.append(source)
    moved = {old for old, _ in renamed}
    # A drive that is not there says nothing of its files: a folder has to be there for them to be gone from it.
    places = [root for root in roots if str(root) in known or is_there(str(root))]
    gone = tuple(name for name in missing if name not in moved and _is_under(Path(name), places))
    return Plan(tuple(read), tuple(renamed), gone)


def is_there(source: str) -> bool:
    """Return whether a source's file is there, as far as is known: it may be where this user may not look."""
    try:
        return Path(source).exists()
    except OSError:
        return True


def digest(file: Path, options: Options) -> str:
    """Return the digest of a file under some options."""
    with file.open("rb") as opened:
        content = hashlib.file_digest(opened, "sha256").hexdigest()
    choices = (options.kind or "auto", *options.text, "", *options.meta)
    return f"{content}:{REVISION}:{'/'.join(choices)}"


def _source(file: Path, known: dict[str, str | None], options: Options, counts: Counts) -> Source | None:
    name = str(file)
    try:
        status = file.stat()
        found = digest(file, options)
    except OSError as error:
        counts.failed.append(Failure(name, f"cannot be read ({error.strerror})"))
        return None
    if known.get(name) == found:
        counts.unchanged += 1
        return None
    return Source(name, found, (status.st_size, status.st_mtime_ns), is_new=known.get(name) is None)


def _is_under(path: Path, roots: Sequence[Path]) -> bool:
    return any(path.is_relative_to(root) for root in roots)
