"""A key and a token in the environment are in nothing that the server says, writes or sends elsewhere."""

import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from ingest.sync import ingest
from search.service import Service
from search.settings import Settings
from tests.api.conftest import Serving
from tests.openai_server import OpenAIServer, raw, status

KEY = "sk-canary-0123456789abcdef"
TOKEN = "canary:token"
DEBUG = """
import logging, sys
logging.basicConfig(level=logging.DEBUG)
from ui.cli import main
sys.exit(main(sys.argv[1:]))
"""
WATCHED = """
import socket, sys
connect = socket.socket.connect
def watched(self, address):
    if self.family != socket.AF_UNIX:
        print("CONNECTS", address[0], address[1], flush=True)
    return connect(self, address)
socket.socket.connect = watched
def named(name, *rest, **more):
    if name not in (None, "", b"", "127.0.0.1", "localhost", "::1"):
        print("LOOKS UP", name, flush=True)
    return look_up(name, *rest, **more)
look_up = socket.getaddrinfo
socket.getaddrinfo = named
"""


@pytest.fixture
def data(tmp_path: Path, cache: Path) -> Path:
    """A few notes."""
    (tmp_path / "notes.md").write_text("# Inflation\n\nInflation is a general rise of prices. It eats up savings.\n")
    with Service(Settings(data=tmp_path / "data", cache=cache), "test") as service:
        ingest(service.store, service.embedder, "notes", [tmp_path / "notes.md"], "notes")
    return tmp_path / "data"


@pytest.fixture
def environ(openai_server: OpenAIServer) -> dict[str, str]:
    """With both, and a provider on loopback."""
    key = {"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": openai_server.url, "NEARHOOD_TIMEOUT": "5"}
    return {**key, "NEARHOOD_TOKEN": TOKEN, "NEARHOOD_CHAT": "openai:m"}


def _echoes() -> Iterator[Any]:
    """Yield what a provider may do wrong, saying all that it knows."""
    told = f"your key {KEY} and token {TOKEN} are wrong"
    for code in (400, 401, 403, 404):
        yield status(code, {"x-echo": told}, message=told, code=told)
    yield raw(told.encode(), 422, "text/plain")
    yield raw(json.dumps({"choices": told}).encode())
    yield raw(f"data: {told}\n\n".encode(), 200, "text/event-stream")


def _all(client: httpx.Client) -> Iterator[str]:
    asked = {"question": "What is inflation?", "collection": "notes", "anyway": True}
    for stream in (False, True):
        yield client.post("/api/ask", json={**asked, "stream": stream}).text
        chat = {"model": "notes", "messages": [{"role": "user", "content": "What is inflation?"}], "stream": stream}
        yield client.post("/v1/chat/completions", json=chat).text
    wrong = client.get("/api/jobs", headers={"Authorization": f"Bearer {TOKEN}x"})
    yield wrong.text
    for path in ("/metrics", "/openapi.json", "/ready", "/api/collections", "/api/doctor", "/", "/config"):
        reply = client.get(path)
        yield f"{reply.headers}{reply.text}"


def test_no_secret_comes_out(data: Path, cache: Path, openai_server: OpenAIServer, environ: dict[str, str]) -> None:
    """At debug level, with a provider that repeats what it was sent: not in an answer, a log, a count or a file."""
    serving = Serving(data, cache, code=DEBUG, **environ)
    said = []
    with serving as url, httpx.Client(base_url=url, headers={"Authorization": f"Bearer {TOKEN}"}, timeout=60) as client:
        for echo in _echoes():
            openai_server.faults.clear()
            openai_server.script(*[echo] * 40)
            said += list(_all(client))
        assert client.post("/login", data={"token": TOKEN}).status_code == 303
        openai_server.faults.clear()
        command = [sys.executable, "-m", "ui.cli", "ask", "What is inflation?", "--anyway", "--url", url, "--json"]
        openai_server.script(*[next(_echoes())] * 4)
        env = {"PATH": "", "PYTHONPATH": ":".join(sys.path), "NEARHOOD_CACHE": str(cache), **environ}
        done = subprocess.run(command, env=env, capture_output=True, text=True, cwd=data.parent, check=False)
        said += [done.stdout, done.stderr]
    assert any("wrong" in text for text in said)
    assert any(request.headers["authorization"] == f"Bearer {KEY}" for request in openai_server.requests)
    for secret in (KEY, TOKEN):
        assert [text for text in said if secret in text] == []
        assert [line for line in serving.log().splitlines() if secret in line] == []
        files = [path for path in data.parent.rglob("*") if path.is_file()]
        assert [path for path in files if secret.encode() in path.read_bytes()] == []


def test_nothing_leaves_but_to_the_model(
    data: Path, cache: Path, openai_server: OpenAIServer, environ: dict[str, str]
) -> None:
    """Each connection that the server makes, and each name that it looks up, is the model's."""
    model = openai_server.server_port
    serving = Serving(data, cache, code=WATCHED + DEBUG, **environ)
    with serving as url, httpx.Client(base_url=url, headers={"Authorization": f"Bearer {TOKEN}"}, timeout=60) as client:
        assert client.get("/").status_code == 200
        assert client.post("/api/search", json={"query": "rising prices", "collection": "notes"}).json()["hits"]
        client.post("/api/ask", json={"question": "What is inflation?", "collection": "notes", "anyway": True})
        assert client.get("/api/doctor").status_code == 200
    lines = [line for line in serving.log().splitlines() if line.startswith(("CONNECTS", "LOOKS UP"))]
    assert f"CONNECTS 127.0.0.1 {model}" in lines
    own = socket.gethostname()
    assert [line for line in lines if line.split()[1] not in {"127.0.0.1", "::1"} and own not in line] == []


def test_a_file_of_settings_beside_it_has_no_say(tmp_path: Path, cache: Path, data: Path) -> None:
    """Chroma would read `.env` in the working folder: its server, its telemetry, its tenant."""
    lines = (
        "CHROMA_SERVER_HOST=192.0.2.1",
        "CHROMA_API_IMPL=chromadb.api.fastapi.FastAPI",
        "ANONYMIZED_TELEMETRY=True",
    )
    more = ("CHROMA_TENANT=evil", "PERSIST_DIRECTORY=/nowhere", "ANONYMIZED_TELEMETRY=True", "NEARHOOD_TOKEN=evil")
    (tmp_path / ".env").write_text("\n".join([*lines, *more]))
    with Serving(data, cache) as url, httpx.Client(base_url=url, timeout=60) as client:
        assert client.post("/api/search", json={"query": "rising prices", "collection": "notes"}).json()["hits"]
        checks = client.get("/api/doctor").json()["checks"]
        assert [check for check in checks if check["name"] == "index" and not check["ok"]] == []
