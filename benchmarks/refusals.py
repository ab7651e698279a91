"""How soon `nearhood serve` refuses what it should, with a thousand idle connections open, and whether it lives on.

python -m benchmarks.refusals [--runs 20] [--rounds 3]
"""

import argparse
import json
import resource
import socket
import statistics
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from benchmarks.report import ROOT, keep, machine, median, table
from benchmarks.service import environ, nearhood, ready_address

TOKEN, MOST_MS, IDLE = "benchmark", 100, 1_000
SEARCH = "/api/search"


def main() -> None:
    """Measure, print, keep."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=20, help="requests of a kind after the first")
    parser.add_argument("--rounds", type=int, default=3, help="servers, one after the other")
    given = parser.parse_args()
    rounds = [one_round(given.runs) for _ in range(given.rounds)]
    rows = median([each for each, _, _ in rounds])
    wrong = [line for _, lines, _ in rounds for line in lines]
    lives = all(each for _, _, each in rounds)
    table(
        f"refusals, {IDLE:,} idle connections",
        ["", "first", "median", "worst", "asked"],
        [[n, *r.values()] for n, r in rows.items()],
    )
    for line in wrong:
        print(line)
    found = {"lives": lives, "wrong": len(wrong), "refusals": rows}
    keep("refusals", {"machine": machine("uvicorn", "fastapi"), "rounds": given.rounds, "runs": given.runs, **found})
    raise SystemExit(bool(wrong) or not lives)


def one_round(runs: int) -> tuple[dict[str, dict[str, float]], list[str], bool]:
    """Return how soon a server refused each kind, lines of what was not refused, and whether it lived on."""
    rows: dict[str, dict[str, float]] = {}
    wrong: list[str] = []
    with tempfile.TemporaryDirectory() as folder, guarded(Path(folder)) as url, idle(url):
        for name, status, request in wanted(url):
            # Whatever is made at its first use is made with the first one.
            seen = [timed(url, request) for _ in range(1 + runs)]
            first, *took = [1000 * seconds for _, seconds in seen]
            rows[name] = {"first_ms": first, "median_ms": statistics.median(took), "worst_ms": max(took)}
            rows[name]["asked_ms"] = MOST_MS
            wrong += [f"{name}: {found}, not {status}" for found, _ in seen if found not in status]
        return rows, wrong, httpx.get(f"{url}/health").status_code == 200


def wanted(url: str) -> Iterator[tuple[str, set[int], bytes]]:
    """Yield what is sent by a name, with the statuses that it may be answered with."""
    host = urlsplit(url).netloc
    yield "another Host", {421}, request("GET", "/api/collections", "evil.example")
    yield "another Origin", {403}, request("GET", "/api/collections", host, Origin="http://evil.example")
    yield "no token", {401}, request("GET", "/api/collections", host, Authorization="")
    yield "a wrong token", {401}, request("GET", "/api/collections", host, Authorization="Bearer wrong")
    ways = {"../": "../" * 9, "%2e%2e": "%2e%2e/" * 9, "absolute": "/", "UNC": "%5c%5chost%5c", "NUL": "%00"}
    for name, way in ways.items():
        for place in ("/static/", "/api/collections/", "/api/passages/"):
            yield f"{name} at {place}", {400, 403, 404, 422}, request("GET", f"{place}{way}etc/passwd", host)
    yield "3 MB", {413}, request("POST", SEARCH, host, b"x" * (3 * 2**20))
    many = {"query": "whales", "collection": "notes", "k": 10**9}
    yield "k of 1e9", {422}, request("POST", SEARCH, host, json.dumps(many).encode())
    deep = {"query": "whales", "collection": "notes", "where": "(" * 500 + "a = 1" + ")" * 500}
    yield "a filter 500 deep", {422}, request("POST", SEARCH, host, json.dumps(deep).encode())


def request(method: str, path: str, host: str, body: bytes = b"", **more: str) -> bytes:
    """Return the bytes of a request, with the right token where no other one is given."""
    headers = {"Host": host, "Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"} | more
    head = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items() if value)]
    return "\r\n".join([*head, "Connection: close", f"Content-Length: {len(body)}", "", ""]).encode() + body


def timed(url: str, sent: bytes) -> tuple[int, float]:
    """Send bytes on a connection of their own, and return the status of the answer and how long it took to come."""
    place = urlsplit(url)
    started = time.perf_counter()
    with socket.create_connection((place.hostname, place.port), timeout=30) as connection:
        # One that is refused by its head may be hung up on before it is whole.
        with suppress(BrokenPipeError, ConnectionResetError):
            connection.sendall(sent)
        answer = connection.recv(65_536)
    return int(answer.split(b" ", 2)[1]) if answer else 0, time.perf_counter() - started


@contextmanager
def guarded(folder: Path) -> Iterator[str]:
    """Yield the address of a server with a token, over a note."""
    (folder / "note.md").write_text("Whales sing in the deep sea.\n")
    env = {**environ(folder / "data"), "NEARHOOD_TOKEN": TOKEN}
    taken = nearhood("ingest", str(folder / "note.md"), "-c", "notes", "--json")
    subprocess.run(taken, env=env, check=True, capture_output=True, cwd=ROOT)
    with tempfile.TemporaryFile("w+") as log:
        server = subprocess.Popen(nearhood("serve", "--port", "0"), env=env, stderr=log, cwd=ROOT)
        try:
            yield ready_address(server, log, {"Authorization": f"Bearer {TOKEN}"})
        finally:
            server.terminate()
            server.wait(30)


@contextmanager
def idle(url: str) -> Iterator[None]:
    """Hold a thousand connections open that say nothing."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, 2 * IDLE)), hard))
    place = urlsplit(url)
    with ExitStack() as open_ones:
        for _ in range(IDLE):
            open_ones.enter_context(socket.create_connection((place.hostname, place.port), timeout=30))
        yield


if __name__ == "__main__":
    main()
