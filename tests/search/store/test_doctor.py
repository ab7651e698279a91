"""The doctor says what is well, what is not, and what to do."""

import json
from argparse import Namespace
from pathlib import Path

import pytest

from search.service import Service
from search.store.doctor import Check, examine
from tests.search.store.conftest import SMALL, reopened
from ui import upkeep


def _problems(service: Service) -> dict[str, Check]:
    return {check.name: check for check in examine(service.store, SMALL) if not check.ok}


def test_a_sound_store_has_no_problem(service: Service, capsys: pytest.CaptureFixture[str]) -> None:
    """Every check is well, and the exit code is 0."""
    assert upkeep.doctor(service, Namespace(json=True)) == 0
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
    assert upkeep.doctor(service, Namespace(json=False)) == 1
    said = capsys.readouterr().out
    assert "PROBLEM   vectors: 1 of 'things'" in said
    assert "ingest again" in said


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
