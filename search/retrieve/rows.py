"""Values of a collection's passages, one for each, found by the passages' numbers."""

from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

T = TypeVar("T", bound=np.generic)


@dataclass(frozen=True, slots=True)
class Rows(Generic[T]):
    """A value for each passage."""

    numbers: NDArray[np.int64]
    """Of the passages, ascending."""
    values: NDArray[T]
    """(n,)"""

    def at(self, numbers: NDArray[np.int64]) -> NDArray[T]:
        """Return the values of these passages; zero for those that came in later."""
        if np.array_equal(numbers, self.numbers):
            return self.values
        if not len(self.numbers):
            return np.zeros(len(numbers), dtype=self.values.dtype)
        places = np.minimum(np.searchsorted(self.numbers, numbers), len(self.numbers) - 1)
        found = self.values[places]
        found[self.numbers[places] != numbers] = 0
        return found
