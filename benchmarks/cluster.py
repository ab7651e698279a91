"""An ingest by Ray beside the same one here alone, and the rates that `docs/scale.md` reckons with.

    make bench-cluster
    python -m benchmarks.cluster [--limit 10000] [--only engines core writer growth] [--rounds 3]

Needs `apt-get install wordnet-base`, and the extra `ray`.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
import zlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np

from benchmarks.ingest import read_glosses
from benchmarks.report import keep, kept, machine, median, table
from ingest.document import Options
from ingest.engines.local import LocalEngine
from ingest.sync import Wish, sync
from search.embedders.local import LocalEmbedder
from search.settings import Settings
from search.store.ledger import Record, vector_key
from search.store.store import Store
from search.types import Passage, Vectors
from search.vectors import unit

PARTS = ("engines", "core", "writer", "growth")
FILES = 20
WINDOW = 1_024
STEP, GROWN = 128 * WINDOW, 512 * WINDOW


class Free(LocalEmbedder):
    """The local model's tokenizer, and vectors that cost nothing; no two windows have the same."""

    def embed_documents(self, texts: Sequence[str]) -> Vectors:
        rng = np.random.default_rng(zlib.crc32("".join(texts).encode()))
        return unit(rng.standard_normal((len(texts), self.dimension), dtype=np.float32))


class Timed(LocalEngine):
    """Says when the last window was committed, before the index is written."""

    index_last = True

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.left, self.cpu = time.perf_counter(), time.process_time()


def main() -> None:
    """Measure, print, keep what is known after each round."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--limit", type=int, default=10_000, help="glosses to take")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    every = read_glosses()
    glosses = [every[i] for i in np.random.default_rng(0).permutation(len(every))[: given.limit].tolist()]
    result = {**kept("cluster"), "machine": machine("ray", "chromadb", "onnxruntime")}
    found: dict[str, list[dict[str, Any]]] = {part: [] for part in given.only}
    for done in range(1, given.rounds + 1):
        for part, measured in found.items():
            with tempfile.TemporaryDirectory(prefix="nearhood-") as name:
                measured.append(globals()[part](Path(name), glosses))
            table(part, ("", "measured"), list(measured[-1].items()))
        keep("cluster", result | {"rounds": done} | {part: median(measured) for part, measured in found.items()})


def engines(folder: Path, glosses: list[str]) -> dict[str, Any]:
    """Time the command with each engine on all cores of this machine, and Ray's start alone."""
    texts = _written(folder, glosses)
    found: dict[str, Any] = {"glosses": len(glosses)}
    for engine in ("local", "ray"):
        found[engine] = _command(folder / engine, texts, engine)
    small = folder / "small"
    small.mkdir()
    (small / "a.txt").write_text("a note")
    found["ray_start"] = _command(folder / "start", small, "ray")
    return found


def core(_folder: Path, glosses: list[str]) -> dict[str, Any]:
    """Time the embedding on one thread, by windows as tasks have them, and what memory a process takes for it."""
    code = (
        "import json, resource, sys, time\n"
        "from dataclasses import replace\n"
        "from search.embedders.base import open_embedder\n"
        "from search.settings import Settings\n"
        "texts = json.load(sys.stdin)\n"
        "embedder = open_embedder('local', replace(Settings.from_environment(), threads=1))\n"
        "embedder.embed_documents(texts[:64])\n"
        "started, cpu = time.perf_counter(), time.process_time()\n"
        f"for at in range(0, len(texts), {WINDOW}):\n"
        f"    embedder.embed_documents(texts[at : at + {WINDOW}])\n"
        "spent, cpu = time.perf_counter() - started, time.process_time() - cpu\n"
        "memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024\n"
        "print(json.dumps([len(texts) / spent, len(texts) / cpu, memory]))"
    )
    some = json.dumps(glosses[: 4 * WINDOW])
    done = subprocess.run([sys.executable, "-c", code], input=some, capture_output=True, text=True, check=True)
    rate, cpu, memory = json.loads(done.stdout)
    return {"texts_per_second": rate, "texts_per_cpu_second": cpu, "process_mib": memory}


def writer(folder: Path, glosses: list[str]) -> dict[str, Any]:
    """Time the one process that looks up, counts and writes, with vectors that cost nothing; then the index."""
    texts = _written(folder, glosses)
    settings = replace(Settings.from_environment(), data=folder / "data")
    embedder = Free("", settings)
    embedder.count_tokens("warm up")
    engine = Timed(embedder)
    with Store(settings.data, 0, "benchmark") as store:
        started, cpu = time.perf_counter(), time.process_time()
        wish = Wish([texts], Options(kind="sentences"))
        sync(store, embedder, "glosses", wish, engine=engine)
        ended = time.perf_counter()
    return {
        "committed_per_second": len(glosses) / (engine.left - started),
        "cpu_ms_each": 1_000 * (engine.cpu - cpu) / len(glosses),
        "indexed_per_second": len(glosses) / (ended - engine.left),
        "ledger_bytes_each": _size(settings.data, "ledger.sqlite*") / len(glosses),
        "chroma_bytes_each": _size(settings.data, "chroma/**/*") / len(glosses),
    }


def growth(folder: Path, _glosses: list[str]) -> dict[str, Any]:
    """Time the ledger alone while it grows, window by window, as keys in no order make it."""
    rng, rates = np.random.default_rng(0), {}
    with Store(folder / "data", 0, "benchmark") as store:
        collection = store.create("glosses", "benchmark:384", 384)
        store.begin_source(collection, "/benchmark")
        for stop in range(STEP, GROWN + 1, STEP):
            started = time.perf_counter()
            for at in range(stop - STEP, stop, WINDOW):
                texts = [f"passage {i} has about as many characters as a gloss" for i in range(at, at + WINDOW)]
                keys = [vector_key("benchmark:384", text) for text in texts]
                passages = [Passage(str(i), "/benchmark", i, t, i, i + 1) for i, t in enumerate(texts, start=at)]
                rows = unit(rng.standard_normal((WINDOW, 384), dtype=np.float32))
                store.missing(keys)
                store.put(collection, [Record(p, k) for p, k in zip(passages, keys, strict=True)], keys, rows, 0)
            rates[f"up_to_{stop}_per_second"] = STEP / (time.perf_counter() - started)
    return rates


def _written(folder: Path, glosses: list[str]) -> Path:
    texts = folder / "texts"
    texts.mkdir()
    for number in range(FILES):
        (texts / f"{number:02}.txt").write_text("\n".join(glosses[number::FILES]))
    return texts


def _command(data: Path, texts: Path, engine: str) -> float:
    """Return the seconds of the whole command."""
    command = [sys.executable, "-m", "ui.cli", "ingest", str(texts), "--as", "sentences", "--data", str(data)]
    started = time.perf_counter()
    subprocess.run([*command, "--engine", engine], check=True, capture_output=True)
    return time.perf_counter() - started


def _size(data: Path, pattern: str) -> int:
    return sum(path.stat().st_size for path in data.glob(pattern) if path.is_file())


if __name__ == "__main__":
    main()
