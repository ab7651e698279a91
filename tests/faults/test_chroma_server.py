"""A Chroma server that dies in the middle of an ingest, and several processes behind one."""

import random
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import httpx
import numpy as np
import pytest

from tests.chroma_server import ChromaServer
from tests.faults.conftest import LONG, Bench, kill

TIMES = 20 if LONG else 3
SECONDS = 120


@pytest.fixture
def chroma(tmp_path: Path) -> Iterator[ChromaServer]:
    """A server of one's own."""
    with ChromaServer(tmp_path / "server") as server:
        yield server


@pytest.fixture
def there(bench: Bench, chroma: ChromaServer) -> Bench:
    """A bench whose index is on the server."""
    return replace(bench, environ={**bench.environ, "NEARHOOD_CHROMA": chroma.url})


def test_a_server_killed_in_the_middle_of_an_ingest_loses_nothing(there: Bench, chroma: ChromaServer) -> None:
    """Each run goes on where the one before ended, and in the end all is there, and finds itself."""
    chance = random.Random(0)
    for _ in range(TIMES):
        before = there.embedded()
        with there.ingest() as process:
            while there.embedded() == before and process.poll() is None:
                time.sleep(0.01)
            time.sleep(chance.uniform(0, 2))
            chroma.kill()
            _, said = process.communicate(timeout=SECONDS)
            assert process.returncode in {0, 1}, said
            assert "Traceback" not in said
        chroma.start()
        _add(there)
    there.finish()
    assert there.embedded() == len(_lines(there))
    _check_server(there, chroma)


def _add(bench: Bench) -> None:
    """Write another file, so that there is something to be taken in."""
    number = len(list(bench.texts.iterdir()))
    (bench.texts / f"{number}.txt").write_text("".join(f"record {i} of file {number}\n" for i in range(120)))


def _lines(bench: Bench) -> list[str]:
    return sorted(line for file in bench.texts.iterdir() for line in file.read_text().splitlines())


def _check_server(bench: Bench, chroma: ChromaServer) -> None:
    """Check that any client finds each line there once, and that vectors find themselves."""
    with chroma.client() as client:
        (there,) = [one for one in client.list_collections() if one.metadata]
        found = there.get(include=["embeddings", "documents"], limit=100_000)
        assert sorted(found["documents"]) == _lines(bench)
        some = np.random.default_rng(0).choice(len(found["ids"]), 100)
        asked = there.query(query_embeddings=found["embeddings"][some], n_results=1, include=[])["ids"]
        assert np.mean([found["ids"][i] == near for i, (near,) in zip(some, asked, strict=True)]) >= 0.98


def test_three_processes_behind_one_server(there: Bench, tmp_path: Path) -> None:
    """Two replicas that only know the server answer as the owner does, follow what it takes in, and outlive it."""
    there.finish()
    with ExitStack() as stack:
        urls = [stack.enter_context(_Replica(there, tmp_path / f"copy{i}")).url for i in range(2)]
        for url in urls:
            assert _first(url, "record 7 of file 3") == "record 7 of file 3"
        (there.texts / "late.txt").write_text("a late arrival\n")
        there.finish()
        for url in urls:
            _wait(lambda url=url: _first(url, "a late arrival") == "a late arrival")  # type: ignore[misc]
            refused = httpx.request("DELETE", f"{url}/api/collections/things")
            assert (refused.status_code, refused.json()["error"]["kind"]) == (403, "replica")


class _Replica:
    """`nearhood serve` as a replica."""

    def __init__(self, bench: Bench, data: Path) -> None:
        environ = {**bench.environ, "NEARHOOD_REPLICA": "1"}
        self._process = replace(bench, environ=environ).start("serve", "--port", "0", data=data)
        said = ""
        assert self._process.stderr is not None
        while "http://" not in said:
            line = self._process.stderr.readline()
            assert line, said
            said += line
        self.url = next(word for word in said.split() if word.startswith("http://"))

    def __enter__(self) -> "_Replica":
        return self

    def __exit__(self, *_: object) -> None:
        kill(self._process)


def _first(url: str, query: str) -> str:
    found = httpx.get(f"{url}/api/search", params={"query": query, "collection": "things", "k": 1}, timeout=SECONDS)
    return str(found.json()["hits"][0]["text"])


def _wait(happens: Callable[[], bool]) -> None:
    last = time.monotonic() + SECONDS
    while not happens():
        assert time.monotonic() < last
        time.sleep(0.2)
