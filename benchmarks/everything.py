"""Run all benchmarks, one after the other, and write the tables of docs/benchmarks.md.

    make bench
    make bench ONLY="search quality"
    make bench-scale
    python -m benchmarks.everything --list

Each is a process of its own, and those that measure scores and no times run beside each other. One that fails, or
whose environment cannot be made, ends no other and is named at the end. All of them take an hour or so, and those of
scale, of what large collections take, some three. A run that is cut off goes on where it stood when it is started
again, as long as the code, the machine and the locked packages are those it began with; one that is whole is not done
again by half, but anew.
"""

import argparse
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from itertools import groupby
from pathlib import Path

from benchmarks.report import ROOT, has_bfloat16, keep, machine, table

PEERS, RAY = ".venv-bench/ready", "ray"
"""What `make` sets up for some: an environment with the peers' packages, and an extra in the one of all others."""
RECORD = ROOT / "build" / "bench.json"
"""How far a run came."""
THREADS = ("NEARHOOD_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")
CODE = ("search/**/*", "ingest/**/*", "ui/**/*", "benchmarks/**/*.py", "requirements*.lock", "benchmarks/*.txt")
"""What measures and is measured."""


@dataclass(frozen=True, slots=True)
class Benchmark:
    """A module, and what it is told."""

    name: str
    module: str
    words: tuple[str, ...] = ()
    """`{folder}` becomes one that is there for this run."""
    needs: str = ""
    of_scale: bool = False
    """Whether it measures what a large collection takes."""
    of_bfloat16: bool = False
    """Whether there is nothing to measure on a processor that multiplies none."""
    is_timed: bool = True
    """Whether it measures times, so that nothing may run beside it."""

    def command(self, folder: str) -> list[str]:
        """Return what to run, from the root of the checkout."""
        python = str((ROOT / PEERS).parent / "bin" / "python") if self.needs == PEERS else sys.executable
        return [python, "-m", f"benchmarks.{self.module}", *(word.format(folder=folder) for word in self.words)]


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a benchmark ended, and after how long."""

    name: str
    fault: str
    """Empty where all went well."""
    seconds: float = 0.0

    @property
    def is_done(self) -> bool:
        """Return whether there is nothing to do again."""
        return not self.fault


BENCHMARKS = (
    Benchmark("embedding", "embedding", needs=PEERS),
    Benchmark("ingest", "ingest", ("--only", "peers"), needs=PEERS),
    Benchmark(
        "ingest-bf16",
        "ingest",
        ("--embedder", "local:all-MiniLM-L6-v2@bf16", "--only", "peers"),
        PEERS,
        of_bfloat16=True,
    ),
    Benchmark("search", "search"),
    Benchmark("search_peers", "search_peers", needs=PEERS),
    Benchmark("service", "service"),
    Benchmark("consistency", "consistency"),
    Benchmark("refusals", "refusals"),
    Benchmark("ask_times", "ask_times"),
    Benchmark("ask", "ask", is_timed=False),
    Benchmark("words", "words", is_timed=False),
    Benchmark("quality", "quality", is_timed=False),
    Benchmark("follow_up", "follow_up", is_timed=False),
    Benchmark("clusters", "maps", ("--only", "clusters,probes"), is_timed=False),
    Benchmark("cautions", "cautions"),
    Benchmark("maps", "maps", ("--only", "2000,10000")),
    Benchmark("page", "page", ("--data", "{folder}")),
    Benchmark("map_page", "map_page"),
    Benchmark("map_page_peers", "map_page_peers"),
    Benchmark("wordnet", "ingest", ("--only", "wordnet"), needs=PEERS, of_scale=True),
    Benchmark("maps-large", "maps", ("--large",), of_scale=True),
    Benchmark("map_page-large", "map_page", ("--large",), of_scale=True),
    Benchmark("map_page_peers-large", "map_page_peers", ("--large",), of_scale=True),
    Benchmark("cluster", "cluster", needs=RAY, of_scale=True),
    Benchmark("large", "large", of_scale=True),
    Benchmark("memory", "memory", of_scale=True),
)
TABLES = Benchmark("the tables", "tables")


class Progress:
    """What is done of all benchmarks with the same code on the same machine, in a file, so that hours are not lost."""

    def __init__(self, record: Path, of: str) -> None:
        """Go on with the run of a file, unless it was of something else.

        :param of: What must be the same for all of a run.
        """
        self._record = record
        self._of = of
        found = json.loads(record.read_text()) if record.exists() else {}
        self._outcomes = [Outcome(**one) for one in found["outcomes"]] if found.get("of") == of else []

    def left(self, benchmarks: Sequence[Benchmark]) -> list[Benchmark]:
        """Return those that are not done; all of them after a run that was whole."""
        done = {one.name for one in self._outcomes if one.is_done}
        left = [one for one in benchmarks if one.name not in done]
        if left:
            return left
        again = {one.name for one in benchmarks}
        self._outcomes = [one for one in self._outcomes if one.name not in again]
        return list(benchmarks)

    def note(self, outcome: Outcome) -> None:
        """Keep how one ended, in place of how it ended before."""
        self._outcomes = [*(one for one in self._outcomes if one.name != outcome.name), outcome]
        self._record.parent.mkdir(parents=True, exist_ok=True)
        text = json.dumps({"of": self._of, "outcomes": [asdict(one) for one in self._outcomes]}, indent=1)
        # In one step: who cuts the run off may do so here.
        new = self._record.with_suffix(".new")
        new.write_text(text + "\n")
        new.replace(self._record)

    def outcomes(self, benchmarks: Sequence[Benchmark]) -> list[Outcome]:
        """Return how each ended that was run, in their order."""
        found = {one.name: one for one in self._outcomes}
        return [found[one.name] for one in benchmarks if one.name in found]


def main() -> int:
    """Run what is wanted, or what is left of all; fail where one of them did."""
    names = [benchmark.name for benchmark in BENCHMARKS]
    parser = argparse.ArgumentParser()
    parser.add_argument("--only", nargs="+", choices=names, metavar="NAME", help=", ".join(names))
    parser.add_argument("--scale", action="store_true", help="those of scale in place of the others")
    parser.add_argument("--list", action="store_true", help="say what there is, and run nothing")
    given = parser.parse_args()
    wanted = given.only or [one.name for one in BENCHMARKS if given.list or one.of_scale is given.scale]
    chosen = [one for one in BENCHMARKS if one.name in wanted and (given.list or has_bfloat16() or not one.of_bfloat16)]
    if given.list:
        print("\n".join(f"{one.name:15}{' '.join(one.command('DIR')[1:])}" for one in chosen))
        return 0
    progress = Progress(RECORD, identity())
    left = chosen if given.only else progress.left(chosen)
    if len(left) < len(chosen):
        print(f"Goes on with {left[0].name}; {len(chosen) - len(left)} of {len(chosen)} are done ({RECORD}).")
    for outcome in run(left):
        progress.note(outcome)
        # A few that are run by name take no place of what all of them took.
        if not given.only:
            done = {one.name: one.seconds for one in progress.outcomes(BENCHMARKS) if one.is_done}
            keep("everything", {"machine": machine(), "seconds": done})
    return told([*progress.outcomes(chosen), *run([TABLES])])


def identity() -> str:
    """Return what a run is of: the code, the machine, and this Python."""
    digest = hashlib.blake2b(json.dumps(machine()).encode(), digest_size=16)
    for path in sorted({path for pattern in CODE for path in ROOT.glob(pattern)}):
        if path.is_file() and "__pycache__" not in path.parts:
            digest.update(f"{path.relative_to(ROOT)}\0".encode() + hashlib.blake2b(path.read_bytes()).digest())
    return digest.hexdigest()


def run(benchmarks: Sequence[Benchmark]) -> Iterator[Outcome]:
    """Run each to its end, and yield how that was."""
    faults = {target: made(target) for target in sorted({one.needs for one in benchmarks} - {""})}
    for is_timed, some in groupby(benchmarks, lambda one: one.is_timed):
        if is_timed:
            yield from (run_one(one, faults.get(one.needs, "")) for one in some)
            continue
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            try:
                yield from pool.map(lambda one: run_one(one, faults.get(one.needs, "")), some)
            finally:
                # Who breaks it off waits for none that has not begun.
                pool.shutdown(cancel_futures=True)


def made(target: str) -> str:
    """Have `make` set something up; return what is wrong with it, if anything."""
    try:
        code = subprocess.run(["make", target], cwd=ROOT, check=False).returncode
    except FileNotFoundError:
        return f"there is no make to set {target} up"
    return f"make {target} ended with {code}" if code else ""


def run_one(benchmark: Benchmark, fault: str = "") -> Outcome:
    """Run one in a process of its own; those that others may run beside have a core each.

    :param fault: Why it cannot be run, if so.
    """
    if fault:
        return Outcome(benchmark.name, fault)
    print(f"\n# {benchmark.name}", flush=True)
    environ = os.environ if benchmark.is_timed else {**os.environ, **dict.fromkeys(THREADS, "1")}
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        code = subprocess.run(benchmark.command(folder), cwd=ROOT, env=environ, check=False).returncode
    seconds = time.monotonic() - started
    print(f"{benchmark.name} took {seconds:,.0f} s", flush=True)
    return Outcome(benchmark.name, f"ended with {code}" if code else "", seconds)


def told(outcomes: Sequence[Outcome]) -> int:
    """Print how each ended, and return the exit code."""
    rows = [[one.name, f"{one.seconds:,.0f}", one.fault or "done"] for one in outcomes]
    table("All of it", ["", "seconds", ""], rows)
    return int(any(one.fault for one in outcomes))


if __name__ == "__main__":
    sys.exit(main())
