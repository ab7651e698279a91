"""What a client is told whose server is stopped in the middle of its request."""

import socket
import threading
import time
from pathlib import Path
from typing import NoReturn

import httpx
import pytest

from search.errors import StoreClosedError
from search.heard import Heard
from search.store.ledger import Ledger
from tests.api.conftest import Serving

SLOW = """
import sys, time
from pathlib import Path
from search.service import Service
from search.settings import Settings
from ui.serve import serve

class Slow(Service):
    def draw_map(self, *_, **__):
        print("drawing", flush=True)
        time.sleep(60)

say = lambda url: print("at", url + " ", flush=True)
with Slow(Settings.from_environment(), "serve") as service:
    serve(service, "127.0.0.1", 0, port_given=True, on_ready=say)
"""


def test_a_map_whose_server_is_stopped_is_answered(tmp_path: Path, cache: Path) -> None:
    """With 503 and the shape of all errors, and soon: nobody waits for the map."""
    serving = Serving(tmp_path / "data", cache, code=SLOW)
    replies: list[httpx.Response] = []
    with serving as url:
        asking = threading.Thread(
            target=lambda: replies.append(httpx.post(f"{url}/api/map", json={"collection": "x"}, timeout=60))
        )
        asking.start()
        while "drawing" not in serving.log():
            time.sleep(0.02)
        serving.process.terminate()
        asking.join(10)
    (reply,) = replies
    assert (reply.status_code, reply.json()["error"]["kind"]) == (503, "stopping")
    assert "Traceback" not in serving.log()


def test_a_folder_that_is_closed_says_so(tmp_path: Path) -> None:
    """To a thread that is still at work on it, in place of opening the file again behind the back of its next owner."""
    ledger = Ledger(tmp_path / "ledger.sqlite")
    raised: list[int] = []

    def work() -> None:
        try:
            ledger.collections()
        except StoreClosedError as error:
            raised.append(error.status)

    ledger.close()
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert raised == [503]


def test_who_hangs_up_on_near_duplicates_ends_the_search(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """It compares each passage with each, which nobody should pay for who does not wait."""
    begun, ended = threading.Event(), threading.Event()

    def endless(_collection: object, _limit: float, _most: int, heard: Heard) -> NoReturn:
        begun.set()
        try:
            while True:
                heard(0, 1)
                time.sleep(0.01)
        finally:
            ended.set()

    monkeypatch.setattr("ui.web.library.find_duplicates", endless)
    host, port = url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port))) as hanging_up:
        hanging_up.sendall(f"GET /page/library/words/duplicates HTTP/1.1\r\nHost: {host}:{port}\r\n\r\n".encode())
        assert begun.wait(30)
        assert not ended.is_set()
    assert ended.wait(30)
