"""The command that prints the report card."""

from argparse import Namespace
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from search.display import rates_of
from search.errors import InvalidInputError
from search.evaluate.bootstrap import Difference, Interval
from search.evaluate.card import MODES, Card
from search.evaluate.keep import AnyCard, load, save, writable
from search.evaluate.pairs import PairCard
from search.evaluate.refusal import RefusalCard
from search.evaluate.table import Between, Table
from search.service import Service
from search.settings import folder
from ui.text import ProgressBar, bold, dim, show

DONE = 0
_PLURALS = {"query": "queries", "heading": "headings", "sentence": "held-out sentences"}
_TITLES = {"modes": "mode", "follow_up": "follow-up, {}"}


def evaluate(service: Service, given: Namespace) -> int:
    """Print how well a folder of judged queries, a file of pairs, or a collection itself is searched."""
    # Before the work, so that it is not in vain.
    file = writable(folder(given.save)) if given.save else None
    earlier = load(folder(given.against)) if given.against else None
    with ProgressBar() as bar:
        card = service.evaluate(folder(given.path) if given.path else None, given.collection, bar.show_part)
    if file is not None:
        save(card, file)
    value, lines = card.summary(), _pairs(card) if isinstance(card, PairCard) else list(_ranking(card))
    if earlier is not None:
        change, more = _against(card, earlier)
        value, lines = {**value, "against": change}, [*lines, *more]
    return show(given, value, lambda: "\n".join(lines))


def _pairs(card: PairCard) -> list[str]:
    about = f"{len(card.pairs):,} pairs, {card.embedder}, {card.embedded:,} texts embedded"
    return [f"{card.name}: {about}", f"Spearman {_value(card.spearman)}"]


def _ranking(card: Card) -> Iterator[str]:
    asked = ", ".join(f"{count:,} {_PLURALS[kind]}" for kind, count in card.tables[MODES].kinds.items())
    yield f"{card.name}: {asked}, {card.documents:,} documents, {card.embedder}"
    for name, table in card.tables.items():
        yield from ("", *_means(_TITLES[name].format(card.default), table))
        kinds = table.kinds if len(table.kinds) > 1 else {}
        for kind in kinds:
            yield from ("", *_means(_PLURALS[kind], table.of_kind(kind)))
        yield from ("", *_differences(table.between()))
    if card.gate is not None:
        yield from ("", f"refusals: {rates_of(asdict(card.gate))}")
    if card.refusal is not None:
        yield from ("", *_refusal(card.refusal))
    left_out = ", ".join(f"{count:,} {what}" for what, count in card.left_out.items() if count)
    yield ""
    yield dim(f"95 % intervals; {card.embedded:,} texts embedded, {card.seconds:.1f} s")
    if left_out:
        yield dim(f"left out: {left_out}, without a relevant document or without a text")


def _refusal(found: RefusalCard) -> list[str]:
    rows = [
        ["refusal", "AUROC", _value(found.auroc)],
        ["", "false answers", f"{_value(found.false_answer)} of {found.unanswerable:,}"],
        ["", "false refusals", f"{_value(found.false_refusal)} of {found.answerable:,}"],
    ]
    few = [] if found.fitted else ["too few documents to fit a gate on: nothing is refused"]
    return [*_aligned(rows), *few]


def _means(title: str, table: Table) -> list[str]:
    rows = [[way, *map(_value, means.values())] for way, means in table.summary().items()]
    return _aligned([[title, *table.metrics], *rows])


def _differences(found: Sequence[Between]) -> list[str]:
    rows = [
        [f"{between.way} against {between.than}", name, _change(change)]
        for between in found
        for name, change in between.metrics.items()
    ]
    return _aligned(rows)


def _against(card: AnyCard, earlier: AnyCard) -> tuple[dict[str, Any], list[str]]:
    """Return what became better or worse since an earlier card, as JSON and as lines."""
    about: dict[str, Any] = {"name": earlier.name, "embedder": earlier.embedder}
    head = f"against the card of {earlier.name}, {earlier.embedder}"
    if isinstance(card, Card) and isinstance(earlier, Card):
        found = card.against(earlier)
        rows = [
            [between.way, name, _change(change)]
            for some in found.values()
            for between in some
            for name, change in between.metrics.items()
        ]
        most = max(between.questions for some in found.values() for between in some)
        lines = ["", f"{head}, over {most:,} questions that both have", *_aligned(rows)]
        return about | {name: list(map(asdict, some)) for name, some in found.items()}, lines
    if isinstance(card, PairCard) and isinstance(earlier, PairCard):
        count, change = card.against(earlier)
        lines = ["", f"{head}, over {count:,} pairs that both have", f"Spearman {_change(change)}"]
        return about | {"pairs": count, "spearman": asdict(change)}, lines
    raise InvalidInputError("a card of pairs and a card of a ranking cannot be compared")


def _value(found: Interval) -> str:
    return f"{found.value:.3f} [{found.low:.3f}, {found.high:.3f}]"


def _change(found: Difference) -> str:
    verdict = found.verdict if found.verdict == "no difference" else bold(found.verdict)
    return f"{found.value:+.3f} [{found.low:+.3f}, {found.high:+.3f}]  {verdict}"


def _aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
