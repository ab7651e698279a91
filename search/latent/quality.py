"""How well a probe does on examples that its weights were not fitted to."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from search.latent.calibrate import (
    Bin,
    Logits,
    Truth,
    best_temperature,
    calibration_error,
    log_loss,
    members,
    reliability,
    softmax,
    thresholds,
)
from search.latent.weights import FOLDS, Groups, model
from search.types import Vectors

COVERAGE = 0.95
_SHARES = (0.1, 0.25, 0.5, 1.0)
_PULLS = 3


@dataclass(frozen=True, slots=True)
class Pull:
    """The passages that the weights of an outcome owe the most."""

    outcome: str
    towards: tuple[str, ...]
    """Ids of its passages that are least expected to be."""
    away: tuple[str, ...]
    """Ids of others' passages that are most taken for it."""


@dataclass(frozen=True, slots=True)
class Step:
    """A point of the learning curve."""

    examples: int
    accuracy: float
    """On a fifth that was held out."""


@dataclass(frozen=True, slots=True)
class Quality:
    """How well a probe does on examples that its weights were not fitted to."""

    examples: int
    accuracy: float
    balanced_accuracy: float
    """Mean over the outcomes of the share of their examples that are recognised."""
    log_loss: float
    """In nats, after scaling."""
    baseline_log_loss: float
    """Of always giving each outcome its share of the examples."""
    ece: float
    """Expected calibration error, after scaling, 0 to 1."""
    reliability: tuple[Bin, ...]
    set_size: float
    """Outcomes in a set of 95 % coverage, on average."""
    curve: tuple[Step, ...]
    pulls: tuple[Pull, ...]


def quality(
    vectors: Vectors,
    truth: Truth,
    outcomes: tuple[str, ...],
    ids: Sequence[str],
    logits: Logits,
    folds: Truth,
    penalty: float,
    seed: int = 0,
    ways: Sequence[Groups] = (),
) -> Quality:
    """Return how well examples are recognised by weights that were fitted to others.

    :param logits: Of each example, by the weights of the other folds.
    :param ways: As `folds_of` had them.
    """
    scaled = _cross_scaled(logits, truth, folds)
    right = scaled.argmax(axis=1) == truth
    shares = np.bincount(truth) / len(truth)
    bins = reliability(scaled, truth)
    recalls = [float(right[truth == i].mean()) for i in range(len(outcomes))]
    inside = members(scaled, thresholds(scaled, truth)[str(COVERAGE)])
    return Quality(
        examples=len(truth),
        accuracy=float(right.mean()),
        balanced_accuracy=float(np.mean(recalls)),
        log_loss=log_loss(scaled, truth),
        baseline_log_loss=float(-np.sum(shares * np.log(shares))),
        ece=calibration_error(bins),
        reliability=bins,
        set_size=float(inside.sum(axis=1).mean()),
        curve=_curve(vectors, truth, folds, penalty, _turns(folds, seed, ways)),
        pulls=_pulls(scaled, truth, outcomes, ids),
    )


def _cross_scaled(logits: Logits, truth: Truth, folds: Truth) -> Logits:
    """Return probabilities, each fold's by the temperature of the others."""
    scaled = np.empty_like(logits)
    for fold in range(FOLDS):
        out = folds == fold
        if out.any():
            scaled[out] = softmax(logits[out], best_temperature(logits[~out], truth[~out]))
    return scaled


def _turns(folds: Truth, seed: int, ways: Sequence[Groups]) -> NDArray[np.int64]:
    """Return the examples in an order by a seed: group after group where these are held out together."""
    order = np.random.default_rng(seed).permutation(len(folds))
    for groups in ways:
        names, of = np.unique(groups, return_inverse=True)
        if len(np.unique(np.stack([of, folds]), axis=1).T) == len(names):
            firsts = np.full(len(names), len(order))
            np.minimum.at(firsts, of[order], np.arange(len(order)))
            return order[np.argsort(firsts[of[order]], kind="stable")]
    return order


def _curve(vectors: Vectors, truth: Truth, folds: Truth, penalty: float, turns: NDArray[np.int64]) -> tuple[Step, ...]:
    out = folds == 0
    rows = turns[~out[turns]]
    order = np.argsort(_rank(truth[rows]), kind="stable")
    steps = []
    for share in _SHARES:
        some = rows[order[: round(share * len(rows))]]
        if len(np.unique(truth[some])) == truth.max() + 1:
            made = model(vectors[some], truth[some], penalty)
            steps.append(Step(len(some), float(np.mean(made.predict(vectors[out].astype(np.float64)) == truth[out]))))
    return tuple(steps)


def _rank(truth: Truth) -> NDArray[np.float64]:
    """Return each example's place among those of its outcome, 0 to 1, so that a prefix has all of them alike."""
    places = np.empty(len(truth))
    for outcome in np.unique(truth):
        rows = np.flatnonzero(truth == outcome)
        places[rows] = np.arange(len(rows)) / len(rows)
    return places


def _pulls(scaled: Logits, truth: Truth, outcomes: tuple[str, ...], ids: Sequence[str]) -> tuple[Pull, ...]:
    """Return what pulls the weights of each outcome: the sum of all rows, weighed by truth less probability."""
    found = []
    for i, outcome in enumerate(outcomes):
        own, others = np.flatnonzero(truth == i), np.flatnonzero(truth != i)
        towards = own[np.argsort(scaled[own, i], kind="stable")[:_PULLS]]
        away = others[np.argsort(-scaled[others, i], kind="stable")[:_PULLS]]
        found.append(Pull(outcome, tuple(ids[j] for j in towards), tuple(ids[j] for j in away)))
    return tuple(found)
