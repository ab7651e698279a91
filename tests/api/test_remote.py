"""The command line through a server that has the data folder open: the same answers, exit codes and lines."""

import json
import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from search.service import Service
from tests.openai_server import OpenAIServer, status
from tests.process import Run, as_json, command, environment


@pytest.fixture
def environ(service: Service, url: str) -> dict[str, str]:
    """That of another process, on the folder that the server has open."""
    service.store.announce(url)
    return environment(service.settings)


def test_searches_go_through(run: Run, service: Service) -> None:
    """With all their options."""
    found = as_json(run("search", "rising prices", "-c", "notes", "-k", "2", "--why", "--minus", "banks", "--json"))
    assert [hit["id"] for hit in found["hits"]] != []
    assert found["hits"][0]["why"] is not None
    known = service.search("rising prices", "notes", 3)
    found = as_json(run("search", "rising prices", "-c", "notes", "-k", "3", "--json"))
    assert [hit["id"] for hit in found["hits"]] == [hit.id for hit in known.hits]
    assert [hit["similarity"] for hit in found["hits"]] == [hit.similarity for hit in known.hits]
    printed = run("search", "rising prices", "-c", "notes", "--where", "source contains 'inflation'")
    assert "inflation.md" in printed.stdout
    assert as_json(run("similar", known.hits[0].id, "-c", "notes", "--json"))["hits"]
    assert as_json(run("compare", "a cat", "a dog", "--json"))["similarity"]
    assert as_json(run("tokens", "Hello world", "--json"))["count"] > 1
    assert {info["name"] for info in as_json(run("collections", "--json"))["collections"]} >= {"notes", "words"}
    assert as_json(run("collections", "show", "words", "--json"))["passages"] == 49


def test_a_question_goes_through(run: Run, chat_server: OpenAIServer) -> None:
    """Streamed, with its sources."""
    found = as_json(run("ask", "What is inflation?", "-c", "notes", "--json"))
    assert found["model"] == "extractive"
    chat_server.says = lambda _: ("Prices ", "rise. [1]")
    printed = run("ask", "What is inflation?", "-c", "notes", "--chat", "openai:m", "--anyway")
    assert "Prices rise. [1]" in printed.stdout
    chat_server.script(status(401))
    refused = run("ask", "What is inflation?", "-c", "notes", "--chat", "openai:m", "--anyway")
    assert refused.returncode == 1
    assert refused.stderr.count("\n") == 1


def test_files_are_taken_in_through_the_server(run: Run, tmp_path: Path) -> None:
    """From where the command was started; what cannot be read is named, with its exit code."""
    (tmp_path / "whales.md").write_text("Whales sing in the deep sea.\n")
    (tmp_path / "bad.pdf").write_bytes(b"no pdf")
    done = run("ingest", tmp_path, "-c", "through", "--json")
    assert done.returncode == 3
    report = json.loads(done.stdout)
    assert (report["added"], len(report["failed"])) == (1, 1)
    assert "bad.pdf" in done.stderr
    assert "Whales sing" in as_json(run("search", "whales", "-c", "through", "--json"))["hits"][0]["text"]
    assert as_json(run("ingest", tmp_path / "whales.md", "-c", "through", "--json"))["unchanged"] == 1
    assert run("collections", "drop", "through").returncode == 0


def test_an_interrupt_cancels_the_server_s_work(environ: dict[str, str], service: Service, tmp_path: Path) -> None:
    """Soon, and what was done stays."""
    (tmp_path / "lines.txt").write_text("\n".join(f"line {i} of a file about rivers" for i in range(60_000)))
    taking_in = command("ingest", tmp_path, "-c", "cut", "--as", "sentences")
    process = subprocess.Popen(taking_in, env=environ, stderr=subprocess.PIPE, text=True)
    while "cut" not in service.store.names() or not service.show("cut").passages:
        time.sleep(0.05)
        assert process.poll() is None
    process.send_signal(signal.SIGINT)
    _, stderr = process.communicate(timeout=30)
    assert process.returncode == 130, stderr
    assert "Traceback" not in stderr
    assert 0 < service.show("cut").passages < 60_000


def test_what_goes_wrong_has_its_exit_code(run: Run) -> None:
    """One line each, as without a server."""
    for code, *arguments in (
        (1, "search", "x", "-c", "nowhere"),
        (2, "search", " ", "-c", "notes"),
        (2, "search", "x", "-c", "notes", "-k", "0"),
        (2, "search", "x", "-c", "notes", "--where", "((("),
        (1, "ingest", "x", "--dry-run", "-c", "notes"),
        (1, "similar", "none", "-c", "notes"),
        (2, "ingest", ".", "-c", "a b"),
        (2, "search", "\udcff", "-c", "notes"),
        (2, "collections", "show", "\udcff"),
        (2, "chat", "--delete", "-1"),
    ):
        done = run(*arguments)
        assert (done.returncode, done.stderr.count("\n")) == (code, 1), (arguments, done.stderr)
        assert done.stdout == ""


def test_a_job_that_failed_says_what_it_would_have_said_here(run: Run, tmp_path: Path) -> None:
    """Its kind and its exit code, though it failed in another process."""
    (tmp_path / "one.md").write_text("One note.\n")
    done = run("ingest", tmp_path, "-c", "a b", "--json")
    assert done.returncode == 2
    assert json.loads(done.stdout)["error"]["kind"] == "invalid-input"


def test_what_can_be_read_once_is_read_once(environ: dict[str, str]) -> None:
    """A pipe is empty the second time; which process answers is settled before."""
    said = json.dumps([{"role": "user", "content": "What is inflation?"}, {"role": "assistant", "content": "Prices."}])
    reading, writing = os.pipe()
    os.write(writing, said.encode())
    os.close(writing)
    words = ("ask", "And who fights it?", "-c", "notes", "--history", f"/dev/fd/{reading}", "--json")
    done = subprocess.run(command(*words), env=environ, pass_fds=[reading], capture_output=True, text=True, check=False)
    os.close(reading)
    assert as_json(done)["question"] == "And who fights it?"


def test_an_address_can_be_given(run: Run, url: str, tmp_path: Path) -> None:
    """Of a server on any folder; one where nothing answers is one line."""
    other = {"NEARHOOD_DATA": str(tmp_path)}
    assert as_json(run("search", "prices", "-c", "notes", "--url", url, "--json", **other))["hits"]
    assert as_json(run("collections", "list", "--json", **other, NEARHOOD_URL=url))["collections"]
    for wrong in ("http://127.0.0.1:1", "nonsense", "http://"):
        done = run("search", "x", "--url", wrong, **other)
        assert done.returncode in {1, 2}
        assert done.stderr.count("\n") == 1
    assert json.loads(run("doctor", "--url", url, "--json", **other).stdout)["checks"]


def test_a_text_with_separators_of_its_own_goes_through(run: Run, tmp_path: Path) -> None:
    """To Unicode, three more characters end a line; in an answer's event they do not."""
    (tmp_path / "whales.md").write_text("Whales sing\u2028in the\u2029deep\x85sea, for hours.\n")
    assert run("ingest", tmp_path, "-c", "separated").returncode == 0
    done = run("ask", "Where do whales sing?", "-c", "separated", "--anyway", "--chat", "extractive")
    assert (done.returncode, done.stderr) == (0, "")
    assert "whales.md" in done.stdout
