"""The doctor says what is well, what is not, and what to do."""

import json
from argparse import Namespace
from pathlib import Path

import pytest

from search.service import Service
from search.store.doctor import Check, examine
from tests.openai_server import OpenAIServer, status
from tests.search.store.conftest import SMALL, reopened
from ui import upkeep


def _problems(service: Service) -> dict[str, Check]:
    return {check.name: check for check in examine(service.store, SMALL) if not check.ok}


def test_a_sound_store_has_no_problem(service: Service, capsys: pytest.CaptureFixture[str]) -> None:
    """Every check is well, and the exit code is 0."""
    assert upkeep.doctor(service, Namespace(embed=False, json=True)) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["ok"]
    names = [check["name"] for check in said["checks"]]
    assert names == ["lock", "ledger", "vectors", "sources", "orphan vectors", "purge", "index", "disk"]


def test_the_local_models_files_are_looked_at(service: Service) -> None:
    """With the local embedder, its files are compared with the official ones."""
    last = list(examine(service.store, "local"))[-1]
    assert (last.name, last.ok) == ("model", True)


def test_a_wrong_vector_is_a_problem(service: Service, capsys: pytest.CaptureFixture[str]) -> None:
    """One that is not of length 1 is counted, with what to do."""
    with service.store.ledger.transaction() as db:
        db.execute("UPDATE vectors SET vector = ? WHERE number = 1", (b"\0" * 64,))
    assert upkeep.doctor(service, Namespace(embed=False, json=False)) == 1
    said = capsys.readouterr().out
    assert "PROBLEM   vectors: 1 of 'things'" in said
    assert "reindex things --fresh" in said
    assert upkeep.reindex(service, Namespace(collection="things", fresh=True, json=True)) == 0
    assert upkeep.doctor(service, Namespace(embed=False, json=True)) == 0


def test_a_model_that_changed_under_its_name_is_a_problem(service: Service, openai_server: OpenAIServer) -> None:
    """What it gives for some passages is compared with what is kept; embedding them all again mends it."""

    def told() -> Check:
        return {check.name: check for check in service.checks(embed=True)}["embedder"]

    assert told().ok
    assert "5 passages" in told().found
    openai_server.edition = 1
    assert not told().ok
    assert "'things'" in told().found
    assert told().advice == "run nearhood collections reindex things --fresh"
    assert service.reindex("things").embedded == 0
    assert not told().ok
    assert service.reindex("things", fresh=True).embedded == 4
    assert told().ok
    assert service.search("the secret otter", k=1).hits[0].similarity == pytest.approx(1, abs=1e-6)
    assert not service.store.check_index()


def test_an_embedder_that_does_not_answer_is_a_problem(service: Service, openai_server: OpenAIServer) -> None:
    """And nothing else is."""
    openai_server.script(status(401))
    found = {check.name: check for check in service.checks(embed=True) if not check.ok}
    assert list(found) == ["embedder"]


def test_an_unfinished_source_is_a_problem(service: Service, texts: Path) -> None:
    """It is named, with the command that takes it in."""
    store = service.store
    store.begin_source(store.collection("things"), str(texts / "one.txt"))
    assert "nearhood ingest" in _problems(service)["sources"].advice


def test_a_damaged_ledger_is_a_problem(service: Service) -> None:
    """Pages that are not what they should be are found, and the other checks still run."""
    store = service.store
    store.ledger.sweep()
    with store.ledger.path.open("r+b") as file:
        file.seek(4096 * 2)
        file.write(b"\xff" * 4096 * 8)
    with reopened(service) as again:
        assert "ledger" in _problems(again)
