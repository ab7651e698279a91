"""Answers without a chat model: the sentences of the passages found that answer a question best, verbatim."""

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from search.chat.answer_type import asked_for, has
from search.chat.definition import defines, term_of
from search.chat.overlap import Overlap, rarity_among, stems
from search.chat.sentences import sentences
from search.embedders.base import Embedder
from search.types import Hit, Vector

MOST_QUOTED = 3
MOST_READ = 24
"""Sentences that are embedded; which ones, their words decide."""
_LONG = 400
"""Characters of a sentence from which on its lines are taken for sentences."""
_LONGEST = 20_000
"""Characters of a passage that are looked at."""
_SAID, _BEFORE, _PASSAGE, _KIND, _SENTENCE = 8.5, 4.8, 10.5, 2.1, 5.9
"""Weights of the share of the question that a sentence says, of what the one before it adds to that, of its passage's
cosine, of having the kind of thing that is asked for, or saying what it is, and of its own cosine. Chosen on half of
SQuAD 2's articles."""
_AS_GOOD = 0.1
"""How likely a sentence has to be, beside the best one, to be quoted after it."""
_MARKS = re.compile(r"(?:>[ \t]*|\[![\w-]+\][-+]?[ \t]*|(?:[-*+]|\d{1,3}[.)])[ \t]+(?:\[[ xX]\][ \t]+)?)+")
"""Of Markdown: quotations, callouts, list items and boxes to tick."""
_HEADING = re.compile(r"\s*#{1,6}\s[^\n]*$")
"""A Markdown heading says what follows, and answers nothing."""
_SAME = 0.8
"""Share of words in common from which on two sentences are one."""


@dataclass(frozen=True, slots=True)
class Quote:
    """A sentence of a passage, verbatim."""

    n: int
    """Number of the hit, from 1."""
    start: int
    """Where it stands in the hit's text."""
    end: int
    score: float
    """Odds on a log scale beside other sentences of the same hits; it means nothing for itself."""
    similarity: float
    """Cosine with the question, -1 to 1."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence, as far as its words tell what it is worth."""

    n: int
    start: int
    end: int
    text: str
    stems: frozenset[str]
    before: frozenset[str]
    """Stems of the sentence before it."""
    by_words: float


def extract(
    question: str, vector: Vector, hits: Sequence[Hit], embedder: Embedder, most: int = MOST_QUOTED
) -> tuple[Quote, ...]:
    """Return the sentences that answer a question best, the best first. One call of the embedder.

    Those that are far behind the best one are left out, and of sentences that say the same only the best is there.

    :param vector: The question's, (d,).
    """
    read = candidates(question, [(hit.text, hit.similarity) for hit in hits])[:MOST_READ]
    if not read:
        return ()
    similarity = np.clip(embedder.embed_documents([c.text for c in read]) @ vector, -1, 1).tolist()
    scored = [(c.by_words + _SENTENCE * own, own, c) for c, own in zip(read, similarity, strict=True)]
    scored.sort(key=lambda found: (-found[0], found[2].n, found[2].start))
    least = scored[0][0] + math.log(_AS_GOOD)
    kept: list[tuple[float, float, Candidate]] = []
    for score, own, c in scored:
        if len(kept) == most or score < least:
            break
        if not any(_is_same(c, other) for _, _, other in kept):
            kept.append((score, own, c))
    return tuple(Quote(c.n, c.start, c.end, score, own) for score, own, c in kept)


def candidates(question: str, passages: Sequence[tuple[str, float]]) -> list[Candidate]:
    """Return all sentences of some passages, those first whose words answer best.

    :param passages: Texts with their cosines.
    """
    read = [(n, text, cosine, *part) for n, (text, cosine) in enumerate(passages, 1) for part in parts(text)]
    asked, kind = Overlap(question, rarity_among(own for *_, own in read)), asked_for(question)
    term = term_of(question)
    found = []
    last, before = 0, frozenset[str]()
    for n, text, cosine, start, end, own in read:
        before = before if n == last else frozenset()
        said, sentence = asked.share(own), text[start:end]
        value = _SAID * said + _BEFORE * (asked.share(own | before) - said) + _PASSAGE * cosine
        value += _KIND * (has(kind, sentence, asked.words) or defines(term, sentence))
        found.append(Candidate(n, start, end, sentence, own, before, value))
        last, before = n, own
    found.sort(key=lambda c: (-c.by_words, c.n, c.start))
    return found


@lru_cache(maxsize=1 << 10)
def parts(text: str) -> tuple[tuple[int, int, frozenset[str]], ...]:
    """Return where the sentences of a passage begin and end, with their stems; of a very long one, the first ones."""
    return tuple((start, end, frozenset(stems(text[start:end]))) for start, end in _cut(text[:_LONGEST]))


def _cut(text: str) -> Iterator[tuple[int, int]]:
    """Yield where sentences begin and end; lines of a long one without a full stop are sentences, too."""
    for start, end in sentences(text):
        if end - start > _LONG and "\n" in text[start:end]:
            yield from _lines(text, start, end)
        elif any(c.isalnum() for c in text[start:end]) and not _HEADING.match(text[start:end]):
            yield _behind_marks(text, start, end), end


def _lines(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    for line in re.finditer(r"\S.*", text[start:end]):
        if any(c.isalnum() for c in line.group()):
            end = start + line.end() - len(line.group()) + len(line.group().rstrip())
            yield _behind_marks(text, start + line.start(), end), end


def _behind_marks(text: str, start: int, end: int) -> int:
    """Return where the words of a sentence begin: what makes it an item or a quotation is not said in it."""
    marks = _MARKS.match(text, start, end)
    return marks.end() if marks and marks.end() < end else start


def _is_same(a: Candidate, b: Candidate) -> bool:
    """Whether two sentences say the same in nearly the same words; another number says something else."""
    if a.text == b.text:
        return True
    apart = a.stems ^ b.stems
    if not a.stems or not b.stems or any(word[0].isdigit() for word in apart):
        return False
    return len(a.stems & b.stems) >= _SAME * len(a.stems | b.stems)
