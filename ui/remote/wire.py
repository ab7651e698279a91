"""HTTP to a running server: its errors as ours, its events as they come."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar
from urllib.parse import quote, unquote, urlsplit, urlunsplit

import httpx
from pydantic import TypeAdapter, ValidationError

from search.embedders.base import check_unicode
from search.errors import InvalidInputError, NearhoodError
from search.files import whole
from search.settings import Settings
from search.store.lock import announced
from ui.hosts import is_loopback, is_same

T = TypeVar("T")
_ERRORS = 400
_EXIT_CODES = {"invalid-input": 2, "store-busy": 4, "disk-full": 5}


class RemoteError(NearhoodError):
    """What the server said went wrong, with the exit code that it has here."""

    def __init__(self, message: str, kind: str = "remote", status: int = 502) -> None:
        super().__init__(message)
        self._kind = kind
        self.status = status
        self.exit_code = _EXIT_CODES.get(kind, 1)

    @property
    def kind(self) -> str:
        """As the server calls it."""
        return self._kind


class Wire:
    """A server's address, and what is sent there."""

    def __init__(self, url: str, settings: Settings) -> None:
        """:param url: A name and a password in it are for a proxy before the server.

        :raises InvalidInputError: For what is no address, and for a password in it beside a token.
        """
        self.url, login = without_login(url)
        self.settings = settings
        if login and settings.token:
            raise InvalidInputError(
                f"give NEARHOOD_TOKEN or a password in the address of {self.url}: one hides the other"
            )
        token = {"Authorization": f"Bearer {settings.token}"} if settings.token else {}
        with self._translated():
            # A proxy of the environment's has no business between two processes of one machine.
            self._client = httpx.Client(
                base_url=self.url, headers=token, auth=login, timeout=settings.timeout, trust_env=False
            )
        # What takes long is waited for by the server, which has limits of its own.
        self._patient = httpx.Timeout(settings.timeout, read=None)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()

    @cached_property
    def is_here(self) -> bool:
        """Whether the server has this machine's data folder open, and so its other files, too.

        An address says nothing of that: a port of this machine may lead to another one, or into a container.
        """
        url = announced(self.settings.data)
        return url is not None and is_same(self.url, url)

    def here(self, path: str | Path) -> str:
        """Return a path as the server knows it, which has to be on this machine for that.

        :raises InvalidInputError: When the server is elsewhere.
        """
        host = urlsplit(self.url).hostname or ""
        if not self.is_here and not is_loopback(host):
            raise InvalidInputError(f"{path} is on this machine, and the server on {host}: run the command there")
        return str(Path(path).expanduser().absolute())

    def post(self, path: str, body: dict[str, Any], shape: type[T], *, patient: bool = False) -> T:
        """Return what the server answers.

        :param patient: Whether it may take longer than a request usually does.
        """
        return self.read("POST", path, shape, body, patient=patient)

    def read(
        self, method: str, path: str, shape: type[T], body: dict[str, Any] | None = None, *, patient: bool = False
    ) -> T:
        """Return what the server answers, as a type.

        :raises RemoteError: For an error of the server's, or an answer of another type.
        """
        return self._as(shape, self.json(method, path, body, patient=patient))

    def json(self, method: str, path: str, body: dict[str, Any] | None = None, *, patient: bool = False) -> Any:  # noqa: ANN401 - checked later
        """Return what the server answers as JSON."""
        timeout = self._patient if patient else self._client.timeout
        sent = _sent(body)
        with self._translated():
            reply = self._client.request(method, path, **sent, timeout=timeout)
            if reply.status_code >= _ERRORS:
                raise _refusal(reply)
            return reply.json()

    def had(self, path: str, shape: type[T], **asked: object) -> T:
        """Return what the server has; of what is asked for, None is left out."""
        return self.read("GET", f"{path}?{self.asked(**asked)}", shape)

    @staticmethod
    def asked(**asked: object) -> str:
        """Return what stands behind the question mark of an address; None is left out."""
        texts = {name: str(value) for name, value in asked.items() if value is not None}
        for text in texts.values():
            check_unicode(text)
        return str(httpx.QueryParams(texts))

    def told(self, path: str, body: dict[str, Any], shape: type[T], heard: Callable[..., None]) -> T:
        """Return the result of long work, and pass on what it tells on the way; to leave ends it."""
        for kind, value in self.events(path, {**body, "stream": True}):
            if kind == "progress":
                heard(*value)
            elif kind == "result":
                return self._as(shape, value)
        raise RemoteError(f"{self.url} ended before it was done")

    def events(self, path: str, body: dict[str, Any]) -> Iterator[tuple[str, Any]]:
        """Yield the kinds and values of server-sent events.

        :raises RemoteError: For an event that tells of an error, too.
        """
        sent = _sent(body)
        with self._translated(), self._client.stream("POST", path, **sent, timeout=self._patient) as reply:
            if reply.status_code >= _ERRORS:
                reply.read()
                raise _refusal(reply)
            for kind, value in _events(_lines(reply.iter_text())):
                if kind == "error":
                    told = value["error"]
                    raise RemoteError(str(told["message"]), str(told["kind"]), int(value.get("status", 502)))
                yield kind, value

    def packed(self, path: str, **asked: object) -> bytes:
        """Return what the server has, as it is."""
        with self._translated():
            reply = self._client.get(
                f"{path}?{self.asked(**asked)}", timeout=httpx.Timeout(self.settings.timeout, read=None)
            )
            if reply.status_code >= _ERRORS:
                raise _refusal(reply)
            return reply.content

    def download(self, path: str, file: Path) -> int:
        """Write what the server has into a file, whole or not at all, and return its size.

        :raises InvalidInputError: When it cannot be written.
        """
        with whole(file) as part, self._translated(), self._client.stream("GET", path, timeout=self._patient) as reply:
            if reply.status_code >= _ERRORS:
                reply.read()
                raise _refusal(reply)
            with part.open("wb") as out:
                for some in reply.iter_bytes():
                    out.write(some)
        return file.stat().st_size

    def _as(self, shape: type[T], value: Any) -> T:  # noqa: ANN401 - checked here
        try:
            return TypeAdapter(shape).validate_python(value)
        except ValidationError as error:
            raise RemoteError(f"{self.url} answered as no Nearhood of this version does: start it anew") from error

    @contextmanager
    def _translated(self) -> Iterator[None]:
        """Turn what can go wrong on the way into one line."""
        try:
            yield
        except (httpx.InvalidURL, httpx.UnsupportedProtocol) as error:
            raise InvalidInputError(f"{self.url!r} is no address: give one like http://127.0.0.1:7860") from error
        except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:
            what = f"{self.url} does not answer as Nearhood does ({type(error).__name__})"
            raise RemoteError(f"{what}: is nearhood serve running there?") from error


def within(path: str, name: str) -> str:
    """Return an address under another; the name may have any character."""
    check_unicode(name)
    return f"{path}/{quote(name, safe='')}"


def without_login(url: str) -> tuple[str, tuple[str, str] | None]:
    """Return an address as it may be shown, and the name and the password that it has."""
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise InvalidInputError("what is given by --url or NEARHOOD_URL is no address") from error
    if "@" not in parts.netloc:
        return url, None
    login = unquote(parts.username or ""), unquote(parts.password or "")
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2])), login


def _sent(body: dict[str, Any] | None) -> dict[str, Any]:
    """Return a body as it is sent.

    :raises InvalidInputError: For what JSON does not have.
    """
    if body is None:
        return {}
    try:
        content = json.dumps(body, ensure_ascii=False, allow_nan=False).encode()
    except UnicodeEncodeError as error:
        check_unicode(error.object)
        raise
    except ValueError as error:
        raise InvalidInputError("NaN and infinity are no numbers that a server can be asked for") from error
    return {"content": content, "headers": {"Content-Type": "application/json"}}


def _refusal(reply: httpx.Response) -> RemoteError:
    try:
        error = reply.json()["error"]
        return RemoteError(str(error["message"]), str(error["kind"]), reply.status_code)
    except (ValueError, KeyError, TypeError):
        return RemoteError(f"{reply.url} answered {reply.status_code}, and not as Nearhood does")


def _lines(pieces: Iterator[str]) -> Iterator[str]:
    """Yield the lines of a text that comes in pieces; nothing but a line feed ends one."""
    held = ""
    for piece in pieces:
        *whole_ones, held = (held + piece).split("\n")
        yield from whole_ones
    yield held


def _events(lines: Iterator[str]) -> Iterator[tuple[str, Any]]:
    kind = ""
    for line in lines:
        if line.startswith("event: "):
            kind = line.removeprefix("event: ")
        elif line.startswith("data: "):
            yield kind, json.loads(line.removeprefix("data: "))
