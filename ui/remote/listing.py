"""The files of this machine that are sent to a server elsewhere, and what became of them."""

import base64
import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from ingest.plan import is_there
from ingest.readers import READERS
from ingest.report import Counts, Failure, Progress, Report
from ingest.sent import MOST_PIECES, Listed
from ingest.uploads import DEEPEST, part, safe
from ingest.walk import find, roots
from search.errors import InvalidInputError, SourceError

PIECE = 2**19
"""Bytes of a file that are sent at once."""
ROOM = 2**20
"""Bytes that a request brings, before they are Base64 and JSON; the server has a limit for that."""
_LABEL = 1_000
"""Bytes that a name may take, more or less."""


class Listing:
    """The files that some paths stand for, found as an ingest finds them, with the names they have on the server."""

    def __init__(self, paths: Sequence[str | Path]) -> None:
        """Find them.

        :raises InvalidInputError: When two would have the same name.
        :raises SourceError: When not one of the paths is there.
        """
        self._counts = Counts()
        self._files: dict[str, Path] = {}
        self._listed: dict[str, Listed] = {}
        self._found: set[Path] = set()
        self._reports: list[Report] = []
        self._root_of: dict[str, str] = {}
        """The name of each path as it was given."""
        for path, root in zip(paths, roots(paths), strict=True):
            name = part(root.name) or "files"
            # Of a folder on a drive that is not there, nothing is said to be gone.
            if is_there(str(root)) or root.suffix in READERS:
                self._root_of[str(path)] = name
            for file in find([path], self._counts):
                self._add(file, name if file == root else f"{name}/{file.relative_to(root).as_posix()}", name)
        if not self._root_of:
            raise SourceError(self._counts.failed[0].source, self._counts.failed[0].reason)

    @property
    def roots(self) -> list[str]:
        """The names of the paths: of a folder its own, without those above it."""
        return list(dict.fromkeys(self._root_of.values()))

    def files(self) -> list[dict[str, Any]]:
        """Return each file with its digest; what cannot be read is a failure."""
        if not self._listed:
            for name, file in self._files.items():
                try:
                    with file.open("rb") as opened:
                        digest = hashlib.file_digest(opened, "sha256").hexdigest()
                        self._listed[name] = Listed(name, digest, opened.tell())
                except OSError as error:
                    self._fail(file, f"cannot be read ({error.strerror})")
        return [asdict(one) for one in self._listed.values()]

    def pieces(self, names: Sequence[str], heard: Callable[[Progress], None]) -> Iterator[list[dict[str, Any]]]:
        """Yield what is to be sent, as much as goes at once.

        :raises SourceError: For a file that cannot be read any more.
        """
        size, sent = sum(self._listed[name].bytes for name in names), 0
        waiting: list[dict[str, Any]] = []
        room = ROOM
        for number, name in enumerate(names, start=1):
            for start, content in self._read(name):
                cost = len(content) + _LABEL
                if cost > room or len(waiting) == MOST_PIECES:
                    yield waiting
                    waiting, room = [], ROOM
                waiting.append({"name": name, "start": start, "content": base64.b64encode(content).decode()})
                room -= cost
                sent += len(content)
                heard(Progress(number, len(names), min(sent, size), size, 0))
        if waiting:
            yield waiting

    def _read(self, name: str) -> Iterator[tuple[int, bytes]]:
        """Yield a file's pieces; an empty file is one of nothing."""
        start = 0
        try:
            with self._files[name].open("rb") as opened:
                while (content := opened.read(PIECE)) or not start:
                    yield start, content
                    start += len(content)
                    if not content:
                        return
        except OSError as error:
            raise SourceError(self._files[name], f"cannot be read ({error.strerror})") from error

    def answered(self, asked: Mapping[str, Any]) -> None:
        """Note what the server will not have.

        :raises SourceError: When there is nothing to send, and the collection has nothing of the paths.
        """
        failed = self._counts.failed
        if not self._listed and not asked["gone"]:
            raise SourceError(failed[0].source, failed[0].reason)
        known = {one.source for one in failed}
        refused = {str(self._files[name]): why for name, why in asked["refused"].items()}
        failed += [Failure(source, why) for source, why in refused.items() if source not in known]
        # A path that is gone now, but was sent before, is no mistake.
        gone = {name for name in self.roots if any(f"{one}/".startswith(f"{name}/") for one in asked["gone"])}
        fine = {path for path, name in self._root_of.items() if name in gone}
        self._counts.failed = [one for one in failed if one.source not in fine]

    def add(self, report: Report) -> None:
        """Note what the server did."""
        self._reports.append(report)

    def report(self, collection: str) -> Report:
        """Return what was done in all, with the names that files have here."""
        counts, told = self._counts, self._reports
        for one in told:
            counts.added += one.added
            counts.changed += one.changed
            counts.renamed += one.renamed
            counts.removed += one.removed
            counts.passages += one.passages
            counts.embedded += one.embedded
            counts.tokens += one.tokens
            counts.cost_usd += one.cost_usd
            counts.failed += self._as_here(one.failed, collection)
            counts.warnings += self._as_here(one.warnings, collection)
        before = sum(one.added + one.changed + one.renamed for one in told[:-1])
        counts.unchanged = told[-1].unchanged - before
        return counts.report()

    def _add(self, file: Path, name: str, root: str) -> None:
        try:
            name = safe(name)
        except InvalidInputError as error:
            self._fail(file, str(error))
            return
        if file in self._found:
            return
        if not name.startswith(root):
            self._fail(file, f"stands more than {DEEPEST - 1} folders deep: name a folder nearer to it")
            return
        if name in self._files:
            raise InvalidInputError(f"{self._files[name]} and {file} would both be {name} there: send them one by one")
        self._files[name] = file
        self._found.add(file)

    def _fail(self, file: Path, reason: str) -> None:
        self._counts.failed.append(Failure(str(file), reason))

    def _as_here(self, found: Sequence[Failure], collection: str) -> list[Failure]:
        return [replace(one, source=self._local(one.source, collection)) for one in found]

    def _local(self, source: str, collection: str) -> str:
        name = source.partition(f"/files/{collection}/")[2]
        return str(self._files.get(name, source))
