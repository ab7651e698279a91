"""What a collection's passages have in common with what they were."""

import numpy as np
import pytest

from search.store.layout import Layout, kept


def _layout(version: int, **passages: int) -> Layout:
    """Return a layout of passages named p1, p2 and so on, each with its vector."""
    numbers = [int(name[1:]) for name in passages]
    return Layout(version, np.array(numbers, dtype=np.int64), np.array(list(passages.values()), dtype=np.int64))


@pytest.mark.parametrize(
    ("version", "size", "has_grown"),
    [(10, 2, True), (13, 5, True), (13, 4, False), (12, 2, False), (11, 1, False), (9, 1, False)],
)
def test_growth_is_told_from_every_other_change(version: int, size: int, has_grown: bool) -> None:  # noqa: FBT001
    """Three events leave three more passages only where all of them came."""
    assert _layout(10, p1=1, p2=2).has_grown_to(version, size) is has_grown


def test_a_passage_stays_as_long_as_its_vector_does() -> None:
    """One that went, one that was changed in its place, and one that came."""
    same = kept(_layout(1, p1=1, p2=2, p4=4, p5=5), _layout(5, p1=1, p4=9, p5=5, p7=7))
    assert (same.before.tolist(), same.now.tolist(), same.new.tolist()) == ([0, 3], [0, 2], [1, 3])


def test_nothing_was_kept_of_nothing() -> None:
    """All is new."""
    assert kept(_layout(0), _layout(1, p3=1)).new.tolist() == [0]
