"""Why a passage is near: the sentence that is nearest to the query, and what each word adds."""

import re
from collections.abc import Sequence

import numpy as np

from search.embedders.base import Embedder
from search.types import Vector, Vectors, Why, Word

MOST_WORDS = 60
"""Words of a query or a sentence that are left out one after the other."""
_SENTENCE = re.compile(r"\S.*?(?:[.!?…。！？]+[\"'”’)\]]*(?=\s|$)|\n\s*\n|(?=\n[-*#>|])|$)", re.DOTALL)
_WORD = re.compile(r"\w+(?:['’-]\w+)*")


def explain(query: str, texts: Sequence[str], embedder: Embedder) -> list[Why]:
    """Return why each text is near to a query. One call of the embedder for the sentences, and one for the words."""
    asked = embedder.embed_query(query)
    nearest = _nearest_sentences(asked, texts, embedder)
    asking = _words(query, 0)
    sentences = [text[start:end] for text, (start, end, _) in zip(texts, nearest, strict=True)]
    words = [_words(sentence, 0) for sentence in sentences]
    without = [_without(sentence, own) for sentence, own in zip(sentences, words, strict=True)]
    rows = embedder.embed_documents([*sentences, *_without(query, asking), *(t for some in without for t in some)])
    count, reduced = len(texts), rows[len(texts) : len(texts) + len(asking)]
    found, at = [], count + len(asking)
    for i, (start, end, similarity) in enumerate(nearest):
        own = rows[at : at + len(words[i])]
        at += len(words[i])
        by_query = _weighed(asking, float(rows[i] @ asked) - reduced @ rows[i], 0)
        by_passage = _weighed(words[i], float(rows[i] @ asked) - own @ asked, start)
        found.append(Why(start, end, similarity, by_query, by_passage))
    return found


def nearest_by_words(query: str, text: str) -> str | None:
    """Return the sentence of a text that says most of a query's words; None when none says more than half of them."""
    wanted = {m.group().casefold() for m in _WORD.finditer(query)}
    parts = [text[start:end] for start, end in sentences(text)]
    shared = [len(wanted & {m.group().casefold() for m in _WORD.finditer(part)}) for part in parts]
    most = max(shared)
    return parts[shared.index(most)] if most > len(wanted) / 2 else None


def sentences(text: str) -> list[tuple[int, int]]:
    """Return where the sentences of a text begin and end; a heading, a list item or a table row is one, too."""
    spans = [(m.start(), m.start() + len(m.group().rstrip())) for m in _SENTENCE.finditer(text) if m.group().strip()]
    return spans or [(0, len(text))]


def _nearest_sentences(asked: Vector, texts: Sequence[str], embedder: Embedder) -> list[tuple[int, int, float]]:
    spans = [sentences(text) for text in texts]
    rows = embedder.embed_documents([text[a:b] for text, own in zip(texts, spans, strict=True) for a, b in own])
    found, at = [], 0
    for own in spans:
        similarity = rows[at : at + len(own)] @ asked
        at += len(own)
        best = int(np.argmax(similarity))
        found.append((*own[best], float(similarity[best])))
    return found


def _words(text: str, offset: int) -> list[tuple[str, int, int]]:
    found = [(m.group(), m.start() + offset, m.end() + offset) for m in _WORD.finditer(text)][:MOST_WORDS]
    # Without its only word nothing is left to embed.
    return found if len(found) > 1 else []


def _without(text: str, words: Sequence[tuple[str, int, int]]) -> list[str]:
    return [" ".join(f"{text[:start]} {text[end:]}".split()) for _, start, end in words]


def _weighed(words: Sequence[tuple[str, int, int]], adds: Vectors, offset: int) -> tuple[Word, ...]:
    return tuple(Word(w, a + offset, b + offset, float(x)) for (w, a, b), x in zip(words, adds, strict=True))
