"""Judges a search on a collection itself, without anybody's judgement: by questions whose answer is known.

A heading should find the passages under it, and a sentence the passage that it was taken out of.
"""

import hashlib
import re
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from search.chat.refusal import fitted
from search.errors import InvalidInputError
from search.evaluate.card import MODES, Card, Rates
from search.evaluate.shelf import Shelf
from search.evaluate.trial import Question, Round, Trial
from search.retrieve.known import Known
from search.retrieve.why import sentences
from search.store.collection import Collection
from search.types import Passage

METRICS = ("MRR@10", "Success@1", "Success@10")
MOST = 200
"""Questions that are asked at most, half of them of either kind where there are so many."""
HEADING, SENTENCE = "heading", "sentence"
_WORDS = range(6, 51)
"""Of a sentence that says something by itself."""
_WORD = re.compile(r"[\u2e80-\u9fff]|[^\W\u2e80-\u9fff]+")
"""Of Chinese and Japanese, each character."""
_PROSE = 0.9
"""Share of letters and spaces in a sentence that is no code, table or list of numbers."""
_PAGE = 1_000


@dataclass(frozen=True, slots=True)
class HeldOut:
    """A sentence, and the passage without it."""

    sentence: str
    passage: Passage


def evaluate_collection(shelf: Shelf, name: str) -> Card:
    """Ask a collection for what is known to be in it, in every mode.

    :raises InvalidInputError: When it has nothing to ask for.
    """
    started = time.perf_counter()
    judged = shelf.store.collection(name, shelf.embedder.id)
    passages = _passages(judged)
    headed, held_out = _shares(heading_questions(passages), held_out_sentences(passages))
    questions = [*headed, *(Question(SENTENCE, h.sentence, {h.passage.id: 1}) for h in held_out)]
    if not questions:
        reason = "no headings that name one place each, and no passages of two sentences or more"
        raise InvalidInputError(f"{name!r} has {reason}: run nearhood eval DIR with queries of your own")
    asked = Round.of(shelf, questions)
    without = {h.passage.id: h.passage.text for h in held_out}
    with shelf.collection([(p.id, without.get(p.id, p.text)) for p in passages]) as collection:
        trial = Trial(collection, METRICS)
        tables, default = {MODES: trial.modes(asked)}, trial.default
    gate = fitted(judged, Known(), shelf)
    rates = Rates(gate.false_answer, gate.false_refusal, gate.questions) if gate else None
    seconds = time.perf_counter() - started
    return Card(name, shelf.embedder.id, len(passages), default, tables, {}, shelf.embedded, seconds, gate=rates)


def heading_questions(passages: Sequence[Passage]) -> list[Question]:
    """Return a question for each heading that names one place alone, by itself or with those above it."""
    under: dict[tuple[str, str], dict[str, int]] = {}
    for passage in passages:
        if isinstance(path := passage.metadata.get("heading"), str) and path.strip():
            under.setdefault((passage.source, path), {})[passage.id] = 1
    ways = {place: (place[1].rpartition(" > ")[2], place[1].replace(" > ", " ")) for place in under}
    shared = Counter(name.casefold() for names in ways.values() for name in set(names))
    named = {place: next((n for n in names if shared[n.casefold()] == 1), None) for place, names in ways.items()}
    return [Question(HEADING, name, under[place]) for place, name in named.items() if name and _WORD.search(name)]


def held_out_sentences(passages: Sequence[Passage]) -> list[HeldOut]:
    """Return `MOST` sentences that stand in one passage alone, and have others beside them; one of each passage."""
    times = Counter(_folded(passage.text[start:end]) for passage in passages for start, end in sentences(passage.text))
    drawn = [(place, cut) for place, passage in enumerate(passages) if (cut := _drawn(passage.text, times))]
    drawn.sort(key=lambda found: _lot(_folded(passages[found[0]].text[slice(*found[1])])))
    return [_held_out(passages[place], *cut) for place, cut in drawn[:MOST]]


def _drawn(text: str, times: Mapping[str, int]) -> tuple[int, int] | None:
    """Return where the sentence begins and ends that is to be taken out of a text."""
    spans = [
        (start, end)
        for start, end in sentences(text)
        if times[_folded(text[start:end])] == 1
        and _says(text[start:end])
        and len(_WORD.findall(text)) - len(_WORD.findall(text[start:end])) >= _WORDS.start
    ]
    return min(spans, key=lambda span: _lot(_folded(text[slice(*span)])), default=None)


def _held_out(passage: Passage, start: int, end: int) -> HeldOut:
    rest = f"{passage.text[:start]}{passage.text[end:]}".strip()
    return HeldOut(" ".join(passage.text[start:end].split()), replace(passage, text=rest))


def _shares(headed: Sequence[Question], held_out: Sequence[HeldOut]) -> tuple[list[Question], list[HeldOut]]:
    """Return as many of each as make up `MOST`, drawn by lot."""
    drawn = sorted(headed, key=lambda question: _lot(_folded(question.text)))
    kept = drawn[: max(MOST // 2, MOST - len(held_out))]
    return kept, list(held_out[: MOST - len(kept)])


def _lot(text: str) -> bytes:
    # By the text alone, so that another splitter or model is asked the same questions, as far as it has them.
    return hashlib.sha256(text.encode()).digest()


def _folded(sentence: str) -> str:
    return " ".join(sentence.casefold().split())


def _says(sentence: str) -> bool:
    prose = sum(c.isalpha() or c.isspace() or c in ".,'’-" for c in sentence)
    return len(_WORD.findall(sentence)) in _WORDS and prose >= _PROSE * len(sentence) and sentence[0] != "#"


def _passages(collection: Collection) -> list[Passage]:
    numbers = [number for number, _ in collection.texts()]
    found: list[Passage] = []
    for start in range(0, len(numbers), _PAGE):
        some = numbers[start : start + _PAGE]
        known = collection.read(some)
        found.extend(known[number] for number in some if number in known)
    return found
