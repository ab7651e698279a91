"""A purged source is gone from every file, and nothing else is."""

import time
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from ingest.report import Progress
from ingest.sync import ingest
from search.errors import CollectionNotFoundError, SourceNotFoundError
from search.latent.probes import Examples
from search.retrieve.fuse import Mode
from search.retrieve.options import Options
from search.service import Service
from search.store.conversations import GONE
from search.store.purge import purge
from search.store.sources import SWEEP
from search.types import Answer, Citation
from tests.openai_server import vector_of
from tests.search.store.conftest import SMALL, grep, reopened

WORDS = ("secret", "otter", "heron")


def test_nothing_of_a_purged_source_is_left_in_any_file(service: Service, texts: Path) -> None:
    """Neither its words nor its vectors stand in the ledger, its log, or Chroma's files."""
    vector = vector_of("the secret otter", 16).tobytes()
    data = service.store.folder
    assert grep(data, WORDS)
    purge(service.store, str(texts / "one.txt"))
    assert grep(data, WORDS) == []
    service.close()
    assert grep(data, [*WORDS, "one.txt"]) == []
    assert not any(vector in path.read_bytes() for path in data.rglob("*") if path.is_file())


def test_what_others_use_stays(service: Service, texts: Path) -> None:
    """Other sources keep their passages, and vectors that they share with the purged one."""
    purged = purge(service.store, str(texts / "one.txt"))
    assert (purged.passages, purged.vectors) == (3, 2)
    hits = service.search("in both of them", k=5).hits
    assert hits[0].text == "in both of them"
    assert len(hits) == 2


def test_text_that_was_replaced_before_is_gone_too(service: Service, texts: Path) -> None:
    """An earlier version of a source is not kept in free pages, nor as an orphan vector."""
    data = service.store.folder
    (texts / "one.txt").write_text("something else\n")
    ingest(service.store, service.embedder, "things", [texts], "words")
    purge(service.store, str(texts / "one.txt"))
    assert service.store.sources.count_orphans() == 0
    assert grep(data, WORDS) == []


def test_words_that_went_from_another_collection_before_are_gone_too(
    service: Service, texts: Path, tmp_path: Path
) -> None:
    """An index of words is written again only when more of it has changed."""
    (tmp_path / "many.txt").write_text("\n".join(f"line {i} about barley" for i in range(60)))
    (tmp_path / "same.txt").write_text("the secret otter\n")
    ingest(service.store, service.embedder, "others", [tmp_path / "many.txt", tmp_path / "same.txt"], "words")
    service.search("otter", "others", options=Options(Mode.LEXICAL))
    service.store.remove_source(service.store.collection("others"), str(tmp_path / "same.txt"))
    service.search("barley", "others", options=Options(Mode.LEXICAL))
    assert grep(service.store.folder / "lexical", WORDS)
    purge(service.store, str(texts / "one.txt"))
    assert grep(service.store.folder, WORDS) == []


def test_an_interrupted_purge_is_finished_by_the_next_process(service: Service, texts: Path) -> None:
    """Killed after its commit, a purge leaves a note, and whoever opens the folder next sweeps."""
    store = service.store
    row = store.collection("things").row
    store.sources.purge_source([row.number], str(texts / "one.txt"))
    with reopened(service) as later:
        assert later.store.ledger.fact(SWEEP) is None
        assert grep(later.store.folder, WORDS) == []


@pytest.mark.parametrize(
    "making", ["search.retrieve.lexical.post", "search.latent.maps.fit", "search.latent.probes.zero_shot"]
)
def test_what_is_made_during_a_purge_is_not_written(
    service: Service, texts: Path, monkeypatch: pytest.MonkeyPatch, making: str
) -> None:
    """Who read the passages before, and writes what is made of them after, would bring them back."""
    module, _, name = making.rpartition(".")
    make = getattr(import_module(module), name)

    def slow(*given: Any) -> Any:
        made = make(*given)
        purge(service.store, str(texts / "one.txt"))
        monkeypatch.undo()
        return made

    monkeypatch.setattr(making, slow)
    if "lexical" in making:
        service.search("otter", "things", options=Options(Mode.LEXICAL))
    elif "maps" in making:
        service.draw_map("things")
    else:
        service.fit_probe(Examples(names=["otter", "heron"]), "animals", "things")
    made = [path for kind in ("lexical", "maps", "probes") for path in (service.store.folder / kind).rglob("*.*")]
    assert made == []
    assert grep(service.store.folder, WORDS) == []


def test_a_source_that_is_not_there_is_said(service: Service) -> None:
    """The message repeats the name."""
    with pytest.raises(SourceNotFoundError, match="nowhere"):
        purge(service.store, "nowhere.txt")


def test_vectors_that_are_purged_while_they_are_counted_on_are_made_again(
    service: Service, texts: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An ingest that found a text embedded, and then no more, lacks none of its passages."""
    store = service.store
    (texts / "three.txt").write_text("the secret otter\na field of barley\n")
    looked_up = store.missing

    def missing(keys: Any) -> set[bytes]:
        found = looked_up(keys)
        monkeypatch.setattr(store, "missing", looked_up)
        purge(store, str(texts / "one.txt"))
        return found

    monkeypatch.setattr(store, "missing", missing)
    report = ingest(store, service.embedder, "things", [texts / "three.txt"], "words")
    assert (report.passages, report.embedded) == (2, 1)
    found = service.search("the secret otter", k=5).hits
    assert (found[0].text, round(found[0].similarity, 5)) == ("the secret otter", 1)
    assert ingest(store, service.embedder, "things", [texts / "three.txt"], "words").unchanged == 1


def test_another_collection_s_vectors_are_read_anew_after_a_purge(
    service: Service, texts: Path, tmp_path: Path
) -> None:
    """Numbers of what no passage used any more are given out again, and so are those of passages."""
    for name in ("early", "late"):
        (tmp_path / f"{name}.txt").write_text(f"{name} barley\n")
        ingest(service.store, service.embedder, "others", [tmp_path / f"{name}.txt"], "words")
    for mode in (Mode.DENSE, Mode.LEXICAL):
        service.search("late", "others", options=Options(mode))
    service.store.remove_source(service.store.collection("others"), str(tmp_path / "late.txt"))
    purge(service.store, str(texts / "one.txt"))
    (tmp_path / "new.txt").write_text("a wholly new thing\n")
    ingest(service.store, service.embedder, "others", [tmp_path / "new.txt"], "words")
    for mode in (Mode.DENSE, Mode.LEXICAL):
        hit = service.search("a wholly new thing", "others", options=Options(mode)).hits[0]
        assert (hit.text, round(hit.similarity, 5)) == ("a wholly new thing", 1)
    assert service.search("late", "others", options=Options(Mode.LEXICAL)).hits == ()


def test_what_is_purged_from_one_collection_stays_in_another(service: Service, texts: Path) -> None:
    """Also what was said of it there; and what is said of it there later is kept."""
    store = service.store
    source = str(texts / "one.txt")
    ingest(store, service.embedder, "others", [texts], "words")
    cited = Citation(1, "x", source, 0, 5, "the heron", 0.9)
    said = Answer("What?", ("What?",), "A heron. [1]", refused=False, citations=(cited,), model="extractive")
    ours, others = (
        store.conversations.begin(store.collection(name).row.number, "What?") for name in ("things", "others")
    )
    for number in (ours, others):
        store.conversations.add(number, said)
    purge(store, source, "things")
    for number in (ours, others):
        store.conversations.add(number, said)
    assert [turn.answer["answer"] for turn in store.conversations.turns(ours)] == [GONE, GONE]
    assert [turn.answer["answer"] for turn in store.conversations.turns(others)] == ["A heron. [1]"] * 2


def test_a_source_that_is_purged_while_it_is_taken_in_is_gone(service: Service, texts: Path) -> None:
    """The rest of the run goes on."""
    store = service.store
    (texts / "long.txt").write_text("\n".join(f"line {i} of a secret" for i in range(300)))
    (texts / "zoo.txt").write_text("a zebra\n")

    def heard(progress: Progress) -> None:
        if progress.passages == 128:
            # Written behind the embedding.
            while str(texts / "long.txt") not in store.digests(store.collection("things")):
                time.sleep(0.01)
            purge(store, str(texts / "long.txt"))

    ingest(store, service.embedder, "things", [texts], "words", heard)
    store.update_index()
    assert grep(store.folder, ["of a secret"]) == []
    assert service.search("a zebra", k=1).hits[0].text == "a zebra"


def test_a_collection_that_is_dropped_while_it_is_filled_is_said(service: Service, texts: Path) -> None:
    """It does not come back, and nothing goes into another one."""
    (texts / "long.txt").write_text("\n".join(f"line {i}" for i in range(1_200)))

    def heard(progress: Progress) -> None:
        if progress.passages == 128:
            service.drop("things")
            service.store.create("another", SMALL, 16)

    with pytest.raises(CollectionNotFoundError):
        ingest(service.store, service.embedder, "things", [texts], "words", heard)
    assert [(info.name, info.passages) for info in service.collections()] == [("another", 0)]
