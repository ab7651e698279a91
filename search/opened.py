"""A data folder and an embedder, each opened when it is first needed."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from threading import RLock
from types import TracebackType
from typing import Self

from search.embedders.base import Embedder, open_embedder
from search.errors import IndexServerError, InvalidInputError, StoreClosedError
from search.retrieve.rerank import CrossEncoder, Reranker
from search.settings import Settings, folder
from search.store.collection import Collection
from search.store.site import site
from search.store.store import Store
from search.types import Vectors

DEFAULT_COLLECTION = "notes"


class Opened:
    """What the verbs of a service work on."""

    def __init__(self, settings: Settings, command: str) -> None:
        self.settings = settings
        self._command = command
        self._opening = RLock()
        self._closed = False
        self._wrap: Callable[[Embedder], Embedder] = lambda embedder: embedder

    @classmethod
    def at(cls, data: str | Path | None = None) -> Self:
        """Return a service on a data folder, configured for the rest by the environment, as the command line is.

        :param data: The data folder; None for that of the environment.
        :raises InvalidInputError: For a setting that says nothing.
        """
        settings = Settings.from_environment()
        return cls(replace(settings, data=folder(str(data))) if data else settings, "python")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give the data folder back, for good: a thread that is still at work must not open it again."""
        with self._opening:
            self._closed = True
            if "_store" in self.__dict__:
                self.__dict__.pop("_store").close()

    @property
    def store(self) -> Store:
        """The open data folder.

        :raises StoreBusyError: When another process has it.
        :raises StoreClosedError: After `close`.
        """
        with self._opening:
            if self._closed:
                raise StoreClosedError(self.settings.data)
            return self._store

    @property
    def embedder(self) -> Embedder:
        """The configured embedder."""
        with self._opening:
            return self._embedder

    @property
    def reranker(self) -> Reranker | None:
        """The configured one, if any."""
        with self._opening:
            return self._reranker

    def wrap_embedder(self, wrap: Callable[[Embedder], Embedder]) -> None:
        """Have the embedder pass through something that counts or gathers what is embedded."""
        with self._opening:
            self._wrap = wrap
            self.__dict__.pop("_embedder", None)

    def resolve(self, collection: str | None) -> str:
        """Return the collection that is meant when none is named: the only one there is, else `notes`."""
        names = self.store.names()
        if collection is not None:
            return collection
        return names[0] if len(names) == 1 else DEFAULT_COLLECTION

    def _collection(self, name: str | None, *, for_embedding: bool = False) -> Collection:
        return self.store.collection(self.resolve(name), self.embedder.id if for_embedding else None)

    def _embed(self, texts: Sequence[str]) -> Vectors:
        return self.embedder.embed_documents(list(texts))

    @cached_property
    def _store(self) -> Store:
        settings = self.settings
        store = Store(settings.data, settings.exact_bytes, self._command, site(settings), replica=settings.replica)
        try:
            # One that was read before goes on with what it has.
            with suppress(IndexServerError):
                store.refresh()
        except BaseException:
            store.close()
            raise
        return store

    @cached_property
    def _embedder(self) -> Embedder:
        return self._wrap(open_embedder(self.settings.embedder, self.settings))

    @cached_property
    def _reranker(self) -> Reranker | None:
        return CrossEncoder(self.settings.rerank, self.settings) if self.settings.rerank else None


def check_text(text: str) -> None:
    """Refuse a text that says nothing.

    :raises InvalidInputError: For one that is empty or blank.
    """
    if not text.strip():
        raise InvalidInputError("there is no text: give one that is not empty")
