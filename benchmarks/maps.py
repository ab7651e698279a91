"""Maps, clusters and probes: how long, how large, how far to be believed; other libraries measured in the same run.

    python -m benchmarks.maps [--only 2000,10000,clusters,probes] [--methods nearhood,sklearn] [--rounds 3]
    python -m benchmarks.maps --large

Each number is a map of so many of WordNet's glosses; large is one of 100,000, which has a result of its own. Stages may
be run one at a time: what the result holds of others stays. Needs `apt-get install wordnet-base` for the maps, and
umap-learn (the extra `umap`) for the peers.

All maps are drawn in each round, and the medians kept. Each is drawn in a process of its own, which is ended after five
minutes of drawing. A method that would take longer than that by its time at fewer points, were it to grow as the points
do, is not begun, nor is one begun again that failed. Ours is timed as the command has
it: neighbours, layout, trust, clusters and their stability, and what becomes of points that are left out; the others
only draw.
"""

import argparse
import json
import os
import signal
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

from benchmarks import report
from benchmarks.clusters import clusters
from benchmarks.embedded import NAME, SEED, fill, glosses
from benchmarks.probes import probes
from benchmarks.report import keep, machine, median, table
from search.latent.neighbours import neighbours
from search.latent.projections import tsne
from search.latent.trust import kept, measure
from search.service import Service
from search.settings import Settings
from search.types import Coords, Vectors

LONGEST = 300
"""Seconds that each drawing may take."""
QUERIES = 50
"""Glosses that are placed on our map."""
WARM = {"umap": 4_200}
"""Glosses that are drawn first, else 1,000: imports and the first compilation, which is of more code from 4,096 points
on, are not the drawing's."""
ASKED = {
    "wall_s at 100,000 points": 360,
    "trustworthiness at 100,000 points": 0.9,
    "place_p50_ms": 50,
    "v_measure": 0.8,
    "accuracy of the probe": 0.93,
    "ece of the probe": 0.017,
    "coverage_of_95": [0.94, 0.96],
}
SHOWN = {
    "points": "points", "method": "method", "drawing_s": "drawing s", "wall_s": "all s", "cpu_s": "cpu s",
    "mib": "MiB", "trustworthiness": "trust", "continuity": "continuity", "knn_recall": "recall",
    "place_p50_ms": "place ms", "place_error": "error", "failed": "",
}  # fmt: skip


def main() -> int:
    """Measure, print, keep."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--only", default="2000,10000,clusters,probes")
    parser.add_argument("--large", action="store_true", help="only 100,000 glosses")
    parser.add_argument("--methods", default=",".join(["nearhood", *PEERS]))
    parser.add_argument("--rounds", type=int, default=3, help="of the maps; clusters and probes are always the same")
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--draw", nargs=2, metavar=("METHOD", "SIZE"), help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.draw:
        print(json.dumps(draw(given.draw[0], int(given.draw[1]), given.threads)))
        return 0
    name = "maps-large" if given.large else "maps"
    result = _before(name, given.threads)
    parts: dict[str, Callable[[], Any]] = {"clusters": clusters, "probes": probes}
    only = ["100000"] if given.large else given.only.split(",")
    for part in (part for part in only if part in parts):
        result[part] = parts[part]()
        keep(name, result)
    measured: dict[tuple[int, str], list[dict[str, Any]]] = {}
    for _ in range(given.rounds):
        for size in (int(part) for part in only if part not in parts):
            maps(measured, size, given.methods.split(","), given.threads)
            # After each size, since all of them together take an hour.
            result["maps"] = together(result["maps"], measured)
            result["rounds"] = min((one["rounds"] for one in result["maps"] if "rounds" in one), default=1)
            keep(name, result)
    table("Glosses of WordNet", list(SHOWN.values()), [[one.get(n, "-") for n in SHOWN] for one in result["maps"]])
    return 0


def _before(name: str, threads: int) -> dict[str, Any]:
    """Return what was measured of other stages on this machine, if anything."""
    new = {
        "machine": machine("numpy", "scikit-learn", "openTSNE", "umap-learn"),
        "threads": threads,
        "asked": ASKED,
        "maps": [],
    }
    old = report.kept(name)
    return {**old, "asked": ASKED} if all(old.get(name) == new[name] for name in ("machine", "threads")) else new


def maps(found: dict[tuple[int, str], list[dict[str, Any]]], size: int, methods: Sequence[str], threads: int) -> None:
    """Draw so many glosses by each method once, and add what was measured to that of earlier rounds."""
    # Embedded here, so that no drawing counts it.
    glosses(size + QUERIES)
    for method in methods:
        earlier = found.setdefault((size, method), [])
        if any("failed" in one for one in earlier):
            continue
        fewer = {points: runs for (points, of), runs in found.items() if of == method and points < size}
        drawn = [(one["drawing_s"], points) for points, runs in fewer.items() for one in runs if "drawing_s" in one]
        least = max((seconds * size / points for seconds, points in drawn), default=0.0)
        if least > LONGEST:
            one = {"failed": f"not begun: {least:,.0f} s at least, by its time at fewer points"}
        else:
            one = _apart(method, size, threads)
        earlier.append(one)
        print(json.dumps({"points": size, "method": method, **one}), flush=True)


def together(
    before: Sequence[dict[str, Any]], found: dict[tuple[int, str], list[dict[str, Any]]]
) -> list[dict[str, Any]]:
    """Return the medians of all rounds in the places of what was known before, by points and method."""
    known = {(one["points"], one["method"]): one for one in before}
    for (points, method), runs in found.items():
        failed = [one for one in runs if "failed" in one]
        one = failed[0] if failed else {**median(runs), "rounds": len(runs)}
        known[points, method] = {"points": points, "method": method, **one}
    order = ["nearhood", *PEERS]
    return [known[key] for key in sorted(known, key=lambda key: (key[0], order.index(key[1])))]


def _apart(method: str, size: int, threads: int) -> dict[str, Any]:
    command = [sys.executable, "-m", "benchmarks.maps", "--draw", method, str(size), "--threads", str(threads)]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    if ran.returncode == -signal.SIGALRM:
        return {"failed": f"not done after {LONGEST} s"}
    if ran.returncode:
        return {"failed": " ".join(ran.stderr.strip().splitlines()[-1:])}
    measured: dict[str, Any] = json.loads(ran.stdout.splitlines()[-1])
    return measured


def draw(method: str, size: int, threads: int) -> dict[str, Any]:
    """Draw so many glosses in this process, and measure the map."""
    texts, every = glosses(size + QUERIES)
    if method == "nearhood":
        return ours(texts, every, size, threads)
    some = every[:size]
    PEERS[method](some[: WARM.get(method, 1_000)], threads)
    clock = Clock()
    coords = PEERS[method](some, threads)
    took = clock.stopped()
    near = neighbours(some, 10)
    trust = measure(some, coords, kept(near, coords))
    measures = {n: getattr(trust, n) for n in ("trustworthiness", "continuity", "knn_recall")}
    return {"drawing_s": took["wall_s"], **took, **measures}


class Clock:
    """Measures seconds and memory of this process from when it is made, which ends after LONGEST seconds."""

    def __init__(self) -> None:
        # Ends the process even in the middle of a library's loop.
        signal.alarm(LONGEST)
        Path("/proc/self/clear_refs").write_text("5")
        self.held = _memory("VmRSS")
        self.started, self.cpu = time.perf_counter(), time.process_time()
        self.stages: dict[str, float] = {}
        self.last = self.started

    def heard(self, stage: str, _done: int, _total: int) -> None:
        """Count what has passed since anything was heard as the stage's."""
        now = time.perf_counter()
        self.stages[stage] = self.stages.get(stage, 0.0) + now - self.last
        self.last = now

    def stopped(self) -> dict[str, float]:
        """Return seconds of the wall clock and of the processor, and memory on top of what was held before."""
        took = {"wall_s": time.perf_counter() - self.started, "cpu_s": time.process_time() - self.cpu}
        signal.alarm(0)
        return {**took, "mib": _memory("VmHWM") - self.held}


def _memory(name: str) -> float:
    """Return a line of the kernel's account of this process, in MiB."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return float(next(line.split()[1] for line in lines if line.startswith(name))) / 1024


# Ours


def ours(texts: Sequence[str], every: Vectors, size: int, threads: int) -> dict[str, Any]:
    """Keep a map of the glosses as the command does, and place others on it."""
    tsne(every[:1_000], threads=threads)
    with tempfile.TemporaryDirectory() as folder:
        settings = replace(Settings.from_environment(), data=Path(folder), threads=threads, embedder="local")
        with Service(settings, "benchmark") as service:
            fill(service, [f"g{i:06}" for i in range(size)], texts[:size], every[:size])
            clock = Clock()
            drawn = service.draw_map(NAME, heard=clock.heard)
            took = clock.stopped()
            placing = _placing(service, texts[size:])
    return {
        "drawing_s": clock.stages["neighbours"] + clock.stages["layout"],
        **took,
        "stages_s": clock.stages,
        "trustworthiness": drawn.trustworthiness,
        "continuity": drawn.continuity,
        "knn_recall": drawn.knn_recall,
        "clusters": len(drawn.clusters),
        **placing,
        "place_error": drawn.median_error,
    }


def _placing(service: Service, texts: Sequence[str]) -> dict[str, float]:
    """Time texts that are placed one at a time, once the map is in memory."""
    service.place(texts[:1], NAME)
    took = []
    for text in texts:
        started = time.perf_counter()
        service.place([text], NAME)
        took.append(1000 * (time.perf_counter() - started))
    return {"place_p50_ms": statistics.median(took), "place_most_ms": max(took)}


# Peers, as they come


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


PEERS: dict[str, Callable[[Vectors, int], Coords]] = {"sklearn": _sklearns, "opentsne": _opentsnes, "umap": _umaps}


if __name__ == "__main__":
    sys.exit(main())
