"""A real Chroma server on loopback, and a gate before it that holds to Chroma Cloud's limits."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from types import TracebackType
from typing import Any, Self

import chromadb
import httpx

SECONDS = 60
CHROMA = "import sys, chromadb_rust_bindings as chroma; chroma.cli(['chroma', *sys.argv[1:]])"
"""What the command `chroma` does, without first importing the client, which takes most of a second."""
KEY = "ck-canary-0123456789"


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


class ChromaServer:
    """`chroma run`, until the block ends; it may be killed and started again."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._port = free_port()
        self.url = f"http://127.0.0.1:{self._port}"
        self.start()

    def start(self) -> None:
        """Start it on its folder and port, and wait until it answers."""
        where = ["--path", str(self._folder), "--host", "127.0.0.1", "--port", str(self._port)]
        environ = {"PATH": os.environ["PATH"], "HOME": str(self._folder.parent)}
        self._process = subprocess.Popen(
            [sys.executable, "-c", CHROMA, "run", *where],
            env=environ,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        last = time.monotonic() + SECONDS
        while not self._answers():
            assert self._process.poll() is None, "chroma ended"
            assert time.monotonic() < last, "chroma does not answer"
            time.sleep(0.05)

    def _answers(self) -> bool:
        try:
            return httpx.get(f"{self.url}/api/v2/heartbeat").is_success
        except httpx.TransportError:
            return False

    def kill(self) -> None:
        """End it without a chance to clean up."""
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()

    @contextmanager
    def client(self) -> Iterator[Any]:
        """A client, as any program has it."""
        client: Any = chromadb.HttpClient("127.0.0.1", self._port)
        yield client
        client.close()
        for one in (client, client._admin_client):
            one._server._session.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()


class CloudGate:
    """Passes requests on to a Chroma server as Chroma Cloud would: with a key, and within its quotas."""

    def __init__(self, url: str) -> None:
        gate = self
        self.refused: list[str] = []
        self.bodies: list[dict[str, Any]] = []
        self.busy = 0
        """How many requests are told to come again later."""

        class Handler(BaseHTTPRequestHandler):
            def _pass(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                status, reply = gate.answer(self.command, self.path, self.headers.get("x-chroma-token"), body, url)
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(reply)))
                self.end_headers()
                self.wfile.write(reply)

            do_GET = do_POST = do_PUT = do_DELETE = _pass  # noqa: N815 - the names it has

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        Thread(target=self._server.serve_forever, daemon=True).start()

    def answer(self, method: str, path: str, key: str | None, body: bytes, url: str) -> tuple[int, bytes]:
        """Return the status and the reply to a request."""
        if key != KEY:
            return _fault(401, "ChromaAuthError", "no such key")
        if path.endswith("/auth/identity"):
            own = {"user_id": "u", "tenant": "default_tenant", "databases": ["default_database"]}
            return 200, json.dumps(own).encode()
        if self.busy:
            self.busy -= 1
            return _fault(429, "RateLimitError", "too many requests")
        asked = json.loads(body or b"{}")
        self.bodies.append(asked)
        if fault := _over(asked):
            self.refused.append(fault)
            return _fault(422, "QuotaError", fault)
        passed = httpx.request(method, url + path, content=body, headers={"Content-Type": "application/json"})
        return passed.status_code, passed.content

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()


def _fault(status: int, error: str, message: str) -> tuple[int, bytes]:
    return status, json.dumps({"error": error, "message": message}).encode()


def _over(asked: dict[str, Any]) -> str:
    """Return which quota a request exceeds."""
    ids, texts, beside = (asked.get(name) or [] for name in ("ids", "documents", "metadatas"))
    if len(ids) > 300 or max(asked.get("limit") or 0, asked.get("n_results") or 0) > 300:
        return "more than 300 records"
    if any(len(i.encode()) > 128 for i in ids):
        return "an id of more than 128 bytes"
    if any(len(text.encode()) > 16_384 for text in texts):
        return "a document of more than 16,384 bytes"
    if any(len(one) > 32 or any(len(k.encode()) > 36 for k in one) for one in beside):
        return "too many or too long keys"
    if any(isinstance(v, str) and len(v.encode()) > 4_096 for one in beside for v in one.values()):
        return "a value of more than 4,096 bytes"
    return ""
