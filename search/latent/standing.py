"""A kept map beside the passages that it is of, found without reading them where nothing has changed."""

from contextlib import suppress
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from search.errors import DiskFullError, InvalidInputError
from search.files import whole
from search.latent.fitted import Fitted
from search.latent.rows import Rows, digest, vectors_of
from search.store.collection import Collection
from search.types import Vectors


class Standing:
    """A kept map and the passages that are its points, in the same order."""

    def __init__(self, fitted: Fitted, numbers: NDArray[np.int64], total: int) -> None:
        """:param total: Passages of the collection, of which the points are all or a sample."""
        self.fitted = fitted
        self.numbers = numbers
        """Of the passages in the ledger, (n,)."""
        self.total = total
        self._vectors: Vectors | None = None

    @classmethod
    def of(cls, fitted: Fitted, every: Rows) -> "Standing":
        """Return a map that was brought up to date with all passages."""
        if fitted.ids != every.ids:
            place = {passage_id: i for i, passage_id in enumerate(every.ids)}
            every = every.some(np.array([place[i] for i in fitted.ids], dtype=np.int64))
        found = cls(fitted, every.numbers, every.total)
        found._vectors = every.vectors
        return found

    def but(self, fitted: Fitted) -> "Standing":
        """Return another map of the same points."""
        found = Standing(fitted, self.numbers, self.total)
        found._vectors = self._vectors
        return found

    def vectors(self, collection: Collection) -> Vectors:
        """Return the unit rows of its points, which are read when they are first asked for: to be drawn, none is."""
        if self._vectors is None:
            # Nothing is like the zeros of a passage that is gone.
            self._vectors, _ = vectors_of(collection, self.numbers)
        return self._vectors


def remember(collection: Collection, standing: Standing) -> None:
    """Keep which passages the points of a kept map are, for as long as neither changes."""
    file = _file(collection, standing.fitted)
    # Whoever finds none looks again.
    with suppress(DiskFullError, InvalidInputError), collection.derived.writing() as is_wanted:
        if not is_wanted:
            return
        with whole(file) as part, part.open("wb") as numbers:
            np.save(numbers, standing.numbers, allow_pickle=False)
        for other in set(file.parent.glob("numbers-*.npy")) - {file}:
            other.unlink(missing_ok=True)


def remembered(collection: Collection, fitted: Fitted) -> Standing | None:
    """Return a map with its passages as they were kept; None when it or the collection has changed since."""
    try:
        numbers = np.load(_file(collection, fitted), allow_pickle=False)
    except (OSError, ValueError, EOFError):
        return None
    return Standing(fitted, numbers, len(collection)) if numbers.shape == (len(fitted.ids),) else None


def _file(collection: Collection, fitted: Fitted) -> Path:
    """Return a file that no other state of the collection, and no other ids or vectors of the map, have."""
    return collection.derived.maps / f"numbers-{collection.row.version}-{digest(fitted.ids, fitted.marks)}.npy"
