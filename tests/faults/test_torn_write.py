"""Killed at a write to any of HNSW's files, the index is made anew, and nobody sees a signal."""

import shutil
from pathlib import Path

import pytest

from tests.faults.conftest import LONG, RECORDS, Bench, check_index

FILES = ("header.bin", "data_level0.bin", "length.bin", "link_lists.bin", "index_metadata.pickle")
WRITES = range(1, 6) if LONG else range(1, 2)

pytestmark = pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")


@pytest.mark.parametrize("write", WRITES)
@pytest.mark.parametrize("name", FILES if LONG else FILES[1:3])
def test_a_kill_at_a_write_is_mended_by_one_rebuild(bench: Bench, tmp_path: Path, name: str, write: int) -> None:
    """The ingest that was hit ends well; each text was embedded once, search and index are right."""
    bench.finish()
    (file,) = (bench.data / "chroma").glob(f"*/{name}")
    more = "".join(f"later record {i}\n" for i in range(1_200))
    (bench.texts / "later.txt").write_text(more)
    trace = tmp_path / "trace"
    with bench.start(*_ingest(bench), before=_killer(file, write, trace)) as process:
        _, err = process.communicate(timeout=300)
    assert process.returncode == 0, err
    # A file that is written at once has no second write.
    assert "SIGKILL" in trace.read_text() or write > 1
    assert bench.embedded() == RECORDS + 1_200
    check_index(bench.data)


def _ingest(bench: Bench) -> tuple[str, ...]:
    return "ingest", str(bench.texts), "--as", "words", "-c", "things"


def _killer(file: Path, write: int, trace: Path) -> list[str]:
    """Return the command that kills whoever writes to a file, at its n-th write."""
    inject = f"inject=write,writev,pwrite64:signal=KILL:when={write}"
    calls = "trace=write,writev,pwrite64"
    return ["strace", "-f", "-qq", "-o", str(trace), "-P", str(file), "-e", calls, "-e", inject]
