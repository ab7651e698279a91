"""Weights of a multinomial logistic regression, and how strongly they are held back."""

from collections.abc import Callable, Sequence
from hashlib import blake2b
from typing import Any

import numpy as np
from numpy.typing import NDArray

from search.latent.calibrate import Logits, Truth, best_temperature, log_loss, softmax
from search.types import Vectors

FOLDS = 5
_LARGEST = 0.4
"""Share of all examples that a fold of groups has at most."""
_FIRST, _STEP, _MOST_STEPS = 16.0, 4.0, 4
"""Inverse strength of the penalty that is tried first, the factor to the next, and how often it is taken."""
_TOLERANCE, _ITERATIONS = 1e-6, 1_000

Groups = NDArray[np.int64]  # (n,), the number of a group of each example
Tried = Callable[[int], None]


def untold(_tried: int) -> None:
    """Tell nobody."""


def ways_of(vectors: Vectors, groups: Sequence[str]) -> tuple[Groups, ...]:
    """Return what examples can be held out together by, the best first: their groups and equal vectors, or one of both.

    :param groups: What each example is a part of, such as its source; none where they are parts of nothing.
    """
    # Weights that have seen a text would be judged by it.
    known: dict[bytes, int] = {}
    twins = np.array([known.setdefault(blake2b(row.tobytes(), digest_size=8).digest(), len(known)) for row in vectors])
    if not len(groups):
        return (twins,)
    own = np.unique(np.array(groups), return_inverse=True)[1]
    return _joined(own, twins), own, twins


def _joined(a: Groups, b: Groups) -> Groups:
    """Return groups in which are all that share one of either."""
    from scipy.sparse import coo_array  # noqa: PLC0415 - takes half a second
    from scipy.sparse.csgraph import connected_components  # noqa: PLC0415

    count = int(a.max()) + 1
    size = count + int(b.max()) + 1
    pairs = coo_array((np.ones(len(a)), (a, b + count)), shape=(size, size))
    found: Groups = connected_components(pairs, directed=False)[1][a].astype(np.int64)
    return found


def folds_of(truth: Truth, seed: int, *ways: Groups) -> Truth:
    """Return the fold of each example: of each outcome, as many in one as in another.

    :param ways: The group of each example, by the best way first. Parts of one are like each other whatever their
        outcome, so they are held out together by the first way by which each outcome has as many groups as there are
        folds, and these can be made about as large.
    """
    for groups in ways:
        together = _of_groups(truth, seed, groups)
        if together is not None:
            return together
    folds = np.empty(len(truth), dtype=np.int64)
    rng = np.random.default_rng(seed)
    for outcome in range(int(truth.max()) + 1):
        rows = rng.permutation(np.flatnonzero(truth == outcome))
        folds[rows] = (np.arange(len(rows)) + outcome) % FOLDS
    return folds


def _of_groups(truth: Truth, seed: int, groups: Groups) -> Truth | None:
    """Return the fold of each example by its group; None where an outcome has too few of them, or one is too large."""
    names, of = np.unique(groups, return_inverse=True)
    if len(names) == len(truth):
        return None
    counts = np.zeros((len(names), int(truth.max()) + 1), dtype=np.int64)
    np.add.at(counts, (of, truth), 1)
    if ((counts > 0).sum(axis=0) < FOLDS).any():
        return None
    fold = _dealt(counts, np.random.default_rng(seed).permutation(len(names)))
    held = np.zeros((FOLDS, counts.shape[1]), dtype=np.int64)
    np.add.at(held, (fold[of], truth), 1)
    sizes = held.sum(axis=1)
    is_even = sizes.min() > 0 and sizes.max() <= _LARGEST * len(truth)
    # Else some weights would be fitted without an outcome, or to little of what there is.
    return fold[of] if is_even and ((held > 0).sum(axis=0) > 1).all() else None


def _dealt(counts: NDArray[np.int64], order: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the fold of each group, the largest first to where least is of the outcome that most of it has.

    :param counts: Of each outcome in each group, (groups, outcomes).
    :param order: Of groups that are as large.
    """
    own, fold = counts.argmax(axis=1), np.empty(len(counts), dtype=np.int64)
    held = np.zeros((FOLDS, counts.shape[1]), dtype=np.int64)
    for group in order[np.argsort(-counts[order].sum(axis=1), kind="stable")].tolist():
        fold[group] = np.lexsort((held.sum(axis=1), held[:, own[group]]))[0]
        held[fold[group]] += counts[group]
    return fold


def chosen(vectors: Vectors, truth: Truth, folds: Truth, tried_one: Tried = untold) -> tuple[float, Logits]:
    """Return the penalty of the least log-loss, and the logits of each example by weights of the other folds.

    From the first one tried, steps are taken for as long as they help.

    :param tried_one: Called with how many were tried; whatever it raises ends the work.
    """
    tried: dict[float, tuple[float, Logits]] = {}

    def loss(penalty: float) -> float:
        if penalty not in tried:
            tried_one(len(tried))
            logits = held_out(vectors, truth, folds, penalty)
            tried[penalty] = log_loss(softmax(logits, best_temperature(logits, truth)), truth), logits
        return tried[penalty][0]

    best = _FIRST
    for factor in (_STEP, 1 / _STEP):
        for _ in range(_MOST_STEPS):
            if loss(best * factor) >= loss(best):
                break
            best *= factor
    return best, tried[best][1]


def held_out(vectors: Vectors, truth: Truth, folds: Truth, penalty: float) -> Logits:
    """Return the logits of each example by weights that were fitted to the other folds."""
    logits = np.empty((len(truth), int(truth.max()) + 1))
    for fold in range(FOLDS):
        out = folds == fold
        if out.any():
            weights, bias = weights_of(model(vectors[~out], truth[~out], penalty), logits.shape[1])
            logits[out] = vectors[out] @ weights.T + bias
    return logits


def model(vectors: Vectors, truth: Truth, penalty: float) -> Any:  # noqa: ANN401 - scikit-learn has no types
    """Return scikit-learn's model, fitted."""
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415 - takes two seconds

    made = LogisticRegression(C=penalty, tol=_TOLERANCE, max_iter=_ITERATIONS)
    return made.fit(vectors.astype(np.float64), truth)


def weights_of(fitted: Any, outcomes: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:  # noqa: ANN401
    """Return weights and bias with a row for each outcome; scikit-learn has one for two."""
    weights, bias = np.asarray(fitted.coef_), np.asarray(fitted.intercept_)
    if outcomes == 2 and len(weights) == 1:  # noqa: PLR2004
        return np.concatenate([-weights, weights]) / 2, np.concatenate([-bias, bias]) / 2
    return weights, bias
