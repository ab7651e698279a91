"""The Chroma database beside the ledger: derived from it, readable by any Chroma client."""

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import chromadb
import numpy as np
from chromadb.config import Settings as ChromaSettings
from chromadb.errors import ChromaError, NotFoundError
from numpy.typing import NDArray

from search.errors import DiskFullError, StoreDamagedError
from search.store.room import is_full
from search.types import MetadataValue, Passage

MAX_BATCH = 5_000
"""Records of one read or delete; Chroma takes at most 5,461."""
LIGHT = {"space": "cosine", "max_neighbors": 16, "ef_construction": 100, "ef_search": 200}
"""For other Chroma clients: half the work of `DEEP`, at 20,000 vectors a recall@10 of .995 in place of .999."""
DEEP = {"space": "cosine", "max_neighbors": 32, "ef_construction": 200, "ef_search": 200}
"""For collections that are too large to be searched exactly."""
_SAMPLE = 200
"""Vectors that are asked for themselves."""
_LEAST_FOUND = 0.9
"""Share of them that a sound graph finds, approximate as it is."""
_ROUNDING = 1e-4

Expected = Callable[[Sequence[str]], Mapping[str, tuple[str, bytes]]]
"""Ids to the text and the vector that are known for them; ids that are not known are left out."""


class Index:
    """A Chroma client on a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        with _translated(folder):
            # `close` is the client's, though not its interface's.
            self._client: Any = chromadb.PersistentClient(path=str(folder), settings=_settings(folder))

    def close(self) -> None:
        """Close the client, which writes what it still holds."""
        with _translated(self._folder):
            self._client.close()

    def upsert(self, name: str, passages: Sequence[Passage], vectors: NDArray[Any], hnsw: Mapping[str, Any]) -> None:
        """Write passages, making the collection when it is not there yet.

        :raises DiskFullError: When there is no room for them.
        """
        with _translated(self._folder):
            # Chroma ignores the configuration of a collection that exists.
            collection = self._client.get_or_create_collection(
                name, embedding_function=None, configuration={"hnsw": dict(hnsw)}
            )
            collection.upsert(
                ids=[p.id for p in passages],
                embeddings=vectors,
                documents=[p.text for p in passages],
                metadatas=[_metadata(p) for p in passages],
            )

    def delete(self, name: str, ids: Sequence[str]) -> None:
        """Delete passages; those that are not there are left out."""
        with _translated(self._folder), contextlib.suppress(NotFoundError):
            collection = self._client.get_collection(name, embedding_function=None)
            for start in range(0, len(ids), MAX_BATCH):
                collection.delete(ids=list(ids[start : start + MAX_BATCH]))

    def drop(self, name: str) -> None:
        """Delete a collection, if it is there."""
        with _translated(self._folder), contextlib.suppress(NotFoundError):
            self._client.delete_collection(name)

    def neighbors(self, name: str) -> int | None:
        """Return the degree that a collection's graph was made with; None when there is no such collection."""
        with _translated(self._folder), contextlib.suppress(NotFoundError):
            collection = self._client.get_collection(name, embedding_function=None)
            return int(collection.configuration_json["hnsw"]["max_neighbors"])
        return None

    def query(self, name: str, vectors: NDArray[Any], k: int) -> list[list[str]]:
        """Return the ids that the graph finds for each row, nearest first; none where there is no such collection."""
        with _translated(self._folder), contextlib.suppress(NotFoundError):
            collection = self._client.get_collection(name, embedding_function=None)
            found = collection.query(query_embeddings=vectors, n_results=k, include=[])
            return [list(ids) for ids in found["ids"]]
        return [[] for _ in vectors]

    def agrees(self, name: str, size: int, expected: Expected) -> bool:
        """Return whether a collection holds what it should, byte for byte, and finds it.

        A torn one may instead end the process.

        :param size: How many passages it should hold at least as `expected` has them.
        """
        with _translated(self._folder):
            try:
                collection = self._client.get_collection(name, embedding_function=None)
            except NotFoundError:
                return size == 0
            found, count, asked = 0, collection.count(), []
            for offset in range(0, count, MAX_BATCH):
                page = collection.get(limit=MAX_BATCH, offset=offset, include=["embeddings", "documents"])
                known = expected(page["ids"])
                if not _same(page, known):
                    return False
                found += len(known)
                asked.extend(page["embeddings"][:: 1 + count // _SAMPLE])
            return found == size and _finds_themselves(collection, asked)


def _same(page: Mapping[str, Any], known: Mapping[str, tuple[str, bytes]]) -> bool:
    at = [i for i, passage_id in enumerate(page["ids"]) if passage_id in known]
    if not at:
        return True
    texts, vectors = zip(*(known[page["ids"][i]] for i in at), strict=True)
    if texts != tuple(page["documents"][i] for i in at):
        return False
    rows = np.frombuffer(b"".join(vectors), dtype="<f4").reshape(len(at), -1)
    there = np.asarray(page["embeddings"], dtype=np.float32)[at]
    return rows.shape == there.shape and bool(np.all(np.abs(rows - there) <= _ROUNDING))


def _finds_themselves(collection: Any, asked: Sequence[Any]) -> bool:  # noqa: ANN401 - Chroma's
    if not asked:
        return True
    nearest = collection.query(query_embeddings=list(asked), n_results=1, include=["distances"])["distances"]
    found = sum(bool(row) and row[0] <= _ROUNDING for row in nearest)
    return bool(found >= _LEAST_FOUND * len(asked))


def _settings(folder: Path) -> ChromaSettings:
    # Every field is given, for Chroma would take the rest from the environment and from ./.env.
    values: dict[str, Any] = {name: field.default for name, field in ChromaSettings.model_fields.items()}
    values |= {"anonymized_telemetry": False, "is_persistent": True, "persist_directory": str(folder)}
    return ChromaSettings(**values, _env_file=None)  # type: ignore[call-arg] # pydantic-settings reads it


def _metadata(passage: Passage) -> dict[str, MetadataValue]:
    own: dict[str, MetadataValue] = {
        "source": passage.source,
        "position": passage.position,
        "start": passage.start,
        "end": passage.end,
    }
    return {**passage.metadata, **own}


@contextlib.contextmanager
def _translated(folder: Path) -> Iterator[None]:
    try:
        yield
    except NotFoundError:
        raise
    except (ChromaError, OSError, ValueError, RuntimeError) as error:
        if is_full(folder) or "No space left" in str(error) or "disk is full" in str(error):
            raise DiskFullError(folder) from error
        raise StoreDamagedError(f"the index in {folder} failed ({error}): run the same command again") from error
