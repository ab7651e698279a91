"""Texts are put up to be searched, and leave nothing but their vectors."""

import sqlite3
import threading
from pathlib import Path

import numpy as np
import pytest

from search.errors import InvalidInputError
from search.evaluate.shelf import WINDOW, Shelf
from search.retrieve.known import Known
from search.service import Service

TEXTS = [("a", "a heron waits"), ("b", "bread is baked"), ("c", "bread is baked")]


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file() and "lexical" in path.parts]


def test_a_collection_is_there_for_a_while(shelf: Shelf, service: Service) -> None:
    """Its passages have the ids and vectors they should, and then it is gone with its words, and Chroma never knew."""
    with shelf.collection(TEXTS) as made:
        numbers, rows = next(made.blocks())
        assert [passage.id for passage in made.read(numbers.tolist()).values()] == ["a", "b", "c"]
        assert np.array_equal(rows, service.embedder.embed_documents([text for _, text in TEXTS]))
        assert Known().lexical(made).scores("heron")[0] > 0
        assert _files(service.settings.data)
    assert service.store.names() == []
    assert _files(service.settings.data) == []
    assert not (service.settings.data / "chroma").exists()


def test_nothing_stays_after_an_error(shelf: Shelf, service: Service) -> None:
    """Whatever goes wrong inside passes through."""
    with pytest.raises(InvalidInputError, match="inside"), shelf.collection(TEXTS) as made:
        Known().lexical(made)
        raise InvalidInputError("inside")
    assert service.store.names() == []
    assert _files(service.settings.data) == []


def test_no_other_reader_sees_it(shelf: Shelf, service: Service) -> None:
    """It stands in a store of its own, beside the ledger."""
    with shelf.collection(TEXTS):
        other = sqlite3.connect(service.store.ledger.path)
        assert other.execute("SELECT count(*) FROM collections").fetchone() == (0,)
        other.close()


def test_a_text_is_embedded_once(shelf: Shelf) -> None:
    """Equal texts share a vector, and the next time there is nothing to do."""
    with shelf.collection(TEXTS):
        assert shelf.embedded == 2
    with shelf.collection(TEXTS):
        assert shelf.embedded == 2
    shelf.embed_documents([text for _, text in TEXTS])
    assert shelf.embedded == 2


def test_queries_are_kept_apart_from_documents(shelf: Shelf, service: Service) -> None:
    """A model may embed them in different ways."""
    rows = shelf.queries(["bread", "a heron", "bread"])
    assert np.array_equal(rows[1], service.embedder.embed_query("a heron"))
    assert np.array_equal(rows[0], rows[2])
    shelf.embed_documents(["bread"])
    assert shelf.embedded == 3
    shelf.queries(["bread"])
    assert shelf.embedded == 3


def test_progress_is_told_window_by_window(service: Service) -> None:
    """How many texts are embedded, and of how many."""
    heard: list[tuple[int, int]] = []
    shelf = Shelf(service.store, service.embedder, lambda done, of: heard.append((done, of)))
    shelf.embed_documents([str(n) for n in range(WINDOW + 5)])
    assert heard == [(WINDOW, WINDOW + 5), (WINDOW + 5, WINDOW + 5)]


def test_others_write_meanwhile(shelf: Shelf, service: Service) -> None:
    """An evaluation takes minutes, in which an ingest must not wait for the ledger."""
    written = threading.Event()

    def write() -> None:
        service.store.ledger.set_fact("a note", "of another")
        written.set()

    with shelf.collection(TEXTS):
        threading.Thread(target=write).start()
        assert written.wait(10)
