"""All benchmarks run, whatever becomes of one."""

import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks import everything
from benchmarks.everything import BENCHMARKS, PEERS, Benchmark, Outcome, Progress
from benchmarks.report import ROOT


def test_one_that_fails_ends_no_other(capfd: pytest.CaptureFixture[str]) -> None:
    """It is named at the end, and the exit code says that there was one."""
    outcomes = list(everything.run([Benchmark("missing", "none"), Benchmark("all there", "everything", ("--list",))]))
    assert [(one.name, one.fault) for one in outcomes] == [("missing", "ended with 1"), ("all there", "")]
    assert everything.told(outcomes) == 1
    assert everything.told(outcomes[1:]) == 0
    assert "ended with 1" in capfd.readouterr().out


def test_without_the_peers_the_others_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those that need what `make` cannot set up are named with the reason."""
    monkeypatch.setenv("PATH", str(tmp_path))
    asked = [Benchmark("beside", "none", needs=PEERS), Benchmark("list", "everything", ("--list",))]
    found = list(everything.run(asked))
    assert found[0] == Outcome("beside", "there is no make to set .venv-bench/ready up")
    assert (found[1].name, found[1].fault) == ("list", "")


def test_a_run_that_was_cut_off_goes_on(tmp_path: Path) -> None:
    """What is done is not done again, what failed is; one that is whole is done anew, and so is one of other code."""
    record, asked = tmp_path / "build" / "bench.json", [Benchmark(name, "none") for name in ("a", "b", "c")]
    before = Progress(record, "this code")
    assert before.left(asked) == asked
    before.note(Outcome("a", "", 1.0))
    before.note(Outcome("b", "ended with 1", 2.0))

    after = Progress(record, "this code")
    assert after.left(asked) == asked[1:]
    after.note(Outcome("c", "", 3.0))
    after.note(Outcome("b", "", 4.0))
    assert after.outcomes(asked) == [Outcome("a", "", 1.0), Outcome("b", "", 4.0), Outcome("c", "", 3.0)]
    assert Progress(record, "other code").left(asked) == asked
    assert Progress(record, "this code").left(asked) == asked


def test_those_of_scale_are_another_command(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """One that begins anew leaves alone what the other has done; both together are all that there is."""
    record, of_scale = tmp_path / "bench.json", [Benchmark("large", "large", of_scale=True)]
    progress = Progress(record, "this code")
    for name in ("large", "search"):
        progress.note(Outcome(name, "", 1.0))
    assert progress.left(of_scale) == of_scale
    assert progress.outcomes([Benchmark("search", "search"), *of_scale]) == [Outcome("search", "", 1.0)]
    subprocess.run([sys.executable, "-m", "benchmarks.everything", "--list"], cwd=ROOT, check=True)
    assert capfd.readouterr().out.splitlines() == [
        f"{one.name:15}{' '.join(one.command('DIR')[1:])}" for one in BENCHMARKS
    ]
    assert {one.name for one in BENCHMARKS if one.of_scale} == {
        *("wordnet", "maps-large", "map_page-large", "map_page_peers-large", "cluster", "large", "memory")
    }


def test_other_code_is_another_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was measured before a change says nothing of what comes after it; compiled files are no change."""
    monkeypatch.setattr(everything, "ROOT", tmp_path)
    code = tmp_path / "search" / "store" / "index.py"
    code.parent.mkdir(parents=True)
    code.write_text("BATCH = 1\n")
    before = everything.identity()
    cached = code.parent / "__pycache__" / "index.pyc"
    cached.parent.mkdir()
    cached.write_bytes(b"compiled")
    assert everything.identity() == before
    code.write_text("BATCH = 2\n")
    assert everything.identity() != before


def test_each_benchmark_is_there() -> None:
    """By the name of a module, run with this Python or the one of the peers."""
    assert [one.name for one in BENCHMARKS if not (ROOT / "benchmarks" / f"{one.module}.py").is_file()] == []
    assert Benchmark("page", "page", ("--data", "{folder}")).command("/f")[1:] == [
        "-m",
        "benchmarks.page",
        "--data",
        "/f",
    ]
    assert {one.command("")[0] for one in BENCHMARKS} == {sys.executable, str(ROOT / ".venv-bench/bin/python")}


@pytest.mark.parametrize(("words", "written"), [(["--only", "cautions"], set()), ([], {"everything"})])
def test_a_few_leave_what_all_of_them_took(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], written: set[str]
) -> None:
    """The table of how long each takes is of a run of all."""
    kept = set[str]()
    monkeypatch.setattr(everything, "RECORD", tmp_path / "bench.json")
    monkeypatch.setattr(everything, "run", lambda some: [Outcome(one.name, "", 1.0) for one in some])
    monkeypatch.setattr(everything, "keep", lambda name, _: kept.add(name))
    monkeypatch.setattr(sys, "argv", ["everything", *words])
    assert everything.main() == 0
    assert kept == written
    assert len(Progress(tmp_path / "bench.json", everything.identity()).outcomes(BENCHMARKS)) >= 1
