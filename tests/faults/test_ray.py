"""A cluster that loses a machine loses nothing of an ingest, and no ingest leaves a cluster of its own behind."""

import json
import os
import shutil
import signal
import sys
import tempfile
import time
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from tests.faults.conftest import Bench, check_complete, committed, make_bench
from tests.faults.ray_cluster import LOOPBACK, machines
from tests.openai_server import Handler, OpenAIServer, embeddings

pytestmark = [
    pytest.mark.skipif(find_spec("ray") is None, reason="the extra ray is not installed"),
    pytest.mark.skipif(sys.platform != "linux", reason="/proc tells which processes there are"),
]
RECORDS = 4_000
"""Four windows' worth; each file is one of several that a task reads."""
WINDOW = 1_024
FIRST = 7 * WINDOW // 8
"""The first three windows, which are smaller than the others."""
SECONDS = 0.2
"""For one request of a quarter of a window."""
LOOPBACK_IPS = {"0100007F", "0000000000000000FFFF00000100007F", "00000000000000000000000001000000"}


def _slow(handler: Handler, body: dict[str, Any]) -> None:
    time.sleep(SECONDS)
    # Who asked may have been killed.
    with suppress(ConnectionError):
        handler.answer(200, embeddings(body))


@pytest.fixture
def bench(tmp_path: Path, openai_server: OpenAIServer, cache: Path) -> Bench:
    """A corpus of a hundred files, and a server that takes its time."""
    bench = make_bench(tmp_path, openai_server, cache, RECORDS)
    for file in list(bench.texts.iterdir()):
        lines = file.read_text().splitlines(keepends=True)
        for part in range(10):
            (bench.texts / f"{file.stem}-{part}.txt").write_text("".join(lines[part::10]))
        file.unlink()
    openai_server.faults = deque([_slow] * 1_000)
    return bench


@pytest.fixture
def short() -> Iterator[Path]:
    """A folder whose path leaves room for the names of sockets."""
    folder = Path(tempfile.mkdtemp(prefix="nearhood-"))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def test_a_machine_that_is_killed_takes_nothing_with_it(bench: Bench, short: Path) -> None:
    """All is there once, the report says what it says without a loss, and no key is in what the cluster writes."""
    bench.environ.update(LOOPBACK)
    with machines(short, bench.environ) as cluster:
        process = _start(bench, "--ray-address", cluster.address, "--json")
        _wait_for(bench, 2 * WINDOW)
        cluster.kill_one()
        out, err = process.communicate(timeout=120)
        assert process.returncode == 0, err
        written = [path for path in short.rglob("*") if path.is_file()]
        key = bench.environ["OPENAI_API_KEY"].encode()
        assert written
        assert [path for path in written if key in path.read_bytes()] == []
    report = json.loads(out)
    assert (report["passages"], report["embedded"], report["cached"]) == (RECORDS, RECORDS, 0)
    assert (report["added"], report["failed"]) == (100, [])
    # What the machine was at, and what it had ready.
    assert RECORDS < bench.embedded() <= RECORDS + 4 * WINDOW
    check_complete(bench)
    assert bench.finish()["embedded"] == 0


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interrupt_ends_the_cluster_and_keeps_what_is_embedded(
    bench: Bench, tmp_path: Path, number: int, code: int
) -> None:
    """It is out within 10 seconds, nothing of Ray is left, and the next run goes on where it stood."""
    bench.environ["HOME"] = str(tmp_path / "home")
    process = _start(bench)
    _wait_for(bench, 5 * WINDOW // 2)
    open_to_others = _listening(_processes(bench)) - LOOPBACK_IPS
    started = time.monotonic()
    os.killpg(process.pid, number) if number == signal.SIGINT else process.send_signal(number)
    _, err = process.communicate(timeout=30)
    took = time.monotonic() - started
    assert process.returncode == code, err
    assert "Traceback" not in err
    assert not (tmp_path / "home" / ".ray").exists()
    assert took < 10
    assert open_to_others == set()
    assert _processes(bench) == []
    kept = len(committed(bench.data))
    assert kept < RECORDS
    before = bench.embedded()
    bench.server.faults.clear()
    # What was embedded before its turn is kept without its passages.
    assert bench.finish()["embedded"] <= RECORDS - max(kept, FIRST)
    assert bench.embedded() - before <= RECORDS - kept
    check_complete(bench)


def test_a_budget_ends_a_run_behind_what_was_paid_for(bench: Bench) -> None:
    """As it does here alone: windows that were begun are committed, and the tokens stay below it."""
    bench.server.faults.clear()
    said = bench.run("ingest", *_taken(bench), "--engine", "ray", "--max-tokens", "15000", code=1)
    assert "--max-tokens 15,000" in said
    assert len(committed(bench.data)) == bench.embedded() > WINDOW


def test_a_cluster_that_is_not_there_is_said_soon(bench: Bench) -> None:
    """Ray itself would try for minutes."""
    said = bench.run("ingest", *_taken(bench), "--engine", "ray", "--ray-address", "127.0.0.1:1", code=1)
    assert said == "nearhood: no Ray cluster answers at 127.0.0.1:1: [Errno 111] Connection refused\n"
    said = bench.run("ingest", *_taken(bench), "--engine", "ray", "--ray-address", "ray://host:1", code=2)
    assert "'ray://host:1' is no HOST:PORT" in said


def _taken(bench: Bench) -> list[str]:
    return [str(bench.texts), "--as", "words", "-c", "things"]


def _start(bench: Bench, *more: str) -> Any:
    return bench.start("ingest", *_taken(bench), "--engine", "ray", *more)


def _wait_for(bench: Bench, texts: int) -> None:
    last = time.monotonic() + 60
    while bench.embedded() < texts:
        assert time.monotonic() < last, "nothing is embedded"
        time.sleep(0.02)


def _processes(bench: Bench) -> list[Path]:
    """Return the processes that were started for the bench: no other's environment has its server."""
    mark, found = f"OPENAI_BASE_URL={bench.server.url}".encode(), []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if mark in (process / "environ").read_bytes():
                found.append(process)
        except OSError:
            continue
    return found


def _listening(processes: list[Path]) -> set[str]:
    """Return the addresses that processes listen at, as the kernel writes them."""
    sockets = set()
    for process in processes:
        for link in (process / "fd").glob("*"):
            try:
                sockets.add(str(link.readlink()))
            except OSError:
                continue
    rows = [line.split() for name in ("tcp", "tcp6") for line in Path(f"/proc/net/{name}").read_text().splitlines()[1:]]
    found = {row[1].split(":")[0] for row in rows if row[3] == "0A" and f"socket:[{row[9]}]" in sockets}
    assert found
    return found
