"""What a reader makes of a file."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple, TypeAlias

from search.types import MetadataValue

Kind: TypeAlias = Literal["words", "sentences", "notes"]
"""How text is cut: a passage for each line (words, sentences), or passages of some sentences (notes)."""


class Mark(NamedTuple):
    """From here on, in a part's text, passages bear this metadata: a page, a heading."""

    start: int
    metadata: Mapping[str, MetadataValue]


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of a file's text that is cut by itself. A small file is one part, a huge one comes in many."""

    text: str
    start: int = 0
    """Characters of the file's text before it: the reader's text is all parts, one behind the other."""
    kind: Kind = "notes"
    marks: tuple[Mark, ...] = ()
    """In the order of their starts, which count from the part's own beginning."""
    metadata: Mapping[str, MetadataValue] = field(default_factory=dict)
    """Of every passage of the part."""
    markdown: bool = False
    """Whether headings and lists guide the cuts."""


class Span(NamedTuple):
    """A passage's place in the reader's text, by character offsets, and what it bears."""

    start: int
    end: int
    text: str
    metadata: Mapping[str, MetadataValue]
