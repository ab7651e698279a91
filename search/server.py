"""A server that speaks OpenAI's protocol: where it is, with which key, and what to do when it fails."""

import random
import re
import time
from collections.abc import Callable, Mapping
from email.utils import mktime_tz, parsedate_tz
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urlsplit

from search.errors import InvalidInputError, NearhoodError, NotConfiguredError
from search.settings import Settings

if TYPE_CHECKING:
    import openai

T = TypeVar("T")
OFFICIAL_URL = "https://api.openai.com/v1"
TRIES = 4
FIRST_WAIT = 0.5
"""Seconds before the second try, at most; doubles with each."""
PATIENCE = 120.0
"""Seconds after which nothing is tried again."""
ADVICE = {
    400: "check the model's name, and its dimension or temperature",
    401: "check OPENAI_API_KEY",
    403: "check what OPENAI_API_KEY may be used for",
    404: "check the model's name and OPENAI_BASE_URL",
    429: "wait, or raise the limits of the account",
}
PASSING = frozenset({408, 409, 429})
"""Statuses below 500 that may be gone at the next try."""
SPENT = "insufficient_quota"
"""The code of a 429 that no waiting ends."""
QUOTED = 200
"""Characters of a reply that a message quotes."""
_KEY_LIKE = re.compile(r"(?i)(?<=bearer )\S+|\b(?:sk|pk|rk|gsk|hf|api|key)[-_][\w*.-]{6,}|[\w-]{32,}")


class Server:
    """Where a model is served."""

    def __init__(self, model: str, settings: Settings) -> None:
        """:raises NotConfiguredError: Without a key for OpenAI.

        :raises InvalidInputError: With a key or an address that cannot be one.
        """
        self.address = settings.openai_base_url or OFFICIAL_URL
        self.name = f"{model} at {_host(self.address)}"
        self.key = _key(settings)
        self.secrets = (self.key, settings.token or "")
        """What no message may repeat."""

    def tried(self, call: Callable[[], T], failed: Callable[[str, bool], NearhoodError]) -> T:
        """Return what a call returns at one of several tries.

        :param failed: Makes the error to raise, of a line that says what to do, and of whether the server found fault
            with this very request.
        """
        import openai  # noqa: PLC0415 - takes half a second

        last_start = time.monotonic() + PATIENCE
        tries = 1
        while True:
            try:
                return call()
            except openai.APIError as error:
                pause = _pause(error, tries)
                if tries == TRIES or time.monotonic() + pause > last_start:
                    refusal = getattr(error, "status_code", None) in {400, 413, 422}
                    raise failed(self.told(error), refusal) from error
            time.sleep(pause)
            tries += 1

    def told(self, error: "openai.APIError") -> str:
        """Return the error as one line without secrets."""
        response = getattr(error, "response", None)
        if response is None:
            why = quote(str(error.__cause__ or error), *self.secrets)
            if _is_said(error):
                return f"{self.name} broke off ({why})"
            return f"{self.name} cannot be reached ({why}): check OPENAI_BASE_URL and NEARHOOD_TIMEOUT"
        body = error.body if isinstance(error.body, dict) else {}
        said = quote(str(body.get("message") or response.text), *self.secrets)
        advice = ADVICE.get(response.status_code, "try again later")
        if error.code == SPENT:
            advice = "add credit to the account"
        return f"{self.name} answered {response.status_code} ({said}): {advice}"


def _pause(error: "openai.APIError", tries: int) -> float:
    """Return the seconds to wait before the next try, infinite when none would help."""
    response = getattr(error, "response", None)
    if response is None:
        return float("inf") if _is_said(error) and not _is_passing(error) else _backoff(tries)
    if error.code == SPENT or not (response.is_server_error or response.status_code in PASSING):
        return float("inf")
    asked = _seconds(response.headers)
    return _backoff(tries) if asked is None else asked


def _is_said(error: "openai.APIError") -> bool:
    """Return whether the server said it in the midst of a stream, whose status was that all is well."""
    return isinstance(error.body, dict)


def _is_passing(error: "openai.APIError") -> bool:
    """Return whether what was said in a stream may be over at the next try."""
    said = " ".join(str(word) for word in (error.code, error.type) if word).lower()
    return any(word in said for word in ("server", "overloaded", "rate_limit", "timeout", "500", "502", "503", "529"))


def _backoff(tries: int) -> float:
    return FIRST_WAIT * 2.0 ** (tries - 1) * random.uniform(0.5, 1.0)  # noqa: S311 - no secret


def _seconds(headers: Mapping[str, str]) -> float | None:
    """Return the wait that Retry-After asks for, as a number of seconds or as a date."""
    text = headers.get("retry-after", "")
    try:
        wait = float(text)
    except ValueError:
        date = parsedate_tz(text)
        if date is None:
            return None
        wait = mktime_tz(date) - time.time()
    return max(0.0, wait)


def quote(text: str, *secrets: str) -> str:
    """Return the start of a text on one line, with keys masked."""
    for secret in filter(None, secrets):
        text = text.replace(secret, "***")
    text = "".join(c if c.isprintable() else " " for c in _KEY_LIKE.sub("***", text))
    line = " ".join(text.split())
    return line if len(line) <= QUOTED else f"{line[:QUOTED]}..."


def _host(address: str) -> str:
    """Return the host and port of the server.

    :raises InvalidInputError: When the address is not one of a web server.
    """
    try:
        parts = urlsplit(address)
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        parts, port = urlsplit(""), ""
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        # It may hold a password, so it is not repeated.
        raise InvalidInputError("OPENAI_BASE_URL must be an address such as http://localhost:11434/v1")
    return f"{parts.hostname}{port}"


def _key(settings: Settings) -> str:
    """Return the key; servers of one's own take any.

    :raises NotConfiguredError: Without a key for OpenAI.
    :raises InvalidInputError: With one that no header can carry.
    """
    key = (settings.openai_api_key or "").strip()
    if not key and settings.openai_base_url is None:
        raise NotConfiguredError("there is no key for OpenAI: set OPENAI_API_KEY, or use a local model")
    if not re.fullmatch(r"[!-~]*", key):
        raise InvalidInputError("OPENAI_API_KEY has characters that no key has: copy it again")
    return key or "no-key-needed"
