"""Intervals hold the value, cover the truth, and shrink as queries come in."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from search.evaluate.bootstrap import LEAST, RESAMPLES, differences, means, resamples


@given(arrays(np.float64, st.tuples(st.integers(1, 40), st.integers(1, 3)), elements=st.floats(0, 1)))
def test_an_interval_holds_its_value_and_stays_among_the_scores(values: NDArray[np.float64]) -> None:
    """Whatever the scores."""
    for column, found in zip(values.T, means(values), strict=True):
        assert found.value == pytest.approx(column.mean())
        assert found.low <= found.value <= found.high
        assert column.min() - 1e-9 <= found.low
        assert found.high <= column.max() + 1e-9


def test_equal_scores_leave_nothing_to_chance() -> None:
    """The interval of a constant is the constant."""
    (found,) = means(np.full((30, 1), 0.1))
    assert [found.low, found.high] == pytest.approx([0.1, 0.1])


def test_the_truth_is_inside_95_times_of_100() -> None:
    """Over many sets of queries whose true mean is known."""
    rng = np.random.default_rng(7)
    inside = 0
    for _ in range(300):
        (found,) = means(rng.beta(0.5, 0.5, size=(60, 1)))
        inside += found.low <= 0.5 <= found.high
    assert 0.91 <= inside / 300 <= 0.98


def test_four_times_the_queries_halve_the_interval() -> None:
    """As the standard error does."""
    rng = np.random.default_rng(1)
    few, many = means(rng.random((100, 1)))[0], means(rng.random((400, 1)))[0]
    assert (few.high - few.low) / (many.high - many.low) == pytest.approx(2, rel=0.15)


def test_the_same_scores_have_the_same_interval() -> None:
    """In every run."""
    values = np.random.default_rng(2).random((50, 2))
    assert means(values) == means(values)


@pytest.mark.parametrize("n", [1, 7, 5_000])
def test_a_resample_has_as_many_as_there_are(n: int) -> None:
    """In blocks whose sizes add up."""
    blocks = list(resamples(n))
    assert sum(len(block) for block in blocks) == RESAMPLES
    assert all(np.all(block.sum(axis=1) == n) for block in blocks)


def test_a_paired_difference_sees_what_two_intervals_do_not() -> None:
    """Each query a little better is better, though queries differ much among themselves."""
    rng = np.random.default_rng(3)
    earlier = rng.random((80, 1))
    later = earlier + rng.uniform(0, 0.02, size=(80, 1))
    assert [d.verdict for d in differences(later, earlier)] == ["better"]
    assert [d.verdict for d in differences(earlier, later)] == ["worse"]
    assert means(later)[0].low < means(earlier)[0].high


def test_a_difference_that_goes_both_ways_is_none() -> None:
    """Nor is one between a column and itself."""
    rng = np.random.default_rng(4)
    earlier = rng.random((80, 1))
    noise = rng.normal(size=(80, 1))
    assert differences(earlier + noise - noise.mean(), earlier)[0].verdict == "no difference"
    assert differences(earlier, earlier)[0].verdict == "no difference"


def test_a_handful_of_queries_decides_nothing() -> None:
    """All of five go one way too often by chance, all of six do not."""
    few = np.zeros((40, 1))
    few[: LEAST - 1] = 1
    assert differences(few, np.zeros((40, 1)))[0].verdict == "no difference"
    few[:LEAST] = 1
    assert differences(few, np.zeros((40, 1)))[0].verdict == "better"


def test_false_verdicts_are_rare() -> None:
    """Of two ways that are equally good, one is called better or worse about once in twenty times."""
    rng = np.random.default_rng(5)
    called = [differences(rng.random((60, 1)), rng.random((60, 1)))[0].verdict for _ in range(300)]
    assert sum(verdict != "no difference" for verdict in called) / 300 <= 0.09
