"""The arguments of the command `nearhood`. Nothing heavy is imported here, so that `--help` answers at once."""

import argparse
from collections.abc import Callable
from typing import Any

from ui.arguments.finding import FINDING
from ui.arguments.judging import JUDGING
from ui.arguments.keeping import KEEPING, ingest
from ui.arguments.parts import Parser, Version

_EPILOG = """exit codes: 0 done, 1 an error that is said in one line, 2 wrong usage,
3 done but some inputs failed, 4 the data folder is in use, 5 disk full, 130/143 interrupted"""

_COMMANDS: tuple[Callable[[Any], None], ...] = (ingest, *FINDING, *JUDGING, *KEEPING)


def parser() -> argparse.ArgumentParser:
    """Return what reads the command line; `run` says which function of which module does the work."""
    made = Parser(
        prog="nearhood",
        description="Find, compare and map words, sentences and notes by meaning.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    made.add_argument("--version", action=Version, nargs=0, help="print the version")
    commands = made.add_subparsers(dest="command", required=True, metavar="COMMAND", parser_class=Parser)
    for add in _COMMANDS:
        add(commands)
    return made
