"""Clusters beside what the texts are: ours, others that are told more, and what those reach that know it all."""

import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.embedded import NAME, SEED, bbc, categories, fill, vectors
from benchmarks.report import table
from search.latent.clusters import find
from search.latent.rows import rows as rows_of
from search.service import Service
from search.settings import Settings
from search.types import Vectors
from search.vectors import unit

Way = Callable[[Vectors, NDArray[np.str_]], NDArray[Any]]
"""Gives each row a cluster; the last ways of all know what each row is."""
CARRIERS = ("{}", "a kind of {}", "such as {}", "What is {}? {} is a", "{}: a type of", "This is about {}.")
"""Sentences that a word is put into; its vector is then the mean of theirs."""


def clusters() -> dict[str, Any]:
    """Compare clusters with folders and lists."""
    from sklearn.metrics import adjusted_rand_score, v_measure_score

    found, shuffled = [], {}
    for name, (texts, kinds) in {"BBC news": bbc(), "categories": categories()}.items():
        every, truth = vectors(name.replace(" ", "-").lower(), texts), np.array(kinds)
        spread = {"": every} if name == "BBC news" else {"": every, ", words in sentences": _carried(texts)}
        for told, ways in WAYS.items():
            for way, label in ways.items():
                for how, rows in spread.items():
                    labels = label(rows, truth)
                    found.append(
                        {
                            "data": name,
                            "told": told,
                            "way": way + how,
                            "clusters": len(set(labels.tolist()) - {-1}),
                            "in_none": float(np.mean(labels == -1)) if labels.dtype.kind == "i" else 0.0,
                            "v_measure": float(v_measure_score(truth, labels)),
                            "rand": float(adjusted_rand_score(truth, labels)),
                        }
                    )
        shuffled[name] = dict(zip(("rand", "rand_of_bare_rows"), _shuffled(texts, every), strict=True))
    table("Clusters", list(found[0]), [list(one.values()) for one in found])
    print("shuffled:", shuffled)
    return {"ways": found, "shuffled": shuffled}


def _carried(texts: list[str]) -> Vectors:
    rows = [vectors(f"categories-in-{i}", [c.replace("{}", t) for t in texts]) for i, c in enumerate(CARRIERS)]
    return unit(np.mean([some - some.mean(axis=0) for some in rows], axis=0))


def _shuffled(texts: list[str], every: Vectors) -> tuple[float, float]:
    """Return how alike clusters are when the texts come in another order, kept in a collection, and as bare rows."""
    from sklearn.metrics import adjusted_rand_score

    order = np.random.default_rng(SEED + 1).permutation(len(every))
    mixed = every[order]
    ids = [f"p{i:06}" for i in order.tolist()]
    first = find(every).labels
    with tempfile.TemporaryDirectory() as folder:
        settings = replace(Settings.from_environment(), data=Path(folder), embedder="local")
        with Service(settings, "benchmark") as service:
            fill(service, ids, [texts[i] for i in order.tolist()], mixed)
            kept = rows_of(service.store.collection(NAME)).vectors
    again = find(kept).labels
    bare = find(mixed).labels
    return float(adjusted_rand_score(first, again)), float(adjusted_rand_score(first[order], bare))


def _communities(rows: Vectors, _: NDArray[np.str_]) -> NDArray[Any]:
    return find(rows).labels


def _hdbscan(rows: Vectors, _: NDArray[np.str_]) -> NDArray[Any]:
    return find(rows, "hdbscan").labels


def _kmeans(rows: Vectors, truth: NDArray[np.str_]) -> NDArray[Any]:
    return find(rows, "kmeans", len(set(truth.tolist()))).labels


def _ward(rows: Vectors, truth: NDArray[np.str_]) -> NDArray[Any]:
    from sklearn.cluster import AgglomerativeClustering

    labels: NDArray[Any] = AgglomerativeClustering(len(set(truth.tolist()))).fit_predict(rows)
    return labels


def _held_out(rows: Vectors, truth: NDArray[np.str_]) -> NDArray[Any]:
    """Return what logistic regression says of each fifth, having seen what the other four are."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import StratifiedKFold, cross_val_predict

    folds = StratifiedKFold(5, shuffle=True, random_state=SEED)
    said: NDArray[Any] = cross_val_predict(LogisticRegression(C=16, max_iter=1_000), rows, truth, cv=folds)
    return said


def _centred(rows: Vectors, truth: NDArray[np.str_]) -> NDArray[Any]:
    """Return whose mean each row is nearest to, the means being those of what the rows are."""
    from sklearn.neighbors import NearestCentroid

    said: NDArray[Any] = NearestCentroid().fit(rows, truth).predict(rows)
    return said


WAYS: dict[str, dict[str, Way]] = {
    "nothing": {"communities, the default": _communities, "hdbscan": _hdbscan},
    "how many there are": {"k-means": _kmeans, "Ward": _ward},
    "what four fifths are": {"logistic regression, on the other fifth": _held_out},
    "what all are": {"the nearest of their true means": _centred},
}


if __name__ == "__main__":
    clusters()
