"""Puts MCP beside the other routes of a server, where it is installed."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.util import find_spec
from typing import Any

from fastapi import FastAPI
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from ingest.report import Report
from ingest.sync import Wish, sync
from search.service import Service
from ui.jobs import Heard, Jobs
from ui.security import error

PATH = "/mcp"
_NOT_FOUND = 404


def mount_mcp(app: FastAPI, service: Service, jobs: Jobs, *, allow_write: bool) -> None:
    """Answer at `/mcp` for as long as an application runs.

    :param jobs: What is taken in waits its turn among them.
    :param allow_write: Whether a model may ingest and drop.
    """
    if find_spec("mcp") is None:
        app.router.routes.append(Route(PATH, _Missing()))
        return
    from ui.mcp import Endpoint, Offer, server  # noqa: PLC0415 - may not be installed

    def take_in(name: str, wish: Wish, heard: Heard) -> Report:
        with jobs.turn():
            return sync(service.store, service.embedder, name, wish, heard)

    endpoint = Endpoint(server(Offer(service, take_in, allow_write)))
    before = app.router.lifespan_context

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[Any]:
        async with before(app) as state, endpoint.running():
            yield state

    app.router.lifespan_context = lifespan
    app.router.routes.append(Route(PATH, endpoint))


class _Missing:
    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        say = "this Nearhood was installed without MCP: run pip install 'nearhood[mcp]', and start it anew"
        await error(_NOT_FOUND, "not-found", say)(scope, receive, send)
