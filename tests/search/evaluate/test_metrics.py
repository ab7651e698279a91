"""Scores equal values worked out by hand."""

import math

import numpy as np
import pytest

from search.evaluate.metrics import score


def test_scores_equal_values_worked_out_by_hand() -> None:
    """The grade is the gain; the discount is the logarithm of the place."""
    found = score(
        [{"a": 2, "b": 1}], [["x", "b", "y", "a"]], ["nDCG@10", "Recall@100", "MRR@10", "Success@1", "Success@10"]
    )
    ideal = 2 + 1 / math.log2(3)
    assert found[0] == pytest.approx([(1 / math.log2(3) + 2 / math.log2(5)) / ideal, 1, 1 / 2, 0, 1])


def test_what_is_found_too_late_does_not_count() -> None:
    """The eleventh is outside of ten, and inside of a hundred."""
    found = score([{"a": 1}], [[*map(str, range(10)), "a"]], ["nDCG@10", "Recall@100", "MRR@10", "Success@10"])
    assert found[0] == pytest.approx([0, 1, 0, 0])


def test_a_query_that_finds_nothing_scores_nothing() -> None:
    """Its row is there, and zero; so is every row when no query finds anything."""
    assert score([{"a": 1}, {"b": 1}], [[], ["b"]], ["MRR@10"]).tolist() == [[0], [1]]
    assert score([{"a": 1}], [[]], ["MRR@10", "nDCG@10"]).tolist() == [[0, 0]]


def test_the_order_is_the_rankings_own() -> None:
    """Ids are not put in an order of the library's where similarities would be equal."""
    relevant, ids = [{"a": 1}], ["z", "ä b", "a"]
    assert score(relevant, [ids], ["MRR@10"])[0, 0] == pytest.approx(1 / 3)
    assert score(relevant, [ids[::-1]], ["MRR@10"])[0, 0] == 1


def test_metrics_are_in_the_order_asked_for() -> None:
    """Whatever the order in which the library answers."""
    names = ["MRR@10", "Recall@100", "nDCG@10"]
    together = score([{"a": 1, "b": 1}], [["x", "a"]], names)
    apart = [score([{"a": 1, "b": 1}], [["x", "a"]], [name])[0, 0] for name in names]
    assert np.array_equal(together[0], apart)
