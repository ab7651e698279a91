"""Draws vectors in the plane, or in space."""

import warnings
from importlib import import_module
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from search.errors import NotConfiguredError
from search.heard import Heard, unheard
from search.latent.neighbours import Neighbours, neighbours
from search.types import Coords, Vectors

FEWEST = 4
"""Fewer points have no neighbourhoods to keep."""
LECTURES = 1_000
"""Below, t-SNE is scikit-learn's, as in the lecture."""
PERPLEXITY = 30
UMAP_NEIGHBOURS = 15
_EARLY, _LATE, _EVERY = 250, 500, 25
"""Iterations of openTSNE, and after how many the progress is heard."""
_FAST = 3_000
"""From so many points on, forces are interpolated on a grid."""
_CELL = 2
"""Width of the grid's cells, in the map's units: with 1, openTSNE's default, a layout of 20,000 takes twice as long."""
_PLANE = 2
_SAME = 1e-6
"""Between numbers that differ by rounding alone."""


class Projection(Protocol):
    """Places points so that neighbours stay neighbours; the same rows and seed give the same places."""

    def __call__(
        self,
        vectors: Vectors,
        seed: int = 0,
        *,
        dims: int = 2,
        near: Neighbours | None = None,
        heard: Heard = unheard,
        threads: int = 1,
        anywhere: bool = False,
    ) -> Coords:
        """Return the (n, dims) places of unit rows.

        :param near: The neighbours of each row, where they are known already.
        :param anywhere: Whether to begin with places that the seed makes up, to see how much depends on them.
        """


def tsne(
    vectors: Vectors,
    seed: int = 0,
    *,
    dims: int = 2,
    near: Neighbours | None = None,
    heard: Heard = unheard,
    threads: int = 1,
    anywhere: bool = False,
) -> Coords:
    """Return the (n, dims) places that t-SNE gives to unit rows; the same ones for the same rows and seed.

    Perplexity is 30, or a third of the points where there are fewer than 91. van der Maaten and Hinton (2008); from
    1,000 points on openTSNE's, Poličar et al. (2024), which begins with the two first principal components.
    """
    if len(vectors) < FEWEST:
        return _line(len(vectors), dims)
    if len(vectors) < LECTURES or dims > _PLANE:
        return _sklearns(vectors, seed, dims, heard, "random" if anywhere else "pca")
    known = neighbours(vectors, 3 * PERPLEXITY, heard, threads) if near is None else near.first(3 * PERPLEXITY)
    return _opentsnes(known, _scattered(len(vectors), 2, seed) if anywhere else pca(vectors), seed, heard, threads)


def umap(
    vectors: Vectors,
    seed: int = 0,
    *,
    dims: int = 2,
    near: Neighbours | None = None,
    heard: Heard = unheard,
    threads: int = 1,  # noqa: ARG001 - with a seed, UMAP goes by one
    anywhere: bool = False,
) -> Coords:
    """Return the (n, dims) places that UMAP gives to unit rows, from 15 neighbours. McInnes et al. (2018).

    It cannot tell how far it is, nor be stopped half way.

    :raises NotConfiguredError: Without umap-learn.
    """
    library = _umap()
    n = len(vectors)
    if n < FEWEST + dims:
        return _line(n, dims)
    known = (neighbours(vectors, UMAP_NEIGHBOURS - 1) if near is None else near).first(UMAP_NEIGHBOURS - 1)
    # It counts each point as its own first neighbour.
    indices = np.column_stack([np.arange(n), known.indices])
    distances = np.column_stack([np.zeros(n), known.distances]).astype(np.float32)
    heard(0, 1)
    made = library.UMAP(
        n_components=dims,
        n_neighbors=indices.shape[1],
        random_state=seed,
        n_jobs=1,
        init=_small(_scattered(n, dims, seed) if anywhere else _spread(pca(vectors, dims=dims), seed), 10.0),
        precomputed_knn=(indices, distances, _NoIndex()),
        force_approximation_algorithm=True,
    )
    with warnings.catch_warnings():
        # That there is no index for points to come.
        warnings.simplefilter("ignore", UserWarning)
        coords = np.asarray(made.fit_transform(vectors), dtype=np.float32)
    heard(1, 1)
    return coords


def pca(
    vectors: Vectors,
    seed: int = 0,  # noqa: ARG001 - nothing in it is random
    *,
    dims: int = 2,
    near: Neighbours | None = None,  # noqa: ARG001
    heard: Heard = unheard,  # noqa: ARG001
    threads: int = 1,  # noqa: ARG001
    anywhere: bool = False,  # noqa: ARG001
) -> Coords:
    """Return the (n, dims) places of unit rows on their first principal components. Hotelling (1933)."""
    if len(vectors) < 2:  # noqa: PLR2004 - one point has no direction
        return _line(len(vectors), dims)
    rows = vectors.astype(np.float64) - vectors.mean(axis=0, dtype=np.float64)
    _, axes = np.linalg.eigh(rows.T @ rows)
    axes = axes[:, ::-1][:, :dims]
    # The same way round whichever sign the decomposition gives.
    axes *= np.sign(axes[np.abs(axes).argmax(axis=0), np.arange(axes.shape[1])])
    coords = np.zeros((len(vectors), dims), dtype=np.float32)
    coords[:, : axes.shape[1]] = rows @ axes
    return coords


def _sklearns(vectors: Vectors, seed: int, dims: int, heard: Heard, start: str) -> Coords:
    from sklearn.manifold import TSNE  # noqa: PLC0415 - takes two seconds

    n = len(vectors)
    # scikit-learn's default, and its limit.
    perplexity = float(PERPLEXITY) if n > PERPLEXITY else max(1.0, (n - 1) / 3)
    heard(0, 1)
    # Of rows that are all the same, there are no components to begin with.
    start = start if np.ptp(vectors, axis=0).max(initial=0) > _SAME else "random"
    made = TSNE(n_components=dims, random_state=seed, perplexity=perplexity, init=start)
    coords: Coords = made.fit_transform(vectors)
    heard(1, 1)
    return coords


def _opentsnes(near: Neighbours, start: Coords, seed: int, heard: Heard, threads: int) -> Coords:
    from openTSNE import TSNEEmbedding  # noqa: PLC0415 - takes a second
    from openTSNE.affinity import PerplexityBasedNN  # noqa: PLC0415
    from openTSNE.nearest_neighbors import PrecomputedNeighbors  # noqa: PLC0415

    index = PrecomputedNeighbors(near.indices.astype(np.int64), near.distances)
    affinities = PerplexityBasedNN(knn_index=index, perplexity=PERPLEXITY, n_jobs=threads, random_state=seed)
    method = "bh" if len(start) < _FAST else "fft"
    jitter = np.random.default_rng(seed).normal(scale=1e-6, size=start.shape)
    layout = TSNEEmbedding(
        _small(start, 1e-4) + jitter,
        affinities,
        negative_gradient_method=method,
        n_jobs=threads,
        random_state=seed,
        ints_in_interval=_CELL,
    )

    def early(iteration: int, *_: object) -> None:
        heard(iteration, _EARLY + _LATE)

    def late(iteration: int, *_: object) -> None:
        heard(_EARLY + iteration, _EARLY + _LATE)

    options: dict[str, Any] = {"momentum": 0.8, "callbacks_every_iters": _EVERY, "n_jobs": threads}
    layout = layout.optimize(_EARLY, exaggeration=12, callbacks=[early], **options)
    layout = layout.optimize(_LATE, callbacks=[late], **options)
    return np.asarray(layout, dtype=np.float32)


class _NoIndex:
    """Stands where umap-learn wants an index for points to come, which are placed otherwise."""


def _umap() -> Any:  # noqa: ANN401 - umap-learn has no types
    try:
        with warnings.catch_warnings():
            # That its way by a neural network is not installed.
            warnings.simplefilter("ignore", ImportWarning)
            return import_module("umap")
    except ImportError as error:
        raise NotConfiguredError(
            "the method umap needs umap-learn: run pip install 'nearhood[umap]', or choose another method"
        ) from error


def _small(coords: Coords, size: float) -> NDArray[np.float64]:
    """Return places whose first axis has a standard deviation of a given size."""
    deviation = float(np.std(coords[:, 0], dtype=np.float64))
    return coords.astype(np.float64) * (size / deviation if deviation else 0.0)


def _spread(coords: Coords, seed: int) -> Coords:
    """Return places with a scattered axis for each on which all are the same: UMAP divides by how wide it is."""
    is_flat = np.ptp(coords, axis=0) <= _SAME
    return np.where(is_flat, _scattered(len(coords), coords.shape[1], seed), coords)


def _scattered(n: int, dims: int, seed: int) -> Coords:
    return np.random.default_rng(seed).normal(size=(n, dims)).astype(np.float32)


def _line(n: int, dims: int) -> Coords:
    coords = np.zeros((n, dims), dtype=np.float32)
    coords[:, 0] = np.arange(n)
    return coords
