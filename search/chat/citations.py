"""Checks an answer: which passages it cites, whether they say so, and what sets them apart."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from search.chat.markers import LEADING, markers, numbers, without_strangers
from search.chat.reading import Sentences
from search.chat.sentences import sentences
from search.embedders.base import Embedder
from search.retrieve.caution import cautions_if_short
from search.types import Citation, Hit, Statement, Vector

SUPPORTED = 0.5
"""Cosine from which on a span may be taken to say what a sentence says."""
_QUOTED = re.compile(r"[\"“«„]([^\"“”«»„]{12,}?)[\"”»“]")


@dataclass(frozen=True, slots=True)
class Checked:
    """An answer with what it rests on."""

    text: str
    """Without markers of passages that were not found."""
    citations: tuple[Citation, ...]
    statements: tuple[Statement, ...]


def check(text: str, hits: Sequence[Hit], embedder: Embedder, known: Mapping[int, Sentences]) -> Checked:
    """Return an answer with the spans that its sentences rest on. One call of the embedder.

    Only passages that were found can be cited; a marker of another one is removed.

    :param known: Their sentences by number, from 1; only those of cited ones are asked for.
    """
    text = without_strangers(text, len(hits))
    said = list(_statements(text, len(hits)))
    plain = [_without_markers(text, start, end) for start, end, _ in said]
    cites = any(cited for _, _, cited in said)
    rows = embedder.embed_documents([words or "-" for words in plain]) if cites else np.empty((0, 1), dtype=np.float32)
    citations: list[Citation] = []
    statements = []
    for i, (start, end, cited) in enumerate(said):
        best = [_nearest(n, hits[n - 1], rows[i], known[n]) for n in cited]
        citations.extend(best)
        statements.append(_statement(start, end, cited, plain[i], best, hits))
    return Checked(text, tuple(_once(citations)), tuple(statements))


def unchecked(text: str, count: int) -> Checked:
    """Return an answer that nothing was looked up for: without the markers of passages that were not found."""
    return Checked(without_strangers(text, count), (), ())


def _statements(text: str, count: int) -> Iterator[tuple[int, int, tuple[int, ...]]]:
    """Yield the sentences of an answer with the numbers that they cite; markers behind a full stop are its own."""
    merged: list[list[int]] = []
    for start, end in sentences(text):
        leading = LEADING.match(text, start, end)
        first = start
        if merged and leading:
            merged[-1][1] = first = leading.end()
        first += len(text[first:end]) - len(text[first:end].lstrip())
        if first < end:
            merged.append([first, end])
    every = markers(text)
    for start, end in merged:
        if any(c.isalnum() for c in text[start:end]):
            cited = [n for each in every if start <= each.start(1) < end for n in numbers(each.group(1))]
            yield start, end, tuple(dict.fromkeys(n for n in cited if 1 <= n <= count))


def _without_markers(text: str, start: int, end: int) -> str:
    parts, at = [], start
    for each in markers(text):
        if start <= each.start(1) < end:
            parts.append(text[at : each.start()])
            at = each.end()
    return "".join([*parts, text[at:end]]).strip()


def _nearest(n: int, hit: Hit, row: Vector, known: Sentences) -> Citation:
    similarity = known.vectors @ row
    best = int(np.argmax(similarity))
    start, end = known.spans[best]
    return Citation(
        n,
        hit.id,
        hit.source,
        hit.start + start,
        hit.start + end,
        hit.text[start:end],
        float(similarity[best]),
        hit.metadata,
    )


def _statement(
    start: int, end: int, cited: tuple[int, ...], plain: str, spans: Sequence[Citation], hits: Sequence[Hit]
) -> Statement:
    if not spans:
        return Statement(start, end, cited, support=None, supported=False)
    best = max(spans, key=lambda span: span.similarity)
    passages = [" ".join(hits[n - 1].text.split()).casefold() for n in cited]
    invented = [q for q in _QUOTED.findall(plain) if not any(" ".join(q.split()).casefold() in p for p in passages)]
    apart = cautions_if_short(plain, best.quote)
    return Statement(start, end, cited, best.similarity, best.similarity >= SUPPORTED and not invented, apart)


def _once(citations: Sequence[Citation]) -> Iterator[Citation]:
    """Yield each span once, by its passage's number and place, with the highest similarity that it has."""
    best: dict[tuple[int, int, int], Citation] = {}
    for citation in citations:
        key = (citation.n, citation.start, citation.end)
        if key not in best or best[key].similarity < citation.similarity:
            best[key] = citation
    yield from (best[key] for key in sorted(best))
