"""The tab Library without a browser: its routes on a real store."""

import asyncio
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, NoReturn

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from ingest.estimate import estimate
from ingest.sample import NOTES, WORDS
from ingest.sync import Wish, ingest
from search.service import Service
from search.settings import Settings
from search.store.ledger import Ledger
from tests.prepared import Prepared, Taken
from ui.serve import build_app
from ui.web import receipt
from ui.web.examples import examples

EVIL = "<img src=x onerror=alert(1)>.md"


@pytest.fixture
def service(settings: Settings, prepared: Prepared) -> Iterator[Service]:
    """A list of words."""
    prepared(settings, Taken("sample-words", WORDS, "words"))
    with Service(settings, "test") as opened:
        yield opened


@pytest.fixture
def client(service: Service) -> Iterator[TestClient]:
    """A browser on this machine, as far as a server can tell."""

    async def build() -> FastAPI:
        return build_app(service)

    address = ("127.0.0.1", 50_000)
    with TestClient(asyncio.run(build()), base_url="http://127.0.0.1:7860", client=address) as opened:
        yield opened


def _ended(client: TestClient, job: dict[str, Any]) -> dict[str, Any]:
    for _ in range(600):
        job = client.get(f"/page/jobs/{job['id']}").json()
        if job["status"] not in {"waiting", "running"}:
            return job
        time.sleep(0.05)
    raise AssertionError(job)


def _bring(client: TestClient, files: dict[str, bytes]) -> str:
    batch = str(client.post("/page/intake/files").json()["batch"])
    for name, content in files.items():
        reply = client.put(f"/page/intake/files/{batch}", params={"name": name, "start": 0}, content=content)
        assert reply.status_code == 200, reply.text
    return batch


def _looked_at(client: TestClient, **wish: object) -> str:
    reply = client.post("/page/intake", json={"collection": "drinks", **wish})
    assert reply.status_code == 202, reply.text
    return str(_ended(client, reply.json())["id"])


def test_a_receipt_comes_before_anything_is_taken_in(client: TestClient, service: Service) -> None:
    """What it would cost is shown first; agreed to, the files are found and stay under the data folder."""
    batch = _bring(client, {"tea.md": b"Tea is best when it is hot.", "bad.pdf": b"x"})
    plan = _looked_at(client, batch=batch)
    shown = client.get(f"/page/intake/{plan}").text
    assert "<dt>Files</dt><dd>1 new</dd>" in shown
    assert "is no whole PDF" in shown
    assert service.store.names() == ["sample-words"]
    assert _ended(client, client.post(f"/page/intake/{plan}").json())["status"] == "done"
    report = client.get(f"/page/intake/{plan}").text
    assert "<dd>1 added</dd>" in report
    assert "is no whole PDF" in report
    assert Path(service.search("hot drink", "drinks", 1).hits[0].source).name == "tea.md"
    assert client.post(f"/page/intake/{plan}").status_code == 422


def test_only_what_is_on_this_machine_is_said_to_be(service: Service, tmp_path: Path) -> None:
    """What a service asks is known of few."""
    (tmp_path / "tea.md").write_text("Tea is best when it is hot.")
    found = estimate(service.store, service.embedder, "drinks", Wish([tmp_path]))
    assert "free, on this machine" in receipt.receipt(found, "drinks")
    there = receipt.receipt(replace(found, embedder="openai:own-model"), "drinks")
    assert "<dd>not known: no price of own-model is listed</dd>" in there
    assert "free" not in there
    assert "Nothing is embedded or joins it yet." in there
    priced = replace(found, embedder="openai:own-model", prices_usd={"own-model": 0.5}, cost_usd=0.5)
    assert "<dt>Price</dt><dd>$0.50</dd>" in receipt.receipt(priced, "drinks")
    assert receipt.spent(0, "openai:own-model@8") == "no price known"
    assert receipt.spent(0, service.embedder.id) == "free"


def test_examples_need_no_vectors(settings: Settings, service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    """A collection that does not fit into memory would be read as a whole for six short texts."""
    shown = examples(service, "sample-words")
    service.close()

    def nothing(*_: object) -> NoReturn:
        raise AssertionError("all vectors are read")

    with Service(replace(settings, exact_bytes=0), "test") as opened:
        monkeypatch.setattr(Ledger, "blocks", nothing)
        assert examples(opened, "sample-words") == shown != []


def test_a_folder_of_this_machine_is_taken_in(client: TestClient, service: Service) -> None:
    """By its path, where it is."""
    plan = _looked_at(client, path=str(NOTES))
    _ended(client, client.post(f"/page/intake/{plan}").json())
    assert service.show("drinks").sources == 14
    assert not (service.store.folder / "files" / "drinks").exists()


def test_what_is_cancelled_is_let_go(client: TestClient, service: Service) -> None:
    """Nothing of it stays, on the disk or in the store."""
    plan = _looked_at(client, batch=_bring(client, {"tea.md": b"Tea is hot."}))
    assert client.delete(f"/page/intake/{plan}").status_code == 202
    assert list(service.store.folder.rglob("*.md")) == []
    assert service.store.names() == ["sample-words"]


@pytest.mark.parametrize(
    "wish",
    [{}, {"path": "/there/is/none"}, {"collection": "no good", "batch": "x"}, {"batch": "unknown"}],
    ids=["nothing", "no such folder", "a bad name", "files that nobody brought"],
)
def test_what_cannot_be_is_said_in_a_line(client: TestClient, wish: dict[str, Any]) -> None:
    """Refused at once, or as the dry run's end."""
    reply = client.post("/page/intake", json={"collection": "drinks", **wish})
    if reply.status_code == 202:
        job = _ended(client, reply.json())
        assert job["status"] == "failed"
        assert "could not be taken in" in client.get(f"/page/intake/{job['id']}").text
    else:
        assert reply.json()["error"]["message"].count("\n") == 0


def test_only_this_machine_names_folders(service: Service) -> None:
    """From elsewhere, files can be brought, but those of the server are not for the asking."""

    async def build() -> FastAPI:
        return build_app(service)

    with TestClient(asyncio.run(build()), base_url="http://127.0.0.1:7860", client=("192.0.2.7", 50_000)) as far:
        reply = far.post("/page/intake", json={"collection": "drinks", "path": "/etc"})
    assert reply.status_code == 422


def test_a_collection_is_shown_with_its_sources(client: TestClient, service: Service) -> None:
    """What it holds and cost, and each source; names are text."""
    plan = _looked_at(client, batch=_bring(client, {EVIL: b"Milk is white."}))
    _ended(client, client.post(f"/page/intake/{plan}").json())
    assert 'aria-current="true"' in client.get("/page/library", params={"chosen": "drinks"}).text
    detail = client.get("/page/library/drinks").text
    assert "&lt;img src=x" in detail
    assert "<img" not in detail
    assert client.get("/page/library/none").status_code == 404


def test_a_source_from_elsewhere_keeps_its_whole_name(client: TestClient, service: Service, tmp_path: Path) -> None:
    """It is found by that, and not by the way up from the others."""
    far = tmp_path / "far" / "picture.md"
    near = tmp_path / "notes" / "milk.md"
    for file, content in ((far, b"\x00\x89PNG"), (near, b"Milk is white.")):
        file.parent.mkdir()
        file.write_bytes(content)
    ingest(service.store, service.embedder, "drinks", [near, far])
    detail = client.get("/page/library/drinks").text
    assert f">{far}<" in detail
    assert ">milk.md<" in detail


def test_a_report_card_is_made_and_kept(client: TestClient, service: Service) -> None:
    """It is made once, and shown at once from then on, for as long as its collection is there."""
    ingest(service.store, service.embedder, "notes", [NOTES], "notes")
    assert client.get("/page/library/notes/card").status_code == 404
    assert _ended(client, client.post("/page/library/notes/card").json())["status"] == "done"
    card = client.get("/page/library/notes/card").text
    assert card.count("<tr>") == 4
    assert "95 % intervals" in card
    file = service.store.collection("notes").derived.card
    service.drop("notes")
    assert not file.exists()


def test_a_collection_goes_after_a_question(client: TestClient, service: Service) -> None:
    """The question names what goes; then it is gone."""
    asked = client.get("/page/library/sample-words/drop").text
    assert "49 passages and 1 source go for good" in asked
    assert client.delete("/page/library/sample-words").status_code == 200
    assert service.store.names() == []


def test_near_duplicates_export_and_reindex(client: TestClient, service: Service) -> None:
    """Each does what the command of its name does."""
    assert "Near-duplicates" in client.get("/page/library/sample-words/duplicates").text
    lines = client.get("/page/library/sample-words/export").text.splitlines()
    assert len(lines) == 49
    assert list(service.store.folder.glob(".export-*")) == []
    assert _ended(client, client.post("/page/library/sample-words/reindex").json())["status"] == "done"
