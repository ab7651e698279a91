"""What the environment configures, read once at an entry point."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import platformdirs

from search.errors import InvalidInputError

LOCAL = "local"
"""The embedder for those who name none."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that is configured from outside. Secrets are left out of its repr."""

    data: Path
    """The data folder: NEARHOOD_DATA."""
    cache: Path
    """Where the local model's graph is kept; may be deleted at any time: NEARHOOD_CACHE."""
    embedder: str = LOCAL
    """`local`, `openai:MODEL@DIMENSION`, or `hf:NAME`: NEARHOOD_EMBEDDER."""
    model: Path | None = None
    """A folder with the local model's files, else an installed package or the hub has them: NEARHOOD_MODEL."""
    rerank: str = ""
    """A cross-encoder that reads what a search finds, by its name or folder; empty for none: NEARHOOD_RERANK."""
    engine: str = "local"
    """Where `nearhood ingest` reads and embeds: `local`, or `ray` for many machines: NEARHOOD_ENGINE."""
    ray_address: str = ""
    """A Ray cluster as `HOST:PORT` or `auto`; empty for one that ends with the command: RAY_ADDRESS."""
    threads: int = 1
    """Threads of the local embedder: NEARHOOD_THREADS, by default one for each core."""
    exact_bytes: int = 2**30
    """Up to this size of its matrix a collection is searched exactly: NEARHOOD_EXACT_BYTES."""
    chat: str = ""
    """`extractive`, or `openai:MODEL`; when empty, `openai:gpt-4o-mini` where there is a key: NEARHOOD_CHAT."""
    temperature: float = 0.0
    """Of the chat model, 0 to 2: NEARHOOD_TEMPERATURE."""
    system_prompt: str = ""
    """What the chat model is told first, in place of our own words: NEARHOOD_SYSTEM_PROMPT."""
    timeout: float = 60.0
    """Seconds for one request to a service: NEARHOOD_TIMEOUT."""
    openai_api_key: str | None = field(default=None, repr=False)
    """OPENAI_API_KEY."""
    openai_base_url: str | None = field(default=None, repr=False)
    """OPENAI_BASE_URL: OpenAI's own when not set."""
    url: str | None = field(default=None, repr=False)
    """A running `nearhood serve` that does the work: NEARHOOD_URL."""
    chroma: str = ""
    """A Chroma server such as `http://localhost:8000`, or `cloud`; empty for a folder: NEARHOOD_CHROMA."""
    chroma_tenant: str = ""
    """CHROMA_TENANT."""
    chroma_database: str = ""
    """CHROMA_DATABASE."""
    chroma_api_key: str | None = field(default=None, repr=False)
    """Chroma Cloud's: CHROMA_API_KEY."""
    replica: bool = False
    """Whether to read from that Chroma only what another process takes in: NEARHOOD_REPLICA."""
    token: str | None = field(default=None, repr=False)
    """What a server asks for, and its clients send: NEARHOOD_TOKEN."""
    hosts: tuple[str, ...] = ()
    """Names, beside its own, under which a server answers: NEARHOOD_HOSTS, with commas between."""
    upload_bytes: int = 200 * 2**20
    """Most bytes that a program may bring to a server in one request, and a page in one file: NEARHOOD_UPLOAD_BYTES."""
    prices: Path | None = None
    """A table of prices over the listed ones: NEARHOOD_PRICES."""
    tiktoken_cache: Path | None = None
    """TIKTOKEN_CACHE_DIR."""

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] | None = None) -> "Settings":
        """Read the settings.

        :raises InvalidInputError: For a number that is none, or a token that no header can carry.
        """
        env = os.environ if environ is None else environ
        tables, prices, model = (env.get(name) for name in ("TIKTOKEN_CACHE_DIR", "NEARHOOD_PRICES", "NEARHOOD_MODEL"))
        return cls(
            data=folder(env.get("NEARHOOD_DATA") or platformdirs.user_data_dir("nearhood")),
            cache=folder(env.get("NEARHOOD_CACHE") or platformdirs.user_cache_dir("nearhood")),
            embedder=env.get("NEARHOOD_EMBEDDER") or LOCAL,
            model=folder(model) if model else None,
            rerank=env.get("NEARHOOD_RERANK") or "",
            engine=env.get("NEARHOOD_ENGINE") or "local",
            ray_address=env.get("RAY_ADDRESS") or "",
            threads=int(_number(env, "NEARHOOD_THREADS", _cores(), least=1)),
            exact_bytes=int(_number(env, "NEARHOOD_EXACT_BYTES", 2**30, least=0)),
            chat=env.get("NEARHOOD_CHAT") or "",
            temperature=_number(env, "NEARHOOD_TEMPERATURE", 0.0, least=0),
            system_prompt=env.get("NEARHOOD_SYSTEM_PROMPT") or "",
            timeout=_number(env, "NEARHOOD_TIMEOUT", 60.0, least=0.001),
            openai_api_key=env.get("OPENAI_API_KEY") or None,
            openai_base_url=env.get("OPENAI_BASE_URL") or None,
            url=env.get("NEARHOOD_URL") or None,
            chroma=env.get("NEARHOOD_CHROMA") or "",
            chroma_tenant=env.get("CHROMA_TENANT") or "",
            chroma_database=env.get("CHROMA_DATABASE") or "",
            chroma_api_key=env.get("CHROMA_API_KEY") or None,
            replica=_flag(env, "NEARHOOD_REPLICA"),
            token=_token(env.get("NEARHOOD_TOKEN")),
            hosts=tuple(name.strip() for name in env.get("NEARHOOD_HOSTS", "").split(",") if name.strip()),
            upload_bytes=int(_number(env, "NEARHOOD_UPLOAD_BYTES", 200 * 2**20, least=1)),
            prices=folder(prices) if prices else None,
            tiktoken_cache=Path(tables) if tables else None,
        )


def folder(path: str | Path) -> Path:
    """Return the absolute path, with `~` and links resolved, so that one folder has one name."""
    try:
        return Path(path).expanduser().resolve()
    except (OSError, RuntimeError, ValueError) as error:
        raise InvalidInputError(f"the folder {str(path)!r} cannot be used: {error}") from error


def _flag(env: Mapping[str, str], name: str) -> bool:
    text = env.get(name, "").lower()
    if text not in {"", "0", "1", "false", "true", "no", "yes"}:
        raise InvalidInputError(f"{name} must be 1 or 0, not {text!r}")
    return text in {"1", "true", "yes"}


def _token(text: str | None) -> str | None:
    if text and not all("!" <= c <= "~" for c in text):
        raise InvalidInputError("NEARHOOD_TOKEN must be of letters, digits and signs of ASCII, without blanks")
    return text or None


def _number(env: Mapping[str, str], name: str, default: float, *, least: float) -> float:
    text = env.get(name)
    if not text:
        return default
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not least <= value < float("inf"):
        raise InvalidInputError(f"{name} must be a number of at least {least:g}, not {text!r}")
    return value


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
