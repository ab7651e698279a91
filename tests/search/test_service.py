"""The verbs, on the bundled sample with the real model."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from ingest.sample import NOTES, WORDS
from ingest.sync import ingest
from search.errors import (
    CollectionNotFoundError,
    InvalidInputError,
    PassageNotFoundError,
    StoreBusyError,
    StoreClosedError,
)
from search.service import Service
from search.settings import Settings
from tests.prepared import Prepared, Taken


@pytest.fixture
def service(settings: Settings, prepared: Prepared) -> Iterator[Service]:
    """A service whose store holds the sample's words and notes."""
    prepared(settings, Taken("sample-words", WORDS, "words"), Taken("sample-notes", NOTES))
    with Service(settings, "test") as service:
        yield service


def test_search_ranks_words_by_meaning(service: Service) -> None:
    """The nearest to 'physician' is 'doctor', whose letters it does not share."""
    found = service.search("physician", "sample-words", k=3)
    assert [hit.rank for hit in found.hits] == [1, 2, 3]
    assert found.hits[0].text == "doctor"
    assert found.exact
    assert found.hits[0].similarity > found.hits[1].similarity


def test_search_finds_notes_by_meaning(service: Service) -> None:
    """A question in other words than the note's finds the note, and the passage is a slice of it."""
    hit = service.search("why do savers all rush to withdraw at once?", "sample-notes").hits[0]
    assert Path(hit.source).name == "bank-runs-and-deposit-insurance.md"
    assert Path(hit.source).read_text()[hit.start : hit.end] == hit.text
    assert hit.percentile is not None
    assert hit.percentile > 95


def test_similar_leaves_the_passage_itself_out(service: Service) -> None:
    """A stored passage's neighbours are others."""
    river = service.search("river", "sample-words", k=1).hits[0]
    found = service.similar(river.id, "sample-words", k=48)
    assert river.id not in {hit.id for hit in found.hits}
    assert found.hits[0].text == "riverbank"
    assert len(found.hits) == 48


def test_a_passage_is_read_with_what_stands_around_it(service: Service) -> None:
    """As far as its source goes on either side, in order, and no other source's."""
    first = service.search("inflation", "sample-notes", 50).hits
    start = next(p for p in (service.get(hit.id, "sample-notes") for hit in first) if p.position == 0)
    found = service.excerpt(start.id, "sample-notes", 2)
    assert (found.passage, found.before) == (start, ())
    assert [(p.position, p.source) for p in found.after] == [(1, start.source), (2, start.source)]
    with pytest.raises(InvalidInputError):
        service.excerpt(start.id, "sample-notes", 11)


def test_compare_warns_of_exchanged_roles(service: Service) -> None:
    """The lecture's point: the opposite meaning scores high, and here that is said."""
    found = service.compare(["The dog chased the man", "The man chased the dog"])
    assert found.similarity[0][1] == pytest.approx(0.977, abs=1e-3)
    assert [(c.a, c.b, c.kind) for c in found.cautions] == [(0, 1, "role-swap")]


@pytest.mark.parametrize("k", [0, -1, 1_001, 10_000])
def test_k_out_of_range_is_refused(service: Service, k: int) -> None:
    """From 1 to 1,000."""
    with pytest.raises(InvalidInputError, match=r"from 1 to 1,000"):
        service.search("x", "sample-words", k=k)


@pytest.mark.parametrize("query", ["", "  ", "\n\t"])
def test_an_empty_query_is_refused(service: Service, query: str) -> None:
    """There is nothing to look for."""
    with pytest.raises(InvalidInputError, match="no text"):
        service.search(query, "sample-words")


def test_names_that_are_not_there_are_refused(service: Service) -> None:
    """A collection, a passage."""
    with pytest.raises(CollectionNotFoundError, match="sample-notes, sample-words"):
        service.search("x", "nothing")
    with pytest.raises(PassageNotFoundError):
        service.similar("nothing", "sample-words")


def test_the_only_collection_is_the_default(settings: Settings) -> None:
    """With one collection nobody has to name it."""
    with Service(settings, "test") as service:
        ingest(service.store, service.embedder, "sample-words", [WORDS], "words")
        assert service.search("river", k=1).hits[0].text == "river"


def test_the_matrix_s_limit_changes_no_result(service: Service, settings: Settings) -> None:
    """Above the limit rows are streamed from the ledger, as exactly."""
    expected = service.search("money", "sample-notes").hits
    service.close()
    with Service(replace(settings, exact_bytes=0), "test") as small:
        found = small.search("money", "sample-notes").hits
    assert [h.id for h in found] == [h.id for h in expected]
    assert [h.similarity for h in found] == pytest.approx([h.similarity for h in expected], abs=1e-6)


def test_a_service_that_was_closed_does_not_open_the_folder_again(service: Service) -> None:
    """A thread that is still at work, such as a job that waited, would keep it from its next owner."""
    service.collections()
    service.close()
    with pytest.raises(StoreClosedError):
        service.collections()
    with Service(service.settings, "next") as following:
        assert following.collections()


def test_only_verbs_that_need_the_folder_take_it(service: Service, settings: Settings) -> None:
    """Comparing and tokenising work while another has the store open."""
    service.collections()
    other = Service(settings, "other")
    assert other.compare(["a cat", "a dog"]).similarity[0][1] > 0
    with pytest.raises(StoreBusyError):
        other.collections()
