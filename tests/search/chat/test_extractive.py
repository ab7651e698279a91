"""Sentences of the notes that answer a question, verbatim."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.chat.extractive import MOST_QUOTED, MOST_READ, Quote, candidates, extract, parts
from search.embedders.base import Embedder, open_embedder
from search.settings import Settings
from search.types import Hit, Vectors
from tests.search.chat.notes import NOTES


@pytest.fixture(scope="module")
def embedder(cache: Path) -> Embedder:
    """The real model."""
    return open_embedder("local", Settings(data=cache, cache=cache))


def hits_of(*texts: str, similarity: float = 0.5) -> tuple[Hit, ...]:
    """Hits with these texts."""
    return tuple(Hit(n, str(n), f"/{n}.md", t, similarity, None, {}, 0, len(t)) for n, t in enumerate(texts, 1))


def quoted(question: str, embedder: Embedder, hits: Sequence[Hit]) -> list[str]:
    """What is quoted, the best first."""
    found = extract(question, embedder.embed_query(question), hits, embedder)
    return [hits[quote.n - 1].text[quote.start : quote.end] for quote in found]


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("Who opened the bakery?", "The bakery in Mill Street was opened by Ida Lindqvist in 1923."),
        ("When was the lighthouse lit?", "The lighthouse on Gull Island was lit for the first time in 1868."),
        ("How much does the museum cost?", "Entrance to the museum costs six crowns, and children pay nothing."),
    ],
)
def test_the_sentence_that_answers_comes_first(embedder: Embedder, question: str, answer: str) -> None:
    """Among all sentences of all the notes that were found."""
    hits = hits_of(*(text for texts in NOTES.values() for text in texts))
    assert quoted(question, embedder, hits)[0] == answer


@pytest.mark.parametrize(
    ("text", "row"),
    [
        ("| town | people |\n|---|---|\n| Norrby | 5,200 |\n| Alvik | 830 |", "| Norrby | 5,200 |"),
        ("- eggs for Anna\n- flour from Norrby\n- nails", "flour from Norrby"),
        ("Norrby", "Norrby"),
        ("Die Schule hat sechzig Kinder. Norrby liegt am See.", "Norrby liegt am See."),
        ("諾爾比在湖邊。學校有六十個學生。Norrby 很小。", "Norrby 很小。"),
        ("\n".join(["nothing here"] * 40 + ["the mayor of Norrby"] + ["nor here"] * 40), "the mayor of Norrby"),
    ],
)
def test_notes_are_of_any_kind(embedder: Embedder, text: str, row: str) -> None:
    """Rows, items, words, other languages, and lines without a full stop."""
    assert row in quoted("What about Norrby?", embedder, hits_of(text))


def test_what_is_said_twice_is_quoted_once(embedder: Embedder) -> None:
    """Another number is something else."""
    hits = hits_of("The mill was built in 1802.", "The mill was built in 1802!", "The mill was built in 1850.")
    found = quoted("When was the mill built?", embedder, hits)
    assert sorted(text[:-1] for text in found) == ["The mill was built in 1802", "The mill was built in 1850"]


def test_the_order_is_by_score_and_the_number_is_bounded(embedder: Embedder) -> None:
    """However many sentences there are."""
    hits = hits_of(*(" ".join(f"Boat {i + 9 * j} is in the harbour." for i in range(9)) for j in range(6)))
    found = extract("Which boat is in the harbour?", embedder.embed_query("boat"), hits, embedder)
    assert len(found) == MOST_QUOTED
    assert list(found) == sorted(found, key=lambda quote: -quote.score)
    assert all(-1 <= quote.similarity <= 1 for quote in found)


@pytest.mark.parametrize("texts", [(), ("",), ("...", " \n ")])
def test_without_a_word_nothing_is_quoted(embedder: Embedder, texts: tuple[str, ...]) -> None:
    """And the embedder is not asked."""
    assert extract("Why?", embedder.embed_query("Why?"), hits_of(*texts), embedder) == ()


class Counting:
    """The real model, and how often and for how many texts it was called."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self.calls: list[int] = []
        self.id, self.dimension, self.max_tokens = embedder.id, embedder.dimension, embedder.max_tokens

    def count_tokens(self, text: str) -> int:
        """As the model."""
        return self._embedder.count_tokens(text)

    def embed_documents(self, texts: Sequence[str]) -> Vectors:
        """As the model."""
        self.calls.append(len(texts))
        return self._embedder.embed_documents(texts)

    def embed_query(self, text: str) -> Vectors:
        """As the model."""
        return self._embedder.embed_query(text)


def test_one_call_embeds_few_sentences(embedder: Embedder) -> None:
    """Words alone decide which."""
    counting = Counting(embedder)
    hits = hits_of(*(text for texts in NOTES.values() for text in texts))
    extract("Who keeps bees?", embedder.embed_query("Who keeps bees?"), hits, counting)
    assert counting.calls == [MOST_READ]


@given(
    st.lists(st.text(st.sampled_from("ab Cd.!?\n|-#1。é"), max_size=120), max_size=4),
    st.text(st.sampled_from("ab Cd?1"), max_size=20),
)
def test_candidates_are_slices_of_their_passage(texts: list[str], question: str) -> None:
    """Verbatim, with a word in each, and without white space around."""
    for one in candidates(question, [(text, 0.5) for text in texts]):
        assert texts[one.n - 1][one.start : one.end] == one.text == one.text.strip()
        assert any(c.isalnum() for c in one.text)


def test_a_quote_is_a_value() -> None:
    """Equal where all of it is."""
    assert Quote(1, 0, 5, 1.0, 0.5) == Quote(1, 0, 5, 1.0, 0.5)


def test_what_marks_an_item_is_not_quoted() -> None:
    """Nor a quotation's sign, a callout's kind, or a box to tick; a minus before a number is no mark."""
    text = "> [!tip] Drag the file.\n> Then drop it.\n\n- [ ] Buy milk.\n1. Sleep well.\n\n-5 degrees it was.\n"
    found = [text[start:end] for start, end, _ in parts(text)]
    assert found == ["Drag the file.", "Then drop it.", "Buy milk.", "Sleep well.", "-5 degrees it was."]
