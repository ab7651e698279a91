"""What memory an ingest takes, by the size of a text file.

    python -m benchmarks.memory [--size GIB] [--minutes M] [--rounds 3]

Every paragraph is another. A server on loopback that answers at once embeds them, with 32 numbers each, so that
the time is that of reading, cutting and writing; a run that takes longer is interrupted, and says how far it came.
"""

import argparse
import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.ingest import proportional_parts
from benchmarks.report import keep, machine, median, table
from tests.openai_server import OpenAIServer

MIB = 2**20
LIMIT = 1_024
"""MiB that an ingest of any file may take."""
EMBEDDER = "openai:text-embedding-3-small@32"
WORDS = ("water", "river", "sea", "bank", "stone", "bridge", "mill", "field", "wind", "rain", "boat", "fish", "net")


def main() -> None:
    """Measure, print, keep."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--size", type=float, default=1.0, help="GiB of the larger file; the smaller has an eighth")
    parser.add_argument("--minutes", type=float, default=60.0, help="after which a run is interrupted")
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    found: list[list[dict[str, Any]]] = []
    for _ in range(given.rounds):
        found.append([measure(round(given.size * share * 1024), given.minutes * 60) for share in (1 / 8, 1)])
        table("text files", list(found[-1][0]), [list(run.values()) for run in found[-1]])
        result = {"machine": machine("onnxruntime", "chromadb"), "rounds": len(found)}
        # After each, since one takes half an hour.
        keep("memory", result | {"runs": [median(runs) for runs in zip(*found, strict=True)]})
    worst = max(run["memory_mib"] for runs in found for run in runs)
    print(f"\n{'below' if worst < LIMIT else 'NOT below'} {LIMIT:,} MiB")


def measure(mebibytes: int, seconds: float) -> dict[str, Any]:
    """Take a file of a size in, and return how far it came, the rate, and the most memory of its processes."""
    with tempfile.TemporaryDirectory() as name, OpenAIServer() as server:
        server.requests = deque(maxlen=1)  # type: ignore[assignment] # else it would keep all that it is asked
        folder = Path(name)
        with (folder / "large.txt").open("w") as file:
            for paragraph in _paragraphs(mebibytes * MIB):
                file.write(paragraph)
        found = _ingest(folder, server.url, seconds)
        disk = sum(file.stat().st_size for file in (folder / "data").rglob("*") if file.is_file())
        passages = _passages(folder / "data")
    rate = passages / found["wall_s"]
    return {"mib": mebibytes, **found, "passages": passages, "passages_per_s": rate, "disk_mib": disk / MIB}


def _ingest(folder: Path, url: str, seconds: float) -> dict[str, Any]:
    environ = {**os.environ, "NEARHOOD_DATA": str(folder / "data"), "OPENAI_BASE_URL": url, "OPENAI_API_KEY": "sk-none"}
    words = ["ingest", str(folder / "large.txt"), "--embedder", EMBEDDER, "--json"]
    started, own, all_ = time.monotonic(), 0, 0
    process = subprocess.Popen([sys.executable, "-m", "ui.cli", *words], env=environ, stdout=subprocess.DEVNULL)
    interrupted = False
    while process.poll() is None:
        here, below = proportional_parts(process.pid)
        all_, own = max(all_, here + below), max(own, here)
        if not interrupted and time.monotonic() - started > seconds:
            process.send_signal(signal.SIGINT)
            interrupted = True
        # To look takes the kernel milliseconds, the longer the more there is.
        time.sleep(1)
    wall = time.monotonic() - started
    if process.returncode not in {0, 130}:
        raise SystemExit(f"exit {process.returncode}")
    return {"wall_s": wall, "whole": not interrupted, "own_memory_mib": own / MIB, "memory_mib": all_ / MIB}


def _passages(data: Path) -> int:
    ledger = sqlite3.connect(data / "ledger.sqlite")
    try:
        return int(ledger.execute("SELECT count(*) FROM passages").fetchone()[0])
    finally:
        ledger.close()


def _paragraphs(size: int) -> Iterator[str]:
    """Yield paragraphs of a passage's length, a line each, until they are of a size."""
    number = 0
    while size > 0:
        words = " ".join(WORDS[(number * 7 + i * (number % 11 + 1)) % len(WORDS)] for i in range(140))
        paragraph = f"Of paragraph {number}: {words}.\n\n"
        yield paragraph
        size -= len(paragraph)
        number += 1


if __name__ == "__main__":
    main()
