"""How far a mean could be from what it would be with other queries of the same sort: the bootstrap.

Efron and Tibshirani (1993), the percentile interval, 95 %.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

RESAMPLES = 2_000
LEAST = 6
"""Queries that have to differ before anything is better or worse: of five, all go one way once in sixteen times."""
_TAILS = (2.5, 97.5)
_CELLS = 4_000_000
"""Of the tables that are worked on at once."""


@dataclass(frozen=True, slots=True)
class Interval:
    """A value, and the 95 % interval around it."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Difference:
    """A difference, the 95 % interval around it, and what follows."""

    value: float
    low: float
    high: float
    verdict: str
    """`better`, `worse` or `no difference`."""


def resamples(n: int) -> Iterator[NDArray[np.int64]]:
    """Yield blocks of resamples: how often each of n is drawn, (resamples, n). The same ones every time."""
    rng = np.random.default_rng(0)
    block = max(1, min(RESAMPLES, _CELLS // n))
    for start in range(0, RESAMPLES, block):
        rows = min(block, RESAMPLES - start)
        drawn = rng.integers(0, n, size=(rows, n)) + n * np.arange(rows)[:, np.newaxis]
        yield np.bincount(drawn.ravel(), minlength=rows * n).reshape(rows, n)


def means(values: NDArray[np.float64]) -> list[Interval]:
    """Return each column's mean with its interval.

    :param values: (n, columns), a row for each query.
    """
    drawn = np.concatenate([counts @ values for counts in resamples(len(values))]) / len(values)
    return [interval(value, column) for value, column in zip(values.mean(axis=0), drawn.T, strict=True)]


def interval(value: float, drawn: NDArray[np.float64]) -> Interval:
    """Return a statistic with its interval, from its values over resamples; those that have none are NaN."""
    low, high = np.nanpercentile(drawn, _TAILS)
    # Rounding may put the ends of a constant past it.
    return Interval(float(value), min(float(low), float(value)), max(float(high), float(value)))


def differences(values: NDArray[np.float64], earlier: NDArray[np.float64]) -> list[Difference]:
    """Return how much each column's mean is above that of the same queries earlier.

    :param values: (n, columns), as `earlier`.
    """
    change = values - earlier
    moved = np.count_nonzero(change, axis=0)
    return [judge(found, int(count)) for found, count in zip(means(change), moved, strict=True)]


def judge(found: Interval, moved: int) -> Difference:
    """Return a difference with its verdict.

    :param moved: How many queries differ.
    """
    verdict = "no difference"
    if moved >= LEAST and (found.low > 0 or found.high < 0):
        verdict = "better" if found.low > 0 else "worse"
    return Difference(found.value, found.low, found.high, verdict)
