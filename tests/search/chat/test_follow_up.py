"""Which questions lean on what was said before, and what is searched for them."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.document import Options
from ingest.sync import Wish, sync
from search.chat.follow_up import condensed, edited, terms, vector, words
from search.chat.leaning import leaning, leans
from search.chat.topic import filled, topic
from search.embedders.base import Embedder, open_embedder
from search.retrieve.lexical import Lexical, lexical
from search.retrieve.options import Term
from search.service import Service
from search.settings import Settings
from search.vectors import cosine

BEFORE = ["What was the Great Depression?", "When did it begin?"]


@pytest.mark.parametrize(
    "question",
    [
        "How long did it last?",
        "Why did they fail?",
        "What about Germany?",
        "And in Europe?",
        "Why?",
        "What caused this?",
        "What are the main symptoms?",
        "Which is worse?",
        "Tell me more.",
        "What other causes are there?",
        "What other banks had failed?",
        "What kind is best?",
        "Any other causes?",
        "Any side effects?",
        "Any in France?",
        "Was the depression worse there?",
        "How was the war related to it?",
        "Warum?",
        "Und in Deutschland?",
    ],
)
def test_a_question_that_leaves_something_open_leans(question: str) -> None:
    """And it is said what."""
    assert leaning(question, BEFORE)


@pytest.mark.parametrize(
    "question",
    [
        "What is the capital of France?",
        "How do banks create money when they lend it?",
        "Who said that it is better to give than to receive?",
        "What time is it in Tokyo?",
        "Is it true that gold is heavier than lead?",
        "Which causes of inflation did Friedman name in his lecture?",
        "Which model won the 2024 Car of the Year award?",
        "What brand was founded by Phil Knight?",
        "What other planets have rings?",
        "Which other countries use the euro?",
        "Any advice on learning Rust?",
        "Did Einstein publish his theory of relativity in 1905?",
        "Was ist eine Bank?",
        "photosynthesis in desert plants",
    ],
)
def test_a_question_that_stands_alone_is_searched_alone(question: str) -> None:
    """Whatever was said before."""
    assert terms(question, BEFORE) == (Term(question, 1.0),)


def test_the_first_question_leans_on_nothing() -> None:
    """There is nothing to lean on; an empty turn is none."""
    assert not leans("How long did it last?", [])
    assert not leans("How long did it last?", ["", "  "])


def test_what_is_left_open_is_filled_in() -> None:
    """A pronoun gives way to what the conversation began with; else that stands behind."""
    found = terms("How long did it last?", BEFORE)
    assert found[0].text == "How long did Great Depression last?"
    assert found[0].weight > 0.5
    assert {term.text for term in found} >= {"How long did it last?", "When did it begin?"}
    assert sum(term.weight for term in found) == pytest.approx(1)
    assert filled("Why?", "Great Depression") == "Why? (Great Depression)"
    assert filled("What are its causes?", "inflation") == "What are inflation's causes?"


def test_a_new_topic_counts_beside_the_first() -> None:
    """What was introduced last is what a pronoun most often means after the first."""
    said = ["What is throat cancer?", "Is it treatable?", "Tell me about lung cancer."]
    texts = {term.text for term in terms("What are its symptoms?", said)}
    assert texts >= {"What are throat cancer's symptoms?", "What are lung cancer's symptoms?"}


@pytest.mark.parametrize(
    ("turn", "about"),
    [
        ("What group did Frank Zappa disband?", "Frank Zappa"),
        ("Tell me about the Milgram experiment", "Milgram experiment"),
        ("What is inflation?", "inflation"),
        ("Why?", ""),
    ],
)
def test_a_turn_is_about_its_first_name_else_its_first_nouns(turn: str, about: str) -> None:
    """Words that are always of something do not count."""
    assert topic(turn) == about


def test_a_model_s_wording_is_searched_beside_the_question() -> None:
    """One without words, or with far too many, is not."""
    found = condensed("How long did it last?", ' "How long did the Great Depression last?"\n')
    assert [term.text for term in found] == ["How long did the Great Depression last?", "How long did it last?"]
    assert condensed("Why?", "") == condensed("Why?", "x" * 2_000) == (Term("Why?", 1.0),)
    assert condensed("Why?", "Why?") == (Term("Why?", 1.0),)


def test_a_user_s_own_queries_are_searched_alike() -> None:
    """Equal ones as one."""
    assert [term.weight for term in edited(("a", "b"))] == [0.5, 0.5]
    assert edited(("a", "a")) == (Term("a", 1.0),)


@pytest.fixture(scope="module")
def embedder(cache: Path) -> Embedder:
    """The real model."""
    return open_embedder("local", Settings(data=cache, cache=cache))


def test_the_mixture_is_nearer_to_what_was_meant(embedder: Embedder) -> None:
    """Than the last turn alone, and than all turns as one text."""
    question, meant = "How long did it last?", "How long did the Great Depression last?"
    ours = vector(terms(question, BEFORE), embedder)
    assert np.linalg.norm(ours) == pytest.approx(1, abs=1e-6)
    alone, joined = embedder.embed_query(question), embedder.embed_query(" ".join([*BEFORE, question]))
    wanted = embedder.embed_query(meant)
    assert cosine(ours, wanted) > max(cosine(alone, wanted), cosine(joined, wanted))


@pytest.fixture
def index(settings: Settings, tmp_path: Path) -> Iterator[Lexical]:
    """An index of three passages."""
    lines = tmp_path / "lines.txt"
    lines.write_text("the great depression of 1929\na great tree\nbank notes\n")
    with Service(settings, "test") as service:
        sync(service.store, service.embedder, "lines", Wish([lines], Options(kind="sentences")))
        yield lexical(service.store.collection("lines"))


def test_bm25_scores_are_mixed_over_their_maxima(index: Lexical) -> None:
    """A term that no passage has adds nothing."""
    mixed = words((Term("great depression", 0.5), Term("bank", 0.25), Term("zebra", 0.25)), index)
    assert mixed.tolist() == pytest.approx([0.5, pytest.approx(float(mixed[1])), 0.25])
    assert 0 < mixed[1] < 0.5


@given(st.text(max_size=200), st.lists(st.text(max_size=80), max_size=5), st.lists(st.text(max_size=80), max_size=5))
def test_anything_can_be_asked(question: str, turns: list[str], answers: list[str]) -> None:
    """Weights add up, no term is without a weight, and the same is searched each time."""
    found = terms(question, turns, answers)
    assert sum(term.weight for term in found) == pytest.approx(1)
    assert all(term.weight > 0 for term in found)
    assert len({term.text for term in found}) == len(found)
    assert found == terms(question, turns, answers)


@pytest.mark.parametrize("question", ["It", "it", "IT?", "It's", "It was painted at what time?"])
def test_an_it_at_the_beginning_leans(question: str) -> None:
    """Whatever stands at the end, and also where it is all there is."""
    assert leans(question, ["Who painted the Mona Lisa?"])
