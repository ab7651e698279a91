"""A gate that is fitted on a collection tells what it answers from what it does not."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression

from search.chat import logistic
from search.chat.evidence import Evidence
from search.chat.refusal import Gate, evidence, fit, fitted
from search.chat.rehearsal import make
from search.embedders.base import Embedder, open_embedder
from search.retrieve.find import Asked, find
from search.retrieve.known import Known
from search.retrieve.options import Options
from search.settings import Settings
from search.store.collection import Collection
from search.store.store import Store
from tests.search.chat.notes import NOTES, collection


@pytest.fixture(scope="module")
def embedder(cache: Path) -> Embedder:
    """The real model."""
    return open_embedder("local", Settings(data=cache, cache=cache))


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """A store for all of these tests."""
    with Store(tmp_path_factory.mktemp("refusal") / "data", 2**30, "test") as store:
        yield store


@pytest.fixture(scope="module")
def notes(store: Store, embedder: Embedder) -> Collection:
    """The notes of a village."""
    return collection(store, embedder)


@pytest.fixture(scope="module")
def gate(notes: Collection, embedder: Embedder) -> Gate:
    """A gate fitted on them."""
    found = fit(notes, Known(), embedder)
    assert found is not None
    return found


def told(question: str, notes: Collection, embedder: Embedder) -> Evidence:
    """What is found about a question."""
    asked = Asked(question, question, embedder.embed_query(question), 6, Options())
    return evidence(question, find(notes, asked, Known(), lambda: embedder).hits, notes, Known())


@pytest.mark.parametrize(
    "question",
    [
        "Who opened the bakery in Mill Street?",
        "When was the lighthouse on Gull Island lit for the first time?",
        "How many fishing boats does the harbour have room for?",
        "What did the narrow railway carry?",
    ],
)
def test_a_question_about_the_notes_is_answered(
    gate: Gate, notes: Collection, embedder: Embedder, question: str
) -> None:
    """Whose answer stands in one of them."""
    assert gate.judge(told(question, notes, embedder)).answerable


@pytest.mark.parametrize(
    "question",
    [
        "How do transformers attend to earlier tokens?",
        "What is the boiling point of nitrogen?",
        "Who won the football world cup in 2014?",
        "Which enzyme copies DNA?",
    ],
)
def test_a_question_about_something_else_is_refused(
    gate: Gate, notes: Collection, embedder: Embedder, question: str
) -> None:
    """None of them says anything about it."""
    assert not gate.judge(told(question, notes, embedder)).answerable


def test_it_says_how_often_it_is_wrong(gate: Gate) -> None:
    """By questions that the regression had not seen."""
    assert 0 <= gate.false_answer < 0.5
    assert 0 <= gate.false_refusal < 0.5
    assert gate.questions >= 40


def test_it_survives_as_json(gate: Gate, notes: Collection, embedder: Embedder) -> None:
    """To the last digit."""
    again = Gate.from_json(json.loads(json.dumps(gate.to_json())))
    assert again == gate
    assert again.judge(told("Who opened the bakery?", notes, embedder)) == gate.judge(
        told("Who opened the bakery?", notes, embedder)
    )


@pytest.mark.parametrize("value", [None, {}, [], {"model": {}}, {"model": {"intercept": "x", "weights": []}}])
def test_other_json_is_no_gate(value: object) -> None:
    """Whatever it is."""
    with pytest.raises((ValueError, KeyError, TypeError)):
        Gate.from_json(value)


def test_the_order_of_the_notes_does_not_matter(store: Store, embedder: Embedder, gate: Gate) -> None:
    """The same questions are made of them, and the same gate is fitted."""
    turned = collection(store, embedder, dict(reversed(list(NOTES.items()))), "turned")
    found = fit(turned, Known(), embedder)
    assert found is not None
    assert np.allclose(found.model.weights, gate.model.weights, rtol=1e-3)
    assert found.questions == gate.questions


def test_another_seed_makes_other_questions(notes: Collection, embedder: Embedder) -> None:
    """And the same seed the same ones."""
    assert make(notes, embedder, 50, seed=1) == make(notes, embedder, 50, seed=1)
    assert make(notes, embedder, 50, seed=1) != make(notes, embedder, 50, seed=2)


def test_a_few_notes_are_too_few(store: Store, embedder: Embedder) -> None:
    """To tell anything: then nothing is refused."""
    few = {"bakery.md": NOTES["bakery.md"], "mill.md": NOTES["mill.md"]}
    assert fit(collection(store, embedder, few, "few"), Known(), embedder) is None


def test_words_make_no_questions(store: Store, embedder: Embedder) -> None:
    """A list of terms answers nothing that could be rehearsed."""
    words = {"words.txt": sorted({word.strip(".,") for texts in NOTES.values() for word in texts[0].split()})}
    assert fit(collection(store, embedder, words, "words"), Known(), embedder) is None


def test_one_long_source_can_be_rehearsed(store: Store, embedder: Embedder) -> None:
    """What stands around a note is hidden with it, and not the whole source."""
    one = {"all.md": [text for texts in NOTES.values() for text in texts]}
    made = collection(store, embedder, one, "one")
    gate = fit(made, Known(), embedder)
    assert gate is not None
    assert not gate.judge(told("Which enzyme copies DNA?", made, embedder)).answerable


def test_a_gate_is_kept_on_disk(store: Store, embedder: Embedder) -> None:
    """And used again by another process, until too much has changed."""
    made = collection(store, embedder, name="kept")
    first = fitted(made, Known(), embedder)
    file = made.derived.gate
    kept = json.loads(file.read_text())
    file.write_text(json.dumps(kept | {"gate": kept["gate"] | {"questions": 7}}))
    assert (again := fitted(made, Known(), embedder)) is not None
    assert again.questions == 7
    file.write_text(json.dumps(kept | {"version": kept["version"] - 100, "gate": kept["gate"] | {"questions": 7}}))
    assert fitted(made, Known(), embedder) == first


@pytest.mark.parametrize("text", ["", "{", "[]", '{"version": 1}', "null"])
def test_a_torn_file_is_fitted_anew(store: Store, embedder: Embedder, notes: Collection, text: str) -> None:
    """Whatever is left of it."""
    file = notes.derived.gate
    file.parent.mkdir(exist_ok=True)
    file.write_text(text)
    known = Known()
    assert (found := fitted(notes, known, embedder)) is not None
    assert fitted(notes, known, embedder) is found


@given(st.integers(0, 1_000), st.integers(8, 60), st.integers(1, 4))
def test_the_regression_is_scikit_learns(seed: int, n: int, features: int) -> None:
    """With the same ridge, on columns of the same scale, both kinds counting alike."""
    rng = np.random.default_rng(seed)
    rows = rng.normal(size=(n, features)) * rng.uniform(0.1, 10, features)
    truth = rng.random(n) < 0.4
    truth[:2] = True, False
    scaled = (rows - rows.mean(axis=0)) / rows.std(axis=0)
    oracle = LogisticRegression(class_weight="balanced", tol=1e-10, max_iter=10_000).fit(scaled, truth)
    assert logistic.fit(rows, truth).log_odds(rows) == pytest.approx(oracle.decision_function(scaled), abs=1e-3)


def test_nothing_found_is_refused(gate: Gate, notes: Collection) -> None:
    """As far below as can be."""
    assert not gate.judge(evidence("Who?", (), notes, Known())).answerable


def test_more_evidence_never_makes_it_less_likely(gate: Gate, notes: Collection, embedder: Embedder) -> None:
    """A gate that says otherwise has learnt nonsense."""
    some = told("Who opened the bakery?", notes, embedder)
    assert gate.judge(replace(some, nearest=some.nearest + 1)).probability >= gate.judge(some).probability
