"""REST: the command line's objects over HTTP, and one shape for all that goes wrong."""

import json
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

import httpx
import pytest

from search.retrieve.where import parse, to_json
from search.service import Service
from search.store.held import ASIDE
from tests.openai_server import OpenAIServer, status, stream

QUESTION = "What is inflation?"


def _ok(reply: httpx.Response, code: int = 200) -> Any:
    assert reply.status_code == code, reply.text
    return reply.json()


def _ids(reply: httpx.Response) -> list[str]:
    return [hit["id"] for hit in _ok(reply)["hits"]]


def _refused(reply: httpx.Response, code: int, kind: str) -> str:
    assert reply.status_code == code, reply.text
    error = reply.json()["error"]
    assert set(error) == {"kind", "message"}
    assert error["kind"] == kind
    assert "\n" not in error["message"]
    return str(error["message"])


def _events(reply: httpx.Response) -> list[tuple[str, Any]]:
    assert reply.headers["content-type"].startswith("text/event-stream")
    blocks = [block.split("\n") for block in reply.text.strip().split("\n\n")]
    return [(head.removeprefix("event: "), json.loads(data.removeprefix("data: "))) for head, data in blocks]


def _plain(value: Any) -> Any:
    return json.loads(json.dumps(value))


def test_a_search_is_the_service_s(client: httpx.Client, service: Service) -> None:
    """By a body or by the address, with all that a search takes."""
    asked = {"query": "rising prices", "collection": "notes", "k": 3, "why": True, "minus": [{"text": "banks"}]}
    found = _ok(client.post("/api/search", json=asked))
    assert len(found["hits"]) == 3
    assert found["hits"][0]["why"] is not None
    plain = _ok(client.get("/api/search", params={"query": "rising prices", "collection": "notes", "k": 2}))
    known = service.search("rising prices", "notes", 2)
    assert plain["hits"] == _plain([asdict(hit) for hit in known.hits])
    filtered = {"query": "rising prices", "collection": "notes", "where": "source contains 'inflation'"}
    assert {Path(h["source"]).name for h in _ok(client.post("/api/search", json=filtered))["hits"]} == {"inflation.md"}
    as_json = {**filtered, "where": to_json(parse(str(filtered["where"])))}
    assert _ids(client.post("/api/search", json=as_json)) == _ids(client.post("/api/search", json=filtered))


def test_what_is_near_to_a_passage(client: httpx.Client) -> None:
    """By its id, which `passages` knows, too."""
    first = _ok(client.get("/api/search", params={"query": "inflation", "collection": "notes", "k": 1}))["hits"][0]
    near = _ok(client.post("/api/similar", json={"id": first["id"], "collection": "notes", "k": 2}))
    assert first["id"] not in {hit["id"] for hit in near["hits"]}
    assert _ok(client.get(f"/api/passages/{first['id']}", params={"collection": "notes"}))["text"] == first["text"]


def test_comparing_and_tokens(client: httpx.Client) -> None:
    """As the command prints them."""
    texts = ["The dog chased the man", "The man chased the dog"]
    assert _ok(client.post("/api/compare", json={"texts": texts}))["cautions"][0]["kind"] == "role-swap"
    assert _ok(client.post("/api/tokens", json={"text": "Hello world"}))["count"] > 1


def test_collections(client: httpx.Client, service: Service) -> None:
    """Listed, shown and dropped."""
    service.store.create("old", service.embedder.id, service.embedder.dimension)
    names = {info["name"] for info in _ok(client.get("/api/collections"))["collections"]}
    assert names == {"notes", "words", "old"}
    assert _ok(client.get("/api/collections/words"))["passages"] == 49
    assert _ok(client.delete("/api/collections/old"))["dropped"]["name"] == "old"
    _refused(client.get("/api/collections/old"), 404, "collection-not-found")


def test_an_answer_whole_and_as_it_comes(client: httpx.Client, chat_server: OpenAIServer) -> None:
    """The events are what the chain passes; the last one is the answer."""
    answer = _ok(client.post("/api/ask", json={"question": QUESTION, "collection": "notes"}))
    assert answer["model"] == "extractive"
    assert answer["citations"]
    chat_server.says = lambda _: ("Prices ", "rise. [1]")
    asked = {"question": QUESTION, "collection": "notes", "chat": "openai:m", "anyway": True, "stream": True}
    events = _events(client.post("/api/ask", json=asked))
    assert [kind for kind, _ in events] == ["searched", "found", "words", "words", "answer"]
    assert events[-1][1]["answer"] == "Prices rise. [1]"
    assert set(events[-1][1]) == set(answer)


def test_a_model_that_fails(client: httpx.Client, chat_server: OpenAIServer) -> None:
    """Is an error of the same shape, also in a stream, and never names the key."""
    asked = {"question": QUESTION, "collection": "notes", "chat": "openai:m", "anyway": True}
    chat_server.script(status(401), status(401))
    assert "sk-secret" not in _refused(client.post("/api/ask", json=asked), 502, "chat")
    events = _events(client.post("/api/ask", json={**asked, "stream": True}))
    assert events[-1][0] == "error"
    assert "sk-secret" not in json.dumps(events)
    chat_server.script(lambda h, b: stream(h, b, ["Prices rise. [1]"], whole=False))
    broken = _events(client.post("/api/ask", json={**asked, "stream": True}))[-1]
    assert broken[0] == "answer"
    assert broken[1]["broken"]


def test_conversations(client: httpx.Client) -> None:
    """Begun, continued, named, exported and deleted."""
    number = _ok(client.post("/api/conversations", json={"question": QUESTION, "collection": "notes"}), 201)["number"]
    for question in (QUESTION, "What does it do to savings?"):
        _ok(client.post("/api/ask", json={"question": question, "conversation": number}))
    assert len(_ok(client.get(f"/api/conversations/{number}"))["turns"]) == 2
    assert _ok(client.patch(f"/api/conversations/{number}", json={"title": "Prices"}))["title"] == "Prices"
    assert number in {info["number"] for info in _ok(client.get("/api/conversations"))["conversations"]}
    assert client.get(f"/api/conversations/{number}/markdown").text.startswith("# Prices")
    assert _ok(client.delete(f"/api/conversations/{number}")) == {"deleted": number}
    _refused(client.get(f"/api/conversations/{number}"), 404, "conversation-not-found")


def _ended(client: httpx.Client, job: str) -> Any:
    for _ in range(600):
        value = _ok(client.get(f"/api/jobs/{job}"))
        if value["status"] not in {"waiting", "running"}:
            return value
        time.sleep(0.1)
    raise AssertionError(value)


def test_an_ingest_is_a_job(client: httpx.Client, tmp_path: Path) -> None:
    """With its progress and report; what fails says so, and what is cancelled keeps what it did."""
    (tmp_path / "note.md").write_text("# Whales\n\nWhales sing in the deep sea.\n")
    started = _ok(client.post("/api/ingest", json={"paths": [str(tmp_path)], "collection": "jobs"}), 202)
    ended = _ended(client, started["id"])
    assert (ended["status"], ended["report"]["added"], ended["error"]) == ("done", 1, None)
    found = _ok(client.get("/api/search", params={"query": "whales", "collection": "jobs"}))
    assert "Whales sing" in found["hits"][0]["text"]
    missing = _ok(client.post("/api/ingest", json={"paths": [str(tmp_path / "nowhere")], "collection": "jobs"}), 202)
    assert _ended(client, missing["id"])["status"] == "failed"
    (tmp_path / "long.txt").write_text("\n".join(f"line {i} about rivers and banks" for i in range(40_000)))
    long = {"paths": [str(tmp_path / "long.txt")], "collection": "long", "kind": "sentences"}
    job = _ok(client.post("/api/ingest", json=long), 202)["id"]
    _ok(client.delete(f"/api/jobs/{job}"), 202)
    assert _ended(client, job)["status"] == "cancelled"
    assert job in {each["id"] for each in _ok(client.get("/api/jobs"))["jobs"]}
    _refused(client.get("/api/jobs/none"), 404, "job-not-found")


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/api/search", {"query": ""}),
        ("/api/search", {"query": "  "}),
        ("/api/search", {"query": "x", "k": 0}),
        ("/api/search", {"query": "x", "k": 10**9}),
        ("/api/search", {"query": "x", "collektion": "y"}),
        ("/api/search", {"query": "x", "collection": "notes", "where": "((("}),
        ("/api/search", {"query": "x", "collection": "notes", "where": {"nonsense": 1}}),
        ("/api/search", {"query": "x", "collection": "notes", "where": "not " * 500 + "a = 1"}),
        ("/api/search", {"query": ["x"]}),
        ("/api/search", {"query": "x", "diversity": "NaN"}),
        ("/api/compare", {"texts": ["one"]}),
        ("/api/ask", {"question": " ", "collection": "notes"}),
        ("/api/ask", {"question": "x", "history": [{"role": "robot", "content": "y"}]}),
        ("/api/ask", {"question": "x", "conversation": 2**70}),
        ("/api/ingest", {"paths": []}),
    ],
)
def test_what_is_no_request_is_422(client: httpx.Client, path: str, body: dict[str, Any]) -> None:
    """In one line that names the field."""
    _refused(client.post(path, json=body), 422, "invalid-input")


def test_what_is_no_route_and_no_json(client: httpx.Client) -> None:
    """Neither is the page."""
    _refused(client.get("/api/nothing"), 404, "not-found")
    _refused(client.get("/v1/nothing"), 404, "not-found")
    reply = client.post("/api/search", content=b"{", headers={"Content-Type": "application/json"})
    _refused(reply, 422, "invalid-input")
    _refused(client.get("/api/collections", headers={"Host": "evil.example"}), 421, "wrong-host")
    _refused(client.get("/api/collections", headers={"Origin": "https://evil.example"}), 403, "wrong-origin")
    _refused(client.post("/api/tokens", json={"text": "x" * 3_000_000}), 413, "too-large")


def test_every_route_is_described(client: httpx.Client) -> None:
    """With typed replies and the shape of errors."""
    described = _ok(client.get("/openapi.json"))
    for path in ("/api/search", "/api/ask", "/api/ingest", "/api/jobs/{name}", "/v1/embeddings"):
        for route in described["paths"][path].values():
            assert "404" in route["responses"]
    replies = described["paths"]["/api/search"]["post"]["responses"]["200"]["content"]["application/json"]["schema"]
    assert replies["$ref"].endswith("HitList")


def test_a_download_is_whole_and_leaves_nothing(client: httpx.Client, service: Service) -> None:
    """Parts of two backups would be none, and what was asked for beyond the end stays nowhere."""
    for wanted in ("bytes=99999999999-", "bytes=100-", "bytes=nonsense"):
        reply = client.get("/api/backup", headers={"Range": wanted})
        assert (reply.status_code, reply.headers["accept-ranges"]) == (200, "none")
        assert reply.content.startswith(b"SQLite format 3")
    for _ in range(100):
        if not list(service.store.folder.glob(f"{ASIDE}*")):
            break
        time.sleep(0.05)
    assert list(service.store.folder.glob(f"{ASIDE}*")) == []
