"""The command `nearhood` as a process of its own, as its users meet it."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

from search.settings import Settings

Run: TypeAlias = Callable[..., subprocess.CompletedProcess[str]]


def environment(settings: Settings) -> dict[str, str]:
    """Return an environment with the folders of some settings, no key, and nothing else of Nearhood's."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("NEARHOOD_", "OPENAI_"))}
    return {**kept, "NEARHOOD_DATA": str(settings.data), "NEARHOOD_CACHE": str(settings.cache)}


def command(*arguments: str | Path) -> list[str]:
    """Return what starts a command."""
    return [sys.executable, "-m", "ui.cli", *map(str, arguments)]


def as_json(done: subprocess.CompletedProcess[str]) -> Any:
    """Return the JSON that a command printed."""
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
