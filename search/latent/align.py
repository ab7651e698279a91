"""Turns a new map so that it lies on an old one, and tells how much has moved."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from search.types import Coords

FAR = 0.1
"""Share of the map's width from which on a point has moved away."""


@dataclass(frozen=True, slots=True)
class Moved:
    """How much of an old map has another place on a new one, once that is turned and scaled to lie on it."""

    since: int
    """The old version."""
    shared: int
    """Points of both."""
    median: float
    """How far a point moved, as a share of the old map's width."""
    away: float
    """Share of the points that moved by more than a tenth of the width, 0 to 1."""


def aligned(new: Coords, new_places: NDArray[np.int64], old: Coords, since: int) -> tuple[Coords, Moved]:
    """Return all of a new map's places, turned, mirrored, shifted and scaled by what it shares with an old one.

    :param new_places: Rows of the new map that are the old map's, (m,).
    :param old: Their places there, (m, dims).

    Gower (1975).
    """
    if len(old) <= old.shape[1]:
        return new, Moved(since, len(old), 0.0, 0.0)
    shared = new[new_places].astype(np.float64)
    to, off = old.mean(axis=0, dtype=np.float64), shared.mean(axis=0)
    a, b = shared - off, old.astype(np.float64) - to
    left, sizes, right = np.linalg.svd(a.T @ b)
    spread = float(np.sum(a**2))
    scale = float(sizes.sum()) / spread if spread else 1.0
    turned = ((new.astype(np.float64) - off) @ (left @ right) * scale + to).astype(np.float32)
    width = float(np.ptp(old, axis=0).max())
    steps = np.linalg.norm(turned[new_places] - old, axis=1) / (width or 1.0)
    return turned, Moved(since, len(old), float(np.median(steps)), float(np.mean(steps > FAR)))
