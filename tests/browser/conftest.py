"""A real browser, and a real server in a process of its own."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self

import pytest
from axe_playwright_python.base import AXE_SCRIPT as AXE
from playwright.sync_api import Browser, ConsoleMessage, Page, expect, sync_playwright

from ingest.sample import NOTES, SENTENCES, WORDS
from search.settings import Settings
from tests.prepared import Prepared, Taken

expect.set_options(timeout=60_000)  # the first map imports scikit-learn, and a slow machine takes half a minute

CHROMIUM = Path(os.environ.get("NEARHOOD_CHROMIUM", "/usr/bin/chromium"))
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
SERVE = """
import sys
from contextlib import suppress
from pathlib import Path
from search.service import Service
from search.settings import Settings
from ui.imports import nothing_is_garbage

with nothing_is_garbage():
    from ui.serve import serve
settings = Settings(data=Path(sys.argv[1]), cache=Path(sys.argv[2]), token=sys.argv[4] or None)
with suppress(KeyboardInterrupt), Service(settings, "serve") as service:
    serve(service, "127.0.0.1", int(sys.argv[3]), port_given=False, on_ready=lambda url: print(url, flush=True))
"""


def is_fault(said: ConsoleMessage) -> bool:
    """Return whether what the console says is a fault of the page, and not that this machine has no graphics card."""
    return said.type in {"error", "warning"} and "GL Driver Message" not in said.text


def barriers(page: Page, within: str | None = None) -> list[str]:
    """Return what keeps people out of a page, by the rules of WCAG 2.0 and 2.1, A and AA, as axe finds it.

    :param within: A selector of the part to look at; None for all of it.
    """
    page.evaluate(AXE)
    rules = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"], "resultTypes": ["violations"]}
    run = "([within, rules]) => axe.run(within ?? document, rules).then((found) => found.violations)"
    found: list[dict[str, Any]] = page.evaluate(run, [within, rules])
    return [f"{one['id']}: {node['html'][:160]}" for one in found for node in one["nodes"]]


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


class Server:
    """`serve` on a folder, from the moment it answers."""

    def __init__(self, data: Path, cache: Path, port: int | None = None, token: str = "") -> None:
        command = [sys.executable, "-c", SERVE, str(data), str(cache), str(port or _free_port()), token]
        root = str(Path(__file__).parents[2])
        env = {**os.environ, "PYTHONPATH": root}
        self.process = subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        self.url = self.process.stdout.readline().strip()
        assert self.url, self.process.communicate()[1]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.returncode is None:
            self.stop()

    def stop(self, how: signal.Signals = signal.SIGTERM) -> str:
        """End it, and return what it wrote to stderr."""
        self.process.send_signal(how)
        return self.process.communicate(timeout=10)[1]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium, or the one that NEARHOOD_CHROMIUM names; its event loop ends with the module."""
    if not CHROMIUM.exists():
        pytest.skip(f"there is no browser at {CHROMIUM}: install chromium, or set NEARHOOD_CHROMIUM")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory, cache: Path, prepared: Prepared) -> Path:
    """A data folder with the bundled sample."""
    data = tmp_path_factory.mktemp("data")
    prepared(
        Settings(data=data, cache=cache),
        Taken("sample-words", WORDS, "words"),
        Taken("sample-sentences", SENTENCES, "sentences"),
        Taken("sample-notes", NOTES, "notes"),
    )
    return data


@pytest.fixture(scope="module")
def server(browser: Browser, sample: Path, cache: Path) -> Iterator[Server]:
    """The sample, served."""
    with Server(sample, cache) as running:
        yield running
