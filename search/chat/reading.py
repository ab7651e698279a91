"""Reads the passages that were found, sentence by sentence, while a model thinks about them."""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from search.chat.sentences import sentences
from search.embedders.base import Embedder
from search.types import Hit, Vectors


@dataclass(frozen=True, slots=True)
class Sentences:
    """A passage's sentences: where they begin and end in it, and their vectors, (n, d)."""

    spans: Sequence[tuple[int, int]]
    vectors: Vectors


def read(hit: Hit, embedder: Embedder) -> Sentences:
    """Return the sentences of a passage. One call of the embedder."""
    spans = sentences(hit.text) or [(0, len(hit.text))]
    return Sentences(spans, embedder.embed_documents([hit.text[start:end] for start, end in spans]))


class Reading(Mapping[int, Sentences]):
    """The sentences of passages by number, from 1, read one passage after the other behind the caller's back.

    A model that answers at once waits for the passages that it cites, and those that are left are not read.
    """

    def __init__(self, hits: Sequence[Hit], embedder: Embedder) -> None:
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="reading")
        self._futures: list[Future[Sentences]] = [self._pool.submit(read, hit, embedder) for hit in hits]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pool.shutdown(wait=True, cancel_futures=True)

    def __getitem__(self, number: int) -> Sentences:
        return self._futures[number - 1].result()

    def __iter__(self) -> Iterator[int]:
        return iter(range(1, len(self) + 1))

    def __len__(self) -> int:
        return len(self._futures)
