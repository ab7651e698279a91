"""How soon an answer comes at 20,000 passages, and what the chain adds to a chat model's own time.

    python -m benchmarks.ask_times [--rounds 3]

The passages are WordNet's glosses (`apt-get install wordnet-base`); the chat model is a server on loopback, asked
through the chain and alone with the same messages, in turns: once it takes 50 ms for each of four pieces, as a fast
model does, and once it answers at once, so that nothing can be done while it speaks.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from benchmarks.embedded import vectors
from benchmarks.ingest import read_glosses
from benchmarks.report import keep, machine, median, table
from search.chat.events import Asking, Words
from search.chat.model import open_chat
from search.chat.prompt import answering
from search.service import Service
from search.settings import Settings
from search.store.ledger import Record, vector_key
from search.types import Answer, Hit, Passage
from tests.openai_server import OpenAIServer

PASSAGES, TIMES = 20_000, 30
FIRST_MS, ADDED_MS = 300.0, 50.0
PIECE_SECONDS = 0.05
MODEL = "openai:loopback"


def main() -> None:
    """Measure, print, keep."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=3)
    rounds = parser.parse_args().rounds
    found = median([measure() for _ in range(rounds)])
    table(f"Asking {PASSAGES:,} passages, medians of {TIMES}", list(found), [list(found.values())])
    asked = {"extractive_first_words_ms": FIRST_MS, "added_to_first_words_ms": ADDED_MS, "added_to_answer_ms": ADDED_MS}
    of = machine("langchain-core", "onnxruntime")
    keep("ask_times", {"machine": of, "rounds": rounds, "asked": asked, "measured": found})


def measure() -> dict[str, float]:
    """Return milliseconds, and the seconds of what is done once."""
    with tempfile.TemporaryDirectory() as folder, OpenAIServer() as server:
        settings = replace(
            Settings.from_environment(),
            embedder="local",
            data=Path(folder),
            chat="extractive",
            openai_api_key="none",
            openai_base_url=server.url,
        )
        with Service(settings, "benchmark") as service:
            questions = fill(service)
            started = time.perf_counter()
            first(service, questions[0], "extractive")
            once = time.perf_counter() - started
            found = {"first_question_s": once}
            for name, seconds in (("", PIECE_SECONDS), ("_of_instant_model", 0.0)):
                server.says = lambda _, seconds=seconds: spoken(seconds)  # type: ignore[misc]
                found |= {f"{key}{name}": value for key, value in timed(service, questions).items()}
            return found


def spoken(seconds: float) -> Iterator[str]:
    """Yield an answer, so many seconds a piece."""
    for piece in ("This is ", "said by ", "a passage. [1] ", "So is this. [2]"):
        time.sleep(seconds)
        yield piece


def fill(service: Service) -> list[str]:
    """Write the passages, and return questions about others."""
    glosses = list(dict.fromkeys(read_glosses()))
    own, others = glosses[:: len(glosses) // PASSAGES][:PASSAGES], glosses[1 :: len(glosses) // TIMES][:TIMES]
    store, embedder = service.store, service.embedder
    made = store.create("glosses", embedder.id, embedder.dimension)
    store.begin_source(made, "glosses")
    keys = [vector_key(embedder.id, text) for text in own]
    records = [
        Record(Passage(str(i), "glosses", i, text, 0, len(text)), key)
        for i, (text, key) in enumerate(zip(own, keys, strict=True))
    ]
    store.put(made, records, keys, vectors("asked", own), tokens=0)
    store.finish_source(made, "glosses", "benchmark", len(own))
    return [f"What is {text.rstrip('.')}?" for text in others]


def timed(service: Service, questions: list[str]) -> dict[str, float]:
    """Return medians."""
    rows = []
    model = open_chat(MODEL, service.settings)
    assert model is not None
    hits: tuple[Hit, ...] = service.search(questions[0], k=6).hits
    list(model.stream(answering(questions[0], (), hits, "", len)))
    first(service, questions[0], MODEL)
    for question in questions:
        quoted, _ = first(service, question, "extractive")
        begun, ended = first(service, question, MODEL)
        messages = answering(question, (), service.search(question, k=6).hits, "", len)
        alone = list(clock(model.stream(messages)))
        rows.append((quoted, begun, begun - alone[0], ended - alone[-1]))
    names = ("extractive_first_words_ms", "model_first_words_ms", "added_to_first_words_ms", "added_to_answer_ms")
    medians = [1000 * statistics.median(column) for column in zip(*rows, strict=True)]
    return dict(zip(names, medians, strict=True))


def first(service: Service, question: str, chat: str) -> tuple[float, float]:
    """Return the seconds until the first words of an answer, and until it was whole."""
    started = time.perf_counter()
    begun = 0.0
    for event in service.ask(Asking(question, anyway=True), None, chat):
        if not begun and isinstance(event, Words | Answer):
            begun = time.perf_counter() - started
    return begun, time.perf_counter() - started


def clock(words: Iterator[str]) -> Iterator[float]:
    """Yield the seconds until each piece, and at last until the end."""
    started = time.perf_counter()
    for _ in words:
        yield time.perf_counter() - started
    yield time.perf_counter() - started


if __name__ == "__main__":
    main()
