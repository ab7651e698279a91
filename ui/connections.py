"""Bounds on what a connection may cost before there is a request to judge."""

import asyncio
import json
import resource
from contextlib import suppress
from functools import cache
from http import HTTPStatus

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEAD_SECONDS = 15
"""For the first line and the headers; a connection that takes longer, or says nothing, is closed."""
IDLE_SECONDS = 15
"""Between two requests of a connection."""
MOST_HEAD_BYTES = 64 * 2**10
MOST_CONNECTIONS = 4_096
_OWN_FILES = 128
"""Open files that the server needs beside its connections."""


class Connection(HttpToolsProtocol):
    """uvicorn's, which by itself waits for a request for ever, and reads headers of any length."""

    _deadline: asyncio.TimerHandle | None = None
    _head_bytes = 0
    _is_in_head = True

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for a request."""
        super().connection_made(transport)
        if len(self.connections) > _most_connections():
            self._refuse(503, "too-many", "too many connections: try again in a moment")
        else:
            self._deadline = self.loop.call_later(HEAD_SECONDS, transport.close)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the deadline."""
        self._stop_clock()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on, as long as the head is not too long."""
        if self.transport.is_closing():
            return
        self._head_bytes += len(data) if self._is_in_head else 0
        super().data_received(data)
        if self._is_in_head and self._head_bytes > MOST_HEAD_BYTES and not self.transport.is_closing():
            self._refuse(431, "too-large", f"the address and headers are over {MOST_HEAD_BYTES:,} bytes")
        is_idle = self.cycle is None or self.cycle.response_complete
        if self._is_in_head and is_idle and self._deadline is None and not self.transport.is_closing():
            # The head of a further request has begun, which ended the wait for one.
            self._deadline = self.loop.call_later(HEAD_SECONDS, self.transport.close)

    def on_headers_complete(self) -> None:
        """Stop the clock: what follows is the application's."""
        self._stop_clock()
        self._is_in_head = False
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """Count anew for the next request."""
        self._is_in_head, self._head_bytes = True, 0
        super().on_message_complete()

    def send_400_response(self, msg: str) -> None:
        """Say in the shape of all errors that this is no HTTP."""
        self._refuse(400, "invalid-request", msg.rstrip("."))

    def _stop_clock(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _refuse(self, status: int, kind: str, message: str) -> None:
        body = json.dumps({"error": {"kind": kind, "message": message}})
        head = (
            f"HTTP/1.1 {status} {HTTPStatus(status).phrase}",
            "content-type: application/json",
            f"content-length: {len(body)}",
            "connection: close",
        )
        self.transport.write("\r\n".join([*head, "", body]).encode())
        self.transport.close()


def allow_many_files() -> None:
    """Let this process open as many files as it may: shells often give out 1,024, and each connection is one."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_CONNECTIONS + _OWN_FILES
    wanted = wanted if hard == resource.RLIM_INFINITY else min(hard, wanted)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


@cache
def _most_connections() -> int:
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return MOST_CONNECTIONS if soft == resource.RLIM_INFINITY else min(MOST_CONNECTIONS, soft - _OWN_FILES)
