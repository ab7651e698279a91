"""Rankings by meaning, by words and by both equal brute-force oracles."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from numpy.typing import NDArray

from search.retrieve import fuse
from search.retrieve.fuse import MEANING, Mode, Near, Wanted, rank
from search.retrieve.rows import Rows
from search.retrieve.scale import SAMPLE, measure
from search.store.collection import Matrix
from search.store.layout import Layout
from search.types import Vectors
from search.vectors import unit


@dataclass(eq=False)
class Bare:
    """A collection of rows alone, in blocks of some size; passages are not read here."""

    rows: Vectors
    block: int
    is_exact: bool = True

    @property
    def dimension(self) -> int:
        return int(self.rows.shape[1])

    @property
    def numbers(self) -> NDArray[np.int64]:
        return np.arange(len(self.rows)) * 10

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def matrix(self) -> Matrix:
        return Matrix(Layout(0, self.numbers, self.numbers), self.rows)

    def blocks(self) -> Iterator[tuple[NDArray[np.int64], Vectors]]:
        for start in range(0, len(self.rows), self.block):
            yield self.numbers[start : start + self.block], self.rows[start : start + self.block]


def _rank(rows: Vectors, wanted: Wanted, block: int = 7) -> tuple[Near, ...]:
    found = rank(Bare(rows, block), wanted)  # type: ignore[arg-type] # as much of a collection as is asked for
    assert found.exact
    assert found.recall == 1.0
    return found.near


def _cosines(rows: Vectors, query: NDArray[np.float32]) -> list[float]:
    return [math.fsum(row.astype(np.float64) * query.astype(np.float64)) for row in rows]


@example(n=36, k=24, block=5, seed=57, copies=True)
@given(
    n=st.integers(1, 60),
    k=st.integers(1, 70),
    block=st.integers(1, 70),
    seed=st.integers(0, 10**6),
    copies=st.booleans(),
)
def test_dense_equals_brute_force(n: int, k: int, block: int, seed: int, copies: bool) -> None:  # noqa: FBT001
    """Whatever the size, the number asked for, the blocks and the ties."""
    rng = np.random.default_rng(seed)
    rows = unit(rng.normal(size=(n, 6)))
    if copies:
        rows = rows[rng.integers(0, max(1, n // 3), size=n)]
    query = unit(rng.normal(size=6))
    similarity = _cosines(rows, query)
    expected = sorted(range(n), key=lambda i: (-similarity[i], i))[:k]
    assert [near.number for near in _rank(rows, Wanted(query, k), block)] == [10 * i for i in expected]


@given(n=st.integers(1, 50), k=st.integers(1, 60), seed=st.integers(0, 10**6), mode=st.sampled_from(Mode))
def test_each_mode_equals_brute_force_under_a_filter(n: int, k: int, seed: int, mode: Mode) -> None:
    """Scores are as the modes are defined, BM25 over its maximum among what the filter leaves."""
    rng = np.random.default_rng(seed)
    rows, query = unit(rng.normal(size=(n, 5))), unit(rng.normal(size=5))
    words = (rng.random(n) * (rng.random(n) < 0.5)).astype(np.float32) * 9
    kept = rng.random(n) < 0.6
    numbers = np.arange(n) * 10
    found = _rank(rows, Wanted(query, k, mode, Rows(numbers, words), Rows(numbers, kept)))
    relative = np.where(kept, words, 0) / max(float(np.max(np.where(kept, words, 0))), 1e-9)
    cosines = np.array(_cosines(rows, query))
    score = {"dense": cosines, "lexical": relative, "hybrid": MEANING * cosines + (1 - MEANING) * relative}[mode]
    eligible = [i for i in range(n) if kept[i] and (mode != Mode.LEXICAL or words[i] > 0)]
    best = sorted((score[i] for i in eligible), reverse=True)[:k]
    assert {near.number // 10 for near in found} <= set(eligible)
    assert [near.score for near in found] == pytest.approx(best, abs=1e-6)


@pytest.mark.parametrize("mode", Mode)
def test_very_many_that_are_alike_are_ranked_some_at_a_time(mode: Mode, monkeypatch: pytest.MonkeyPatch) -> None:
    """The order is the same, and no more rows are copied at once."""
    seen: list[int] = []
    precise = fuse._precise

    def watched(rows: Vectors, query: NDArray[np.float32]) -> NDArray[np.float64]:
        seen.append(len(rows))
        return precise(rows, query)

    monkeypatch.setattr(fuse, "_precise", watched)
    rng = np.random.default_rng(0)
    rows = unit(rng.normal(size=(3, 5)))[rng.integers(0, 3, size=3_000)]
    wanted = Wanted(rows[0], 40, mode, Rows(np.arange(3_000) * 10, np.ones(3_000, dtype=np.float32)))
    before = _rank(rows, wanted, 2_000)
    assert max(seen) > 64
    seen.clear()
    monkeypatch.setattr(fuse, "_MOST_TIES", 64)
    assert _rank(rows, wanted, 2_000) == before
    assert max(seen) <= 64


def test_a_passage_can_be_left_out() -> None:
    """What is similar to a passage is never the passage itself."""
    rows = unit(np.eye(4))
    assert sorted(near.number for near in _rank(rows, Wanted(rows[2], 10, without=(20,)))) == [0, 10, 30]


def test_similarity_is_the_cosine() -> None:
    """A row finds itself at 1, its opposite at -1."""
    rows = unit(np.array([[1.0, 2.0], [-1.0, -2.0]]))
    assert [near.similarity for near in _rank(rows, Wanted(rows[0], 2))] == pytest.approx([1, -1])


def test_passages_that_came_in_later_have_no_words_yet() -> None:
    """An index of words that is older than the rows leaves the rows where they are."""
    rows = unit(np.eye(3))
    words = Rows(np.array([0, 20]), np.array([0.0, 5.0], dtype=np.float32))
    found = _rank(rows, Wanted(rows[1], 3, Mode.HYBRID, words))
    assert [near.number for near in found] == [10, 20, 0]
    assert [near.score for near in found] == pytest.approx([MEANING, 1 - MEANING, 0])


def test_percentiles_are_shares_of_random_pairs() -> None:
    """Of held-out random pairs, as many are this near by chance as it says."""
    rng = np.random.default_rng(5)
    rows = unit(rng.normal(size=(2 * SAMPLE, 16)))
    scale = measure(Bare(rows, 1_000))  # type: ignore[arg-type]
    a, b = rng.integers(0, len(rows), size=(2, 100_000))
    held_out = np.einsum("ij,ij->i", rows[a], rows[b])[a != b]
    for share in (0.1, 0.01, 0.001):
        measured = np.mean([(scale.chance(s) or 1) <= share for s in held_out])
        assert measured == pytest.approx(share, rel=0.25)


@pytest.mark.parametrize("n", [0, 1])
def test_without_pairs_there_is_no_scale(n: int) -> None:
    """Nothing is made up for a collection that is too small."""
    scale = measure(Bare(unit(np.ones((n, 3))), 5))  # type: ignore[arg-type]
    assert scale.percentile(0.5) is None
    assert scale.chance(0.5) is None


def test_nothing_is_rarer_by_chance_than_what_was_seen() -> None:
    """Three pairs say nothing of one in a thousand."""
    scale = measure(Bare(unit(np.eye(3)), 5))  # type: ignore[arg-type]
    assert scale.chance(0.9) == pytest.approx(1 / 3)
