"""The odd one out: the term that is least like the others, and whether it stands out at all."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from search.embedders.base import Embedder
from search.errors import InvalidInputError
from search.vectors import cosine_matrix

FEWEST, MOST = 3, 200
CLEAR = 0.2
"""Margin, as a share of the others' own similarity, from which on an answer is clear.

Measured on categories of words with MiniLM: of the clear answers 93 to 95 of 100 are right, whether 2 or 19 belong
together, while a margin on its own, or in spreads, means something else for each number.
"""


@dataclass(frozen=True, slots=True)
class OddOneOut:
    """Terms, and the one that is least like the others."""

    embedder: str
    texts: tuple[str, ...]
    similarity: tuple[float, ...]
    """Mean cosine of each with the others, -1 to 1."""
    odd: str
    """The one with the lowest, or the first of those."""
    place: int
    """Its place in `texts`, from 0."""
    margin: float
    """What it lacks to the next lowest."""
    together: float
    """Mean cosine of the others with each other."""
    clear: bool
    """Whether it stands out: else one of the others may be as odd, or all belong together."""


def odd_one_out(texts: Sequence[str], embedder: Embedder) -> OddOneOut:
    """Return which of some terms does not belong.

    :raises InvalidInputError: For fewer than 3 terms, more than 200, or an empty one.
    """
    if not FEWEST <= len(texts) <= MOST:
        raise InvalidInputError(f"the odd one out is found among {FEWEST} to {MOST} terms, not {len(texts)}")
    if not all(text.strip() for text in texts):
        raise InvalidInputError("a term is empty: give each at least one letter")
    matrix = cosine_matrix(embedder.embed_documents(texts))
    mean = (matrix.sum(axis=1) - 1) / (len(texts) - 1)
    odd = int(np.argmin(mean))
    others = np.delete(np.delete(matrix, odd, axis=0), odd, axis=1)
    together = float((others.sum() - len(others)) / (len(others) * (len(others) - 1)))
    margin = float(np.min(np.delete(mean, odd)) - mean[odd])
    return OddOneOut(
        embedder=embedder.id,
        texts=tuple(texts),
        similarity=tuple(mean.tolist()),
        odd=texts[odd],
        place=odd,
        margin=margin,
        together=together,
        clear=together > 0 and margin >= CLEAR * together,
    )
