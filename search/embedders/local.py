"""all-MiniLM-L6-v2 on onnxruntime: the default embedder, with no key, no network and no torch."""

import os
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from search.embedders.base import check_texts, check_unicode
from search.embedders.gathered import Gathered
from search.embedders.weights import SHA256, model_files, verify
from search.errors import ModelFilesError, UnknownNameError
from search.settings import Settings
from search.types import Vector, Vectors

MODEL = "all-MiniLM-L6-v2"
GRAPH_REVISION = 2
"""Counts up with each change to the graph, so that an older cached one is not taken for it."""
BATCH_TOKENS = 512
"""Tokens of a batch: more leaves the processor's cache, less leaves its arithmetic idle."""


class LocalEmbedder:
    """The model, loaded at its first use; may be shared by threads."""

    dimension = 384
    max_tokens = 256

    def __init__(self, model: str, settings: Settings) -> None:
        if model not in {"", MODEL}:
            raise UnknownNameError("local model", model, [MODEL])
        self.id = f"local:{MODEL}"
        self._cache = settings.cache
        self._threads = settings.threads
        self._loading = Lock()
        self._queries = Gathered(self.embed_documents)

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
        rows: Vectors = self._loaded.session.run(None, {"input_ids": ids})[0]
        return rows

    @property
    def _loaded(self) -> "_Loaded":
        with self._loading:
            return self._load

    @cached_property
    def _load(self) -> "_Loaded":
        return _Loaded(self._cache)


def load_tokenizer() -> Any:  # noqa: ANN401 - tokenizers is imported only here
    """Return the model's tokenizer, which neither pads nor truncates; two of its ids frame a text."""
    from tokenizers import Tokenizer  # noqa: PLC0415 - only where something is embedded or counted

    path = model_files().tokenizer
    verify(path)
    tokenizer = Tokenizer.from_file(str(path))
    # The file brings a padding and a truncation to 128 tokens of its own.
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer


class _Loaded:
    """The tokenizers and the session."""

    def __init__(self, cache: Path) -> None:
        self.counter = load_tokenizer()
        self.tokenizer = load_tokenizer()
        self.tokenizer.enable_truncation(LocalEmbedder.max_tokens)
        self.session = _session(model_files().weights, cache)


def _batches(tokens: Sequence[Sequence[int]]) -> Iterator[NDArray[np.intp]]:
    """Yield the indices of texts of equal length, as many as a batch holds, longest first."""
    lengths = np.fromiter(map(len, tokens), dtype=np.int64, count=len(tokens))
    order = np.argsort(-lengths, kind="stable")
    for same in np.split(order, np.flatnonzero(np.diff(lengths[order])) + 1):
        if len(same):
            size = max(1, BATCH_TOKENS // int(lengths[same[0]]))
            yield from np.split(same, range(size, len(same), size))


def _session(weights: Path, cache: Path) -> Any:  # noqa: ANN401 - onnxruntime has no types
    # Read when it is imported: without it, an identifier is written to the home folder, and events leave the machine.
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    import onnxruntime  # noqa: PLC0415 - only where something is embedded

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    options.intra_op_num_threads = 1

    def start(graph: str | bytes) -> Any:  # noqa: ANN401
        return onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])

    cached = cache / f"{MODEL}-{SHA256['model.safetensors'][:12]}-{GRAPH_REVISION}.onnx"
    if cached.is_file():
        try:
            return start(str(cached))
        except Exception:  # noqa: BLE001, S110 - onnxruntime's errors share no base; a torn file is built anew
            pass
    return start(_build(weights, cached))


def _build(weights: Path, cached: Path) -> bytes:
    """Build the graph and keep it; a folder that cannot be written only costs the same work next time."""
    from search.embedders.graph import build  # noqa: PLC0415 - once a machine

    verify(weights)
    try:
        graph = build(weights)
    except (OSError, KeyError, ValueError) as error:
        raise ModelFilesError(f"{weights} cannot be read as the model's weights: {error}") from error
    try:
        cached.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=cached.parent, delete=False) as file:
            file.write(graph)
        Path(file.name).replace(cached)
    except OSError:
        pass
    return graph
