"""Places what is not on a map where its true neighbours stand, and says how far off that may be."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from search.latent.neighbours import Neighbours
from search.latent.trust import sample
from search.types import Coords

NEAREST = 10
"""True neighbours that a place follows from."""
TRIED = 1_000
"""Points of a map that are left out, and placed again, to see how far off they come."""
_SOFTNESS = 0.05
"""Difference of cosines over which a neighbour's weight falls to 1/e."""
_REACH = 1.4
"""Times the distance of points that were spread evenly, within which neighbours stand together."""
_STRAY = 2.5
"""Percent of a map's own points that count as too far, and as too scattered."""
_GROUPS = 10
"""Groups of points by how scattered their neighbours are, each with its own error."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """What happens to points of the map that are left out and placed again."""

    tried: int
    spreads: tuple[float, ...]
    """Upper limits of groups, by how far apart their neighbours stand on the map."""
    errors: tuple[float, ...]
    """Median distance between where points of each group were placed and where they are, in the map's units."""
    median_error: float
    """Over all of them."""
    width: float
    """The longer side of the map, in its units."""
    far: float
    """Mean cosine with its ten nearest that 97.5 % of the points have or exceed."""
    scattered: float
    """How far apart the neighbours of 97.5 % of the points stand, at most."""

    def error(self, spread: float) -> float:
        """Return by how much half of the points with neighbours so far apart were off."""
        return self.errors[min(int(np.searchsorted(self.spreads, spread)), len(self.errors) - 1)]


@dataclass(frozen=True, slots=True)
class Places:
    """Where some points go."""

    coords: Coords
    spread: NDArray[np.float64]
    """How far apart their neighbours stand on the map, in its units, (m,)."""
    mean: NDArray[np.float64]
    """Mean cosine with them, (m,)."""


def places(coords: Coords, near: Neighbours) -> Places:
    """Return where points go by their nearest on a map, (m, k): where most of those stand together.

    A mean would put a point whose neighbours stand at two ends of the map where nothing stands.
    """
    indices, similarity = near.indices[:, :NEAREST], near.similarity[:, :NEAREST].astype(np.float64)
    around = coords[indices].astype(np.float64)
    weights = np.exp((similarity - similarity[:, :1]) / _SOFTNESS)
    weights /= weights.sum(axis=1, keepdims=True)
    apart = np.linalg.norm(around[:, :, None] - around[:, None], axis=3)
    reach = _REACH * _width(coords) / np.sqrt(len(coords))
    together = np.exp(-((apart / max(reach, 1e-9)) ** 2) / 2)
    every = np.arange(len(around))
    middle = (weights[:, None, :] * together).sum(axis=2).argmax(axis=1)
    local = weights * together[every, middle]
    local /= local.sum(axis=1, keepdims=True)
    found = (local[:, :, None] * around).sum(axis=1).astype(np.float32)
    spread = (weights * apart[every, middle]).sum(axis=1)
    return Places(found, spread, similarity.mean(axis=1))


def calibrated(coords: Coords, near: Neighbours, seed: int = 0) -> Calibration | None:
    """Return how far off points come that are left out and placed again; None where there are fewer than 21."""
    n = len(coords)
    if n <= 2 * NEAREST:
        return None
    rows = sample(n, TRIED, seed)
    found = places(coords, Neighbours(near.indices[rows], near.similarity[rows]))
    off = np.linalg.norm(found.coords.astype(np.float64) - coords[rows], axis=1)
    order = np.argsort(found.spread, kind="stable")
    groups = [some for some in np.array_split(order, _GROUPS) if len(some)]
    return Calibration(
        tried=len(rows),
        spreads=tuple(float(found.spread[some].max()) for some in groups),
        errors=tuple(float(np.median(off[some])) for some in groups),
        median_error=float(np.median(off)),
        width=_width(coords),
        far=float(np.percentile(found.mean, _STRAY)),
        scattered=float(np.percentile(found.spread, 100 - _STRAY)),
    )


def _width(coords: Coords) -> float:
    # Axis by axis, which is a hundred times as fast as over rows of two.
    return max((float(np.ptp(axis)) for axis in coords.T), default=0.0)
