"""A large collection is continued in further collections of Chroma's, each passage in one of them."""

from pathlib import Path
from typing import Any

import chromadb
import numpy as np
import pytest
from chromadb.config import Settings as ChromaSettings

from search.retrieve.fuse import Wanted, rank
from search.store.ledger import Record
from search.store.parts import PART_BYTES, most
from search.store.store import Store
from search.types import Passage, Vectors
from search.vectors import unit

DIMENSION = 8
PART = 100
"""Passages of a part."""


@pytest.fixture(autouse=True)
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make parts small."""
    part_bytes = PART * (DIMENSION * 4 + 800)
    assert most(DIMENSION, part_bytes) == PART
    monkeypatch.setattr("search.store.indexer.PART_BYTES", part_bytes)


def _vectors(n: int) -> Vectors:
    return unit(np.random.default_rng(0).normal(size=(n, DIMENSION)))


def _fill(store: Store, n: int, name: str = "things", said: str = "text") -> None:
    """Put so many passages into a collection in the place of those that are there."""
    collection = store.create(name, "test:space", DIMENSION)
    store.begin_source(collection, "/a.txt")
    passages = [Passage(f"a-{i}", "/a.txt", i, f"{said} {i}", i, i + 1) for i in range(n)]
    keys = [str(i).encode() for i in range(n)]
    records = [Record(p, key) for p, key in zip(passages, keys, strict=True)]
    store.put(collection, records, keys, _vectors(n), tokens=n)
    store.finish_source(collection, "/a.txt", f"{said} {n}", n)
    store.update_index()


def _held(folder: Path) -> dict[str, dict[str, str]]:
    """Return the texts by id of each collection that a Chroma client finds there."""
    settings = ChromaSettings(_env_file=None, anonymized_telemetry=False)  # type: ignore[call-arg]
    client: Any = chromadb.PersistentClient(path=str(folder / "chroma"), settings=settings)
    found = {one.name: one.get(include=["documents"]) for one in client.list_collections()}
    client.close()
    return {name: dict(zip(got["ids"], got["documents"] or (), strict=True)) for name, got in found.items()}


def test_each_passage_is_in_one_part_and_none_has_more_than_it_takes(tmp_path: Path) -> None:
    """The first has the collection's name, as one has that is small."""
    with Store(tmp_path, 0, "test") as store:
        _fill(store, 250)
    held = _held(tmp_path)
    assert [(name, len(texts)) for name, texts in sorted(held.items())] == [
        ("things", 100),
        ("things-2", 100),
        ("things-3", 50),
    ]
    assert {i for texts in held.values() for i in texts} == {f"a-{i}" for i in range(250)}


def test_what_is_nearest_is_found_in_whichever_part_it_is(tmp_path: Path) -> None:
    """The ten nearest of all, as if there were one graph."""
    with Store(tmp_path, 0, "test") as store:
        _fill(store, 250)
        collection, rows = store.collection("things"), _vectors(250)
        first = collection.numbers(["a-0"])["a-0"]
        for at in (0, 99, 100, 199, 200, 249):
            ranking = rank(collection, Wanted(rows[at], 10))
            assert [near.number - first for near in ranking.near] == np.argsort(-(rows @ rows[at]))[:10].tolist()
        found = collection.approximate(rows[:3], 20)
        assert found is not None
        assert [len(numbers) for numbers in found] == [20, 20, 20]


def test_changes_and_removals_reach_the_part_that_has_the_passage(tmp_path: Path) -> None:
    """And what comes goes on behind the last."""
    with Store(tmp_path, 0, "test") as store:
        _fill(store, 250)
        _fill(store, 220, said="other text")
        _fill(store, 230, said="other text")
    held = _held(tmp_path)
    assert [len(held[name]) for name in ("things", "things-2", "things-3")] == [100, 100, 30]
    assert {i: text for texts in held.values() for i, text in texts.items()} == {
        f"a-{i}": f"other text {i}" for i in range(230)
    }


def test_a_later_process_fills_the_last_part_before_it_begins_another(tmp_path: Path) -> None:
    """It knows how full that is."""
    for n in (150, 190, 205):
        with Store(tmp_path, 0, "test") as store:
            _fill(store, n)
    assert sorted(map(len, _held(tmp_path).values())) == [5, 100, 100]


def test_what_is_written_anew_leaves_no_part_behind(tmp_path: Path) -> None:
    """Nor does what is dropped, and the names of parts are nobody else's."""
    with Store(tmp_path, 0, "test") as store:
        _fill(store, 120, "things-2")
        _fill(store, 250)
        assert store.renew(store.collection("things"), "test:space", DIMENSION)
        assert rank(store.collection("things"), Wanted(_vectors(250)[249], 1)).near[0].similarity == pytest.approx(1)
        store.drop("things-2")
    assert sorted(map(len, _held(tmp_path).values())) == [50, 100, 100]


def test_parts_that_are_whole_are_sound_and_a_passage_too_few_is_noticed(tmp_path: Path) -> None:
    """A probe adds up what all of them hold."""
    with Store(tmp_path, 0, "test") as store:
        _fill(store, 250)
        assert not store.check_index()
    settings = ChromaSettings(_env_file=None, anonymized_telemetry=False)  # type: ignore[call-arg]
    client: Any = chromadb.PersistentClient(path=str(tmp_path / "chroma"), settings=settings)
    client.get_collection("things-2", embedding_function=None).delete(ids=["a-150"])
    client.close()
    with Store(tmp_path, 0, "test") as later:
        assert later.check_index()
        assert rank(later.collection("things"), Wanted(_vectors(250)[150], 1)).near[0].similarity == pytest.approx(1)
    assert sorted(map(len, _held(tmp_path).values())) == [50, 100, 100]


def test_passages_of_the_same_text_do_not_tear_the_graph_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each has the vector of the others, and the rest is found beside them."""
    monkeypatch.setattr("search.store.indexer.PART_BYTES", PART_BYTES)
    rng = np.random.default_rng(0)
    rows = unit(rng.normal(size=(4, 32))[np.arange(4_000) % 4] + 0.4 * rng.normal(size=(4_000, 32)))
    # Eight of them a thousand times each, before all others.
    same = np.concatenate([np.repeat(np.arange(8), 1_000), np.arange(8, 4_000)])
    with Store(tmp_path, 0, "test") as store:
        collection = store.create("things", "test:space", 32)
        store.begin_source(collection, "/a.txt")
        passages = [Passage(f"a-{i}", "/a.txt", i, f"text {of}", i, i + 1) for i, of in enumerate(same)]
        keys = [str(of).encode() for of in same]
        new = [str(i).encode() for i in range(4_000)]
        store.put(collection, [Record(p, key) for p, key in zip(passages, keys, strict=True)], new, rows, tokens=0)
        store.finish_source(collection, "/a.txt", "a", len(same))
        store.update_index()
        assert not store.check_index()
        collection = store.collection("things")
        numbers = collection.numbers([p.id for p in passages])
        found = collection.approximate(rows[3_000:], 10)
        assert found is not None
        hits = [numbers[f"a-{8_000 - 8 + at}"] in some for at, some in enumerate(found, 3_000)]
        assert np.mean(hits) > 0.9
