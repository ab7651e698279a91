"""Asks questions of which the answers are known, in every mode."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from search.chat import follow_up
from search.evaluate.metrics import DEPTH, score
from search.evaluate.shelf import Shelf
from search.evaluate.table import Scores, Table
from search.retrieve.fuse import Mode, Wanted, rank
from search.retrieve.known import Known
from search.retrieve.options import Term
from search.retrieve.rows import Rows
from search.store.collection import Collection
from search.types import Vector, Vectors
from search.vectors import unit


@dataclass(frozen=True, slots=True)
class Question:
    """A query, and what answers it."""

    kind: str
    text: str
    relevant: Mapping[str, int]
    """Ids of passages, with how well they answer: above 0."""
    terms: tuple[Term, ...] = ()
    """What is searched for it, with weights that add up to 1; empty for its text."""

    @property
    def searched(self) -> tuple[Term, ...]:
        """What is searched."""
        return self.terms or (Term(self.text, 1.0),)


@dataclass(frozen=True, slots=True)
class Round:
    """Questions with their vectors."""

    questions: tuple[Question, ...]
    vectors: Vectors

    @classmethod
    def of(cls, shelf: Shelf, questions: Sequence[Question]) -> "Round":
        """Return some questions with their vectors."""
        rows = shelf.queries([term.text for question in questions for term in question.searched])
        mixtures, at = [], 0
        for question in questions:
            some = rows[at : at + len(question.searched)]
            at += len(some)
            weights = np.array([term.weight for term in question.searched], dtype=np.float32)
            mixtures.append(unit(weights @ some) if len(some) > 1 else some[0])
        return cls(tuple(questions), np.stack(mixtures) if mixtures else rows)


class Trial:
    """A collection to be asked, and the metrics that count."""

    def __init__(self, collection: Collection, metrics: tuple[str, ...]) -> None:
        self.metrics = metrics
        self._collection = collection
        self._known = Known()

    @property
    def default(self) -> Mode:
        """The mode that a search takes where none is named."""
        return self._known.mode(self._collection)

    def modes(self, asked: Round) -> Table:
        """Return the scores in every mode."""
        questions = tuple((question.kind, question.text) for question in asked.questions)
        return Table(questions, self.metrics, {mode.value: self.scores(asked, mode) for mode in Mode})

    def scores(self, asked: Round, mode: Mode) -> Scores:
        """Return each question's score by each metric."""
        both = zip(asked.questions, asked.vectors, strict=True)
        rankings = [self._ranking(question.searched, vector, mode) for question, vector in both]
        return score([question.relevant for question in asked.questions], rankings, self.metrics)

    def _ranking(self, terms: Sequence[Term], vector: Vector, mode: Mode) -> list[str]:
        words = None
        if mode != Mode.DENSE:
            index = self._known.lexical(self._collection)
            words = Rows(index.numbers, follow_up.words(terms, index))
        near = rank(self._collection, Wanted(vector, DEPTH, mode, words)).near
        passages = self._collection.read([n.number for n in near])
        return [passages[n.number].id for n in near]
