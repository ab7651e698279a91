"""Opens a Chroma client, and turns what fails into our errors."""

import contextlib
import random
import time
from collections.abc import Callable, Iterator
from typing import Any, TypeVar
from urllib.parse import urlsplit

import chromadb
import httpx
from chromadb.config import Settings as ChromaSettings
from chromadb.errors import ChromaError, NotFoundError, RateLimitError

from search.errors import DiskFullError, IndexServerError, NearhoodError, StoreDamagedError
from search.server import quote
from search.store.room import is_full
from search.store.site import Site

T = TypeVar("T")
REQUEST_SECONDS = 120.0
"""Chroma's own client waits for ever."""
CONNECT_SECONDS = 10.0
_TRIES, _FIRST_WAIT = 6, 0.5


def open_client(site: Site) -> Any:  # noqa: ANN401 - `close` is the client's, though not its interface's
    """Return a client of the index.

    :raises IndexServerError: When a server does not answer, or refuses.
    """
    with translated(site):
        if site.is_folder:
            return chromadb.PersistentClient(path=str(site.folder), settings=_settings(site))
        client = _patiently(lambda: _remote(site))
    # The one way to it, as of 1.5: there is a setting for neither.
    session = client._server._session  # noqa: SLF001
    session.timeout = httpx.Timeout(REQUEST_SECONDS, connect=CONNECT_SECONDS)
    session._transport = _Patient(session._transport)  # noqa: SLF001
    return client


def _remote(site: Site) -> Any:  # noqa: ANN401
    parts = urlsplit(site.url)
    host, port, secure = str(parts.hostname), int(parts.port or 0), parts.scheme == "https"
    if site.is_cloud:
        return chromadb.CloudClient(
            site.tenant or None,
            site.database or None,
            site.key,
            _settings(site),
            cloud_host=host,
            cloud_port=port,
            enable_ssl=secure,
        )
    settings, tenant, database = _settings(site), site.tenant, site.database
    return chromadb.HttpClient(host, port, ssl=secure, settings=settings, tenant=tenant, database=database)


def _settings(site: Site) -> ChromaSettings:
    # Every field is given, for Chroma would take the rest from the environment and from ./.env.
    values: dict[str, Any] = {name: field.default for name, field in ChromaSettings.model_fields.items()}
    values["anonymized_telemetry"] = False
    if site.is_folder:
        values |= {"is_persistent": True, "persist_directory": str(site.folder)}
    return ChromaSettings(**values, _env_file=None)  # type: ignore[call-arg] # pydantic-settings reads it


def close_client(site: Site, client: Any) -> None:  # noqa: ANN401
    """Close a client, which writes what it still holds."""
    with translated(site):
        client.close()
    if not site.is_folder:
        # Chroma's own `close` leaves both connections open.
        for one in (client, client._admin_client):  # noqa: SLF001
            one._server._session.close()  # noqa: SLF001


class _Patient(httpx.BaseTransport):
    """Sends a request again for a while where Chroma Cloud asks for fewer of them."""

    def __init__(self, transport: httpx.BaseTransport) -> None:
        self._transport = transport

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        for pause in _pauses():
            response = self._transport.handle_request(request)
            if response.status_code != httpx.codes.TOO_MANY_REQUESTS:
                return response
            response.close()
            time.sleep(pause)
        return self._transport.handle_request(request)

    def close(self) -> None:
        self._transport.close()


def _patiently(call: Callable[[], T]) -> T:
    for pause in _pauses():
        with contextlib.suppress(RateLimitError):
            return call()
        time.sleep(pause)
    return call()


def _pauses() -> Iterator[float]:
    for tries in range(_TRIES - 1):
        yield _FIRST_WAIT * 2**tries * random.uniform(0.5, 1.0)  # noqa: S311 - no secret


@contextlib.contextmanager
def translated(site: Site) -> Iterator[None]:
    """Turn what Chroma raises into our errors, but for a collection that is not there."""
    try:
        yield
    except (NotFoundError, NearhoodError):
        raise
    except (ChromaError, OSError, ValueError, RuntimeError) as error:
        raise _in_folder(site, error) if site.is_folder else _on_server(site, error) from error
    except Exception as error:
        # What a server answers is raised as an `Exception` where Chroma has no name for it.
        if site.is_folder:
            raise
        raise _on_server(site, error) from error


def _in_folder(site: Site, error: Exception) -> NearhoodError:
    if is_full(site.folder) or "No space left" in str(error) or "disk is full" in str(error):
        return DiskFullError(site.folder)
    return StoreDamagedError(f"the index in {site.folder} failed ({error}): run the same command again")


def _on_server(site: Site, error: Exception) -> IndexServerError:
    why = quote(str(error) or type(error).__name__, site.key)
    advice = "run the same command again once it does"
    if site.is_cloud and not isinstance(error, httpx.HTTPError | RateLimitError):
        advice = "check CHROMA_API_KEY, CHROMA_TENANT and CHROMA_DATABASE"
    return IndexServerError(f"Chroma at {site.name} does not do its part ({why}): nothing is lost; {advice}")
