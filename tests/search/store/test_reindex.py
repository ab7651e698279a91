"""A collection can be written anew; until that is complete, it stays as it was."""

from argparse import Namespace
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ingest.sync import ingest
from search.chat.events import Asking
from search.errors import DiskFullError, EmbedderMismatchError, EmbeddingError, InvalidInputError
from search.service import Service
from search.store.ledger import Record, vector_key
from search.store.pending import Pending
from search.store.reindex import reindex
from search.types import Passage
from search.vectors import unit
from tests.faults.conftest import chroma
from tests.openai_server import OpenAIServer, embeddings, status
from tests.search.store.conftest import LARGE, SMALL, embedded, reopened
from ui import upkeep

_TRIED = ("the heron waits", "the secret otter", "in both of them")
"""What is embedded once more, to see whether it is the same model that goes on."""


def _embed_again_and_break_off(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    """Embed all again, on a disk that is full when the index is to be written."""

    def full() -> None:
        raise DiskFullError(service.store.folder)

    with monkeypatch.context() as broken, pytest.raises(DiskFullError):
        broken.setattr(service.store, "update_index", full)
        service.reindex(fresh=True)


def test_reindexing_with_the_same_embedder_embeds_nothing(service: Service, openai_server: OpenAIServer) -> None:
    """The index is a new generation, with every passage."""
    before = embedded(openai_server)
    assert upkeep.reindex(service, Namespace(collection=None, fresh=False, json=True)) == 0
    assert embedded(openai_server) == before
    assert service.store.collection("things").row.index_name == "things-2"
    service.close()
    for collection in chroma(service.settings.data, "things-2"):
        assert collection.count() == 5


def test_another_embedder_takes_a_collection_over(service: Service, openai_server: OpenAIServer, texts: Path) -> None:
    """Every different text is embedded once, and the files count as unchanged."""
    with reopened(service, LARGE) as later:
        done = reindex(later.store, later.embedder, "things")
        assert (done.embedded, done.was, done.embedder) == (4, SMALL, LARGE)
        assert later.search("the secret otter", k=1).hits[0].similarity == pytest.approx(1, abs=1e-6)
        assert ingest(later.store, later.embedder, "things", [texts], "words").unchanged == 2
        assert not later.store.check_index()


def test_a_model_that_changed_embeds_all_its_collections_again(
    service: Service, openai_server: OpenAIServer, texts: Path
) -> None:
    """Texts that two have share a vector, and no text that comes in later gets one of before."""
    store, embedder = service.store, service.embedder
    ingest(store, embedder, "others", [texts / "two.txt"], "words")
    (texts / "two.txt").write_text("a field of barley\n")
    ingest(store, embedder, "things", [texts], "words")
    ingest(store, embedder, "others", [texts / "two.txt"], "words")
    probe = service.settings.data / "probes" / str(store.collection("things").row.number)
    probe.mkdir(parents=True)
    openai_server.edition = 1
    done = service.reindex("others", fresh=True)
    assert (done.collection, done.was, done.embedder, done.embedded, done.passages) == ("others", SMALL, SMALL, 4, 1)
    assert not probe.exists()
    for name in ("things", "others"):
        for text in store.collection(name).texts():
            found = service.search(text[1], name, k=1).hits[0]
            assert found.text == text[1]
            assert found.similarity == pytest.approx(1, abs=1e-6)
    (texts / "two.txt").write_text("a field of barley\nin both of them\n")
    report = ingest(store, embedder, "others", [texts / "two.txt"], "words")
    assert (report.embedded, report.cached) == (0, 2)
    assert not store.check_index()
    assert store.sources.count_orphans() == 0


def test_a_run_that_broke_off_leaves_all_as_it_was_and_goes_on(
    service: Service, openai_server: OpenAIServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On the same day, what it embedded is not embedded again."""
    monkeypatch.setattr("search.store.reindex.WINDOW", 3)
    kept = service.store.collection("things").matrix.rows.copy()
    openai_server.script(lambda h, b: h.answer(200, embeddings(b, 1)), status(401))
    with pytest.raises(EmbeddingError):
        service.reindex(fresh=True)
    assert np.array_equal(service.store.collection("things").matrix.rows, kept)
    before = embedded(openai_server)
    openai_server.edition = 1
    assert service.reindex(fresh=True).embedded == 1
    assert embedded(openai_server) == before + len(_TRIED) + 1
    assert not np.array_equal(service.store.collection("things").matrix.rows, kept)


def test_what_broke_off_is_not_gone_on_with_by_another_model(
    service: Service, openai_server: OpenAIServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is ended because the server has the wrong one: what that gave must not stay."""
    monkeypatch.setattr("search.store.reindex.WINDOW", 3)
    openai_server.script(lambda h, b: h.answer(200, embeddings(b, 1)), status(401))
    with pytest.raises(EmbeddingError):
        service.reindex(fresh=True)
    openai_server.edition = 2
    assert service.reindex(fresh=True).embedded == 4
    for _, text in service.store.collection("things").texts():
        assert service.search(text, k=1).hits[0].similarity == pytest.approx(1, abs=1e-6)
    assert service.store.sources.count_orphans() == 0


def test_an_index_that_broke_off_is_written_and_nothing_is_paid_for_twice(
    service: Service, openai_server: OpenAIServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All was embedded, and a disk was full when Chroma heard of it: the same command goes on there, once."""
    openai_server.edition = 1
    _embed_again_and_break_off(service, monkeypatch)
    before = embedded(openai_server)
    assert service.reindex(fresh=True).embedded == 0
    assert embedded(openai_server) == before + 4
    assert not service.store.check_index()
    assert service.reindex(fresh=True).embedded == 4


def test_another_model_embeds_again_what_an_index_broke_off_with(
    service: Service, openai_server: OpenAIServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It has changed once more in the meantime."""
    openai_server.edition = 1
    _embed_again_and_break_off(service, monkeypatch)
    openai_server.edition = 2
    assert service.reindex(fresh=True).embedded == 4
    assert service.search("the secret otter", k=1).hits[0].similarity == pytest.approx(1, abs=1e-6)


def test_what_is_lacking_is_looked_through_once(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    """A key is made once for each text, though they are read page by page."""
    made: list[str] = []

    def counted(embedder: str, text: str) -> bytes:
        made.append(text)
        return vector_key(embedder, text)

    monkeypatch.setattr("search.store.ledger.vector_key", counted)
    with reopened(service) as later:
        pending, row = Pending(later.store.ledger), later.store.collection("things").row
        found, after = list[str](), -1
        while page := pending.lacking(row.number, LARGE, 2, after):
            after = page[-1][0]
            found += [text for _, text in page]
        assert sorted(found) == sorted(made)
        assert len(made) == 5
        later.reindex("things")
        made.clear()
        other = later.store.ledger.collections()[0]
        assert sum(map(len, pending.generation(replace(other, embedder=LARGE), SMALL, 2))) == 5
        assert len(made) == 5


def test_what_came_in_meanwhile_is_embedded_too(service: Service, texts: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is replaced before each text has its vector."""
    replace_all, late = service.store.replace, texts / "late.txt"

    def later(embedder: str, dimension: int, draft: str) -> bool:
        if not late.exists():
            late.write_text("a late arrival\n")
            ingest(service.store, service.embedder, "things", [late], "words")
        return replace_all(embedder, dimension, draft)

    monkeypatch.setattr(service.store, "replace", later)
    assert service.reindex("things", fresh=True).embedded == 5
    assert service.search("a late arrival", k=1).hits[0].similarity == pytest.approx(1, abs=1e-6)


def test_another_embedders_collection_is_not_embedded_again(service: Service) -> None:
    """It is to be reindexed."""
    with reopened(service, LARGE) as later, pytest.raises(InvalidInputError, match="leave out --fresh"):
        later.reindex("things", fresh=True)


def test_a_conversation_goes_on_with_another_embedder(service: Service) -> None:
    """It belongs to the collection, and its next question is searched with the new vectors."""
    question = "What does the otter keep secret?"
    number = service.begin_conversation(question)
    list(service.ask(Asking(question), None, "extractive", number))
    with reopened(service, LARGE) as later:
        reindex(later.store, later.embedder, "things")
        list(later.ask(Asking("And why does it do that?"), None, "extractive", number))
        assert later.store.conversations.turns(number)[0].question == question
        assert later.store.conversations.get(number).turns == 2


def test_a_reindex_that_fails_leaves_the_collection_and_goes_on_later(
    service: Service, openai_server: OpenAIServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was embedded before the failure is not embedded again."""
    monkeypatch.setattr("search.store.reindex.WINDOW", 3)
    with reopened(service, LARGE) as later:
        openai_server.script(lambda h, b: h.answer(200, embeddings(b)), status(401))
        with pytest.raises(EmbeddingError):
            reindex(later.store, later.embedder, "things")
        assert later.show("things").embedder == SMALL
        before = embedded(openai_server)
        assert reindex(later.store, later.embedder, "things").embedded == 1
        assert embedded(openai_server) == before + 1


def test_a_collection_that_outgrows_exact_search_keeps_its_index(service: Service) -> None:
    """Past the limit it is asked as it stands."""
    service.close()
    with Service(replace(service.settings, exact_bytes=0), "test") as later:
        later.store.update_index()
        assert later.store.collection("things").row.index_name == "things"
        found = later.search("the secret otter", k=1)
        assert found.hits[0].similarity == pytest.approx(1, abs=1e-6)


def test_an_ingest_that_began_before_writes_nothing_after(service: Service) -> None:
    """Its vectors are of the embedder that the collection had, and would stand among those of the new one."""
    text = "a late arrival"
    with reopened(service, LARGE) as later:
        before = later.store.collection("things")
        reindex(later.store, later.embedder, "things")
        later.store.begin_source(before, "/late.txt")
        record = Record(Passage("late-0", "/late.txt", 0, text, 0, len(text)), vector_key(SMALL, text))
        with pytest.raises(EmbedderMismatchError):
            later.store.put(before, [record], [record.key], unit(np.ones((1, before.dimension))), 1)
        assert len(later.store.collection("things")) == 5
