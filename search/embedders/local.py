"""all-MiniLM-L6-v2: the default embedder, with no key, no network and no torch."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from importlib import import_module
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from search.embedders.base import check_texts, check_unicode
from search.embedders.engine import Engine
from search.embedders.weights import MODEL, model_files, verify
from search.errors import UnknownNameError
from search.gathered import Gathered
from search.settings import Settings
from search.types import Vector, Vectors

ENGINES = {
    MODEL: "search.embedders.fp32:start",
    f"{MODEL}@bf16": "search.embedders.openvino:start_bf16",
    f"{MODEL}@int8": "search.embedders.openvino:start_int8",
}
"""What computes it, by the name that the vectors go by: those of one are not to the last digit those of the other."""
BATCH_TOKENS = 512
"""Tokens of a batch: more leaves the processor's cache, less leaves its arithmetic idle."""


class LocalEmbedder:
    """The model, loaded at its first use; may be shared by threads."""

    dimension = 384
    max_tokens = 256

    def __init__(self, model: str, settings: Settings) -> None:
        self._model = model or MODEL
        if self._model not in ENGINES:
            raise UnknownNameError("local model", model, list(ENGINES))
        self.id = f"local:{self._model}"
        self._settings = settings
        self._threads = settings.threads
        self._loading = Lock()
        self._queries = Gathered[str, Vector](self.embed_documents)

    def count_tokens(self, text: str) -> int:
        """Return the tokens of the whole text, with the two that frame it."""
        check_unicode(text)
        return len(self._loaded.counter.encode(text).ids)

    def embed_documents(self, texts: Sequence[str]) -> Vectors:
        """Return one unit row for each text, (n, 384), cut after 256 tokens."""
        check_texts(texts)
        tokens = [encoding.ids for encoding in self._loaded.tokenizer.encode_batch_fast(list(texts))]
        rows: Vectors = np.empty((len(tokens), self.dimension), dtype=np.float32)
        batches = list(_batches(tokens))

        def run(batch: NDArray[np.intp]) -> None:
            rows[batch] = self._run(np.array([tokens[i] for i in batch], dtype=np.int32))

        if self._threads == 1 or len(batches) == 1:
            for batch in batches:
                run(batch)
        else:
            # A thread for each batch scales better than threads within one.
            with ThreadPoolExecutor(self._threads) as pool:
                list(pool.map(run, batches))
        return rows

    def embed_query(self, text: str) -> Vector:
        """Return the unit vector of a query; MiniLM embeds queries and documents alike."""
        check_texts([text])
        return self._queries.one(text)

    def _run(self, ids: NDArray[np.int32]) -> Vectors:
        return self._loaded.engine(ids)

    @property
    def _loaded(self) -> "_Loaded":
        with self._loading:
            return self._load

    @cached_property
    def _load(self) -> "_Loaded":
        return _Loaded(self._model, self._settings)


def load_tokenizer(folder: Path | None = None) -> Any:  # noqa: ANN401 - tokenizers is imported only here
    """Return the model's tokenizer, which neither pads nor truncates; two of its ids frame a text.

    :param folder: Where the model's files are, as in `model_files`.
    """
    from tokenizers import Tokenizer  # noqa: PLC0415 - only where something is embedded or counted

    path = model_files(folder).tokenizer
    verify(path)
    tokenizer = Tokenizer.from_file(str(path))
    # The file brings a padding and a truncation to 128 tokens of its own.
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer


class _Loaded:
    """The tokenizers and the engine."""

    def __init__(self, model: str, settings: Settings) -> None:
        self.counter = load_tokenizer(settings.model)
        self.tokenizer = load_tokenizer(settings.model)
        self.tokenizer.enable_truncation(LocalEmbedder.max_tokens)
        module, _, start = ENGINES[model].partition(":")
        weights = model_files(settings.model).weights
        self.engine: Engine = getattr(import_module(module), start)(weights, settings)


def _batches(tokens: Sequence[Sequence[int]]) -> Iterator[NDArray[np.intp]]:
    """Yield the indices of texts of equal length, as many as a batch holds, longest first."""
    lengths = np.fromiter(map(len, tokens), dtype=np.int64, count=len(tokens))
    order = np.argsort(-lengths, kind="stable")
    for same in np.split(order, np.flatnonzero(np.diff(lengths[order])) + 1):
        if len(same):
            size = max(1, BATCH_TOKENS // int(lengths[same[0]]))
            yield from np.split(same, range(size, len(same), size))
