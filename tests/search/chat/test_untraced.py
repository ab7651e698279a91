"""What LangChain would send to a service of traces, where the environment wants that of its programs."""

import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from ingest.sample import NOTES
from search.settings import Settings
from tests.openai_server import OpenAIServer
from tests.prepared import Prepared, Taken
from tests.process import command, environment


class _Collector(ThreadingHTTPServer):
    """What comes to the service."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.heard: list[str] = []


class _Handler(BaseHTTPRequestHandler):
    server: _Collector

    def do_POST(self) -> None:
        self.server.heard.append(self.path)
        self.rfile.read(int(self.headers.get("content-length", 0)))
        self.send_response(202)
        self.end_headers()

    do_PATCH = do_GET = do_POST  # noqa: N815 - as the base class calls them

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it
        """Say nothing."""


@pytest.fixture
def collector() -> Iterator[_Collector]:
    """A service of traces."""
    with _Collector() as server:
        Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield server
        server.shutdown()


def test_no_question_is_traced(
    openai_settings: Settings, openai_server: OpenAIServer, prepared: Prepared, collector: _Collector
) -> None:
    """Neither by a chat model nor without; a program of LangChain's own is, with the same environment."""
    prepared(openai_settings, Taken("notes", NOTES, "notes"))
    tracing = {
        **environment(openai_settings),
        "LANGSMITH_TRACING": "true",
        "LANGCHAIN_TRACING_V2": "true",
        "LANGSMITH_API_KEY": "none",
        "LANGSMITH_ENDPOINT": f"http://127.0.0.1:{collector.server_port}",
        "OPENAI_API_KEY": "sk-test-0123456789",
        "OPENAI_BASE_URL": openai_server.url,
    }
    for chat in ("extractive", "openai:some-model"):
        asked = command("ask", "What is inflation?", "-c", "notes", "--chat", chat)
        subprocess.run(asked, env=tracing, check=True, capture_output=True, timeout=120)
    assert [request.path for request in openai_server.requests] == ["/v1/chat/completions"]
    assert collector.heard == []
    own = "from langchain_core.runnables import RunnableLambda; RunnableLambda(str).invoke(1)"
    subprocess.run([sys.executable, "-c", own], env=tracing, check=True, capture_output=True, timeout=120)
    assert collector.heard
