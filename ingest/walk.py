"""Finds the files that are meant by paths."""

import os
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path

from pathspec import GitIgnoreSpec

from ingest.readers import READERS
from ingest.report import Counts, Failure

IGNORE_FILE = ".nearhoodignore"
"""Names what to pass over, in the form of a .gitignore."""
_NEVER = {"node_modules", "__pycache__"}


def find(paths: Sequence[str | Path], counts: Counts) -> list[Path]:
    """Return each file once: those named, and in folders those that a reader knows.

    Hidden and ignored files, links that lead out of their folder, and what is no regular file are passed over and
    counted. Folders are not followed through links, so that no loop is walked.
    """
    found: dict[Path, None] = {}
    for path in paths:
        root = Path(path).expanduser().absolute()
        files = list(_under(root, counts)) if root.is_dir() else _named(root, counts)
        if not files and root.is_dir():
            suffixes = ", ".join(READERS.names())
            counts.failed.append(Failure(str(path), f"holds no file that can be read ({suffixes})"))
        found.update(dict.fromkeys(files))
    return list(found)


def roots(paths: Sequence[str | Path]) -> list[Path]:
    """Return the places that paths stand for, as the names of sources have them."""
    return [Path(path).expanduser().absolute().resolve() for path in paths]


def _named(file: Path, counts: Counts) -> list[Path]:
    reason = None
    if not file.exists():
        reason = "there is no such file or folder"
    elif not file.is_file():
        reason = "is no regular file"
    elif not _is_utf8(file.resolve()):
        reason = "has a name that is not UTF-8"
    if reason:
        counts.failed.append(Failure(str(file), reason))
        return []
    return [file.resolve()]


def _under(root: Path, counts: Counts) -> Iterator[Path]:
    resolved = root.resolve()
    suffixes = set(READERS.names())
    specs: dict[Path, list[tuple[Path, GitIgnoreSpec]]] = {}
    for name, folders, names in os.walk(resolved, onerror=lambda e: counts.failed.append(_unreadable(e))):
        folder = Path(name)
        specs[folder] = [*specs.get(folder.parent, []), *_ignored_in(folder, names)]
        folders[:] = sorted(f for f in folders if _is_walked(folder / f, specs[folder], counts))
        for file in (folder / n for n in sorted(names)):
            reason = _reason_to_skip(file, resolved, specs[folder], suffixes)
            if reason:
                counts.skipped[reason] += 1
            elif not _is_utf8(file):
                counts.failed.append(Failure(str(file), "has a name that is not UTF-8"))
            else:
                yield file.resolve()


def _is_walked(folder: Path, specs: list[tuple[Path, GitIgnoreSpec]], counts: Counts) -> bool:
    reason = None
    if folder.name.startswith(".") or folder.name in _NEVER:
        reason = "hidden folders"
    elif folder.is_symlink():
        reason = "links"
    elif _is_ignored(folder, specs, is_folder=True):
        reason = "ignored"
    if reason:
        counts.skipped[reason] += 1
    return reason is None


def _reason_to_skip(file: Path, root: Path, specs: list[tuple[Path, GitIgnoreSpec]], suffixes: set[str]) -> str | None:
    if file.name.startswith("."):
        return "hidden"
    if file.suffix.lower() not in suffixes:
        return "no reader"
    if _is_ignored(file, specs, is_folder=False):
        return "ignored"
    if file.is_symlink() and not file.resolve().is_relative_to(root):
        return "links"
    try:
        return None if stat.S_ISREG(file.stat().st_mode) else "special"
    except OSError:
        return "links"


def _ignored_in(folder: Path, names: list[str]) -> list[tuple[Path, GitIgnoreSpec]]:
    if IGNORE_FILE not in names:
        return []
    lines = (folder / IGNORE_FILE).read_text(encoding="utf-8", errors="replace").splitlines()
    return [(folder, GitIgnoreSpec.from_lines(lines))]


def _is_ignored(path: Path, specs: list[tuple[Path, GitIgnoreSpec]], *, is_folder: bool) -> bool:
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


def _unreadable(error: OSError) -> Failure:
    return Failure(str(error.filename), f"cannot be read ({error.strerror})")
