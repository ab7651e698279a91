"""A corpus, the command that takes it in, and what has to be true afterwards."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import chromadb
import numpy as np
import pytest
from chromadb.config import Settings as ChromaSettings

from search.retrieve.fuse import Wanted, rank
from search.store.collection import Collection
from search.store.store import Store
from tests.openai_server import OpenAIServer

LONG = os.environ.get("NEARHOOD_FAULTS") == "long"
EMBEDDER = "openai:text-embedding-3-small@32"
FILES = 10
RECORDS = 20_000 if LONG else 1_200
"""What a test takes in; the short form does not need to be large to be torn."""
RANKED = 1_200
"""Passages that are searched for with their own vectors."""
ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Bench:
    """A folder of texts, a data folder, and a server that counts what it embeds."""

    texts: Path
    data: Path
    server: OpenAIServer
    environ: dict[str, str]

    def start(self, *arguments: str, data: Path | None = None, before: Sequence[str] = ()) -> subprocess.Popen[str]:
        """Start the command in a group of its own."""
        command = [*before, sys.executable, "-m", "ui.cli", arguments[0], "--data", str(data or self.data)]
        return subprocess.Popen(
            [*command, "--embedder", EMBEDDER, *arguments[1:]],
            cwd=ROOT,
            env={**os.environ, **self.environ},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def run(self, *arguments: str, code: int = 0, data: Path | None = None) -> str:
        """Run the command, check its exit code, and return what it says on either stream."""
        with self.start(*arguments, data=data) as process:
            out, err = process.communicate(timeout=300)
        assert process.returncode == code, (process.returncode, out, err)
        return out if code in {0, 3} else err

    def ingest(self) -> subprocess.Popen[str]:
        """Start taking the corpus in."""
        return self.start("ingest", str(self.texts), "--as", "words", "-c", "things")

    def finish(self) -> dict[str, Any]:
        """Take the corpus in to the end, and return the report."""
        report = self.run("ingest", str(self.texts), "--as", "words", "-c", "things", "--json")
        return dict(json.loads(report))

    def embedded(self) -> int:
        """Return how many texts were embedded so far."""
        return sum(len(request.body["input"]) for request in self.server.requests)


@pytest.fixture
def bench(tmp_path: Path, openai_server: OpenAIServer, cache: Path) -> Bench:
    """Everything a fault needs."""
    return make_bench(tmp_path, openai_server, cache)


def make_bench(folder: Path, server: OpenAIServer, cache: Path, records: int = RECORDS) -> Bench:
    """Write the corpus into a folder."""
    texts = folder / "texts"
    texts.mkdir()
    for number in range(FILES):
        lines = (f"record {i} of file {number}\n" for i in range(records // FILES))
        (texts / f"{number}.txt").write_text("".join(lines))
    environ = {
        "OPENAI_API_KEY": "sk-test-0123456789",
        "OPENAI_BASE_URL": server.url,
        "NEARHOOD_CACHE": str(cache),
    }
    return Bench(texts, folder / "data", server, environ)


def kill(process: subprocess.Popen[str], *, group: bool = False) -> None:
    """End a process, or its whole group, without a chance to clean up."""
    if process.poll() is None:
        (os.killpg if group else os.kill)(process.pid, signal.SIGKILL)
    process.communicate()


def committed(data: Path) -> set[str]:
    """Return the ids that are in the ledger."""
    with Store(data, 2**30, "test") as store:
        if "things" not in store.names():
            return set()
        rows = store.ledger.rows("SELECT id FROM passages")
        assert len(rows) == len(set(rows))
    return {passage_id for (passage_id,) in rows}


def check_complete(bench: Bench, data: Path | None = None) -> None:
    """Check that each line of the corpus is there once, and that its vector finds it."""
    with Store(data or bench.data, 2**30, "test") as store:
        collection = store.collection("things")
        rows = store.ledger.rows("SELECT s.name, p.text FROM passages p JOIN sources s ON s.number = p.source")
        lines = [(str(f), line) for f in bench.texts.iterdir() for line in f.read_text().splitlines()]
        assert sorted(rows) == sorted(lines)
        _check_own_vectors(collection)
    check_index(data or bench.data)


def _check_own_vectors(collection: Collection) -> None:
    """Check that each passage's vector is nearest to itself, and that a ranking says so of some."""
    blocks = list(collection.blocks())
    numbers, vectors = (np.concatenate(parts) for parts in zip(*blocks, strict=True))
    for start in range(0, len(numbers), 1_000):
        nearest = (vectors[start : start + 1_000] @ vectors.T).argmax(axis=1)
        assert (nearest == np.arange(start, start + len(nearest))).all()
    for at in range(0, len(numbers), max(1, len(numbers) // RANKED)):
        assert rank(collection, Wanted(vectors[at], 1)).near[0].number == numbers[at]


def check_index(data: Path) -> None:
    """Check that an ordinary Chroma client reads the same passages, and that they find themselves."""
    with Store(data, 2**30, "test") as store:
        ids = {i for (i,) in store.ledger.rows("SELECT id FROM passages")}
        name = store.collection("things").row.index_name
    for collection in chroma(data, name):
        found = collection.get(include=["embeddings"])
        assert set(found["ids"]) == ids
        some = np.random.default_rng(0).choice(len(ids), 200)
        asked = collection.query(query_embeddings=found["embeddings"][some], n_results=1, include=[])["ids"]
        same = [found["ids"][i] == near for i, (near,) in zip(some, asked, strict=True)]
        assert np.mean(same) >= 0.98


def chroma(data: Path, name: str) -> Iterator[Any]:
    """Yield a collection of the index as any Chroma client opens it."""
    settings = ChromaSettings(_env_file=None, anonymized_telemetry=False)  # type: ignore[call-arg]
    client: Any = chromadb.PersistentClient(path=str(data / "chroma"), settings=settings)
    try:
        yield client.get_collection(name, embedding_function=None)
    finally:
        client.close()
