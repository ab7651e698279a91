"""The whole server, over real HTTP on loopback."""

import asyncio
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
import uvicorn
from fastapi import FastAPI

from ingest.sample import NOTES, WORDS
from ingest.sync import ingest
from search.service import Service
from search.settings import Settings
from tests.openai_server import OpenAIServer
from ui.serve import build_app


class Running(uvicorn.Server):
    """A server in a thread of its own."""

    def __init__(self, service: Service) -> None:
        async def build() -> FastAPI:
            # Without a running loop, Gradio makes loops that it never closes.
            return build_app(service)

        super().__init__(uvicorn.Config(asyncio.run(build()), host="127.0.0.1", port=0, log_level="warning"))
        self.thread = threading.Thread(target=self.run, daemon=True)

    def __enter__(self) -> str:
        self.thread.start()
        while not self.started:
            time.sleep(0.01)
        (listener,) = self.servers[0].sockets
        return f"http://127.0.0.1:{listener.getsockname()[1]}"

    def __exit__(self, *_: object) -> None:
        self.should_exit = True
        self.thread.join(10)


@pytest.fixture(scope="module")
def chat_server() -> Iterator[OpenAIServer]:
    """What answers behind the chain, where a chat model is asked for."""
    with OpenAIServer() as server:
        yield server


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, cache: Path, chat_server: OpenAIServer) -> Iterator[Service]:
    """The bundled words and notes."""
    settings = Settings(data=tmp_path_factory.mktemp("data"), cache=cache, chat="extractive")
    known = replace(settings, openai_api_key="sk-secret-0123456789", openai_base_url=chat_server.url)
    with Service(known, "test") as opened:
        ingest(opened.store, opened.embedder, "notes", [NOTES], "notes")
        ingest(opened.store, opened.embedder, "words", [WORDS], "words")
        yield opened


@pytest.fixture(scope="module")
def url(service: Service) -> Iterator[str]:
    """Its address."""
    with Running(service) as address:
        yield address


@pytest.fixture(scope="module")
def client(url: str) -> Iterator[httpx.Client]:
    """A client of it."""
    with httpx.Client(base_url=url, timeout=60) as opened:
        yield opened
