"""Makes probabilities mean what they say: temperature, reliability, and sets of a stated coverage."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

BINS = 15
COVERAGES = (0.8, 0.9, 0.95, 0.99)
_COLDEST, _HOTTEST = 0.02, 50.0
_SMALLEST = 1e-12

Logits = NDArray[np.float64]  # (n, outcomes)
Probabilities = NDArray[np.float64]  # (n, outcomes), rows that sum to 1
Truth = NDArray[np.int64]  # (n,), the number of the outcome


@dataclass(frozen=True, slots=True)
class Bin:
    """Predictions of about the same confidence."""

    low: float
    high: float
    count: int
    confidence: float
    """Mean probability of what was predicted."""
    accuracy: float
    """Share of it that was right."""


def softmax(logits: Logits, temperature: float = 1.0) -> Probabilities:
    """Return probabilities: nearly all for the first at a low temperature, nearly equal ones at a high one."""
    scaled = logits / temperature
    powers = np.exp(scaled - scaled.max(axis=1, keepdims=True))
    found: Probabilities = powers / powers.sum(axis=1, keepdims=True)
    return found


def log_loss(probabilities: Probabilities, truth: Truth) -> float:
    """Return the mean of minus the log of what the true outcome was given, in nats."""
    return float(-np.mean(np.log(np.maximum(probabilities[np.arange(len(truth)), truth], _SMALLEST))))


def best_temperature(logits: Logits, truth: Truth) -> float:
    """Return the temperature of the least log-loss. Guo et al. (2017).

    The truth is taken for one in n + 2 less than sure, as by Platt (1999), so that a few examples that are all right do
    not make it certain.
    """
    from scipy.optimize import minimize_scalar  # noqa: PLC0415 - takes half a second

    n, outcomes = logits.shape
    doubt = 1 / (n + 2)
    aimed = np.full(logits.shape, doubt / max(1, outcomes - 1))
    aimed[np.arange(n), truth] = 1 - doubt

    def loss(logarithm: float) -> float:
        chances = softmax(logits, float(np.exp(logarithm)))
        return float(-np.sum(aimed * np.log(np.maximum(chances, _SMALLEST))) / n)

    found = minimize_scalar(loss, bounds=(np.log(_COLDEST), np.log(_HOTTEST)))
    return float(np.exp(found.x))


def reliability(probabilities: Probabilities, truth: Truth) -> tuple[Bin, ...]:
    """Return predictions by their confidence, in fifteen bins of equal width; empty ones are left out."""
    confidence = probabilities.max(axis=1)
    right = probabilities.argmax(axis=1) == truth
    places = np.minimum((confidence * BINS).astype(np.int64), BINS - 1)
    found = []
    for i in range(BINS):
        some = places == i
        if some.any():
            means = float(confidence[some].mean()), float(right[some].mean())
            found.append(Bin(i / BINS, (i + 1) / BINS, int(some.sum()), *means))
    return tuple(found)


def calibration_error(bins: tuple[Bin, ...]) -> float:
    """Return how far confidence is from accuracy, on average over all predictions: the ECE. Naeini et al. (2015)."""
    total = sum(one.count for one in bins)
    return sum(one.count * abs(one.accuracy - one.confidence) for one in bins) / max(1, total)


def thresholds(probabilities: Probabilities, truth: Truth) -> dict[str, float]:
    """Return for each coverage the probability from which on an outcome belongs to the set.

    Of passages that the weights were not fitted to. Vovk et al. (2005), Sadinle et al. (2019).
    """
    given = np.sort(probabilities[np.arange(len(truth)), truth])
    n = len(given)
    # So many of the true outcomes may fall below, one of them being the passage to come.
    return {str(c): float(given[below - 1]) if (below := int((n + 1) * (1 - c) + 1e-9)) else 0.0 for c in COVERAGES}


def members(probabilities: Probabilities, threshold: float) -> NDArray[np.bool_]:
    """Return which outcomes are in the set of each row, the most probable one always."""
    found: NDArray[np.bool_] = probabilities >= threshold
    found[np.arange(len(found)), probabilities.argmax(axis=1)] = True
    return found
