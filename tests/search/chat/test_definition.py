"""Which sentences say what a thing is."""

import pytest

from search.chat.definition import defines, term_of
from search.chat.extractive import candidates

CHAIN = ("markov", "chain")


@pytest.mark.parametrize(
    ("question", "term"),
    [
        ("What is a Markov chain?", CHAIN),
        ("what are Markov chains", ("markov", "chains")),
        ("Define Markov chain.", CHAIN),
        ("What does Markov chain mean?", CHAIN),
        ("What is a Markov chain in economics?", CHAIN),
        ("What is the capital of France?", ()),
        ("What is it?", ()),
        ("How is a Markov chain simulated?", ()),
        ("", ()),
    ],
)
def test_a_question_may_want_a_thing_defined(question: str, term: tuple[str, ...]) -> None:
    """By its form alone."""
    assert term_of(question) == term


@pytest.mark.parametrize(
    "sentence",
    [
        "A Markov chain is a process without memory.",
        "A **Markov chain** $X_t$ on $S$ is a sequence of random variables.",
        "In statistics, a Markov chain is a process without memory.",
        "Recall that a Markov chain is one of many processes.",
        "A Markov chain, or Markov process, is a process without memory.",
        "Such a sequence is called a (finite) *Markov chain*.",
        "The term Markov chains refers to them; a Markov chain is defined as a sequence.",
    ],
)
def test_a_sentence_may_define_it(sentence: str) -> None:
    """Whatever formulas and marks stand in between."""
    assert defines(CHAIN, sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        "Before defining a Markov chain rigorously, we give some examples.",
        "The matrix of a Markov chain is a stochastic matrix.",
        "A Markov chain is irreducible or not.",
        "Markov chains are a workhorse of economics.",
        "These are called hidden Markov chains.",
        "A chain is a thing.",
        "",
    ],
)
def test_another_merely_names_it(sentence: str) -> None:
    """Or says something of another thing."""
    assert not defines(CHAIN, sentence)
    assert not defines((), sentence)


def test_things_are_defined_as_they_are_asked_for() -> None:
    """In the plural, too."""
    assert defines(("markov", "chains"), "Markov chains are a class of processes.")


def test_what_defines_comes_before_what_names() -> None:
    """Where a definition is asked for."""
    text = "Before defining ownership, we give examples of ownership. Ownership is a set of rules about memory."
    assert candidates("What is ownership?", [(text, 0.5)])[0].text.startswith("Ownership is")
