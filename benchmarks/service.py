"""How many searches a second `nearhood serve` answers, to how many clients at once, and whether rightly.

    make bench-service

The clients are in a process of their own. The passages are 20,000 of WordNet's glosses, and the queries beginnings of
others (`apt-get install wordnet-base`); the collection is searched as by default, by words and vectors, for 10 hits;
and once by vectors alone.
"""

import argparse
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from benchmarks.ingest import read_glosses
from benchmarks.report import ROOT, keep, machine, table

SIZE, CLIENTS, QUERY_WORDS = 20_000, 32, 8
GOALS = {
    "searches": (150, 400),
    "by vectors alone": (150, 400),
    "filters that keep 1 %": (100, 400),
    "beside an ingest": (60, 1_000),
}
"""Searches a second at least, and milliseconds for 99 of 100 at most."""


def main() -> None:
    """Measure, print, keep."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--data", type=Path, help="a folder where the glosses stay for the next time")
    parser.add_argument("--only", choices=GOALS, help="one of the measurements")
    given = parser.parse_args()
    glosses = list(dict.fromkeys(read_glosses()))
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        kept_data = given.data or data
        fill(kept_data, glosses[:SIZE])
        if given.data:
            # The ingest beside the searches adds to what is served.
            shutil.copytree(kept_data, data)
        with served(data) as url:
            found = {
                name: repeated(name, url, glosses[SIZE:], Path(folder), given.runs, given.seconds)
                for name in GOALS
                if given.only in {None, name}
            }
    rows = [[name, *row.values(), *GOALS[name]] for name, row in found.items()]
    table(f"{CLIENTS} clients, {SIZE:,} x 384", ["", *next(iter(found.values())), "goal /s", "goal p99"], rows)
    if given.only is None:
        of = machine("fastapi", "uvicorn", "onnxruntime")
        keep("service", {"machine": of, "rounds": given.runs, "clients": CLIENTS, "runs": found})


def repeated(name: str, url: str, others: list[str], folder: Path, runs: int, seconds: float) -> dict[str, Any]:
    """Return the median of some runs."""
    rows = [once(name, url, others[run::runs], folder, seconds) for run in range(runs)]
    return {key: statistics.median(row[key] for row in rows) for key in rows[0] if key != "errors"} | {
        "errors": sum(row["errors"] for row in rows)
    }


def once(name: str, url: str, others: list[str], folder: Path, seconds: float) -> dict[str, Any]:
    """Let the clients ask for some seconds, each time something else."""
    more = {"filters that keep 1 %": {"where": "share = 7"}, "by vectors alone": {"mode": "dense"}}.get(name, {})
    asked = [{"query": " ".join(text.split()[:QUERY_WORDS]), "collection": "glosses", **more} for text in others[::2]]
    job = begin_ingest(url, others[1::2], folder) if name == "beside an ingest" else None
    command = [sys.executable, "-m", "benchmarks.service_client", url, str(CLIENTS), str(seconds)]
    lines = "\n".join(map(json.dumps, asked))
    done = subprocess.run(command, input=lines, stdout=subprocess.PIPE, text=True, check=True, cwd=ROOT)
    if job:
        is_running = httpx.get(f"{url}/api/jobs/{job}").json()["status"] == "running"
        httpx.delete(f"{url}/api/jobs/{job}")
        wait_for(url, job)
        assert is_running, "the ingest was over before the searches were: give it more"
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def begin_ingest(url: str, texts: list[str], folder: Path) -> str:
    """Have the server take texts into the collection that is searched."""
    file = folder / f"more-{time.monotonic_ns()}.txt"
    file.write_text("\n".join(texts))
    body = {"paths": [str(file)], "collection": "glosses", "kind": "sentences"}
    return str(httpx.post(f"{url}/api/ingest", json=body).raise_for_status().json()["id"])


def wait_for(url: str, job: str) -> None:
    """Return when a job has ended."""
    while httpx.get(f"{url}/api/jobs/{job}").json()["status"] in {"waiting", "running"}:
        time.sleep(0.1)


def fill(data: Path, glosses: list[str]) -> None:
    """Take glosses in, each with a number from 0 to 99, if the folder has none yet."""
    if (data / "ledger.sqlite").exists():
        return
    data.mkdir(parents=True, exist_ok=True)
    rows = [json.dumps({"text": text, "share": i % 100}) for i, text in enumerate(glosses)]
    (data / "glosses.jsonl").write_text("\n".join(rows))
    source = str(data / "glosses.jsonl")
    words = ("ingest", source, "-c", "glosses", "--text", "text", "--meta", "share", "--json")
    done = subprocess.run(nearhood(*words), env=environ(data), check=True, capture_output=True, text=True, cwd=ROOT)
    print(done.stdout)


@contextmanager
def served(data: Path) -> Iterator[str]:
    """Yield the address of a server that is ready."""
    with tempfile.TemporaryFile("w+") as log:
        server = subprocess.Popen(nearhood("serve", "--port", "0"), env=environ(data), stderr=log, cwd=ROOT)
        try:
            yield ready_address(server, log)
        finally:
            server.terminate()
            server.wait(30)


def ready_address(server: "subprocess.Popen[bytes]", log: Any, headers: dict[str, str] | None = None) -> str:
    """Return the address of a server that is starting, once it is ready; what it logged is said if it never is."""
    while server.poll() is None:
        time.sleep(0.1)
        log.seek(0)
        if (url := re.search(r"http://[^ ]+", log.read())) and httpx.get(f"{url[0]}/ready", headers=headers).is_success:
            return url[0]
    log.seek(0)
    raise SystemExit(log.read())


def nearhood(*words: str) -> list[str]:
    """Return a command of this checkout's."""
    return [sys.executable, "-m", "ui.cli", *words]


def environ(data: Path) -> dict[str, str]:
    """Return an environment with no settings but the folder."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("NEARHOOD_", "OPENAI_")) or k == "NEARHOOD_CACHE"}
    return {**kept, "NEARHOOD_DATA": str(data)}


if __name__ == "__main__":
    main()
