"""Results as plain text for a terminal."""

import os
import shutil
import sys
import textwrap
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Self

from tqdm import tqdm

from ingest.sync import Progress, Report
from search.tokens import Tokens
from search.types import CollectionInfo, Comparison, Hit, HitList

if TYPE_CHECKING:
    from ui.demo import Lecture

Text = Callable[[], str]
"""Made only when it is printed."""
_LINES_OF_HIT = 4


class ProgressBar:
    """A bar on stderr: on a terminal only, so that logs stay readable."""

    def __init__(self) -> None:
        self._bar = tqdm(unit=" passages", file=sys.stderr, disable=not sys.stderr.isatty(), leave=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.close()

    def show(self, progress: Progress) -> None:
        """Draw the bar."""
        self._bar.set_description(f"{progress.sources} of {progress.of_sources} files")
        self._bar.update(progress.passages - self._bar.n)


def report(found: Report, collection: str) -> Text:
    """Return what an ingest did."""
    sources = f"{found.added} added, {found.changed} changed, {found.unchanged} unchanged, {len(found.failed)} failed"
    passages = f"{found.passages:,} passages, {found.embedded:,} embedded, {found.cached:,} known"
    spent = f"{found.tokens:,} tokens, ${found.cost_usd:.4f}, {found.seconds:.1f} s"
    return lambda: f"{collection}: {sources}\n  {passages}\n  {spent}"


def hits(found: HitList) -> Text:
    """Return a ranking."""
    return lambda: "\n".join(_hit(h) for h in found.hits) or "the collection is empty: run nearhood ingest PATH"


def _hit(hit: Hit) -> str:
    percentile = "" if hit.percentile is None else f"  {_dim(f'nearer than {hit.percentile:.1f} % of random pairs')}"
    lines = hit.text.split("\n")
    shown = [line for line in lines if line.strip()][:_LINES_OF_HIT]
    width = max(40, shutil.get_terminal_size().columns - 6)
    body = "\n".join(f"    {textwrap.shorten(line, width, placeholder=' …')}" for line in shown)
    cautions = "".join(f"\n    {_bold(c.kind)}: {c.why}" for c in hit.cautions)
    head = f"{hit.rank:>3} {_bold(f'{hit.similarity:.3f}')}{percentile}"
    return f"{head}\n{body}{cautions}\n    {_dim(f'{_near(hit.source)}:{hit.start}-{hit.end}  {hit.id}')}"


def comparison(found: Comparison) -> Text:
    """Return a matrix with its texts and cautions."""

    def lines() -> list[str]:
        numbers = range(1, len(found.texts) + 1)
        head = "     " + "".join(f"{n:>8}" for n in numbers)
        rows = [
            f"{n:>4} {''.join(f'{v:8.3f}' for v in row)}  {textwrap.shorten(found.texts[n - 1], 60, placeholder=' …')}"
            for n, row in zip(numbers, found.similarity, strict=True)
        ]
        cautions = [f"{_bold(c.kind)} between {c.a + 1} and {c.b + 1}: {c.why}" for c in found.cautions]
        return [head, *rows, *cautions, _dim(found.embedder)]

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
    return lambda: "\n".join([*head, *rows, _dim(models)])


def _near(source: str) -> str:
    path = Path(source)
    return os.path.relpath(path) if path.is_relative_to(Path.cwd()) else source


def _dim(words: str) -> str:
    return f"\033[2m{words}\033[0m" if sys.stdout.isatty() else words


def _bold(words: str) -> str:
    return f"\033[1m{words}\033[0m" if sys.stdout.isatty() else words
