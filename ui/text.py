"""Results as plain text for a terminal."""

import json
import os
import re
import sys
import textwrap
import time
from argparse import Namespace
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from tqdm import tqdm

from ingest.estimate import Estimate
from ingest.report import Failure, Progress, Report
from search.tokens import Tokens
from search.types import CollectionInfo, Comparison

if TYPE_CHECKING:
    from ui.demo import Lecture

_STEERING = re.compile(
    r"\x1b(?!\[[012]m)|[\x00-\x08\x0b-\x1a\x1c-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\U000e0000-\U000e007f]"
)
_WHY = {"no reader": "of formats that are not read"}
Text = Callable[[], str]
"""Made only when it is printed."""


class ProgressBar:
    """A bar on stderr, with rate and time left: on a terminal only, so that logs stay readable."""

    def __init__(self) -> None:
        shape = "{percentage:3.0f} %|{bar}| {desc} [{elapsed}, {remaining} left]"
        off = not sys.stderr.isatty()
        self._bar = tqdm(bar_format=shape, unit="B", file=sys.stderr, disable=off, leave=False)
        self._started = time.monotonic()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.close()

    def show(self, progress: Progress) -> None:
        """Draw the bar."""
        rate = progress.passages / max(0.001, time.monotonic() - self._started)
        passages = f"{progress.passages:,} passages, {rate:,.0f}/s"
        self._bar.total = progress.of_bytes
        self._bar.set_description_str(f"{progress.sources} of {progress.of_sources} files, {passages}", refresh=False)
        self._bar.update(progress.bytes - self._bar.n)

    def show_part(self, done: int, of: int) -> None:
        """Draw the bar for so many texts."""
        self.show(Progress(sources=0, of_sources=1, bytes=done, of_bytes=of, passages=done))


def show(given: Namespace, value: Any, for_people: Text) -> int:  # noqa: ANN401 - whatever JSON has
    """Print what a command found, as JSON where that is asked for, else as text that steers no terminal; return 0."""
    print(json.dumps(value, ensure_ascii=False) if given.json else printable(for_people()), flush=True)
    return 0


def report(found: Report, collection: str) -> Text:
    """Return what an ingest did."""
    sources = _sources(found)
    passages = f"{found.passages:,} passages, {found.embedded:,} embedded, {found.cached:,} known"
    spent = f"{found.tokens:,} tokens, ${found.cost_usd:.4f}, {found.seconds:.1f} s"
    skipped = f"\n  passed over: {passed_over(found.skipped)}" if found.skipped else ""
    return lambda: f"{collection}: {sources}\n  {passages}\n  {spent}{skipped}"


def passed_over(skipped: Mapping[str, int]) -> str:
    """Return how many files were passed over, and why."""
    return ", ".join(f"{n:,} {_WHY.get(why, why)}" for why, n in sorted(skipped.items()))


def estimate(found: Estimate, collection: str) -> Text:
    """Return what an ingest would do."""
    lasts = "as fast as the service is" if found.seconds is None else f"about {_duration(found.seconds)}"
    known = f"{found.cached:,} known, {found.duplicate:,} duplicate"
    elsewhere = ", ".join(f"{model} ${usd:.4f}" for model, usd in found.prices_usd.items())
    lines = [
        f"{collection}, dry run: {_sources(found)}",
        f"  {found.passages:,} passages: {found.new:,} new, {known}, {found.over_limit:,} over the model's limit",
        f"  {found.tokens:,} tokens to embed with {found.embedder}: ${found.cost_usd:.4f}, {lasts}",
        f"  the same elsewhere: {elsewhere} (prices of {found.prices_as_of})",
        f"  about {found.bytes / 2**20:,.1f} MiB on disk",
    ]
    return lambda: "\n".join(lines)


def failures(found: Sequence[Failure]) -> None:
    """Print a line for each source that failed or is not what it says; a name's own line ends are shown as such."""
    for failure in found:
        print(f"nearhood: {_one_line(failure.source)}: {_one_line(failure.reason)}", file=sys.stderr)


def _sources(found: Report | Estimate) -> str:
    counts = {
        "added": found.added,
        "changed": found.changed,
        "renamed": found.renamed,
        "removed": found.removed,
        "unchanged": found.unchanged,
        "failed": len(found.failed),
    }
    return ", ".join(f"{n:,} {what}" for what, n in counts.items() if n or what in {"added", "unchanged"})


def _duration(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 100 else f"{seconds / 60:.0f} min"  # noqa: PLR2004 - two digits


def _one_line(words: str) -> str:
    return "".join(c if c.isprintable() else c.encode("unicode_escape", "replace").decode() for c in words)


def comparison(found: Comparison) -> Text:
    """Return a matrix with its texts and cautions."""

    def lines() -> list[str]:
        numbers = range(1, len(found.texts) + 1)
        head = "     " + "".join(f"{n:>8}" for n in numbers)
        rows = [
            f"{n:>4} {''.join(f'{v:8.3f}' for v in row)}  {textwrap.shorten(found.texts[n - 1], 60, placeholder=' …')}"
            for n, row in zip(numbers, found.similarity, strict=True)
        ]
        cautions = [f"{bold(c.kind)} between {c.a + 1} and {c.b + 1}: {c.why}" for c in found.cautions]
        return [head, *rows, *cautions, dim(found.embedder)]

    return lambda: "\n".join(lines())


def tokens(found: Tokens) -> Text:
    """Return tokens, one a line."""
    head = f"{found.count} tokens of {found.model} ({found.encoding}, vocabulary {found.vocabulary:,})"
    return lambda: "\n".join([head, *(f"{t.id:>8}  {t.text!r}" for t in found.tokens)])


def collections(found: Sequence[CollectionInfo]) -> Text:
    """Return collections, one a line."""
    if not found:
        return lambda: "there is no collection yet: run nearhood ingest PATH, or nearhood demo"
    width = max(len(i.name) for i in found)
    return lambda: "\n".join(
        f"{i.name:<{width}}  {i.passages:>9,} passages  {i.sources:>6,} sources  {i.embedder}" for i in found
    )


def collection(info: CollectionInfo) -> Text:
    """Return one collection, a line for each fact."""
    facts = {
        "name": info.name,
        "embedder": info.embedder,
        "passages": f"{info.passages:,}",
        "sources": f"{info.sources:,}",
        "vectors": f"{info.vectors:,}",
        "tokens": f"{info.tokens:,}",
        "cost": f"${info.cost_usd:.4f}",
        "size": f"{info.bytes / 2**20:,.1f} MiB",
    }
    return lambda: "\n".join(f"{name:<9} {value}" for name, value in facts.items())


def lecture(found: "Lecture") -> Text:
    """Return our values beside the lecture's."""
    head = [f"{'':<66}{'here':>8}{'lecture':>9}"]
    rows = [f"{f'{p.a} ~ {p.b}':<66}{p.similarity:8.4f}{p.lecture:9.4f}" for p in found.pairs]
    models = f"here: {found.embedder}; lecture: {found.lecture_embedder}. Two models, two scales: compare ranks."
    return lambda: "\n".join([*head, *rows, dim(models)])


def printable(words: str) -> str:
    """Return words without what could steer a terminal, or hide: but our own bold and dim."""
    return _STEERING.sub("", words)


def near(source: str) -> str:
    """Return a source as it is seen from the current folder."""
    path = Path(source)
    return os.path.relpath(path) if path.is_relative_to(Path.cwd()) else source


def dim(words: str) -> str:
    """Return words to be read last, on a terminal."""
    return f"\033[2m{words}\033[0m" if sys.stdout.isatty() else words


def bold(words: str) -> str:
    """Return words to be read first, on a terminal."""
    return f"\033[1m{words}\033[0m" if sys.stdout.isatty() else words
