"""On a disk that is full, what was committed stays, and with space the next run goes on."""

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.conftest import LONG, RECORDS, Bench, check_complete, committed

SIZES = [round(256 * 1.5**i) for i in range(15)] if LONG else [256, 5_500]
"""Of the disk, in KiB."""


def _mount(folder: Path, *options: str) -> bool:
    command = ["mount", "-t", "tmpfs", "-o", ",".join(options), "tmpfs", str(folder)]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


@pytest.fixture
def disk(bench: Bench) -> Iterator[Path]:
    """The data folder as a disk of its own."""
    bench.data.mkdir()
    if os.geteuid() != 0 or not _mount(bench.data, "size=64m"):
        pytest.skip("mounting a small disk needs root")
    yield bench.data
    subprocess.run(["umount", "-l", str(bench.data)], check=True)


@pytest.mark.parametrize("size", SIZES)
def test_a_full_disk_loses_nothing(bench: Bench, disk: Path, size: int) -> None:
    """The exit code is 5, what was committed is found, and nothing is embedded twice."""
    assert _mount(disk, "remount", f"size={size}k")
    with bench.ingest() as process:
        _, err = process.communicate(timeout=300)
    assert process.returncode in {0, 5}, err
    if process.returncode == 5:
        assert "no space left" in err
        assert err.strip().count("\n") == 0
    searched = bench.start("search", "record 7 of file 0", "-c", "things", "--json")
    said, err = searched.communicate(timeout=60)
    assert _mount(disk, "remount", "size=256m")
    kept = committed(disk)
    if kept:
        assert searched.returncode == 0, err
        assert json.loads(said)["hits"]
    assert bench.finish()["embedded"] == RECORDS - len(kept)
    # The query of the search is the one text more.
    assert bench.embedded() - RECORDS in {0, 1}
    check_complete(bench)
