"""The values that pass between the parts: frozen, and shaped as their comments say."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Vector: TypeAlias = NDArray[np.float32]  # (d,), unit length
Vectors: TypeAlias = NDArray[np.float32]  # (n, d), rows of unit length
Coords: TypeAlias = NDArray[np.float32]  # (n, 2)

MetadataValue: TypeAlias = str | int | float | bool


@dataclass(frozen=True, slots=True)
class Passage:
    """A slice of a source: what is embedded, ranked and cited."""

    id: str
    """Made of source and position, so that a second run makes the same ids."""
    source: str
    position: int
    """Place among the source's passages, from 0."""
    text: str
    """The source's text from `start` to `end`, unchanged."""
    start: int
    end: int
    metadata: Mapping[str, MetadataValue] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage with its place in a ranking."""

    rank: int
    """From 1."""
    passage: Passage
    similarity: float
    """Cosine with the query, -1 to 1."""
    percentile: float | None
    """Share of random passage pairs of this collection that are less similar, 0 to 100.
    None in a collection of fewer than two passages."""


@dataclass(frozen=True, slots=True)
class HitList:
    """A ranking, and how it came about."""

    query: str
    mode: str
    exact: bool
    """Whether every passage was compared; else an index was asked, and `recall` says how well it does."""
    recall: float | None
    """Measured recall@10 of the index; 1.0 when exact."""
    embedder: str
    hits: tuple[Hit, ...]
    took_ms: float
