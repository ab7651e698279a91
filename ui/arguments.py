"""The arguments of the command `nearhood`. Nothing heavy is imported here, so that `--help` answers at once."""

import argparse
from collections.abc import Callable
from typing import Any, NoReturn

_EPILOG = """exit codes: 0 done, 1 an error that is said in one line, 2 wrong usage,
3 done but some inputs failed, 4 the data folder is in use, 5 disk full, 130/143 interrupted"""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message} (see {self.prog} --help)\n")


class _Version(argparse.Action):
    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> NoReturn:
        from importlib.metadata import version

        parser.exit(0, f"nearhood {version('nearhood')}\n")


def parser() -> argparse.ArgumentParser:
    """Return what reads the command line; `run` says which function of which module does the work."""
    made = _Parser(
        prog="nearhood",
        description="Find, compare and map words, sentences and notes by meaning.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    made.add_argument("--version", action=_Version, nargs=0, help="print the version")
    commands = made.add_subparsers(dest="command", required=True, metavar="COMMAND", parser_class=_Parser)
    for add in _COMMANDS:
        add(commands)
    return made


def _command(commands: Any, name: str, text: str, run: str | None = None) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(name, help=text, description=text)
    parser.set_defaults(run=run or name)
    _with_common(parser)
    return parser


def _with_common(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data", metavar="DIR", help="the data folder (NEARHOOD_DATA)")
    parser.add_argument("--embedder", metavar="NAME", help="local, or openai:MODEL@DIMENSION (NEARHOOD_EMBEDDER)")
    text = "a running nearhood serve that does the work (NEARHOOD_URL)"
    parser.add_argument("--url", metavar="URL", default=parser.argument_default, help=text)
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


def _ingest(commands: Any) -> None:
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


def _search(commands: Any) -> None:
    parser = _command(commands, "search", "find the passages nearest to a query")
    parser.add_argument("query", metavar="QUERY")
    _with_collection(parser)
    _with_k(parser)
    text = "by meaning, by words, or by both; by default by meaning for lists of words and by both for texts"
    _with_options(parser, text)


def _similar(commands: Any) -> None:
    parser = _command(commands, "similar", "find the passages nearest to a stored one")
    parser.add_argument("id", metavar="ID")
    _with_collection(parser)
    _with_k(parser)
    _with_options(parser, "by meaning (the default), by words, or by both")


def _ask(commands: Any) -> None:
    parser = _command(
        commands, "ask", "answer a question from the notes, and say what the answer rests on", "asking.ask"
    )
    parser.add_argument("question", metavar="QUESTION")
    _with_collection(parser)
    _with_chat(parser)
    text = 'what was said before: a JSON list of {"role", "content"}'
    parser.add_argument("--history", metavar="FILE", help=text)
    text = "search for this instead of what follows from the question; may be given several times"
    parser.add_argument("--search", action="append", metavar="TEXT", help=text)
    text = "answer even what the notes do not seem to answer"
    parser.add_argument("--anyway", action="store_true", help=text)


def _chat(commands: Any) -> None:
    parser = _command(commands, "chat", "hold a conversation with the notes, which is kept", "asking.chat")
    _with_collection(parser)
    _with_chat(parser)
    text = "go on with the latest conversation, or with the one of this number"
    parser.add_argument("--resume", type=int, nargs="?", const=0, metavar="N", help=text)
    parser.add_argument("--list", action="store_true", help="list the conversations that are kept")
    parser.add_argument("--rename", nargs=2, metavar=("N", "TITLE"), help="give one another name")
    parser.add_argument("--export", nargs=2, metavar=("N", "FILE"), help="write one as Markdown; - for the terminal")
    parser.add_argument("--delete", type=int, metavar="N", help="delete one")


def _with_chat(parser: argparse.ArgumentParser) -> None:
    text = "extractive to quote the notes, or openai:MODEL (NEARHOOD_CHAT; by default OpenAI's where there is a key)"
    parser.add_argument("--chat", metavar="MODEL", help=text)
    parser.add_argument("--where", metavar="FILTER", help="such as 'year >= 1990 and not tags contains draft'")


def _compare(commands: Any) -> None:
    parser = _command(commands, "compare", "show how similar texts are, each with each")
    parser.add_argument("texts", nargs="+", metavar="TEXT")


def _tokens(commands: Any) -> None:
    parser = _command(commands, "tokens", "show the tokens of a text, as a model sees them")
    parser.add_argument("text", metavar="TEXT")
    parser.add_argument("--model", metavar="NAME", help="by default the configured embedder's")


def _collections(commands: Any) -> None:
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


def _action(actions: Any, name: str, text: str, run: str) -> argparse.ArgumentParser:
    """Return an action's parser; options that were given before the action stay as they are."""
    parser: argparse.ArgumentParser = actions.add_parser(
        name, help=text, description=text, argument_default=argparse.SUPPRESS
    )
    parser.set_defaults(run=run)
    _with_common(parser)
    _with_collection(parser)
    return parser


def _doctor(commands: Any) -> None:
    _command(commands, "doctor", "look whether the data folder is well", "upkeep.doctor")


def _backup(commands: Any) -> None:
    parser = _command(commands, "backup", "write the whole data folder into one file", "upkeep.backup")
    parser.add_argument("file", metavar="FILE")


def _purge(commands: Any) -> None:
    text = "remove a source so that no file under the data folder has its text or vectors"
    parser = _command(commands, "purge", text, "upkeep.purge")
    parser.add_argument("source", metavar="SOURCE")
    parser.add_argument("-c", "--collection", metavar="NAME", help="by default, from all of them")


def _demo(commands: Any) -> None:
    parser = _command(commands, "demo", "take in the bundled sample, show the lecture's results, open the page")
    parser.add_argument("--no-serve", action="store_true", help="stop before the page")
    _with_address(parser)


def _serve(commands: Any) -> None:
    _with_address(_command(commands, "serve", "serve the page"))


def _with_address(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--host", default="127.0.0.1", help="a loopback address (default 127.0.0.1)")
    parser.add_argument("--port", type=int, metavar="N", help="7860, or the next that is free; 0: any free one")


def _analogy(commands: Any) -> None:
    text = "find the terms nearest to a sum of others: king - man + woman"
    parser = _command(commands, "analogy", text, "word_tools.analogy")
    text = "with + and - between terms, and spaces around them"
    parser.add_argument("expression", nargs="+", metavar="TERM", help=text)
    parser.add_argument("--expect", metavar="TERM", help="say where this term stands")
    _with_collection(parser)
    _with_k(parser)


def _words(commands: Any) -> None:
    parser = _command(commands, "words", "nearest terms, the odd one out, clusters", "word_tools.words")
    _with_collection(parser)
    actions = parser.add_subparsers(dest="action", metavar="ACTION", parser_class=_Parser, required=True)
    nearest = _action(actions, "nearest", "the terms nearest to one", "word_tools.words")
    nearest.add_argument("term", metavar="TERM")
    nearest.add_argument("-k", type=int, default=10, metavar="N", help="how many to show, 1 to 1,000 (default 10)")
    odd = _action(actions, "odd", "which of 3 to 200 terms does not belong", "word_tools.words")
    odd.add_argument("terms", nargs="+", metavar="TERM")
    clusters = _action(actions, "clusters", "up to 5,000 terms, by what belongs together", "word_tools.words")
    text = "how many; by default the number with the highest silhouette"
    clusters.add_argument("--count", type=int, default=None, metavar="N", help=text)


def _duplicates(commands: Any) -> None:
    parser = _command(commands, "duplicates", "list passages that say nearly the same", "word_tools.duplicates")
    _with_collection(parser)
    parser.add_argument("--limit", type=float, default=0.95, metavar="COSINE", help="0.5 to 1 (default 0.95)")
    parser.add_argument("-k", type=int, default=100, metavar="N", help="how many to show, 1 to 1,000 (default 100)")


def _hubs(commands: Any) -> None:
    text = "list the passages that stand in the most lists of nearest"
    parser = _command(commands, "hubs", text, "word_tools.hubs")
    _with_collection(parser)
    _with_k(parser)


def _eval(commands: Any) -> None:
    text = "judge the search by a BEIR folder, a file of pairs, or the collection itself"
    parser = _command(commands, "eval", text, "evaluation.evaluate")
    parser.add_argument(
        "path",
        nargs="?",
        metavar="PATH",
        help="a folder of judged queries, or a file of text, text, score; without one, the collection itself",
    )
    _with_collection(parser)
    parser.add_argument("--save", metavar="FILE", help="keep the card, with the scores of each question")
    parser.add_argument("--against", metavar="FILE", help="say what is better or worse than on a card that was kept")


def _map(commands: Any) -> None:
    text = "draw a collection, and say how far the picture can be believed"
    parser = _command(commands, "map", text, "mapping.draw")
    _with_collection(parser)
    text = "by default that of the kept map, else tsne"
    parser.add_argument("--method", metavar="NAME", help=f"tsne, umap or pca; {text}")
    parser.add_argument("--seed", type=int, metavar="N", help="by default that of the kept map, else 0")
    parser.add_argument("--dims", type=int, choices=(2, 3), help="three for files alone")
    parser.add_argument("--sample", type=int, metavar="N", help="draw so many passages only, chosen by the seed")
    parser.add_argument("--clustering", metavar="NAME", help="communities (the default), hdbscan or kmeans")
    parser.add_argument("--clusters", type=int, metavar="N", help="how many; for kmeans")
    parser.add_argument("--refit", action="store_true", help="fit it anew, laid on the version before")
    parser.add_argument("--compare", action="store_true", help="pca, tsne and umap side by side; none is kept")
    text = "colour the points by a field of the metadata, by their folder, or by a probe"
    parser.add_argument("--color", metavar="FIELD|folder|probe[:NAME]", help=text)
    text = "write it as .json, .html, .png, .svg, .parquet or .tsv"
    parser.add_argument("-o", "--output", metavar="FILE", help=text)


def _place(commands: Any) -> None:
    parser = _command(
        commands, "place", "say where a text stands on the map, and how far off that may be", "mapping.place"
    )
    parser.add_argument("text", metavar="TEXT")
    _with_collection(parser)


def _probe(commands: Any) -> None:
    text = "learn outcomes from examples, and tell those of other texts"
    parser = _command(commands, "probe", text, "probing.probes")
    _with_collection(parser)
    actions = parser.add_subparsers(dest="action", metavar="ACTION", parser_class=_Parser, required=True)
    fit = _action(actions, "fit", "learn outcomes; five examples of each, or more", "probing.fit_probe")
    fit.add_argument("--label", default=None, metavar="FIELD", help="from a field of the metadata, or folder")
    text = "from texts with their outcomes: a .csv or .json file with 'text' and 'label'"
    fit.add_argument("--examples", default=None, metavar="FILE", help=text)
    fit.add_argument("--names", default=None, metavar="NAME,...", help="from the names of the outcomes alone")
    fit.add_argument("--name", default=None, metavar="NAME", help="by default the field's, else 'probe'")
    tell = _action(actions, "predict", "the probabilities of a text's outcomes", "probing.predict")
    tell.add_argument("text", metavar="TEXT")
    tell.add_argument("--name", default=None, metavar="NAME", help="by default the only probe there is")
    text = "1 (the default) as the examples bear out; towards 0 for the first alone, above 1 for all alike"
    tell.add_argument("--temperature", type=float, default=1.0, metavar="T", help=text)
    text = "how often the set has the right outcome: 0.8, 0.9, 0.95 (the default) or 0.99"
    tell.add_argument("--coverage", type=float, default=0.95, metavar="SHARE", help=text)
    _action(actions, "list", "all of them", "probing.probes")
    _action(actions, "drop", "remove one", "probing.drop_probe").add_argument("name", metavar="NAME")


_COMMANDS: tuple[Callable[[Any], None], ...] = (
    _ingest,
    _search,
    _similar,
    _ask,
    _chat,
    _compare,
    _analogy,
    _words,
    _tokens,
    _duplicates,
    _hubs,
    _map,
    _place,
    _probe,
    _eval,
    _collections,
    _demo,
    _serve,
    _doctor,
    _backup,
    _purge,
)
