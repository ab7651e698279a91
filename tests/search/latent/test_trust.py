"""Trust, against scikit-learn."""

import numpy as np
import pytest
from sklearn.manifold import trustworthiness as sklearns
from sklearn.neighbors import NearestNeighbors

from search.latent.neighbours import neighbours
from search.latent.projections import pca
from search.latent.trust import K, continuity, kept, map_neighbours, measure, overlap, sample, trustworthiness, wobble
from search.types import Coords, Vectors
from tests.search.latent.conftest import blobs


@pytest.fixture
def drawn() -> tuple[Vectors, Coords]:
    """Rows, and a poor map of them."""
    rows = blobs(300, spread=0.4)
    return rows, pca(rows)


@pytest.mark.parametrize("k", [1, 10, 40])
def test_trustworthiness_and_continuity_are_scikit_learn_s(drawn: tuple[Vectors, Coords], k: int) -> None:
    """Continuity is trustworthiness with the two spaces exchanged."""
    rows, coords = drawn
    assert trustworthiness(rows, coords, k) == pytest.approx(sklearns(rows, coords, n_neighbors=k, metric="cosine"))
    assert continuity(rows, coords, k) == pytest.approx(sklearns(coords, rows, n_neighbors=k))


def test_the_share_of_neighbours_kept_is_scikit_learn_s(drawn: tuple[Vectors, Coords]) -> None:
    """Of each point, how many of its ten nearest are its ten nearest on the map."""
    rows, coords = drawn
    true = NearestNeighbors(n_neighbors=K, metric="cosine").fit(rows).kneighbors(return_distance=False)
    seen = NearestNeighbors(n_neighbors=K).fit(coords).kneighbors(return_distance=False)
    expected = [len(set(a) & set(b)) / K for a, b in zip(true.tolist(), seen.tolist(), strict=True)]
    shares = kept(neighbours(rows), coords)
    assert np.allclose(shares, expected)
    assert measure(rows, coords, shares).knn_recall == pytest.approx(np.mean(expected))


def test_few_points_have_no_measures() -> None:
    """With 20 points or fewer, nothing can be measured over ten neighbours."""
    rows = blobs(20)
    found = measure(rows, pca(rows), np.ones(20, dtype=np.float32))
    assert (found.trustworthiness, found.continuity, found.knn_recall) == (None, None, None)


def test_points_at_one_place_are_not_their_own_neighbours() -> None:
    """Not even where a hundred share it."""
    coords = np.zeros((100, 2), dtype=np.float32)
    found = map_neighbours(coords, 10)
    assert not (found == np.arange(100)[:, None]).any()


def test_a_sample_is_seeded_and_in_order() -> None:
    """All where there are no more; else the same ones each time."""
    assert sample(5, 9, 0).tolist() == [0, 1, 2, 3, 4]
    assert sample(1000, 9, 1).tolist() == sorted(set(sample(1000, 9, 1).tolist()))
    assert sample(1000, 9, 1).tolist() != sample(1000, 9, 2).tolist()


def test_overlap_counts_what_two_lists_share() -> None:
    """Whatever their order."""
    a, b = np.array([[1, 2], [3, 4]], dtype=np.int32), np.array([[2, 1], [4, 5]], dtype=np.int32)
    assert overlap(a, b).tolist() == [1.0, 0.5]


def test_what_no_seed_changes_does_not_wobble() -> None:
    """PCA is the same under any seed; random places share hardly a neighbour."""
    rows = blobs(200)
    coords = pca(rows)
    assert wobble(rows, coords, pca, 0).max() == 0

    def anywhere(some: Vectors, seed: int) -> Coords:
        return np.random.default_rng(seed).normal(size=(len(some), 2)).astype(np.float32)

    assert wobble(rows, coords, anywhere, 0).mean() > 0.8


def test_a_large_map_s_wobble_is_estimated_from_a_sample() -> None:
    """Every point has one, and 1,000 are laid out again."""
    sizes: list[int] = []

    def lay_out(some: Vectors, seed: int) -> Coords:
        sizes.append(len(some))
        return pca(some, seed)

    rows = blobs(1200)
    assert wobble(rows, pca(rows), lay_out, 0).shape == (1200,)
    assert set(sizes) == {1000}
