"""Which true neighbours a map puts elsewhere."""

import numpy as np

from search.latent.elsewhere import elsewhere, reach


def test_what_stands_across_the_map_is_elsewhere() -> None:
    """And what stands beside it is not."""
    coords = np.random.default_rng(0).uniform(-50, 50, size=(2_000, 2)).astype(np.float32)
    coords[:3] = [(0, 0), (1, 1), (40, 40)]
    assert elsewhere(coords, coords[0], np.array([1, 2])).tolist() == [False, True]


def test_a_map_of_few_points_has_a_longer_reach() -> None:
    """There, a tenth of the width holds hardly any point; some twenty are within reach of one in the middle."""
    coords = np.random.default_rng(0).uniform(0, 1, size=(50, 2)).astype(np.float32)
    coords[0] = (0.5, 0.5)
    near = ~elsewhere(coords, coords[0], np.arange(1, 50))
    assert 10 <= near.sum() <= 30
    assert reach(coords) > reach(np.tile(coords, (100, 1)))
