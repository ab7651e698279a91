"""All benchmarks run, whatever becomes of one."""

import sys
from pathlib import Path

import pytest

from benchmarks import everything
from benchmarks.everything import BENCHMARKS, PEERS, Benchmark, Outcome
from benchmarks.report import ROOT


def test_one_that_fails_ends_no_other(capfd: pytest.CaptureFixture[str]) -> None:
    """It is named at the end, and the exit code says that there was one."""
    outcomes = everything.run([Benchmark("missing", "none"), Benchmark("all there", "everything", ("--list",))])
    assert [(one.name, one.fault) for one in outcomes] == [("missing", "ended with 1"), ("all there", "")]
    assert everything.told(outcomes) == 1
    assert everything.told(outcomes[1:]) == 0
    assert "ended with 1" in capfd.readouterr().out


def test_without_the_peers_the_others_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those that need what `make` cannot set up are named with the reason."""
    monkeypatch.setenv("PATH", str(tmp_path))
    found = everything.run([Benchmark("beside", "none", needs=PEERS), Benchmark("list", "everything", ("--list",))])
    assert found[0] == Outcome("beside", "there is no make to set .venv-bench/ready up")
    assert (found[1].name, found[1].fault) == ("list", "")


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
