"""The lecture's t-SNE, and what the map says of itself."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from sklearn.manifold import TSNE
from sklearn.manifold import trustworthiness as sklearns

from ingest.sample import WORDS
from search.embedders.base import open_embedder
from search.latent.projections import tsne
from search.latent.trust import trustworthiness
from search.settings import Settings
from search.types import Vectors
from search.vectors import unit


@pytest.fixture
def words(settings: Settings) -> Vectors:
    """The lecture's 49 words."""
    return open_embedder("local", settings).embed_documents(WORDS.read_text().split())


def test_the_lecture_s_words_make_a_matrix_of_49_rows(words: Vectors) -> None:
    """49 words give a (49, d) matrix."""
    assert words.shape == (49, 384)


def test_tsne_is_scikit_learn_s_with_the_lecture_s_parameters(words: Vectors) -> None:
    """`TSNE(n_components=2, random_state=0)` and nothing else."""
    assert np.array_equal(tsne(words), TSNE(n_components=2, random_state=0).fit_transform(words))


def test_tsne_is_the_same_on_every_run(tmp_path: Path) -> None:
    """Two processes give the same bytes."""
    rows = unit(np.random.default_rng(0).normal(size=(49, 8)))
    np.save(tmp_path / "rows.npy", rows)
    code = (
        "import sys, numpy as np; from search.latent.projections import tsne;"
        "sys.stdout.buffer.write(tsne(np.load(sys.argv[1])).tobytes())"
    )
    run = [sys.executable, "-c", code, str(tmp_path / "rows.npy")]
    first, second = (subprocess.run(run, check=True, capture_output=True).stdout for _ in range(2))
    assert first == second
    assert len(first) == 49 * 2 * 4


@pytest.mark.parametrize("n", [0, 1, 2, 3, 4, 5, 31])
def test_small_collections_have_a_map(n: int) -> None:
    """Any number of points has finite places."""
    rows = unit(np.random.default_rng(0).normal(size=(n, 8)))
    coords = tsne(rows)
    assert coords.shape == (n, 2)
    assert np.isfinite(coords).all()


def test_trustworthiness_is_scikit_learn_s(words: Vectors) -> None:
    """Measured against cosine neighbours, and not given where there are too few points."""
    coords = tsne(words)
    expected = sklearns(words, coords, n_neighbors=10, metric="cosine")
    assert trustworthiness(words, coords) == pytest.approx(expected)
    assert trustworthiness(words[:20], coords[:20]) is None
