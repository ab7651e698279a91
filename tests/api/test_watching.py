"""Whether the server is up, ready, and what it counts."""

import re
import time
from dataclasses import replace
from pathlib import Path

import httpx
from prometheus_client.parser import text_string_to_metric_families

from search.service import Service
from search.settings import Settings
from tests.api.conftest import Running


def _value(text: str, name: str, **labels: str) -> float:
    return sum(
        sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name == name and labels.items() <= sample.labels.items()
    )


def test_ready_comes_after_a_search(client: httpx.Client) -> None:
    """A moment after it is up."""
    for _ in range(600):
        if (reply := client.get("/ready")).status_code == 200:
            break
        assert reply.json()["error"]["kind"] == "not-ready"
        time.sleep(0.05)
    assert reply.json() == {"status": "ready"}


def test_a_server_without_its_model_is_up_and_not_ready(settings: Settings) -> None:
    """And says what is missing."""
    with (
        Service(replace(settings, embedder="openai", openai_base_url="http://127.0.0.1:9/v1"), "test") as service,
        Running(service) as url,
    ):
        reply = httpx.get(f"{url}/ready")
        assert (reply.status_code, reply.json()["error"]["kind"]) == (503, "not-ready")
        assert httpx.get(f"{url}/health").json()["status"] == "ok"


def test_requests_are_counted_by_their_route(client: httpx.Client) -> None:
    """By method, template and status, with how long they took; an address has no say in it."""
    # The warm-up's own searches are over then.
    while client.get("/ready").status_code != 200:
        time.sleep(0.05)
    before = client.get("/metrics").text
    for path in ("/api/collections/notes", "/api/collections/words", "/api/collections/none", "/nowhere?x=secret-text"):
        client.get(path)
    client.post("/api/search", json={"query": "secret-text", "collection": "notes"})
    reply = client.get("/metrics")
    assert reply.headers["content-type"].startswith("text/plain; version=0.0.4")
    after = reply.text

    def more(name: str, **labels: str) -> float:
        return _value(after, name, **labels) - _value(before, name, **labels)

    shown = {"route": "/api/collections/{name}", "method": "GET"}
    assert more("nearhood_requests_total", **shown, status="200") == 2
    assert more("nearhood_requests_total", **shown, status="404") == 1
    assert more("nearhood_request_seconds_count", **shown) == 3
    assert more("nearhood_requests_total", route="other") >= 1
    assert more("nearhood_embedded_texts_total") == 1
    assert more("nearhood_embedded_tokens_total") > 2
    assert "secret-text" not in after
    assert "nowhere" not in after


def test_jobs_are_counted(client: httpx.Client, tmp_path: Path) -> None:
    """By how far they are."""
    (tmp_path / "a.txt").write_text("Whales sing.\n")
    job = client.post("/api/ingest", json={"paths": [str(tmp_path)], "collection": "counted"}).json()["id"]
    while client.get(f"/api/jobs/{job}").json()["status"] in {"waiting", "running"}:
        time.sleep(0.02)
    text = client.get("/metrics").text
    assert _value(text, "nearhood_jobs", status="done") >= 1
    assert not re.search(job, text)
