"""The local embedder beside its peers, all with the same weights: how fast, and how near to the exact vectors.

    make bench-embedding

Needs what benchmarks/requirements.txt names, torch among it; the product itself never imports that, nor CTranslate2.
*Bare products* are the model's matrix products with nothing around them, by the fastest code for each precision.
On a processor that multiplies no bfloat16, what needs that is left out.
"""

import argparse
import os
import tempfile
import time
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import torch

from benchmarks.embedding_limits import by_onnxruntime, by_torch
from benchmarks.embedding_peers import Embed, lengths_of, peers
from benchmarks.embedding_quality import quality
from benchmarks.embedding_texts import texts
from benchmarks.report import has_bfloat16, keep, machine, medians, rounds, table
from search.embedders.local import LocalEmbedder
from search.embedders.weights import MODEL
from search.settings import Settings

FEW = {"words": 32, "glosses": 16, "chunks": 16}
"""Texts for Chroma's default function, which pads each to 256 tokens."""
PACKAGES = ("onnxruntime", "openvino", "ctranslate2", "torch", "sentence-transformers", "chromadb", "tokenizers")
PEER = "sentence-transformers"


def main() -> None:
    """Measure, print, keep."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, nargs="+", default=[os.cpu_count() or 1])
    parser.add_argument("--no-quality", action="store_true")
    text = "count what the processor spends, in place of what passes: for one thread on a machine with other work"
    parser.add_argument("--processor", action="store_true", help=text)
    given = parser.parse_args()
    clock = time.process_time if given.processor else time.perf_counter
    for threads in given.threads:
        torch.set_num_threads(threads)
        with tempfile.TemporaryDirectory() as folder:
            embedders = {**ours(Path(folder), threads), **peers(Path(folder), threads)}
            embedders = {name: one for name, one in embedders.items() if has_bfloat16() or "bf16" not in name}
            result: dict[str, Any] = {
                "machine": machine(*PACKAGES),
                "threads": threads,
                "clock": clock.__name__,
                "rounds": given.rounds,
            }
            result["texts_a_second"] = throughput(embedders, threads, given.rounds, clock)
            # Threads change no vector, so once is enough.
            if threads == given.threads[-1] and not given.no_quality:
                kept = ("ours", "ours bf16", "ours int8", "ctranslate2 int8")
                some = {name: embedders[name] for name in kept if name in embedders}
                result["quality"] = quality(some, {PEER: embedders[PEER]})
        keep(f"embedding-{threads}", result)


def ours(folder: Path, threads: int) -> dict[str, Embed]:
    """Return the local embedder's engines."""
    settings = Settings(data=folder, cache=Settings.from_environment().cache, threads=threads)
    return {
        "ours": LocalEmbedder("", settings).embed_documents,
        "ours bf16": LocalEmbedder(f"{MODEL}@bf16", settings).embed_documents,
        "ours int8": LocalEmbedder(f"{MODEL}@int8", settings).embed_documents,
    }


def throughput(
    embedders: Mapping[str, Embed], threads: int, count: int, clock: Callable[[], float]
) -> dict[str, dict[str, float]]:
    """Measure texts a second, in turns."""
    found = {}
    for name, batch in texts().items():
        few = batch[: FEW[name]]
        runs: dict[str, Callable[[], object]] = {
            by: partial(embed, few if by == "chroma" else batch) for by, embed in embedders.items()
        }
        tokens = sum(lengths_of(batch))
        runs["bare products"] = by_onnxruntime(tokens, threads)
        if has_bfloat16():
            runs["bare products bf16"] = by_torch(tokens, torch.bfloat16)
        for run in runs.values():
            run()
        seconds = medians(rounds(runs, count, clock))
        found[name] = {by: (len(few) if by == "chroma" else len(batch)) / s for by, s in seconds.items()}
    show(found, threads)
    return found


def show(found: Mapping[str, Mapping[str, float]], threads: int) -> None:
    """Print the rates, and what they are beside sentence-transformers."""
    head = [f"{threads} thread(s), texts a second", *found, *(f"{name} x s-t" for name in found)]
    names = next(iter(found.values()))
    rows = [
        [by, *(found[name][by] for name in found), *(found[name][by] / found[name][PEER] for name in found)]
        for by in names
    ]
    table("Throughput", head, rows)


if __name__ == "__main__":
    main()
