"""The rank correlation equals SciPy's, over all pairs and over resamples."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.stats import spearmanr

from search.evaluate.correlation import resampled, spearman


@given(n=st.integers(3, 30), values=st.integers(2, 8), seed=st.integers(0, 10**6))
def test_each_resample_equals_scipy(n: int, values: int, seed: int) -> None:
    """Ties share a rank, and a pair that is drawn twice counts twice."""
    rng = np.random.default_rng(seed)
    a, b = rng.integers(0, values, size=(2, n)).astype(np.float64)
    drawn = rng.integers(0, n, size=n)
    assume(len(set(a[drawn])) > 1 and len(set(b[drawn])) > 1)
    counts = np.bincount(drawn, minlength=n)[np.newaxis]
    assert resampled(a, b, counts)[0] == pytest.approx(spearmanr(a[drawn], b[drawn]).statistic, abs=1e-12)


def test_the_interval_holds_the_value_and_narrows() -> None:
    """With sixteen times the pairs to a quarter."""
    rng = np.random.default_rng(0)
    a = rng.normal(size=1_600)
    b = a + rng.normal(size=1_600)
    few, many = spearman(a[:100], b[:100]), spearman(a, b)
    assert few.low < few.value < few.high
    assert (few.high - few.low) / (many.high - many.low) == pytest.approx(4, rel=0.3)


def test_resamples_without_an_order_are_passed_over() -> None:
    """Of three pairs, some resamples are one pair three times."""
    found = spearman(np.array([1.0, 2.0, 3.0]), np.array([1.0, 3.0, 2.0]))
    assert -1 <= found.low <= found.value <= found.high <= 1
