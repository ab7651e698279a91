"""Who may come in where a token is set: programs that send it, and browsers that logged in with it."""

import hashlib
import hmac
import ipaddress
import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable

from starlette.datastructures import Headers
from starlette.requests import HTTPConnection
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from ui.security import error

SESSION_SECONDS = 7 * 24 * 3600
"""After this long a browser is asked for the token again."""
MOST_SESSIONS = 1_000
GUESSES, GUESS_SECONDS = 20, 60
"""Different wrong tokens that an address may send in this time. The same one again is no other guess, so that a
program with an old token does not shut out its neighbours."""
MOST_ADDRESSES = 10_000
OPEN = frozenset({"/health", "/login"})
"""Paths that answer without a token."""
_NETWORK_OF_ONE = 64
"""Bits of an IPv6 address that one customer does not choose."""


class Access:
    """The token, the sessions that were begun with it, and who guesses at it. Nothing of it outlives the process."""

    def __init__(self, token: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._token = _digest(token)
        self._clock = clock
        self._lock = threading.Lock()
        self._ends: OrderedDict[bytes, float] = OrderedDict()
        self._wrong: OrderedDict[str, dict[bytes, float]] = OrderedDict()

    def is_token(self, given: str, address: str) -> bool:
        """Return whether a text is the token; where it is not, remember the guess."""
        digest = _digest(given)
        is_right = hmac.compare_digest(digest, self._token)
        if not is_right:
            with self._lock:
                self._wrong.setdefault(_network(address), {})[digest] = self._clock() + GUESS_SECONDS
                while len(self._wrong) > MOST_ADDRESSES:
                    self._wrong.popitem(last=False)
        return is_right

    def wait(self, address: str) -> int:
        """Return the seconds until an address may try a token again; 0 for now."""
        network, now = _network(address), self._clock()
        with self._lock:
            recent = {guess: end for guess, end in self._wrong.get(network, {}).items() if end > now}
            if recent:
                self._wrong[network] = recent
            else:
                self._wrong.pop(network, None)
        return 0 if len(recent) < GUESSES else round(min(recent.values()) - now) + 1

    def begin(self) -> str:
        """Return the name of a new session, which only its browser knows."""
        session = secrets.token_urlsafe(32)
        with self._lock:
            self._ends[_digest(session)] = self._clock() + SESSION_SECONDS
            while len(self._ends) > MOST_SESSIONS:
                self._ends.popitem(last=False)
        return session

    def has(self, session: str) -> bool:
        """Return whether a session goes on."""
        with self._lock:
            return self._ends.get(_digest(session), 0.0) > self._clock()

    def end(self, session: str) -> None:
        """End a session, if it is one."""
        with self._lock:
            self._ends.pop(_digest(session), None)


class Gate:
    """Middleware that asks for the token on each route, whoever mounted it, but for those in `OPEN`.

    It takes `Authorization: Bearer`, or the cookie of a session. A person who opens the page gets a form instead of an
    error.
    """

    def __init__(self, app: ASGIApp, access: Access, form: Callable[[], Response]) -> None:
        self._app = app
        self._access = access
        self._form = form

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] not in {"http", "websocket"} or scope["path"] in OPEN:
            await self._app(scope, receive, send)
            return
        refused = self._refusal(scope, Headers(scope=scope))
        await (refused or self._app)(scope, receive, send)

    def _refusal(self, scope: Scope, headers: Headers) -> Response | None:
        if self._access.has(session_of(scope)):
            return None
        kind, _, token = headers.get("authorization", "").partition(" ")
        is_given, address = kind.lower() == "bearer", address_of(scope)
        if is_given and (wait := self._access.wait(address)):
            return too_many_guesses(wait)
        if is_given and self._access.is_token(token.strip(), address):
            return None
        if scope["path"] == "/" and scope.get("method") == "GET" and "text/html" in headers.get("accept", ""):
            return self._form()
        why = "the token is wrong" if is_given else "a token is needed"
        reply = error(401, "unauthorized", f"{why}: send NEARHOOD_TOKEN's value as Authorization: Bearer TOKEN")
        reply.headers["WWW-Authenticate"] = 'Bearer realm="nearhood"'
        return reply


def too_many_guesses(wait: int) -> Response:
    """Return what someone is told who tries one token after the other."""
    reply = error(429, "too-many", f"too many wrong tokens from this address: try again in {wait} s")
    reply.headers["Retry-After"] = str(wait)
    return reply


def cookie_name(scope: Scope) -> str:
    """Return the name of the session's cookie: cookies are shared by all ports of a host, sessions are not."""
    _, port = scope.get("server") or ("", None)
    return f"nearhood-{port}"


def session_of(scope: Scope) -> str:
    """Return the session that a request's cookie names; empty when it has none."""
    return HTTPConnection(scope).cookies.get(cookie_name(scope), "")


def address_of(scope: Scope) -> str:
    """Return the address of who asks."""
    host, _ = scope.get("client") or ("", None)
    return str(host)


def _network(address: str) -> str:
    """Return an address without what its owner chooses freely."""
    try:
        number = ipaddress.ip_address(address)
    except ValueError:
        return address
    return address if number.version == 4 else str(ipaddress.ip_network((number, _NETWORK_OF_ONE), strict=False))  # noqa: PLR2004


def _digest(text: str) -> bytes:
    # Of one length, whatever is given: a comparison tells nothing of the token's.
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
