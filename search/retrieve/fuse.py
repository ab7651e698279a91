"""Ranks passages: by meaning, by words, or by both."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple, cast

import numpy as np
from numpy.typing import NDArray

from search.retrieve.dense import Block, candidates, every, recall
from search.retrieve.rows import Rows
from search.store.collection import Collection
from search.types import Spread, Vector, Vectors

MEANING = 0.71
"""Weight of the cosine beside that of BM25 over its maximum. Chosen on Cranfield, MED and ADI, and flat around there
on the larger two."""
_ROUNDING = 2e-6
"""More than a float32 product of unit vectors can be off by."""
_OUT = -np.inf
_MOST_TIES = 16_384
"""Rows that are alike and are ranked exactly at a time."""


class Mode(StrEnum):
    """What a ranking goes by."""

    DENSE = "dense"
    """Cosine."""
    LEXICAL = "lexical"
    """BM25."""
    HYBRID = "hybrid"
    """Both: `MEANING` times the cosine, and the rest times BM25 over its maximum."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to look for."""

    vector: Vector
    k: int
    mode: Mode = Mode.DENSE
    words: Rows[np.float32] | None = None
    """BM25 scores; needed by every mode but dense."""
    keep: Rows[np.bool_] | None = None
    """Passages that may be found; None for all."""
    without: tuple[int, ...] = ()
    """Numbers of passages that may not."""


class Near(NamedTuple):
    """A passage's number in the ledger, its cosine with the query, and what it is ranked by."""

    number: int
    similarity: float
    score: float


@dataclass(frozen=True, slots=True)
class Ranking:
    """Passages, best first."""

    near: tuple[Near, ...]
    exact: bool
    """Whether every passage was compared."""
    recall: float | None
    """Of the index where it was asked instead; 1 when exact."""
    against_all: Spread | None = None
    """The cosines of the query with all passages that may be found; None where they were not all computed."""


class _Part(NamedTuple):
    """The best of one block."""

    numbers: NDArray[np.int64]
    similarity: NDArray[np.float64]
    score: NDArray[np.float64]
    sums: tuple[int, float, float] = (0, 0.0, 0.0)
    """How many cosines were computed, their sum, and that of their squares."""


def rank(collection: Collection, wanted: Wanted) -> Ranking:
    """Return the k best passages; equal ones in the order they came in."""
    words = _relative(wanted)
    block = _candidates(collection, wanted, words)
    blocks = every(collection, wanted.keep) if block is None else [block]
    parts = [_best(block, wanted, words) for block in blocks]
    near = _merged(parts, wanted.k)
    exact = block is None or wanted.mode == Mode.LEXICAL
    return Ranking(near, exact, 1.0 if exact else recall(collection), _spread(parts) if block is None else None)


def _relative(wanted: Wanted) -> Rows[np.float32] | None:
    """Return BM25 over its maximum among the passages that may be found; None where words do not count."""
    if wanted.words is None or wanted.mode == Mode.DENSE:
        return None
    scores = wanted.words.values
    if wanted.keep is not None:
        scores = np.where(wanted.keep.at(wanted.words.numbers), scores, np.float32(0))
    if wanted.without:
        scores = np.where(np.isin(wanted.words.numbers, wanted.without), np.float32(0), scores)
    return Rows(wanted.words.numbers, scores / max(float(scores.max(initial=0)), 1e-9))


def _candidates(collection: Collection, wanted: Wanted, words: Rows[np.float32] | None) -> Block | None:
    also = np.empty(0, dtype=np.int64)
    if words is not None:
        top = _top(words.values, max(100, wanted.k))[:_MOST_TIES]
        also = words.numbers[top[words.values[top] > 0]]
    if wanted.mode == Mode.LEXICAL and not collection.is_exact:
        return Block(also, collection.vectors(also.tolist()))
    return candidates(collection, wanted.vector, wanted.k + len(wanted.without), wanted.keep, also)


def _best(block: Block, wanted: Wanted, words: Rows[np.float32] | None) -> _Part:
    numbers, rows, _ = block
    relative = None if words is None else words.at(numbers)
    cosines = None if wanted.mode == Mode.LEXICAL else block.cosines(wanted.vector)
    scores = _scores(cosines, relative)
    sums = (0, 0.0, 0.0)
    if wanted.keep is not None:
        kept = wanted.keep.at(numbers)
        scores = np.where(kept, scores, np.float32(_OUT))
        sums = _sums(None if cosines is None else cosines[kept])
    else:
        sums = _sums(cosines)
    if wanted.without:
        scores[np.isin(numbers, wanted.without)] = _OUT
    top = _top(scores, wanted.k)
    top = top[scores[top] > _OUT]
    best: list[tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]] = []
    # Where very many are alike, all of them may be among the best.
    for start in range(0, len(top), _MOST_TIES):
        some = top[start : start + _MOST_TIES]
        similarity = _precise(rows[some], wanted.vector)
        score = _combined(wanted.mode, similarity, relative, some)
        order = _order(numbers[some], similarity, score, wanted.k)
        best.append((numbers[some][order], similarity[order], score[order]))
    if not best:
        return _Part(numbers[top], np.empty(0), np.empty(0), sums)
    found, similarity, score = (np.concatenate(column) for column in zip(*best, strict=True))
    return _Part(found, similarity, score, sums)


def _order(
    numbers: NDArray[np.int64], similarity: NDArray[np.float64], score: NDArray[np.float64], k: int
) -> NDArray[np.intp]:
    """Return the places of the best k: by score, then similarity, then number."""
    return np.lexsort((numbers, -similarity, -score))[:k]


def _scores(cosines: NDArray[np.float32] | None, relative: NDArray[np.float32] | None) -> NDArray[np.float32]:
    """Return what passages are ranked by: their cosines, BM25 over its maximum, or both where both are there."""
    if relative is None:
        # A copy, since some are left out below.
        return cast("NDArray[np.float32]", cosines).copy()
    if cosines is None:
        return np.where(relative > 0, relative, np.float32(_OUT))
    return cosines * np.float32(MEANING) + relative * np.float32(1 - MEANING)


def _sums(cosines: NDArray[np.float32] | None) -> tuple[int, float, float]:
    if cosines is None:
        return 0, 0.0, 0.0
    return len(cosines), float(np.sum(cosines, dtype=np.float64)), float(np.dot(cosines, cosines))


def _spread(parts: Sequence[_Part]) -> Spread | None:
    count, total, squares = (
        (sum(column) for column in zip(*(part.sums for part in parts), strict=True)) if parts else (0, 0, 0)
    )
    if count < 2:  # noqa: PLR2004 - one has no spread
        return None
    mean = total / count
    return Spread(mean, math.sqrt(max(0.0, squares / count - mean * mean)))


def _combined(
    mode: Mode, similarity: NDArray[np.float64], relative: NDArray[np.float32] | None, top: NDArray[np.intp]
) -> NDArray[np.float64]:
    if relative is None:
        return similarity
    words = relative[top].astype(np.float64)
    return words if mode == Mode.LEXICAL else MEANING * similarity + (1 - MEANING) * words


def _merged(parts: list[_Part], k: int) -> tuple[Near, ...]:
    if not parts:
        return ()
    numbers, similarity, score = (np.concatenate(column) for column in zip(*(part[:3] for part in parts), strict=True))
    order = _order(numbers, similarity, score, k)
    return tuple(Near(int(numbers[i]), float(similarity[i]), float(score[i])) for i in order)


def _top(scores: NDArray[np.float32], k: int) -> NDArray[np.intp]:
    """Return the rows that may be among the best k once rounding is out of the way."""
    if k >= len(scores):
        return np.arange(len(scores))
    return np.flatnonzero(scores >= np.partition(scores, -k)[-k] - _ROUNDING)


def _precise(rows: Vectors, query: Vector) -> NDArray[np.float64]:
    # Row by row, since a matrix product may round equal rows differently, by where they stand.
    cosines: NDArray[np.float64] = np.sum(rows.astype(np.float64) * query.astype(np.float64), axis=1)
    return np.clip(cosines, -1.0, 1.0)
