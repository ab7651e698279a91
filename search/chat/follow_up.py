"""What is searched for a follow-up question: itself, and itself with what it leaves out.

A question that stands alone is searched alone. One that leans on earlier turns is searched as it is, with what the
conversation began with and with what was introduced last put in, and with the turn before it: a mixture of vectors, and
of BM25 scores alike. The weights were chosen on CAsT 2019 and CANARD (`benchmarks/follow_up.py`). Where there is a chat
model, that says the question whole instead.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from search.chat.leaning import leans
from search.chat.topic import filled, first_topic, latest_topic
from search.embedders.base import Embedder
from search.retrieve.lexical import Lexical
from search.retrieve.options import Term
from search.types import Vector
from search.vectors import unit

FIRST, LATEST, AS_ASKED, PREVIOUS = 0.5, 0.3, 0.1, 0.1
"""Weights of the question about what the conversation began with, and about what was introduced last, of the question
as it was asked, and of the turn before it."""
CONDENSED = 0.7
"""Weight of a chat model's wording beside the question's own."""
_LONGEST = 1_000
"""Characters of the turn before it, and of a chat model's wording."""


def terms(question: str, turns: Sequence[str], answers: Sequence[str] = ()) -> tuple[Term, ...]:
    """Return the texts to search for a question, the weightiest first.

    :param turns: What the user said before, oldest first.
    :param answers: What was answered, oldest first; looked at where the user named nothing.
    """
    said = [turn for turn in turns if turn.strip()]
    if not leans(question, said):
        return (Term(question, 1.0),)
    first = filled(question, first_topic(said, answers))
    latest = latest_topic(said)
    return _merged(
        Term(first, FIRST),
        Term(filled(question, latest) if latest else first, LATEST),
        Term(question, AS_ASKED),
        Term(said[-1].strip()[:_LONGEST], PREVIOUS),
    )


def condensed(question: str, wording: str) -> tuple[Term, ...]:
    """Return the texts to search where a chat model said the question whole; the question alone where it did not."""
    whole = " ".join(wording.split()).strip('"“”')
    if not whole or len(whole) > _LONGEST:
        return (Term(question, 1.0),)
    return _merged(Term(whole, CONDENSED), Term(question, 1 - CONDENSED))


def edited(queries: Sequence[str]) -> tuple[Term, ...]:
    """Return the texts to search where a user says which, all alike."""
    return _merged(*(Term(query, 1 / len(queries)) for query in queries))


def vector(terms: Sequence[Term], embedder: Embedder) -> Vector:
    """Return the unit mixture of the terms' vectors, (d,).

    :raises InvalidInputError: For a term that the embedder refuses.
    """
    rows = np.stack([embedder.embed_query(term.text) for term in terms])
    mixture: Vector = unit(_weights(terms) @ rows)
    return mixture


def words(terms: Sequence[Term], index: Lexical) -> NDArray[np.float32]:
    """Return the mixture of the terms' BM25 scores, each over its maximum, (n,), 0 to 1."""
    mixture = np.zeros(len(index.numbers), dtype=np.float32)
    for term in terms:
        scores = index.scores(term.text)
        mixture += np.float32(term.weight) * scores / max(float(scores.max(initial=0)), 1e-9)
    return mixture


def _weights(terms: Sequence[Term]) -> NDArray[np.float32]:
    return np.array([term.weight for term in terms], dtype=np.float32)


def _merged(*terms: Term) -> tuple[Term, ...]:
    """Return the terms, equal texts as one."""
    weights: dict[str, float] = {}
    for term in terms:
        weights[term.text] = weights.get(term.text, 0.0) + term.weight
    return tuple(sorted((Term(text, weight) for text, weight in weights.items()), key=lambda term: -term.weight))
