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


def _of(size: int) -> Layout:
    return Layout(size, np.arange(size), np.arange(size))


def test_what_grows_leaves_those_that_are_searched_as_they_are() -> None:
    """However often, and by whomever, one grows."""
    first = Matrix(_of(3), np.full((3, 2), 1, dtype=np.float32))
    ages = [first]
    for size in (5, 6, 40, 41):
        grown = ages[-1].grown(_of(size))
        assert not grown.rows[len(ages[-1].rows) :].any()
        grown.rows[len(ages[-1].rows) :] = size
        ages.append(grown)
    other = ages[2].grown(_of(8))
    other.rows[6:] = 9
    assert [sorted(set(age.rows[:, 0].tolist())) for age in ages] == [
        [1],
        [1, 5],
        [1, 5, 6],
        [1, 5, 6, 40],
        [1, 5, 6, 40, 41],
    ]
    assert other.rows[:, 0].tolist() == [1, 1, 1, 5, 5, 6, 9, 9]
    assert ages[3].rows.base is ages[4].rows.base
    assert ages[3].layout.version == 40
