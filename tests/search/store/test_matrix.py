"""Products with all vectors, asked for by many at once."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np

from search.store.collection import Matrix
from search.store.layout import Layout
from search.vectors import unit


def test_each_gets_its_own_cosines_however_they_are_gathered() -> None:
    """Alone, and in one pass with others."""
    rng = np.random.default_rng(0)
    rows, queries = unit(rng.normal(size=(500, 16))), unit(rng.normal(size=(200, 16)))
    numbers = np.arange(len(rows))
    matrix = Matrix(Layout(1, numbers, numbers), rows)
    with ThreadPoolExecutor(16) as pool:
        found = list(pool.map(matrix.cosines, queries))
    np.testing.assert_allclose(found, queries @ rows.T, atol=1e-6)
    np.testing.assert_allclose(matrix._compared(list(queries)), queries @ rows.T, atol=1e-6)
