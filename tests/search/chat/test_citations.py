"""An answer is checked against what it cites."""

from collections.abc import Sequence
from concurrent.futures import CancelledError
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from search.chat.citations import Checked
from search.chat.citations import check as check_with
from search.chat.markers import streamed, without_strangers
from search.chat.reading import Reading, read
from search.embedders.base import Embedder, open_embedder
from search.settings import Settings
from search.types import Hit

NOTES = (
    "The bank failed in 1931. Depositors had run to its counters for weeks. The state closed it in the end.",
    "Deposit insurance was introduced two years later. It made runs rare.",
)
HITS = tuple(
    Hit(i + 1, f"a-{i}", f"/{i}.txt", t, 0.8, 99.0, {"page": i}, 100, 100 + len(t)) for i, t in enumerate(NOTES)
)


@pytest.fixture(scope="module")
def embedder(cache: Path) -> Embedder:
    """The real model."""
    return open_embedder("local", Settings(data=cache, cache=cache))


def check(text: str, hits: Sequence[Hit], embedder: Embedder) -> Checked:
    """Check an answer against its hits."""
    with Reading(hits, embedder) as reading:
        return check_with(text, hits, embedder, reading)


def test_a_citation_is_the_span_that_says_it(embedder: Embedder) -> None:
    """With offsets into the source, its text verbatim, and the passage's metadata."""
    found = check("The bank was closed by the state. [1] Runs became rare with insurance. [2]", HITS, embedder)
    first, second = found.citations
    assert first.quote == "The state closed it in the end."
    assert NOTES[0][first.start - 100 : first.end - 100] == first.quote
    assert (second.n, second.source, second.metadata) == (2, "/1.txt", {"page": 1})
    assert all(statement.supported for statement in found.statements)


def test_markers_without_a_passage_are_removed(embedder: Embedder) -> None:
    """Only what was found can be cited."""
    found = check("It failed in 1931 [1][9]. So they say [0, 7].", HITS, embedder)
    assert found.text == "It failed in 1931 [1]. So they say."
    assert {citation.n for citation in found.citations} == {1}


CODE = """Use `xs[0]` and `xs[1]` for the first, xs[0], xs[10] or f(x)[7] for others. [1, 9]
```
ys[9] [8]
```
So [7] it ends. [2]"""


def test_code_is_left_alone(embedder: Embedder) -> None:
    """What stands in it is an index, and cites nothing; outside, what follows a name is none of a stranger's."""
    found = check(CODE, HITS, embedder)
    assert found.text == CODE.replace("[1, 9]", "[1]").replace(" [7] it", " it")
    assert [statement.cites for statement in found.statements if statement.cites] == [(1,), (2,)]


@given(st.text(alphabet="a1[],; \n`)", max_size=60), st.lists(st.integers(1, 9), max_size=20))
@example(CODE, [1] * 20)
@example("[1,\n2]\n[9]\n```\n[9]\n``` [9]", [1, 2, 3])
def test_a_stream_says_what_the_whole_says(text: str, sizes: list[int]) -> None:
    """However it is cut into pieces: no marker of a stranger is shown before it is known to be one."""
    pieces, at = [], 0
    for size in sizes:
        pieces.append(text[at : at + size])
        at += size
    assert "".join(streamed([*pieces, text[at:]], 2)) == without_strangers(text, 2)


def test_a_sentence_that_its_passage_does_not_say_is_marked(embedder: Embedder) -> None:
    """And so is one that cites nothing."""
    found = check("Whales sing in the deep sea. [1] Nothing is certain.", HITS, embedder)
    assert [statement.supported for statement in found.statements] == [False, False]
    assert [statement.support is None for statement in found.statements] == [False, True]


def test_a_number_that_differs_carries_a_caution(embedder: Embedder) -> None:
    """Near as the sentence is to what it cites."""
    found = check("The bank failed in 1932. [1]", HITS, embedder)
    assert [caution.kind for caution in found.statements[0].cautions] == ["number"]


def test_a_quotation_has_to_be_verbatim(embedder: Embedder) -> None:
    """Invented words in quotation marks are no support."""
    true = check('They say "the state closed it in the end". [1]', HITS, embedder)
    false = check('They say "the state closed it with great regret". [1]', HITS, embedder)
    assert true.statements[0].supported
    assert not false.statements[0].supported


@pytest.mark.parametrize("text", ["", " ", "[1]", "[9]", "...", "No marker at all"])
def test_answers_without_citations_have_none(embedder: Embedder, text: str) -> None:
    """Whatever else they are."""
    found: Checked = check(text, HITS, embedder)
    assert [c for c in found.citations if c.n != 1] == []


@given(st.text(st.sampled_from("ab. [](),;0123456789\n"), max_size=80))
def test_no_stranger_is_ever_left(text: str) -> None:
    """However markers are written."""
    cleaned = without_strangers(text, 2)
    assert without_strangers(cleaned, 2) == cleaned
    import re

    assert {int(n) for n in re.findall(r"\[(\d{1,3})\]", cleaned)} <= {1, 2}


def test_only_what_is_cited_is_waited_for(embedder: Embedder) -> None:
    """A model that answers at once need not wait for the sentences of all passages; its own are as read alone."""
    hits = HITS * 20
    with Reading(hits, embedder) as reading:
        first = reading[1]
    assert first.spans == read(HITS[0], embedder).spans
    np.testing.assert_allclose(first.vectors, read(HITS[0], embedder).vectors, atol=1e-6)
    with pytest.raises(CancelledError):
        _ = reading[len(hits)]
