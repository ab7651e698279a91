"""Cosine similarity in NumPy."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from search.errors import ZeroVectorError
from search.types import Vectors


def unit(vectors: ArrayLike) -> Vectors:
    """Return the rows scaled to length 1, as float32.

    :param vectors: (d,) or (n, d), any real type.
    :raises ZeroVectorError: For a row of length zero, or one with a value that is not finite.
    """
    rows = np.asarray(vectors, dtype=np.float64)
    # Scaled by its largest value first, so that squares neither overflow nor vanish.
    largest = np.max(np.abs(rows), axis=-1, keepdims=True, initial=0.0)
    if not np.all(np.isfinite(largest) & (largest > 0)):
        raise ZeroVectorError
    rows = rows / largest
    return np.asarray(rows / np.linalg.norm(rows, axis=-1, keepdims=True), dtype=np.float32)


def cosine(a: ArrayLike, b: ArrayLike) -> float:
    """Return the cosine of the angle between two vectors, -1 to 1.

    :raises ZeroVectorError: When either has length zero.
    """
    product = np.dot(unit(a).astype(np.float64), unit(b).astype(np.float64))
    return float(np.clip(product, -1.0, 1.0))


def cosine_matrix(vectors: Vectors) -> NDArray[np.float64]:
    """Return the (n, n) cosines of unit rows, symmetric, with a diagonal of exactly 1."""
    rows: NDArray[Any] = vectors.astype(np.float64)
    matrix: NDArray[np.float64] = np.clip(rows @ rows.T, -1.0, 1.0)
    matrix = (matrix + matrix.T) / 2
    np.fill_diagonal(matrix, 1.0)
    return matrix
