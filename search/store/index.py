"""The Chroma database: derived from the ledger, readable by any Chroma client."""

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from chromadb.errors import NotFoundError
from numpy.typing import NDArray

from search.store.client import close_client, open_client, translated
from search.store.entry import OFF, PREFIX, WRITTEN, document, index_id, metadata, passage, passage_id
from search.store.site import Site
from search.types import Passage, Vectors

PART = {"space": "cosine", "max_neighbors": 16, "ef_construction": 48, "ef_search": 400}
"""Of a graph that grows to a size and no farther: at 100,000 glosses .3 ms each and a recall@10 of .997. What Chroma
takes by default (16, 100 and 100) has .993 for .52 ms."""
WHOLE = {"space": "cosine", "max_neighbors": 16, "ef_construction": 100, "ef_search": 400}
"""Of a graph of any size, on a server: at 100,000 glosses a recall@10 of .999."""
_SAMPLE = 200
"""Vectors that are asked for themselves."""
_LEAST_FOUND = 0.9
"""Share of them that a sound graph finds, approximate as it is."""
_ROUNDING = 1e-4
_PAGE = 100
"""Collections that are listed at once."""
_NAME, _EMBEDDER, _DIMENSION, _VERSION = (f"{PREFIX}{key}" for key in ("name", "embedder", "dimension", "version"))

Expected = Callable[[Sequence[str]], Mapping[str, tuple[str, bytes]]]
"""Ids to the text and the vector that are known for them; ids that are not known are left out."""


@dataclass(frozen=True, slots=True)
class Published:
    """A collection that is whole on a server, as a replica finds it."""

    name: str
    embedder: str
    dimension: int
    version: int
    """Of what it holds; it grows with every change."""
    index_name: str
    """Chroma's name for it."""


class GoneError(Exception):
    """A collection is not there any more."""


@contextlib.contextmanager
def _there() -> Iterator[None]:
    try:
        yield
    except NotFoundError as error:
        raise GoneError from error


class Index:
    """A Chroma client on a place of its own."""

    def __init__(self, site: Site) -> None:
        """:raises IndexServerError: When a server does not answer, or refuses."""
        self._site = site
        self._limits = site.limits
        self._client = open_client(site)

    def close(self) -> None:
        """Close the client, which writes what it still holds."""
        close_client(self._site, self._client)

    def upsert(
        self,
        name: str,
        passages: Sequence[Passage],
        vectors: NDArray[Any],
        hnsw: Mapping[str, Any],
        written: int | None = None,
    ) -> None:
        """Write passages, making the collection when it is not there yet.

        :param hnsw: Settings of its graph, if it is made.
        :param written: The version that they belong to.
        :raises DiskFullError: When there is no room for them.
        """
        graph = {"space": hnsw["space"]} if self._site.is_cloud else dict(hnsw)
        with translated(self._site):
            # Chroma ignores the configuration of a collection that exists.
            collection = self._client.get_or_create_collection(
                name, embedding_function=None, configuration={"hnsw": graph}
            )
            for start in range(0, len(passages), self._limits.write):
                some = passages[start : start + self._limits.write]
                rows = vectors[start : start + self._limits.write]
                self._write(collection, some, rows, written)

    def _write(self, collection: Any, some: Sequence[Passage], rows: NDArray[Any], written: int | None) -> None:  # noqa: ANN401
        collection.upsert(
            ids=[index_id(p.id, self._limits) for p in some],
            embeddings=rows,
            documents=[document(p.text, self._limits) for p in some],
            metadatas=[metadata(p, self._limits, written) for p in some],
        )

    def having(self, name: str, ids: Sequence[str]) -> list[str]:
        """Return those of some ids that a collection has, without its graph being read."""
        found: list[str] = []
        with translated(self._site), contextlib.suppress(NotFoundError):
            collection = self._open(name)
            for start in range(0, len(ids), self._limits.write):
                found.extend(collection.get(ids=list(ids[start : start + self._limits.write]), include=[])["ids"])
        return found

    def delete(self, name: str, ids: Sequence[str]) -> None:
        """Delete passages; those that are not there are left out."""
        there = [index_id(i, self._limits) for i in ids]
        with translated(self._site), contextlib.suppress(NotFoundError):
            collection = self._open(name)
            for start in range(0, len(there), self._limits.write):
                some = there[start : start + self._limits.write]
                collection.delete(ids=some)

    def drop(self, name: str) -> None:
        """Delete a collection, if it is there."""
        with translated(self._site), contextlib.suppress(NotFoundError):
            self._client.delete_collection(name)

    def count(self, name: str) -> int:
        """Return how many passages a collection holds; 0 where there is none."""
        with translated(self._site), contextlib.suppress(NotFoundError):
            return int(self._open(name).count())
        return 0

    def query(self, name: str, vectors: NDArray[Any], k: int) -> list[list[tuple[float, str]]]:
        """Return what the graph finds for each row, nearest first; nothing where there is no such collection.

        :return: Cosine distances and ids.
        """
        include = ["distances", "metadatas"] if self._site.is_cloud else ["distances"]
        most = min(k, self._limits.read)
        with translated(self._site), contextlib.suppress(NotFoundError):
            collection = self._open(name)
            found = collection.query(query_embeddings=vectors, n_results=most, include=include)
            beside = found["metadatas"] or [[None] * len(ids) for ids in found["ids"]]
            rows = zip(found["distances"], found["ids"], beside, strict=True)
            return [list(zip(far, map(passage_id, ids, own), strict=True)) for far, ids, own in rows]
        return [[] for _ in vectors]

    def sound(self, name: str, expected: Expected) -> int | None:
        """Return how many of the passages a collection holds that are expected, byte for byte, and finds.

        A torn one may instead end the process, or a server.

        :return: None where one differs, or is not found.
        """
        with translated(self._site):
            try:
                collection = self._open(name)
            except NotFoundError:
                return 0
            found, asked, step = 0, [], 1 + collection.count() // _SAMPLE
            for page in self._pages(collection, ["embeddings", "documents"]):
                known = expected(page["ids"])
                if not self._same(page, known):
                    return None
                found += len(known)
                asked.extend(page["embeddings"][::step])
            return found if _finds_themselves(collection, asked) else None

    # For replicas

    def publish(self, collection: Published) -> None:
        """Say what a collection is, now that all of it is there."""
        facts = {_NAME: collection.name, _EMBEDDER: collection.embedder, _DIMENSION: collection.dimension}
        with translated(self._site), contextlib.suppress(NotFoundError):
            self._open(collection.index_name).modify(metadata={**facts, _VERSION: collection.version})

    def published(self) -> list[Published]:
        """Return the collections that are whole."""
        found: list[Any] = []
        with translated(self._site):
            while page := self._client.list_collections(limit=_PAGE, offset=len(found)):
                found.extend(page)
        return [_published(one) for one in found if one.metadata and _VERSION in one.metadata]

    def ids(self, name: str) -> set[str]:
        """Return the ids of all passages of a collection.

        :raises GoneError: When it is dropped meanwhile.
        """
        include = ["metadatas"] if self._site.is_cloud else []
        with _there(), translated(self._site):
            return {i for page in self._pages(self._open(name), include) for i in page["ids"]}

    def read(self, name: str, since: int | None = None) -> Iterator[tuple[list[Passage], Vectors]]:
        """Yield the passages of a collection with their vectors, (n, d), a page at a time.

        :param since: Only those that were written after this version; None for all.
        :raises GoneError: When it is dropped meanwhile.
        """
        include = ["embeddings", "documents", "metadatas"]
        where = None if since is None else {WRITTEN: {"$gt": since}}
        with _there(), translated(self._site):
            for page in self._pages(self._open(name), include, where):
                shown = zip(page["ids"], page["documents"], page["metadatas"], strict=True)
                yield [passage(*one) for one in shown], np.asarray(page["embeddings"], dtype=np.float32)

    def _open(self, name: str) -> Any:  # noqa: ANN401 - Chroma's
        return self._client.get_collection(name, embedding_function=None)

    def _pages(self, collection: Any, include: Sequence[str], where: Any = None) -> Iterator[dict[str, Any]]:  # noqa: ANN401
        """Yield what a collection has, with the passages' own ids."""
        fields = list(dict.fromkeys([*include, *(["metadatas"] if self._site.is_cloud else [])]))
        size, offset = self._limits.read, 0
        while True:
            page = collection.get(limit=size, offset=offset, include=fields, where=where)
            if not page["ids"]:
                return
            offset += len(page["ids"])
            beside = page["metadatas"] or [None] * len(page["ids"])
            yield {**page, "ids": list(map(passage_id, page["ids"], beside))}

    def _same(self, page: Mapping[str, Any], known: Mapping[str, tuple[str, bytes]]) -> bool:
        at = [i for i, found_id in enumerate(page["ids"]) if found_id in known]
        if not at:
            return True
        texts, vectors = zip(*(known[page["ids"][i]] for i in at), strict=True)
        if [document(text, self._limits) for text in texts] != [page["documents"][i] for i in at]:
            return False
        rows = np.frombuffer(b"".join(vectors), dtype="<f4").reshape(len(at), -1)
        there = np.asarray(page["embeddings"], dtype=np.float32)[at]
        return rows.shape == there.shape and bool(np.all(np.linalg.norm(rows - there, axis=1) <= OFF))


def _published(collection: Any) -> Published:  # noqa: ANN401 - Chroma's
    facts = collection.metadata
    return Published(facts[_NAME], facts[_EMBEDDER], int(facts[_DIMENSION]), int(facts[_VERSION]), collection.name)


def _finds_themselves(collection: Any, asked: Sequence[Any]) -> bool:  # noqa: ANN401 - Chroma's
    if not asked:
        return True
    nearest = collection.query(query_embeddings=list(asked), n_results=1, include=["distances"])["distances"]
    found = sum(bool(row) and row[0] <= _ROUNDING for row in nearest)
    return bool(found >= _LEAST_FOUND * len(asked))
