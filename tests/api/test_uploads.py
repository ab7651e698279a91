"""Files that programs bring: kept under the data folder, known again, and never elsewhere."""

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from search.service import Service
from search.settings import Settings

LIMIT = 3 * 2**20


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, cache: Path) -> Iterator[Service]:
    """An empty one, with little room for files."""
    settings = Settings(data=tmp_path_factory.mktemp("data") / "in", cache=cache)
    with Service(replace(settings, upload_bytes=LIMIT), "test") as opened:
        yield opened


def _brought(client: httpx.Client, *files: tuple[str, bytes], **form: Any) -> Any:
    reply = client.post("/api/upload", files=[("files", file) for file in files], data=form)
    assert reply.status_code == 202, reply.text
    while (job := client.get(f"/api/jobs/{reply.json()['id']}").json())["status"] in {"waiting", "running"}:
        time.sleep(0.02)
    assert job["status"] == "done", job
    return job["report"]


def test_files_are_taken_in_and_known_again(client: httpx.Client, service: Service) -> None:
    """By their names: the same one is unchanged, another of its name takes its place."""
    whales = ("whales.md", b"# Whales\n\nWhales sing in the deep sea.\n")
    table = ("places.csv", b"place,sea\nBergen,North Sea\n")
    report = _brought(client, table, collection="sea", text="place", meta="sea")
    assert (report["added"], report["failed"]) == (1, [])
    assert _brought(client, whales, collection="sea")["added"] == 1
    assert _brought(client, whales, collection="sea")["unchanged"] == 1
    assert _brought(client, ("whales.md", b"Whales are silent.\n"), collection="sea")["changed"] == 1
    found = client.post("/api/search", json={"query": "whales", "collection": "sea", "k": 1}).json()["hits"][0]
    assert found["text"].strip() == "Whales are silent."
    assert Path(found["source"]).is_relative_to(service.settings.data)
    bergen = client.post("/api/search", json={"query": "x", "collection": "sea", "where": "sea = 'North Sea'"}).json()
    assert [hit["text"].strip() for hit in bergen["hits"]] == ["Bergen"]


@pytest.mark.parametrize(
    "name",
    ["../../../evil.md", "/etc/evil.md", "..\\..\\evil.md", "C:\\evil.md", "a/../../evil.md", ".evil.md", "evil\0.md"],
)
def test_a_name_leads_nowhere_else(client: httpx.Client, service: Service, name: str) -> None:
    """Up, absolute, hidden, or with NUL: the file stays below the data folder, or is refused."""
    above = service.settings.data.parent
    before = {path for path in above.rglob("*") if not path.is_relative_to(service.settings.data)}
    reply = client.post("/api/upload", files={"files": (name, b"Evil words.\n")}, data={"collection": "names"})
    assert reply.status_code in {202, 422}
    assert {path for path in above.rglob("*") if not path.is_relative_to(service.settings.data)} == before
    assert not Path("/etc/evil.md").exists()


def test_what_is_refused(client: httpx.Client, service: Service) -> None:
    """Too much, of no kind that can be read, twice the same, nothing, or for no collection; nothing of it stays."""
    for status, files, form in (
        (413, [("long.txt", b"x" * (LIMIT + 1))], {}),
        (422, [("a.exe", b"MZ")], {}),
        (422, [("good.md", b"Good."), ("a.exe", b"MZ")], {}),
        (422, [("a.md", b"x"), ("a.md", b"y")], {}),
        (422, [], {"collection": "refused"}),
        (422, [("a.md", b"x")], {"collection": "../x"}),
        (422, [("a.md", b"x")], {"collection": "refused", "kind": "poems"}),
    ):
        reply = client.post("/api/upload", files=[("files", file) for file in files], data=form)
        assert reply.status_code == status, (files[:1], reply.text)
        assert reply.json()["error"]["message"]
    assert not list((service.settings.data / "files").rglob("good.md"))
    assert "refused" not in service.store.names()


def test_more_than_other_bodies_may_have(client: httpx.Client) -> None:
    """What is too long for a request to other routes is not for this one."""
    text = b"\n".join(b"line %d of a long file" % i for i in range(120_000))
    assert 2**21 < len(text) < LIMIT
    reply = client.post("/api/upload", files={"files": ("long.txt", text)}, data={"collection": "long"})
    assert reply.status_code == 202
    assert client.delete(f"/api/jobs/{reply.json()['id']}").status_code == 202
