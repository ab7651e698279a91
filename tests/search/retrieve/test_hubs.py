"""Counts of lists equal a brute-force oracle's."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.sample import WORDS
from ingest.sync import ingest
from search.retrieve.hubs import NEAREST, SAMPLE, Hubs, hubs
from search.retrieve.known import Known
from search.retrieve.listed import most_listed
from search.service import Service
from search.settings import Settings
from search.types import Vectors
from search.vectors import unit
from tests.search.retrieve.bare import Bare


def _hubs(rows: Vectors, block: int = 7) -> Hubs:
    return hubs(Bare([str(i) for i in range(len(rows))], rows, block))  # type: ignore[arg-type]


def _brute(rows: Vectors) -> list[int]:
    """Return in how many of the lists of the ten nearest others each row stands."""
    similarity = rows.astype(np.float64) @ rows.T.astype(np.float64)
    np.fill_diagonal(similarity, -np.inf)
    order = np.argsort(-similarity, axis=1)[:, : min(NEAREST, len(rows) - 1)]
    counts: list[int] = np.bincount(order.ravel(), minlength=len(rows)).tolist()
    return counts


@settings(deadline=None)
@given(n=st.integers(2, 80), block=st.integers(1, 90), seed=st.integers(0, 10**6))
def test_counts_equal_brute_force(n: int, block: int, seed: int) -> None:
    """Whatever the size and the blocks."""
    rows = unit(np.random.default_rng(seed).normal(size=(n, 5)))
    found = _hubs(rows, block)
    assert found.lists.numbers.tolist() == [10 * i for i in range(n)]
    assert found.lists.values.tolist() == _brute(rows)
    assert found.looked_at == n


@pytest.mark.parametrize("n", [0, 1, 2])
def test_the_smallest_collections_have_counts(n: int) -> None:
    """None stands in its own list."""
    found = _hubs(unit(np.eye(3))[:n])
    assert found.lists.values.tolist() == [n - 1] * n
    assert found.skewness == 0


@settings(deadline=None)
@given(copies=st.integers(2, 40))
def test_none_stands_in_its_own_list_not_even_beside_its_copies(copies: int) -> None:
    """Equal rows fill each other's lists, and all places are counted."""
    found = _hubs(unit(np.ones((copies, 4))))
    assert found.lists.values.sum() == copies * min(NEAREST, copies - 1)
    assert found.lists.values.max() <= copies - 1


def test_a_row_near_to_all_is_the_hub() -> None:
    """The middle of a cloud stands in most lists, and the counts are skewed."""
    rng = np.random.default_rng(0)
    rows = unit(np.concatenate([rng.normal(size=(200, 40)) + 0.6, np.full((1, 40), 0.6)]))
    found = _hubs(rows)
    assert int(np.argmax(found.lists.values)) == 200
    assert found.lists.values[200] > 100
    assert (found.skewness or 0) > 1


def test_skewness_is_scipy_s() -> None:
    """Of the counts."""
    from scipy.stats import skew

    rows = unit(np.random.default_rng(1).normal(size=(300, 30)))
    assert _hubs(rows).skewness == pytest.approx(float(skew(_brute(rows))))


@pytest.mark.parametrize("dimension", [3, 30])
def test_skewness_is_that_of_all_lists_where_some_are_looked_at(dimension: int) -> None:
    """Counts of few lists are skewed by chance alone, which is taken off."""
    rows = unit(np.random.default_rng(2).normal(size=(2_000, dimension)))
    bare = Bare([str(i) for i in range(len(rows))], rows)
    whole, some = (hubs(bare, most).skewness for most in (2_000, 400))  # type: ignore[arg-type]
    assert some == pytest.approx(whole, abs=0.3)
    assert hubs(bare, 100).skewness is None  # type: ignore[arg-type]


def test_counts_of_a_large_collection_are_estimates() -> None:
    """Where only some lists are looked at, the average is ten still, and a hub of most lists is found."""
    rng = np.random.default_rng(3)
    rows = unit(np.concatenate([rng.normal(size=(2 * SAMPLE, 200)) + 0.6, np.ones((1, 200))]))
    found = _hubs(rows, block=4_000)
    assert found.looked_at == SAMPLE
    assert float(np.mean(found.lists.values)) == pytest.approx(10, rel=0.02)
    assert int(np.argmax(found.lists.values)) == 2 * SAMPLE
    assert SAMPLE < int(found.lists.values.max()) <= 2 * SAMPLE + 1


def test_hubs_are_listed_by_name(service: Service) -> None:
    """The most listed first, as the counts have them."""
    collection = service.store.collection("words")
    known = Known()
    found = most_listed(collection, 5, known)
    counts = sorted(known.hubs(collection).lists.values.tolist(), reverse=True)
    assert [hub.lists for hub in found.hubs] == counts[:5]
    assert [hub.rank for hub in found.hubs] == [1, 2, 3, 4, 5]
    assert found.hubs[0].text == "school"
    assert (found.passages, found.looked_at, found.nowhere) == (49, 49, 0)
    assert len(most_listed(collection, 1_000, known).hubs) == 49


def test_how_many_stand_in_no_list_is_not_said_of_a_sample() -> None:
    """Most would stand in none of the lists that are looked at."""
    rows = unit(np.random.default_rng(0).normal(size=(SAMPLE + 1, 3)))
    found = most_listed(Bare([str(i) for i in range(len(rows))], rows), 1, Known())  # type: ignore[arg-type]
    assert (found.passages, found.looked_at, found.nowhere) == (SAMPLE + 1, SAMPLE, None)


@pytest.mark.parametrize("n", [0, 1, 2])
def test_the_smallest_collections_are_listed(n: int) -> None:
    """With nothing made up."""
    bare = Bare([str(i) for i in range(n)], unit(np.eye(3))[:n])
    found = most_listed(bare, 10, Known())  # type: ignore[arg-type]
    assert [hub.lists for hub in found.hubs] == [n - 1] * n


@pytest.fixture
def service(settings: Settings) -> Iterator[Service]:
    """A service over the lecture's words."""
    with Service(settings, "test") as service:
        ingest(service.store, service.embedder, "words", [Path(WORDS)], "words")
        yield service
