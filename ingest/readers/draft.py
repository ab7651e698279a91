"""Text that is put together from another format: Markdown, block by block, with marks where headings stand."""

import re

from ingest.document import Mark, Part
from ingest.readers.outline import Path
from ingest.readers.values import clean
from search.types import MetadataValue

_TICKS = re.compile("`{3,}")


class Draft:
    """A part in the making."""

    def __init__(self, path: Path | None = None) -> None:
        self._blocks: list[str] = []
        self._marks: list[Mark] = []
        self._length = 0
        self._path = path or Path()

    @property
    def length(self) -> int:
        """Characters so far."""
        return self._length

    def heading(self, level: int, title: str) -> None:
        """Add a heading, and mark what follows with its path."""
        if title := " ".join(clean(title).split()):
            self.mark(heading=self._path.enter(level, title))
            self.add(f"{'#' * min(level, 6)} {title}\n\n")

    def paragraph(self, text: str) -> None:
        """Add a paragraph; one without text is left out."""
        if text := clean(text).strip():
            self.add(f"{text}\n\n")

    def item(self, text: str, depth: int = 0) -> None:
        """Add an item of a list, or with others of its kind the row of a table."""
        if text := clean(text).strip():
            self.add(f"{'  ' * depth}{text}\n")

    def code(self, text: str, language: str = "") -> None:
        """Add code in a fence."""
        if (text := clean(text).strip("\n")).strip():
            fence = max([*_TICKS.findall(text), "``"], key=len) + "`"
            self.add(f"{fence}{language}\n{text}\n{fence}\n\n")

    def close(self) -> None:
        """Part what comes from a list or table before it."""
        if self._blocks and not self._blocks[-1].endswith("\n\n"):
            self.add("\n")

    def mark(self, at: int | None = None, **metadata: MetadataValue) -> None:
        """Mark what follows, or what follows a place; what earlier marks say stays in force."""
        before = self._marks[-1].metadata if self._marks else {}
        self._marks.append(Mark(self._length if at is None else at, {**before, **metadata}))

    def add(self, text: str) -> None:
        """Add text as it is."""
        self._blocks.append(text)
        self._length += len(text)

    def part(
        self, start: int = 0, metadata: dict[str, MetadataValue] | None = None, warnings: tuple[str, ...] = ()
    ) -> Part:
        """Return what was put together."""
        return Part("".join(self._blocks), start, "notes", tuple(self._marks), metadata or {}, True, warnings)  # noqa: FBT003
