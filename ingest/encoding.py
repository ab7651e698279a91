"""Bytes to text."""

import codecs
import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import BinaryIO, TextIO

from charset_normalizer import from_bytes

WESTERN = "cp1252"
SAMPLE = 256 * 1024
"""Bytes by which the encoding of a file that is not UTF-8 is guessed."""
_LONGEST_REASON = 500
_MARGIN = 0.1
_BLOCK = 1024 * 1024
_MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
"""The longer mark first, where one begins with another."""
_INVALID = re.compile("[\udc80-\udcff]")
_MOSTLY = 4
"""So many times more bytes of good than of bad sequences make damaged UTF-8; less is another encoding."""


class UnreadableError(ValueError):
    """A file that is at fault itself; the message is one line that says in what way."""

    def __init__(self, reason: str) -> None:
        # Names in a file and messages of libraries have lines of their own, and no end.
        super().__init__(" ".join(reason.split())[:_LONGEST_REASON])

    @property
    def reason(self) -> str:
        """What is wrong with it."""
        return str(self)


class NotTextError(UnreadableError):
    """Bytes that are no text in any encoding."""

    def __init__(self, reason: str = "is not text") -> None:
        super().__init__(reason)


@dataclass(frozen=True, slots=True)
class Encoding:
    """How bytes are to be read."""

    name: str
    errors: str = "strict"
    skip: int = 0
    """Bytes before the text: a mark that does not tell the truth."""
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Text:
    r"""A file's text, its line ends all `\n`."""

    stream: TextIO
    warnings: tuple[str, ...]


def decode(data: bytes) -> str:
    r"""Return the text of a file, its line ends all `\n`.

    A byte order mark decides, then UTF-8, then what the bytes look like.

    :raises NotTextError: For bytes that are no text.
    """
    with text_of(io.BytesIO(data)) as text:
        return text.stream.read()


@contextmanager
def text_of(file: BinaryIO, newline: str | None = None) -> Iterator[Text]:
    """Open a file's bytes as text; the encoding is that of `decode`.

    :param newline: As `open` has it.
    :raises NotTextError: For bytes that are no text, which may show only while they are read.
    """
    encoding = detect(file)
    file.seek(encoding.skip)
    stream = io.TextIOWrapper(file, encoding.name, encoding.errors, newline)
    try:
        yield Text(stream, encoding.warnings)
    except UnicodeError as error:
        raise NotTextError from error
    finally:
        # Else the file would be closed with the wrapper. Of a reader that nobody reads to the end, it may be before.
        if not file.closed:
            stream.detach()


def detect(file: BinaryIO) -> Encoding:
    """Return how a file is to be read. It is read through once, in blocks.

    :raises NotTextError: For bytes that are no text.
    """
    file.seek(0)
    head = file.read(4096)
    mark = next((mark for mark in _MARKS if head.startswith(mark)), b"")
    if mark and mark != codecs.BOM_UTF8:
        return Encoding(_MARKS[mark])
    if wide := _wide(head):
        return Encoding(wide)
    valid, invalid, first = _scan(file)
    if not invalid:
        return Encoding("utf-8-sig" if mark else "utf-8")
    if valid > _MOSTLY * invalid:
        broken = f"{invalid:,} bytes are not UTF-8, as the rest is, and were replaced"
        return Encoding("utf-8-sig" if mark else "utf-8", "replace", warnings=(broken,))
    return _guessed(file, len(mark), first)


def _wide(head: bytes) -> str | None:
    """Return the UTF-16 that text has whose every second byte is zero, as Latin letters have it."""
    if b"\0" not in head:
        return None
    even, odd = head[::2].count(0) / len(head[::2]), head[1::2].count(0) / max(1, len(head[1::2]))
    if min(even, odd) == 0 and max(even, odd) > 0.7:  # noqa: PLR2004 - some characters are not Latin
        return "utf-16-le" if odd else "utf-16-be"
    return None


def _scan(file: BinaryIO) -> tuple[int, int, int]:
    """Return the bytes of good sequences beyond ASCII, the bad bytes, and where the block of the first of these is."""
    file.seek(0)
    decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
    valid = invalid = first = position = 0
    while block := file.read(_BLOCK):
        if b"\0" in block:
            raise NotTextError
        text = decoder.decode(block)
        bad = 0 if text.isascii() else _bad(text)
        if bad and not invalid:
            first = position
        valid += max(0, len(block) - len(text))
        invalid += bad
        position += len(block)
    return valid, invalid + len(decoder.decode(b"", final=True)), first


def _bad(text: str) -> int:
    try:
        text.encode()
    except UnicodeEncodeError:
        return sum(1 for _ in _INVALID.finditer(text))
    return 0


def _guessed(file: BinaryIO, skip: int, first: int) -> Encoding:
    """Guess by the whole of a small file, or by the block of a large one where it stops being UTF-8."""
    whole = file.seek(0, io.SEEK_END) <= SAMPLE
    file.seek(skip if whole else max(skip, first))
    data = file.read(SAMPLE if whole else _BLOCK)
    if not whole and (bad := next((i for i, b in enumerate(data) if b > 127), 0)) > SAMPLE // 2:  # noqa: PLR2004
        data = data[bad - SAMPLE // 2 :]
    name = _guess(data[:SAMPLE])
    warnings = (f"declares UTF-8 by its byte order mark but is {name}",) if skip else ()
    return Encoding(name, "strict" if whole else "replace", skip, warnings)


def _guess(data: bytes) -> str:
    matches = from_bytes(data)
    best = matches.best()
    if best is None:
        raise NotTextError
    # A lone pound sign makes some English look Japanese: the common encoding wins where it reads as well.
    western = (m for m in matches if WESTERN in m.could_be_from_charset)
    likely = any(m.coherence >= best.coherence - _MARGIN for m in western)
    return WESTERN if likely else best.encoding
