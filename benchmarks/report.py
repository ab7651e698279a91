"""Where benchmarks find their data, and how they print and keep what they measured."""

import json
import os
import platform
import statistics
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "benchmarks" / "results"
PLAIN = RESULTS / "plain"
"""Those of processors that multiply no bfloat16: a page of their own has their tables."""
MEASURED = ("search", "ingest", "ui", "benchmarks/*.py")
"""What a number may depend on."""
INSTRUCTIONS = {
    "amx_bf16": "AMX with bfloat16",
    "avx512_bf16": "AVX-512 with bfloat16",
    "avx512_vnni": "AVX-512 with VNNI",
    "avx512f": "AVX-512",
    "avx_vnni": "AVX2 with VNNI",
    "avx2": "AVX2",
}
"""What a processor may have, the fastest first, by the kernel's names."""
TESTDATA = Path(os.environ.get("NEARHOOD_TESTDATA", ROOT.parent / "shared" / "data"))


def rounds(
    runs: Mapping[str, Callable[[], object]], count: int, clock: Callable[[], float] = time.perf_counter
) -> dict[str, list[float]]:
    """Return the seconds of each run, in turns, so that a slow spell of the machine meets all of them alike.

    :param clock: `time.process_time` for what the processor spends, where other work runs beside.
    """
    seconds: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(count):
        for name, run in runs.items():
            started = clock()
            run()
            seconds[name].append(clock() - started)
    return seconds


def medians(seconds: Mapping[str, Sequence[float]]) -> dict[str, float]:
    """Return the median of each run's seconds."""
    return {name: statistics.median(values) for name, values in seconds.items()}


def median(measured: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the median of each number of all rounds; what is none is as in the first, and yes where it is in all."""
    return {name: _median([one[name] for one in measured]) for name in measured[0]}


def _median(values: Sequence[Any]) -> Any:
    if isinstance(values[0], Mapping):
        return median(values)
    if isinstance(values[0], bool):
        return all(values)
    return statistics.median(values) if isinstance(values[0], int | float) else values[0]


def machine(*packages: str) -> dict[str, Any]:
    """Return what the numbers depend on."""
    return {
        "cpu": _of_processor("model name") or platform.processor(),
        "multiplies": multiplies(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "packages": {name: _version(name) for name in packages},
    }


def multiplies() -> str:
    """Return the instructions that a processor multiplies matrices with: its name alone tells little of its speed."""
    flags = _of_processor("flags").split()
    return next((name for flag, name in INSTRUCTIONS.items() if flag in flags), "")


def has_bfloat16() -> bool:
    """Return whether the processor multiplies bfloat16."""
    return "bfloat16" in multiplies()


def _of_processor(name: str) -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    return next((line.split(":")[1].strip() for line in lines if line.startswith(name)), "")


def table(title: str, head: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print rows under a head, columns aligned."""
    lines = [list(map(str, head)), *([_cell(value) for value in row] for row in rows)]
    widths = [max(len(line[i]) for line in lines) for i in range(len(head))]
    print(f"\n{title}")
    for line in lines:
        print(
            "  ".join(
                cell.rjust(width) if i else cell.ljust(width)
                for i, (cell, width) in enumerate(zip(line, widths, strict=True))
            )
        )


def keep(name: str, result: Mapping[str, Any]) -> None:
    """Write a result as JSON, with the day and the code that it is of."""
    file = _file(name)
    file.parent.mkdir(parents=True, exist_ok=True)
    dated = {**result, "day": datetime.now(UTC).date().isoformat(), "code": code()}
    file.write_text(json.dumps(dated, indent=1) + "\n")


def _file(name: str) -> Path:
    return (RESULTS if has_bfloat16() else PLAIN) / f"{name}.json"


def code(root: Path = ROOT) -> str | None:
    """Return the commit that is checked out, and whether code is changed beside it; None where git does not know."""
    try:
        commit = _git(root, "rev-parse", "--short=7", "HEAD")
        changed = _git(root, "status", "--porcelain", "--", *MEASURED)
    except (OSError, subprocess.CalledProcessError):
        return None
    return f"{commit} with changes" if changed else commit


def _git(root: Path, *words: str) -> str:
    said = subprocess.run(["git", *words], cwd=root, check=True, capture_output=True, text=True)
    return said.stdout.strip()


def kept(name: str) -> dict[str, Any]:
    """Return what was kept under a name; nothing where there is none."""
    file = _file(name)
    return dict(json.loads(file.read_text())) if file.exists() else {}


def _cell(value: object) -> str:
    return (
        f"{value:,.4g}"
        if isinstance(value, float) and abs(value) < 100
        else f"{value:,.0f}"
        if isinstance(value, float)
        else str(value)
    )


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
