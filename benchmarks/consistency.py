"""Clients that search while records come and go: every answer is right, and what was acknowledged is found at once.

python -m benchmarks.consistency [--seconds 60] [--clients 32] [--rounds 3]
"""

import argparse
import itertools
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from benchmarks.report import keep, machine, median, table

COLLECTION = "moving"
WORDS = ("river", "bank", "whale", "winter", "copper", "music", "garden", "engine", "letter", "island")


@dataclass(slots=True)
class Seen:
    """What the clients met."""

    searches: int = 0
    records: int = 0
    removed: int = 0
    wrong: list[str] = field(default_factory=list)
    """A line for each answer that was not as it should be."""


@dataclass(slots=True)
class Diary:
    """The records of all files."""

    names: dict[str, str] = field(default_factory=dict)
    """By text, those that were brought, gone or not."""
    gone: dict[str, float] = field(default_factory=dict)
    """By text, when it was acknowledged that one is removed."""


def main() -> None:
    """Measure, print, keep."""
    from benchmarks.service import served

    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--clients", type=int, default=32)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    rounds = []
    for _ in range(given.rounds):
        with tempfile.TemporaryDirectory() as folder, served(Path(folder)) as url:
            rounds.append(watched(url, given.clients, given.seconds))
    rows = [[f"round {n}", *_counts(seen).values()] for n, seen in enumerate(rounds, start=1)]
    table(f"{given.clients} clients, {given.seconds:g} s", ["", *_counts(rounds[0])], rows)
    wrong = [line for seen in rounds for line in seen.wrong]
    for line in wrong[:10]:
        print(line)
    found = {
        "machine": machine("fastapi", "uvicorn", "chromadb"),
        "seconds": given.seconds,
        "clients": given.clients,
        "rounds": given.rounds,
    }
    # What is wrong is so in whatever round.
    keep("consistency", found | median([_counts(seen) for seen in rounds]) | {"wrong": len(wrong)})
    raise SystemExit(bool(wrong))


def watched(url: str, clients: int, seconds: float, least: int = 1) -> Seen:
    """Search from some threads while another one brings files and removes them, and return what was met.

    :param least: Files to bring, however long that takes.
    """
    seen, end = Seen(), time.monotonic() + seconds
    diary = Diary()
    with httpx.Client(base_url=url, timeout=120, limits=httpx.Limits(max_connections=clients + 1)) as client:
        _bring(client, diary, 0)
        stop = threading.Event()
        with ThreadPoolExecutor(clients) as pool:
            running = [pool.submit(_search, client, number, diary, seen, stop) for number in range(clients)]
            try:
                for number in itertools.count(1):
                    _come_and_go(client, diary, number, seen)
                    if number >= least and time.monotonic() > end:
                        break
            finally:
                stop.set()
            for each in running:
                each.result()
    return seen


def _come_and_go(client: httpx.Client, diary: Diary, number: int, seen: Seen) -> None:
    """Bring a file and find it with the next query; remove another one and do not find it with the next."""
    source, text = _bring(client, diary, number)
    seen.records += 1
    hits = _found(client, f"record {number} of the diary")
    if not any(f"record {number} " in hit["text"] for hit in hits):
        seen.wrong.append(f"record {number} was acknowledged, and not found")
    if number % 2:
        client.post("/api/purge", json={"source": source, "collection": COLLECTION}).raise_for_status()
        diary.gone[text] = time.monotonic()
        seen.removed += 1
        if any(f"record {number} " in hit["text"] for hit in _found(client, f"record {number} of the diary")):
            seen.wrong.append(f"record {number} was removed, and found")


def _bring(client: httpx.Client, diary: Diary, number: int) -> tuple[str, str]:
    """Take a file in, and return the source's name and its text once that is acknowledged."""
    text = f"record {number} of the diary, about a {WORDS[number % len(WORDS)]} and nothing else"
    diary.names[text] = str(number)
    files = {"files": (f"record-{number}.txt", f"{text}\n".encode())}
    job = client.post("/api/upload", files=files, data={"collection": COLLECTION}).raise_for_status().json()["id"]
    while (state := client.get(f"/api/jobs/{job}").json())["status"] in {"waiting", "running"}:
        time.sleep(0.01)
    if state["status"] != "done":
        raise RuntimeError(state["error"])
    source = next(str(hit["source"]) for hit in _found(client, text) if f"record {number} " in hit["text"])
    return source, text


def _found(client: httpx.Client, query: str) -> list[dict[str, Any]]:
    body = {"query": query, "collection": COLLECTION, "k": 1_000}
    hits: list[dict[str, Any]] = client.post("/api/search", json=body).raise_for_status().json()["hits"]
    return hits


def _search(client: httpx.Client, number: int, diary: Diary, seen: Seen, stop: threading.Event) -> None:
    """Search until told to stop; each hit must be a record that is there, with the id of its own file."""
    while not stop.is_set():
        body = {"query": WORDS[number % len(WORDS)], "collection": COLLECTION, "k": 10}
        began = time.monotonic()
        reply = client.post("/api/search", json=body)
        seen.searches += 1
        if reply.status_code != 200:
            seen.wrong.append(f"{reply.status_code}: {reply.text[:200]}")
            continue
        for hit in reply.json()["hits"]:
            name = Path(hit["source"]).stem.removeprefix("record-")
            text = hit["text"].strip()
            if diary.gone.get(text, began) < began:
                seen.wrong.append(f"a hit that was removed before it was asked for: {hit['id']}")
            if diary.names.get(text) != name:
                seen.wrong.append(f"a hit that is none: {hit['id']} of {hit['source']}")


def _counts(seen: Seen) -> dict[str, int]:
    return {"searches": seen.searches, "came": seen.records, "went": seen.removed, "wrong": len(seen.wrong)}


if __name__ == "__main__":
    main()
