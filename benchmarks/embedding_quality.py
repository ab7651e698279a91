"""What a faster embedder costs: the same cosines, neighbours, ranks and judgements, or nearly?"""

import csv
import itertools
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TypeAlias

import numpy as np
from ir_measures import calc_aggregate, nDCG
from scipy.stats import spearmanr

from benchmarks.embedding_texts import texts
from benchmarks.quality import smart
from benchmarks.report import TESTDATA, table
from search.types import Vectors

Embed: TypeAlias = Callable[[Sequence[str]], Vectors]

SETS = ("cran", "med", "adi")
GLOSSES = 10_000
QUESTIONS = 500
"""Glosses whose neighbours among the others are looked at."""
WORDNET = Path("/usr/share/wordnet")


def quality(embedders: Mapping[str, Embed], peer: Mapping[str, Embed]) -> dict[str, dict[str, float]]:
    """Return what each embedder's vectors are worth beside those of the first.

    :param peer: One that is compared by its cosines and ranks alone, since it takes long.
    """
    everybody = {**embedders, **peer}
    found: dict[str, dict[str, float]] = {name: {} for name in everybody}
    results = [_cosines(everybody), _likeness(everybody), *(_retrieval(embedders, name) for name in SETS)]
    if WORDNET.is_dir():
        results.append(_neighbours(embedders))
    for result in results:
        for name, values in result.items():
            found[name].update(values)
    _compare(found)
    head = next(iter(found.values()))
    rows = [[name, *(f"{values[h]:.6g}" if h in values else "" for h in head)] for name, values in found.items()]
    table("What each is worth beside float32", ["", *head], rows)
    return found


def _compare(found: dict[str, dict[str, float]]) -> None:
    """Put the largest loss of each embedder beside its values."""
    exact = next(iter(found.values()))
    judged = [name for name in exact if name.startswith(("nDCG", "Spearman"))]
    for values in found.values():
        values["largest loss"] = max(exact[name] - values[name] for name in judged if name in values)


def _cosines(embedders: Mapping[str, Embed]) -> dict[str, dict[str, float]]:
    """Compare the vectors of 1,000 texts of all lengths with those of the first embedder."""
    sets = texts()
    mixed = [*sets["words"][:300], *sets["glosses"][:500], *sets["chunks"][:50], *_long_texts()][:1_000]
    rows = {name: embed(mixed) for name, embed in embedders.items()}
    first = next(iter(rows.values()))
    cosines = {name: np.sum(some * first, axis=1) for name, some in rows.items()}
    return {name: {"least cosine": float(c.min()), "mean cosine": float(c.mean())} for name, c in cosines.items()}


def _likeness(embedders: Mapping[str, Embed]) -> dict[str, dict[str, float]]:
    """Return the rank correlation with people's scores on the dev part of STS-B."""
    with (TESTDATA / "stsb" / "stsb-en-dev.csv").open(newline="") as file:
        rows = list(csv.reader(file))
    first, second, scores = [r[0] for r in rows], [r[1] for r in rows], [float(r[2]) for r in rows]
    return {
        name: {"Spearman STS-B": float(spearmanr(np.sum(embed(first) * embed(second), axis=1), scores).statistic)}
        for name, embed in embedders.items()
    }


def _retrieval(embedders: Mapping[str, Embed], name: str) -> dict[str, dict[str, float]]:
    """Return nDCG@10 by cosine, and the share of queries that have the same ten as with the first embedder."""
    given = smart(name)
    documents = {n: f"{title} {text}".strip() for n, (title, text) in given.documents.items()}
    documents = {n: text for n, text in documents.items() if text}
    judged = {query: dict.fromkeys(relevant, 1) for query, relevant in given.relevant.items()}
    numbers, queries = list(documents), [query for query in given.queries if query in judged]
    best: dict[str, list[set[int]]] = {}
    found = {}
    for by, embed in embedders.items():
        cosines = embed([given.queries[query] for query in queries]) @ embed(list(documents.values())).T
        best[by] = _tens(cosines)
        run = {q: dict(zip(numbers, map(float, row), strict=True)) for q, row in zip(queries, cosines, strict=True)}
        found[by] = {f"nDCG@10 {name}": calc_aggregate([nDCG @ 10], judged, run)[nDCG @ 10]}
    return {by: {**values, f"same ten {name}": _same(best, by)} for by, values in found.items()}


def _neighbours(embedders: Mapping[str, Embed]) -> dict[str, dict[str, float]]:
    """Return the share of WordNet's glosses that have the same ten nearest as with the first embedder."""
    lines = itertools.chain.from_iterable(
        path.read_text(encoding="utf-8").splitlines() for path in sorted(WORDNET.glob("data.*"))
    )
    glosses = sorted({line.partition("| ")[2].strip() for line in lines if "| " in line})
    random = np.random.default_rng(0)
    some = [glosses[i] for i in random.permutation(len(glosses))[: GLOSSES + QUESTIONS]]
    best = {}
    for name, embed in embedders.items():
        rows = embed(some)
        best[name] = _tens(rows[:QUESTIONS] @ rows[QUESTIONS:].T)
    return {name: {"same ten WordNet": _same(best, name), "of ten WordNet": _shared(best, name)} for name in best}


def _tens(cosines: Vectors) -> list[set[int]]:
    return [set(row) for row in np.argpartition(-cosines, 9, axis=1)[:, :10].tolist()]


def _same(best: Mapping[str, Sequence[set[int]]], name: str) -> float:
    first = next(iter(best.values()))
    return float(np.mean([a == b for a, b in zip(first, best[name], strict=True)]))


def _shared(best: Mapping[str, Sequence[set[int]]], name: str) -> float:
    first = next(iter(best.values()))
    return float(np.mean([len(a & b) / 10 for a, b in zip(first, best[name], strict=True)]))


def _long_texts() -> list[str]:
    """Return texts of all lengths, beyond the model's limit too."""
    pages = sorted((TESTDATA / "notes-rustbook" / "src").glob("ch*.md"))
    return [page.read_text()[:size] for page, size in itertools.product(pages, (90, 400, 2_000))]
