"""The commands that take in, look after a data folder, and serve it."""

import argparse
from collections.abc import Callable
from typing import Any

from ui.arguments.parts import Parser, action, command, with_collection, with_rerank


def ingest(commands: Any) -> None:
    """Add the command that takes files in."""
    parser = command(commands, "ingest", "take files and folders into a collection")
    parser.add_argument("paths", nargs="+", metavar="PATH")
    with_collection(parser, "the collection they go into; by default 'notes'")
    kinds = ("words", "sentences", "notes")
    text = (
        "a passage for each line, or of some sentences; by default a CSV file of one column of short texts is words, "
        "another table a passage for each row, and all else notes"
    )
    parser.add_argument("--as", dest="kind", choices=kinds, help=text)
    parser.add_argument(
        "--text", metavar="COLUMN,...", help="the columns of a table, or keys of JSON, that are the text"
    )
    parser.add_argument("--meta", metavar="COLUMN,...", help="those that become metadata")
    parser.add_argument("--prune", action="store_true", help="let go of sources whose files are gone")
    parser.add_argument("--keep-going", action="store_true", help="skip a text that cannot be embedded, and name it")
    parser.add_argument("--max-tokens", type=_amount(int), metavar="N", help="stop before more are embedded")
    parser.add_argument("--max-cost", type=_amount(float), metavar="USD", help="stop before more is spent")
    text = "local, or ray to read and embed on many machines (NEARHOOD_ENGINE)"
    parser.add_argument("--engine", metavar="NAME", help=text)
    text = "a Ray cluster, HOST:PORT or auto; by default one on this machine, for this run (RAY_ADDRESS)"
    parser.add_argument("--ray-address", metavar="ADDRESS", help=text)
    does = parser.add_mutually_exclusive_group()
    does.add_argument("--dry-run", action="store_true", help="say what would be done and what it would cost")
    does.add_argument("--watch", action="store_true", help="go on, taking in what changes, until Ctrl-C")


def _amount(kind: Callable[[str], float]) -> Callable[[str], float]:
    def amount(text: str) -> float:
        value = kind(text)
        if not value >= 0:
            raise argparse.ArgumentTypeError(f"{text} is below 0")
        return value

    return amount


def _collections(commands: Any) -> None:
    parser = command(commands, "collections", "list, show, drop, export, import or reindex collections")
    with_collection(parser)
    actions = parser.add_subparsers(dest="action", metavar="ACTION", parser_class=Parser)
    action(actions, "list", "all of them", "collections")
    for name, text in (("show", "what one holds and cost"), ("drop", "remove one")):
        made = action(actions, name, text, "collections")
        made.add_argument("name", nargs="?", metavar="NAME")
    text = "passages with their vectors, as .jsonl or .parquet"
    action(actions, "export", f"write {text}", "upkeep.export").add_argument("file", metavar="FILE")
    action(actions, "import", f"take in {text}", "upkeep.import_").add_argument("file", metavar="FILE")
    text = "write one into the index anew; with another --embedder, embed it anew first"
    made = action(actions, "reindex", text, "upkeep.reindex")
    made.add_argument("collection", nargs="?", metavar="NAME")
    text = "embed all texts of its embedder once more, as for a model that has changed under its name"
    made.add_argument("--fresh", action="store_true", default=False, help=text)


def _demo(commands: Any) -> None:
    parser = command(commands, "demo", "take in the bundled sample, show the lecture's results, serve the page")
    parser.add_argument("--no-serve", action="store_true", help="end before the page is served")
    _with_address(parser)


def _serve(commands: Any) -> None:
    parser = command(commands, "serve", "serve the page, and programs: REST, OpenAI's wire format, MCP")
    with_rerank(parser)
    _with_address(parser)
    _with_writing(parser)


def _mcp(commands: Any) -> None:
    text = "let a program's language model search, read and ask, over stdin and stdout"
    parser = command(commands, "mcp", text, "mcp_command.run")
    with_rerank(parser)
    _with_writing(parser)
    # Stdout is the protocol's.
    parser.set_defaults(json=False)


def _with_writing(parser: argparse.ArgumentParser) -> None:
    text = "let language models ingest and drop, too, by way of MCP"
    parser.add_argument("--allow-write", action="store_true", help=text)


def _with_address(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--host",
        default="127.0.0.1",
        help="where to listen (default 127.0.0.1); one beyond this machine needs NEARHOOD_TOKEN",
    )
    parser.add_argument("--port", type=int, metavar="N", help="7860, or the next that is free; 0: any free one")


def _doctor(commands: Any) -> None:
    parser = command(commands, "doctor", "look whether the data folder is well", "upkeep.doctor")
    text = "embed some passages once more, too, to see whether the model has changed under its name"
    parser.add_argument("--embed", action="store_true", help=text)


def _backup(commands: Any) -> None:
    text = "write all collections, with their conversations, into one file"
    parser = command(commands, "backup", text, "upkeep.backup")
    parser.add_argument("file", metavar="FILE")


def _purge(commands: Any) -> None:
    text = "remove a source so that no file under the data folder has its text or vectors"
    parser = command(commands, "purge", text, "upkeep.purge")
    parser.add_argument("source", metavar="SOURCE")
    parser.add_argument("-c", "--collection", metavar="NAME", help="by default, from all of them")


KEEPING: tuple[Callable[[Any], None], ...] = (_collections, _demo, _serve, _mcp, _doctor, _backup, _purge)
