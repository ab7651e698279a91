"""Chooses among the best passages: different ones, and one of those that say the same."""

from collections.abc import Sequence

import numpy as np

from search.types import Vectors

SAME = 0.95
"""Cosine from which on two passages are near-duplicates."""


def diverse(scores: Sequence[float], vectors: Vectors, k: int, diversity: float) -> list[int]:
    """Return the places of k candidates, each good and unlike those before it.

    :param scores: Of the candidates, best first.
    :param vectors: Their unit rows, (n, d).
    :param diversity: 0 keeps the ranking, 1 looks at differences alone.

    Maximal marginal relevance: Carbonell and Goldstein (1998).
    """
    relevance, closest = np.asarray(scores, dtype=np.float64), np.full(len(vectors), -1.0)
    chosen: list[int] = []
    while len(chosen) < min(k, len(vectors)):
        # The first is the best one, as nothing stands before it.
        value = (1 - diversity) * relevance - diversity * closest if chosen else relevance.copy()
        value[chosen] = -np.inf
        chosen.append(int(np.argmax(value)))
        closest = np.maximum(closest, vectors @ vectors[chosen[-1]])
    return chosen


def folded(vectors: Vectors, k: int, same: float = SAME) -> dict[int, list[int]]:
    """Return the places of the first k candidates that say something new, each with those that repeat it.

    :param vectors: Unit rows of the candidates, best first, (n, d).
    """
    found: dict[int, list[int]] = {}
    for place, row in enumerate(vectors):
        firsts = list(found)
        near = vectors[firsts] @ row if firsts else np.empty(0)
        if len(near) and near.max() >= same:
            found[firsts[int(np.argmax(near))]].append(place)
        elif len(found) < k:
            found[place] = []
    return found
