"""Cosine similarity, against arithmetic that can be done by hand and against float64."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from search.errors import ZeroVectorError
from search.vectors import cosine, cosine_matrix, unit

FINITE = st.floats(-1e300, 1e300, allow_nan=False).filter(lambda x: x == 0 or abs(x) > 1e-300)


def rows(count: int, dimension: int = 4) -> st.SearchStrategy[NDArray[np.float64]]:
    """Return matrices of which no row is zero."""
    return arrays(np.float64, (count, dimension), elements=FINITE).filter(lambda m: bool(np.all(np.any(m, axis=1))))


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        ([1, 0], [0, 1], 0),
        ([1, 0], [0, 2], 0),
        ([1, 0], [1, 0], 1),
        ([1, 0], [2, 0], 1),
        ([1, 0], [-2, 0], -1),
    ],
)
def test_the_cosines_of_the_lecture(a: list[int], b: list[int], expected: int) -> None:
    """Direction counts and length does not, exactly."""
    assert cosine(a, b) == expected


@pytest.mark.parametrize("bad", [[0, 0], [0.0, -0.0], [float("nan"), 1], [float("inf"), 1], []])
def test_what_has_no_direction_is_refused(bad: list[float]) -> None:
    """A zero vector has no cosine with anything, and neither has one that is not finite."""
    with pytest.raises(ZeroVectorError):
        cosine(bad, [1, 0][: len(bad)])
    with pytest.raises(ZeroVectorError):
        unit([bad])


def test_no_rows_stay_no_rows() -> None:
    """An empty matrix is not an error."""
    assert unit(np.empty((0, 3))).shape == (0, 3)
    assert cosine_matrix(np.empty((0, 3), dtype=np.float32)).shape == (0, 0)


@given(rows(3))
def test_unit_rows_have_length_one(matrix: NDArray[np.float64]) -> None:
    """Rows of any size become float32 of length one, and keep their direction."""
    units = unit(matrix)
    assert units.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(units, axis=1), 1, atol=1e-6)
    largest = np.argmax(np.abs(matrix), axis=1)[:, None]
    signs = np.sign(np.take_along_axis(matrix, largest, axis=1))
    assert np.all(np.take_along_axis(units, largest, axis=1) * signs > 0)


@given(rows(2), st.floats(1e-3, 1e3))
def test_cosine_agrees_with_float64(pair: NDArray[np.float64], scale: float) -> None:
    """Against an oracle in float64; symmetric, bounded, and blind to length."""
    scaled = pair / np.max(np.abs(pair), axis=1, keepdims=True)
    a, b = scaled / np.linalg.norm(scaled, axis=1, keepdims=True)
    assert cosine(*pair) == pytest.approx(float(a @ b), abs=1e-6)
    assert cosine(*pair) == cosine(*pair[::-1])
    assert -1 <= cosine(*pair) <= 1
    assert cosine(scaled[0] * scale, scaled[1]) == pytest.approx(cosine(*pair), abs=1e-6)


@given(rows(5))
def test_the_matrix_holds_the_cosines(matrix: NDArray[np.float64]) -> None:
    """It is symmetric, has a diagonal of exactly one, and agrees with single pairs."""
    cosines = cosine_matrix(unit(matrix))
    np.testing.assert_array_equal(cosines, cosines.T)
    np.testing.assert_array_equal(np.diagonal(cosines), 1)
    assert cosines[1, 3] == pytest.approx(cosine(matrix[1], matrix[3]), abs=1e-6)
