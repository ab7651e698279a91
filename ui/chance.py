"""How many hits are nearer than chance: the same for the page and the terminal."""

from search.types import HitList

CHANCE = 75.0
"""Percentile below which nearness says little: one random pair in four is as near."""
MEANING = "more similar to the query than three of four random pairs of passages here are to each other"


def is_weak(percentile: float | None) -> bool:
    """Return whether a hit is no nearer than chance would bring; no where nothing is known of it."""
    return percentile is not None and percentile < CHANCE


def nearer(found: HitList) -> str:
    """Return how many of a list's hits are nearer than chance: `all`, `none` or `2 of 3`; empty without a scale."""
    known = [hit.percentile for hit in found.hits if hit.percentile is not None]
    count = sum(not is_weak(percentile) for percentile in known)
    return {0: "none", len(known): "all"}.get(count, f"{count} of {len(known)}") if known else ""
