"""Passages of one collection become a collection of their own."""

import pytest

from search.errors import InvalidInputError, PassageNotFoundError
from search.service import Service


def _ids(service: Service) -> list[str]:
    return [hit.id for hit in service.search("thing", "things", 1_000).hits]


def test_a_copy_has_texts_metadata_and_vectors(service: Service) -> None:
    """Nothing is embedded anew, and it can be searched at once."""
    ids = _ids(service)[:3]
    made = service.copy(ids, "some", "things")
    assert (made.name, made.passages, made.tokens) == ("some", 3, 0)
    for passage_id in ids:
        there, here = (service.store.collection(name).get(passage_id) for name in ("things", "some"))
        assert here.passage == there.passage
        assert here.vector.tobytes() == there.vector.tobytes()
    assert {hit.id for hit in service.search("thing", "some").hits} == set(ids)


@pytest.mark.parametrize("name", ["things", "a", "../up", "<b>bold</b>"])
def test_a_bad_name_is_refused(service: Service, name: str) -> None:
    """So is that of a collection that there is."""
    with pytest.raises(InvalidInputError):
        service.copy(_ids(service)[:2], name, "things")


def test_all_or_nothing_is_copied(service: Service) -> None:
    """A passage that is gone leaves no collection behind."""
    with pytest.raises(PassageNotFoundError):
        service.copy([_ids(service)[0], "gone-1"], "some", "things")
    with pytest.raises(InvalidInputError):
        service.copy([], "some", "things")
    assert "some" not in service.store.names()
