"""Markdown as it stands: of GitHub, of Obsidian's vaults, and MyST."""

import re
from collections.abc import Iterable, Iterator
from typing import BinaryIO

from ingest.document import Mark, Options, Part
from ingest.encoding import text_of
from ingest.readers.frontmatter import front_matter
from ingest.readers.outline import Path, outline
from ingest.readers.text import pieces
from ingest.readers.values import joined
from search.types import MetadataValue

LONGEST = 2_000
"""Characters of the links of a note."""
_TICKS = re.compile("`+")
_LINK = re.compile(r"(!?)\[\[([^\[\]|#\n]+)(?:#[^\[\]|\n]*)?(?:\|[^\[\]\n]*)?\]\]")
_TAG = re.compile(r"(?<!\S)(?<!\]: )#([\w/-]*[^\W\d_][\w/-]*)")


def read(file: BinaryIO, options: Options = Options()) -> Iterator[Part]:  # noqa: ARG001, B008 - frozen
    """Yield the text of a file behind its front matter: one part, or many of a huge one.

    What the front matter says, links, embeds and tags are metadata, and so is the path of headings.
    """
    start, path = 0, Path()
    said: dict[str, MetadataValue] = {}
    tags: list[str] = []
    with text_of(file) as text:
        for piece in pieces(text.stream):
            begin = 0
            if start == 0:
                begin, said, tags = front_matter(piece)
            yield _part(piece[begin:], start + begin, path, said, tags, text.warnings if start == 0 else ())
            start += len(piece)


def _part(
    text: str, start: int, path: Path, said: dict[str, MetadataValue], tags: list[str], warnings: tuple[str, ...]
) -> Part:
    parsed = outline(text)
    marks = [Mark(0, {"heading": path.text})] if path.text else []
    marks += [Mark(h.start, {"heading": path.enter(h.level, h.title)}) for h in parsed.headings]
    metadata = {**said, **_references(parsed.prose, tags)}
    return Part(text, start, "notes", tuple(marks), metadata, markdown=True, warnings=warnings)


def _references(paragraphs: Iterable[str], tags: Iterable[str]) -> dict[str, MetadataValue]:
    """Return what a note names: other notes, files that it embeds, and tags."""
    prose = "\n".join(map(_without_code, paragraphs))
    links = _LINK.findall(prose)
    found = {
        "tags": [*tags, *_TAG.findall(prose)],
        "links": [target.strip() for embeds, target in links if not embeds],
        "embeds": [target.strip() for embeds, target in links if embeds],
    }
    return {key: text for key, names in found.items() if (text := joined(dict.fromkeys(names), LONGEST))}


def _without_code(text: str) -> str:
    """Return a text without what stands between two runs of as many backticks."""
    runs = list(_TICKS.finditer(text))
    closing: dict[int, int] = {}
    pairs: dict[int, int] = {}
    for number in reversed(range(len(runs))):
        length = len(runs[number].group())
        if length in closing:
            pairs[number] = closing[length]
        closing[length] = number
    kept, at, number = list[str](), 0, 0
    while number < len(runs):
        if number in pairs:
            kept.append(text[at : runs[number].start()])
            number = pairs[number]
            at = runs[number].end()
        number += 1
    return "".join([*kept, text[at:]])
