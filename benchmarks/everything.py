"""Run all benchmarks, one after the other, and write the tables of docs/benchmarks.md.

    make bench
    make bench ONLY="search quality"
    python -m benchmarks.everything --list

Each is a process of its own: one that fails, or whose environment cannot be made, ends no other and is named at the
end.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.report import ROOT, table

PEERS, RAY = ".venv-bench/ready", "ray"
"""What `make` sets up for some: an environment with the peers' packages, and an extra in the one of all others."""


@dataclass(frozen=True, slots=True)
class Benchmark:
    """A module, and what it is told."""

    name: str
    module: str
    words: tuple[str, ...] = ()
    """`{folder}` becomes one that is there for this run."""
    needs: str = ""

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


BENCHMARKS = (
    Benchmark("embedding", "embedding", needs=PEERS),
    Benchmark("ingest", "ingest", needs=PEERS),
    Benchmark("ingest-bf16", "ingest", ("--embedder", "local:all-MiniLM-L6-v2@bf16"), needs=PEERS),
    Benchmark("cluster", "cluster", needs=RAY),
    Benchmark("memory", "memory"),
    Benchmark("search", "search"),
    Benchmark("search_peers", "search_peers", needs=PEERS),
    Benchmark("large", "large"),
    Benchmark("quality", "quality"),
    Benchmark("service", "service"),
    Benchmark("consistency", "consistency"),
    Benchmark("refusals", "refusals"),
    Benchmark("follow_up", "follow_up"),
    Benchmark("ask", "ask"),
    Benchmark("ask_times", "ask_times"),
    Benchmark("cautions", "cautions"),
    Benchmark("maps", "maps"),
    Benchmark("page", "page", ("--data", "{folder}")),
    Benchmark("map_page", "map_page"),
    Benchmark("map_page_peers", "map_page_peers"),
)
TABLES = Benchmark("the tables", "tables")


def main() -> int:
    """Run what is wanted; fail where one of them did."""
    names = [benchmark.name for benchmark in BENCHMARKS]
    parser = argparse.ArgumentParser()
    parser.add_argument("--only", nargs="+", choices=names, default=names, metavar="NAME", help=", ".join(names))
    parser.add_argument("--list", action="store_true", help="say what there is, and run nothing")
    given = parser.parse_args()
    chosen = [benchmark for benchmark in BENCHMARKS if benchmark.name in given.only]
    if given.list:
        print("\n".join(f"{one.name:15}{' '.join(one.command('DIR')[1:])}" for one in chosen))
        return 0
    return told([*run(chosen), *run([TABLES])])


def run(benchmarks: Sequence[Benchmark]) -> list[Outcome]:
    """Run each to its end."""
    faults = {target: made(target) for target in sorted({one.needs for one in benchmarks} - {""})}
    return [Outcome(one.name, fault) if (fault := faults.get(one.needs)) else run_one(one) for one in benchmarks]


def made(target: str) -> str:
    """Have `make` set something up; return what is wrong with it, if anything."""
    try:
        code = subprocess.run(["make", target], cwd=ROOT, check=False).returncode
    except FileNotFoundError:
        return f"there is no make to set {target} up"
    return f"make {target} ended with {code}" if code else ""


def run_one(benchmark: Benchmark) -> Outcome:
    """Run one in a process of its own."""
    print(f"\n# {benchmark.name}", flush=True)
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        code = subprocess.run(benchmark.command(folder), cwd=ROOT, check=False).returncode
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
