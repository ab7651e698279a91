"""Questions made of a collection's own notes, to rehearse on: each is known to be answered by the note it was made of.

A sentence loses a name, a number or a word, which the question asks for. People do not ask in the words of their
notes, so some of its other words are left out, and some give way to the word that is nearest in meaning.
"""

import hashlib
import random
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from search.chat.overlap import CLOSED
from search.chat.sentences import sentences
from search.embedders.base import DocumentEmbedder
from search.retrieve.contrast.words import stem
from search.store.collection import Collection

WINDOW = 9
"""Words of a sentence that are kept before and behind what is asked for."""
_WORDS = range(6, 61)
"""Of a sentence that says something by itself."""
_FEWEST_CONTENT, _FEWEST_KEPT = 5, 2
"""Words that name something: of a sentence, and of a question."""
_PROSE = 0.85
"""Share of letters, spaces and stops in a sentence that is no code and no table."""
_SWAPPED, _DROPPED = 0.5, 0.3
"""Up to which share of a question's words give way to others, and are left out."""
_VOCABULARY = 400
"""Words of the collection that may stand for others."""
_PASSAGES_READ = 400
"""Passages whose words are looked at for that."""
_ROUNDS = 6
"""Questions that are made of one passage at most."""
_LONGEST = 20_000
"""Characters of a passage that are looked at."""
_WORD = re.compile(r"\w+(?:[’'.,-]\w+)*%?|[$€£]\d[\d.,]*")
_YEAR = re.compile(r"1\d{3}|20\d\d")
_LEADS: Mapping[str, Sequence[str]] = {
    "when": ("When", "In what year", "On what date", "Since when"),
    "how many": ("How many", "How much", "What number of", "How large"),
    "who": ("Who", "Which person", "What people", "Who"),
    "where": ("Where", "In which place", "Where", "In what country"),
    "which": ("Which", "What kind of", "What type of", "Which of the following"),
    "what": (
        *("What", "What is the name of", "What was the main reason for", "How", "Why", "What is meant by"),
        *("What happened with", "What was the purpose of", "What"),
    ),
}


@dataclass(frozen=True, slots=True)
class Made:
    """A question that a passage answers."""

    text: str
    number: int
    """The passage's, in the ledger."""


@dataclass(frozen=True, slots=True)
class _Raw:
    """A question in its sentence's own words."""

    lead: str
    words: tuple[str, ...]
    number: int


def make(collection: Collection, embedder: DocumentEmbedder, most: int, seed: int = 0) -> list[Made]:
    """Return questions about different passages as far as there are enough; the same ones for the same texts.

    One call of the embedder, for single words.
    """
    texts = {text[:_LONGEST]: number for number, text in sorted(collection.texts(), reverse=True)}
    lot = sorted(texts, key=lambda text: _lot(seed, text).digest())
    raw = list(_raw(lot, texts, most, seed))
    near = _near_words(raw, lot[:_PASSAGES_READ], embedder) if raw else {}
    made = (Made(_said(question, near, seed), question.number) for question in raw)
    return [question for question in made if question.text]


def _raw(lot: Sequence[str], numbers: Mapping[str, int], most: int, seed: int) -> Iterator[_Raw]:
    count = 0
    useful = {text: spans for text in lot[: most * _ROUNDS] if (spans := list(_prose(text)))}
    for turn in range(_ROUNDS):
        for text, spans in useful.items():
            if count >= most:
                return
            rng = random.Random(_lot(seed, f"{turn} {text}").digest())  # noqa: S311 - no secret
            found = _asked(rng.choice(spans), rng)
            if found is not None:
                count += 1
                yield _Raw(*found, numbers[text])


def _prose(text: str) -> Iterator[str]:
    """Yield the sentences of a text that say something."""
    for start, end in sentences(text):
        sentence = text[start:end]
        plain = sum(c.isalpha() or c.isspace() or c in ".,'’-" for c in sentence)
        if len(sentence.split()) in _WORDS and plain >= _PROSE * len(sentence):
            yield sentence


def _asked(sentence: str, rng: random.Random) -> tuple[str, tuple[str, ...]] | None:
    """Return a question word and what is left of a sentence when something is asked for; None where nothing can be."""
    found = [(match.group(), match.start(), match.end()) for match in _WORD.finditer(sentence)]
    content = [place for place, (word, _, _) in enumerate(found) if _names(word)]
    if len(found) not in _WORDS or len(content) < _FEWEST_CONTENT:
        return None
    first, last, lead = rng.choice([*_gaps(sentence, found, rng), _any_gap(found, rng.choice(content))])
    around = (word for place, (word, _, _) in enumerate(found) if _around(place, first, last))
    kept = [word if _names(word) else word.lower() for word in around]
    return (lead, tuple(kept)) if kept else None


def _around(place: int, first: int, last: int) -> bool:
    return first - WINDOW <= place < last + WINDOW and not first <= place < last


def _gaps(sentence: str, found: Sequence[tuple[str, int, int]], rng: random.Random) -> Iterator[tuple[int, int, str]]:
    """Yield where numbers and names stand, with how they are asked for."""
    for place, (word, _, _) in enumerate(found):
        if word[0].isdigit() or word[0] in "$€£":
            yield place, place + 1, "when" if _YEAR.fullmatch(word) else "how many"
        elif place and word[0].isupper() and _names(word) and not found[place - 1][0][0].isupper():
            last = place + 1
            while last < len(found) and found[last][0][0].isupper() and _touch(sentence, found, last):
                last += 1
            yield place, last, rng.choice(("who", "what", "where", "which"))


def _touch(sentence: str, found: Sequence[tuple[str, int, int]], place: int) -> bool:
    return sentence[found[place - 1][2] : found[place][1]] == " "


def _any_gap(found: Sequence[tuple[str, int, int]], place: int) -> tuple[int, int, str]:
    before = place - 1 if place and _names(found[place - 1][0]) else place
    return before, place + 1, "what"


def _near_words(raw: Sequence[_Raw], lot: Sequence[str], embedder: DocumentEmbedder) -> dict[str, str]:
    """Return for each word of the questions the nearest other one that is not a form of it."""
    own = list(dict.fromkeys(word for question in raw for word in question.words if _may_be_swapped(word)))
    seen = dict.fromkeys(word for text in lot for word in _WORD.findall(text) if _may_be_swapped(word))
    others = sorted(seen, key=lambda word: _lot(0, word).digest())[:_VOCABULARY]
    words = list(dict.fromkeys([*own, *others]))
    if len(words) < 2:  # noqa: PLR2004 - none is near another
        return {}
    rows = embedder.embed_documents(words)
    forms, heads = np.array([stem(word) for word in words]), np.array([word[:5] for word in words])
    near = {}
    for place, word in enumerate(own):
        likeness = rows @ rows[place]
        likeness[(forms == forms[place]) | (heads == heads[place])] = -1
        near[word] = words[int(np.argmax(likeness))]
    return near


def _said(question: _Raw, near: Mapping[str, str], seed: int) -> str:
    """Return a question as somebody might put it who has not read the note; empty when too little is left."""
    whole = " ".join([question.lead, *question.words])
    rng = random.Random(_lot(seed, whole).digest())  # noqa: S311 - no secret
    swapped, dropped = rng.uniform(0, _SWAPPED), rng.uniform(0, _DROPPED)
    kept = []
    for word in question.words:
        chance = rng.random() if _names(word) else 1.0
        if chance >= dropped:
            kept.append(near.get(word, word) if chance < dropped + swapped else word)
    if sum(map(_names, kept)) < _FEWEST_KEPT:
        return ""
    return f"{rng.choice(_LEADS[question.lead])} {' '.join(kept)}?"


def _names(word: str) -> bool:
    return word.lower() not in CLOSED


def _may_be_swapped(word: str) -> bool:
    return word.isalpha() and word.islower() and _names(word)


def _lot(seed: int, text: str) -> "hashlib._Hash":
    # By the text alone, so that the order in which notes came in says nothing.
    return hashlib.sha256(f"{seed} {text}".encode("utf-8", "surrogatepass"))
