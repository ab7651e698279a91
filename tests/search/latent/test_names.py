"""Clusters that a chat model names."""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from ingest.sample import WORDS
from ingest.sync import ingest
from search.chat.titles import title
from search.errors import ChatError, EmbedderMismatchError, NotConfiguredError
from search.latent.fitted import Wish
from search.latent.keep import latest, save
from search.service import Service
from search.settings import Settings
from tests.openai_server import OpenAIServer, status


@pytest.fixture
def service(openai_settings: Settings) -> Iterator[Service]:
    """The lecture's words with a map, by the local model; a chat model is at hand."""
    with Service(replace(openai_settings, chat="openai:loopback"), "test") as service:
        ingest(service.store, service.embedder, "words", [WORDS], "words")
        service.draw_map("words", Wish(method="pca"))
        yield service


def _says(server: OpenAIServer, *lines: str) -> None:
    """Answer one question with each line, and those after them with the last."""
    left = list(lines)

    def says(_: dict[str, Any]) -> list[str]:
        return [left.pop(0) if len(left) > 1 else left[0]]

    server.says = says


def test_a_model_names_clusters(service: Service, openai_server: OpenAIServer) -> None:
    """It sees their words and most typical passages; a name that fits another cluster better is marked as such."""
    before = service.draw_map("words").clusters
    _says(openai_server, *(f"group number {i}" for i in range(len(before))))
    found = service.name_clusters("words").clusters
    assert [one.label for one in found] == [f"group number {i}" for i in range(len(before))]
    assert {one.named_by for one in found} == {"openai:loopback"}
    assert [(one.id, one.size, one.stability) for one in found] == [(o.id, o.size, o.stability) for o in before]
    asked = openai_server.requests[0].body["messages"][-1]["content"]
    assert before[0].label in asked
    assert asked.count("<passage>") == min(8, before[0].size)


def test_names_stay(service: Service, openai_server: OpenAIServer) -> None:
    """In the next process, and when the map is fitted again; nobody is asked for them twice."""
    count = len(service.draw_map("words").clusters)
    _says(openai_server, *(f"group number {i}" for i in range(count)))
    named = {one.id: one.label for one in service.name_clusters("words").clusters}
    service.close()
    asked = len(openai_server.requests)
    with Service(service.settings, "test") as again:
        assert {one.id: one.label for one in again.draw_map("words").clusters} == named
        refitted = again.draw_map("words", refit=True).clusters
    assert {one.id: (one.label, one.named_by) for one in refitted if one.carried} == {
        number: (label, "openai:loopback") for number, label in named.items()
    }
    assert len(openai_server.requests) == asked


def test_a_name_that_is_checked_fits_its_own_cluster(service: Service, openai_server: OpenAIServer) -> None:
    """A name that is said of another cluster is marked, in the place of believing the model."""
    before = service.draw_map("words").clusters
    assert len(before) > 1
    _says(openai_server, before[1].label, "something about nothing")
    found = service.name_clusters("words").clusters
    assert found[0].label == before[1].label
    assert not found[0].checked


def test_two_clusters_do_not_get_one_name(service: Service, openai_server: OpenAIServer) -> None:
    """The second keeps the words that it had."""
    before = service.draw_map("words").clusters
    _says(openai_server, "Things")
    labels = [one.label for one in service.name_clusters("words").clusters]
    assert labels == ["Things", *(one.label for one in before[1:])]


def test_a_model_that_fails_changes_nothing(service: Service, openai_server: OpenAIServer) -> None:
    """Neither does one that is not configured."""
    before = service.draw_map("words").clusters
    openai_server.script(*[status(401)] * 9)
    with pytest.raises(ChatError):
        service.name_clusters("words")
    with pytest.raises(NotConfiguredError, match="no chat model"):
        service.name_clusters("words", "extractive")
    assert service.draw_map("words").clusters == before


def test_a_label_that_is_carried_on_is_checked_again(service: Service) -> None:
    """By the centre that its cluster has now, whatever was found of the one before."""
    folder = service.store.collection("words").derived.maps
    kept = latest(folder)
    assert kept is not None
    wrong = tuple(replace(one, checked=not one.checked) for one in kept.facts.clusters)
    save(folder, replace(kept, facts=replace(kept.facts, clusters=wrong)))
    again = service.draw_map("words", refit=True).clusters
    assert all(one.carried for one in again)
    assert [one.checked for one in again] == [one.checked for one in kept.facts.clusters]


def test_a_map_is_drawn_where_another_embedder_is_configured(service: Service) -> None:
    """Its labels are the passages' own words, and called checked by no vectors of another space."""
    service.close()
    elsewhere = replace(service.settings, embedder="openai:text-embedding-3-small")
    with Service(elsewhere, "test") as other:
        drawn = other.draw_map("words", refit=True)
        assert drawn.version == 2
        assert drawn.clusters
        assert not any(one.checked for one in drawn.clusters)
        with pytest.raises(EmbedderMismatchError, match="pass --embedder local"):
            other.name_clusters("words")


class _Model:
    name = "test"

    def __init__(self, said: str) -> None:
        self._said = said

    def stream(self, _: object) -> Iterator[str]:
        """Yield what was to be said."""
        yield from re.split(r"(?<= )", self._said)


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("**Bank failures**", "Bank failures"),
        ("\n\n\u201cDeposit insurance\u201d.\nBecause they are about it.", "Deposit insurance"),
        ("Name: the state's money", "Name: the state's money"),
        ("", None),
        ("***", None),
        ("see https://example.org now", None),
        ("<img src=x onerror=alert(1)>", None),
        ("![x](y)", None),
        ("I cannot name this group since its passages have nothing in common", None),
        ("x" * 61, None),
        ("good\x1b[31m name", None),
    ],
)
def test_what_is_no_name_is_none(said: str, name: str | None) -> None:
    """A model may say anything; what goes on the map is one line of a few plain words."""
    assert title(_Model(said), "bank, money", ["a passage"]) == name
