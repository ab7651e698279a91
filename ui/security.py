"""Keeps other websites out of the server, and requests within bounds."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from pydantic import BaseModel
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ui.hosts import LOOPBACK, Hosts

MOST_BODY_BYTES = 2 * 2**20
"""Room for the longest texts that a request may bring."""

MOST_LIST_BYTES = 32 * 2**20
"""Room for the names of all files of a large folder."""

MOST_URL_BYTES = 16 * 2**10
"""Longer texts go into a body."""

MOST_HEADERS_BYTES = 32 * 2**10

BODY_SECONDS = 30
"""Between two pieces of a body."""

STOPPING = "the server is being stopped: what was done so far is kept; ask again when it is back"

MOST_AT_ONCE = 256
"""Requests to the API that are worked on or wait for that."""

# Gradio needs inline scripts and makes functions of text. The rest keeps everything on this machine.
_POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self' 'unsafe-inline' 'unsafe-eval'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "object-src 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
_FOR_PROGRAMS = ("/api/", "/v1/", "/mcp", "/page/", "/gradio_api/")
"""Where no link of another site leads: what a browser would keep, or show in a frame."""
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # Without any referrer, browsers would post the form that logs in from no Origin at all.
    "Referrer-Policy": "same-origin",
}


class Fault(BaseModel):
    """What went wrong."""

    kind: str
    message: str


class Faulty(BaseModel):
    """The one shape that all errors have."""

    error: Fault


ERRORS: dict[int | str, dict[str, Any]] = {
    status: {"model": Faulty}
    for status in (400, 401, 403, 404, 408, 409, 413, 414, 421, 422, 429, 431, 500, 502, 503, 507)
}
"""For the description of routes."""


class OwnPages:
    """Middleware that answers only requests to this server's own names, from its own pages and from programs.

    A name that another site points at it (DNS rebinding) fails by its Host, a form that another site posts
    by its Origin, and a link that it loads behind the scenes by what browsers say of where a request comes from.
    """

    def __init__(self, app: ASGIApp, hosts: Hosts = LOOPBACK, most_bytes: Mapping[str, int] = {}) -> None:
        """:param most_bytes: Paths whose bodies may be longer than others, with their lengths."""
        self._app = app
        self._hosts = hosts
        self._most_bytes = most_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        if refused := _too_long(scope) or self._refusal(Headers(scope=scope), scope["path"]):
            await refused(scope, receive, send)
            return
        await self._pass_on(scope, receive, send)

    def _most(self, path: str) -> int:
        return self._most_bytes.get(path, MOST_BODY_BYTES)

    def _refusal(self, headers: Headers, path: str) -> JSONResponse | None:
        host, origin = headers.get("host", ""), headers.get("origin")
        if not self._hosts.has(host):
            return error(421, "wrong-host", "Nearhood does not answer to this name: open it by its address")
        is_behind = headers.get("sec-fetch-site", "none") not in {"same-origin", "none"}
        if (origin is not None and not self._hosts.is_own(origin, host)) or (is_behind and not _is_link(headers, path)):
            return error(403, "wrong-origin", "another site may not use Nearhood from your browser")
        length = headers.get("content-length", "0")
        if not length.isdecimal() or int(length) > self._most(path):
            return _too_large()
        return None

    async def _pass_on(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = _Body(receive, self._most(scope["path"]))
        is_answered = False

        async def with_headers(message: Message) -> None:
            nonlocal is_answered
            if body.refused and not is_answered:
                return
            if message["type"] == "http.response.start":
                is_answered = True
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers[name] = value
            await send(message)

        try:
            with suppress(ClientDisconnect):
                await self._app(scope, body.receive, with_headers)
        except asyncio.CancelledError:
            # The server is being stopped, and does not wait for what takes long.
            if scope["type"] == "http" and not is_answered:
                await error(503, "stopping", STOPPING)(scope, receive, with_headers)
                return
            raise
        if body.refused and not is_answered:
            await body.refused(scope, receive, send)


class _Body:
    """A body as it comes in. To the application it is as if the browser had gone, once it is too long or too slow."""

    def __init__(self, receive: Receive, most_bytes: int) -> None:
        self._receive = receive
        self._most_bytes = most_bytes
        self._bytes = 0
        self._is_whole = False
        self.refused: JSONResponse | None = None

    async def receive(self) -> Message:
        """Return the next piece; behind the last one the application only waits for the client to hang up."""
        if self._is_whole:
            return await self._receive()
        try:
            async with asyncio.timeout(BODY_SECONDS):
                message = await self._receive()
        except TimeoutError:
            self.refused = error(408, "too-slow", f"nothing came for {BODY_SECONDS} s: send the request again")
            return {"type": "http.disconnect"}
        self._bytes += len(message.get("body", b""))
        self._is_whole = message["type"] != "http.request" or not message.get("more_body")
        if self._bytes > self._most_bytes:
            self.refused = _too_large()
            return {"type": "http.disconnect"}
        return message


class Crowd:
    """Middleware that refuses requests to the API beyond what can be worked on, instead of letting all wait."""

    def __init__(self, app: ASGIApp, most: int = MOST_AT_ONCE) -> None:
        self._app = app
        self._most = most
        self._inside = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] != "http" or not scope["path"].startswith(("/api/", "/v1/", "/mcp")):
            await self._app(scope, receive, send)
            return
        if self._inside >= self._most:
            busy = error(429, "too-many", "too many requests at once: try again in a moment")
            busy.headers["Retry-After"] = "1"
            await busy(scope, receive, send)
            return
        self._inside += 1
        try:
            await self._app(scope, receive, send)
        finally:
            self._inside -= 1


def error(status: int, kind: str, message: str) -> JSONResponse:
    """Return the one shape that all errors have."""
    return JSONResponse({"error": {"kind": kind, "message": message}}, status)


def _is_link(headers: Headers, path: str) -> bool:
    """Return whether a browser goes to the page by another site's link: in no frame, and to nothing that it keeps."""
    is_page = not path.startswith(_FOR_PROGRAMS)
    return is_page and (headers.get("sec-fetch-mode"), headers.get("sec-fetch-dest")) == ("navigate", "document")


def _too_long(scope: Scope) -> JSONResponse | None:
    if len(scope.get("raw_path") or b"") + len(scope.get("query_string") or b"") > MOST_URL_BYTES:
        return error(414, "too-large", f"the address is over {MOST_URL_BYTES:,} bytes: send long texts in a body")
    if sum(len(name) + len(value) for name, value in scope["headers"]) > MOST_HEADERS_BYTES:
        return error(431, "too-large", f"the headers are over {MOST_HEADERS_BYTES:,} bytes")
    return None


def _too_large() -> JSONResponse:
    return error(413, "too-large", "this is more than a request may bring: send less at once")
