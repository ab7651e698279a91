"""Folders in the BEIR layout, and notes."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

DOCUMENTS = [
    {"_id": "heron", "title": "The grey heron", "text": "It stands in shallow water and waits for fish."},
    {"_id": "bread", "title": "", "text": "Flour, water, salt and yeast are kneaded and baked."},
    {"_id": "void", "title": "", "text": "  "},
    {"_id": "loan", "title": "Interest", "text": "A bank lends money, and the borrower pays it back with interest."},
    {"_id": "otter", "title": "Otters", "text": "The otter swims in rivers and hunts fish at night."},
]
QUERIES: list[dict[str, Any]] = [
    {"_id": "1", "text": "a bird that fishes"},
    {"_id": "2", "text": "how to bake bread"},
    {"_id": "3", "text": "what does borrowing cost"},
    {"_id": "4", "text": "nobody judged this"},
]
JUDGEMENTS = [
    ("1", "heron", 2),
    ("1", "otter", 1),
    ("1", "loan", -1),
    ("2", "bread", 1),
    ("3", "loan", 1),
    ("4", "loan", 0),
]

BIRDS = """# Water birds

## The heron

The grey heron stands in shallow water and waits for fish. It strikes with its long bill when one swims past its feet.

## The kingfisher

A kingfisher dives from a branch above the stream. It beats the small fish against the wood before it swallows it.
"""
MONEY = """# Money

## Interest

A bank that lends money asks the borrower for interest. The rate depends on how likely it is that all is paid back.

## Inflation

Prices rise when there is more money than there are things to buy. Savers lose what borrowers win when that happens.
"""


def write(
    folder: Path,
    documents: Sequence[Mapping[str, Any]] = DOCUMENTS,
    queries: Sequence[Mapping[str, Any]] = QUERIES,
    judgements: Sequence[tuple[str, str, object]] = JUDGEMENTS,
) -> Path:
    """Write a folder, and return it."""
    (folder / "qrels").mkdir(parents=True)
    (folder / "corpus.jsonl").write_text("".join(f"{json.dumps(document)}\n" for document in documents))
    (folder / "queries.jsonl").write_text("".join(f"{json.dumps(query)}\n" for query in queries))
    rows = ["query-id\tcorpus-id\tscore", *("\t".join(map(str, row)) for row in judgements)]
    (folder / "qrels" / "test.tsv").write_text("".join(f"{row}\n" for row in rows))
    return folder
