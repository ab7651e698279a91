"""How well it searches, beside what is expected: Cranfield, MED and ADI by mode, STS-B, and what `by chance` is worth.

    python -m benchmarks.quality

The vectors are kept in a data folder of its own (NEARHOOD_QUALITY), so that a second run embeds nothing.
"""

import csv
import json
import os
import re
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.report import TESTDATA, keep, machine, table
from ingest.sync import ingest
from search.evaluate.bootstrap import Interval
from search.evaluate.correlation import spearman
from search.evaluate.judged import evaluate_folder
from search.evaluate.pairs import evaluate_pairs, read
from search.evaluate.shelf import Shelf
from search.retrieve.fuse import MEANING
from search.retrieve.scale import Scale, measure
from search.service import Service
from search.settings import Settings
from search.types import Vectors

FOLDER = Path(os.environ.get("NEARHOOD_QUALITY", Path(tempfile.gettempdir()) / f"nearhood-quality-{os.getuid()}"))
EXPECTED = {
    "cran": {"dense": 0.399, "lexical": 0.3885, "hybrid": 0.437},
    "med": {"dense": 0.787, "lexical": 0.6957, "hybrid": 0.799},
    "adi": {"dense": 0.497, "lexical": 0.4938, "hybrid": 0.547},
}
TOLERANCE = 0.005
CHANCE = 0.01
PAIRS = 200_000
SPLITS = 10
_FIELD = re.compile(r"\.([A-Z])\s*(.*?)\s*$")


@dataclass(frozen=True, slots=True)
class Smart:
    """A test collection in the SMART format."""

    documents: Mapping[str, tuple[str, str]]
    """Titles and texts by number."""
    queries: Mapping[str, str]
    relevant: Mapping[str, frozenset[str]]


@dataclass(frozen=True, slots=True)
class Rate:
    """How often random pairs, of passages that the scale has not seen, are as near as it says one in a hundred is."""

    collection: str
    passages: int
    rate: float
    """Mean over some ways to part the passages in two."""
    least: float
    most: float
    percentile_99: float
    """The cosine that one in a hundred of the scale's pairs reaches."""


def main() -> int:
    """Measure, print, keep."""
    if not (TESTDATA / "retrieval").is_dir():
        print(f"no test data at {TESTDATA}: set NEARHOOD_TESTDATA", file=sys.stderr)
        return 1
    settings = replace(Settings.from_environment(), embedder="local", data=FOLDER)
    with Service(settings, "benchmark") as service, tempfile.TemporaryDirectory() as temporary:
        retrieval = {name: judged(service, name, Path(temporary)) for name in EXPECTED}
        show_retrieval(retrieval)
        likeness = {part: pairs(service, part) for part in ("dev", "train")}
        show_likeness(likeness)
        rates = list(calibration(service))
        show_calibration(rates)
    result = {"machine": machine("bm25s", "ir-measures", "onnxruntime"), "retrieval": retrieval, "sts-b": likeness}
    keep("quality", {**result, "by_chance": list(map(asdict, rates))})
    return 0


# Retrieval


def judged(service: Service, name: str, folder: Path) -> dict[str, Any]:
    """Return a set's scores by mode."""
    write(smart(name), folder / name)
    return evaluate_folder(Shelf(service.store, service.embedder), folder / name).summary()


def smart(name: str) -> Smart:
    """Read a set; a document's number is its .I, a query's its place in the file."""
    folder, stem = TESTDATA / "retrieval" / name, name.upper()
    files = (
        ("cran.all.1400", "cran.qry", "cranqrel") if name == "cran" else (f"{stem}.ALL", f"{stem}.QRY", f"{stem}.REL")
    )
    documents = {fields["I"]: (fields.get("T", ""), fields.get("W", "")) for fields in _records(folder / files[0])}
    queries = {str(place): fields["W"] for place, fields in enumerate(_records(folder / files[1]), start=1)}
    # Cranfield's fourth column is a code: -1 for of no interest. ADI's are all 0, and mean nothing.
    rows = [line.split() for line in _lines(folder / files[2]) if line.strip()]
    relevant: dict[str, set[str]] = {}
    for query, document, *rest in rows:
        if name != "cran" or int(rest[0]) > 0:
            relevant.setdefault(query, set()).add(document)
    return Smart(documents, queries, {query: frozenset(ids) for query, ids in relevant.items()})


def write(found: Smart, folder: Path) -> None:
    """Write a set in the BEIR layout."""
    (folder / "qrels").mkdir(parents=True)
    documents = [{"_id": id_, "title": title, "text": text} for id_, (title, text) in found.documents.items()]
    queries = [{"_id": id_, "text": text} for id_, text in found.queries.items()]
    (folder / "corpus.jsonl").write_text("".join(f"{json.dumps(document)}\n" for document in documents))
    (folder / "queries.jsonl").write_text("".join(f"{json.dumps(query)}\n" for query in queries))
    rows = [f"{query}\t{document}\t1\n" for query, ids in found.relevant.items() for document in sorted(ids)]
    (folder / "qrels" / "test.tsv").write_text("".join(["query-id\tcorpus-id\tscore\n", *rows]))


def _records(file: Path) -> Iterator[dict[str, str]]:
    fields: dict[str, str] = {}
    current = ""
    for line in _lines(file):
        match = _FIELD.match(line)
        if match and match[1] == "I":
            if fields:
                yield _stripped(fields)
            fields, current = {"I": match[2]}, ""
        elif match and not match[2]:
            current = match[1]
        elif current:
            fields[current] = f"{fields.get(current, '')}{line}\n"
    yield _stripped(fields)


def _stripped(fields: Mapping[str, str]) -> dict[str, str]:
    return {name: text.strip() for name, text in fields.items()}


def _lines(file: Path) -> list[str]:
    return file.read_text(encoding="latin-1").splitlines()


def show_retrieval(found: Mapping[str, Mapping[str, Any]]) -> None:
    """Print nDCG@10 by mode beside what is expected."""
    rows = [
        [
            name,
            mode,
            value["value"],
            f"[{value['low']:.3f}, {value['high']:.3f}]",
            EXPECTED[name][mode],
            _fits(name, mode, value),
        ]
        for name, summary in found.items()
        for mode, metrics in summary["modes"].items()
        for value in [metrics["nDCG@10"]]
    ]
    table(f"nDCG@10, hybrid with {MEANING:g} of meaning", ["set", "mode", "is", "95 %", "expected", ""], rows)


def _fits(name: str, mode: str, value: Mapping[str, float]) -> str:
    above = value["value"] - EXPECTED[name][mode]
    if mode == "hybrid":
        return "reached" if round(value["value"], 3) >= EXPECTED[name][mode] else f"{above:+.4f}"
    return "equal" if abs(above) <= TOLERANCE else f"{above:+.4f}"


# Likeness


def pairs(service: Service, part: str) -> dict[str, Any]:
    """Return Spearman on a part of STS-B, and that of sentence-transformers where it is installed."""
    file = TESTDATA / "stsb" / f"stsb-en-{part}.csv"
    ours = evaluate_pairs(Shelf(service.store, service.embedder), file).summary()
    theirs = peer(file)
    return ours | {"sentence-transformers": None if theirs is None else asdict(theirs)}


def peer(file: Path) -> Interval | None:
    """Return sentence-transformers' rank correlation on a file of pairs; None where it is not installed."""
    try:
        from sentence_transformers import SentenceTransformer
    except ImportError:
        return None
    from search.embedders.weights import model_files

    given = read(file)
    model = SentenceTransformer(str(model_files().weights.parent), device="cpu")
    rows = model.encode([*(p.a for p in given), *(p.b for p in given)], normalize_embeddings=True)
    cosines = np.sum(rows[: len(given)].astype(np.float64) * rows[len(given) :].astype(np.float64), axis=1)
    return spearman(np.array([p.score for p in given]), np.round(cosines, 6))


def show_likeness(found: Mapping[str, Mapping[str, Any]]) -> None:
    """Print the correlations."""
    rows = [
        [part, told["pairs"], _interval(told["spearman"]), _interval(told["sentence-transformers"])]
        for part, told in found.items()
    ]
    table("STS-B, Spearman", ["part", "pairs", "nearhood", "sentence-transformers"], rows)


def _interval(found: Mapping[str, float] | None) -> str:
    return "not installed" if found is None else f"{found['value']:.4f} [{found['low']:.3f}, {found['high']:.3f}]"


# What `by chance` is worth


def calibration(service: Service) -> Iterator[Rate]:
    """Yield the rates of several collections."""
    notes = TESTDATA / "notes-rustbook" / "src"
    ingest(service.store, service.embedder, "rustbook", [notes])
    book = service.store.collection("rustbook")
    sets = {
        "Rust book, passages": [text for _, text in book.texts()],
        "STS-B, sentences": _sentences(),
        "Cranfield, abstracts": [text for _, text in smart("cran").documents.values()],
        "MED, abstracts": [text for _, text in smart("med").documents.values()],
    }
    for name, texts in sets.items():
        yield rate(service, name, list(dict.fromkeys(text for text in texts if text.strip())))


def rate(service: Service, name: str, texts: Sequence[str]) -> Rate:
    """Measure the scale on one half of some texts, look how often it is passed in the other, and again with others."""
    shelf = Shelf(service.store, service.embedder)
    rows = shelf.embed_documents(texts)
    rng = np.random.default_rng(1)
    found = []
    for _ in range(SPLITS):
        seen, unseen = np.array_split(rng.permutation(len(texts)), 2)
        with shelf.collection([(str(place), texts[place]) for place in seen.tolist()]) as collection:
            scale = measure(collection)
        found.append((_share(scale, rows[unseen]), scale.at(99)))
    rates, cosines = zip(*found, strict=True)
    return Rate(name, len(texts), float(np.mean(rates)), min(rates), max(rates), float(np.mean(cosines)))


def _share(scale: Scale, rows: Vectors) -> float:
    a, b = _random_pairs(len(rows))
    cosines = np.sum(rows[a].astype(np.float64) * rows[b], axis=1)
    return float(np.mean([(scale.chance(cosine) or 1.0) <= CHANCE for cosine in cosines.tolist()]))


def _random_pairs(n: int) -> NDArray[np.int64]:
    found = np.random.default_rng(2).integers(0, n, size=(2, PAIRS))
    return found[:, found[0] != found[1]]


def _sentences() -> list[str]:
    with (TESTDATA / "stsb" / "stsb-en-train.csv").open(encoding="utf-8", newline="") as file:
        return [text for a, b, _ in csv.reader(file) for text in (a, b)]


def show_calibration(rates: Sequence[Rate]) -> None:
    """Print the rates."""
    rows = [
        [
            rate.collection,
            rate.passages,
            f"{rate.percentile_99:.3f}",
            f"{rate.rate:.4f}",
            f"{rate.least:.4f} to {rate.most:.4f}",
        ]
        for rate in rates
    ]
    head = ["collection", "passages", "cosine at 99 %", "measured", f"over {SPLITS} halvings"]
    table(f"Share of unseen random pairs that are called nearer than {CHANCE:.0%} by chance", head, rows)


if __name__ == "__main__":
    sys.exit(main())
