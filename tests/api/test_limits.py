"""What is too much, too long, too deep or too slow is refused as documented, and the server goes on."""

import json
import resource
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from ingest.report import Report
from ingest.sync import ingest
from search.errors import InvalidInputError
from search.service import Service
from search.settings import Settings
from tests.api.conftest import Running, Serving, app
from tests.api.walk import routes
from tests.openai_server import OpenAIServer
from ui.connections import MOST_HEAD_BYTES
from ui.jobs import MOST_WAITING, Jobs, TooManyJobsError
from ui.security import MOST_AT_ONCE, MOST_BODY_BYTES, MOST_URL_BYTES

CANARY = "canary-in-a-file-beside"


def _refused(reply: httpx.Response, status: int, kind: str) -> None:
    assert (reply.status_code, reply.json()["error"]["kind"]) == (status, kind), reply.text[:500]


def _address(url: str) -> tuple[str, int]:
    parts = urlsplit(url)
    return str(parts.hostname), int(parts.port or 0)


def _said(url: str, sent: bytes) -> bytes:
    """Return the answer to some bytes, up to where the server hangs up, or where events begin that never end."""
    with socket.create_connection(_address(url), timeout=30) as connection:
        connection.sendall(sent)
        told = b""
        while b"text/event-stream" not in told and (piece := connection.recv(65_536)):
            told += piece
        return told


def test_too_much(client: httpx.Client) -> None:
    """Announced or in pieces; an address and headers have less room."""
    _refused(client.post("/api/tokens", json={"text": "x" * MOST_BODY_BYTES}), 413, "too-large")
    pieces = iter([b"x" * 2**20] * 3)
    _refused(client.post("/v1/embeddings", content=pieces), 413, "too-large")
    _refused(client.get("/api/search", params={"query": "x" * MOST_URL_BYTES}), 414, "too-large")
    _refused(client.get("/api/collections", headers={"X-Long": "x" * 40_000}), 431, "too-large")
    _refused(client.get("/api/collections", headers={f"X-{i}": "x" * 4_000 for i in range(10)}), 431, "too-large")


def test_a_head_without_an_end(url: str) -> None:
    """Is cut off as soon as it is too long; what is no HTTP is told so, in the shape of all errors."""
    endless = _said(url, b"GET / HTTP/1.1\r\nX: " + b"x" * (MOST_HEAD_BYTES + 1))
    assert endless.startswith(b"HTTP/1.1 431")
    assert json.loads(endless.split(b"\r\n\r\n")[1])["error"]["kind"] == "too-large"
    noise = _said(url, b"\x16\x03\x01 this is no HTTP\r\n\r\n")
    assert noise.startswith(b"HTTP/1.1 400")
    assert json.loads(noise.split(b"\r\n\r\n")[1])["error"]["kind"] == "invalid-request"


@pytest.mark.parametrize(
    "more",
    [
        {"k": 10**9},
        {"k": 10**400},
        {"where": "(" * 500 + "a = 1" + ")" * 500},
        {"where": "not " * 500 + "a = 1"},
        {"where": " or ".join(f"a = {i}" for i in range(20_000))},
        {"where": "a = '" + "x" * 200_000 + "'"},
        {"plus": [{"text": "x"}] * 21},
        {"query": "x" * 100_001},
    ],
)
def test_a_search_has_bounds(client: httpx.Client, more: dict[str, Any]) -> None:
    """In number, depth and length."""
    asked = {"query": "x", "collection": "notes", **more}
    _refused(client.post("/api/search", json=asked), 422, "invalid-input")


def test_json_without_a_floor(client: httpx.Client) -> None:
    """Brackets in brackets are an error, and no crash; so is a filter as JSON that is nested too deep."""
    kind = {"Content-Type": "application/json"}
    for opening in ("[", '{"where":', '{"a":['):
        reply = client.post("/api/search", content=opening * 100_000, headers=kind)
        assert 400 <= reply.status_code < 500
        assert reply.json()["error"]
    for opening, closing in (('{"not":', "}"), ('{"and":[', "]}")):
        where = opening * 500 + '{"=":["a",1]}' + closing * 500
        body = f'{{"query": "x", "collection": "notes", "where": {where}}}'
        _refused(client.post("/api/search", content=body, headers=kind), 422, "invalid-input")


def test_a_crowd_is_told_to_come_back(url: str, client: httpx.Client) -> None:
    """While as many as may be are inside, here for the rest of a body, all others are refused at once."""
    head = b"POST /api/tokens HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n"
    inside: list[socket.socket] = []
    while len(inside) < MOST_AT_ONCE or (busy := client.get("/api/jobs")).status_code == 200:
        # One more each time: on a busy machine the first may have been given up before the last is there.
        inside.append(socket.create_connection(_address(url), timeout=30))
        inside[-1].sendall(head)
    _refused(busy, 429, "too-many")
    assert busy.headers["retry-after"] == "1"
    assert client.get("/health").status_code == 200
    for connection in inside:
        connection.close()
    while client.get("/api/jobs").status_code != 200:
        time.sleep(0.01)


def test_answers_that_are_waited_for_keep_nobody_waiting(
    url: str, client: httpx.Client, chat_server: OpenAIServer
) -> None:
    """More of them than the usual forty threads: whoever watches the server, and whoever searches, has an answer."""
    waited, go_on = threading.Semaphore(0), threading.Event()

    def slowly(_: dict[str, Any]) -> Iterator[str]:
        waited.release()
        go_on.wait(60)
        yield "So it is. [1]"

    says, chat_server.says = chat_server.says, slowly
    body = json.dumps({"question": "What is inflation?", "chat": "openai:m", "anyway": True}).encode()
    head = f"POST /api/ask HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {len(body)}"
    inside = [socket.create_connection(_address(url), timeout=60) for _ in range(48)]
    try:
        for connection in inside:
            connection.sendall(f"{head}\r\nConnection: close\r\n\r\n".encode() + body)
        for _ in inside:
            assert waited.acquire(timeout=60)
        assert client.get("/health").status_code == 200
        assert client.get("/api/search", params={"query": "prices"}).status_code == 200
    finally:
        go_on.set()
        chat_server.says = says
        for connection in inside:
            while connection.recv(65_536):
                pass
            connection.close()


def test_jobs_wait_in_a_queue_with_an_end() -> None:
    """The one too many is refused; the others are done in turn."""
    jobs, go = Jobs(), threading.Event()

    def work(_: Any) -> Report:
        go.wait(30)
        raise InvalidInputError("there was nothing to do")

    started = [jobs.start("notes", work) for _ in range(MOST_WAITING + 1)]
    with pytest.raises(TooManyJobsError):
        jobs.start("notes", work)
    go.set()
    while any(job.status in {"waiting", "running"} for job in started):
        time.sleep(0.01)
    assert {job.error for job in started} == {"there was nothing to do"}


@pytest.fixture(scope="module")
def beside(service: Service) -> Path:
    """A file that no route serves, two folders above nothing."""
    file = service.settings.data / "canary.txt"
    file.write_text(CANARY)
    return file


def test_no_path_leads_out(url: str, service: Service, beside: Path) -> None:
    """Whatever stands where a route takes a name: above, absolute, encoded, with NUL or of another machine."""
    ways = (
        "../" * 12,
        "..%2f" * 12,
        "%2e%2e/" * 12,
        "%2e%2e%2f" * 12,
        "..%5c" * 12,
        "",
        "/",
        "%2f",
        "file:/",
        "\\\\h\\c$\\",
    )
    ends = (str(beside).lstrip("/"), f"{str(beside).lstrip('/')}%00.css", "etc/passwd", "C:%5cboot.ini")
    places = sorted({path for method, path in routes(app(service).routes) if method == "GET" and path.endswith("/x")})
    assert {"/api/passages/x", "/api/collections/x", "/page/x", "/static/x", "/v1/models/x"} <= set(places)
    for place in [*places, "/gradio_api/file=x", "/api/jobs/x"]:
        for name in (way + end for way in ways for end in ends):
            told = _said(url, f"GET {place[:-1]}{name} HTTP/1.0\r\nHost: localhost\r\n\r\n".encode())
            assert told[:12] in {b"HTTP/1.1 200", b"HTTP/1.1 400", b"HTTP/1.1 403", b"HTTP/1.1 404", b"HTTP/1.1 422"}
            assert CANARY.encode() not in told
            assert b"root:" not in told


@pytest.fixture
def open_files() -> Iterator[None]:
    """As many as may be, for a thousand connections."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 4_096), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.mark.usefixtures("open_files")
def test_a_thousand_idle_connections(tmp_path: Path, cache: Path) -> None:
    """Half of them say nothing, half begin a head: all others are answered meanwhile, and the idle ones are closed."""
    settings = Settings(data=tmp_path / "data", cache=cache)
    with Service(settings, "test") as service:
        (tmp_path / "a.md").write_text("Whales sing in the deep sea.\n")
        ingest(service.store, service.embedder, "notes", [tmp_path / "a.md"], "notes")
    with Serving(tmp_path / "data", cache) as url:
        idle = [socket.create_connection(_address(url), timeout=60) for _ in range(1_000)]
        for connection in idle[::2]:
            connection.sendall(b"GET / HTTP/1.1\r\nX-Slow: ")
        with httpx.Client(base_url=url, timeout=30) as client:
            for _ in range(20):
                assert client.post("/api/search", json={"query": "whales"}).json()["hits"]
        assert {connection.recv(1) for connection in (*idle[:4], *idle[-4:])} == {b""}
        for connection in idle:
            connection.close()
        assert httpx.get(f"{url}/health").status_code == 200


def test_routes_are_built_before_the_first_request(service: Service) -> None:
    """Also those of the page: else who comes first waits for that, and all others with them."""
    running = Running(service)
    (page,) = [route.app for route in running.config.app.routes if getattr(route, "path", None) == ""]  # type: ignore[union-attr]
    assert page.middleware_stack is None
    with running:
        assert page.middleware_stack is not None


def test_a_further_head_has_its_time_too(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who has had one answer, and then begins a request and never ends it, is hung up on."""
    monkeypatch.setattr("ui.connections.HEAD_SECONDS", 0.3)
    with socket.create_connection(_address(url), timeout=10) as connection:
        for _ in range(2):
            connection.sendall(b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n")
            told = b""
            while b"}" not in told:
                told += connection.recv(65_536)
            assert told.startswith(b"HTTP/1.1 200")
        connection.sendall(b"G")
        assert connection.recv(1) == b""


def test_too_many_files_are_said_to_be_that(client: httpx.Client) -> None:
    """Not that the body cannot be read."""
    files = [("files", (f"{i}.txt", b"x")) for i in range(1_001)]
    reply = client.post("/api/upload", files=files, data={"collection": "notes"})
    _refused(reply, 400, "refused")
    assert "Too many files" in reply.text


def test_a_job_that_waits_is_cancelled_at_once() -> None:
    """It need not wait for its turn to be told so, and leaves its place to others."""
    jobs, go = Jobs(), threading.Event()

    def work(_: Any) -> Report:
        go.wait(30)
        raise InvalidInputError("there was nothing to do")

    first = jobs.start("notes", work)
    while first.status == "waiting":
        time.sleep(0.01)
    waiting = [jobs.start("notes", work) for _ in range(MOST_WAITING)]
    assert {jobs.cancel(job.id).status for job in waiting} == {"cancelled"}
    last = jobs.start("notes", work)
    go.set()
    while last.status in {"waiting", "running"}:
        time.sleep(0.01)
    assert last.error == "there was nothing to do"
    assert {job.status for job in waiting} == {"cancelled"}


class Told(Jobs):
    """Says when somebody asks for a turn."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = threading.Event()

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Say so, and wait for it."""
        self.asked.set()
        with super().turn():
            yield


def test_a_reindex_waits_for_what_is_taken_in(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    """What an ingest has embedded and not yet taken up would be lost to it."""
    jobs, go = Told(), threading.Event()
    done: list[str] = []
    reindex = service.reindex

    def work(_: Any) -> Report:
        assert go.wait(30)
        done.append("the job")
        raise InvalidInputError("there was nothing to do")

    def seen(*words: Any, **names: Any) -> Any:
        done.append("the reindex")
        return reindex(*words, **names)

    monkeypatch.setattr("ui.serve.Jobs", lambda: jobs)
    monkeypatch.setattr(service, "reindex", seen)
    with Running(service) as url, ThreadPoolExecutor(1) as clients:
        first = jobs.start("notes", work)
        while first.status == "waiting":
            time.sleep(0.01)
        asked = clients.submit(httpx.post, f"{url}/api/collections/words/reindex", json={}, timeout=60)
        assert jobs.asked.wait(30)
        go.set()
        assert asked.result().json()["passages"] == service.show("words").passages
    assert done == ["the job", "the reindex"]
