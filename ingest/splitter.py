"""Cuts text into passages that are exact slices of it."""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache

from semantic_text_splitter import MarkdownSplitter, TextSplitter

from ingest.document import Part, Span
from search.embedders.base import Embedder

REVISION = 2
"""Counts up with each change that moves a boundary, so that files are cut anew."""
PASSAGE_TOKENS = 200
"""Room for a few sentences of one thought, well inside what the local model sees."""
_PER_TOKEN = 16
"""Characters of a token, at most, in nearly all text: what is longer need not be counted to be too long."""
_REMEMBERED = 1_024
"""Counts of texts that are kept."""
_LINE = re.compile(r"[^\n]+")
_SAYS = re.compile(r"[^\s!-/:-@\[-`{-~]")
"""What is more than punctuation: a rule or a lone full stop is no passage."""
_HEADING = re.compile(r"#{1,6}(?:[ \t]|$)|\([^()]+\)=\s*$")
_UNDERLINE = re.compile(r"(?:=+|-+)\s*$")


def split(part: Part, embedder: Embedder) -> Iterator[Span]:
    """Yield the passages of a part in order."""
    starts = [mark.start for mark in part.marks]
    for start, text in _passages(part, embedder) if part.kind == "notes" else _lines(part.text):
        mark = bisect_right(starts, start) - 1
        metadata = {**part.metadata, **(part.marks[mark].metadata if mark >= 0 else {})}
        yield Span(part.start + start, part.start + start + len(text), text, metadata)


def _lines(text: str) -> Iterator[tuple[int, str]]:
    for line in _LINE.finditer(text):
        if words := line.group().strip():
            yield line.start() + line.group().index(words), words


def _passages(part: Part, embedder: Embedder) -> Iterator[tuple[int, str]]:
    capacity = min(PASSAGE_TOKENS, embedder.max_tokens)
    if (text := part.text.strip()) and len(text) <= capacity * _PER_TOKEN and embedder.count_tokens(text) <= capacity:
        if _SAYS.search(text):
            yield part.text.index(text), text
        return
    kind = MarkdownSplitter if part.markdown else TextSplitter
    chunks = kind.from_callback(_counter(embedder), capacity).chunk_indices(part.text)
    filled = ((start, chunk) for start, chunk in chunks if _SAYS.search(chunk))
    yield from _headed(filled, part.text, capacity, embedder) if part.markdown else filled


def _counter(embedder: Embedder) -> Callable[[str], int]:
    """Return what counts tokens, but takes a text that is far too long for a passage by its length."""
    longest = PASSAGE_TOKENS * _PER_TOKEN
    # The splitter asks for a text several times, and some files repeat themselves.
    count = lru_cache(_REMEMBERED)(embedder.count_tokens)
    return lambda text: count(text) if len(text) <= longest else len(text)


def _headed(
    chunks: Iterable[tuple[int, str]], text: str, capacity: int, embedder: Embedder
) -> Iterator[tuple[int, str]]:
    """Yield chunks, none of them a heading alone: it goes with the text that it heads, which is cut again for it."""
    bare: int | None = None
    for start, chunk in chunks:
        if _is_heading(chunk):
            if bare is not None and embedder.count_tokens(text[bare : start + len(chunk)]) > capacity:
                # An outline, say: headings that are more than a passage takes.
                yield bare, text[bare:start].rstrip()
                bare = None
            bare = start if bare is None else bare
        elif bare is None:
            yield start, chunk
        else:
            yield from _joined(bare, start, text[bare : start + len(chunk)], capacity, embedder)
            bare = None
    if bare is not None:
        yield bare, text[bare:].rstrip()


def _is_heading(chunk: str) -> bool:
    """Whether a chunk is headings (and MyST's labels) and nothing else."""
    lines = [line for line in chunk.split("\n") if line.strip()]
    underlined = len(lines) == 2 and _UNDERLINE.match(lines[1]) is not None  # noqa: PLR2004 - a title and its line
    return underlined or all(_HEADING.match(line) for line in lines)


def _joined(bare: int, start: int, text: str, capacity: int, embedder: Embedder) -> Iterator[tuple[int, str]]:
    """Yield the passages of a heading and of the chunk behind it."""
    if embedder.count_tokens(text) <= capacity:
        yield bare, text
        return
    heading, body = text[: start - bare], text[start - bare :]
    room = max(capacity // 2, capacity - embedder.count_tokens(heading))
    offset, first = MarkdownSplitter.from_callback(_counter(embedder), room).chunk_indices(body)[0]
    end = len(heading) + offset + len(first)
    if embedder.count_tokens(text[:end]) <= capacity:
        yield bare, text[:end]
    else:
        yield bare, heading.rstrip()
        yield start + offset, first
    rest = MarkdownSplitter.from_callback(_counter(embedder), capacity).chunk_indices(text[end:])
    yield from ((bare + end + offset, chunk) for offset, chunk in rest if _SAYS.search(chunk))
