"""What memory an ingest takes, by the size of a text file.

    python -m benchmarks.memory [--size GIB] [--as sentences]

The file holds few different paragraphs, again and again, so that the time is that of reading, cutting and writing.
"""

import argparse
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.ingest import command
from benchmarks.report import keep, machine, table

MIB = 2**20
LIMIT = 1_024
"""MiB that an ingest of any file may take."""
PARAGRAPHS = 50
WORDS = ("water", "river", "sea", "bank", "stone", "bridge", "mill", "field", "wind", "rain", "boat", "fish", "net")


def main() -> None:
    """Measure, print, keep."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--size", type=float, default=1.0, help="GiB of the larger file; the smaller has an eighth")
    parser.add_argument("--as", dest="kind", choices=("notes", "sentences"), default="notes")
    given = parser.parse_args()
    runs = [measure(round(given.size * share * 1024), given.kind) for share in (1 / 8, 1)]
    table(f"text files as {given.kind}", list(runs[0]), [list(run.values()) for run in runs])
    keep("memory", {"machine": machine("onnxruntime", "chromadb"), "kind": given.kind, "runs": runs})
    worst = max(run["memory_mib"] for run in runs)
    print(f"\n{'below' if worst < LIMIT else 'NOT below'} {LIMIT:,} MiB")


def measure(mebibytes: int, kind: str) -> dict[str, Any]:
    """Take a file of a size in, and return the time, the rate, and the most memory of all processes."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        source = folder / "large.txt"
        with source.open("w") as file:
            for paragraph in _paragraphs(mebibytes * MIB):
                file.write(paragraph)
        found = command(folder, "ingest", str(source), "--as", kind, "--json")
        disk = sum(file.stat().st_size for file in (folder / "data").rglob("*") if file.is_file())
    passages = found["report"]["passages"]
    return {
        "mib": mebibytes,
        "passages": passages,
        "embedded": found["report"]["embedded"],
        "wall_s": found["wall"],
        "passages_per_s": passages / found["wall"],
        "memory_mib": found["memory_mib"],
        "disk_mib": disk / MIB,
    }


def _paragraphs(size: int) -> Iterator[str]:
    """Yield paragraphs of a passage's length, a line each, until they are of a size."""
    number = 0
    while size > 0:
        start = number % PARAGRAPHS
        words = " ".join(WORDS[(start * 7 + i * (start + 1)) % len(WORDS)] for i in range(140))
        yield f"Of paragraph {start}: {words}.\n\n"
        size -= len(words) + len(f"Of paragraph {start}: .\n\n")
        number += 1


if __name__ == "__main__":
    main()
