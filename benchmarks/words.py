"""Word tools beside what is known: analogies, the odd one out, clusters of terms, and what duplicates take.

    python -m benchmarks.words [--only analogies ...]

The test data have Google's analogies and lists of words by category; duplicates are looked for among WordNet's glosses.
"""

import argparse
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.embedded import NAME, SEED, categories, fill, glosses, vectors
from benchmarks.report import TESTDATA, keep, kept, machine, table
from search.service import Service
from search.settings import Settings
from search.types import Vectors
from search.words.odd import odd_one_out

SECTIONS = {
    "capitals": "capital-common-countries",
    "cities and states": "city-in-state",
    "family": "family",
    "comparatives": "gram3-comparative",
    "present participles": "gram5-present-participle",
    "plurals": "gram8-plural",
}
AMONG = 5
TOGETHER = (3, 4, 9, 19)
"""How many terms of one category stand beside one of another."""
DRAWS = 2_000
PASSAGES = 100_000


def main() -> None:
    """Measure, print, keep."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", nargs="+", choices=MEASURES, default=list(MEASURES), metavar="NAME")
    given = parser.parse_args()
    result = kept("words") | {"machine": machine("onnxruntime", "scikit-learn")}
    for name in given.only:
        result[name] = MEASURES[name]()
        # After each, so that one that fails takes none along.
        keep("words", result)


def analogies() -> list[dict[str, Any]]:
    """Return where the right answer stands among the terms of its section, without the inputs and with them."""
    found, ranks = [], []
    for section, file in SECTIONS.items():
        lines = (TESTDATA / "analogy" / f"{file}.txt").read_text(encoding="utf-8").splitlines()
        asked = [line.split() for line in lines if line.strip()]
        terms = sorted({term for four in asked for term in four})
        with _holding(terms, vectors(f"analogy-{file}", terms)) as service:
            here = [_ranks(service, *four) for four in asked]
        found.append({"section": section, "terms": len(terms), **_shares(here)})
        ranks += here
    found.append({"section": "all", "terms": "", **_shares(ranks)})
    table("Analogies", list(found[0]), [list(one.values()) for one in found])
    return found


def _ranks(service: Service, a: str, b: str, c: str, d: str) -> tuple[int | None, int]:
    expected = service.analogy([f"{b} - {a} + {c}"], NAME, k=1, expect=d).expected
    assert expected is not None
    return expected.rank, expected.rank_with_inputs


def _shares(ranks: Sequence[tuple[int | None, int]]) -> dict[str, float]:
    without = np.array([rank or np.inf for rank, _ in ranks])
    return {
        "questions": len(ranks),
        "first": float(np.mean(without == 1)),
        f"among {AMONG}": float(np.mean(without <= AMONG)),
        "first, inputs counted": float(np.mean([rank == 1 for _, rank in ranks])),
    }


class _Known:
    """An embedder of the words of the categories alone, since each is asked for many times."""

    id = "local"

    def __init__(self, texts: Sequence[str], rows: Vectors) -> None:
        self._rows = dict(zip(texts, rows, strict=True))

    def embed_documents(self, texts: Sequence[str]) -> Vectors:
        return np.stack([self._rows[text] for text in texts])


def odd_ones() -> list[dict[str, Any]]:
    """Return how often the term of another category is found, and how often an answer is called clear."""
    texts, kinds = categories()
    embedder: Any = _Known(texts, vectors("categories", texts))
    by_kind = {kind: sorted({t for t, k in zip(texts, kinds, strict=True) if k == kind}) for kind in sorted(set(kinds))}
    found = []
    for n in TOGETHER:
        random = np.random.default_rng(SEED)
        right, clear, none = [], [], []
        for _ in range(DRAWS):
            one, other = (list(by_kind)[i] for i in random.choice(len(by_kind), 2, replace=False))
            odd = str(random.choice([term for term in by_kind[other] if term not in by_kind[one]]))
            answer = odd_one_out([*map(str, random.choice(by_kind[one], n, replace=False)), odd], embedder)
            right.append(answer.odd == odd)
            clear.append(answer.clear)
            none.append(odd_one_out([*map(str, random.choice(by_kind[one], n + 1, replace=False))], embedder).clear)
        is_right, is_clear = np.array(right), np.array(clear)
        found.append(
            {
                "terms": f"{n} + 1",
                "right": float(is_right.mean()),
                "clear": float(is_clear.mean()),
                "right where clear": float(is_right[is_clear].mean()),
                "right where not": float(is_right[~is_clear].mean()),
                "clear where none is odd": float(np.mean(none)),
            }
        )
    table("The odd one out", list(found[0]), [list(one.values()) for one in found])
    return found


def term_clusters() -> dict[str, Any]:
    """Return how far clusters of words are their categories, and what the mean does to eleven of them."""
    from scipy.cluster.hierarchy import fcluster, linkage
    from sklearn.metrics import v_measure_score

    texts, kinds = categories()
    rows = vectors("categories", texts)
    with _holding(texts, rows) as service:
        chosen = service.clusters(NAME)
    # A word of two lists stands in one cluster, and counts for the first of them.
    kind_of = dict(reversed([*zip(texts, kinds, strict=True)]))
    truth = [[kind_of[member.text] for member in one.members] for one in chosen.clusters]
    flat = [kind for some in truth for kind in some]
    numbers = [n for n, some in enumerate(truth) for _ in some]
    count = len(set(kinds))
    found = {
        "words": len(texts),
        "clusters": chosen.count,
        "purity": sum(Counter(some).most_common(1)[0][1] for some in truth) / len(flat),
        "v_measure": float(v_measure_score(flat, numbers)),
    }
    for name, some in {"mean left in": rows, "mean taken away": rows - rows.mean(axis=0)}.items():
        cut = fcluster(linkage(some.astype(np.float64), "average", "cosine"), count, "maxclust")
        found[f"v_measure of {count}, {name}"] = float(v_measure_score(kinds, cut))
    table("Clusters of terms", list(found), [list(found.values())])
    return found


def duplicates() -> dict[str, float]:
    """Return what it takes to compare all glosses with all."""
    texts, rows = glosses(PASSAGES)
    with _holding(texts, rows) as service:
        started, cpu = time.perf_counter(), time.process_time()
        pairs = service.duplicates(NAME).found
        took = {"wall_s": time.perf_counter() - started, "cpu_s": time.process_time() - cpu}
    found = {"passages": len(texts), "found": pairs, **took}
    table("Near-duplicates", list(found), [list(found.values())])
    return found


@contextmanager
def _holding(texts: Sequence[str], rows: Vectors) -> Iterator[Service]:
    """Yield a service with a collection of terms."""
    with tempfile.TemporaryDirectory() as folder:
        settings = replace(Settings.from_environment(), data=Path(folder), embedder="local")
        with Service(settings, "benchmark") as service:
            fill(service, [f"w{i:06}" for i in range(len(texts))], texts, rows)
            yield service


MEASURES: dict[str, Callable[[], Any]] = {
    "analogies": analogies,
    "odd": odd_ones,
    "clusters": term_clusters,
    "duplicates": duplicates,
}


if __name__ == "__main__":
    main()
