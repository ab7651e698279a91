"""Killed at a write to any of HNSW's files, the index is made anew, and nobody sees a signal."""

import shutil
from pathlib import Path

import pytest

from tests.faults.conftest import LONG, RECORDS, Bench, check_index

FILES = ("header.bin", "data_level0.bin", "length.bin", "link_lists.bin", "index_metadata.pickle")
MORE = 1_200
"""Records that come in while the kill waits: enough to have the files written anew."""
CALLS = "write,writev,pwrite64"

pytestmark = pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")


@pytest.mark.parametrize("name", FILES if LONG else FILES[1:3])
def test_a_kill_at_a_write_is_mended_by_one_rebuild(bench: Bench, tmp_path: Path, name: str) -> None:
    """The ingest that was hit ends well; each text was embedded once, search and index are right."""
    bench.finish()
    (bench.texts / "later.txt").write_text("".join(f"later record {i}\n" for i in range(MORE)))
    for number in range(1, (_count(bench, tmp_path, name) if LONG else 1) + 1):
        data = shutil.copytree(bench.data, tmp_path / f"data-{number}")
        before = bench.embedded()
        said = _traced(bench, data, name, f"inject={CALLS}:signal=KILL:when={number}")
        assert "SIGKILL" in said
        assert bench.embedded() == before + MORE
        check_index(data)
        shutil.rmtree(data)
    assert before >= RECORDS


def _count(bench: Bench, tmp_path: Path, name: str) -> int:
    """Return how many writes an ingest makes to a file."""
    data = shutil.copytree(bench.data, tmp_path / "counted")
    found = _traced(bench, data, name).count("write")
    shutil.rmtree(data)
    print(f"{name}: {found} writes")
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
