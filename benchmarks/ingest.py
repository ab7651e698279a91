"""Taking glosses of WordNet in beside Chroma's own path and txtai's, and all of them beside the embedding alone.

    make bench-ingest
    python -m benchmarks.ingest [--embedder NAME] [--only wordnet peers] [--rounds 3]

Beside the seconds stand those of the processor, which other work on the machine changes less.
Needs `apt-get install wordnet-base`. Peers run where they are installed (benchmarks/requirements.txt), on a sample.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import chromadb

from benchmarks.report import keep, machine, median, table
from search.embedders.base import open_embedder
from search.settings import Settings
from search.store.indexer import STATE, SUSPECT
from search.store.ledger import Ledger
from search.store.store import Store

WORDNET = Path("/usr/share/wordnet")
SAMPLES = {"chroma": 1_000, "txtai": 10_000}
"""Glosses that each peer takes in: half a minute's work or more."""


def main() -> None:
    """Measure, print, keep what is known after each round."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--limit", type=int, default=1_000_000, help="glosses to take")
    parser.add_argument("--embedder", default="local")
    parser.add_argument("--only", nargs="+", choices=("wordnet", "peers"), default=("wordnet", "peers"))
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    glosses = read_glosses()[: given.limit]
    of = given.embedder.split("@")[1:]
    names = {"wordnet": "-".join(["wordnet", *of]), "peers": "-".join(["ingest", *of])}
    has = machine("chromadb", "onnxruntime", "openvino", "txtai", "torch")
    found: dict[str, list[dict[str, Any]]] = {}
    # All parts in each round, so that a slow spell of the machine is not one part's.
    for done in range(1, given.rounds + 1):
        with tempfile.TemporaryDirectory() as folder:
            for part, measured in one_round(Path(folder), glosses, given.embedder, given.only):
                found.setdefault(part, []).append(measured)
        for part, runs in found.items():
            keep(names[part], {"machine": has, "rounds": done, **median(runs)})


def one_round(folder: Path, glosses: list[str], spec: str, only: Sequence[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Measure each part once, in an empty folder."""
    if "wordnet" in only:
        yield "wordnet", {"whole": whole(folder, glosses, spec), "index": indexing(folder)}
    if "peers" in only:
        yield "peers", {"peers": {one: peer(folder, one, glosses[:size], spec) for one, size in SAMPLES.items()}}


def read_glosses() -> list[str]:
    """Return the glosses of all synsets, without their examples' quotes."""
    lines = (line for name in ("noun", "verb", "adj", "adv") for line in (WORDNET / f"data.{name}").open())
    return [line.partition(" | ")[2].strip() for line in lines if not line.startswith("  ")]


def whole(folder: Path, glosses: list[str], spec: str) -> dict[str, Any]:
    """Time `nearhood ingest` twice, and the embedding of the same texts alone between them."""
    source = folder / "glosses.txt"
    source.write_text("\n".join(glosses))
    words = ("ingest", str(source), "--as", "sentences", "-c", "glosses", "--embedder", spec, "--json")
    first = command(folder, *words, watched=True)
    embedder = open_embedder(spec, replace(Settings.from_environment(), data=folder / "none"))
    different = list(dict.fromkeys(glosses))
    embedder.embed_documents(different[:100])
    started, worked = time.perf_counter(), time.process_time()
    for start in range(0, len(different), 10_000):
        embedder.embed_documents(different[start : start + 10_000])
    alone, alone_worked = time.perf_counter() - started, time.process_time() - worked
    second = command(folder, *words)
    size = sum(f.stat().st_size for f in (folder / "data").rglob("*") if f.is_file()) / 2**20
    found = {
        "glosses": len(glosses),
        "embedder": embedder.id,
        "ingest_s": first["wall"],
        "embedding_alone_s": alone,
        "ratio": first["wall"] / alone,
        "ingest_cpu_s": first["cpu"],
        "embedding_alone_cpu_s": alone_worked,
        "second_run_s": second["wall"],
        "second_run_embedded": second["report"]["embedded"],
        "memory_mib": first["memory_mib"],
        "disk_mib": size,
    }
    table(f"{len(glosses):,} glosses", list(found), [list(found.values())])
    return found


def indexing(folder: Path) -> dict[str, float]:
    """Time Chroma's part alone: our index from nothing, and the same vectors added with Chroma's own settings."""
    ledger = Ledger(folder / "data" / "ledger.sqlite")
    ledger.set_fact(STATE, SUSPECT)
    ledger.close()
    started = time.perf_counter()
    with Store(folder / "data", Settings.from_environment().exact_bytes, "benchmark") as store:
        store.update_index()
        ours = time.perf_counter() - started
        collection = store.collection("glosses")
        ((numbers, vectors),) = list(collection.blocks())
        passages = list(collection.read(numbers.tolist()).values())
    client = chromadb.PersistentClient(str(folder / "plain"))
    chroma = client.create_collection("lines", embedding_function=None, configuration={"hnsw": {"space": "cosine"}})
    started = time.perf_counter()
    for start in range(0, len(numbers), 5_000):
        some = passages[start : start + 5_000]
        chroma.add(
            ids=[p.id for p in some],
            embeddings=vectors[start : start + 5_000],
            documents=[p.text for p in some],
            # As many as ours has.
            metadatas=[{"source": p.source, "position": p.position, "start": p.start, "end": p.end} for p in some],
        )
    found = {"nearhood_settings_s": ours, "chroma_settings_s": time.perf_counter() - started}
    table("Chroma's index alone, from nothing", list(found), [list(found.values())])
    return found


def peer(folder: Path, name: str, glosses: list[str], spec: str) -> dict[str, Any]:
    """Time a sample end to end: ours as a whole process, the peer's without imports and the loading of its model."""
    source = folder / f"{name}.txt"
    source.write_text("\n".join(glosses))
    words = ("ingest", str(source), "--as", "sentences", "--embedder", spec, "--json")
    ours = command(folder / f"beside-{name}", *words)
    code = [sys.executable, "-m", "benchmarks.ingest_peers", name, str(source), str(folder / name)]
    said = subprocess.run(code, check=True, stdout=subprocess.PIPE, text=True).stdout
    theirs, worked = map(float, said.splitlines()[-1].split())
    found = {
        "glosses": len(glosses),
        "nearhood_s": ours["wall"],
        f"{name}_s": theirs,
        "ratio": theirs / ours["wall"],
        "nearhood_cpu_s": ours["cpu"],
        f"{name}_cpu_s": worked,
        "cpu_ratio": worked / ours["cpu"],
    }
    table(f"{len(glosses):,} glosses beside {name}", list(found), [list(found.values())])
    return found


def command(folder: Path, *words: str, watched: bool = False) -> dict[str, Any]:
    """Run nearhood to its end; return its report, wall time, and what its processes took of processor and memory.

    :param watched: Whether to look at the memory, which takes a little of the processor; else it is 0.
    """
    environ = {**os.environ, "NEARHOOD_DATA": str(folder / "data")}
    started, worked = time.perf_counter(), _worked()
    process = subprocess.Popen([sys.executable, "-m", "ui.cli", *words], env=environ, stdout=subprocess.PIPE)
    memory = [0]

    def watch() -> None:
        while watched and process.poll() is None:
            memory.append(proportional_bytes(process.pid))
            time.sleep(0.2)

    watcher = threading.Thread(target=watch)
    watcher.start()
    report, _ = process.communicate()
    wall = time.perf_counter() - started
    watcher.join()
    if process.returncode:
        raise SystemExit(f"nearhood {' '.join(words)}: exit {process.returncode}")
    took = {"wall": wall, "cpu": _worked() - worked, "memory_mib": max(memory) / 2**20}
    return {"report": json.loads(report), **took}


def _worked() -> float:
    """Return the processor seconds of all children that have ended, and of theirs."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def proportional_bytes(pid: int) -> int:
    """Return the memory of a process and its children, a shared page counted by its share."""
    return sum(proportional_parts(pid))


def proportional_parts(pid: int) -> tuple[int, int]:
    """Return that of a process, and that of its children."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        tasks = Path(f"/proc/{pid}/task").glob("*/children")
        children = [int(child) for task in tasks for child in task.read_text().split()]
    except OSError:
        return 0, 0
    own = sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))
    return own, sum(proportional_bytes(child) for child in children)


if __name__ == "__main__":
    main()
