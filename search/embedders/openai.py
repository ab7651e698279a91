"""OpenAI's embeddings, and those of any server that speaks its protocol, through langchain-openai."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from threading import Lock
from typing import Any, ClassVar

import httpx  # noqa: F401 - openai takes one that another thread is still importing for a whole one
import numpy as np

from search import tokens
from search.embedders.base import check_texts, check_unicode
from search.embedders.reply import read_vectors
from search.errors import EmbeddingServiceError, InvalidInputError, UnknownNameError
from search.server import Server
from search.settings import Settings
from search.types import Vector, Vectors

BATCH_TEXTS = 256
BATCH_BYTES = 300_000
"""OpenAI takes 300,000 tokens in one request, and a token is at least one byte."""


class OpenAIEmbedder:
    """A model of OpenAI's, or of the server at OPENAI_BASE_URL; may be shared by threads.

    Nothing is sent, and no key is needed, before a text is embedded.
    """

    def __init__(self, model: str, settings: Settings) -> None:
        self._model = parse_model(model, settings)
        self.dimension = self._model.dimension
        self.max_tokens = self._model.max_tokens
        self.id = f"openai:{self._model.name}@{self.dimension}"
        self._settings = settings
        self._opening = Lock()

    def count_tokens(self, text: str) -> int:
        """Return the tokens of the whole text; an estimate for a model that is not OpenAI's."""
        check_unicode(text)
        return self._model.count(text, self._settings)

    def embed_documents(self, texts: Sequence[str]) -> Vectors:
        """Return one unit row for each text, cut after `max_tokens`.

        :raises InvalidInputError: For a text that is refused, or settings without a key.
        :raises EmbeddingServiceError: When the service refuses, or fails several times.
        :raises EmbeddingReplyError: When it sends anything but one good vector for each text.
        """
        check_texts(texts)
        rows: Vectors = np.empty((len(texts), self.dimension), dtype=np.float32)
        start = 0
        for batch in _batches(self._model.cut(text, self._settings) for text in texts):
            request = {"input": batch, **self._model.request()}
            rows[start : start + len(batch)] = self._service.embed(request, self.dimension)
            start += len(batch)
        return rows

    def embed_query(self, text: str) -> Vector:
        """Return the unit vector of a query; OpenAI's models embed queries and documents alike."""
        vector: Vector = self.embed_documents([text])[0]
        return vector

    @property
    def _service(self) -> "_Service":
        with self._opening:
            return self._open

    @cached_property
    def _open(self) -> "_Service":
        return _Service(self._model.name, self._settings)


@dataclass(frozen=True, slots=True)
class OfficialModel:
    """A model of OpenAI's."""

    name: str
    dimension: int
    shortened: bool = False
    """Whether `dimension` is less than the model's own."""
    max_tokens: ClassVar[int] = 8191

    def request(self) -> dict[str, Any]:
        """Return what a request says besides the texts."""
        size = {"dimensions": self.dimension} if self.shortened else {}
        return {"model": self.name, "encoding_format": "base64", **size}

    def count(self, text: str, settings: Settings) -> int:
        """Return the tokens of a text."""
        return tokens.count_tokens(text, self.name, settings)

    def cut(self, text: str, settings: Settings) -> str:
        """Return the start of the text that the model takes."""
        if len(text.encode()) <= self.max_tokens:  # a token is at least one byte
            return text
        return tokens.truncate(text, self.name, self.max_tokens, settings)


@dataclass(frozen=True, slots=True)
class OtherModel:
    """A model of another server, whose tokenizer is not known: its tokens are estimated from bytes.

    Prose has four or five bytes in a token, Chinese three. The smaller of these models take 512 tokens.
    """

    name: str
    dimension: int
    max_tokens: ClassVar[int] = 512
    bytes_per_token: ClassVar[int] = 3

    def request(self) -> dict[str, Any]:
        """Return what a request says besides the texts; some servers refuse base64 or `dimensions`."""
        return {"model": self.name, "encoding_format": "float"}

    def count(self, text: str, settings: Settings) -> int:  # noqa: ARG002 - the other model's needs them
        """Return about how many tokens a text has."""
        return -(-len(text.encode()) // self.bytes_per_token)

    def cut(self, text: str, settings: Settings) -> str:  # noqa: ARG002
        """Return the start of the text that the model takes."""
        return text.encode()[: self.max_tokens * self.bytes_per_token].decode(errors="ignore")


DEFAULT = "text-embedding-3-small"
OFFICIAL = {
    name: OfficialModel(name, dimension)
    for name, dimension in (
        (DEFAULT, 1536),
        ("text-embedding-3-large", 3072),
        ("text-embedding-ada-002", 1536),
    )
}
UNSHORTENED = frozenset({"text-embedding-ada-002"})
MAX_DIMENSION = 65_536
"""Of another server's model: far above all that exist, so that a slip of the keyboard is noticed."""


def parse_model(spec: str, settings: Settings) -> OfficialModel | OtherModel:
    """Return the model that `NAME`, `NAME@DIMENSION` or an empty text (text-embedding-3-small) stands for.

    :raises UnknownNameError: For a model that is not OpenAI's when no other server is configured.
    :raises InvalidInputError: For a dimension that the model cannot have, or none where it is needed.
    """
    name, at, size = spec.rpartition("@") if "@" in spec else (spec, "", "")
    official = OFFICIAL.get(name or DEFAULT)
    if official:
        most = official.dimension
        least = most if official.name in UNSHORTENED else 1
        dimension = _dimension(size, least, most, official.name) if at else most
        return OfficialModel(official.name, dimension, shortened=dimension < most)
    if settings.openai_base_url is None:
        others = "one of another server, with OPENAI_BASE_URL set"
        raise UnknownNameError("OpenAI model", name, [*OFFICIAL, others])
    return OtherModel(name, _dimension(size, 1, MAX_DIMENSION, name))


def _dimension(text: str, least: int, most: int, name: str) -> int:
    value = int(text) if re.fullmatch(r"[0-9]{1,9}", text) else 0
    if not least <= value <= most:
        takes = f"{most}" if least == most else f"{least} to {most}"
        raise InvalidInputError(f"{name} needs a dimension of {takes}: write openai:{name}@DIMENSION")
    return value


def _batches(texts: Iterable[str]) -> Iterator[list[str]]:
    """Yield the texts in order, as many as one request may hold."""
    batch: list[str] = []
    size = 0
    for text in texts:
        length = len(text.encode())
        if batch and (len(batch) == BATCH_TEXTS or size + length > BATCH_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(text)
        size += length
    if batch:
        yield batch


class _Service:
    """The server, asked several times if need be."""

    def __init__(self, model: str, settings: Settings) -> None:
        self._server = Server(model, settings)
        from langchain_openai import OpenAIEmbeddings  # noqa: PLC0415 - takes more than a second
        from pydantic import SecretStr  # noqa: PLC0415

        embeddings = OpenAIEmbeddings(
            model=model,
            api_key=SecretStr(self._server.key),
            base_url=self._server.address,
            openai_api_type=None,
            timeout=settings.timeout,
            max_retries=0,
            check_embedding_ctx_length=False,
        )
        # The reply is read as it came, since LangChain drops the indices of the vectors.
        self._create = embeddings.client.with_raw_response.create

    def embed(self, request: Mapping[str, Any], dimension: int) -> Vectors:
        """Return the vectors of the request's `input`."""
        body: bytes = self._server.tried(lambda: self._create(**request).content, _failed)
        return read_vectors(body, len(request["input"]), dimension, self._server.name, self._server.key)


def _failed(message: str, refusal: bool) -> EmbeddingServiceError:  # noqa: FBT001 - as the server calls it
    return EmbeddingServiceError(message, is_refusal=refusal)
