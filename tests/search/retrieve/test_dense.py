"""Above the exact limit the index is asked, what it finds is ranked exactly, and its recall is measured."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from search.retrieve.dense import FEW, recall
from search.retrieve.fuse import Mode, Ranking, Wanted, rank
from search.retrieve.rows import Rows
from search.store.ledger import Record, vector_key
from search.store.store import Store
from search.types import Passage, Vector, Vectors
from search.vectors import unit

N, D = FEW + 1_500, 16


def _vectors() -> Vectors:
    """Rows in clumps, as texts are."""
    rng = np.random.default_rng(0)
    centres = rng.normal(size=(60, D))
    return unit(centres[rng.integers(60, size=N)] + 0.6 * rng.normal(size=(N, D)))


def _put(store: Store, first: int, rows: Vectors, name: str = "many") -> None:
    collection = store.create(name, "test:16", D)
    store.begin_source(collection, "/a.txt")
    passages = [Passage(f"a-{i}", "/a.txt", i, f"text {i}", i, i + 1) for i in range(first, first + len(rows))]
    records = [Record(p, vector_key("test:16", p.text)) for p in passages]
    store.put(collection, records, [record.key for record in records], rows, 0)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """A store that holds nothing in memory, with more passages than a filter's rest is compared of."""
    with Store(tmp_path_factory.mktemp("many"), 0, "test") as store:
        _put(store, 0, _vectors())
        store.update_index()
        yield store


def _similarity(query: Vector) -> list[float]:
    return sorted((_vectors() @ query).tolist(), reverse=True)


def _rank(store: Store, wanted: Wanted) -> Ranking:
    return rank(store.collection("many"), wanted)


def test_the_index_finds_most_and_says_how_many(store: Store) -> None:
    """Over-fetched and ranked exactly, with the recall that was measured on its own passages."""
    queries = unit(np.random.default_rng(1).normal(size=(20, D)))
    shares = []
    for query in queries:
        found = _rank(store, Wanted(query, 10))
        assert not found.exact
        assert found.recall is not None
        assert found.recall > 0.9
        tenth = _similarity(query)[9]
        shares.append(np.mean([near.similarity >= tenth - 1e-5 for near in found.near]))
    assert np.mean(shares) == pytest.approx(found.recall, abs=0.06)


def test_recall_is_measured_once(store: Store) -> None:
    """It is remembered until the collection changes."""
    collection = store.collection("many")
    measured = recall(collection)
    assert collection.recall() == measured


def test_a_selective_filter_compares_all_it_leaves(store: Store) -> None:
    """The ranking is exact then, and equals brute force."""
    query = unit(np.ones(D))
    collection = store.collection("many")
    numbers = np.array([number for number, _ in collection.texts()])
    kept = np.arange(N) % 50 == 7
    found = rank(collection, Wanted(query, 10, keep=Rows(numbers, kept)))
    assert found.exact
    expected = np.sort(_vectors()[kept] @ query)[::-1][:10]
    assert [near.similarity for near in found.near] == pytest.approx(expected.tolist(), abs=1e-5)


def test_a_filter_that_keeps_most_is_asked_of_the_index(store: Store) -> None:
    """What it leaves out is not found."""
    collection = store.collection("many")
    numbers = np.array([number for number, _ in collection.texts()])
    kept = np.arange(N) % 10 != 3
    found = rank(collection, Wanted(unit(np.ones(D)), 10, keep=Rows(numbers, kept)))
    assert not found.exact
    assert {near.number for near in found.near} <= set(numbers[kept].tolist())


def test_words_bring_passages_that_the_index_does_not_find(store: Store) -> None:
    """In hybrid mode the best by words are candidates, too."""
    collection = store.collection("many")
    numbers = np.array([number for number, _ in collection.texts()])
    query = unit(np.ones(D))
    last = int(np.argmin(_vectors() @ query))
    words = Rows(numbers, (np.arange(N) == last).astype(np.float32))
    found = rank(collection, Wanted(query, 10, Mode.LEXICAL, words))
    assert [near.number for near in found.near] == [numbers[last]]
    assert found.exact


def test_what_the_index_has_not_heard_of_is_found(tmp_path: Path) -> None:
    """Passages are found from the moment they are committed."""
    with Store(tmp_path, 0, "test") as store:
        _put(store, 0, _vectors())
        store.update_index()
        new = unit(np.ones((1, D)) * np.arange(1, D + 1))
        _put(store, N, new)
        found = _rank(store, Wanted(new[0], 1))
        assert found.near[0].similarity == pytest.approx(1, abs=1e-6)
        assert not found.exact


def test_without_an_index_all_are_compared(tmp_path: Path) -> None:
    """Nothing has been written yet: the ranking is exact, and right."""
    with Store(tmp_path, 0, "test") as store:
        _put(store, 0, _vectors())
        query = unit(np.ones(D))
        found = _rank(store, Wanted(query, 10))
        assert found.exact
        assert [near.similarity for near in found.near] == pytest.approx(_similarity(query)[:10], abs=1e-5)
