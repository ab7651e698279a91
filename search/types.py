"""The values that pass between the parts: frozen, and shaped as their comments say."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from search.retrieve.caution import Caution

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
class Excerpt:
    """A passage, and what stands around it in its source."""

    passage: Passage
    before: tuple[Passage, ...]
    after: tuple[Passage, ...]


@dataclass(frozen=True, slots=True)
class Word:
    """A word, and what the similarity loses without it."""

    text: str
    start: int
    """Offset into the text that it is a word of."""
    end: int
    adds: float


@dataclass(frozen=True, slots=True)
class Why:
    """What makes a passage near to a query."""

    start: int
    """Where the nearest sentence begins and ends, as offsets into the passage's text."""
    end: int
    similarity: float
    """Cosine of that sentence with the query, -1 to 1."""
    query: tuple[Word, ...]
    """The query's words: what the sentence's similarity with the query loses without each."""
    passage: tuple[Word, ...]
    """The sentence's words, with offsets into the passage's text."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage with its place in a ranking."""

    rank: int
    """From 1."""
    id: str
    source: str
    text: str
    similarity: float
    """Cosine with the query, -1 to 1."""
    percentile: float | None
    """Share of random pairs of this collection's passages that are less similar, 0 to 100; None when it has
    fewer than two passages."""
    metadata: Mapping[str, MetadataValue]
    start: int
    end: int
    cautions: tuple[Caution, ...] = ()
    """Why the passage may not say what the query says, near as it is."""
    score: float = 0.0
    """What the ranking goes by: in dense mode the cosine, else BM25 over its maximum, or both, weighed; where the
    list was reranked, the cross-encoder's score."""
    by_chance: float | None = None
    """How many passages would be this similar if the collection had nothing to do with the query; None without a
    scale."""
    why: Why | None = None
    """What makes it near, where that was asked for."""
    folded: tuple[str, ...] = ()
    """Ids of near-duplicates that stand behind this hit, where they were folded."""
    lists: int | None = None
    """In how many passages' lists of ten nearest it stands, where that was asked for; ten on average."""


@dataclass(frozen=True, slots=True)
class Spread:
    """Where some cosines lie."""

    mean: float
    deviation: float
    """Standard deviation."""


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
    by_chance: float | None = None
    """How many of these hits chance alone would give at the similarity of the least similar one; None without a
    scale."""
    passages: int = 0
    """Passages that could be found: those of the collection, or those that the filter leaves."""
    against_all: Spread | None = None
    """The query's cosines with all of these; None where they were not all computed."""
    reranked_by: str | None = None
    """The cross-encoder whose scores the order goes by; None where there is none."""

    def _repr_html_(self) -> str:
        """Return the list as notebooks show it."""
        from search.display import hits  # noqa: PLC0415 - only where one is shown

        return hits(self)


@dataclass(frozen=True, slots=True)
class Citation:
    """The span of a source that an answer rests on."""

    n: int
    """The number that the answer's text has in brackets."""
    id: str
    """Of the passage."""
    source: str
    start: int
    """Where the span begins and ends, as offsets into the source's text."""
    end: int
    quote: str
    """The span, verbatim."""
    similarity: float
    """Cosine of the span with the sentence that cites it, -1 to 1; with the question where no chat model speaks."""
    metadata: Mapping[str, MetadataValue] = field(default_factory=dict)
    """Of the passage: page, heading, cell or row where it has one."""


@dataclass(frozen=True, slots=True)
class Statement:
    """A sentence of an answer, checked against what it cites."""

    start: int
    """Where it stands in the answer's text."""
    end: int
    cites: tuple[int, ...]
    support: float | None
    """Cosine with the nearest span that it cites; None where it cites nothing."""
    supported: bool
    cautions: tuple[Caution, ...] = ()
    """What sets it apart from that span."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """Whether the notes answer a question, as far as scores can tell, and how often that is wrong."""

    answerable: bool
    probability: float
    """That they answer it, 0 to 1, where half of all questions are answered."""
    false_answer: float
    """Share of the questions asked of the collection itself, with the notes that answer them hidden, that it would have
    answered; 0 to 1."""
    false_refusal: float
    """Share of those with their notes present that it would have refused; 0 to 1."""
    questions: int
    """How many it was tried on."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What was said to a question, and what it rests on."""

    question: str
    searched: tuple[str, ...]
    """The queries that were searched."""
    answer: str
    refused: bool
    """Whether the notes do not answer it, as far as scores can tell; the answer then names the nearest ones."""
    citations: tuple[Citation, ...]
    model: str
    """The chat model; `extractive` where sentences of the notes are quoted instead."""
    read: tuple[str, ...] = ()
    """Sources of all that a chat model was given, cited or not."""
    statements: tuple[Statement, ...] = ()
    broken: str | None = None
    """Why the answer ends before its end, or was not checked; None for a whole one."""
    judgement: Judgement | None = None
    """Whether the notes answer the question; None where that cannot be judged."""
    took_ms: float = 0.0

    def _repr_html_(self) -> str:
        """Return the answer, with what it rests on, as notebooks show it."""
        from search.display import answer  # noqa: PLC0415 - only where one is shown

        return answer(self)


@dataclass(frozen=True, slots=True)
class PairCaution:
    """A caution about two texts of a comparison, by their places."""

    a: int
    b: int
    kind: str
    why: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """Texts, each with each."""

    embedder: str
    texts: tuple[str, ...]
    similarity: tuple[tuple[float, ...], ...]
    """Cosines, -1 to 1: symmetric, with a diagonal of 1."""
    cautions: tuple[PairCaution, ...]

    def _repr_html_(self) -> str:
        """Return the matrix, and what is said of its pairs, as notebooks show it."""
        from search.display import comparison  # noqa: PLC0415 - only where one is shown

        return comparison(self)


@dataclass(frozen=True, slots=True)
class CollectionInfo:
    """What a collection holds and what it cost."""

    name: str
    embedder: str
    passages: int
    sources: int
    vectors: int
    """Different vectors: equal texts share one."""
    tokens: int
    """Tokens that were embedded for it."""
    cost_usd: float
    bytes: int
    """Size of its texts and vectors."""
