"""What the commands beyond the query print: one JSON object, or lines for people."""

import json
from argparse import Namespace
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ingest.sample import SENTENCES, WORDS
from ingest.sync import ingest
from search.errors import CollectionNotFoundError, InvalidInputError
from search.retrieve.listed import Hub, HubList
from search.service import Service
from search.settings import Settings
from ui import word_tools

Run = Callable[[Service, Namespace], int]


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, cache: Path) -> Iterator[Service]:
    """A service over the lecture's words and sentences, a sentence of which is in two files."""
    folder = tmp_path_factory.mktemp("tools")
    (folder / "again.txt").write_text("The dog chased the man\n")
    with Service(Settings(data=folder / "data", cache=cache), "test") as service:
        ingest(service.store, service.embedder, "words", [WORDS], "words")
        ingest(service.store, service.embedder, "sentences", [SENTENCES, folder / "again.txt"], "sentences")
        service.store.create("empty", service.embedder.id, service.embedder.dimension)
        yield service


def _given(**values: Any) -> Namespace:
    return Namespace(**({"collection": "words", "k": 3, "json": True, "expect": None, "count": None} | values))


@pytest.fixture
def out(service: Service, capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """Run a command to its end, and return what it prints."""

    def run(command: Run, **values: Any) -> str:
        assert command(service, _given(**values)) == 0
        return capsys.readouterr().out

    return run


def test_an_analogy_as_json(out: Callable[..., str]) -> None:
    """Hits as a search has them, and the first one's rank with the inputs counted."""
    found = json.loads(out(word_tools.analogy, expression=["doctor", "-", "hospital", "+", "school"]))
    assert [hit["text"] for hit in found["hits"]][:1] == ["teacher"]
    assert (found["rank"], found["rank_with_inputs"], found["expected"]) == (1, 2, None)
    assert {"rank", "id", "source", "text", "similarity", "percentile", "metadata", "start", "end", "cautions"} <= set(
        found["hits"][0]
    )


def test_an_analogy_for_people(out: Callable[..., str]) -> None:
    """What was embedded, and where the expected answer stands."""
    text = out(word_tools.analogy, expression=["dean - hospital + school"], expect="student", json=False)
    assert "teacher is number 3 when the inputs are counted, too" in text
    assert "student is number 2, and number 4 with the inputs" in text
    assert "not in the collection, so embedded: dean" in text


def test_nearest_terms_are_a_hit_list(out: Callable[..., str]) -> None:
    """As of a search."""
    found = json.loads(out(word_tools.words, action="nearest", term="River"))
    assert (found["query"], found["mode"], found["hits"][0]["text"]) == ("River", "dense", "riverbank")
    assert "riverbank" in out(word_tools.words, action="nearest", term="River", json=False)


@pytest.mark.parametrize(
    ("terms", "said"),
    [("dog cat pet piano", "odd one out: piano"), ("dog river inflation piano", "no clear odd one: inflation")],
)
def test_the_odd_one_out(out: Callable[..., str], terms: str, said: str) -> None:
    """It is said where none is clear."""
    found = json.loads(out(word_tools.words, action="odd", terms=terms.split()))
    assert found["clear"] == said.startswith("odd")
    assert found["odd"] == said.rsplit(maxsplit=1)[-1]
    assert out(word_tools.words, action="odd", terms=terms.split(), json=False).startswith(said)


def test_clusters_of_a_list(out: Callable[..., str]) -> None:
    """With how their number came about."""
    found = json.loads(out(word_tools.words, action="clusters"))
    assert found["chosen"]
    assert sum(cluster["size"] for cluster in found["clusters"]) == found["terms"] == 49
    assert "the number with the highest silhouette" in out(word_tools.words, action="clusters", json=False)
    assert "49 terms in 4 clusters, as asked for" in out(word_tools.words, action="clusters", count=4, json=False)


def test_duplicates_come_with_cautions(out: Callable[..., str]) -> None:
    """Near pairs, and identical ones apart from them."""
    given = {"collection": "sentences", "limit": 0.95}
    found = json.loads(out(word_tools.duplicates, **given))
    assert found["identical"] == 1
    kinds = {tuple(c["kind"] for c in pair["cautions"]) for pair in found["pairs"]}
    assert ("role-swap",) in kinds
    text = out(word_tools.duplicates, **given, json=False)
    assert "role-swap" in text
    assert "1 pairs of identical passages" in text
    assert "again.txt" in text


def test_hubs_are_listed(out: Callable[..., str]) -> None:
    """With the number of lists that each stands in."""
    found = json.loads(out(word_tools.hubs))
    assert [hub["text"] for hub in found["hubs"]][:1] == ["school"]
    assert f"{found['hubs'][0]['lists']:>6}  school" in out(word_tools.hubs, json=False)


def test_estimated_hubs_are_called_estimates() -> None:
    """With how many lists were looked at, and without what these do not tell."""
    found = HubList("notes", "local:m", 100_000, 2_000, None, None, (Hub(1, "0-0", "a.txt", "tea", 350),))
    text = word_tools.hub_list(found)()
    assert "an estimate: 2,000 of 100,000 lists were looked at" in text
    assert "skewness" not in text
    assert "stand in none" not in text


@pytest.mark.parametrize("is_json", [True, False])
def test_an_empty_collection_has_nothing_to_show(out: Callable[..., str], is_json: bool) -> None:  # noqa: FBT001
    """And says so."""
    of = {"collection": "empty", "json": is_json}
    for text in (
        out(word_tools.analogy, expression=["a + b"], **of),
        out(word_tools.words, action="nearest", term="a", **of),
        out(word_tools.words, action="clusters", **of),
        out(word_tools.duplicates, limit=0.95, **of),
        out(word_tools.hubs, **of),
    ):
        assert json.loads(text) if is_json else text.strip()


@pytest.mark.parametrize("k", [0, 1_001])
def test_a_number_out_of_range_is_refused(service: Service, k: int) -> None:
    """By each command that has one."""
    for command, values in (
        (word_tools.analogy, {"expression": ["a + b"]}),
        (word_tools.words, {"action": "nearest", "term": "a"}),
        (word_tools.duplicates, {"limit": 0.95}),
        (word_tools.hubs, {}),
    ):
        with pytest.raises(InvalidInputError, match=r"1 to 1,000"):
            command(service, _given(k=k, **values))


def test_an_unknown_collection_is_refused(service: Service) -> None:
    """By each command that takes one."""
    for command, values in (
        (word_tools.analogy, {"expression": ["a + b"]}),
        (word_tools.words, {"action": "clusters"}),
        (word_tools.duplicates, {"limit": 0.95}),
        (word_tools.hubs, {}),
    ):
        with pytest.raises(CollectionNotFoundError):
            command(service, _given(collection="nothing", **values))


def test_no_text_steers_the_terminal(service: Service, out: Callable[..., str], tmp_path: Path) -> None:
    """A passage may have what names a window, or writes to the clipboard."""
    steering = "\x1b]0;HACKED\x07\x1b[2Jthe tides of the sea"
    (tmp_path / "a.txt").write_text(f"{steering}\n{steering}!\n")
    ingest(service.store, service.embedder, "steering", [tmp_path], "sentences")
    printed = out(word_tools.duplicates, collection="steering", json=False, limit=0.9, k=5)
    assert "the tides of the sea" in printed
    assert "\x1b]" not in printed
    assert "\x1b[2J" not in printed
