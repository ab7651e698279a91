"""The commands that find, answer and compare."""

import argparse
from collections.abc import Callable
from typing import Any

from ui.arguments.parts import Parser, action, command, with_collection, with_k, with_rerank


def _search(commands: Any) -> None:
    parser = command(commands, "search", "find the passages nearest to a query")
    parser.add_argument("query", metavar="QUERY")
    with_collection(parser)
    with_k(parser)
    text = "by meaning, by words, or by both; by default by meaning for lists of words and by both for texts"
    _with_options(parser, text)
    with_rerank(parser)


def _similar(commands: Any) -> None:
    parser = command(commands, "similar", "find the passages nearest to a stored one")
    parser.add_argument("id", metavar="ID")
    with_collection(parser)
    with_k(parser)
    _with_options(parser, "by meaning (the default), by words, or by both")


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


def _ask(commands: Any) -> None:
    parser = command(
        commands, "ask", "answer a question from the notes, and say what the answer rests on", "asking.ask"
    )
    parser.add_argument("question", metavar="QUESTION")
    with_collection(parser)
    _with_chat(parser)
    text = 'what was said before: a JSON list of {"role", "content"}'
    parser.add_argument("--history", metavar="FILE", help=text)
    text = "search for this instead of what follows from the question; may be given several times"
    parser.add_argument("--search", action="append", metavar="TEXT", help=text)
    text = "answer even what the notes do not seem to answer"
    parser.add_argument("--anyway", action="store_true", help=text)


def _chat(commands: Any) -> None:
    parser = command(commands, "chat", "hold a conversation with the notes, which is kept", "asking.chat")
    with_collection(parser)
    _with_chat(parser)
    does = parser.add_mutually_exclusive_group()
    text = "go on with the latest conversation, or with the one of this number"
    does.add_argument("--resume", type=int, nargs="?", const=0, metavar="N", help=text)
    does.add_argument("--list", action="store_true", help="list the conversations that are kept")
    does.add_argument("--rename", nargs=2, metavar=("N", "TITLE"), help="give one another name")
    does.add_argument("--export", nargs=2, metavar=("N", "FILE"), help="write one as Markdown; - for the terminal")
    does.add_argument("--delete", metavar="N", help="delete one")


def _with_chat(parser: argparse.ArgumentParser) -> None:
    text = "extractive to quote the notes, or openai:MODEL (NEARHOOD_CHAT; by default OpenAI's where there is a key)"
    parser.add_argument("--chat", metavar="MODEL", help=text)
    parser.add_argument("--where", metavar="FILTER", help="such as 'year >= 1990 and not tags contains draft'")


def _compare(commands: Any) -> None:
    parser = command(commands, "compare", "show how similar texts are, each with each")
    parser.add_argument("texts", nargs="+", metavar="TEXT")


def _analogy(commands: Any) -> None:
    text = "find the terms nearest to a sum of others: king - man + woman"
    parser = command(commands, "analogy", text, "word_tools.analogy")
    text = "with + and - between terms, and spaces around them"
    parser.add_argument("expression", nargs="+", metavar="TERM", help=text)
    parser.add_argument("--expect", metavar="TERM", help="say where this term stands")
    with_collection(parser)
    with_k(parser)


def _words(commands: Any) -> None:
    parser = command(commands, "words", "nearest terms, the odd one out, clusters", "word_tools.words")
    with_collection(parser)
    actions = parser.add_subparsers(dest="action", metavar="ACTION", parser_class=Parser, required=True)
    nearest = action(actions, "nearest", "the terms nearest to one", "word_tools.words")
    nearest.add_argument("term", metavar="TERM")
    nearest.add_argument("-k", type=int, default=10, metavar="N", help="how many to show, 1 to 1,000 (default 10)")
    odd = action(actions, "odd", "which of 3 to 200 terms does not belong", "word_tools.words")
    odd.add_argument("terms", nargs="+", metavar="TERM")
    clusters = action(actions, "clusters", "up to 5,000 terms, by what belongs together", "word_tools.words")
    text = "how many; by default the number with the highest silhouette"
    clusters.add_argument("--count", type=int, default=None, metavar="N", help=text)


def _tokens(commands: Any) -> None:
    parser = command(commands, "tokens", "show the tokens of a text, as a model sees them")
    parser.add_argument("text", metavar="TEXT")
    parser.add_argument("--model", metavar="NAME", help="by default the configured embedder's")


def _duplicates(commands: Any) -> None:
    parser = command(commands, "duplicates", "list passages that say nearly the same", "word_tools.duplicates")
    with_collection(parser)
    parser.add_argument("--limit", type=float, default=0.95, metavar="COSINE", help="0.5 to 1 (default 0.95)")
    parser.add_argument("-k", type=int, default=100, metavar="N", help="how many to show, 1 to 1,000 (default 100)")


def _hubs(commands: Any) -> None:
    text = "list the passages that stand in the most lists of nearest"
    parser = command(commands, "hubs", text, "word_tools.hubs")
    with_collection(parser)
    with_k(parser)


FINDING: tuple[Callable[[Any], None], ...] = (
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
)
