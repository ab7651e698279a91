"""A ranking as plain text for a terminal."""

import shutil
import textwrap
from collections.abc import Iterator, Sequence

from search.types import Hit, HitList, Word
from ui import chance
from ui.sides import said_of
from ui.text import Text, bold, dim, near

_LINES_OF_HIT = 4
_FOLDED = 5
"""Near-duplicates that are named."""
_WORDS = 8
"""Words that are named, those that add or take most."""


def hits(found: HitList, *, is_filtered: bool = False) -> Text:
    """Return a ranking.

    :param is_filtered: Whether a filter left out passages.
    """
    if not found.hits:
        nothing = _nothing(found, is_filtered=is_filtered)
        return lambda: nothing
    order = "reranked" if found.reranked_by else found.mode
    return lambda: "\n".join([*(_hit(h, order) for h in found.hits), _worth(found)])


def _nothing(found: HitList, *, is_filtered: bool) -> str:
    if found.passages or (found.mode == "lexical" and not is_filtered):
        return "nothing found"
    return "no passage fits the filter" if is_filtered else "the collection is empty: run nearhood ingest PATH"


def _worth(found: HitList) -> str:
    """Return how a ranking came about, and how much of it is nearer than chance."""
    how = (
        "all compared" if found.exact else f"by the index, which finds {_percent(found.recall)} of the true ten nearest"
    )
    mode = f"{found.mode}, reranked by {found.reranked_by}" if found.reranked_by else found.mode
    lines = [f"{mode}, {found.passages:,} passages, {how}, {found.took_ms:.0f} ms"]
    if number := chance.nearer(found):
        lines.append(f"{number} nearer than chance: {chance.MEANING}")
    if found.against_all is not None:
        spread = found.against_all
        lines.append(f"the query's similarity with all of them is {spread.mean:.3f} ± {spread.deviation:.3f}")
    return dim("\n".join(lines))


def _percent(share: float | None) -> str:
    return "an unmeasured share" if share is None else f"{100 * share:.1f} %"


def _hit(hit: Hit, mode: str) -> str:
    lines = hit.text.split("\n")
    shown = [line for line in lines if line.strip()][:_LINES_OF_HIT]
    width = max(40, shutil.get_terminal_size().columns - 6)
    body = "\n".join(f"    {textwrap.shorten(line, width, placeholder=' …')}" for line in shown)
    cautions = "".join(f"\n    {bold(c.kind)}: {said_of(c.why, 'this passage')}" for c in hit.cautions)
    score = "" if mode == "dense" else f"  {dim(f'{mode} {hit.score:.3f}')}"
    head = f"{hit.rank:>3} {bold(f'{hit.similarity:.3f}')}{score}{_percentile(hit)}"
    more = "".join(f"\n    {dim(line)}" for line in _beside(hit))
    return f"{head}\n{body}{cautions}{more}\n    {dim(f'{near(hit.source)}:{hit.start}-{hit.end}  {hit.id}')}"


def _percentile(hit: Hit) -> str:
    if hit.percentile is None:
        return ""
    verdict = ", which is no more than chance" if chance.is_weak(hit.percentile) else ""
    return f"  {dim(f'nearer than {hit.percentile:.1f} % of random pairs{verdict}')}"


def _beside(hit: Hit) -> Iterator[str]:
    """Yield what was asked for beside a hit."""
    if hit.why is not None:
        sentence = " ".join(hit.text[hit.why.start : hit.why.end].split())
        yield f"nearest sentence, {hit.why.similarity:.3f}: {textwrap.shorten(sentence, 200, placeholder=' …')}"
        yield f"its words: {_weights(hit.why.passage)}"
        yield f"the query's: {_weights(hit.why.query)}"
    if hit.lists is not None:
        yield f"in {hit.lists:,} passages' lists of ten nearest"
    if hit.folded:
        yield f"{len(hit.folded)} near-duplicates behind it: {', '.join(hit.folded[:_FOLDED])}"


def _weights(words: Sequence[Word]) -> str:
    most = sorted(words, key=lambda word: -abs(word.adds))[:_WORDS]
    return ", ".join(f"{word.text} {word.adds:+.3f}" for word in most) or "there is but one"
