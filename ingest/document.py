"""What a reader makes of a file."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple, TypeAlias

from search.types import MetadataValue

Kind: TypeAlias = Literal["words", "sentences", "notes"]
"""How text is cut: a passage for each line (words, sentences), or passages of some sentences (notes)."""


@dataclass(frozen=True, slots=True)
class Options:
    """What the user says about files; a reader that has no use for it passes it over."""

    text: tuple[str, ...] = ()
    """Columns of a table, or keys of JSON, that are the text; by default, those that read like text."""
    meta: tuple[str, ...] = ()
    """Those that become metadata; by default, all others that hold scalars."""
    kind: Kind | None = None
    """How the text will be cut, where the user says so: of a table, words and sentences are the first column."""


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
    warnings: tuple[str, ...] = ()
    """What the user should hear about the file, a line each: it says it is in an encoding that it is not in."""


class Span(NamedTuple):
    """A passage's place in the reader's text, by character offsets, and what it bears."""

    start: int
    end: int
    text: str
    metadata: Mapping[str, MetadataValue]
