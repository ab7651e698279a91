"""Draws vectors in the plane."""

import numpy as np

from search.types import Coords, Vectors

FEWEST = 4
"""Fewer points have no neighbourhoods to keep."""


def tsne(vectors: Vectors, seed: int = 0) -> Coords:
    """Return the (n, 2) places that t-SNE gives to unit rows; the same ones for the same rows and seed.

    Perplexity is 30, or a third of the points where there are fewer than 91. van der Maaten and Hinton (2008).
    """
    from sklearn.manifold import TSNE  # noqa: PLC0415 - takes two seconds

    n = len(vectors)
    if n < FEWEST:
        return np.stack([np.arange(n), np.zeros(n)], axis=1).astype(np.float32)
    perplexity = 30.0 if n > 30 else max(1.0, (n - 1) / 3)  # noqa: PLR2004 - scikit-learn's default, and its limit
    coords: Coords = TSNE(n_components=2, random_state=seed, perplexity=perplexity).fit_transform(vectors)
    return coords


def trustworthiness(vectors: Vectors, coords: Coords, k: int = 10) -> float | None:
    """Return how far map neighbours are true cosine neighbours, 0 to 1; None for 2k points or fewer.

    Venna and Kaski (2006).
    """
    from sklearn.manifold import trustworthiness as measure  # noqa: PLC0415 - takes two seconds

    if len(vectors) <= 2 * k:
        return None
    return float(measure(vectors, coords, n_neighbors=k, metric="cosine"))
