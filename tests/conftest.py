"""Fixtures that go through the real seams."""

import os
import signal
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import hypothesis
import pytest

import search
from search.settings import Settings
from tests.openai_server import OpenAIServer
from tests.prepared import Prepared
from tests.process import Run, command, environment

LONGEST = (
    "browser",
    "api/test_fuzzed",
    "faults",
    "api/test_limits",
    "api",
    "ui",
    "search/store",
    "ingest/test_hostile",
)
"""What is begun first, so that both workers end at about the same time."""

# A loaded machine is no reason to fail.
hypothesis.settings.register_profile("nearhood", deadline=None)
hypothesis.settings.load_profile("nearhood")

# A shell's background jobs do not hear SIGINT, and neither would the commands that tests start and interrupt.
signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_itemcollected(item: pytest.Item) -> None:
    """Let tests that share a fixture of their module share a worker; pytest-xdist reads groups after this."""
    if _shares(item) and not item.get_closest_marker("xdist_group"):
        item.add_marker(pytest.mark.xdist_group(_name(item)))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes long."""
    items.sort(key=_turn)


def _name(item: pytest.Item) -> str:
    return item.path.relative_to(Path(__file__).parent).with_suffix("").as_posix()


def _turn(item: pytest.Item) -> int:
    name = _name(item)
    return next((turn for turn, start in enumerate(LONGEST) if name.startswith(start)), len(LONGEST))


def _shares(item: pytest.Item) -> bool:
    known = item._fixtureinfo.name2fixturedefs if isinstance(item, pytest.Function) else {}
    return any(found[-1].scope == "module" for found in known.values())


@pytest.fixture(scope="session")
def cache() -> Path:
    """One folder for all runs of a user: the local model's graph takes a second to build."""
    folder = Path(tempfile.gettempdir()) / f"nearhood-tests-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    """Fills data folders with collections by copying them."""
    return Prepared(tmp_path_factory.mktemp("prepared"))


@pytest.fixture
def settings(tmp_path: Path, cache: Path) -> Settings:
    """Settings of one's own that the environment has no say in."""
    return Settings(data=tmp_path / "data", cache=cache)


@pytest.fixture
def openai_server() -> Iterator[OpenAIServer]:
    """A good server of embeddings, until it is given a script."""
    with OpenAIServer() as server:
        yield server


@pytest.fixture
def openai_settings(settings: Settings, openai_server: OpenAIServer) -> Settings:
    """Settings that lead to `openai_server`."""
    return replace(settings, openai_api_key="sk-test-0123456789", openai_base_url=openai_server.url)


@pytest.fixture
def environ(settings: Settings) -> dict[str, str]:
    """An environment with a data folder of its own."""
    return environment(settings)


@pytest.fixture
def run(environ: dict[str, str]) -> Run:
    """Run a command to its end."""

    def run(*arguments: str | Path, said: str | None = None, **more: str) -> subprocess.CompletedProcess[str]:
        env = {**environ, **more}
        return subprocess.run(
            command(*arguments), env=env, input=said, capture_output=True, text=True, timeout=120, check=False
        )

    return run


@pytest.fixture
def run_without(tmp_path: Path) -> Callable[..., str]:
    """Run code in a Python where a distribution is not installed, and return what it prints."""
    site = tmp_path / "site"

    def run(distribution: str, code: str, *arguments: str, **environ: str) -> str:
        site.mkdir(exist_ok=True)
        for entry in Path(sysconfig.get_path("purelib")).iterdir():
            if not (entry.name.startswith(distribution) or (site / entry.name).exists()):
                (site / entry.name).symlink_to(entry)
        path = os.pathsep.join([str(Path(search.__file__).parents[1]), str(site)])
        env = {**os.environ, "PYTHONPATH": path, **environ}
        # Without -S the real folder of packages would come back.
        command = [sys.executable, "-S", "-c", code, *arguments]
        return subprocess.run(command, env=env, check=True, stdout=subprocess.PIPE, text=True, timeout=120).stdout

    return run
