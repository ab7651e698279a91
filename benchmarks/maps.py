"""Maps, clusters and probes: how long, how large, how far to be believed; other libraries measured in the same run.

    python -m benchmarks.maps [--sizes 5000,20000,100000] [--only maps,clusters,probes] [--threads 2]

Needs `apt-get install wordnet-base` for the maps, and umap-learn (the extra `umap`) for the peers. Each map is drawn in
a process of its own, so that its memory is its own; seconds are of the wall clock and of the processor.
"""

import argparse
import csv
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.report import TESTDATA, keep, machine, table
from search.embedders.local import LocalEmbedder
from search.latent.calibrate import calibration_error, log_loss, members, reliability, softmax
from search.latent.clusters import find
from search.latent.neighbours import neighbours
from search.latent.probe import fit
from search.latent.projections import pca, tsne
from search.latent.rows import rows
from search.latent.trust import kept, measure
from search.service import Service
from search.settings import Settings
from search.store.ledger import Record, vector_key
from search.types import Coords, Passage, Vectors

FOLDER = Path(os.environ.get("NEARHOOD_MAPS", Path(tempfile.gettempdir()) / f"nearhood-maps-{os.getuid()}"))
"""Keeps the vectors, so that a second run embeds nothing."""
LONGEST = 600
"""Seconds that each drawing may take."""
QUERIES = 50
SEED = 0


def main() -> int:
    """Measure, print, keep."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--sizes", default="5000,20000,100000")
    parser.add_argument("--only", default="maps,clusters,probes")
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--methods", default="nearhood,sklearn,opentsne,umap")
    parser.add_argument("--draw", nargs=2, metavar=("METHOD", "SIZE"), help=argparse.SUPPRESS)
    given = parser.parse_args()
    FOLDER.mkdir(mode=0o700, exist_ok=True)
    if given.draw:
        print(json.dumps(draw(given.draw[0], int(given.draw[1]), given.threads)))
        return 0
    result: dict[str, Any] = {
        "machine": machine("numpy", "scikit-learn", "openTSNE", "umap-learn"),
        "threads": given.threads,
    }
    parts: dict[str, Callable[[], Any]] = {
        "maps": lambda: maps([int(n) for n in given.sizes.split(",")], given.methods.split(","), given.threads),
        "clusters": clusters,
        "probes": probes,
    }
    for name in given.only.split(","):
        result[name] = parts[name]()
        # After each, since all of them together take an hour.
        keep("maps", result)
    return 0


# Vectors


def vectors(name: str, texts: Sequence[str]) -> Vectors:
    """Return a unit row for each text, embedded once."""
    file = FOLDER / f"{name}.npy"
    if file.is_file():
        known: Vectors = np.load(file)
        if len(known) == len(texts):
            return known
    made = LocalEmbedder("", Settings.from_environment()).embed_documents(list(texts))
    np.save(file, made)
    return made


def glosses(n: int) -> tuple[list[str], Vectors]:
    """Return so many of WordNet's glosses, chosen by a seed."""
    from benchmarks.ingest import read_glosses

    every = read_glosses()
    chosen = np.random.default_rng(SEED).permutation(len(every))[:n].tolist()
    texts = [every[i] for i in chosen]
    return texts, vectors(f"glosses-{n}", texts)


# Maps


def maps(sizes: Sequence[int], methods: Sequence[str], threads: int) -> list[dict[str, Any]]:
    """Draw glosses by each method, and time the placing of new ones on ours."""
    found = []
    for size in sizes:
        # Embedded here, so that no drawing counts it.
        glosses(size + QUERIES)
        for method in methods:
            one = {"points": size, "method": method, **_apart(method, size, threads)}
            found.append(one)
            print(json.dumps(one), flush=True)
    head = ["points", "method", "wall s", "cpu s", "MiB", "trust", "continuity", "recall", "place ms", "error"]
    names = ["points", "method", "wall_s", "cpu_s", "mib", "trustworthiness", "continuity", "knn_recall"]
    names += ["place_p50_ms", "place_error"]
    table("Glosses of WordNet", head, [[one.get(name, "-") for name in names] for one in found])
    return found


def _apart(method: str, size: int, threads: int) -> dict[str, Any]:
    command = [sys.executable, "-m", "benchmarks.maps", "--draw", method, str(size), "--threads", str(threads)]
    try:
        ran = subprocess.run(command, capture_output=True, text=True, timeout=2 * LONGEST, check=True)
    except subprocess.TimeoutExpired:
        return {"failed": f"not done after {2 * LONGEST} s"}
    except subprocess.CalledProcessError as error:
        return {"failed": error.stderr.strip().splitlines()[-1:]}
    measured: dict[str, Any] = json.loads(ran.stdout.splitlines()[-1])
    return measured


def draw(method: str, size: int, threads: int) -> dict[str, Any]:
    """Draw so many glosses in this process, and measure the map."""
    _, every = glosses(size + QUERIES)
    some = every[:size]
    # Imports and the first compilation are not the drawing's.
    METHODS[method](some[:200], threads)
    started, cpu = time.perf_counter(), time.process_time()
    coords = METHODS[method](some, threads)
    took = {"wall_s": time.perf_counter() - started, "cpu_s": time.process_time() - cpu}
    took["mib"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    near = neighbours(some, 10)
    trust = measure(some, coords, kept(near, coords))
    measures = {n: getattr(trust, n) for n in ("trustworthiness", "continuity", "knn_recall")}
    return {**took, **measures, **(placing(size, threads) if method == "nearhood" else {})}


def placing(size: int, threads: int) -> dict[str, Any]:
    """Keep a map of the glosses as the command does, and place others on it."""
    texts, every = glosses(size + QUERIES)
    with tempfile.TemporaryDirectory() as folder:
        settings = replace(Settings.from_environment(), data=Path(folder), threads=threads, embedder="local")
        with Service(settings, "benchmark") as service:
            _fill(service, texts[:size], every[:size])
            started = time.perf_counter()
            drawn = service.draw_map("glosses")
            whole = time.perf_counter() - started
            service.place(texts[size : size + 1], "glosses")
            took = []
            for text in texts[size:]:
                started = time.perf_counter()
                service.place([text], "glosses")
                took.append(1000 * (time.perf_counter() - started))
    return {
        "command_wall_s": whole,
        "clusters": len(drawn.clusters),
        "place_p50_ms": statistics.median(took),
        "place_most_ms": max(took),
        "place_error": drawn.median_error,
    }


def _fill(service: Service, texts: Sequence[str], rows_: Vectors) -> None:
    made = service.store.create("glosses", service.embedder.id, rows_.shape[1])
    service.store.begin_source(made, "glosses.txt")
    records = [
        Record(Passage(f"g{i:06}", "glosses.txt", i, text, 0, len(text)), vector_key(service.embedder.id, text))
        for i, text in enumerate(texts)
    ]
    first = {record.key: i for i, record in reversed(list(enumerate(records)))}
    service.store.put(made, records, list(first), rows_[list(first.values())], tokens=0)
    assert len(rows(service.store.collection("glosses"))) == len(texts)


def _sklearns(some: Vectors, threads: int) -> Coords:
    from sklearn.manifold import TSNE

    coords: Coords = TSNE(random_state=SEED, n_jobs=threads).fit_transform(some)
    return coords


def _opentsnes(some: Vectors, threads: int) -> Coords:
    from openTSNE import TSNE

    made = TSNE(metric="cosine", random_state=SEED, n_jobs=threads).fit(some)
    return np.asarray(made, dtype=np.float32)


def _umaps(some: Vectors, threads: int) -> Coords:
    from umap import UMAP

    coords: Coords = UMAP(metric="cosine", n_jobs=threads).fit_transform(some)
    return coords


METHODS: dict[str, Callable[[Vectors, int], Coords]] = {
    "nearhood": lambda some, threads: tsne(some, SEED, threads=threads) if len(some) > 1000 else pca(some),
    "sklearn": _sklearns,
    "opentsne": _opentsnes,
    "umap": _umaps,
}


# Clusters


def clusters() -> list[dict[str, Any]]:
    """Compare clusters with folders and lists, beside k-means that is told how many there are."""
    from sklearn.metrics import adjusted_rand_score, v_measure_score

    found = []
    for name, texts, truth in (("BBC news", *_bbc()), ("categories", *_categories())):
        every = vectors(name.replace(" ", "-").lower(), texts)
        order = np.random.default_rng(SEED).permutation(len(every))
        ours = find(every, neighbours(every)).labels
        # A map's rows are sorted by their ids, so a shuffled collection comes in the same order.
        ids = [f"{i:06}" for i in range(len(texts))]
        back = np.argsort([ids[i] for i in order.tolist()])
        again = find(every[order][back], neighbours(every[order][back])).labels
        ways = {
            "communities": ours,
            "hdbscan": find(every, neighbours(every), "hdbscan").labels,
            "k-means, told how many": find(every, neighbours(every), "kmeans", len(set(truth))).labels,
        }
        for way, labels in ways.items():
            found.append(
                {
                    "data": name,
                    "true": len(set(truth)),
                    "way": way,
                    "clusters": int(labels.max()) + 1,
                    "in_none": float(np.mean(labels < 0)),
                    "v_measure": float(v_measure_score(truth, labels)),
                    "rand": float(adjusted_rand_score(truth, labels)),
                    "shuffled_rand": float(adjusted_rand_score(ours, again)) if way == "communities" else None,
                }
            )
    table("Clusters", list(found[0]), [list(one.values()) for one in found])
    return found


def _bbc() -> tuple[list[str], list[str]]:
    files = sorted((TESTDATA / "bbcnews" / "data_files").rglob("*.txt"))
    return [file.read_text("utf-8", "replace") for file in files], [file.parent.name for file in files]


def _categories() -> tuple[list[str], list[str]]:
    pairs = []
    for file in sorted((TESTDATA / "categories").rglob("*.json")):
        values = next(v for v in json.loads(file.read_text(encoding="utf-8")).values() if isinstance(v, list))
        pairs += [(v if isinstance(v, str) else str(v.get("name") or v), file.stem) for v in values]
    return [text for text, _ in pairs], [kind for _, kind in pairs]


# Probes


def probes() -> dict[str, Any]:
    """Fit Banking77's outcomes on its first part, and try them on its second."""
    texts, labels = _banking("train")
    held, truth = _banking("test")
    rows_, others = vectors("banking-train", texts), vectors("banking-test", held)
    started = time.process_time()
    probe = fit("banking", "local", rows_, labels, [str(i) for i in range(len(texts))], "category")
    took = time.process_time() - started
    chances = softmax(probe.logits(others))
    right = np.array([probe.outcomes.index(label) for label in truth])
    inside = members(chances, probe.thresholds["0.95"])
    quality = probe.quality
    found = {
        "accuracy": float(np.mean(chances.argmax(axis=1) == right)),
        "log_loss": log_loss(chances, right),
        "ece": calibration_error(reliability(chances, right)),
        "ece_unscaled": calibration_error(reliability(softmax(probe.logits(others) * probe.temperature), right)),
        "coverage_of_95": float(np.mean(inside[np.arange(len(right)), right])),
        "set_size": float(inside.sum(axis=1).mean()),
        "said_accuracy": quality.accuracy if quality else None,
        "said_ece": quality.ece if quality else None,
        "penalty": probe.penalty,
        "temperature": probe.temperature,
        "cpu_s": took,
    }
    table("Banking77, its test part", list(found), [list(found.values())])
    return found


def _banking(part: str) -> tuple[list[str], list[str]]:
    with (TESTDATA / "banking77" / f"{part}.csv").open(encoding="utf-8", newline="") as file:
        pairs = [(row["text"], row["category"]) for row in csv.DictReader(file)]
    return [text for text, _ in pairs], [label for _, label in pairs]


if __name__ == "__main__":
    sys.exit(main())
