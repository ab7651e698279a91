"""Finds the files that are meant by paths."""

import os
import re
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TypeAlias

from pathspec import GitIgnoreSpec

from ingest.readers import READERS
from ingest.report import Counts, Failure

IGNORE_FILE = ".nearhoodignore"
"""Names what to pass over, in the form of a .gitignore."""
LONGEST = 1_000_000
"""Bytes of an ignore file."""
_STARS = 4
"""In a part of a pattern; each more takes a hundred times as long to match a long name."""
_NEVER = {"node_modules", "__pycache__"}
_Specs: TypeAlias = list[tuple[Path, GitIgnoreSpec]]


def find(paths: Sequence[str | Path], counts: Counts) -> list[Path]:
    """Return each file once: those named, and in folders those that a reader knows.

    Hidden and ignored files, links that lead out of their folder, and what is no regular file are passed over and
    counted. Folders are not followed through links, so that no loop is walked.
    """
    found: dict[Path, None] = {}
    for path in paths:
        try:
            files = _found(path, counts)
        except OSError as error:
            files = []
            counts.failed.append(Failure(_written(path), f"cannot be read ({error.strerror})"))
        found.update(dict.fromkeys(files))
    return list(found)


def roots(paths: Sequence[str | Path]) -> list[Path]:
    """Return the places that paths stand for, as the names of sources have them."""
    return [_resolved(_absolute(path)) for path in paths]


def _found(path: str | Path, counts: Counts) -> list[Path]:
    root = _absolute(path)
    if not root.is_dir():
        return _named(root, counts)
    files = list(_under(root.resolve(), counts))
    if not files:
        suffixes = ", ".join(READERS.names())
        counts.failed.append(Failure(_written(path), f"holds no file that can be read ({suffixes})"))
    return files


def _absolute(path: str | Path) -> Path:
    try:
        return Path(path).expanduser().absolute()
    except (RuntimeError, ValueError):  # the tilde stands before no user's name
        return Path(path).absolute()


def _resolved(path: Path) -> Path:
    try:
        return path.resolve()
    except (OSError, RuntimeError, ValueError):  # links in a circle, or a NUL
        return path


def _named(file: Path, counts: Counts) -> list[Path]:
    reason = None
    if not file.exists():
        reason = "there is no such file or folder"
    elif not file.is_file():
        reason = "is no regular file"
    elif not _is_utf8(file.resolve()):
        reason = "has a name that is not UTF-8"
    if reason:
        counts.failed.append(Failure(_written(file), reason))
        return []
    return [file.resolve()]


def _under(root: Path, counts: Counts) -> Iterator[Path]:
    suffixes = set(READERS.names())
    folders: list[tuple[Path, _Specs]] = [(root, [])]
    while folders:
        folder, specs = folders.pop()
        names, below = _listed(folder, counts)
        if IGNORE_FILE in names:
            specs = [*specs, *_ignored_in(folder, root, counts)]
        for file in (folder / name for name in names):
            reason = _reason_to_skip(file, root, specs, suffixes)
            if reason:
                counts.skipped[reason] += 1
            elif not _is_utf8(file):
                counts.failed.append(Failure(_written(file), "has a name that is not UTF-8"))
            else:
                yield file.resolve()
        walked = [folder / name for name in below if _is_walked(folder / name, specs, counts)]
        folders.extend((one, specs) for one in reversed(walked))


def _listed(folder: Path, counts: Counts) -> tuple[list[str], list[str]]:
    """Return the names of files and of folders; none of a folder that cannot be read."""
    try:
        with os.scandir(folder) as entries:
            kinds = {entry.name: _is_folder(entry) for entry in entries}
    except OSError as error:
        counts.failed.append(Failure(_written(folder), f"cannot be read ({error.strerror})"))
        return [], []
    return sorted(name for name in kinds if not kinds[name]), sorted(name for name in kinds if kinds[name])


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link in a circle
        return False


def _is_walked(folder: Path, specs: _Specs, counts: Counts) -> bool:
    reason = None
    if folder.name.startswith(".") or folder.name in _NEVER:
        reason = "hidden folders"
    elif _is_link(folder):
        reason = "links"
    elif _is_ignored(folder, specs, is_folder=True):
        reason = "ignored"
    if reason:
        counts.skipped[reason] += 1
    return reason is None


def _reason_to_skip(file: Path, root: Path, specs: _Specs, suffixes: set[str]) -> str | None:
    if file.name.startswith("."):
        return "hidden"
    if file.suffix.lower() not in suffixes:
        return "no reader"
    if _is_ignored(file, specs, is_folder=False):
        return "ignored"
    return _what_is_no_file(file, root)


def _what_is_no_file(file: Path, root: Path) -> str | None:
    try:
        if _is_link(file) and not file.resolve().is_relative_to(root):
            return "links"
        return None if stat.S_ISREG(file.stat().st_mode) else "special"
    except PermissionError:
        return None  # whoever reads it will say so
    except (OSError, RuntimeError):  # a link to nothing, or in a circle
        return "links"


def _is_link(path: Path) -> bool:
    try:
        return path.is_symlink()
    except OSError:
        return False


def _ignored_in(folder: Path, root: Path, counts: Counts) -> _Specs:
    """Return what a folder's ignore file says; one that is none is a failure, since it may have hidden something."""
    file, reason = folder / IGNORE_FILE, None
    try:
        if not _resolved(file).is_relative_to(root):
            reason = "leads out of the folder"
        elif not file.is_file():
            reason = "is no regular file"
        elif file.stat().st_size > LONGEST:
            reason = f"is larger than {LONGEST:,} bytes"
        else:
            text = file.read_text(encoding="utf-8-sig", errors="replace")
            return [(folder, GitIgnoreSpec.from_lines(_patterns(text, file, counts)))]
    except OSError as error:
        reason = f"cannot be read ({error.strerror})"
    counts.failed.append(Failure(_written(file), f"{reason}, and nothing is ignored by it"))
    return []


def _patterns(text: str, file: Path, counts: Counts) -> Iterator[str]:
    for number, line in enumerate(text.splitlines(), start=1):
        try:
            GitIgnoreSpec.from_lines([line])
            broken = any(part.count("*") > _STARS for part in line.split("/"))
        except (ValueError, re.error):
            broken = True
        if broken:
            counts.warnings.append(Failure(_written(file), f"line {number:,} is no pattern, and was passed over"))
        else:
            yield line


def _is_ignored(path: Path, specs: _Specs, *, is_folder: bool) -> bool:
    for folder, spec in reversed(specs):
        relative = path.relative_to(folder).as_posix() + ("/" if is_folder else "")
        included = spec.check_file(relative).include
        # The ignore file nearest to the path that says anything about it decides.
        if included is not None:
            return included
    return False


def _is_utf8(path: Path) -> bool:
    try:
        str(path).encode()
    except UnicodeEncodeError:
        return False
    return True


def _written(path: str | Path) -> str:
    """Return a path with what is not UTF-8 in it escaped, so that it can be printed."""
    return str(path).encode(errors="backslashreplace").decode()
