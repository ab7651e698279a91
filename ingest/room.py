"""How much room passages take on disk."""

_OVERHEAD = 1_100
"""Bytes of a passage beside its text and vector, in the ledger and in Chroma."""
_COPIES_OF_TEXT = 3
_COPIES_OF_VECTOR = 3.3
"""Ledger, Chroma's log and its index with the links."""
_FLOAT_BYTES = 4


def room(passages: int, characters: int, vectors: int, dimension: int) -> int:
    """Return about how many bytes passages take.

    :param vectors: How many of their vectors are new.
    """
    vector = dimension * _FLOAT_BYTES
    beside = passages * (_OVERHEAD + vector * (_COPIES_OF_VECTOR - 1))
    return round(characters * _COPIES_OF_TEXT + beside + vectors * vector)
