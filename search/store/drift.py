"""Whether a model still gives what it gave: it may change under its name, and nothing else would say so."""

from collections.abc import Sequence

import numpy as np

from search.embedders.base import Embedder
from search.store.ledger import CollectionRow, Ledger

SAMPLE = 10
"""Passages of a collection that are embedded once more."""
_SAME = 0.98
"""Least cosine of what a model gave and gives: rounding, whole numbers' too, takes less than the rest."""
_NUMBERS = "SELECT number FROM passages WHERE collection = ?"
_WITH_VECTOR = "SELECT p.text, v.vector FROM passages p JOIN vectors v ON v.number = p.vector"


def sample(ledger: Ledger, row: CollectionRow) -> list[tuple[str, bytes]]:
    """Return some passages from all over a collection, by text and vector."""
    # Numbers alone: an offset into rows with texts and vectors would read, and sort, nearly all of them.
    numbers = sorted(number for (number,) in ledger.rows(_NUMBERS, (row.number,)))
    chosen = sorted({numbers[len(numbers) * i // SAMPLE] for i in range(SAMPLE)}) if numbers else []
    marks = ",".join("?" * len(chosen))
    return ledger.rows(f"{_WITH_VECTOR} WHERE p.number IN ({marks}) ORDER BY p.number", chosen)


def count_changed(embedder: Embedder, kept: Sequence[tuple[str, bytes]]) -> int:
    """Return how many of some texts are embedded as something else now.

    :param kept: Texts, each with the bytes of its unit row.
    :raises EmbeddingError: When the embedder fails.
    """
    vectors = dict(kept)
    if not vectors:
        return 0
    now = embedder.embed_documents(list(vectors))
    rows = [np.frombuffer(vector, dtype="<f4") for vector in vectors.values()]
    # No cosine at all, of a vector with something that is no number, is no likeness either.
    return sum(row.shape != other.shape or not row @ other >= _SAME for row, other in zip(rows, now, strict=True))
