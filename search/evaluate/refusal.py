"""Judges refusals by questions of which people said whether the documents answer them."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from search.chat import follow_up
from search.chat.refusal import HITS, Gate, evidence, fit
from search.evaluate.bootstrap import Interval, interval, resamples
from search.evaluate.shelf import Shelf
from search.evaluate.trial import Question, Round
from search.retrieve.find import Asked, find
from search.retrieve.known import Known
from search.retrieve.options import Options, Term
from search.store.collection import Collection
from search.types import Vector


@dataclass(frozen=True, slots=True)
class Labelled:
    """Questions with their vectors, and whether the documents answer them."""

    asked: Round
    answerable: NDArray[np.bool_]
    """(n,)"""

    @classmethod
    def of(cls, shelf: Shelf, questions: Sequence[tuple[Sequence[Term], bool]]) -> "Labelled | None":
        """Return questions by what is searched for them, the weightiest first; None unless there are both kinds."""
        truth = np.array([answerable for _, answerable in questions], dtype=np.bool_)
        if not truth.any() or truth.all():
            return None
        asked = [Question("query", terms[0].text, {}, tuple(terms)) for terms, _ in questions]
        return cls(Round.of(shelf, asked), truth)


@dataclass(frozen=True, slots=True)
class RefusalCard:
    """How far a refusal can be trusted."""

    auroc: Interval
    """How often an answerable question looks better than one that is not: 0.5 is chance, 1 is always."""
    false_answer: Interval
    """Share of the unanswerable questions that are answered, 0 to 1."""
    false_refusal: Interval
    """Share of the answerable ones that are refused, 0 to 1."""
    answerable: int
    unanswerable: int
    fitted: bool
    """Whether there was enough to fit a gate on; else nothing is refused, and the ranking goes by the cosine."""

    def summary(self) -> dict[str, Any]:
        """Return all of it, as JSON has it."""
        return asdict(self)


def evaluate_refusal(collection: Collection, shelf: Shelf, asked: Labelled) -> RefusalCard:
    """Ask a collection what it answers and what it does not."""
    known = Known()
    gate = fit(collection, known, shelf)
    both = zip(asked.asked.questions, asked.asked.vectors, strict=True)
    judged = [_judged(gate, collection, known, shelf, *each) for each in both]
    scores, refused = np.array([score for score, _ in judged]), np.array([refused for _, refused in judged])
    return rates(asked.answerable, scores, refused, fitted=gate is not None)


def rates(
    answerable: NDArray[np.bool_], scores: NDArray[np.float64], refused: NDArray[np.bool_], *, fitted: bool = True
) -> RefusalCard:
    """Return the rates with 95 % bootstrap intervals.

    :param answerable: (n,), of both kinds.
    :param scores: (n,), higher where an answer is likelier.
    :param refused: (n,)
    """
    counts = np.concatenate(list(resamples(len(scores))))
    drawn = [resampled(answerable, scores, block) for block in resamples(len(scores))]
    return RefusalCard(
        interval(auroc(answerable, scores), np.concatenate(drawn)),
        _share(~refused, ~answerable, counts),
        _share(refused, answerable, counts),
        int(answerable.sum()),
        int((~answerable).sum()),
        fitted,
    )


def auroc(answerable: NDArray[np.bool_], scores: NDArray[np.float64]) -> float:
    """Return the area under the ROC curve, 0 to 1.

    :param answerable: (n,), of both kinds.
    """
    from sklearn.metrics import roc_auc_score  # noqa: PLC0415 - takes two seconds

    return float(roc_auc_score(answerable, scores))


def resampled(
    answerable: NDArray[np.bool_], scores: NDArray[np.float64], counts: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Return the same when the questions are there so often, (r, n); NaN for those of one kind alone."""
    order = np.argsort(scores, kind="stable")
    _, first = np.unique(scores[order], return_index=True)
    good = np.add.reduceat((counts * answerable)[:, order], first, axis=1)
    bad = np.add.reduceat((counts * ~answerable)[:, order], first, axis=1)
    # Equal scores are half right.
    right = np.sum(good * (np.cumsum(bad, axis=1) - bad / 2), axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        found: NDArray[np.float64] = right / (good.sum(axis=1) * bad.sum(axis=1))
    return found


def _share(which: NDArray[np.bool_], of: NDArray[np.bool_], counts: NDArray[np.int64]) -> Interval:
    with np.errstate(invalid="ignore", divide="ignore"):
        drawn = (counts @ (which & of)) / (counts @ of)
    return interval(float(which[of].mean()), drawn)


def _judged(
    gate: Gate | None, collection: Collection, known: Known, shelf: Shelf, question: Question, vector: Vector
) -> tuple[float, bool]:
    """Return a question's score, and whether it is refused."""
    words = partial(follow_up.words, question.searched)
    asked = Asked(question.text, question.text, vector, HITS, Options(), words)
    hits = find(collection, asked, known, lambda: shelf.embedder).hits
    told = evidence(question.text, hits, collection, known)
    if gate is None:
        return told.nearest, False
    judgement = gate.judge(told)
    return judgement.probability, not judgement.answerable
