"""The command `nearhood`: its exit codes, and what goes to which stream.

Imports of commands are lazy, so that `--help` answers at once.
"""

import argparse
import json
import os
import signal
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from importlib import import_module
from typing import TYPE_CHECKING, Any, NoReturn

from search.errors import InvalidInputError, NearhoodError, StoreBusyError
from ui.arguments import parser

if TYPE_CHECKING:
    from search.settings import Settings

INTERRUPTED, TERMINATED = 130, 143
THROUGH = {
    **{run: run for run in ("search", "similar", "compare", "tokens", "collections", "asking.ask")},
    "ingest": "remote.ingest",
    "mcp_command.here": "mcp_command.through",
}
"""Commands that a server can do for another process, and what runs there."""


class _Terminated(BaseException):
    """SIGTERM arrived."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command, and return its exit code."""
    given = parser().parse_args(arguments)
    signal.signal(signal.SIGTERM, _terminate)
    try:
        return _run(given)
    except NearhoodError as error:
        message = " ".join(str(error).split())
        if given.json:
            print(json.dumps({"error": {"kind": error.kind, "message": message}}))
        print(f"nearhood: {message}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        print("nearhood: interrupted; what was done so far is kept", file=sys.stderr)
        return INTERRUPTED
    except _Terminated:
        return TERMINATED
    except BrokenPipeError:
        # The reader, such as head, has seen enough.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def _run(given: argparse.Namespace) -> int:
    from search.service import Service
    from search.settings import Settings, folder

    settings = Settings.from_environment()
    if given.data:
        settings = replace(settings, data=folder(given.data))
    if given.embedder:
        settings = replace(settings, embedder=given.embedder)
    if given.url:
        settings = replace(settings, url=given.url)
    if settings.url:
        return _through(settings.url, settings, given)
    try:
        with Service(settings, given.command) as service:
            return int(_command(given.run)(service, given))
    except StoreBusyError as busy:
        if busy.url is None or given.run not in THROUGH:
            raise
        return _through(busy.url, settings, given)


def _through(url: str, settings: "Settings", given: argparse.Namespace) -> int:
    """Run a command by way of a server that has the data folder open."""
    from ui.remote import Remote

    if given.run not in THROUGH:
        raise InvalidInputError(
            f"nearhood {given.command} needs the data folder itself: stop the server at {url} first"
        )
    with Remote(url, settings) as service:
        return int(_command(THROUGH[given.run])(service, given))


def _command(run: str) -> Callable[[Any, argparse.Namespace], int]:
    module, _, name = run.rpartition(".")
    found: Callable[[Any, argparse.Namespace], int] = getattr(import_module(f"ui.{module or 'commands'}"), name)
    return found


def _terminate(_signal: int, _frame: object) -> NoReturn:
    raise _Terminated


if __name__ == "__main__":
    sys.exit(main())
