"""A folder of hostile files is taken in: what is good goes in, what is bad has a line, and nothing else is touched.

NEARHOOD_FAULTS=long adds the corpus at its full size, which takes 1 GB of disk for a while.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from benchmarks.ingest import proportional_bytes
from search.store.store import Store
from tests.faults.conftest import LONG, ROOT
from tests.ingest import hostile
from tests.ingest.hostile import CANARY, SECRET, Fate

pytestmark = pytest.mark.xdist_group("hostile")  # one run of the command for all tests

MEMORY, SECONDS = 2**30, 60
"""What the whole corpus may take."""
SIZES = ["short", pytest.param("full", marks=pytest.mark.skipif(not LONG, reason="NEARHOOD_FAULTS=long"))]
WITHOUT_PRIVILEGE = """
import ctypes, os, sys
for capability in (1, 2):  # CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH, by which root reads everything
    ctypes.CDLL(None).prctl(24, capability, 0, 0, 0)
os.execv(sys.argv[1], sys.argv[1:])
"""
WRITES = "creat,mkdir,mkdirat,rename,renameat,renameat2,unlink,unlinkat,link,linkat,symlink,symlinkat,mknod,truncate"
CALL = re.compile(r'\d+ +(\w+)\((?:AT_FDCWD, |\d+, )?"((?:[^"\\]|\\.)*)"(.*)')


class Call(NamedTuple):
    """A call of the system that opened or changed a file."""

    name: str
    path: str
    rest: str
    """Its other arguments, and what it returned."""

    @property
    def writes(self) -> bool:
        return self.name not in {"open", "openat"} or re.search("O_WRONLY|O_RDWR|O_CREAT", self.rest) is not None


@dataclass(frozen=True, slots=True)
class Run:
    """What an ingest of the corpus did."""

    base: Path
    """Holds the corpus, the data folder, and the folders that the command takes for its user's."""
    fates: dict[str, Fate]
    code: int
    report: dict[str, Any]
    lines: list[str]
    """Of stderr."""
    seconds: float
    memory: int
    """Bytes at the peak, of all its processes."""
    touched: set[str]
    """Files in the base that are new or changed, but for those under the data folder."""
    calls: list[Call] | None
    """Those that succeeded; None without strace."""

    def named(self, fate: Fate) -> set[str]:
        """Return the names of a fate, as they are written down."""
        return {name.encode(errors="backslashreplace").decode() for name, met in self.fates.items() if met == fate}


@pytest.fixture(scope="module", params=SIZES)
def run(request: pytest.FixtureRequest, cache: Path) -> Iterator[Run]:
    """Take the corpus in."""
    with tempfile.TemporaryDirectory(prefix="nearhood-hostile-") as folder:
        base = Path(folder).resolve()
        for name in ("corpus", "home", "tmp", "here"):
            (base / name).mkdir()
        try:
            fates = hostile.make(base / "corpus", full=request.param == "full")
            yield _ingest(base, fates, cache)
        finally:
            hostile.remove(base / "corpus")


def _ingest(base: Path, fates: dict[str, Fate], cache: Path) -> Run:
    # A measurement of coverage would write beside the code.
    left_out = ("XDG_", "NEARHOOD_", "COVERAGE_")
    environ = {name: value for name, value in os.environ.items() if not name.startswith(left_out)}
    environ |= {"HOME": str(base / "home"), "TMPDIR": str(base / "tmp"), "PYTHONPATH": str(ROOT)}
    environ |= {"NEARHOOD_CACHE": str(cache), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-m", "ui.cli", "ingest", str(base / "corpus"), "--json", "--data", str(base / "data")]
    if sys.platform == "linux" and os.geteuid() == 0:
        command = [sys.executable, "-c", WITHOUT_PRIVILEGE, *command]
    before, memory, started = _listing(base), [0], time.monotonic()
    with tempfile.NamedTemporaryFile("r", errors="replace") as trace, tempfile.TemporaryFile("w+") as errors:
        process = subprocess.Popen(
            [*_tracer(trace.name), *command], cwd=base / "here", env=environ, stdout=subprocess.PIPE, stderr=errors
        )
        watcher = threading.Thread(target=_watch, args=(process, memory))
        watcher.start()
        out, _ = process.communicate()
        seconds = time.monotonic() - started
        watcher.join()
        errors.seek(0)
        lines, calls = errors.read().splitlines(), list(_calls(trace.read())) if _tracer(trace.name) else None
    report = json.loads(out) if out else {}
    touched = {path for path, state in _listing(base).items() if before.get(path) != state}
    return Run(base, fates, process.returncode, report, lines, seconds, max(memory), touched, calls)


def _listing(base: Path) -> dict[str, tuple[int, int, int]]:
    """Return what would tell that a file is another, of all but the data folder, without following links."""
    found: dict[str, tuple[int, int, int]] = {}
    folders = [str(base)]
    while folders:
        folder = folders.pop()
        if not os.access(folder, os.R_OK | os.X_OK) or folder == str(base / "data"):
            continue
        with os.scandir(folder) as entries:
            for entry in entries:
                status = entry.stat(follow_symlinks=False)
                found[entry.path] = status.st_mode, status.st_size, status.st_mtime_ns
                folders += [entry.path] if entry.is_dir(follow_symlinks=False) else []
    # It is there afterwards, and the folder that it is in is another then.
    return {path: state for path, state in found.items() if path != str(base / "data")}


def _watch(process: subprocess.Popen[bytes], memory: list[int]) -> None:
    while process.poll() is None:
        memory.append(proportional_bytes(process.pid))
        time.sleep(0.05)


def _tracer(file: str) -> list[str]:
    strace = shutil.which("strace")
    options = ["-f", "-qq", "--seccomp-bpf", "-z", "-s", "4096", "-e", f"trace=open,openat,{WRITES}", "-o"]
    works = strace and subprocess.run([strace, *options, os.devnull, "true"], capture_output=True, check=False)
    return [strace, *options, file] if strace and works and works.returncode == 0 else []


def _calls(trace: str) -> Iterator[Call]:
    for line in trace.splitlines():
        if found := CALL.match(line):
            yield Call(*found.groups())


def test_each_file_meets_its_fate(run: Run) -> None:
    """The good ones go in, each bad one fails once, and what is passed over is neither."""
    assert run.code == 3, run.lines
    failed = Counter(os.path.relpath(failure["source"], run.base / "corpus") for failure in run.report["failed"])
    with Store(run.base / "data", 2**30, "test") as store:
        sources = {
            os.path.relpath(name, run.base / "corpus") for (name,) in store.ledger.rows("SELECT name FROM sources")
        }
    assert sources == run.named(Fate.IN)
    assert failed == dict.fromkeys(run.named(Fate.REFUSED), 1)


def test_each_bad_file_has_one_line(run: Run) -> None:
    """It begins with the file's name, whose own line ends and marks are escaped."""
    assert len(run.lines) == len(run.report["failed"]) + len(run.report["warnings"])
    assert all(line.isprintable() for line in run.lines)
    for name in run.named(Fate.REFUSED):
        assert len([line for line in run.lines if line.startswith(f"nearhood: {run.base}/corpus/{name}: ")]) == 1


def test_memory_and_time_are_bounded(run: Run) -> None:
    """Whatever a file claims to hold."""
    print(f"{len(run.fates)} files in {run.seconds:.1f} s, {run.memory / 2**20:.0f} MiB")
    assert run.memory < MEMORY
    # A machine that runs other tests, too, takes longer; the long form is run alone.
    assert run.seconds < (SECONDS if LONG else 10 * SECONDS)


def test_nothing_outside_is_read(run: Run) -> None:
    """Neither by a link nor by an entity, a frame or a path in an archive."""
    for file in (run.base / "data").rglob("*"):
        assert not file.is_file() or CANARY.encode() not in file.read_bytes()
    if run.calls is None:
        pytest.skip("strace is not here: only the ledger was looked at")
    opened = {os.path.realpath(call.path) for call in run.calls if not call.writes}
    assert len(opened) > len(run.named(Fate.IN))
    assert not opened & {str(run.base / SECRET), "/dev/zero", "/"}


def test_nothing_outside_the_data_folder_is_written(run: Run, cache: Path) -> None:
    """But for the cache of the model, and what is put into the folder for temporary files and taken away again."""
    assert run.touched <= {str(run.base / "tmp")}
    if run.calls is None:
        pytest.skip("strace is not here: only the surroundings were looked at")
    inside = (str(run.base / "data"), str(run.base / "tmp"), str(cache.resolve()), "/dev/null", "/proc/", "/dev/shm/")
    written = {os.path.realpath(call.path) for call in run.calls if call.writes}
    assert {path for path in written if not path.startswith(inside)} == set()
