"""Cuts text into passages that are exact slices of it."""

import re
from bisect import bisect_right
from collections.abc import Iterator

from semantic_text_splitter import MarkdownSplitter, TextSplitter

from ingest.document import Part, Span
from search.embedders.base import Embedder

REVISION = 1
"""Counts up with each change that moves a boundary, so that files are cut anew."""
PASSAGE_TOKENS = 200
"""Room for a few sentences of one thought, well inside what the local model sees."""
_LINE = re.compile(r"[^\n]+")


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
    kind = MarkdownSplitter if part.markdown else TextSplitter
    splitter = kind.from_callback(embedder.count_tokens, capacity)
    return ((start, text) for start, text in splitter.chunk_indices(part.text) if text.strip())
