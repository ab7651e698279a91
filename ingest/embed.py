"""Embeds the texts of a window within a budget, and finds the one that cannot be embedded."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from search.embedders.base import Embedder
from search.errors import BudgetError, EmbeddingReplyError, EmbeddingServiceError, InvalidInputError, NearhoodError
from search.prices import LISTED, Prices
from search.types import Vectors

_PROBE = "a plain text"


@dataclass(frozen=True, slots=True)
class Budget:
    """What a run may spend."""

    tokens: int | None = None
    usd: float | None = None
    prices: Prices = LISTED

    def check(self, embedder: str, tokens: int) -> None:
        """Check a number of tokens before they are spent.

        :raises BudgetError: When they are more than is allowed.
        """
        if self.tokens is not None and tokens > self.tokens:
            raise BudgetError(f"--max-tokens {self.tokens:,}")
        if self.usd is not None and self.prices.cost(embedder, tokens) > self.usd:
            raise BudgetError(f"--max-cost {self.usd:g}")


@dataclass(frozen=True, slots=True)
class Embedded:
    """What became of texts."""

    keys: tuple[bytes, ...]
    vectors: Vectors
    """A unit row for each key."""
    refused: Mapping[bytes, str]
    """Texts that cannot be embedded, with the reason."""


def count_tokens(texts: Iterable[str], embedder: Embedder) -> int:
    """Return how many tokens the model sees of texts: what embedding them costs."""
    return sum(min(embedder.count_tokens(text), embedder.max_tokens) for text in texts)


def embed(texts: Mapping[bytes, str], embedder: Embedder) -> Embedded:
    """Embed texts by key.

    :raises EmbeddingError: When the embedder fails whatever the text.
    """
    refused: dict[bytes, str] = {}
    try:
        vectors = embedder.embed_documents(list(texts.values()))
    except NearhoodError as error:
        if not _is_the_text_s_fault(error):
            raise
        # Where even a plain text fails, no text is to blame.
        embedder.embed_documents([_PROBE])
        rows = _halved(list(texts), texts, embedder, refused, str(error))
        vectors = np.stack(rows) if rows else np.empty((0, embedder.dimension), dtype=np.float32)
    return Embedded(tuple(key for key in texts if key not in refused), vectors, refused)


def _is_the_text_s_fault(error: NearhoodError) -> bool:
    if isinstance(error, EmbeddingServiceError):
        return error.is_refusal
    return isinstance(error, InvalidInputError | EmbeddingReplyError)


def _halved(
    keys: Sequence[bytes], texts: Mapping[bytes, str], embedder: Embedder, refused: dict[bytes, str], reason: str
) -> list[Vectors]:
    """Return the rows of those texts that can be embedded, of several that cannot be embedded together.

    They are halved until one text is left, and nothing is sent again as it was.
    """
    if len(keys) == 1:
        refused[keys[0]] = reason
        return []
    half = len(keys) // 2
    return [row for part in (keys[:half], keys[half:]) for row in _part(part, texts, embedder, refused)]


def _part(
    keys: Sequence[bytes], texts: Mapping[bytes, str], embedder: Embedder, refused: dict[bytes, str]
) -> list[Vectors]:
    try:
        return list(embedder.embed_documents([texts[key] for key in keys]))
    except NearhoodError as error:
        if not _is_the_text_s_fault(error):
            raise
        return _halved(keys, texts, embedder, refused, str(error))
