"""Taking WordNet's glosses in, beside the embedding alone, Chroma's own path and txtai's.

    make bench-ingest

Needs `apt-get install wordnet-base`. Peers run where they are installed (benchmarks/requirements.txt), on a sample.
"""

import argparse
import importlib.util
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks.report import keep, machine, table
from search.embedders.local import LocalEmbedder
from search.settings import Settings

WORDNET = Path("/usr/share/wordnet")
SAMPLE = 5_000


def main() -> None:
    """Measure, print, keep."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--limit", type=int, default=1_000_000, help="glosses to take")
    given = parser.parse_args()
    glosses = read_glosses()[: given.limit]
    with tempfile.TemporaryDirectory() as folder:
        result: dict[str, Any] = {"machine": machine("chromadb", "onnxruntime", "txtai"), "glosses": len(glosses)}
        result |= ours(Path(folder), glosses)
        result["peers"] = peers(Path(folder), glosses[:SAMPLE])
    keep("ingest", result)


def read_glosses() -> list[str]:
    """Return the glosses of all synsets, without their examples' quotes."""
    lines = (line for name in ("noun", "verb", "adj", "adv") for line in (WORDNET / f"data.{name}").open())
    return [line.partition(" | ")[2].strip() for line in lines if not line.startswith("  ")]


def ours(folder: Path, glosses: list[str]) -> dict[str, Any]:
    """Time `nearhood ingest` twice, and the embedding of the same texts alone between them."""
    source = folder / "glosses.txt"
    source.write_text("\n".join(glosses))
    first = command(folder, "ingest", str(source), "--as", "sentences", "-c", "glosses", "--json")
    settings = replace(Settings.from_environment(), data=folder / "none")
    embedder = LocalEmbedder("", settings)
    different = list(dict.fromkeys(glosses))
    embedder.embed_documents(different[:100])
    started = time.perf_counter()
    for start in range(0, len(different), 10_000):
        embedder.embed_documents(different[start : start + 10_000])
    alone = time.perf_counter() - started
    second = command(folder, "ingest", str(source), "--as", "sentences", "-c", "glosses", "--json")
    size = sum(f.stat().st_size for f in (folder / "data").rglob("*") if f.is_file()) / 2**20
    found = {
        "ingest_s": first["wall"],
        "embedding_alone_s": alone,
        "ratio": first["wall"] / alone,
        "second_run_s": second["wall"],
        "second_run_embedded": second["report"]["embedded"],
        "memory_mib": first["memory_mib"],
        "disk_mib": size,
    }
    table(f"{len(glosses):,} glosses", list(found), [list(found.values())])
    return found


def peers(folder: Path, glosses: list[str]) -> dict[str, float]:
    """Time a sample end to end, each in a process of its own."""
    source = folder / "sample.txt"
    source.write_text("\n".join(glosses))
    ours = command(folder / "sample", "ingest", str(source), "--as", "sentences", "--json")["wall"]
    found = {"nearhood": ours}
    for name in ("chroma", "txtai"):
        if name == "txtai" and not importlib.util.find_spec("txtai"):
            print("txtai is not installed: left out")
            continue
        started = time.perf_counter()
        code = [sys.executable, "-m", "benchmarks.ingest_peers", name, str(source), str(folder / name)]
        if subprocess.run(code, check=False).returncode:
            print(f"{name} did not run: left out")
            continue
        found[name] = time.perf_counter() - started
    table(
        f"{len(glosses):,} glosses, whole process, seconds",
        ["", "s", "x nearhood"],
        [[name, seconds, seconds / ours] for name, seconds in found.items()],
    )
    return found


def command(folder: Path, *words: str) -> dict[str, Any]:
    """Run nearhood to its end; return its report, wall time, and the most memory that any child had."""
    environ = {**os.environ, "NEARHOOD_DATA": str(folder / "data")}
    started = time.perf_counter()
    done = subprocess.run([sys.executable, "-m", "ui.cli", *words], env=environ, stdout=subprocess.PIPE, check=True)
    wall = time.perf_counter() - started
    memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    return {"report": json.loads(done.stdout), "wall": wall, "memory_mib": memory}


if __name__ == "__main__":
    main()
