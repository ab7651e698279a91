"""The commands on maps, on probes, and on how well a search finds."""

from argparse import ArgumentTypeError
from collections.abc import Callable
from typing import Any

from ui.arguments.parts import Parser, action, command, with_collection

ALL = "all"
"""Of a sample: that there is to be none."""


def _sample(text: str) -> int | str:
    try:
        return ALL if text == ALL else int(text)
    except ValueError as error:
        raise ArgumentTypeError(f"{text!r} is neither a number nor 'all'") from error


def _map(commands: Any) -> None:
    text = "draw a collection, and say how far the picture can be believed"
    parser = command(commands, "map", text, "mapping.draw")
    with_collection(parser)
    text = "by default that of the kept map, else tsne"
    parser.add_argument("--method", metavar="NAME", help=f"tsne, umap or pca; {text}")
    parser.add_argument("--seed", type=int, metavar="N", help="by default that of the kept map, else 0")
    parser.add_argument("--dims", type=int, choices=(2, 3), help="three for files alone")
    text = "draw so many passages only, chosen by the seed; all: no longer so"
    parser.add_argument("--sample", type=_sample, metavar="N|all", help=text)
    parser.add_argument("--clustering", metavar="NAME", help="communities (the default), hdbscan or kmeans")
    parser.add_argument("--clusters", type=int, metavar="N", help="how many; for kmeans")
    parser.add_argument("--refit", action="store_true", help="fit it anew, laid on the version before")
    parser.add_argument("--compare", action="store_true", help="pca, tsne and umap side by side; none is kept")
    text = "colour the points by a field of the metadata, by their folder, or by a probe"
    parser.add_argument("--color", metavar="FIELD|folder|probe[:NAME]", help=text)
    text = "have the chat model name the clusters; the names stay when the map is fitted again"
    parser.add_argument("--name-clusters", action="store_true", help=text)
    parser.add_argument("--chat", metavar="MODEL", help="that does so, such as openai:gpt-4o-mini")
    text = "write it as .json, .html, .png, .svg, .parquet or .tsv"
    parser.add_argument("-o", "--output", metavar="FILE", help=text)


def _place(commands: Any) -> None:
    parser = command(
        commands, "place", "say where a text stands on the map, and how far off that may be", "mapping.place"
    )
    parser.add_argument("text", metavar="TEXT")
    with_collection(parser)


def _probe(commands: Any) -> None:
    text = "learn outcomes from examples, and tell those of other texts"
    parser = command(commands, "probe", text, "probing.probes")
    with_collection(parser)
    actions = parser.add_subparsers(dest="action", metavar="ACTION", parser_class=Parser, required=True)
    fit = action(actions, "fit", "learn outcomes; five examples of each, or more", "probing.fit_probe")
    fit.add_argument("--label", default=None, metavar="FIELD", help="from a field of the metadata, or folder")
    text = "from texts with their outcomes: a .csv or .json file with 'text' and 'label'"
    fit.add_argument("--examples", default=None, metavar="FILE", help=text)
    fit.add_argument("--names", default=None, metavar="NAME,...", help="from the names of the outcomes alone")
    fit.add_argument("--name", default=None, metavar="NAME", help="by default the field's, else 'probe'")
    tell = action(actions, "predict", "the probabilities of a text's outcomes", "probing.predict")
    tell.add_argument("text", metavar="TEXT")
    tell.add_argument("--name", default=None, metavar="NAME", help="by default the only probe there is")
    text = "1 (the default) as the examples bear out; towards 0 for the first alone, above 1 for all alike"
    tell.add_argument("--temperature", type=float, default=1.0, metavar="T", help=text)
    text = "how often the set has the right outcome: 0.8, 0.9, 0.95 (the default) or 0.99"
    tell.add_argument("--coverage", type=float, default=0.95, metavar="SHARE", help=text)
    action(actions, "list", "all of them", "probing.probes")
    action(actions, "drop", "remove one", "probing.drop_probe").add_argument("name", metavar="NAME")


def _eval(commands: Any) -> None:
    text = "judge the search by a BEIR folder, a file of pairs, or the collection itself"
    parser = command(commands, "eval", text, "evaluation.evaluate")
    parser.add_argument(
        "path",
        nargs="?",
        metavar="PATH",
        help="a folder of judged queries, or a file of text, text, score; without one, the collection itself",
    )
    with_collection(parser)
    parser.add_argument("--save", metavar="FILE", help="keep the card, with the scores of each question")
    parser.add_argument("--against", metavar="FILE", help="say what is better or worse than on a card that was kept")


JUDGING: tuple[Callable[[Any], None], ...] = (_map, _place, _probe, _eval)
