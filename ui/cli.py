"""The command `nearhood`: its exit codes, and what goes to which stream.

Imports of commands are lazy, so that `--help` answers at once.
"""

import argparse
import atexit
import contextlib
import errno
import json
import os
import signal
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from importlib import import_module
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from search.errors import InvalidInputError, NearhoodError, StoreBusyError
from ui.arguments import parser

if TYPE_CHECKING:
    from search.settings import Settings

DISK_FULL, INTERRUPTED, TERMINATED = 5, 130, 143
OWN_FOLDER = frozenset({"serve", "demo"})
"""Commands that need the data folder itself; all others work through a server that has it."""


class _Terminated(BaseException):
    """SIGTERM arrived."""


def run() -> NoReturn:
    """Run the command of this process, and end it with its exit code.

    At once: what Python takes apart as it ends is a tenth of the time of a search, and a thread of a library that still
    works may crash meanwhile.
    """
    code = main()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    atexit._run_exitfuncs()  # noqa: SLF001 - as the standard library's own processes end
    for stream in (sys.stdout, sys.stderr):
        # What must not be lost was written out before, and a fault of that told.
        with contextlib.suppress(OSError, ValueError):
            stream.flush()
    os._exit(code)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command, and return its exit code."""
    _open_streams()
    given = parser().parse_args(arguments)
    # A terminal that has not each letter shows the others.
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")
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
        _drop_output()
        return 0
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        _drop_output()
        print("nearhood: there is no room for the output; what was done is kept", file=sys.stderr)
        return DISK_FULL


def _open_streams() -> None:
    """Put nothing in the place of a stream that was closed to this process: else a file of ours would be it."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open(mode))  # noqa: SIM115 - to the end


def _drop_output() -> None:
    """Have what is left of the output go nowhere, so that Python does not try again as it ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _run(given: argparse.Namespace) -> int:
    from search.settings import Settings, folder
    from ui.local import Local
    from ui.masking import mask

    settings = Settings.from_environment()
    mask((settings.openai_api_key, settings.token, settings.chroma_api_key))
    if given.data:
        # A folder that was named now is nearer than a server that was named some day.
        settings = replace(settings, data=folder(given.data), url=None)
    if given.embedder:
        settings = replace(settings, embedder=given.embedder)
    for name in ("rerank", "engine", "ray_address"):
        if getattr(given, name, None):
            settings = replace(settings, **{name: getattr(given, name)})
    if given.url:
        settings = replace(settings, url=given.url)
    if settings.url:
        return _through(settings.url, settings, given)
    try:
        with Local(settings, given.command) as service:
            return _told(_command(given.run)(service, given))
    except StoreBusyError as busy:
        if busy.url is None or given.run in OWN_FOLDER:
            raise
        return _through(busy.url, settings, given)


def _through(url: str, settings: "Settings", given: argparse.Namespace) -> int:
    """Run a command by way of a server that has the data folder open."""
    from ui.remote import Remote
    from ui.remote.wire import without_login

    address = url
    url, _ = without_login(address)
    if given.run in OWN_FOLDER:
        raise InvalidInputError(
            f"nearhood {given.command} needs the data folder itself: leave out --url, and NEARHOOD_URL={url}"
        )
    if given.embedder:
        raise InvalidInputError(f"the server at {url} has an embedder: leave out --embedder, or start it with that one")
    if getattr(given, "rerank", None):
        raise InvalidInputError(f"the server at {url} reranks or not: leave out --rerank, or start it with that one")
    if getattr(given, "watch", False):
        raise InvalidInputError(
            f"--watch needs the data folder itself, which the server at {url} has open: "
            "stop it first, or run the command again when files have changed"
        )
    if given.run == "ingest" and settings.engine != "local":
        raise InvalidInputError(f"the engine {settings.engine} needs the data folder itself: stop the server at {url}")
    with Remote(address, settings) as service:
        return _told(_command(given.run)(service, given))


def _told(code: int) -> int:
    """Return a command's exit code, once all that it said is written: else Python would say that it is not."""
    sys.stdout.flush()
    return code


def _command(run: str) -> Callable[[Any, argparse.Namespace], int]:
    module, _, name = run.rpartition(".")
    found: Callable[[Any, argparse.Namespace], int] = getattr(import_module(f"ui.{module or 'commands'}"), name)
    return found


def _terminate(_signal: int, _frame: object) -> NoReturn:
    raise _Terminated


if __name__ == "__main__":
    run()
