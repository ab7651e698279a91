"""Plain text, as it stands."""

from collections.abc import Iterator
from typing import BinaryIO, TextIO

from ingest.document import Options, Part
from ingest.encoding import UnreadableError, text_of

PIECE = 1_000_000
"""Characters of a part: a file of any size goes through a memory of a few times that."""
LONGEST_LINE = 8_000_000
"""No text has a longer one, while to cut such a line takes minutes."""


def read(file: BinaryIO, options: Options = Options()) -> Iterator[Part]:  # noqa: ARG001, B008 - frozen
    """Yield the text of a file: one part, or many of a huge one."""
    start = 0
    with text_of(file) as text:
        for piece in pieces(text.stream):
            yield Part(piece, start, warnings=text.warnings if start == 0 else ())
            start += len(piece)


def pieces(stream: TextIO) -> Iterator[str]:
    """Yield a text in pieces that end where a paragraph does, else a line, else a word.

    :raises UnreadableError: For an endless line, before any of it comes.
    """
    blocks = _blocks(stream)
    text = next(blocks, "")
    for more in blocks:
        text += more
        end = _end(text)
        yield text[:end]
        text = text[end:]
    if text:
        yield text


def _blocks(stream: TextIO) -> Iterator[str]:
    """Yield a text in blocks, each when it is known where the line at its end ends."""
    held: list[str] = []
    lines, length = 1, 0
    while block := stream.read(PIECE):
        end = block.find("\n")
        if length + (len(block) if end < 0 else end) > LONGEST_LINE:
            raise UnreadableError(f"line {lines:,} is longer than {LONGEST_LINE:,} characters")
        if end >= 0:
            yield from held
            held.clear()
        held.append(block)
        lines += block.count("\n")
        length = length + len(block) if end < 0 else len(block) - block.rfind("\n") - 1
    yield from held


def _end(text: str) -> int:
    half = len(text) // 2
    for border in ("\n\n", "\n", " "):
        if (found := text.rfind(border, half)) >= 0:
            return found + len(border)
    return len(text)
