"""The search before anybody asks, and a server that ends while it is underway."""

import threading

import numpy as np
import pytest
from numpy.typing import NDArray

from ingest.sample import WORDS
from search.errors import StoreClosedError
from search.service import Service
from search.settings import Settings
from tests.prepared import Prepared, Taken
from ui.warm import NotReadyError, WarmUp


@pytest.fixture
def service(settings: Settings, prepared: Prepared) -> Service:
    """A list of words, left open."""
    prepared(settings, Taken("sample-words", WORDS, "words"))
    return Service(settings, "test")


def test_a_store_is_closed_only_after_the_search_underway(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    """Which would find its connection gone."""
    begun, go_on, stopped = threading.Event(), threading.Event(), threading.Event()
    embed = service.embedder.embed_query

    def slow(text: str) -> NDArray[np.float32]:
        begun.set()
        assert go_on.wait(30)
        return embed(text)

    monkeypatch.setattr(service.embedder, "embed_query", slow)
    warm_up = WarmUp(service)
    warm_up.start()
    assert begun.wait(30)

    def stop() -> None:
        warm_up.stop()
        stopped.set()

    stopping = threading.Thread(target=stop)
    stopping.start()
    assert not stopped.wait(0.2)
    go_on.set()
    stopping.join(30)
    assert stopped.is_set()
    assert not warm_up.is_done
    service.close()


def test_a_fault_of_ours_is_told_to_who_waits(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    """And tried again: else the server would never be ready, and nobody would hear why."""
    tried = threading.Event()

    def broken(_: str) -> NDArray[np.float32]:
        tried.set()
        raise AttributeError("to_str")

    monkeypatch.setattr(service.embedder, "embed_query", broken)
    warm_up = WarmUp(service)
    warm_up.start()
    assert tried.wait(30)
    warm_up.stop()
    assert not warm_up.is_done
    assert "AttributeError" in str(NotReadyError(warm_up.fault))
    service.close()


def test_what_reads_from_a_closed_ledger_is_told_so(service: Service) -> None:
    """In Nearhood's words, and not in SQLite's."""
    ledger = service.store.ledger
    with pytest.raises(StoreClosedError), ledger.snapshot():
        service.close()
        ledger.rows("SELECT 1")
