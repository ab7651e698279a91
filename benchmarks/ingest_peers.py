"""One peer's way of taking lines of text in, for `benchmarks.ingest`: its name, the file and a folder are given.

Prints the seconds that it took once it was ready, and those of the processor.
"""

import sys
import time
from pathlib import Path

from search.embedders.weights import model_files


def chroma(lines: list[str], folder: Path) -> tuple[float, float]:
    """Chroma as it comes: `add(documents=...)` with its default embedding function, on the same weights."""
    import chromadb
    from sentence_transformers import SentenceTransformer

    from benchmarks.embedding_peers import chroma_default, export

    folder.mkdir(parents=True)
    export(SentenceTransformer(str(model_files().weights.parent), device="cpu"), folder)
    function = chroma_default(folder)
    client = chromadb.PersistentClient(str(folder / "data"))
    collection = client.create_collection("lines", embedding_function=function)
    function(["a first text loads the model"])
    started, worked = time.perf_counter(), time.process_time()
    for start in range(0, len(lines), 1_000):
        batch = lines[start : start + 1_000]
        collection.add(ids=[str(start + i) for i in range(len(batch))], documents=batch)
    return time.perf_counter() - started, time.process_time() - worked


def txtai(lines: list[str], folder: Path) -> tuple[float, float]:
    """txtai with its defaults, contents kept, on the same weights."""
    from txtai import Embeddings

    embeddings = Embeddings(path=str(model_files().weights.parent), content=True)
    started, worked = time.perf_counter(), time.process_time()
    embeddings.index(lines)
    embeddings.save(str(folder))
    return time.perf_counter() - started, time.process_time() - worked


if __name__ == "__main__":
    name, source, target = sys.argv[1:]
    print(*{"chroma": chroma, "txtai": txtai}[name](Path(source).read_text().splitlines(), Path(target)))
