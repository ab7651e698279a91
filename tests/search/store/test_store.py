"""The store keeps what it was given, in the order: ledger, index, mark."""

import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import chromadb
import numpy as np
import pytest
from chromadb.config import Settings as ChromaSettings

from search.errors import (
    CollectionNotFoundError,
    EmbedderMismatchError,
    InvalidInputError,
    PassageNotFoundError,
    StoreDamagedError,
)
from search.store.collection import Collection
from search.store.held import ASIDE
from search.store.indexer import _Child
from search.store.ledger import Record
from search.store.store import Store
from search.types import Passage, Vectors
from search.vectors import unit

DIMENSION = 8


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """An empty store."""
    with Store(tmp_path / "data", 2**30, "test") as store:
        yield store


def _vectors(n: int, seed: int = 0) -> Vectors:
    return unit(np.random.default_rng(seed).normal(size=(n, DIMENSION)))


def _fill(store: Store, n: int, name: str = "things", seed: int = 0) -> Collection:
    collection = store.create(name, "test:space", DIMENSION)
    store.begin_source(collection, "/a.txt")
    passages = [Passage(f"a-{i}", "/a.txt", i, f"text {seed} {i}", i, i + 1, {"year": i}) for i in range(n)]
    keys = [f"{seed}-{i}".encode() for i in range(n)]
    records = [Record(p, key) for p, key in zip(passages, keys, strict=True)]
    store.put(collection, records, keys, _vectors(n, seed), tokens=n)
    store.finish_source(collection, "/a.txt", f"digest {seed}", n)
    return store.collection(name)


def _chroma(folder: Path) -> Any:
    settings = ChromaSettings(_env_file=None, anonymized_telemetry=False)  # type: ignore[call-arg]
    return chromadb.PersistentClient(path=str(folder / "chroma"), settings=settings)


def test_what_was_put_comes_back_after_reopening(tmp_path: Path) -> None:
    """Passages, metadata and vectors survive the process's end."""
    with Store(tmp_path, 2**30, "test") as store:
        _fill(store, 5)
    with Store(tmp_path, 2**30, "test") as store:
        stored = store.collection("things").get("a-3")
    assert stored.passage == Passage("a-3", "/a.txt", 3, "text 0 3", 3, 4, {"year": 3})
    assert np.array_equal(stored.vector, _vectors(5)[3])


def test_blocks_are_the_same_from_memory_and_from_disk(store: Store, tmp_path: Path) -> None:
    """A matrix above the limit is read in blocks, with the same rows."""
    held = _fill(store, 40)
    streamed = Collection(held.row, store.ledger, store._indexer, exact_bytes=0)
    for (n1, rows1), (n2, rows2) in zip(held.blocks(), streamed.blocks(), strict=True):
        assert np.array_equal(n1, n2)
        assert np.array_equal(rows1, rows2)


def test_a_second_put_of_the_same_ids_replaces(store: Store) -> None:
    """Ids are idempotent: a changed source has its passages replaced, and those past its end go."""
    _fill(store, 5)
    collection = _fill(store, 3, seed=1)
    assert len(collection) == 3
    assert collection.get("a-2").passage.text == "text 1 2"
    with pytest.raises(PassageNotFoundError):
        collection.get("a-4")


def test_a_drop_waits_for_what_is_committed_at_once(store: Store) -> None:
    """While one thread makes a collection within a larger change, another drops one, and neither waits for ever."""
    _fill(store, 5)
    dropping = threading.Thread(target=store.drop, args=("things",), daemon=True)

    def change() -> None:
        with store.all_or_nothing():
            dropping.start()
            dropping.join(0.3)
            store.create("others", "test:space", DIMENSION)

    changing = threading.Thread(target=change, daemon=True)
    changing.start()
    changing.join(20)
    assert not changing.is_alive()
    dropping.join(60)
    assert store.names() == ["others"]


def test_who_reads_during_a_larger_change_sees_it_afterwards(store: Store) -> None:
    """And not what was read then, for as long as nothing else changes."""
    _fill(store, 5)
    seen: list[int] = []

    def look() -> None:
        seen.append(sum(len(numbers) for numbers, _ in store.collection("things").blocks()))

    with store.all_or_nothing():
        _fill(store, 9)
        reading = threading.Thread(target=look)
        reading.start()
        reading.join(20)
    look()
    assert seen == [5, 9]


def test_another_embedder_is_refused_with_both_ids(store: Store) -> None:
    """A collection opens only with the embedder that it was made with."""
    _fill(store, 2)
    with pytest.raises(EmbedderMismatchError, match=r"test:space.*other:space"):
        store.collection("things", "other:space")
    with pytest.raises(EmbedderMismatchError):
        store.create("things", "other:space", DIMENSION)


@pytest.mark.parametrize("name", ["a", "ab", "a b", "-ab", "ab.", "a..b", "1.2.3.4", "née", "x" * 513, "", "a\nb"])
def test_names_that_chroma_refuses_are_refused(store: Store, name: str) -> None:
    """The message comes before anything is written."""
    with pytest.raises(InvalidInputError, match="cannot be a collection's name"):
        store.create(name, "test:space", DIMENSION)
    assert store.names() == []


def test_dropping_removes_a_collection_everywhere(store: Store, tmp_path: Path) -> None:
    """Neither ledger nor index know it afterwards, and its name can be used again."""
    _fill(store, 4)
    store.update_index()
    store.drop("things")
    with pytest.raises(CollectionNotFoundError):
        store.collection("things")
    assert len(_fill(store, 3)) == 3
    store.update_index()


def test_the_index_is_level_with_the_ledger(tmp_path: Path) -> None:
    """An ordinary Chroma client reads texts, metadata and vectors, in cosine space."""
    with Store(tmp_path, 2**30, "test") as store:
        _fill(store, 6)
        store.update_index()
        _fill(store, 4, seed=1)
        store.update_index()
    client = _chroma(tmp_path)
    found = client.get_collection("things", embedding_function=None)
    got = found.get(include=["documents", "metadatas", "embeddings"])
    assert sorted(got["ids"]) == ["a-0", "a-1", "a-2", "a-3"]
    assert found.configuration_json["hnsw"]["space"] == "cosine"
    assert set(got["documents"]) == {f"text 1 {i}" for i in range(4)}
    assert got["metadatas"][0]["source"] == "/a.txt"
    assert np.allclose(found.query(query_embeddings=_vectors(4, 1)[:1], n_results=1)["distances"], 0, atol=1e-6)
    client.close()


def test_what_the_index_missed_is_made_up(tmp_path: Path) -> None:
    """A process that dies between ledger and index leaves nothing behind but work for the next one."""
    code = (
        "import os, sys; sys.path[:0] = sys.argv[2:]\n"
        "from pathlib import Path; from tests.search.store.test_store import _fill\n"
        "from search.store.store import Store\n"
        "store = Store(Path(sys.argv[1]), 2**30, 'test'); _fill(store, 3); os.kill(os.getpid(), 9)"
    )
    root = str(Path(__file__).parents[3])
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path), root], check=False)
    assert done.returncode == -signal.SIGKILL
    with Store(tmp_path, 2**30, "test") as store:
        assert len(store.collection("things")) == 3
        store.update_index()
    client = _chroma(tmp_path)
    assert client.get_collection("things", embedding_function=None).count() == 3
    client.close()


@pytest.mark.parametrize("harm", ["gone", "truncated", "garbled"])
def test_a_torn_index_is_rebuilt_from_the_ledger(tmp_path: Path, harm: str) -> None:
    """After a crash the index is probed, and made anew from the ledger where it cannot be read."""
    with Store(tmp_path, 2**30, "test") as store:
        _fill(store, 6)
        store.update_index()
        _fill(store, 4, seed=1)
        # Left as a crash leaves it.
        store.ledger.set_fact("index", "open")
    with Store(tmp_path, 2**30, "test") as store:
        store.ledger.set_fact("index", "open")
    database = tmp_path / "chroma" / "chroma.sqlite3"
    if harm == "gone":
        shutil.rmtree(tmp_path / "chroma")
    elif harm == "truncated":
        os.truncate(database, 5_000)
    else:
        database.write_bytes(b"no database at all" * 1_000)
    with Store(tmp_path, 2**30, "test") as store:
        store.update_index()
        assert len(store.collection("things")) == 4
    client = _chroma(tmp_path)
    assert client.get_collection("things", embedding_function=None).count() == 4
    client.close()


def test_a_file_that_is_no_ledger_is_left_alone(tmp_path: Path) -> None:
    """A damaged ledger is said in one line, and not overwritten."""
    (tmp_path / "ledger.sqlite").write_bytes(b"something else" * 100)
    with pytest.raises(StoreDamagedError, match="damaged"):
        Store(tmp_path, 2**30, "test")
    assert (tmp_path / "ledger.sqlite").read_bytes() == b"something else" * 100


def test_a_newer_ledger_is_refused(tmp_path: Path) -> None:
    """What a later version wrote is not touched by this one."""
    with Store(tmp_path, 2**30, "test") as store:
        store.ledger._db.execute("PRAGMA user_version = 99")
    with pytest.raises(StoreDamagedError, match="newer nearhood"):
        Store(tmp_path, 2**30, "test")


def test_all_of_a_collection_is_read_whatever_lies_between(store: Store) -> None:
    """In pages, each passage once and in order, though those of another collection came in among them."""
    names = ("things", "others")
    for start in range(0, 20_000, 5_000):
        for name in names:
            collection = store.create(name, "test:space", DIMENSION)
            store.begin_source(collection, "/a.txt")
            some = range(start, start + 5_000)
            records = [Record(Passage(f"{i:05}", "/a.txt", i, f"{name} {i}", i, i + 1), b"key") for i in some]
            store.ledger.put(collection.row.number, records, {b"key": _vectors(1).tobytes()}, 0, 0.0)
    for name in names:
        found = store.collection(name)
        numbers = [number for number, _ in found.texts()]
        assert [text for _, text in found.texts()] == [f"{name} {i}" for i in range(20_000)]
        assert found.ids() == [(number, f"{i:05}") for i, number in enumerate(numbers)]
        assert [fact[0] for fact in found.facts()] == numbers
        blocks = list(store.ledger.blocks(found.row.number, DIMENSION))
        assert [len(block) for block, _ in blocks] == [16_384, 3_616]
        assert np.concatenate([block for block, _ in blocks]).tolist() == numbers


def test_a_child_that_starts_while_the_store_is_closed_is_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever closes it finds none to end yet; left alone, it would keep the folder."""
    started: list[Any] = []
    with Store(tmp_path, 2**30, "test") as store:
        _fill(store, 5)

        class Late(_Child):
            def __init__(self, *given: Any) -> None:
                super().__init__(*given)
                started.append(self.process)
                store._indexer.close()

        monkeypatch.setattr("search.store.indexer._Child", Late)
        store.update_index()
        assert [process.poll() is not None for process in started] == [True]


def test_threads_that_end_leave_no_file_open(store: Store) -> None:
    """A server has thousands of them in its life."""

    def opened() -> int:
        links = (os.path.realpath(fd) for fd in Path("/proc/self/fd").iterdir())
        return sum(link.startswith(str(store.ledger.path)) for link in links)

    before = opened()
    for _ in range(20):
        reader = threading.Thread(target=store.names)
        reader.start()
        reader.join()
    assert opened() <= before + 2


def test_a_passage_that_was_removed_meanwhile_has_no_vector(store: Store) -> None:
    """Whoever has its number from before still gets a row for each."""
    collection = _fill(store, 3)
    (numbers, rows), *_ = collection.blocks()
    found = collection.vectors([int(numbers[1]), 10_000, int(numbers[0])])
    assert np.array_equal(found, np.stack([rows[1], np.zeros(DIMENSION), rows[0]]))


def test_what_a_killed_process_left_aside_is_removed(tmp_path: Path) -> None:
    """A file that was being sent has all of a collection's texts."""
    Store(tmp_path, 2**30, "test").close()
    (tmp_path / f"{ASIDE}x").mkdir()
    (tmp_path / f"{ASIDE}x" / "things.jsonl").write_text("secret")
    with Store(tmp_path, 2**30, "test"):
        assert list(tmp_path.glob(f"{ASIDE}*")) == []


def test_a_number_that_another_collection_has_by_now_is_nobodys(store: Store) -> None:
    """What was found before a drop is read after it as what is gone, and not as a passage of somebody else's."""
    store.create("others", "test:space", DIMENSION)
    before = _fill(store, 3)
    numbers = [number for number, _ in before.texts()]
    assert set(before.read(numbers)) == set(before.texts_of(numbers)) == set(numbers)
    store.drop("things")
    # SQLite gives the numbers of what went out again.
    assert set(_fill(store, 3, "others", seed=1).read(numbers)) == set(numbers)
    assert not before.read(numbers)
    assert not before.texts_of(numbers)
