"""`nearhood ingest` by a server that is elsewhere: files are sent, as far as they are not there, and known again."""

import base64
import json
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from search.service import Service
from search.settings import Settings
from tests.process import command, environment

LIMIT = 200_000
Ingest = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, cache: Path) -> Iterator[Service]:
    """An empty one, with little room for files."""
    settings = Settings(data=tmp_path_factory.mktemp("there") / "data", cache=cache)
    with Service(replace(settings, upload_bytes=LIMIT), "test") as opened:
        yield opened


@pytest.fixture
def ingest(service: Service, url: str, tmp_path: Path) -> Ingest:
    """The command, on a machine that has another data folder."""
    env = environment(replace(service.settings, data=tmp_path / "own")) | {"NEARHOOD_URL": url}

    def run(*arguments: str | Path) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            command("ingest", *arguments), env=env, capture_output=True, text=True, timeout=120, check=False
        )

    return run


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    """A folder in folders, with something to be passed over."""
    root = tmp_path / "vault"
    (root / "sea" / "deep").mkdir(parents=True)
    (root / "whales.md").write_text("# Whales\n\nWhales sing in the deep sea.\n")
    (root / "sea" / "deep" / "squid.md").write_text("The giant squid has the largest eyes of all animals.\n")
    (root / "sea" / "drafts.md").write_text("This is not to be sent.\n")
    (root / ".nearhoodignore").write_text("drafts.md\n")
    (root / "program.exe").write_bytes(b"MZ")
    return root


def _report(done: "subprocess.CompletedProcess[str]", code: int = 0) -> Any:
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    return json.loads(done.stdout)


def _counts(report: Any) -> tuple[int, ...]:
    return tuple(report[name] for name in ("added", "changed", "renamed", "removed", "unchanged", "embedded"))


def test_a_folder_is_sent_with_those_below_it(ingest: Ingest, notes: Path, service: Service) -> None:
    """What is ignored stays; a second run sends and embeds nothing."""
    report = _report(ingest(notes, "-c", "tree", "--json"))
    assert _counts(report) == (2, 0, 0, 0, 0, 2)
    assert report["skipped"] == {"hidden": 1, "no reader": 1, "ignored": 1}
    there = service.settings.data / "files" / "tree"
    sent = {str(path.relative_to(there)) for path in there.rglob("*") if path.is_file()}
    assert sent == {"vault/whales.md", "vault/sea/deep/squid.md"}
    assert _counts(_report(ingest(notes, "-c", "tree", "--json"))) == (0, 0, 0, 0, 2, 0)
    assert service.search("eyes", "tree", 1).hits[0].source.endswith("/vault/sea/deep/squid.md")


def test_what_changed_moved_or_went(ingest: Ingest, notes: Path, service: Service) -> None:
    """As where the folder is read in place: a moved file keeps its vectors, one that is gone leaves with --prune."""
    (notes / "crabs.md").write_text("Crabs walk sideways.\n")
    _report(ingest(notes, "-c", "moving", "--json"))
    (notes / "whales.md").write_text("Whales are silent.\n")
    (notes / "sea" / "deep" / "squid.md").rename(notes / "squid.md")
    (notes / "crabs.md").unlink()
    assert _counts(_report(ingest(notes, "-c", "moving", "--json"))) == (0, 1, 1, 0, 0, 1)
    assert service.show("moving").sources == 3
    assert _counts(_report(ingest(notes, "-c", "moving", "--prune", "--json"))) == (0, 0, 0, 1, 2, 0)
    kept = sorted(path.name for path in (service.settings.data / "files" / "moving").rglob("*.md"))
    assert kept == ["squid.md", "whales.md"]


def test_what_cannot_be_sent_is_named(ingest: Ingest, notes: Path) -> None:
    """By its name here, one line each, and the rest goes in."""
    (notes / "long.txt").write_text("word " * LIMIT)
    (notes / "bad.pdf").write_bytes(b"no pdf")
    done = ingest(notes, "-c", "some", "--json")
    report = _report(done, 3)
    assert report["added"] == 2
    assert {one["source"] for one in report["failed"]} == {str(notes / "long.txt"), str(notes / "bad.pdf")}
    assert "1,000,000 bytes, and 200,000 can be sent" in done.stderr
    assert done.stderr.count("\n") == 2


def test_what_cannot_be_is_refused(ingest: Ingest, notes: Path, tmp_path: Path) -> None:
    """In one line: a dry run, watching, nothing to send, two files of one name."""
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "whales.md").write_text("Other whales.\n")
    for code, *arguments in (
        (2, notes, "--dry-run"),
        (2, notes, "--watch"),
        (1, tmp_path / "nowhere"),
        (1, notes / "program.exe"),
        (2, notes / "whales.md", tmp_path / "b" / "whales.md"),
        (2, notes, "-c", "../x"),
    ):
        done = ingest(*arguments)
        assert (done.returncode, done.stderr.count("\n")) == (code, 1), (arguments, done.stderr)
        assert done.stdout == ""


def test_a_server_with_the_folder_reads_in_place(service: Service, url: str, notes: Path) -> None:
    """Also where its address was given: sources have the names of their files here."""
    service.store.announce(url)
    env = environment(service.settings) | {"NEARHOOD_URL": url}
    done = subprocess.run(
        command("ingest", notes, "-c", "here", "--json"), env=env, capture_output=True, text=True, check=False
    )
    assert _report(done)["added"] == 2
    assert service.search("eyes", "here", 1).hits[0].source == str(notes / "sea" / "deep" / "squid.md")


@pytest.mark.parametrize(
    ("name", "root"),
    [("../evil.md", ".."), ("a/../../evil.md", "a"), ("/etc/evil.md", "/etc"), ("a/.evil.md", "a"), ("b/a.md", "a")],
)
def test_a_name_leads_nowhere_else(client: httpx.Client, name: str, root: str) -> None:
    """Whoever makes it up."""
    file = {"name": name, "sha256": "0" * 64, "bytes": 1}
    reply = client.post("/api/sendings", json={"files": [file], "roots": [root]})
    assert (reply.status_code, reply.json()["error"]["kind"]) == (422, "invalid-input")


def test_only_what_was_asked_for_is_taken(client: httpx.Client) -> None:
    """And nothing before all of it came."""
    file = {"name": "a.md", "sha256": "0" * 64, "bytes": 1}
    begun = client.post("/api/sendings", json={"files": [file], "roots": ["a.md"], "collection": "asked"}).json()
    assert begun["missing"] == ["a.md"]
    place = f"/api/sendings/{begun['id']}"
    for code, piece in (
        (404, {"name": "b.md", "content": "eA=="}),
        (422, {"name": "a.md", "content": "eA==", "start": 5}),
        (422, {"name": "a.md", "content": "x"}),
        (422, {"name": "a.md", "content": base64.b64encode(b"x" * (LIMIT + 1)).decode()}),
    ):
        assert client.put(place, json={"pieces": [piece]}).status_code == code
    assert client.delete(place).json() == {"released": begun["id"]}
    assert client.delete(place).status_code == 404
