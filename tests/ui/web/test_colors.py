"""The map's colours, for who sees them otherwise, and on what they stand."""

import re
from itertools import combinations
from pathlib import Path
from typing import TypeAlias

import numpy as np
import pytest
from numpy.typing import NDArray

Colors: TypeAlias = NDArray[np.float64]  # (n, 3)

CSS = Path(__file__).parents[3] / "ui/web/assets/colors.css"
COUNT = 10
# Machado, Oliveira and Fernandes (2009), the whole deficiency, on linear RGB.
SEEN = {
    "all": np.eye(3),
    "deuteranopia": np.array(
        [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.011820, 0.042940, 0.968881],
        ]
    ),
    "protanopia": np.array(
        [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ]
    ),
}
XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)


def _linear(theme: str, *names: str) -> Colors:
    """Return the colours of a theme as linear RGB."""
    light, dark = CSS.read_text().split(':root[data-theme="dark"]')
    found = dict(re.findall(r"--nh-([\w-]+): #(\w{6})", light if theme == "light" else dark))
    rgb = np.array([list(bytes.fromhex(found[name])) for name in names]) / 255
    return np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)


def _lab(linear: Colors) -> Colors:
    """Return CIELAB of linear RGB."""
    part = (linear.clip(0, 1) @ XYZ.T) / XYZ.sum(axis=1)
    x, y, z = np.where(part > (6 / 29) ** 3, np.cbrt(part), part / (3 * (6 / 29) ** 2) + 4 / 29).T
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=1)


def _contrast(one: Colors, others: Colors) -> float:
    """Return the least between a colour and each of the others, as WCAG has it."""
    a, b = one @ XYZ[1] + 0.05, others @ XYZ[1] + 0.05
    return float((np.maximum(a, b) / np.minimum(a, b)).min())


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("sight", SEEN)
def test_no_two_groups_look_alike(theme: str, sight: str) -> None:
    """Also for who cannot tell red from green, and beside the points of no group."""
    names = [*(f"c{i}" for i in range(COUNT)), "none"]
    lab = _lab(_linear(theme, *names) @ SEEN[sight].T)
    apart = {(a, b): float(np.linalg.norm(lab[i] - lab[j])) for (i, a), (j, b) in combinations(enumerate(names), 2)}
    assert min(apart.values()) > 8, min(apart, key=lambda pair: apart[pair])


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_group_is_seen_on_the_card(theme: str) -> None:
    """At 3 to 1 or more, as WCAG has it of graphics."""
    card, colors = _linear(theme, "card"), _linear(theme, *(f"c{i}" for i in range(COUNT)))
    assert _contrast(card, colors) >= 3


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_names_that_stand_back_can_be_read(theme: str) -> None:
    """At 4.5 to 1 or more: on the map, where no other test sees them."""
    assert _contrast(_linear(theme, "card"), _linear(theme, "ink-3", "ink", "mark")) >= 4.5
