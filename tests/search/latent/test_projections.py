"""Every row of the table of projections, and what makes t-SNE the same on each run."""

from collections.abc import Callable

import numpy as np
import pytest

from search.errors import UnknownNameError
from search.heard import unheard
from search.latent.neighbours import neighbours
from search.latent.projections import Projection, _opentsnes, pca, tsne
from search.latent.trust import trustworthiness
from search.registry import PROJECTIONS
from tests.search.latent.conftest import blobs

NAMES = PROJECTIONS.names()


def _load(name: str) -> Projection:
    if name == "umap":
        pytest.importorskip("umap")
    projection: Projection = PROJECTIONS.load(name)
    return projection


@pytest.mark.parametrize("dims", [2, 3])
@pytest.mark.parametrize("name", NAMES)
def test_groups_stay_together(name: str, dims: int) -> None:
    """Points of one group are each other's map neighbours, in the plane and in space."""
    rows = blobs(120)
    coords = _load(name)(rows, dims=dims)
    assert coords.shape == (120, dims)
    assert coords.dtype == np.float32
    assert (trustworthiness(rows, coords) or 0) > (0.75 if name == "pca" else 0.85)


@pytest.mark.parametrize("n", [0, 1, 2, 3, 5])
@pytest.mark.parametrize("name", NAMES)
def test_few_points_have_places(name: str, n: int) -> None:
    """Any number of points has finite places."""
    coords = _load(name)(blobs(8)[:n])
    assert coords.shape == (n, 2)
    assert np.isfinite(coords).all()


@pytest.mark.parametrize("name", NAMES)
def test_the_same_seed_gives_the_same_places(name: str) -> None:
    """Twice the same, with neighbours that are known and without."""
    rows = blobs(100)
    project = _load(name)
    assert np.array_equal(project(rows, 3), project(rows, 3, near=neighbours(rows)))


def test_opentsne_is_heard_and_threads_change_nothing() -> None:
    """From 1,000 points on it is what draws; here it draws fewer."""
    rows = blobs(150, groups=5)
    heard: list[int] = []
    near, start = neighbours(rows), pca(rows)
    first = _opentsnes(near, start, 0, lambda done, _total: heard.append(done), 1)
    assert heard[-1] == 750
    assert (trustworthiness(rows, first) or 0) > 0.85
    assert np.array_equal(first, _opentsnes(near, start, 0, unheard, 2))


def test_progress_may_end_a_layout() -> None:
    """What is raised half way comes through, and 1,000 points are openTSNE's."""

    def stop(done: int, _total: int) -> None:
        if done > 0:
            raise KeyboardInterrupt

    rows = blobs(1000)
    with pytest.raises(KeyboardInterrupt):
        tsne(rows, near=neighbours(rows), heard=stop)


def test_pca_is_numpy_s() -> None:
    """The principal components of the covariance, up to their signs."""
    rows = blobs(80)
    centred = rows - rows.mean(axis=0)
    expected = centred @ np.linalg.svd(centred, full_matrices=False)[2][:2].T
    assert np.allclose(np.abs(pca(rows)), np.abs(expected), atol=1e-4)


def test_a_method_that_no_table_has_is_named() -> None:
    """The error lists those there are."""
    with pytest.raises(UnknownNameError, match="tsne, umap, pca"):
        PROJECTIONS.load("lle")


def test_umap_that_is_not_installed_is_said_in_a_line(run_without: Callable[..., str]) -> None:
    """What to install stands in the message."""
    code = (
        "import numpy as np\nfrom search.errors import NotConfiguredError\nfrom search.latent.projections import umap\n"
        "try:\n    umap(np.eye(9, dtype=np.float32))\nexcept NotConfiguredError as error:\n    print(error)"
    )
    assert "pip install 'nearhood[umap]'" in run_without("umap", code)


@pytest.mark.parametrize("n", [4, 8, 40])
@pytest.mark.parametrize("texts", [1, 2])
@pytest.mark.parametrize("name", NAMES)
def test_rows_that_are_all_the_same_have_places(name: str, texts: int, n: int) -> None:
    """There are no components to begin with; of two texts, there is one."""
    rows = np.tile(blobs(8)[[0, -1][:texts]], (n // texts, 1))
    for dims in (2, 3):
        assert np.isfinite(_load(name)(rows, dims=dims)).all()
