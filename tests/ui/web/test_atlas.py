"""What the browser gets to draw."""

import numpy as np
import pytest

from search.latent.map import LatentMap, Point
from ui.web.atlas import across, atlas, groups, reading


def _map(*points: Point, trust: float | None = 0.85, passages: int | None = None) -> LatentMap:
    return LatentMap("tsne", 0, "local:m", trust, passages or len(points), points)


def test_a_map_is_turned_to_lie_on_its_long_side() -> None:
    """No distance changes, no picture is mirrored, and the width is the longest side."""
    places = np.random.default_rng(1).normal(size=(40, 2)) * (1, 5)
    turned = across(places)
    assert np.ptp(turned[:, 0]) > np.ptp(turned[:, 1])
    assert np.linalg.norm(turned[3] - turned[7]) == pytest.approx(np.linalg.norm(places[3] - places[7]))
    rotation, *_ = np.linalg.lstsq(places - places.mean(axis=0), turned, rcond=None)
    assert np.linalg.det(rotation) == pytest.approx(1)


def test_few_files_have_a_colour_each_and_many_folders_one() -> None:
    """The finest grouping that has colours enough is taken."""
    assert groups(["/n/a.md", "/n/b.md"]) == ["a.md", "b.md"]
    assert groups(["/n/a/x.md", "/n/b/x.md"]) == ["a/x.md", "b/x.md"]
    assert set(groups([f"/n/{i % 2}/{i}.md" for i in range(20)])) == {"0", "1"}
    assert set(groups([f"/n/{i}/{i}.md" for i in range(20)])) == {""}
    assert groups([]) == []


def test_terms_are_labels_where_they_stand_and_long_texts_are_not() -> None:
    """Words label themselves; passages are labelled by their file, in its middle."""
    words = atlas(_map(Point("a", 0, 0, "bank", "/w.txt"), Point("b", 1, 0, "river", "/w.txt")))
    assert {label["text"] for label in words["labels"]} == {"bank", "river"}
    notes = atlas(_map(*(Point(str(i), i, 0, "x" * 50, "/n/moral-hazard.md") for i in range(3))))
    assert [(label["text"], label["point"]) for label in notes["labels"]] == [("moral hazard", None)]


def test_a_map_says_how_far_to_believe_it() -> None:
    """The measure stands beside its meaning, and a sample is called one."""
    point = Point("a", 0, 0, "bank", "/w.txt")
    assert "mostly near" in reading(_map(point))
    assert "often not near" in reading(_map(point, trust=0.6))
    assert "Too few" in reading(_map(point, trust=None))
    assert reading(_map(point, passages=5_000)).startswith("1 of 5,000 passages")


def test_an_empty_map_is_one() -> None:
    """Nothing to draw is no error."""
    assert atlas(_map(trust=None))["x"] == []
