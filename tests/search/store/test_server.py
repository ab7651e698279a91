"""The index on a Chroma server, real and on loopback, or in Chroma Cloud as far as its wire format goes."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import numpy as np
import pytest

from ingest.document import Options
from ingest.sync import Wish, sync
from search.errors import IndexServerError, InvalidInputError, NotConfiguredError, ReplicaError
from search.service import Service
from search.settings import Settings
from search.store.index import Index
from search.store.ledger import Record, vector_key
from search.store.level import Level
from search.store.site import site
from search.store.store import Store
from search.types import Passage
from tests.chroma_server import KEY, ChromaServer, CloudGate
from tests.openai_server import OpenAIServer, vector_of
from tests.search.store.conftest import SMALL, reopened


@pytest.fixture
def chroma(tmp_path: Path) -> Iterator[ChromaServer]:
    """A server of one's own."""
    with ChromaServer(tmp_path / "server") as server:
        yield server


@pytest.fixture
def settings_there(openai_settings: Settings, chroma: ChromaServer) -> Settings:
    """Settings that lead there."""
    return replace(openai_settings, embedder=SMALL, chroma=chroma.url)


@pytest.fixture
def there(settings_there: Settings, texts: Path) -> Iterator[Service]:
    """The files as the collection `things`, on the server."""
    with Service(settings_there, "test") as service:
        _take_in(service, texts)
        yield service


def _take_in(service: Service, *paths: Path, collection: str = "things") -> None:
    sync(service.store, service.embedder, collection, Wish(paths, Options(kind="words"), prune=True))


def _replica(service: Service, folder: Path, **more: Any) -> Service:
    return Service(replace(service.settings, data=folder, replica=True, **more), "replica")


def _texts(chroma: ChromaServer, name: str = "things") -> list[str]:
    """Return what any Chroma client finds of a collection."""
    with chroma.client() as client:
        (found,) = (c for c in client.list_collections() if (c.metadata or {}).get("nearhood.name") == name)
        return sorted(found.get()["documents"])


def _passages(service: Service) -> list[tuple[Any, ...]]:
    hits = service.search("heron", k=5).hits
    found = [(h.id, h.text, h.source, h.start, h.end, h.metadata, round(h.similarity, 5)) for h in hits]
    # Equal texts stand in the order that they came in.
    return sorted(found, key=lambda hit: hit[0])


def _embedded(server: OpenAIServer) -> int:
    return sum(len(request.body["input"]) for request in server.requests)


def test_a_server_has_what_the_ledger_has(there: Service, chroma: ChromaServer, texts: Path) -> None:
    """What comes, changes and goes does so there, and nothing of it is written beside the ledger."""
    before = ["a field of barley", "in both of them", "in both of them", "the heron waits", "the secret otter"]
    assert _texts(chroma) == before
    (texts / "one.txt").unlink()
    (texts / "two.txt").write_text("a field of rye\n")
    _take_in(there, texts)
    assert _texts(chroma) == ["a field of rye"]
    assert not there.store.site.folder.exists()
    there.drop("things")
    with chroma.client() as client:
        assert client.list_collections() == []


def test_a_server_that_is_gone_loses_nothing(
    there: Service, chroma: ChromaServer, texts: Path, openai_server: OpenAIServer
) -> None:
    """It is said in one line, search goes on, and the next run writes what is missing without embedding it again."""
    chroma.kill()
    (texts / "three.txt").write_text("a late arrival\n")
    with pytest.raises(IndexServerError, match="nothing is lost"):
        _take_in(there, texts)
    assert there.search("a late arrival", k=1).hits[0].text == "a late arrival"
    before = _embedded(openai_server)
    chroma.start()
    with reopened(there) as again:
        _take_in(again, texts)
    assert "a late arrival" in _texts(chroma)
    assert _embedded(openai_server) == before


def test_a_server_that_lost_it_all_is_filled_again(there: Service, chroma: ChromaServer) -> None:
    """Somebody may delete what is there; doctor has it written anew."""
    with chroma.client() as client:
        client.delete_collection(client.list_collections()[0].name)
    assert there.store.check_index()
    assert len(_texts(chroma)) == 5
    assert not there.store.check_index()


def test_what_differs_is_written_anew(there: Service, chroma: ChromaServer) -> None:
    """A text that somebody changed there is found, as in a folder."""
    with chroma.client() as client:
        changed = client.list_collections()[0]
        other = np.ones((1, 16), dtype=np.float32)
        changed.update(ids=changed.get()["ids"][:1], documents=["something else"], embeddings=other)
    assert there.store.check_index()
    assert "something else" not in _texts(chroma)


def test_two_ledgers_on_a_server_do_not_meet(there: Service, chroma: ChromaServer, tmp_path: Path) -> None:
    """Collections of one name have names of their own there."""
    other = tmp_path / "other.txt"
    other.write_text("of somebody else\n")
    with reopened(there, data=tmp_path / "data2") as second:
        _take_in(second, other)
        assert [hit.text for hit in second.search("heron").hits] == ["of somebody else"]
    with chroma.client() as client:
        assert len(client.list_collections()) == 2


def test_a_folder_moves_to_a_server_and_back(
    service: Service, chroma: ChromaServer, texts: Path, openai_server: OpenAIServer
) -> None:
    """With a setting and the next run; nothing is embedded for it."""
    before = _embedded(openai_server)
    service.close()
    for where in (chroma.url, "", chroma.url):
        with Service(replace(service.settings, chroma=where), "test") as moved:
            _take_in(moved, texts)
            assert not moved.store.check_index()
    assert len(_texts(chroma)) == 5
    assert _embedded(openai_server) == before


# Replicas


def test_a_replica_follows(there: Service, texts: Path, tmp_path: Path) -> None:
    """It has passages, places and metadata as their owner has, and what comes, changes and goes later."""
    with _replica(there, tmp_path / "copy") as copy:
        assert _passages(copy) == _passages(there)
        (texts / "one.txt").write_text("the heron flies\nin both of them\n")
        (texts / "three.txt").write_text("a late arrival\n")
        _take_in(there, texts)
        assert copy.store.refresh()
        assert _passages(copy) == _passages(there)
        assert not copy.store.refresh()
        there.drop("things")
        assert copy.store.refresh()
        assert copy.store.names() == []


def test_a_replica_takes_over_what_another_model_gave(
    there: Service, openai_server: OpenAIServer, texts: Path, tmp_path: Path
) -> None:
    """Texts that it has have other vectors by now, in all collections; what was made of those before goes."""
    _take_in(there, texts, collection="others")
    with _replica(there, tmp_path / "copy") as copy:
        probe = copy.settings.data / "probes" / str(copy.store.collection("things").row.number)
        probe.mkdir(parents=True)
        number = copy.begin_conversation("What does the heron do?", "things")
        openai_server.edition = 1
        there.reindex("things", fresh=True)
        assert copy.store.refresh()
        for name in ("things", "others"):
            for _, text in copy.store.collection(name).texts():
                found = copy.search(text, name, k=1).hits[0]
                assert found.text == text
                assert found.similarity == pytest.approx(1, abs=1e-5)
        assert not probe.exists()
        assert copy.conversation(number).collection == "things"
        assert not copy.store.refresh()


def test_what_a_replica_had_to_remove_is_removed_by_the_next(
    there: Service, texts: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that was killed had taken the change over already: nobody would hear of it again."""
    with _replica(there, tmp_path / "copy") as copy:
        probe = copy.settings.data / "probes" / str(copy.store.collection("things").row.number)
        probe.mkdir(parents=True)
        there.drop("things")
        with monkeypatch.context() as killed:
            killed.setattr("search.store.derived.Derived.remove", Mock(side_effect=KeyboardInterrupt))
            with pytest.raises(KeyboardInterrupt):
                copy.store.refresh()
        assert copy.store.names() == []
        assert probe.exists()
    with _replica(there, tmp_path / "copy") as copy:
        copy.store.refresh()
        assert not probe.exists()
        assert not copy.store.refresh()


def test_what_a_replica_made_goes_with_its_collection_alone(there: Service, texts: Path, tmp_path: Path) -> None:
    """An index that is written anew is no reason; and the next collection has the number of one that went."""
    with _replica(there, tmp_path / "copy") as copy:
        probe = copy.settings.data / "probes" / str(copy.store.collection("things").row.number)
        probe.mkdir(parents=True)
        there.reindex("things")
        assert copy.store.refresh()
        assert probe.exists()
        there.drop("things")
        assert copy.store.refresh()
        assert not probe.exists()


def test_a_replica_misses_nothing_that_came_while_the_index_was_written(
    there: Service, texts: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is not of the version that was told before it came."""
    _take_in(there, texts, collection="others")
    with _replica(there, tmp_path / "copy") as copy:
        assert copy.show("others").passages == 5
        there.store._indexer.close()
        monkeypatch.setattr("search.store.level.select.select", lambda *_: ([], [], []))
        level = Level(there.settings.data, 0, site(there.settings), probe=False)
        write = level._write

        def late(*given: Any) -> None:
            write(*given)
            monkeypatch.setattr(level, "_write", write)
            _put(there.store, "things", "a late arrival")

        _put(there.store, "others", "what is written first")
        monkeypatch.setattr(level, "_write", late)
        level.level()
        assert copy.store.refresh()
        assert [copy.show(name).passages for name in ("others", "things")] == [6, 6]
        _put(there.store, "things", "another one")
        level.level()
        level.close()
        assert copy.store.refresh()
        assert copy.show("things").passages == 7


def _put(store: Store, name: str, text: str) -> None:
    """Commit a passage that the index does not hear of yet."""
    collection = store.collection(name)
    passage = Passage(text, f"/{text}", 0, text, 0, len(text))
    store.begin_source(collection, passage.source)
    key = vector_key(collection.embedder, text)
    store.put(collection, [Record(passage, key)], [key], vector_of(text, collection.dimension)[np.newaxis], 0)
    store.finish_source(collection, passage.source, "digest", 1)


def test_what_a_replica_took_over_is_shown_though_the_next_one_fails(
    there: Service, texts: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Numbers are given out again, so that what was read before must not be used with them."""
    _take_in(there, texts, collection="others")
    with _replica(there, tmp_path / "copy") as copy:
        assert [len(copy.search("heron", name, k=9).hits) for name in ("others", "things")] == [5, 5]
        (texts / "three.txt").write_text("a late arrival\n")
        for name in ("others", "things"):
            _take_in(there, texts, collection=name)
        mirror = copy.store._mirror
        assert mirror is not None
        follow, followed = mirror._follow, list[str]()

        def failing(index: Any, one: Any) -> Any:
            if followed:
                raise IndexServerError("away")
            followed.append(one.name)
            return follow(index, one)

        monkeypatch.setattr(mirror, "_follow", failing)
        with pytest.raises(IndexServerError):
            copy.store.refresh()
        assert len(copy.search("heron", followed[0], k=9).hits) == 6


def test_a_collection_that_goes_while_it_is_read_is_let_go_of(
    there: Service, texts: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its owner drops it between two looks: the replica goes on, and has none of it in the end."""
    _take_in(there, texts, collection="passing")
    read, gone = Index.ids, threading.Event()

    def ids(self: Index, name: str) -> set[str]:
        if "passing" in name and not gone.is_set():
            gone.set()
            there.drop("passing")
            there.store.update_index()
        return read(self, name)

    monkeypatch.setattr(Index, "ids", ids)
    with _replica(there, tmp_path / "copy") as copy:
        copy.store.refresh()
        assert gone.is_set()
        assert copy.store.names() == ["things"]


def test_a_replica_only_reads(there: Service, texts: Path, tmp_path: Path) -> None:
    """Whatever would change a collection is refused."""
    with _replica(there, tmp_path / "copy") as copy:
        for change in (
            lambda: _take_in(copy, texts),
            lambda: _take_in(copy, texts, collection="another"),
            lambda: copy.drop("things"),
            lambda: copy.store.purge_source(str(texts / "one.txt"), ["things"]),
        ):
            with pytest.raises(ReplicaError):
                change()
        assert copy.show("things").passages == 5


def test_a_replica_goes_on_without_its_server(there: Service, chroma: ChromaServer, tmp_path: Path) -> None:
    """With what it has; one that has nothing yet says which server is away."""
    _replica(there, tmp_path / "copy").store.close()
    chroma.kill()
    with _replica(there, tmp_path / "copy") as copy:
        assert len(copy.search("heron", k=5).hits) == 5
    with _replica(there, tmp_path / "new") as new, pytest.raises(IndexServerError):
        new.store.refresh()


def test_a_replica_asks_the_server_s_graph(there: Service, tmp_path: Path) -> None:
    """Where the matrix would be too large."""
    with _replica(there, tmp_path / "copy", exact_bytes=0) as copy:
        things = copy.store.collection("things")
        query = copy.embedder.embed_query("the heron waits")
        (found,) = things.approximate(query[np.newaxis], 2) or []
        assert "the heron waits" in {p.text for p in things.read(found.tolist()).values()}


def test_a_folder_is_an_owner_s_or_a_replica_s(there: Service, tmp_path: Path) -> None:
    """Neither is taken for the other, and a replica needs a server."""
    _replica(there, tmp_path / "copy").store.close()
    there.close()
    wrong = (
        replace(there.settings, replica=True),
        replace(there.settings, data=tmp_path / "copy"),
        replace(there.settings, data=tmp_path / "copy", replica=True, chroma="http://127.0.0.1:9"),
        replace(there.settings, data=tmp_path / "copy", replica=True, chroma=""),
    )
    for settings in wrong:
        with pytest.raises(NotConfiguredError), Service(settings, "test") as service:
            _ = service.store


# Chroma Cloud


@pytest.fixture
def cloud(chroma: ChromaServer) -> Iterator[CloudGate]:
    """What passes on what Chroma Cloud would take."""
    with CloudGate(chroma.url) as gate:
        yield gate


def test_chroma_cloud_s_limits_are_kept(
    openai_settings: Settings, cloud: CloudGate, chroma: ChromaServer, tmp_path: Path
) -> None:
    """Many records, long texts, long names and busy hours: all of it is there, and a replica finds it."""
    folder = tmp_path / ("deep/" * 30)
    folder.mkdir(parents=True)
    (folder / "many.txt").write_text("".join(f"record {i}\n" for i in range(700)))
    settings = replace(openai_settings, embedder=SMALL, chroma=f"cloud:{cloud.url}", chroma_api_key=KEY)
    with Service(settings, "test") as service:
        cloud.busy = 2
        _take_in(service, folder)
        assert not service.store.check_index()
        with _replica(service, tmp_path / "copy") as copy:
            assert copy.search("record 7", k=1).hits[0].id == service.search("record 7", k=1).hits[0].id
    assert cloud.refused == []
    assert max(len(body.get("ids") or []) for body in cloud.bodies) == 300
    assert len(_texts(chroma)) == 700


@pytest.mark.parametrize(("key", "kind"), [("wrong", IndexServerError), ("", NotConfiguredError)])
def test_chroma_cloud_needs_its_key(
    openai_settings: Settings, cloud: CloudGate, texts: Path, key: str, kind: type[Exception]
) -> None:
    """It is said what to check, and the key is not repeated."""
    settings = replace(openai_settings, embedder=SMALL, chroma=f"cloud:{cloud.url}", chroma_api_key=key)
    with pytest.raises(kind, match="CHROMA_API_KEY") as raised, Service(settings, "test") as service:
        _take_in(service, texts)
    assert "wrong" not in str(raised.value)


@pytest.mark.parametrize(
    "address", ["localhost:8000", "ftp://x", "http://", "http://u:p@x", "http://x/y", "http://x:y"]
)
def test_an_address_that_is_none_is_refused(settings: Settings, address: str) -> None:
    """Before anything is opened, and without repeating it."""
    with pytest.raises(InvalidInputError, match="NEARHOOD_CHROMA") as raised:
        site(replace(settings, chroma=address))
    assert address not in str(raised.value).replace("http://localhost:8000", "")
