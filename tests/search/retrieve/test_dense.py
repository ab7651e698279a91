"""Ranking by cosine equals a brute-force oracle."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from numpy.typing import NDArray

from search.retrieve.dense import nearest
from search.retrieve.scale import measure
from search.types import Vectors
from search.vectors import unit


@dataclass(eq=False)
class Rows:
    """A collection of rows alone, in blocks of some size; passages are not read here."""

    rows: Vectors
    block: int

    @property
    def dimension(self) -> int:
        return int(self.rows.shape[1])

    def __len__(self) -> int:
        return len(self.rows)

    def blocks(self) -> Iterator[tuple[NDArray[np.int64], Vectors]]:
        for start in range(0, len(self.rows), self.block):
            part = self.rows[start : start + self.block]
            yield np.arange(start, start + len(part)) * 10, part


def _oracle(rows: Vectors, query: NDArray[np.float32], k: int) -> list[int]:
    similarity = [math.fsum(row.astype(np.float64) * query.astype(np.float64)) for row in rows]
    return [10 * i for i in sorted(range(len(rows)), key=lambda i: (-similarity[i], i))[:k]]


@example(n=36, k=24, block=5, seed=57, copies=True)
@given(
    n=st.integers(1, 60),
    k=st.integers(1, 70),
    block=st.integers(1, 70),
    seed=st.integers(0, 10**6),
    copies=st.booleans(),
)
def test_ranking_equals_brute_force(n: int, k: int, block: int, seed: int, copies: bool) -> None:  # noqa: FBT001
    """Whatever the size, the number asked for, the blocks and the ties."""
    rng = np.random.default_rng(seed)
    rows = unit(rng.normal(size=(n, 6)))
    if copies:
        rows = rows[rng.integers(0, max(1, n // 3), size=n)]
    query = unit(rng.normal(size=6))
    found = nearest(Rows(rows, block), query, k)  # type: ignore[arg-type]
    assert [near.number for near in found] == _oracle(rows, query, k)


def test_a_passage_can_be_left_out() -> None:
    """What is similar to a passage is never the passage itself."""
    rows = unit(np.eye(4))
    found = nearest(Rows(rows, 3), rows[2], 10, without=20)  # type: ignore[arg-type]
    assert sorted(near.number for near in found) == [0, 10, 30]


def test_similarity_is_the_cosine() -> None:
    """A row finds itself at 1, its opposite at -1."""
    rows = unit(np.array([[1.0, 2.0], [-1.0, -2.0]]))
    assert [near.similarity for near in nearest(Rows(rows, 9), rows[0], 2)] == pytest.approx([1, -1])  # type: ignore[arg-type]


def test_percentiles_are_shares_of_random_pairs() -> None:
    """Of held-out random pairs, as many lie below the 99th percentile as it says."""
    rng = np.random.default_rng(5)
    rows = unit(rng.normal(size=(3_000, 16)))
    scale = measure(Rows(rows, 1_000))  # type: ignore[arg-type]
    a, b = rng.integers(0, 3_000, size=(2, 40_000))
    held_out = np.einsum("ij,ij->i", rows[a], rows[b])[a != b]
    above = np.mean([percentile is not None and percentile >= 99 for percentile in map(scale.percentile, held_out)])
    assert above == pytest.approx(0.01, abs=0.0025)


@pytest.mark.parametrize("n", [0, 1])
def test_without_pairs_there_is_no_percentile(n: int) -> None:
    """Nothing is made up for a collection that is too small."""
    assert measure(Rows(unit(np.ones((n, 3))), 5)).percentile(0.5) is None  # type: ignore[arg-type]
