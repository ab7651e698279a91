"""Spearman's rank correlation over many resamples at once."""

import numpy as np
from numpy.typing import NDArray

from search.evaluate.bootstrap import Interval, interval, resamples


def spearman(a: NDArray[np.float64], b: NDArray[np.float64]) -> Interval:
    """Return the rank correlation of two columns with its interval; NaN when one of them is constant."""
    once = np.ones((1, len(a)), dtype=np.int64)
    return interval(float(resampled(a, b, once)[0]), over_resamples(a, b))


def over_resamples(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the rank correlation in each resample of the pairs, (resamples,)."""
    return np.concatenate([resampled(a, b, counts) for counts in resamples(len(a))])


def resampled(a: NDArray[np.float64], b: NDArray[np.float64], counts: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the rank correlation of two columns, (r,), when their pairs are there so often, (r, n)."""
    x, y = _centred(_ranks(a, counts), counts), _centred(_ranks(b, counts), counts)
    with np.errstate(invalid="ignore", divide="ignore"):
        found: NDArray[np.float64] = np.sum(counts * x * y, axis=1) / np.sqrt(
            np.sum(counts * x**2, axis=1) * np.sum(counts * y**2, axis=1)
        )
    return found


def _ranks(values: NDArray[np.float64], counts: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the rank of each value, (r, n); equal ones share the mean of theirs."""
    _, first, places = np.unique(np.sort(values), return_index=True, return_inverse=True)
    order = np.argsort(values, kind="stable")
    together = np.add.reduceat(counts[:, order], first, axis=1)
    ranks = np.cumsum(together, axis=1) - (together - 1) / 2
    found = np.empty(counts.shape)
    found[:, order] = ranks[:, places]
    return found


def _centred(ranks: NDArray[np.float64], counts: NDArray[np.int64]) -> NDArray[np.float64]:
    mean = np.sum(counts * ranks, axis=1, keepdims=True) / np.sum(counts, axis=1, keepdims=True)
    centred: NDArray[np.float64] = ranks - mean
    return centred
