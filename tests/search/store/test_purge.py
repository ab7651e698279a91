"""A purged source is gone from every file, and nothing else is."""

from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from ingest.sync import ingest
from search.errors import SourceNotFoundError
from search.latent.probes import Examples
from search.retrieve.fuse import Mode
from search.retrieve.options import Options
from search.service import Service
from search.store.purge import purge
from search.store.sources import SWEEP
from tests.openai_server import vector_of
from tests.search.store.conftest import grep, reopened

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
