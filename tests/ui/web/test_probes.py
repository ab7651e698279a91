"""The tab Probe without a browser: its routes on a real store."""

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from ingest.sample import NOTES
from ingest.sync import ingest
from search.errors import InvalidInputError
from search.latent.calibrate import Bin
from search.latent.probe import zero_shot
from search.latent.probes import save
from search.latent.quality import Step
from search.retrieve.options import Options
from search.retrieve.where import parse
from search.service import Service
from search.settings import Settings
from ui.serve import build_app
from ui.web import charts
from ui.web.probes import lines

EVIL = "<img src=x onerror=alert(1)>"


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, cache: Path) -> Iterator[Service]:
    """The bundled notes, in two folders."""
    with Service(Settings(data=tmp_path_factory.mktemp("data"), cache=cache), "test") as opened:
        ingest(opened.store, opened.embedder, "notes", [NOTES], "notes")
        yield opened


@pytest.fixture(scope="module")
def client(service: Service) -> Iterator[TestClient]:
    """A browser on this machine, as far as a server can tell."""

    async def build() -> FastAPI:
        return build_app(service)

    with TestClient(asyncio.run(build()), base_url="http://127.0.0.1:7860") as opened:
        yield opened


def _fit(client: TestClient, **wanted: str) -> dict[str, Any]:
    reply = client.post("/page/probes/notes", json=wanted)
    assert reply.status_code == 202, reply.text
    return _ended(client, reply.json()["job"])


def _ended(client: TestClient, job: dict[str, Any]) -> dict[str, Any]:
    while job["status"] in {"waiting", "running"}:
        time.sleep(0.05)
        job = client.get(f"/page/jobs/{job['id']}").json()
    return job


def test_a_probe_of_a_field_says_how_often_it_is_right(client: TestClient, service: Service) -> None:
    """Its measures, both diagrams with their numbers, and the passages that pull."""
    assert "folder (2 folders)" in client.get("/page/probes/notes/fields").text
    assert _fit(client, by="field", field="folder")["status"] == "done"
    worth = client.get("/page/probes/notes/folder").text
    assert worth.count("<svg") == 2
    assert "against 0.6" in worth
    assert "least expected" in worth
    assert ".md</span>" in worth
    assert 'data-probe="folder"' in client.get("/page/probes/notes").text
    assert len(service.search("money", "notes", 50, Options(where=parse("probe.folder = economics"))).hits) > 5


@pytest.mark.parametrize(
    ("wanted", "name"),
    [
        ({"by": "names", "names": "money, words"}, "probe"),
        ({"by": "names", "names": "money, words", "name": "kind"}, "kind"),
        ({"by": "field", "field": "folder"}, "folder"),
        ({"by": "field", "field": "no/name"}, "probe"),
    ],
)
def test_who_fits_a_probe_hears_its_name(client: TestClient, wanted: dict[str, str], name: str) -> None:
    """At once: one without a wish is called after its field, where that is a name."""
    fitting = client.post("/page/probes/notes", json=wanted).json()
    assert fitting["probe"] == name
    _ended(client, fitting["job"])


def test_it_gives_a_text_a_distribution(client: TestClient) -> None:
    """Probabilities that sum to 1, a set with its coverage, and what p is."""
    _fit(client, by="field", field="folder")
    said = client.post("/page/probes/notes/folder", json={"text": "inflation", "coverage": 0.9}).text
    assert said.index(">economics<") < said.index(">embeddings<")
    assert "90 of 100 such sets" in said
    assert "softmax(Wz / T)" in said
    assert client.post("/page/probes/notes/folder", json={"text": "x", "coverage": 0.5}).status_code == 422


def test_examples_and_names_are_text(client: TestClient) -> None:
    """Outcomes that look like markup are shown as they are."""
    examples = "\n".join(f"{kind}: text {i} of {kind}" for kind in (EVIL, "plain") for i in range(6))
    assert _fit(client, by="examples", examples=examples, name="evil")["status"] == "done"
    said = client.post("/page/probes/notes/evil", json={"text": "text"}).text
    worth = client.get("/page/probes/notes/evil").text
    assert "<img" not in said + worth
    assert "&lt;img" in said
    assert _fit(client, by="names", names=f"{EVIL}, other", name="names")["status"] == "done"
    assert "Nobody knows" in client.get("/page/probes/notes/names").text
    assert client.delete("/page/probes/notes/names").status_code == 200
    assert client.get("/page/probes/notes/names").status_code == 404


def test_too_few_examples_fail_in_a_line(client: TestClient) -> None:
    """With the outcome and how many it has."""
    job = _fit(client, by="examples", examples="a: one\na: two\nb: three")
    assert job["status"] == "failed"
    assert job["error"] == "each outcome needs 5 examples or more: 'a' has 2, 'b' has 1"


@pytest.mark.parametrize(
    "wanted",
    [
        {"by": "field"},
        {"by": "names", "names": "one"},
        {"by": "examples", "examples": ""},
        {"by": "field", "field": "folder", "name": "../x"},
    ],
    ids=["no field", "one name", "no examples", "a bad name"],
)
def test_what_lacks_something_is_refused(client: TestClient, wanted: dict[str, str]) -> None:
    """Before any work."""
    assert client.post("/page/probes/notes", json=wanted).status_code == 422


def test_lines_are_outcomes_with_texts() -> None:
    """The first colon parts them; empty lines do not count."""
    assert lines("a: b: c\n\n d : e ") == [("b: c", "a"), ("e", "d")]
    with pytest.raises(InvalidInputError, match="line 3"):
        lines("a: b\n\n: c")


def test_diagrams_say_what_they_show() -> None:
    """The place of each point follows from its numbers, which stand beside it."""
    bins = (Bin(0.4, 0.6, 10, 0.5, 0.4), Bin(0.8, 1.0, 40, 0.9, 1.0))
    picture = charts.reliability(bins)
    assert 'cx="144.0" cy="142.0"' in picture
    assert "50 % sure, 40 % right, 10 examples" in picture
    assert "<td>90 %</td><td>100 %</td><td>40</td>" in charts.reliability_table(bins)
    assert "5 examples 50 % right; 10 examples 75 % right" in charts.curve((Step(5, 0.5), Step(10, 0.75)))


def test_a_probe_of_another_embedder_is_marked(client: TestClient, service: Service) -> None:
    """It can be seen and deleted; no filter and no colour is offered by it."""
    collection = service.store.collection("notes")
    rows = np.eye(2, collection.dimension, dtype=np.float32)
    save(collection.derived.probes, zero_shot("old", "openai:before", ("a", "b"), rows))
    assert "2 outcomes from names; fitted with openai:before: fit it again" in client.get("/page/probes/notes").text
    assert "probe.old" not in client.get("/page/fields", params={"collection": "notes"}).json()
    assert "was fitted with openai:before" in client.get("/page/probes/notes/old").text
    assert client.delete("/page/probes/notes/old").status_code == 200
    assert "openai:before" not in client.get("/page/probes/notes").text
