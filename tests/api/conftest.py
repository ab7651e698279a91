"""The whole server, over real HTTP on loopback."""

import asyncio
import os
import re
import subprocess
import sys
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
from search.service import Service
from search.settings import Settings
from tests.openai_server import OpenAIServer
from tests.prepared import Prepared, Taken
from ui.serve import build_app, configured

ROOT = Path(__file__).parents[2]
SAMPLE = (Taken("notes", NOTES, "notes"), Taken("words", WORDS, "words"))


def app(service: Service, *, allow_write: bool = False) -> FastAPI:
    """Return the application; without a running loop, Gradio would make loops that it never closes."""

    async def build() -> FastAPI:
        return build_app(service, allow_write=allow_write)

    return asyncio.run(build())


class Running(uvicorn.Server):
    """A server in a thread of its own."""

    def __init__(self, service: Service, *, allow_write: bool = False) -> None:
        config = configured(app(service, allow_write=allow_write))
        config.host, config.port = "127.0.0.1", 0
        super().__init__(config)
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


class Serving:
    """`nearhood serve` in a process of its own, from the moment it answers."""

    def __init__(self, data: Path, cache: Path, *arguments: str, code: str = "", **environ: str) -> None:
        """:param code: What is run in the place of `nearhood`."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("NEARHOOD_", "OPENAI_"))}
        env = {**kept, "NEARHOOD_DATA": str(data), "NEARHOOD_CACHE": str(cache), **environ}
        command = [
            sys.executable,
            *(("-c", code) if code else ("-m", "ui.cli")),
            "serve",
            *(arguments or ("--port", "0")),
        ]
        self._log = (data.parent / f"{data.name}.log").open("w+")
        self.process = subprocess.Popen(
            command,
            env={**env, "PYTHONPATH": str(ROOT)},
            stdout=self._log,
            stderr=self._log,
            text=True,
            cwd=data.parent,
        )

    def __enter__(self) -> str:
        while not (found := re.search(r"http://[^ ]+", self.log())):
            assert self.process.poll() is None, self.log()
            time.sleep(0.05)
        return found[0]

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        self.process.wait(20)
        self._log.close()

    def log(self) -> str:
        """Return what it wrote so far to stdout and stderr."""
        return Path(self._log.name).read_text()


@pytest.fixture(scope="module")
def chat_server() -> Iterator[OpenAIServer]:
    """What answers behind the chain, where a chat model is asked for."""
    with OpenAIServer() as server:
        yield server


@pytest.fixture(scope="module")
def service(
    tmp_path_factory: pytest.TempPathFactory, cache: Path, chat_server: OpenAIServer, prepared: Prepared
) -> Iterator[Service]:
    """The bundled words and notes."""
    settings = Settings(data=tmp_path_factory.mktemp("data"), cache=cache, chat="extractive")
    prepared(settings, *SAMPLE)
    known = replace(settings, openai_api_key="sk-secret-0123456789", openai_base_url=chat_server.url)
    with Service(known, "test") as opened:
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
