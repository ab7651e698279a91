"""Plain text, as it stands."""

from collections.abc import Iterator
from typing import BinaryIO, TextIO

from ingest.document import Options, Part
from ingest.encoding import text_of

PIECE = 1_000_000
"""Characters of a part: a file of any size goes through a memory of a few times that."""


def read(file: BinaryIO, options: Options = Options()) -> Iterator[Part]:  # noqa: ARG001, B008 - frozen
    """Yield the text of a file: one part, or many of a huge one."""
    start = 0
    with text_of(file) as text:
        for piece in pieces(text.stream):
            yield Part(piece, start, warnings=text.warnings if start == 0 else ())
            start += len(piece)


def pieces(stream: TextIO) -> Iterator[str]:
    """Yield a text in pieces that end where a paragraph does, else a line, else a word."""
    text = stream.read(PIECE)
    while more := stream.read(PIECE):
        text += more
        end = _end(text)
        yield text[:end]
        text = text[end:]
    if text:
        yield text


def _end(text: str) -> int:
    half = len(text) // 2
    for border in ("\n\n", "\n", " "):
        if (found := text.rfind(border, half)) >= 0:
            return found + len(border)
    return len(text)
