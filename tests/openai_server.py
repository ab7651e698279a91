"""A server on loopback that speaks OpenAI's wire format, with faults on request."""

import base64
import hashlib
import json
import socket
import struct
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from types import TracebackType
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

FULL = {"text-embedding-3-small": 1536, "text-embedding-3-large": 3072, "text-embedding-ada-002": 1536}
OTHER = 768
"""Dimension of a model that is not OpenAI's."""


@dataclass(frozen=True, slots=True)
class Request:
    """What a client sent."""

    path: str
    headers: Mapping[str, str]
    """Names in lower case."""
    body: dict[str, Any]


class OpenAIServer(ThreadingHTTPServer):
    """Answers every request well, except where a script says otherwise."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server_port}/v1"
        self.requests: list[Request] = []
        self.faults: deque[Fault] = deque()
        self.closing = Event()
        self.says: Callable[[dict[str, Any]], Iterable[str]] = lambda _: ("A good ", "answer. [1]")
        """The pieces of the answer to a chat."""
        self.edition = 0
        """Of its models of embeddings, each of which gives other vectors under the same name."""

    def script(self, *faults: "Fault") -> None:
        """Answer the next requests with one fault each; those after them well."""
        self.faults.extend(faults)

    def __enter__(self) -> Self:
        Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.closing.set()
        self.shutdown()
        self.server_close()


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    server: OpenAIServer

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.requests.append(Request(self.path, headers, body))
        fault = self.server.faults.popleft() if self.server.faults else None
        if fault:
            fault(self, body)
        elif self.path == "/v1/chat/completions":
            stream(self, body, self.server.says(body))
        elif self.path != "/v1/embeddings":
            self.answer(404, {"error": {"message": f"no {self.path} here", "type": "invalid_request_error"}})
        else:
            self.answer(200, embeddings(body, self.server.edition))

    def answer(self, status: int, content: object, headers: Mapping[str, str] | None = None) -> None:
        """Send an object as JSON, or bytes as they are."""
        data = content if isinstance(content, bytes) else json.dumps(content).encode()
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", **(headers or {})}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class names it
        """Say nothing."""


def stream(handler: Handler, body: dict[str, Any], pieces: Iterable[str], *, whole: bool = True) -> None:
    """Answer a chat, piece by piece.

    :param whole: Whether the stream says that it has ended.
    """
    events(handler, (chunk(body, {"role": "assistant", "content": piece}) for piece in pieces), whole=whole)


def chunk(body: Mapping[str, Any], delta: Mapping[str, Any]) -> dict[str, Any]:
    """Return a piece of a chat's answer as it goes over the wire."""
    choice = {"index": 0, "delta": delta, "finish_reason": None}
    return {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": body["model"], "choices": [choice]}


def events(handler: Handler, sent: Iterable[Mapping[str, Any]], *, whole: bool = True) -> None:
    """Send objects as server-sent events."""
    handler.close_connection = True
    handler.send_response(200)
    handler.send_header("Content-Type", "text/event-stream")
    handler.send_header("Transfer-Encoding", "chunked")
    handler.end_headers()
    # A client may hang up in the midst.
    with suppress(ConnectionError):
        for item in sent:
            _piece(handler, f"data: {json.dumps(item)}\n\n".encode())
        if whole:
            _piece(handler, b"data: [DONE]\n\n")
            handler.wfile.write(b"0\r\n\r\n")
    if not whole:
        handler.connection.shutdown(socket.SHUT_RDWR)


def _piece(handler: Handler, data: bytes) -> None:
    handler.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
    handler.wfile.flush()


Fault = Callable[[Handler, dict[str, Any]], None]


def vector_of(text: str, dimension: int) -> NDArray[np.float32]:
    """Return the unit vector that the server has for a text."""
    seed = int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "little")
    vector = np.random.default_rng(seed).standard_normal(dimension)
    return np.asarray(vector / np.linalg.norm(vector), dtype=np.float32)


def embeddings(body: Mapping[str, Any], edition: int = 0) -> dict[str, Any]:
    """Return a good reply to a request."""
    texts = [body["input"]] if isinstance(body["input"], str) else body["input"]
    dimension = body.get("dimensions") or FULL.get(body["model"], OTHER)
    data = [
        {"object": "embedding", "index": i, "embedding": encoded(np.roll(vector_of(text, dimension), edition), body)}
        for i, text in enumerate(texts)
    ]
    usage = {"prompt_tokens": len(texts), "total_tokens": len(texts)}
    return {"object": "list", "data": data, "model": body["model"], "usage": usage}


def encoded(vector: NDArray[np.float32], body: Mapping[str, Any]) -> str | list[float]:
    """Return a vector in the encoding that the request asks for."""
    if body.get("encoding_format") == "base64":
        return base64.b64encode(vector.astype("<f4").tobytes()).decode()
    return [float(x) for x in vector]


def status(number: int, headers: Mapping[str, str] | None = None, /, message: str = "no luck", **error: str) -> Fault:
    """Return the fault that answers with an error of OpenAI's form."""
    content = {"error": {"message": message, "type": "error", **error}}
    return lambda handler, _: handler.answer(number, content, headers)


def raw(content: bytes, code: int = 200, kind: str = "application/json") -> Fault:
    """Return the fault that answers with these bytes."""
    return lambda handler, _: handler.answer(code, content, {"Content-Type": kind})


def edited(edit: Callable[[list[dict[str, Any]]], object]) -> Fault:
    """Return the fault that changes a good reply's `data` in place; its vectors are lists."""

    def fault(handler: Handler, body: dict[str, Any]) -> None:
        reply = embeddings({**body, "encoding_format": "float"})
        edit(reply["data"])
        handler.answer(200, reply)

    return fault


def reset(handler: Handler, body: dict[str, Any]) -> None:
    """Cut the connection without an answer."""
    handler.close_connection = True
    # A linger of zero makes the close a reset.
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    handler.connection.shutdown(socket.SHUT_RD)
    handler.connection.close()


def torn(handler: Handler, body: dict[str, Any]) -> None:
    """Promise more bytes than are sent."""
    data = json.dumps(embeddings(body)).encode()
    handler.send_response(200)
    handler.send_header("Content-Type", "application/json")
    handler.send_header("Content-Length", str(len(data)))
    handler.end_headers()
    handler.wfile.write(data[: len(data) // 2])
    handler.close_connection = True


def hang(handler: Handler, body: dict[str, Any]) -> None:
    """Answer nothing until the server closes."""
    handler.server.closing.wait()
    handler.close_connection = True
