"""PDF: the text of its pages."""

import io
import logging
import re
from collections.abc import Iterator
from typing import Any, BinaryIO

from ingest.document import Mark, Options, Part
from ingest.encoding import UnreadableError
from ingest.readers.values import clean, metadata, scalar
from search.types import MetadataValue

LARGEST = 256 * 1024 * 1024
"""Bytes of a file: one that is damaged is read whole to be mended."""
_TAIL = 1024 * 1024
"""Bytes in which a file's end is looked for: whoever looks further takes minutes."""
_PART = 500_000
_LONGEST_PAGE = 2_000_000
_LIGATURES = {
    "ﬀ": "ff",
    "ﬁ": "fi",
    "ﬂ": "fl",
    "ﬃ": "ffi",
    "ﬄ": "ffl",
    "ﬅ": "st",
    "ﬆ": "st",
    "\u00ad": "",
    "\u00a0": " ",
}
_LIGATURE = str.maketrans(_LIGATURES)
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
# From the beginning of a word, and not for ever: a page may be one word of a million letters.
_BROKEN = re.compile(r"(?<![^\W\d_])(?<!-)([^\W\d_][\w-]{0,80})-\n([^\W\d_]\w{0,80})")
_WORD = re.compile(r"(?<![\w-])[^\W\d_]{2,}(?![\w-])")
_HYPHENED = re.compile(r"(?<![^\W\d_])(?<!-)[^\W\d_][\w-]{0,80}-[^\W\d_]\w{0,80}")
_OPENS = re.compile(r"(?:[•▪◦‣*\-–]|\(?\d{1,3}(?:\.\d{1,3})*[.)]?|\(?[a-z][.)])\s+\S|\[\d+\]")
_STOP = re.compile(r"[.!?:;…]['\"”’)\]]*$")
_SHORT = 0.75
"""A line this much shorter than the long ones ends a paragraph, unless the next goes on in lower case."""


def read(file: BinaryIO, options: Options = Options()) -> Iterator[Part]:  # noqa: ARG001, B008 - frozen
    """Yield the pages, with their numbers from 1, in parts of some hundred; lines are joined to paragraphs.

    :raises UnreadableError: For a file that is encrypted, broken, too large, or only pictures of text.
    """
    pages = _pages(file)
    said = next(pages)
    start, reasons = 0, list[str]()
    for batch in _batches(pages):
        part = _part(batch, start, said)
        start += len(part.text)
        reasons += part.warnings
        if part.text:
            yield part
    if not start:
        raise UnreadableError(reasons[0] if reasons else "holds no text: a scan needs text recognition (OCR) first")


def _batches(pages: Iterator[Any]) -> Iterator[list[tuple[int, Any]]]:
    batch: list[tuple[int, Any]] = []
    size = 0
    for number, page in enumerate(pages, start=1):
        batch.append((number, page))
        size += len(page) if isinstance(page, str) else 0
        if size > _PART:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _part(pages: list[tuple[int, Any]], start: int, said: dict[str, MetadataValue]) -> Part:
    words = Words("\n".join(page for _, page in pages if isinstance(page, str)))
    text, marks = "", []
    warnings = tuple(f"page {n} cannot be read: {page.reason}" for n, page in pages if not isinstance(page, str))
    for number, page in pages:
        if isinstance(page, str) and (whole := paragraphs(page, words)):
            marks.append(Mark(len(text), {"page": number}))
            text += f"{whole}\n\n"
    return Part(text, start, "notes", tuple(marks), said, warnings=warnings)


def _pages(file: BinaryIO) -> Iterator[Any]:
    """Yield what the file says of itself, then the text of each page, or what is wrong with it."""
    import pypdf  # noqa: PLC0415 - takes a while, and only a PDF needs it

    # What it would log for each fault of a file is in our errors and warnings.
    logging.getLogger("pypdf").addHandler(logging.NullHandler())
    _check(file)
    try:
        reader = pypdf.PdfReader(file)
        _decrypt(reader)
        pages, said = list(reader.pages), metadata(_said(reader))
    except (MemoryError, UnreadableError):
        raise
    except Exception as error:
        raise _translated(error) from error
    yield said
    for page in pages:
        try:
            yield page.extract_text()[:_LONGEST_PAGE]
        except MemoryError:
            raise
        except Exception as error:  # noqa: BLE001 - one page of many
            yield _translated(error)


def _check(file: BinaryIO) -> None:
    size = file.seek(0, io.SEEK_END)
    if size > LARGEST:
        raise UnreadableError(f"is larger than {LARGEST // 2**20} MB: split it first")
    file.seek(max(0, size - _TAIL))
    if b"%%EOF" not in file.read():
        raise UnreadableError("is no whole PDF (its end is missing)")


def _decrypt(reader: Any) -> None:  # noqa: ANN401 - pypdf is imported only here
    if reader.is_encrypted and not reader.decrypt(""):
        raise UnreadableError("is encrypted: save it without its password first")


def _said(reader: Any) -> Iterator[tuple[str, object]]:  # noqa: ANN401
    information = reader.metadata or {}
    for name in ("title", "author"):
        value = information.get(f"/{name.title()}")
        yield name, scalar(str(value)) if value is not None else None


def _translated(error: Exception) -> UnreadableError:
    """Return our error for one of pypdf's: a broken file makes it raise whatever Python has."""
    if type(error).__name__ == "DependencyError":
        return UnreadableError("is encrypted: save it without its encryption first")
    why = " ".join(str(error).split())[:120] or type(error).__name__
    return UnreadableError(f"is no whole PDF ({why})")


class Words:
    """The words of a document, by which one that a line's end broke is mended."""

    def __init__(self, text: str) -> None:
        text = _BROKEN.sub(" ", text.lower().translate(_LIGATURE))
        self._whole = set(_WORD.findall(text))
        self._hyphened = set(_HYPHENED.findall(text))

    def mend(self, broken: re.Match[str]) -> str:
        """Return a word that goes over two lines: with its hyphen, where it has one of its own."""
        first, second = broken.groups()
        both = {first.lower(), second.lower()} <= self._whole and min(len(first), len(second)) > 2  # noqa: PLR2004
        own = f"{first}-{second}".lower() in self._hyphened or second[0].isupper() or "-" in first
        joined = (first + second).lower() in self._whole
        return f"{first}-{second}" if own or (both and not joined) else first + second


def paragraphs(page: str, words: Words) -> str:
    """Return the text of a page with broken words mended, and the lines of a paragraph on one."""
    text = _CONTROL.sub(" ", clean(page).translate(_LIGATURE))
    text = _BROKEN.sub(words.mend, text)
    lines = [" ".join(line.split()) for line in text.split("\n")]
    lengths = sorted(len(line) for line in lines if line)
    usual = lengths[len(lengths) * 4 // 5] if lengths else 0
    ends = (
        "\n" if _ends(line, next_one, usual) else " " for line, next_one in zip(lines, [*lines[1:], ""], strict=True)
    )
    return re.sub(r"\n{3,}", "\n\n", "".join(map(str.__add__, lines, ends))).strip()


def _ends(line: str, following: str, usual: int) -> bool:
    """Whether a paragraph ends with a line: an empty or a short one, or one before a number or a bullet."""
    if not line or not following or _OPENS.match(following):
        return True
    short = len(line) < _SHORT * usual
    return short and (len(line) < usual / 2 or _STOP.search(line) is not None or not following[0].islower())
