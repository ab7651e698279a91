"""What every embedder can do."""

from collections.abc import Sequence
from typing import Protocol, cast

from search.errors import InvalidInputError
from search.registry import EMBEDDERS
from search.settings import Settings
from search.types import Vector, Vectors


class DocumentEmbedder(Protocol):
    """What has a vector for each document: an embedder, or what keeps what one made."""

    def embed_documents(self, texts: Sequence[str]) -> Vectors:
        """Return one unit row for each text, in order, as float32 (n, d)."""


class Embedder(Protocol):
    """Texts to unit vectors. Method names are LangChain's, so that its embedders adapt in a few lines."""

    @property
    def id(self) -> str:
        """Name of the vector space: vectors of equal ids are comparable, others are not."""

    @property
    def dimension(self) -> int:
        """Length of a vector."""

    @property
    def max_tokens(self) -> int:
        """Tokens of one text that are embedded, special ones included; what is beyond is not seen."""

    def count_tokens(self, text: str) -> int:
        """Return the tokens of the whole text, special ones included."""

    def embed_documents(self, texts: Sequence[str]) -> Vectors:
        """Return one unit row for each text, in order, as float32 (n, d).

        :raises InvalidInputError: For a text that `check_texts` refuses.
        :raises EmbeddingError: When they cannot be had, or are not what they should be.
        """

    def embed_query(self, text: str) -> Vector:
        """Return the unit vector of a query, (d,)."""


def open_embedder(spec: str, settings: Settings) -> Embedder:
    """Return the embedder that a spec like `local`, `openai:text-embedding-3-large@3072` or `hf:NAME` names.

    :raises UnknownNameError: For a kind or a model that is not known.
    """
    kind, _, model = spec.partition(":")
    return cast("Embedder", EMBEDDERS.load(kind)(model, settings))


def check_texts(texts: Sequence[str]) -> None:
    """Refuse what has no meaning to embed.

    :raises InvalidInputError: For a text that is empty or all white space, or that UTF-8 cannot carry.
    """
    for text in texts:
        if not text or text.isspace():
            raise InvalidInputError("an empty text has no meaning to embed: leave it out")
        check_unicode(text)


def check_unicode(text: str) -> None:
    """Refuse half a surrogate pair, which no tokenizer and no service takes.

    :raises InvalidInputError: For a text that UTF-8 cannot carry.
    """
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise InvalidInputError(
            f"the text has half a character (U+{ord(text[error.start]):04X}) at {error.start}: "
            "read its source again with the right encoding"
        ) from error
