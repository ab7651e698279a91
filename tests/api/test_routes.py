"""Routes for words, maps, probes and upkeep: what takes long is told as it goes on."""

import io
import json
import tempfile
import time
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest

from search.service import Service


def _ok(reply: httpx.Response, code: int = 200) -> Any:
    assert reply.status_code == code, reply.text
    return reply.json()


def _events(reply: httpx.Response) -> list[tuple[str, Any]]:
    assert reply.headers["content-type"].startswith("text/event-stream")
    blocks = [block.split("\n") for block in reply.text.strip().split("\n\n") if not block.startswith(":")]
    return [(head.removeprefix("event: "), json.loads(data.removeprefix("data: "))) for head, data in blocks]


def test_a_map_is_told_as_it_is_drawn(client: httpx.Client) -> None:
    """The last event is the map, as it is without a stream; what cannot be drawn is an event with its status."""
    asked = {"collection": "words", "method": "pca", "seed": 3}
    events = _events(client.post("/api/map", json={**asked, "stream": True}))
    assert {kind for kind, _ in events[:-1]} == {"progress"}
    kind, drawn = events[-1]
    assert (kind, drawn["method"], len(drawn["points"])) == ("result", "pca", 49)
    again = _ok(client.post("/api/map", json={"collection": "words"}))
    assert again["points"] == drawn["points"]
    assert _ok(client.get("/api/map/wish", params={"collection": "words"}))["wish"]["seed"] == 3
    kind, error = _events(client.post("/api/map", json={"collection": "nowhere", "refit": True, "stream": True}))[-1]
    assert (kind, error["error"]["kind"], error["status"]) == ("error", "collection-not-found", 404)


def test_the_rows_of_a_map(client: httpx.Client) -> None:
    """As NumPy reads them: neighbours and unit rows, one for each point."""
    assert _ok(client.post("/api/map", json={"collection": "words"}))["points"]
    packed = client.get("/api/map/rows", params={"collection": "words"}).content
    with np.load(io.BytesIO(packed), allow_pickle=False) as rows:
        assert rows["near"].shape[0] == rows["vectors"].shape[0] == 49
        assert np.linalg.norm(rows["vectors"], axis=1) == pytest.approx(np.ones(49), abs=1e-4)


def test_a_probe_over_http(client: httpx.Client) -> None:
    """Fitted, listed, asked and dropped; its weights stay on the server."""
    fitted = _ok(client.post("/api/probes", json={"collection": "words", "names": ["animal", "money"]}), 201)
    assert fitted["outcomes"] == ["animal", "money"]
    assert "weights" not in fitted
    (told,) = _ok(client.post("/api/probes/predict", json={"collection": "words", "texts": ["a dog"]}))
    assert next(iter(told["probabilities"])) == "animal"
    assert _ok(client.delete(f"/api/probes/{fitted['name']}", params={"collection": "words"}))
    assert client.delete(f"/api/probes/{fitted['name']}", params={"collection": "words"}).status_code == 404


def test_words_over_http(client: httpx.Client) -> None:
    """What is out of range is refused before anything is done."""
    sums = {"expression": ["king", "-", "man", "+", "woman"], "collection": "words", "k": 2}
    assert len(_ok(client.post("/api/words/analogy", json=sums))["hits"]) == 2
    assert client.post("/api/words/odd", json={"terms": ["a", "b"]}).status_code == 422
    assert client.post("/api/duplicates", json={"collection": "words", "limit": 0.1}).status_code == 422
    assert client.post("/api/hubs", json={"collection": "nowhere"}).status_code == 404


def test_a_file_is_sent_whole_and_not_kept(client: httpx.Client) -> None:
    """Neither an export nor a backup is left behind on the server."""
    lines = client.get("/api/collections/words/export").text.splitlines()
    assert len(lines) == 49
    assert client.get("/api/backup").content.startswith(b"SQLite format 3")
    assert client.get("/api/collections/nowhere/export").status_code == 404
    assert client.get("/api/collections/words/export", params={"suffix": ".exe"}).status_code == 422
    while set(Path(tempfile.gettempdir()).glob("nearhood-send-*")):
        time.sleep(0.05)


@pytest.mark.parametrize("path", ["nowhere", "x" * 600, "\0", "/dev/null/x"])
def test_a_path_that_cannot_be_is_refused(client: httpx.Client, path: str) -> None:
    """Whatever stands there."""
    for where, asked in (("/api/eval", path), ("/api/collections/new/import", f"{path}.jsonl")):
        assert client.post(where, json={"path": asked}).status_code == 422


def test_a_turn_is_answered_again_in_its_place(client: httpx.Client, service: Service) -> None:
    """By how many turns before it stay."""
    asked = {"question": "What is inflation?", "collection": "notes"}
    number = _ok(client.post("/api/conversations", json=asked), 201)["number"]
    for after in (None, 0):
        _ok(client.post("/api/ask", json={**asked, "conversation": number, "after": after}))
    told = _ok(client.get(f"/api/conversations/{number}"))
    assert (told["conversation"]["turns"], len(told["turns"])) == (1, 1)
    service.delete_conversation(number)


def test_all_of_it_is_described(client: httpx.Client) -> None:
    """With the types of replies, and the shape of errors."""
    described = _ok(client.get("/openapi.json"))["paths"]
    for path in ("/api/map", "/api/place", "/api/probes", "/api/words/analogy", "/api/purge", "/api/doctor"):
        for route in described[path].values():
            assert "404" in route["responses"]
    reply = described["/api/map"]["post"]["responses"]["200"]["content"]["application/json"]["schema"]
    assert reply["$ref"].endswith("LatentMap")
