"""A process that is killed loses nothing that was committed, and the next run goes on where it stood."""

import os
import random
import shutil
import signal
import subprocess
import sys
import time

import pytest

from tests.faults.conftest import FILES, LONG, RECORDS, Bench, check_complete, committed, kill

BLOCKS = 10 if LONG else 1
MOMENTS = 20
"""Of each block, which begins with nothing."""
SECONDS = 12.0 if LONG else 3.0
"""About what a whole ingest takes."""


@pytest.mark.parametrize("block", range(BLOCKS))
def test_ingest_survives_kill_9_at_any_moment(bench: Bench, block: int) -> None:
    """Killed at random moments and run again, an ingest loses nothing, doubles nothing, and then embeds nothing."""
    choose = random.Random(7 + block)
    kept: set[str] = set()
    for _ in range(MOMENTS):
        process = bench.ingest()
        time.sleep(choose.uniform(0.2, SECONDS))
        done = process.poll() is not None
        kill(process, group=choose.random() < 0.5)
        now = committed(bench.data)
        assert kept <= now
        kept = now
        if done:
            check_complete(bench)
            shutil.rmtree(bench.data)
            kept = set()
    bench.finish()
    check_complete(bench)
    assert bench.finish()["embedded"] == 0


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interrupted_ingest_is_out_soon_and_goes_on_later(bench: Bench, number: int, code: int) -> None:
    """Ctrl-C and SIGTERM end it within 10 seconds, and what was embedded is not embedded again."""
    process = bench.ingest()
    while not bench.embedded():
        time.sleep(0.01)
    time.sleep(0.3)
    started = time.monotonic()
    os.killpg(process.pid, number) if number == signal.SIGINT else process.send_signal(number)
    process.communicate(timeout=10)
    assert time.monotonic() - started < 10
    assert process.returncode in {0, code}
    kept = len(committed(bench.data))
    assert bench.finish()["embedded"] == RECORDS - kept
    check_complete(bench)


def test_a_second_process_is_refused_under_every_name_of_the_folder(bench: Bench) -> None:
    """While one process has the folder, another hears its pid within 2 seconds, and touches nothing."""
    bench.finish()
    link = bench.data.parent / "link"
    link.symlink_to(bench.data)
    relative = bench.data.parent / "." / "texts" / ".." / "data"
    with bench.start("serve", "--port", "0") as owner:
        try:
            while not (bench.data / "LOCK").read_text():
                time.sleep(0.05)
            before = (bench.data / "ledger.sqlite").read_bytes()
            took = []
            for name in (bench.data, link, relative):
                started = time.monotonic()
                # What a server cannot do for another process.
                said = bench.run("serve", "--port", "0", data=name, code=4)
                took.append(time.monotonic() - started)
                assert f"pid {owner.pid}" in said
                assert said.count("\n") == 1
            # Nearly all of it is the start of a process, which on a slow machine takes longer than that.
            started = time.monotonic()
            subprocess.run([sys.executable, "-c", "import ui.serve"], check=True)
            assert min(took) < max(2, 2 * (time.monotonic() - started))
            assert (bench.data / "ledger.sqlite").read_bytes() == before
        finally:
            kill(owner)
    assert f"{FILES}" in bench.run("collections", "show", "things")
