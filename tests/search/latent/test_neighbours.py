"""Neighbours, against brute force."""

import numpy as np
import pytest

from search.latent.neighbours import nearest, neighbours
from search.types import Vectors
from search.vectors import unit
from tests.search.latent.conftest import blobs


def _brute(rows: Vectors, k: int) -> list[list[int]]:
    similarity = rows @ rows.T
    np.fill_diagonal(similarity, -2)
    return [sorted(range(len(rows)), key=lambda j: (-row[j], j))[:k] for row in similarity]


def test_neighbours_are_those_of_brute_force() -> None:
    """The k nearest, itself left out, with their cosines."""
    rows = blobs(120)
    found = neighbours(rows, 7)
    assert found.indices.tolist() == _brute(rows, 7)
    assert np.allclose(found.similarity, np.take_along_axis(rows @ rows.T, found.indices.astype(np.int64), axis=1))


def test_many_points_are_first_cut_by_a_limit_and_give_the_same() -> None:
    """Above 8,192 points, a limit from sampled columns leaves a few to sort; too few, and all are sorted."""
    rows = unit(np.random.default_rng(1).normal(size=(8_300, 4)))
    # A tight group, so that one row's limit is far from another's.
    rows[:60] = unit(rows[0] + np.random.default_rng(2).normal(scale=1e-3, size=(60, 4)))
    found = nearest(rows, rows[:40], 12)
    for query, indices in zip(rows[:40] @ rows.T, found.indices, strict=True):
        assert np.allclose(np.sort(query[indices])[::-1], np.sort(query)[::-1][:12])


@pytest.mark.parametrize("n", [0, 1, 2, 5])
def test_few_points_have_as_many_neighbours_as_there_are(n: int) -> None:
    """All others, when they are fewer than asked for."""
    assert neighbours(blobs(8)[:n], 90).indices.shape == (n, max(0, n - 1))


def test_equal_rows_are_neighbours_of_each_other() -> None:
    """A duplicate comes first, and no point is its own neighbour."""
    rows = np.concatenate([blobs(40), blobs(40)])
    found = neighbours(rows, 3).indices
    assert found[:40, 0].tolist() == list(range(40, 80))
    assert not (found == np.arange(80)[:, None]).any()


def test_threads_change_nothing() -> None:
    """Each block of rows is its own thread's, and the blocks are the same."""
    rows = blobs(900)
    one, three = neighbours(rows, 5), neighbours(rows, 5, threads=3)
    assert np.array_equal(one.indices, three.indices)
    assert np.array_equal(one.similarity, three.similarity)


def test_progress_is_heard_and_may_end_it() -> None:
    """What is raised ends the work."""
    heard: list[tuple[int, int]] = []
    neighbours(blobs(600), 3, lambda done, total: heard.append((done, total)))
    assert heard == [(256, 600), (512, 600), (600, 600)]

    def stop(_done: int, _total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        neighbours(blobs(40), 3, stop)


def test_distances_are_those_of_the_unit_rows() -> None:
    """What t-SNE goes by."""
    rows = blobs(60)
    found = neighbours(rows, 5)
    expected = np.linalg.norm(rows[:, None] - rows[found.indices], axis=2)
    assert np.allclose(found.distances, expected, atol=1e-3)
