"""The searching clients of benchmarks/service.py, in a process of their own: some connections, each asking in turn.

    python -m benchmarks.service_client URL CLIENTS SECONDS < queries.jsonl

A line of the queries is a body for /api/search. What they saw is printed as JSON. HTTP is written by hand here, so that
the clients leave the machine to the server.
"""

import asyncio
import json
import sys
import time
from collections.abc import Iterator
from itertools import cycle
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import uvloop

WARM_SECONDS = 3.0


def main() -> None:
    """Ask until the time is over, and print what came of it."""
    url, clients, seconds = str(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])
    bodies = cycle([line.encode() for line in sys.stdin.read().splitlines()])
    print(json.dumps(uvloop.run(ask(url, bodies, clients, seconds))))


async def ask(url: str, bodies: Iterator[bytes], clients: int, seconds: float) -> dict[str, Any]:
    """Return how many were answered in a second, how long they took, and how many went wrong."""
    host = urlsplit(url)
    begin = time.perf_counter() + WARM_SECONDS
    seen: list[tuple[float, float, bool]] = []

    async def client() -> None:
        reader, writer = await asyncio.open_connection(host.hostname, host.port)
        while time.perf_counter() < begin + seconds:
            started = time.perf_counter()
            status, body = await post(reader, writer, "/api/search", next(bodies), host.netloc)
            is_right = status == 200 and body.startswith(b'{"query":') and b'"hits":[{"rank":1,' in body
            seen.append((started, time.perf_counter() - started, is_right))
        writer.close()

    await asyncio.gather(*(client() for _ in range(clients)))
    took = [took for started, took, _ in seen if started >= begin]
    return {
        "searches": len(took),
        "per_second": len(took) / seconds,
        "p50_ms": 1000 * float(np.percentile(took, 50)),
        "p99_ms": 1000 * float(np.percentile(took, 99)),
        "errors": sum(not is_right for _, _, is_right in seen),
    }


async def post(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, path: str, body: bytes, host: str
) -> tuple[int, bytes]:
    """Send one request on an open connection, and return status and body of the answer."""
    head = (
        f"POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    writer.write(head.encode() + body)
    answer = (await reader.readuntil(b"\r\n\r\n")).lower()
    length = int(answer.partition(b"content-length: ")[2].partition(b"\r")[0])
    return int(answer.split(b" ", 2)[1]), await reader.readexactly(length)


if __name__ == "__main__":
    main()
