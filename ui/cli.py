"""The command `nearhood`: its exit codes, and what goes to which stream.

Imports of commands are lazy, so that `--help` answers at once.
"""

import argparse
import json
import os
import signal
import sys
from collections.abc import Sequence
from dataclasses import replace
from importlib import import_module
from typing import NoReturn

from search.errors import NearhoodError
from ui.arguments import parser

INTERRUPTED, TERMINATED = 130, 143


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
    with Service(settings, given.command) as service:
        module, _, name = given.run.rpartition(".")
        run = getattr(import_module(f"ui.{module or 'commands'}"), name)
        return int(run(service, given))


def _terminate(_signal: int, _frame: object) -> NoReturn:
    raise _Terminated


if __name__ == "__main__":
    sys.exit(main())
