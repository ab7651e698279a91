"""Logistic regression for a handful of features: small enough for NumPy, and kept as plain numbers."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_STEPS = 50
_CLOSE = 1e-8
_RIDGE = 1.0
"""Weight of the squared weights, the intercept's left out."""


@dataclass(frozen=True, slots=True)
class Logistic:
    """Log odds as a weighted sum."""

    intercept: float
    weights: tuple[float, ...]

    def log_odds(self, rows: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the log odds of each row, (n,).

        :param rows: (n, features)
        """
        found: NDArray[np.float64] = rows @ np.array(self.weights) + self.intercept
        return found


def fit(rows: NDArray[np.float64], truth: NDArray[np.bool_]) -> Logistic:
    """Fit by Newton's method, with a small ridge, both sides counting alike however many they are.

    :param rows: (n, features)
    :param truth: (n,), of both kinds.
    """
    mean, spread = rows.mean(axis=0), rows.std(axis=0)
    # A feature that never changes says nothing, and keeps a weight of 0.
    spread[spread == 0] = 1.0
    x = np.column_stack([np.ones(len(rows)), (rows - mean) / spread])
    weigh = np.where(truth, 0.5 / truth.mean(), 0.5 / (1 - truth.mean()))
    ridge = np.diag([1e-9, *[_RIDGE] * rows.shape[1]])
    found = np.zeros(x.shape[1])
    for _ in range(_STEPS):
        chance = probability(x @ found)
        slope = x.T @ (weigh * (chance - truth)) + ridge @ found
        curve = (x.T * (weigh * chance * (1 - chance))) @ x + ridge
        step = np.linalg.solve(curve, slope)
        found -= step
        if np.abs(step).max() < _CLOSE:
            break
    weights = found[1:] / spread
    return Logistic(float(found[0] - weights @ mean), tuple(weights.tolist()))


def probability(log_odds: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the probability of log odds, 0 to 1."""
    found: NDArray[np.float64] = 1 / (1 + np.exp(-np.clip(log_odds, -500, 500)))
    return found


def out_of_fold(rows: NDArray[np.float64], truth: NDArray[np.bool_], folds: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return each row's log odds by a regression that has not seen its fold, (n,)."""
    found = np.zeros(len(rows))
    for fold in np.unique(folds):
        own = folds == fold
        found[own] = fit(rows[~own], truth[~own]).log_odds(rows[own])
    return found
