"""The server on this machine: the page at `/`, and whether it is well at `/health`."""

import asyncio
import logging
import os
import signal
import socket
import threading
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from types import FrameType

import uvicorn
from anyio import to_thread
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException
from starlette.types import Message, Receive, Scope, Send
from threadpoolctl import threadpool_limits

from search.errors import InvalidInputError, NearhoodError, StoreClosedError
from search.service import Service
from search.settings import Settings
from ui import replies
from ui.access import Access, Gate
from ui.api import api
from ui.api_sending import SENDINGS
from ui.connections import IDLE_SECONDS, Connection, allow_many_files
from ui.hosts import LOOPBACK, Hosts, is_loopback, reached, served
from ui.jobs import Jobs
from ui.mcp_route import mount_mcp
from ui.metrics import CONTENT_TYPE, Counted, Measured, Metrics
from ui.openai_api import openai_api
from ui.security import ERRORS, MOST_AT_ONCE, MOST_BODY_BYTES, MOST_LIST_BYTES, Crowd, OwnPages, error
from ui.shapes import first_fault
from ui.uploads import UPLOAD, Brought
from ui.version import own_version
from ui.warm import NotReadyError, WarmUp
from ui.web.app import mount_page
from ui.web.login import login_form, mount_login

TRIES = 20
"""Ports tried after the usual one, when the user names none."""
BAD_REQUEST, NOT_FOUND = 400, 404
REFRESH_SECONDS = 2.0
"""Between two looks of a replica at its server."""
GRACE_SECONDS = 1
"""How long a stop waits for open browser tabs, which never hang up by themselves."""
PATIENCE_SECONDS, CLOSING_SECONDS = 2.0, 10.0
"""How long it waits for work that nothing can interrupt, such as a map that is being fitted, and for the store."""


def build_app(service: Service, hosts: Hosts = LOOPBACK, *, allow_write: bool = False) -> FastAPI:
    """Return the whole application.

    :param hosts: The names under which it answers.
    :param allow_write: Whether models may ingest and drop by way of MCP.
    """
    warm_up, jobs, brought = WarmUp(service), Jobs(), Brought(service)
    metrics = Metrics(jobs)
    service.wrap_embedder(lambda embedder: Counted(embedder, metrics.embedded))
    app = FastAPI(title="Nearhood", version=own_version(), docs_url=None, redoc_url=None, lifespan=_warmed(warm_up))
    app.add_exception_handler(NearhoodError, _as_json)
    app.add_exception_handler(RequestValidationError, _as_json)
    app.add_exception_handler(HTTPException, _as_json)
    app.add_exception_handler(Exception, _as_json)

    _watched(app, warm_up, metrics)
    app.include_router(api(service, jobs, brought))
    app.include_router(openai_api(service))
    for path in ("/api", "/v1"):
        # Else the page would answer to what is no route.
        app.mount(path, _nothing)
    mount_mcp(app, service, jobs, allow_write=allow_write)
    access = Access(service.settings.token) if service.settings.token else None
    if access:
        mount_login(app, access)
    mount_page(app, service, jobs, brought)
    # What is added last is asked first.
    app.add_middleware(Crowd)
    if access:
        app.add_middleware(Gate, access=access, form=login_form)
    app.add_middleware(
        OwnPages, hosts=hosts, most_bytes={UPLOAD: service.settings.upload_bytes, SENDINGS: MOST_LIST_BYTES}
    )
    app.add_middleware(Measured, metrics=metrics)
    return app


def _watched(app: FastAPI, warm_up: WarmUp, metrics: Metrics) -> None:
    """Add what those ask that watch the server."""

    # On no thread, since all of them may wait for a chat model.
    @app.get("/health")
    async def health() -> replies.Health:
        """Return whether the server is up; nothing else is asked or told."""
        return {"status": "ok", "version": own_version()}

    @app.get("/ready", responses={status: ERRORS[status] for status in (401, 503)})
    async def ready() -> replies.Ready:
        """Return whether a first search has been made, so that the next one is quick."""
        if not warm_up.is_done:
            raise NotReadyError(warm_up.fault)
        return {"status": "ready"}

    @app.get("/metrics", response_class=Response, responses={401: ERRORS[401], **replies.text("text/plain")})
    async def measured() -> Response:
        """Return the counts of this server in Prometheus' text format."""
        return Response(metrics.text(), media_type=CONTENT_TYPE)


def _warmed(warm_up: WarmUp) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        # Else forty answers that are waited for would keep all others waiting.
        to_thread.current_default_thread_limiter().total_tokens = MOST_AT_ONCE
        await _pass_all_routes(app)
        warm_up.start()
        yield
        await asyncio.to_thread(warm_up.stop)

    return lifespan


async def _pass_all_routes(app: FastAPI) -> None:
    """Send a request to nowhere past all routes: FastAPI and Gradio build them when the first one comes, for which the
    client would wait, and all others with it.
    """
    path = "/static/nothing"
    scope = {
        "type": "http",
        "method": "GET",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "headers": [],
    }

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(_: Message) -> None:
        pass

    await app.router(scope, receive, send)


def serve(
    service: Service,
    host: str,
    port: int,
    *,
    port_given: bool,
    on_ready: Callable[[str], None],
    allow_write: bool = False,
) -> None:
    """Serve until the process is told to stop.

    :param port_given: Whether the user named the port; else the next free one is taken.
    :param on_ready: Called with the address as soon as it answers.
    :param allow_write: Whether models may ingest and drop by way of MCP.
    :raises InvalidInputError: For a host that others can reach, where no token is set.
    :raises NearhoodError: When the port is in use.
    """
    hosts = _hosts(host, service.settings)
    listener = _listen(host, port, 1 if port_given else 1 + TRIES)
    address = f"http://{reached(host)}:{listener.getsockname()[1]}"

    def ready() -> None:
        service.store.announce(address)
        if service.settings.replica:
            threading.Thread(target=_follow, args=(service,), name="follow", daemon=True).start()
        on_ready(address)

    allow_many_files()
    # Searches run beside each other: threads within one would wait for each other, spinning.
    with threadpool_limits(1, "blas"), listener:
        app = build_app(service, hosts, allow_write=allow_write)
        _Server(configured(app), ready, service.close).run(sockets=[listener])


def configured(app: FastAPI) -> uvicorn.Config:
    """Return how an application is served."""
    return uvicorn.Config(
        app,
        http=Connection,
        ws_max_size=MOST_BODY_BYTES,
        log_level="warning",
        timeout_keep_alive=IDLE_SECONDS,
        timeout_graceful_shutdown=GRACE_SECONDS,
        server_header=False,
    )


def _hosts(host: str, settings: Settings) -> Hosts:
    """Return the names under which to answer, if that is allowed at all."""
    if not settings.token and not is_loopback(host):
        raise InvalidInputError(
            f"serving beyond loopback needs a token: set NEARHOOD_TOKEN to a long random text, "
            f"or take --host 127.0.0.1 and reach it from {host} through an SSH tunnel"
        )
    if not settings.token and settings.hosts:
        raise InvalidInputError("NEARHOOD_HOSTS lets others reach the server, which needs a token: set NEARHOOD_TOKEN")
    if not host:
        raise InvalidInputError("which host? pass --host 0.0.0.0 for all of this machine's addresses")
    return served(host, settings.hosts)


class _Server(uvicorn.Server):
    """Says when it listens, and leaves quietly, and soon."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None], close: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready
        self._close = close
        self._signal = signal.SIGTERM
        self._leaving = threading.Timer(PATIENCE_SECONDS, self._leave)
        self._leaving.daemon = True

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self._signal = signal.Signals(sig)
        super().handle_exit(sig, frame)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            await asyncio.to_thread(self._ready)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        # That the streams of open tabs are cut is no error.
        logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)
        await super().shutdown(sockets)
        self._leaving.start()

    def _leave(self) -> None:
        """End the process in the middle of what a thread is at: Python would wait for it, for minutes.

        What was committed is kept. A process that has ended by itself meanwhile has no such timer.
        """
        closing = threading.Thread(target=self._close, daemon=True)
        closing.start()
        closing.join(CLOSING_SECONDS)
        os._exit(128 + self._signal)


def _listen(host: str, port: int, tries: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    for candidate in range(port, min(port + tries, 65_536)):
        listener = socket.socket(family, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, candidate))
            # Bound is not enough: two may bind where both allow it, and only one may listen.
            listener.listen(1_024)
        except (OSError, OverflowError):
            listener.close()
            continue
        return listener
    ports = f"port {port} is" if tries == 1 else f"the ports {port} to {port + tries - 1} are"
    raise NearhoodError(f"{ports} in use or not allowed: pass another --port, or stop what has it")


def _follow(service: Service) -> None:
    """Keep a replica level with its server, for as long as the process lives."""
    while True:
        time.sleep(REFRESH_SECONDS)
        try:
            service.store.refresh()
        except StoreClosedError:
            return
        except NearhoodError:
            # It goes on with what it has: the server may be away, or the disk full, for a while.
            continue
        except Exception:
            # Else a replica would be old for ever, and nobody would hear of it.
            logging.getLogger("nearhood").exception("a replica could not be brought level; it is tried again")


def _as_json(_: Request, raised: Exception) -> JSONResponse:
    if isinstance(raised, NearhoodError):
        return error(raised.status, raised.kind, " ".join(str(raised).split()))
    if isinstance(raised, RequestValidationError):
        faults = [{**fault, "loc": fault["loc"][1:]} for fault in raised.errors()]
        return error(422, "invalid-input", first_fault(faults))
    if isinstance(raised, HTTPException):
        if raised.status_code == BAD_REQUEST and raised.detail == "There was an error parsing the body":
            # FastAPI's answer to JSON that is nested too deep for Python, or in no encoding.
            return error(422, "invalid-input", "the body cannot be read: it is nested too deep, or no UTF-8")
        return error(raised.status_code, "not-found" if raised.status_code == NOT_FOUND else "refused", raised.detail)
    # Its traceback is in the log; what it says may be somebody's text.
    return error(500, "internal", f"a fault of Nearhood's own ({type(raised).__name__}): its log says more")


async def _nothing(scope: Scope, receive: Receive, send: Send) -> None:
    await error(NOT_FOUND, "not-found", "there is nothing here: /openapi.json lists what there is")(
        scope, receive, send
    )
