"""The Chroma database beside the ledger: derived from it, readable by any Chroma client, rebuilt when torn."""

import contextlib
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import chromadb
from chromadb.config import Settings as ChromaSettings
from chromadb.errors import ChromaError, NotFoundError
from numpy.typing import NDArray

from search.errors import DiskFullError, StoreDamagedError
from search.types import MetadataValue, Passage

MAX_BATCH = 5_000
"""Records of one write; Chroma takes at most 5,461."""
HNSW = {"space": "cosine", "max_neighbors": 32, "ef_construction": 200, "ef_search": 200}


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

    def upsert(self, name: str, passages: Sequence[Passage], vectors: NDArray[Any]) -> None:
        """Write passages, making the collection when it is not there yet.

        :raises DiskFullError: When there is no room for them.
        """
        with _translated(self._folder):
            # Chroma ignores the configuration of a collection that exists.
            collection = self._client.get_or_create_collection(
                name, embedding_function=None, configuration={"hnsw": HNSW}
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

    def probe(self) -> None:
        """Read from each collection in the way a query does; a torn one raises or ends the process."""
        for collection in self._client.list_collections():
            if collection.count():
                found: Any = collection.get(limit=1, include=["embeddings"])
                collection.query(query_embeddings=found["embeddings"], n_results=1)


def is_sound(folder: Path) -> bool:
    """Probe the index in a child process, since a torn one can end the process that reads it."""
    command = [sys.executable, "-m", "search.store.index", str(folder)]
    try:
        return subprocess.run(command, capture_output=True, timeout=120, check=False).returncode == 0  # noqa: S603
    except subprocess.TimeoutExpired:
        return False


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
        if "No space left" in str(error) or "disk is full" in str(error):
            raise DiskFullError(folder) from error
        raise StoreDamagedError(f"the index in {folder} failed ({error}): run the same command again") from error


if __name__ == "__main__":
    Index(Path(sys.argv[1])).probe()
