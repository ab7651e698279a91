"""Killed at a write to any of HNSW's files, the index is made anew, and nobody sees a signal."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from tests.faults.conftest import LONG, Bench, check_index, make_bench
from tests.openai_server import OpenAIServer

FILES = ("header.bin", "data_level0.bin", "length.bin", "link_lists.bin", "index_metadata.pickle")
RECORDS = MORE = 1_200
"""Records that are there, and those that come in while the kill waits: enough to have the files written anew."""
POSITIONS = 20 if LONG else 1
"""Writes to a file that are tried, from the first to the last: the vectors are written one by one."""
CALLS = "write,writev,pwrite64"

pytestmark = pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")


@pytest.fixture
def filled(tmp_path: Path, openai_server: OpenAIServer, cache: Path) -> Bench:
    """A bench whose corpus is in the store, and that has more texts to take in."""
    bench = make_bench(tmp_path, openai_server, cache, RECORDS)
    bench.finish()
    (bench.texts / "later.txt").write_text("".join(f"later record {i}\n" for i in range(MORE)))
    return bench


@pytest.mark.parametrize("name", FILES if LONG else FILES[1:3])
def test_a_kill_at_a_write_is_mended_by_one_rebuild(filled: Bench, tmp_path: Path, name: str) -> None:
    """The ingest that was hit ends well; each text was embedded once, search and index are right."""
    last = _count(filled, tmp_path, name) if LONG else 1
    positions = np.unique(np.linspace(1, last, POSITIONS).round().astype(int))
    for number in positions:
        data = shutil.copytree(filled.data, tmp_path / f"data-{number}")
        before = filled.embedded()
        said = _traced(filled, data, name, f"inject={CALLS}:signal=KILL:when={number}")
        assert "SIGKILL" in said
        assert filled.embedded() == before + MORE
        check_index(data)
        shutil.rmtree(data)
    print(f"{name}: killed at {len(positions)} of {last:,} writes")


def _count(bench: Bench, tmp_path: Path, name: str) -> int:
    """Return how many writes an ingest makes to a file."""
    data = shutil.copytree(bench.data, tmp_path / "counted")
    found = _traced(bench, data, name).count("write")
    shutil.rmtree(data)
    assert found
    return found


def _traced(bench: Bench, data: Path, name: str, *expressions: str) -> str:
    """Take in what is new while strace watches who writes to a file of the index, and return what it saw."""
    (file,) = (data / "chroma").glob(f"*/{name}")
    trace = data.with_suffix(".trace")
    watched = ["strace", "-f", "-qq", "-o", str(trace), "-P", str(file)]
    watched += [word for expression in (f"trace={CALLS}", *expressions) for word in ("-e", expression)]
    with bench.start("ingest", str(bench.texts), "--as", "words", "-c", "things", data=data, before=watched) as process:
        _, err = process.communicate(timeout=300)
    assert process.returncode == 0, err
    return trace.read_text()
