"""Which passages have which words, and how often: a part of an index of words, as arrays."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Postings:
    """The words of some passages."""

    numbers: NDArray[np.int64]
    """Of the passages, (n,), ascending."""
    vectors: NDArray[np.int64]
    """Numbers of their vectors, (n,)."""
    lengths: NDArray[np.float32]
    """Words of each passage, (n,)."""
    words: NDArray[np.int64]
    """The words that there are, (w,), ascending."""
    starts: NDArray[np.int64]
    """Where those of each word begin in the next two, and the end: (w + 1,)."""
    places: NDArray[np.int32]
    """Places of the passages that have a word, word by word."""
    counts: NDArray[np.float32]
    """How often each has it."""

    def of(self, word: int) -> slice:
        """Return where the passages of a word stand; nowhere for one that is not among them."""
        at = int(np.searchsorted(self.words, word))
        if at == len(self.words) or self.words[at] != word:
            return slice(0, 0)
        return slice(int(self.starts[at]), int(self.starts[at + 1]))

    def only(self, kept: NDArray[np.intp]) -> "Postings":
        """Return what is left of it with the passages at some places, ascending."""
        there = np.zeros(len(self.numbers), dtype=np.bool_)
        there[kept] = True
        stays = there[self.places]
        ends = np.concatenate([[0], np.cumsum(stays)])[self.starts]
        has_any = np.diff(ends) > 0
        return Postings(
            numbers=self.numbers[kept],
            vectors=self.vectors[kept],
            lengths=self.lengths[kept],
            words=self.words[has_any],
            starts=np.concatenate([[0], ends[1:][has_any]]),
            places=(np.cumsum(there, dtype=np.int32) - 1)[self.places[stays]],
            counts=self.counts[stays],
        )


def post(numbers: NDArray[np.int64], vectors: NDArray[np.int64], passages: Sequence[Sequence[int]]) -> Postings:
    """Return the postings of passages, each given as its words."""
    lengths = np.fromiter(map(len, passages), dtype=np.int64, count=len(passages))
    words = np.fromiter(chain.from_iterable(passages), dtype=np.int64, count=int(lengths.sum()))
    places = np.repeat(np.arange(len(passages)), lengths)
    # One number for a word in a passage: words first.
    pairs, counts = np.unique(words * max(1, len(passages)) + places, return_counts=True)
    words, places = np.divmod(pairs, max(1, len(passages)))
    distinct, starts = np.unique(words, return_index=True)
    return Postings(
        numbers=numbers,
        vectors=vectors,
        lengths=lengths.astype(np.float32),
        words=distinct,
        starts=np.append(starts, len(words)).astype(np.int64),
        places=places.astype(np.int32),
        counts=counts.astype(np.float32),
    )


def merged(a: Postings, b: Postings) -> Postings:
    """Return two parts as one."""
    numbers = np.concatenate([a.numbers, b.numbers])
    order = np.argsort(numbers, kind="stable")
    rank = np.empty(len(order), dtype=np.int32)
    rank[order] = np.arange(len(order), dtype=np.int32)
    words = np.concatenate([np.repeat(part.words, np.diff(part.starts)) for part in (a, b)])
    by_word = np.argsort(words, kind="stable")
    distinct, starts = np.unique(words[by_word], return_index=True)
    places = rank[np.concatenate([a.places, b.places + np.int32(len(a.numbers))])]
    return Postings(
        numbers=numbers[order],
        vectors=np.concatenate([a.vectors, b.vectors])[order],
        lengths=np.concatenate([a.lengths, b.lengths])[order],
        words=distinct,
        starts=np.append(starts, len(words)).astype(np.int64),
        places=places[by_word],
        counts=np.concatenate([a.counts, b.counts])[by_word],
    )
