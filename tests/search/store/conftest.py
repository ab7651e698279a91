"""A service over a small corpus, with the OpenAI-wire server as its embedder."""

import shutil
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from search.service import Service
from search.settings import Settings
from tests.openai_server import OpenAIServer
from tests.prepared import Prepared, Taken

SMALL, LARGE = "openai:text-embedding-3-small@16", "openai:text-embedding-3-large@24"


@pytest.fixture
def texts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two files of lines, one line of which is in both; where those of the test before were."""
    folder = tmp_path_factory.getbasetemp() / "texts"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    (folder / "one.txt").write_text("the heron waits\nthe secret otter\nin both of them\n")
    (folder / "two.txt").write_text("a field of barley\nin both of them\n")
    return folder


@pytest.fixture
def service(openai_settings: Settings, texts: Path, prepared: Prepared) -> Iterator[Service]:
    """The files as the collection `things`."""
    settings = replace(openai_settings, embedder=SMALL)
    prepared(settings, Taken("things", texts, "words"))
    with Service(settings, "test") as service:
        yield service


def reopened(service: Service, embedder: str = SMALL, data: Path | None = None) -> Service:
    """Return the next process's service: on the same folder, or on another."""
    service.close()
    settings = service.settings
    return Service(replace(settings, embedder=embedder, data=data or settings.data), "test")


def embedded(server: OpenAIServer) -> int:
    """Return how many texts were embedded so far."""
    return sum(len(request.body["input"]) for request in server.requests)


def grep(folder: Path, words: Sequence[str]) -> list[str]:
    """Return the files under a folder that hold any of the words."""
    # In a process of its own, for one that closes a file loses SQLite's locks on it.
    patterns = [part for word in words for part in ("-e", word)]
    found = subprocess.run(["grep", "-rlaF", *patterns, str(folder)], stdout=subprocess.PIPE, text=True, check=False)
    return found.stdout.splitlines()
