"""A collection of texts and rows alone, in blocks of some size, where a test needs rows of its own."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from search.store.collection import Matrix, Stored
from search.store.layout import Layout
from search.types import Passage, Vectors


@dataclass(eq=False)
class Bare:
    """As much of a collection as rankings ask for; passages are numbered 0, 10, 20 and so on."""

    words: Sequence[str]
    rows: Vectors
    block: int = 7
    is_exact: bool = True
    name: str = "bare"
    embedder: str = "test"

    @property
    def dimension(self) -> int:
        return int(self.rows.shape[1])

    @property
    def numbers(self) -> NDArray[np.int64]:
        return np.arange(len(self.rows)) * 10

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def matrix(self) -> Matrix:
        return Matrix(Layout(0, self.numbers, self.numbers), self.rows)

    def texts(self) -> Iterator[tuple[int, str]]:
        yield from zip(self.numbers.tolist(), self.words, strict=True)

    def blocks(self) -> Iterator[tuple[NDArray[np.int64], Vectors]]:
        for start in range(0, len(self.rows), self.block):
            yield self.numbers[start : start + self.block], self.rows[start : start + self.block]

    def vectors(self, numbers: Sequence[int]) -> Vectors:
        return self.rows[[number // 10 for number in numbers]]

    def read(self, numbers: Sequence[int]) -> dict[int, Passage]:
        return {n: Passage(str(n), "list", n // 10, self.words[n // 10], 0, 1) for n in numbers}

    def get(self, passage_id: str) -> Stored:
        number = int(passage_id)
        return Stored(number, self.read([number])[number], self.vectors([number])[0])
