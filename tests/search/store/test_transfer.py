"""What is exported comes back exactly, and what is bad is refused as a whole."""

import base64
import importlib.util
import json
import threading
from argparse import Namespace
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ingest.sync import ingest
from search.errors import EmbedderMismatchError, InvalidInputError, SourceError
from search.service import Service
from search.store.transfer import export, import_
from search.types import Passage
from tests.openai_server import OpenAIServer
from tests.search.store.conftest import LARGE, embedded, reopened
from ui import upkeep

needs_pyarrow = pytest.mark.skipif(importlib.util.find_spec("pyarrow") is None, reason="pyarrow is not installed")
FORMATS = ["jsonl", pytest.param("parquet", marks=needs_pyarrow)]


def _content(service: Service, collection: str) -> list[tuple[Passage, bytes]]:
    found = service.store.collection(collection)
    ids = [i for (i,) in service.store.ledger.rows("SELECT DISTINCT id FROM passages ORDER BY id")]
    return [((stored := found.get(i)).passage, stored.vector.tobytes()) for i in ids]


@pytest.mark.parametrize("suffix", FORMATS)
def test_an_export_comes_back_exactly(service: Service, tmp_path: Path, suffix: str) -> None:
    """Texts, places, metadata and every bit of the vectors are the same in the new collection."""
    file = tmp_path / f"things.{suffix}"
    assert upkeep.export(service, Namespace(collection="things", file=file, json=True)) == 0
    assert upkeep.import_(service, Namespace(collection="again", file=file, json=True)) == 0
    assert _content(service, "again") == _content(service, "things")
    assert service.show("again").embedder == service.show("things").embedder


def test_after_an_import_the_files_are_unchanged(
    service: Service, openai_server: OpenAIServer, texts: Path, tmp_path: Path
) -> None:
    """In an empty store, an ingest of the same files has nothing to do."""
    export(service.store, "things", tmp_path / "a.jsonl")
    before = embedded(openai_server)
    with reopened(service, data=tmp_path / "other") as other:
        import_(other.store, "things", tmp_path / "a.jsonl", {})
        report = ingest(other.store, other.embedder, "things", [texts], "words")
    assert (report.unchanged, report.passages) == (2, 0)
    assert embedded(openai_server) == before


def test_a_source_of_which_not_all_is_there_stays_so(service: Service, tmp_path: Path) -> None:
    """Else nobody would take the rest in: the next ingest would find it unchanged."""
    before = service.store.digests(service.store.collection("things"))
    one, two = sorted(before)
    service.store.begin_source(service.store.collection("things"), one)
    export(service.store, "things", tmp_path / "a.jsonl")
    with reopened(service, data=tmp_path / "other") as other:
        import_(other.store, "things", tmp_path / "a.jsonl", {})
        digests = other.store.digests(other.store.collection("things"))
        assert digests[one] is None
        assert digests[two] == before[two] is not None


def _set(name: str, value: object) -> Callable[[dict[str, Any]], None]:
    return lambda line: line.update({name: value})


def _vector(values: object) -> Callable[[dict[str, Any]], None]:
    return _set("vector", base64.b64encode(np.asarray(values, dtype="<f4").tobytes()).decode())


BAD = {
    "'vector' is not of length 1": _vector(np.ones(16)),
    "'vector' has values that are not finite": _vector([np.nan] * 16),
    "has 8 dimensions, not 16": _vector(np.eye(8)[0]),
    "'vector' is neither": _set("vector", "???"),
    "has no 'id'": _set("id", ""),
    "has no 'text'": _set("text", None),
    "'position' is no number": _set("position", -1),
    "'metadata' is not": _set("metadata", {"a": [1]}),
    "is of other:space": _set("embedder", "other:space"),
    "has half a character in 'text', at 1": _set("text", "a\ud800"),
    "has half a character in 'metadata', at 0": _set("metadata", {"a": "\ud800"}),
    "'end' is no number": _set("end", 2**63),
    "'vector' is neither base64": _set("vector", [10**400] * 16),
    "'metadata' has a key 'chroma:document', which Chroma": _set("metadata", {"chroma:document": "x"}),
    "'metadata' has a number of more than 64 bits": _set("metadata", {"a": 2**63}),
}


@pytest.mark.parametrize("message", BAD)
def test_a_bad_line_is_named_and_nothing_is_imported(service: Service, tmp_path: Path, message: str) -> None:
    """The error has its number and what is wrong with it."""
    file = tmp_path / "things.jsonl"
    export(service.store, "things", file)
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    BAD[message](lines[2])
    file.write_text("".join(json.dumps(line) + "\n" for line in lines))
    with pytest.raises(SourceError, match=f"line 3 {message}.*nothing was imported"):
        import_(service.store, "again", file, {})
    assert service.store.names() == ["things"]


def test_lines_that_repeat_an_id_or_are_no_json_are_named(service: Service, tmp_path: Path) -> None:
    """All bad lines are in one message."""
    file = tmp_path / "things.jsonl"
    export(service.store, "things", file)
    lines = file.read_text().splitlines()
    file.write_text("\n".join([*lines, lines[0], "{half"]))
    with pytest.raises(SourceError, match=r"line 6 has the id .* of another line; line 7 is no object"):
        import_(service.store, "again", file, {})


def test_vectors_of_another_embedder_are_refused(service: Service, tmp_path: Path) -> None:
    """A collection keeps one vector space, whatever a file brings."""
    file = tmp_path / "things.jsonl"
    export(service.store, "things", file)
    file.write_text(file.read_text().replace("openai:text-embedding-3-small@16", LARGE))
    with pytest.raises(EmbedderMismatchError):
        import_(service.store, "things", file, {})
    with pytest.raises(SourceError, match="has 16 dimensions, not 24"):
        import_(service.store, "again", file, {LARGE: 24})


def test_a_list_of_numbers_is_a_vector_too(service: Service, tmp_path: Path) -> None:
    """What other tools write can be taken in."""
    line = {"id": "x-0", "source": "x", "position": 0, "text": "t", "start": 0, "end": 1, "embedder": "other:space"}
    (tmp_path / "x.jsonl").write_text(json.dumps({**line, "vector": [0.6, 0.8]}))
    import_(service.store, "others", tmp_path / "x.jsonl", {})
    assert service.store.collection("others").get("x-0").vector.tolist() == pytest.approx([0.6, 0.8])


@pytest.mark.parametrize("name", ["things.txt", "nowhere/things.jsonl"])
def test_a_file_that_cannot_be_written_is_said(service: Service, tmp_path: Path, name: str) -> None:
    """One of another format, or in a folder that is not there, is refused in one line."""
    with pytest.raises(InvalidInputError):
        export(service.store, "things", tmp_path / name)


def test_without_pyarrow_parquet_says_so(run_without: Callable[..., str], tmp_path: Path) -> None:
    """The line names the package and the way out."""
    code = (
        "import sys, pathlib; from search.store import parquet; from search.errors import NotConfiguredError\n"
        "try: parquet.write(pathlib.Path(sys.argv[1]), [], 3)\n"
        "except NotConfiguredError as error: print(error)"
    )
    assert "pip install pyarrow" in run_without("pyarrow", code, str(tmp_path / "x.parquet"))


def _lines(tmp_path: Path, name: str, *rows: tuple[str, str, int, str]) -> Path:
    """Write passages of an id, a source, a position and a text."""
    file = tmp_path / f"{name}.jsonl"
    axes = np.eye(8)
    values = (
        {"id": i, "source": s, "position": p, "text": t, "start": 0, "end": len(t), "embedder": "other:space"}
        | {"vector": axes[len(t) % 8].tolist()}
        for i, s, p, t in rows
    )
    file.write_text("".join(json.dumps(value) + "\n" for value in values))
    return file


def test_a_source_is_as_the_file_has_it(service: Service, tmp_path: Path) -> None:
    """Also where its passages have changed places, or others stood in them."""
    import_(
        service.store,
        "others",
        _lines(tmp_path, "a", ("a", "s", 1, "one"), ("b", "s", 0, "two!"), ("c", "s", 2, "3")),
        {},
    )
    import_(service.store, "others", _lines(tmp_path, "b", ("a", "s", 0, "one"), ("d", "s", 1, "and two")), {})
    found = service.store.collection("others")
    assert sorted(i for _, i in found.ids()) == ["a", "d"]
    assert [(p.position, p.text) for p in (found.get("a").passage, found.get("d").passage)] == [
        (0, "one"),
        (1, "and two"),
    ]


def test_an_id_of_another_source_is_refused(service: Service, tmp_path: Path) -> None:
    """Its passage would be lost, or be cited with the text of another."""
    import_(service.store, "others", _lines(tmp_path, "a", ("1", "s", 0, "one"), ("2", "s", 1, "two!")), {})
    with pytest.raises(
        SourceError, match="has the id '1' for a passage of 't', and 'others' for one of 's': nothing was"
    ):
        import_(service.store, "others", _lines(tmp_path, "b", ("9", "t", 1, "nine"), ("1", "t", 0, "new")), {})
    found = service.store.collection("others")
    assert sorted(i for _, i in found.ids()) == ["1", "2"]
    assert found.get("1").passage.text == "one"


def test_a_line_that_is_nested_too_deep_is_named(service: Service, tmp_path: Path) -> None:
    """As one that is no JSON at all."""
    (tmp_path / "deep.jsonl").write_text("[" * 100_000 + "\n")
    with pytest.raises(SourceError, match="line 1 is no object"):
        import_(service.store, "again", tmp_path / "deep.jsonl", {})


def test_the_index_s_process_rests_while_much_is_imported(service: Service, texts: Path) -> None:
    """It would wait for the ledger until it is taken for stuck, and thrown away."""
    updated = threading.Event()

    def update() -> None:
        service.store.update_index()
        updated.set()

    service.store.update_index()
    service.store.rename_source(service.store.collection("things"), str(texts / "one.txt"), "one", "one")
    with service.store.all_or_nothing():
        service.store.begin_source(service.store.collection("things"), "new")
        threading.Thread(target=update).start()
        assert not updated.wait(0.5)
        assert service.store._indexer._child is None
    assert updated.wait(60)
