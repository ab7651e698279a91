"""The command `nearhood`: its arguments, its exit codes, and what goes to which stream.

Imports of commands are lazy, so that `--help` answers at once.
"""

import argparse
import json
import os
import signal
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, NoReturn

from search.errors import NearhoodError

INTERRUPTED, TERMINATED = 130, 143

_EPILOG = """exit codes: 0 done, 1 an error that is said in one line, 2 wrong usage,
3 done but some inputs failed, 4 the data folder is in use, 5 disk full, 130/143 interrupted"""


class _Terminated(BaseException):
    """SIGTERM arrived."""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message} (see {self.prog} --help)\n")


class _Version(argparse.Action):
    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> NoReturn:
        from importlib.metadata import version

        parser.exit(0, f"nearhood {version('nearhood')}\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command, and return its exit code."""
    given = _parser().parse_args(arguments)
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
    from ui import commands, upkeep

    settings = Settings.from_environment()
    if given.data:
        settings = replace(settings, data=folder(given.data))
    if given.embedder:
        settings = replace(settings, embedder=given.embedder)
    with Service(settings, given.command) as service:
        module, _, name = given.run.rpartition(".")
        run: Any = getattr(upkeep if module else commands, name)
        return int(run(service, given))


def _terminate(_signal: int, _frame: object) -> NoReturn:
    raise _Terminated


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="nearhood",
        description="Find, compare and map words, sentences and notes by meaning.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action=_Version, nargs=0, help="print the version")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND", parser_class=_Parser)
    for add in (_ingest, _search, _similar, _compare, _tokens, _collections, _demo, _serve, _doctor, _backup, _purge):
        add(commands)
    return parser


def _command(commands: Any, name: str, text: str, run: str | None = None) -> argparse.ArgumentParser:  # noqa: ANN401
    parser: argparse.ArgumentParser = commands.add_parser(name, help=text, description=text)
    parser.set_defaults(run=run or name)
    _with_common(parser)
    return parser


def _with_common(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data", metavar="DIR", help="the data folder (NEARHOOD_DATA)")
    parser.add_argument("--embedder", metavar="NAME", help="local, or openai:MODEL@DIMENSION (NEARHOOD_EMBEDDER)")
    off = argparse.SUPPRESS if parser.argument_default == argparse.SUPPRESS else False
    parser.add_argument("--json", action="store_true", default=off, help="print one JSON object")


def _with_collection(parser: argparse.ArgumentParser) -> None:
    text = "the collection; by default the only one there is, else 'notes'"
    parser.add_argument("-c", "--collection", metavar="NAME", help=text)


def _with_k(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("-k", type=int, default=10, metavar="N", help="how many to show, 1 to 1,000 (default 10)")


def _with_options(parser: argparse.ArgumentParser, mode: str) -> None:
    parser.add_argument("--mode", choices=("dense", "lexical", "hybrid"), help=mode)
    parser.add_argument("--where", metavar="FILTER", help="such as 'year >= 1990 and not tags contains draft'")
    parser.add_argument("--plus", action="append", metavar="TEXT[:WEIGHT]", help="look for this, too")
    parser.add_argument("--minus", action="append", metavar="TEXT[:WEIGHT]", help="lead away from this")
    text = "0 for the best passages, towards 1 for passages unlike each other"
    parser.add_argument("--diversity", type=float, default=0.0, metavar="0..1", help=text)
    parser.add_argument("--fold", action="store_true", help="put near-duplicates behind the first of them")
    text = "mark the nearest sentence, and say what each word adds"
    parser.add_argument("--why", action="store_true", help=text)
    parser.add_argument(
        "--hubs", action="store_true", help="say in how many passages' lists of nearest each one stands"
    )


def _ingest(commands: Any) -> None:  # noqa: ANN401
    parser = _command(commands, "ingest", "take files and folders into a collection")
    parser.add_argument("paths", nargs="+", metavar="PATH")
    _with_collection(parser)
    kinds = ("words", "sentences", "notes")
    text = "a passage for each line, or of some sentences; by default CSV files are words and all else is notes"
    parser.add_argument("--as", dest="kind", choices=kinds, help=text)
    parser.add_argument(
        "--text", metavar="COLUMN,...", help="the columns of a table, or keys of JSON, that are the text"
    )
    parser.add_argument("--meta", metavar="COLUMN,...", help="those that become metadata")
    parser.add_argument("--prune", action="store_true", help="let go of sources whose files are gone")
    parser.add_argument("--keep-going", action="store_true", help="skip a text that cannot be embedded, and name it")
    parser.add_argument("--max-tokens", type=_amount(int), metavar="N", help="stop before more are embedded")
    parser.add_argument("--max-cost", type=_amount(float), metavar="USD", help="stop before more is spent")
    parser.add_argument("--dry-run", action="store_true", help="say what would be done and what it would cost")
    parser.add_argument("--watch", action="store_true", help="go on, taking in what changes, until Ctrl-C")


def _amount(kind: Callable[[str], float]) -> Callable[[str], float]:
    def amount(text: str) -> float:
        value = kind(text)
        if not value >= 0:
            raise argparse.ArgumentTypeError(f"{text} is below 0")
        return value

    return amount


def _search(commands: Any) -> None:  # noqa: ANN401
    parser = _command(commands, "search", "find the passages nearest to a query")
    parser.add_argument("query", metavar="QUERY")
    _with_collection(parser)
    _with_k(parser)
    text = "by meaning, by words, or by both; by default by meaning for lists of words and by both for texts"
    _with_options(parser, text)


def _similar(commands: Any) -> None:  # noqa: ANN401
    parser = _command(commands, "similar", "find the passages nearest to a stored one")
    parser.add_argument("id", metavar="ID")
    _with_collection(parser)
    _with_k(parser)
    _with_options(parser, "by meaning (the default), by words, or by both")


def _compare(commands: Any) -> None:  # noqa: ANN401
    parser = _command(commands, "compare", "show how similar texts are, each with each")
    parser.add_argument("texts", nargs="+", metavar="TEXT")


def _tokens(commands: Any) -> None:  # noqa: ANN401
    parser = _command(commands, "tokens", "show the tokens of a text, as a model sees them")
    parser.add_argument("text", metavar="TEXT")
    parser.add_argument("--model", metavar="NAME", help="by default the configured embedder's")


def _collections(commands: Any) -> None:  # noqa: ANN401
    parser = _command(commands, "collections", "list, show, drop, export, import or reindex collections")
    _with_collection(parser)
    actions = parser.add_subparsers(dest="action", metavar="ACTION", parser_class=_Parser)
    for name, text in (("list", "all of them"), ("show", "what one holds and cost"), ("drop", "remove one")):
        action = _action(actions, name, text, "collections")
        action.add_argument("name", nargs="?", metavar="NAME")
    text = "passages with their vectors, as .jsonl or .parquet"
    _action(actions, "export", f"write {text}", "upkeep.export").add_argument("file", metavar="FILE")
    _action(actions, "import", f"take in {text}", "upkeep.import_").add_argument("file", metavar="FILE")
    text = "write one into the index anew; with another --embedder, embed it anew first"
    action = _action(actions, "reindex", text, "upkeep.reindex")
    action.add_argument("collection", nargs="?", metavar="NAME")


def _action(actions: Any, name: str, text: str, run: str) -> argparse.ArgumentParser:  # noqa: ANN401
    """Return an action's parser; options that were given before the action stay as they are."""
    parser: argparse.ArgumentParser = actions.add_parser(
        name, help=text, description=text, argument_default=argparse.SUPPRESS
    )
    parser.set_defaults(run=run)
    _with_common(parser)
    _with_collection(parser)
    return parser


def _doctor(commands: Any) -> None:  # noqa: ANN401
    _command(commands, "doctor", "look whether the data folder is well", "upkeep.doctor")


def _backup(commands: Any) -> None:  # noqa: ANN401
    parser = _command(commands, "backup", "write the whole data folder into one file", "upkeep.backup")
    parser.add_argument("file", metavar="FILE")


def _purge(commands: Any) -> None:  # noqa: ANN401
    text = "remove a source so that no file under the data folder has its text or vectors"
    parser = _command(commands, "purge", text, "upkeep.purge")
    parser.add_argument("source", metavar="SOURCE")
    parser.add_argument("-c", "--collection", metavar="NAME", help="by default, from all of them")


def _demo(commands: Any) -> None:  # noqa: ANN401
    parser = _command(commands, "demo", "take in the bundled sample, show the lecture's results, open the page")
    parser.add_argument("--no-serve", action="store_true", help="stop before the page")
    _with_address(parser)


def _serve(commands: Any) -> None:  # noqa: ANN401
    _with_address(_command(commands, "serve", "serve the page"))


def _with_address(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--host", default="127.0.0.1", help="a loopback address (default 127.0.0.1)")
    parser.add_argument("--port", type=int, metavar="N", help="by default 7860, or the next one that is free")


if __name__ == "__main__":
    sys.exit(main())
