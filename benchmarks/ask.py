"""How good answers without a chat model are, and how far a refusal can be trusted.

    python -m benchmarks.ask

On SQuAD 2's paragraphs, each a passage of its article. Weights were chosen on half of the articles (`dev`); what counts
is the other half (`test`). How soon an answer comes is in `benchmarks.ask_times`.
"""

import hashlib
import json
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.report import TESTDATA, keep, machine, table
from search.chat.evidence import Evidence
from search.chat.extractive import Quote, extract
from search.chat.refusal import HITS, evidence, fit
from search.embedders.base import Embedder, open_embedder
from search.evaluate.refusal import auroc
from search.retrieve.find import Asked, find
from search.retrieve.known import Known
from search.retrieve.options import Options
from search.settings import Settings
from search.store.collection import Collection
from search.store.ledger import Record
from search.store.store import Store
from search.types import Hit, Passage, Vector, Vectors

FOLDS = 3
"""Ways to hide a third of the articles."""
REFUSED = 0.1
"""Share of good questions that may be refused."""
ASKED = (
    ("first sentence quoted holds the answer", ("extractive", "test", "first"), 0.70),
    ("right paragraph quoted", ("extractive", "test", "paragraph"), 0.90),
    ("articles hidden, AUROC", ("refusal", "test", "articles hidden", "auroc"), 0.988),
    ("articles hidden, false answers at 10 %", ("refusal", "test", "articles hidden", "false answers at 10 %"), 0.02),
    ("adversarial, AUROC", ("refusal", "test", "adversarial", "auroc"), 0.73),
)
"""What is to be reached on the test half, and where the result has it."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of an article, and where its paragraphs say it."""

    text: str
    article: str
    paragraph: int
    answers: tuple[tuple[int, str], ...]
    """Offset into the paragraph, and text; none where the article does not say it."""


@dataclass(frozen=True, slots=True)
class Squad:
    """Paragraphs with their articles, and questions."""

    paragraphs: tuple[tuple[str, str], ...]
    questions: tuple[Question, ...]

    def part(self, name: str) -> "Squad":
        """Return the articles of `dev` or of `test`."""
        return self.only({article for article, _ in self.paragraphs if part_of(article) == name})

    def only(self, articles: set[str]) -> "Squad":
        """Return some articles with their questions, whose paragraphs keep their numbers."""
        paragraphs = tuple((a, text if a in articles else "") for a, text in self.paragraphs)
        return Squad(paragraphs, tuple(q for q in self.questions if q.article in articles))


class Remembering:
    """An embedder that embeds no text twice."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self._rows: dict[str, Vector] = {}
        self.id, self.dimension, self.max_tokens = embedder.id, embedder.dimension, embedder.max_tokens

    def count_tokens(self, text: str) -> int:
        return self._embedder.count_tokens(text)

    def embed_documents(self, texts: Sequence[str]) -> Vectors:
        new = [text for text in dict.fromkeys(texts) if text not in self._rows]
        if new:
            self._rows.update(zip(new, self._embedder.embed_documents(new), strict=True))
        return np.stack([self._rows[text] for text in texts])

    def embed_query(self, text: str) -> Vector:
        vector: Vector = self.embed_documents([text])[0]
        return vector


@dataclass(frozen=True, slots=True)
class Desk:
    """A collection to be asked."""

    collection: Collection
    known: Known
    embedder: Embedder

    def hits(self, question: str) -> tuple[Hit, ...]:
        vector = self.embedder.embed_query(question)
        asked = Asked(question, question, vector, HITS, Options())
        return find(self.collection, asked, self.known, lambda: self.embedder).hits

    def quotes(self, question: str, hits: Sequence[Hit]) -> tuple[Quote, ...]:
        return extract(question, self.embedder.embed_query(question), hits, self.embedder)

    def evidence(self, question: str) -> Evidence:
        return evidence(question, self.hits(question), self.collection, self.known)


def main() -> int:
    """Measure, print, keep."""
    if not (TESTDATA / "squad2").is_dir():
        print(f"no test data at {TESTDATA}: set NEARHOOD_TESTDATA", file=sys.stderr)
        return 1
    settings = replace(Settings.from_environment(), embedder="local")
    embedder = open_embedder("local", settings)
    found, remembering = squad(), Remembering(embedder)
    result: dict[str, Any] = {"machine": machine("numpy", "onnxruntime", "bm25s")}
    result["extractive"] = extractive(found, remembering)
    result["refusal"] = {part: refusal(found.part(part), remembering) for part in ("dev", "test")}
    show_refusal(result["refusal"])
    show_asked(result)
    keep("ask", result)
    return 0


def squad() -> Squad:
    """Read SQuAD 2's paragraphs and questions."""
    articles = json.loads((TESTDATA / "squad2" / "data" / "dev-v2.0.json").read_text(encoding="utf-8"))["data"]
    paragraphs: list[tuple[str, str]] = []
    questions: list[Question] = []
    for article in articles:
        for paragraph in article["paragraphs"]:
            for asked in paragraph["qas"]:
                answers = tuple((a["answer_start"], a["text"]) for a in asked["answers"])
                answers = () if asked["is_impossible"] else answers
                questions.append(Question(asked["question"].strip(), article["title"], len(paragraphs), answers))
            paragraphs.append((article["title"], paragraph["context"]))
    return Squad(tuple(paragraphs), tuple(questions))


def part_of(article: str) -> str:
    """Return the half that an article belongs to."""
    return ("dev", "test")[hashlib.sha256(article.encode()).digest()[0] % 2]


@contextmanager
def desk(passages: Mapping[str, Sequence[tuple[str, str]]], embedder: Embedder) -> Iterator[Desk]:
    """Yield a collection of sources with their passages, each an id and a text, in a data folder of its own."""
    with tempfile.TemporaryDirectory() as folder, Store(Path(folder) / "data", 2**30, "benchmark") as store:
        collection = store.create("benchmark", embedder.id, embedder.dimension)
        for source, own in passages.items():
            store.begin_source(collection, source)
            records = [
                Record(Passage(id_, source, place, text, 0, len(text)), id_.encode())
                for place, (id_, text) in enumerate(own)
            ]
            rows = embedder.embed_documents([text for _, text in own])
            store.put(collection, records, [record.key for record in records], rows, tokens=0)
            store.finish_source(collection, source, "benchmark", len(own))
        yield Desk(store.collection("benchmark"), Known(), embedder)


def articles_of(found: Squad, hidden: set[str]) -> dict[str, list[tuple[str, str]]]:
    """Return the articles that are not hidden, with their paragraphs."""
    articles: dict[str, list[tuple[str, str]]] = {}
    for number, (article, text) in enumerate(found.paragraphs):
        if text and article not in hidden:
            articles.setdefault(article, []).append((str(number), text))
    return articles


# Extractive answers


def extractive(found: Squad, embedder: Embedder) -> dict[str, dict[str, float]]:
    """Return by half how often the gold answer is in what is quoted, over the pooled paragraphs of both."""
    rows: dict[str, list[tuple[bool, ...]]] = {"dev": [], "test": []}
    counts: dict[str, list[int]] = {"dev": [], "test": []}
    with desk(articles_of(found, set()), embedder) as here:
        for question in found.questions:
            if question.answers:
                hits = here.hits(question.text)
                quotes = here.quotes(question.text, hits)
                rows[part_of(question.article)].append(_right(question, hits, quotes))
                counts[part_of(question.article)].append(len(quotes))
    names = ("first", "any", "first_text", "any_text", "first_paragraph", "paragraph", "paragraph_found")
    told = {
        part: dict(zip(names, np.mean(own, axis=0).tolist(), strict=True))
        | {"quotes": float(np.mean(counts[part])), "questions": len(own)}
        for part, own in rows.items()
    }
    table(
        f"Extractive answers over {len(found.paragraphs)} paragraphs: share of answerable questions",
        ["half", *names, "quotes", "questions"],
        [[part, *row.values()] for part, row in told.items()],
    )
    return told


def _right(question: Question, hits: Sequence[Hit], quotes: Sequence[Quote]) -> tuple[bool, ...]:
    """Return whether the first quote and any quote holds the answer where it is marked, and its text anywhere; and
    whether the first, any, and any passage found is of the right paragraph."""
    there = [hits[q.n - 1].id == str(question.paragraph) for q in quotes]
    marked = [own and _holds(question, quote) for own, quote in zip(there, quotes, strict=True)]
    texts = [hits[q.n - 1].text[q.start : q.end] for q in quotes]
    said = [any(answer in text for _, answer in question.answers) for text in texts]
    found = any(hit.id == str(question.paragraph) for hit in hits)
    return any(marked[:1]), any(marked), any(said[:1]), any(said), any(there[:1]), any(there), found


def _holds(question: Question, quote: Quote) -> bool:
    return any(quote.start <= start and start + len(text) <= quote.end for start, text in question.answers)


# Refusal


def refusal(found: Squad, embedder: Embedder) -> dict[str, dict[str, float]]:
    """Return the rates where whole articles are hidden, the mean of some ways to hide them, and where none is."""
    articles = list(articles_of(found, set()))
    folds = [hidden(found, set(articles[fold::FOLDS]), embedder) for fold in range(FOLDS)]
    return {
        "articles hidden": {name: float(np.mean([fold[name] for fold in folds])) for name in folds[0]},
        "adversarial": adversarial(found, embedder),
    }


def hidden(found: Squad, out: set[str], embedder: Embedder) -> dict[str, float]:
    """Ask all answerable questions of a collection that lacks some of the articles."""
    asked = [question for question in found.questions if question.answers]
    with desk(articles_of(found, out), embedder) as here:
        return rates(here, asked, [question.article not in out for question in asked])


def adversarial(found: Squad, embedder: Embedder) -> dict[str, float]:
    """Ask all questions; people wrote the unanswerable ones to look like those that a paragraph answers."""
    with desk(articles_of(found, set()), embedder) as here:
        return rates(here, found.questions, [bool(question.answers) for question in found.questions])


def rates(here: Desk, asked: Sequence[Question], answerable: Sequence[bool]) -> dict[str, float]:
    """Return what a gate fitted on the collection makes of questions, and what it thinks of itself."""
    gate = fit(here.collection, here.known, here.embedder)
    if gate is None:
        raise SystemExit("the collection is too small for a gate")
    told = [here.evidence(question.text) for question in asked]
    judged = [gate.judge(one) for one in told]
    truth, score = np.array(answerable), np.array([one.probability for one in judged])
    refused = np.array([not one.answerable for one in judged])
    nearest = np.array([one.nearest for one in told])
    at = float(np.quantile(score[truth], REFUSED))
    return {
        "auroc": auroc(truth, score),
        "auroc of cosine": auroc(truth, nearest),
        "false answers at 10 %": float(np.mean(score[~truth] >= at)),
        "false refusals": float(np.mean(refused[truth])),
        "false answers": float(np.mean(~refused[~truth])),
        "its own false refusals": gate.false_refusal,
        "its own false answers": gate.false_answer,
    }


def show_refusal(found: Mapping[str, Mapping[str, Mapping[str, float]]]) -> None:
    """Print the rates."""
    rows = [[f"{part}, {name}", *row.values()] for part, own in found.items() for name, row in own.items()]
    head = list(next(iter(next(iter(found.values())).values())))
    table("Refusal, a gate fitted on the visible passages without their questions", ["", *head], rows)


def show_asked(result: Mapping[str, Any]) -> None:
    """Print what was to be reached beside what was."""
    table("Reached", ["", "is", "asked"], [[name, _at(result, path), asked] for name, path, asked in ASKED])


def _at(found: Any, path: Sequence[str]) -> float:
    for name in path:
        found = found[name]
    return float(found)


if __name__ == "__main__":
    sys.exit(main())
