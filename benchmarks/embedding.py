"""The local embedder beside sentence-transformers and Chroma's default function: the same vectors, how much faster.

    make bench-embedding

Needs what benchmarks/requirements.txt names, torch among it; the product itself never imports that. "Bare products"
are the model's fp32 matrix products in torch with nothing around them: no fp32 implementation can pass their rate.
"""

import argparse
import csv
import itertools
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import torch
from chromadb.utils.embedding_functions import ONNXMiniLM_L6_V2
from scipy.stats import spearmanr
from sentence_transformers import SentenceTransformer

from benchmarks.report import TESTDATA, keep, machine, medians, rounds, table
from search.embedders.local import LocalEmbedder, load_tokenizer
from search.embedders.weights import model_files
from search.settings import Settings
from search.types import Vectors

HIDDEN, INNER, LAYERS = 384, 1536, 6


def main() -> None:
    """Measure, print, keep."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=1)
    given = parser.parse_args()
    torch.set_num_threads(given.threads)
    with tempfile.TemporaryDirectory() as folder:
        cache = Settings.from_environment().cache
        ours = LocalEmbedder("", Settings(data=Path(folder), cache=cache, threads=given.threads))
        peer = SentenceTransformer(str(model_files().weights.parent), device="cpu")
        chroma = chroma_default(peer, Path(folder))
        result = {
            "machine": machine("onnxruntime", "torch", "sentence-transformers", "chromadb", "tokenizers"),
            "threads": given.threads,
            "equality": equality(ours, peer),
            "spearman": spearman(ours, peer),
            "throughput": throughput(ours, peer, chroma, given.rounds),
        }
    keep(f"embedding-{given.threads}", result)


def equality(ours: LocalEmbedder, peer: SentenceTransformer) -> dict[str, float]:
    """Compare the vectors of 1,000 texts of mixed length."""
    sets = texts()
    mixed = [*sets["words"][:300], *sets["glosses"][:500], *sets["chunks"][:50], *long_texts()][:1_000]
    cosines = np.sum(ours.embed_documents(mixed) * peer.encode(mixed, normalize_embeddings=True), axis=1)
    found = {"texts": float(len(mixed)), "least_cosine": float(cosines.min()), "mean_cosine": float(cosines.mean())}
    table("Equality with sentence-transformers", list(found), [[f"{v:.7f}" for v in found.values()]])
    return found


def spearman(ours: LocalEmbedder, peer: SentenceTransformer) -> dict[str, float]:
    """Compare the rank correlation with human scores on the dev part of STS-B."""
    with (TESTDATA / "stsb" / "stsb-en-dev.csv").open(newline="") as file:
        rows = list(csv.reader(file))
    first, second, scores = [r[0] for r in rows], [r[1] for r in rows], [float(r[2]) for r in rows]

    def of(a: Vectors, b: Vectors) -> float:
        return float(spearmanr(np.sum(a * b, axis=1), scores).statistic)

    found = {
        "ours": of(ours.embed_documents(first), ours.embed_documents(second)),
        "sentence-transformers": of(peer.encode(first), peer.encode(second)),
    }
    found["difference"] = found["ours"] - found["sentence-transformers"]
    table("Spearman on STS-B dev", list(found), [[f"{v:.5f}" for v in found.values()]])
    return found


def throughput(ours: LocalEmbedder, peer: SentenceTransformer, chroma: Any, count: int) -> dict[str, Any]:
    """Measure texts a second, in turns."""
    found: dict[str, Any] = {}
    for name, batch in texts().items():
        few = batch[:64] if name == "words" else batch[:16]
        # The limit is what the bare fp32 products of the model take, with nothing around them.
        product = bare_products(sum(min(ours.count_tokens(text), 256) for text in batch))
        runs = {
            "ours": lambda batch=batch: ours.embed_documents(batch),
            "sentence-transformers": lambda batch=batch: peer.encode(batch, show_progress_bar=False),
            "chroma": lambda few=few: chroma(few),
            "bare products": product,
        }
        for run in runs.values():
            run()
        seconds = medians(rounds(runs, count))
        sizes = {"chroma": len(few)}
        found[name] = {run: sizes.get(run, len(batch)) / s for run, s in seconds.items()}
    head = ["texts a second", *next(iter(found.values())), "x sentence-transformers", "x chroma", "limit x s-t"]
    rows = [
        [
            name,
            *rates.values(),
            rates["ours"] / rates["sentence-transformers"],
            rates["ours"] / rates["chroma"],
            rates["bare products"] / rates["sentence-transformers"],
        ]
        for name, rates in found.items()
    ]
    table(f"Throughput, fp32, {torch.get_num_threads()} thread(s)", head, rows)
    return found


def bare_products(tokens: int) -> Any:
    """Return the model's matrix products for so many tokens, in torch, as a function without arguments."""
    shapes = [(HIDDEN, HIDDEN)] * 4 + [(HIDDEN, INNER), (INNER, HIDDEN)]
    pairs = [(torch.rand(512, rows), torch.rand(rows, columns)) for rows, columns in shapes]

    def run() -> None:
        with torch.inference_mode():
            for _ in range(max(1, round(tokens / 512))):
                for _, (x, weight) in itertools.product(range(LAYERS), pairs):
                    torch.mm(x, weight)

    return run


def texts() -> dict[str, list[str]]:
    """Return words, sentences of 12 tokens as dictionary glosses have them, and chunks of 200 tokens."""
    notes = " ".join(p.read_text() for p in sorted((TESTDATA / "notes-rustbook" / "src").glob("ch*.md")))
    words = list(dict.fromkeys(w for w in notes.lower().split() if w.isalpha() and len(w) > 2))[:2_000]
    tokenizer = load_tokenizer()
    offsets = tokenizer.encode(notes[:700_000], add_special_tokens=False).offsets

    def cut(size: int, count: int) -> list[str]:
        starts = range(0, count * size, size)
        return [notes[offsets[s][0] : offsets[s + size - 1][1]] for s in starts]

    return {"words": words, "glosses": cut(10, 1_000), "chunks": cut(198, 60)}


def long_texts() -> list[str]:
    """Return texts of all lengths, beyond the model's limit too."""
    pages = sorted((TESTDATA / "notes-rustbook" / "src").glob("ch*.md"))
    return [page.read_text()[:size] for page, size in itertools.product(pages, (90, 400, 2_000))]


def chroma_default(peer: SentenceTransformer, folder: Path) -> Any:
    """Return Chroma's default function on the same weights, exported, since its own download needs a network."""
    files = folder / ONNXMiniLM_L6_V2.EXTRACTED_FOLDER_NAME
    files.mkdir()
    names = ["input_ids", "attention_mask", "token_type_ids"]
    example = tuple(torch.ones(2, 8, dtype=torch.int64) for _ in names)
    axes = {name: {0: "n", 1: "t"} for name in [*names, "last_hidden_state"]}
    torch.onnx.export(
        _Tokens(peer[0].auto_model.eval()),
        example,
        str(files / "model.onnx"),
        input_names=names,
        output_names=["last_hidden_state"],
        dynamic_axes=axes,
        dynamo=False,
    )
    for name in ("config.json", "special_tokens_map.json", "tokenizer_config.json", "tokenizer.json", "vocab.txt"):
        (files / name).write_bytes((model_files().weights.parent / name).read_bytes())
    ONNXMiniLM_L6_V2.DOWNLOAD_PATH = folder
    return ONNXMiniLM_L6_V2(preferred_providers=["CPUExecutionProvider"])


class _Tokens(torch.nn.Module):  # type: ignore[misc] # torch is not installed where types are checked
    """The model as Chroma has it: each token's last state."""

    def __init__(self, model: torch.nn.Module) -> None:
        super().__init__()
        self.model = model

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor, token_type_ids: torch.Tensor) -> Any:
        states = self.model(input_ids=input_ids, attention_mask=attention_mask, token_type_ids=token_type_ids)
        return states.last_hidden_state


if __name__ == "__main__":
    main()
