"""What the arguments of several commands have in common."""

import argparse
from collections.abc import Sequence
from difflib import get_close_matches
from typing import Any, NoReturn


class Parser(argparse.ArgumentParser):
    """Says what is wrong in one line, and where the help for that is."""

    def parse_known_args(self, args: Sequence[str] | None = None, namespace: Any = None) -> Any:  # type: ignore[override]
        """Refuse what this command does not know, before the one above it, whose help says nothing of it, does."""
        given, left = super().parse_known_args(args, namespace)
        if left:
            unquoted = "" if any(each.startswith("-") for each in left) else ": put several words in quotation marks"
            self.error(f"unrecognized arguments: {' '.join(left)}{unquoted}")
        return given, left

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        """Name the choice that was meant, where one is near."""
        known = list(action.choices or ())
        meant = get_close_matches(str(value), known, 1)
        if known and value not in known and meant:
            raise argparse.ArgumentError(action, f"invalid choice: {value!r}: did you mean {meant[0]!r}?")
        super()._check_value(action, value)

    def error(self, message: str) -> NoReturn:
        """End with exit code 2."""
        self.exit(2, f"{self.prog}: {message} (see {self.prog} --help)\n")


class Version(argparse.Action):
    """Prints the version, which is looked up only then."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> NoReturn:
        """Print it, and end."""
        from importlib.metadata import version

        # `exit` with a message would write it to stderr, where no script looks for it.
        print(f"nearhood {version('nearhood')}")
        parser.exit(0)


def command(commands: Any, name: str, text: str, run: str | None = None) -> argparse.ArgumentParser:
    """Return the parser of a command; `run` says which function of which module does the work."""
    parser: argparse.ArgumentParser = commands.add_parser(name, help=text, description=text)
    parser.set_defaults(run=run or name)
    with_common(parser)
    return parser


def with_common(parser: argparse.ArgumentParser) -> None:
    """Add what every command takes."""
    parser.add_argument("--data", metavar="DIR", help="the data folder (NEARHOOD_DATA)")
    text = "local, local:all-MiniLM-L6-v2@bf16 or @int8, openai:MODEL@DIMENSION or hf:NAME (NEARHOOD_EMBEDDER)"
    parser.add_argument("--embedder", metavar="NAME", help=text)
    text = "a running nearhood serve that does the work (NEARHOOD_URL)"
    parser.add_argument("--url", metavar="URL", default=parser.argument_default, help=text)
    off = argparse.SUPPRESS if parser.argument_default == argparse.SUPPRESS else False
    parser.add_argument("--json", action="store_true", default=off, help="print one JSON object")


def action(actions: Any, name: str, text: str, run: str) -> argparse.ArgumentParser:
    """Return an action's parser; options that were given before the action stay as they are."""
    parser: argparse.ArgumentParser = actions.add_parser(
        name, help=text, description=text, argument_default=argparse.SUPPRESS
    )
    parser.set_defaults(run=run)
    with_common(parser)
    with_collection(parser)
    return parser


def with_collection(
    parser: argparse.ArgumentParser, text: str = "the collection; by default the only one there is, else 'notes'"
) -> None:
    """Add the collection."""
    parser.add_argument("-c", "--collection", metavar="NAME", help=text)


def with_rerank(parser: argparse.ArgumentParser) -> None:
    """Add the model that reads what is found."""
    text = "a cross-encoder that reads the best candidates and orders them, by name or folder (NEARHOOD_RERANK)"
    parser.add_argument("--rerank", metavar="NAME", help=text)


def with_k(parser: argparse.ArgumentParser) -> None:
    """Add how many are shown."""
    parser.add_argument("-k", type=int, default=10, metavar="N", help="how many to show, 1 to 1,000 (default 10)")
