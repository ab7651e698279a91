"""Any model of sentence-transformers, by its name on the Hugging Face hub or by its folder."""

from collections.abc import Callable, Sequence
from functools import cached_property, partial
from threading import Lock
from typing import Any

import numpy as np

from search.embedders.base import check_texts, check_unicode
from search.errors import EmbeddingReplyError, ModelFilesError, ZeroVectorError
from search.hub import ModelName, OnDemand, load
from search.settings import Settings
from search.types import Vector, Vectors
from search.vectors import unit

BATCH_TEXTS = 32
UNLIMITED = 8192
"""Tokens of a text for a model that names no limit of its own."""


class HuggingFaceEmbedder:
    """A model on torch, on a GPU where there is one; loaded at its first use, and may be shared by threads."""

    def __init__(self, model: str, settings: Settings) -> None:
        self._name = ModelName.parse(model)
        self.id = f"hf:{self._name.text}"
        self._on_demand = OnDemand(partial(load, "SentenceTransformer", self._name, settings.threads))
        # The tokenizers of transformers may not be used by two threads at once.
        self._using = Lock()

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        return int(self._on_demand.model.get_embedding_dimension())

    @property
    def max_tokens(self) -> int:
        """Tokens of one text that are embedded."""
        return int(self._on_demand.model.max_seq_length or UNLIMITED)

    def count_tokens(self, text: str) -> int:
        """Return the tokens of the whole text, special ones included."""
        check_unicode(text)
        return len(self.tokenizer.encode(text).ids)

    def embed_documents(self, texts: Sequence[str]) -> Vectors:
        """Return one unit row for each text, (n, d), cut after `max_tokens`."""
        return self._rows(texts, self._on_demand.model.encode_document)

    def embed_query(self, text: str) -> Vector:
        """Return the unit vector of a query, which some models embed with words of instruction before it."""
        vector: Vector = self._rows([text], self._on_demand.model.encode_query)[0]
        return vector

    @cached_property
    def tokenizer(self) -> Any:  # noqa: ANN401 - of the library tokenizers
        """The model's tokenizer, which neither pads nor truncates.

        :raises ModelFilesError: For a model that has none of this kind.
        """
        whole = self._on_demand.model.tokenizer
        own = getattr(whole, "backend_tokenizer", whole)
        # The model goes on with its own, whose padding and truncation another thread may change.
        if not hasattr(own, "to_str"):
            raise ModelFilesError(
                f"{self._name.text} has a tokenizer in Python alone, whose tokens have no places in the text"
            )
        copy = type(own).from_str(own.to_str())
        copy.no_padding()
        copy.no_truncation()
        return copy

    def _rows(self, texts: Sequence[str], encode: Callable[..., Any]) -> Vectors:
        check_texts(texts)
        if not texts:
            return np.empty((0, self.dimension), dtype=np.float32)
        with self._using:
            rows = encode(list(texts), batch_size=BATCH_TEXTS, show_progress_bar=False, convert_to_numpy=True)
        try:
            return unit(rows)
        except ZeroVectorError as error:
            raise EmbeddingReplyError(f"{self.id} gave a vector without a direction: choose another model") from error


def open_tokenizer(model: str, settings: Settings) -> Any:  # noqa: ANN401
    """Return the tokenizer of a model."""
    return HuggingFaceEmbedder(model, settings).tokenizer
