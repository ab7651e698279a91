"""What holds for where files are read and texts embedded, without a cluster."""

import pickle
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from ingest.document import Options
from ingest.embed import count_tokens
from ingest.engines import ENGINES, open_engine
from ingest.engines.tasks import Orders, embed_texts, read_share
from ingest.plan import Plan, compare
from ingest.report import Counts
from search import errors
from search.embedders.base import open_embedder
from search.errors import EmbeddingServiceError, NearhoodError, NotConfiguredError, SourceError, UnknownNameError
from search.settings import Settings
from search.store.ledger import Record
from tests.process import Run


def _plan(folder: Path) -> Plan:
    return compare(sorted(folder.glob("*")), [folder], {}, Options(), Counts())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Files that go in, that are empty, that are no text, and that are large."""
    folder = tmp_path / "notes"
    folder.mkdir()
    (folder / "a.txt").write_text("A first sentence.")
    (folder / "b.txt").write_text("")
    (folder / "c.txt").write_bytes(b"\0\1\2" * 100)
    (folder / "d.csv").write_text("term\n" + "".join(f"word {i}\n" for i in range(2_500)))
    (folder / "e.txt").write_bytes("caf\xe9, and more of it".encode("latin-1"))
    return folder


def test_a_task_reads_what_this_process_would(
    folder: Path, settings: Settings, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Passages, ids, failures and warnings are the same; a large file comes in several blocks."""
    monkeypatch.setenv("NEARHOOD_CACHE", str(cache))
    plan, counts = _plan(folder), Counts()
    embedder = open_embedder("local", settings)
    blocks = list(read_share(Orders(embedder.id), Options(), plan.read))
    stretches = [stretch for block in blocks for stretch in block]
    records: list[Record] = []
    faults = []
    for _source, found in open_engine("local", embedder, settings).read(plan.read, Options(), counts):
        try:
            records.extend(record for record, _ in found)
        except SourceError as error:
            faults.append(error.reason)
    assert len(blocks) > 2
    assert [record for stretch in stretches for record in stretch.records] == records
    assert [stretch.fault for stretch in stretches if stretch.fault] == faults == ["is not text"]
    assert [warning for stretch in stretches for warning in stretch.warnings] == counts.warnings
    tokens = [count for stretch in stretches for count in stretch.tokens]
    assert sum(tokens) == count_tokens([record.passage.text for record in records], embedder)
    assert sum(stretch.is_last for stretch in stretches) == len(plan.read)


def test_a_machine_without_a_file_is_named(folder: Path) -> None:
    """Where some machine lacks a folder that the others have, its name is what helps."""
    plan = _plan(folder)
    (folder / "a.txt").unlink()
    (block,) = read_share(Orders("local:all-MiniLM-L6-v2"), Options(), plan.read[:1])
    assert "all machines need it at that path" in str(block[0].fault)


def test_another_version_of_nearhood_is_refused() -> None:
    """Passages that are cut in two ways would be in one collection."""
    with pytest.raises(NotConfiguredError, match="another version"):
        embed_texts(Orders("local:all-MiniLM-L6-v2", revision=-1), {b"": "a text"})


def test_orders_have_no_secret(openai_settings: Settings) -> None:
    """What goes to other machines may be written into their logs."""
    orders = Orders("openai:text-embedding-3-small@32", openai_settings.openai_base_url, openai_settings.timeout)
    assert str(openai_settings.openai_api_key).encode() not in pickle.dumps(orders)


@pytest.mark.parametrize("name", ENGINES.rows)
def test_an_engine_that_was_not_entered_has_done_nothing(name: str, settings: Settings) -> None:
    """A run with nothing to do does not wait for a cluster."""
    open_engine(name, open_embedder("local", settings), settings)
    assert "ray" not in sys.modules


def test_an_unknown_engine_is_named(settings: Settings) -> None:
    """With those that there are."""
    with pytest.raises(UnknownNameError, match="unknown engine 'spark': choose one of local, ray"):
        open_engine("spark", open_embedder("local", settings), settings)


def test_an_error_goes_from_machine_to_machine_as_it_is() -> None:
    """Whatever its constructor takes."""
    source = pickle.loads(pickle.dumps(SourceError("a.md", "is empty")))
    assert (str(source), source.source, source.reason) == ("a.md: is empty", "a.md", "is empty")
    refusal = pickle.loads(pickle.dumps(EmbeddingServiceError("no", is_refusal=True)))
    assert (str(refusal), refusal.is_refusal) == ("no", True)
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, NearhoodError)]
    assert all(type(pickle.loads(pickle.dumps(kind.__new__(kind, "said")))) is kind for kind in kinds)


def test_the_extra_is_named_where_it_is_missing(run_without: Callable[..., str], tmp_path: Path, cache: Path) -> None:
    """In one line, with exit code 1."""
    (tmp_path / "a.txt").write_text("a note")
    code = "import sys; sys.stderr = sys.stdout; from ui.cli import main; print(main(sys.argv[1:]))"
    arguments = ("ingest", str(tmp_path / "a.txt"), "--engine", "ray", "--data", str(tmp_path / "data"))
    said = run_without("ray", code, *arguments, NEARHOOD_CACHE=str(cache))
    assert said.splitlines() == ["nearhood: the engine ray needs Ray: run pip install 'nearhood[ray]'", "1"]


def test_watching_is_done_here_alone(run: Run, tmp_path: Path) -> None:
    """A cluster for each saved note would be one too many."""
    (tmp_path / "a.txt").write_text("a note")
    done = run("ingest", tmp_path / "a.txt", "--watch", "--engine", "ray")
    assert (done.returncode, done.stderr) == (
        2,
        "nearhood: --watch works here alone: leave out the engine ray\n",
    )


def test_a_server_is_not_asked_for_a_cluster(run: Run, tmp_path: Path) -> None:
    """It has the folder, and does its ingests alone."""
    done = run("ingest", tmp_path, "--engine", "ray", "--url", "http://127.0.0.1:1")
    assert done.returncode == 2
    assert done.stderr.startswith("nearhood: the engine ray needs the data folder itself: stop the server at http://")
