"""Analogies as sums of vectors, and how far the inputs stand in the answer's way."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from search.embedders.base import Embedder
from search.errors import InvalidInputError, NotFoundError
from search.retrieve.find import Asked, find
from search.retrieve.fuse import Mode
from search.retrieve.known import Known
from search.retrieve.options import MOST_TERMS, Options
from search.store.collection import Collection
from search.types import Hit, Vector, Vectors
from search.vectors import unit
from search.words.terms import Found, key, look_up, vocabulary

_SIGNS = {"+": 1, "-": -1, "−": -1}
_ROUNDING = 2e-6
"""More than a float32 product of unit vectors can be off by."""
_SHORTEST = 1e-4
"""Length of a sum below which nothing but rounding is left of it."""


@dataclass(frozen=True, slots=True)
class Signed:
    """A term of an expression."""

    text: str
    sign: int
    """1 or -1."""
    stored: bool = False
    """Whether the collection has it; else it was embedded."""


@dataclass(frozen=True, slots=True)
class Expected:
    """Where the answer stands that somebody had in mind."""

    text: str
    rank: int | None
    """Among the terms that are no inputs; None for an input."""
    rank_with_inputs: int


@dataclass(frozen=True, slots=True)
class Analogy:
    """The terms nearest to a sum of others."""

    expression: str
    embedder: str
    terms: tuple[Signed, ...]
    hits: tuple[Hit, ...]
    """Without the inputs; each term once."""
    rank: int | None
    """Of the first hit where the inputs are left out: 1, or None without hits."""
    rank_with_inputs: int | None
    """Of the first hit where they are counted, too, those that the collection lacks as if it had them."""
    expected: Expected | None
    exact: bool
    recall: float | None
    took_ms: float


def parse(words: Sequence[str]) -> tuple[Signed, ...]:
    """Read an expression such as `king - man + woman`, in one string or several.

    A sign stands alone or before a word; inside a word it is a hyphen. Words between signs are one term.

    :raises InvalidInputError: For fewer than two terms, more than 20, or a sign without a term.
    """
    signs, terms = [1], [list[str]()]
    for n, word in enumerate(" ".join(words).split()):
        sign, rest = _SIGNS.get(word[0]), word[1:]
        if sign is None:
            terms[-1].append(word)
            continue
        if n == 0:
            signs, terms = [], []
        signs.append(sign)
        terms.append([rest] if rest else [])
    if not all(terms):
        raise InvalidInputError("a + or - of the analogy has no term beside it: write it like king - man + woman")
    if not 2 <= len(terms) <= MOST_TERMS:  # noqa: PLR2004 - one alone is no analogy
        raise InvalidInputError(
            f"an analogy has 2 to {MOST_TERMS} terms with spaces around + and -, not {len(terms)}: "
            "write it like king - man + woman"
        )
    return tuple(Signed(" ".join(term), sign) for term, sign in zip(terms, signs, strict=True))


def analogy(
    collection: Collection,
    expression: Sequence[str],
    k: int,
    known: Known,
    embedder: Callable[[], Embedder],
    expect: str | None = None,
) -> Analogy:
    """Return the k terms nearest to a sum of terms.

    :param expression: As `parse` reads it.
    :param embedder: Called where the collection lacks a term.
    :param expect: An answer whose rank is wanted.
    :raises NotFoundError: When the collection lacks the expected answer.
    """
    started = time.perf_counter()
    terms = parse(expression)
    inputs = look_up([term.text for term in terms], collection, known, embedder)
    vector = _sum(terms, inputs)
    without = tuple({n for term in inputs for n in term.numbers}) + known.of(collection, vocabulary).repeated
    label = " ".join(expression)
    asked = Asked(label, "", vector, k, Options(mode=Mode.DENSE), without=without, started=started)
    found = find(collection, asked, known, embedder)
    standing = _Standing(collection, vector, inputs, without)
    return Analogy(
        expression=label,
        embedder=collection.embedder,
        terms=tuple(replace(t, stored=bool(i.numbers)) for t, i in zip(terms, inputs, strict=True)),
        # What sets two texts apart says nothing of a sum.
        hits=tuple(replace(hit, cautions=()) for hit in found.hits),
        rank=1 if found.hits else None,
        rank_with_inputs=1 + standing.inputs_before(collection.get(found.hits[0].id).number) if found.hits else None,
        expected=None if expect is None else _expected(expect, standing, known),
        exact=found.exact,
        recall=found.recall,
        took_ms=(time.perf_counter() - started) * 1000,
    )


def _sum(terms: Sequence[Signed], inputs: Sequence[Found]) -> Vector:
    rows = np.stack([term.vector for term in inputs]).astype(np.float64)
    total = np.array([term.sign for term in terms]) @ rows
    if np.linalg.norm(total) < _SHORTEST:
        raise InvalidInputError("the terms cancel each other out: nothing is left to look for")
    return unit(total)


@dataclass(frozen=True, slots=True)
class _Standing:
    """Where passages stand by their cosine with a vector; equal ones in the order they came in."""

    collection: Collection
    vector: Vector
    inputs: Sequence[Found]
    without: tuple[int, ...]
    """Numbers of inputs and of repeated texts."""

    def inputs_before(self, number: int) -> int:
        """Return how many inputs are nearer than a passage; those that the collection lacks come in last."""
        numbers = {n for term in self.inputs for n in term.numbers}
        lacking = {key(term.text): term.vector for term in self.inputs if not term.numbers}
        own, *stored = _cosines(self.collection.vectors([number, *sorted(numbers)]), self.vector).tolist()
        before = sum((-near, n) < (-own, number) for near, n in zip(stored, sorted(numbers), strict=True))
        return before + sum(bool(_cosines(row[np.newaxis], self.vector)[0] > own) for row in lacking.values())

    def others_before(self, number: int) -> int:
        """Return how many passages are nearer than one, inputs not counted."""
        own = float(_cosines(self.collection.vectors([number]), self.vector)[0])
        before = 0
        for numbers, rows in self.collection.blocks():
            # A number that no product can reach.
            scores = np.where(np.isin(numbers, self.without), np.float32(-2), rows @ self.vector)
            close = np.flatnonzero(np.abs(scores - own) <= _ROUNDING)
            near = _cosines(rows[close], self.vector)
            before += int(np.sum(scores > own + _ROUNDING))
            before += int(np.sum((near > own) | ((near == own) & (numbers[close] < number))))
        return before


def _expected(text: str, standing: _Standing, known: Known) -> Expected:
    """Return the better place of those that the spellings of a term have."""
    numbers = known.of(standing.collection, vocabulary).numbers.get(key(text), ())
    if not numbers:
        raise NotFoundError(
            f"no term {text!r} in {standing.collection.name!r}, so it has no rank there: expect one that it has"
        )
    # Spellings of an input have no others between them, but inputs.
    before = {number: (standing.others_before(number), standing.inputs_before(number)) for number in numbers}
    others, inputs = min(before.values())
    is_input = key(text) in {key(term.text) for term in standing.inputs}
    return Expected(text, None if is_input else 1 + others, 1 + others + inputs)


def _cosines(rows: Vectors, vector: Vector) -> NDArray[np.float64]:
    # As rankings have them, so that a hit is no nearer than itself.
    products: NDArray[np.float64] = np.sum(rows.astype(np.float64) * vector.astype(np.float64), axis=1)
    return np.clip(products, -1.0, 1.0)
