"""OpenAI's chat models, and those of any server that speaks its protocol, through langchain-openai."""

import re
from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING

import httpx
from langchain_core.messages import BaseMessage

from search.chat.untraced import untraced
from search.errors import ChatError, InvalidInputError
from search.server import Server
from search.settings import Settings

if TYPE_CHECKING:
    from langchain_openai import ChatOpenAI

DEFAULT = "gpt-4o-mini"
_HOTTEST = 2.0
_REASONS = re.compile(r"(?:.*/)?o\d")
"""Models that think first, by name: they refuse a temperature."""


class OpenAIChat:
    """A chat model; nothing is sent, and no key is needed, before it is asked."""

    def __init__(self, model: str, settings: Settings) -> None:
        self._name = model or DEFAULT
        self.name = f"openai:{self._name}"
        self._settings = settings
        if settings.temperature > _HOTTEST:
            raise InvalidInputError(
                f"NEARHOOD_TEMPERATURE must be from 0 to {_HOTTEST:g}, not {settings.temperature:g}"
            )

    def stream(self, messages: Sequence[BaseMessage]) -> Iterator[str]:
        """Yield the answer as it comes. Until its first words are there, a failure that may pass is tried again.

        :raises ChatError: When the server refuses, fails several times, or breaks off.
        """
        first, rest = self._server.tried(lambda: self._begun(messages), lambda message, _: ChatError(message))
        yield from chain([first], self._rest(rest))

    def _begun(self, messages: Sequence[BaseMessage]) -> tuple[str, Iterator[str]]:
        """Return the first words and what follows.

        :raises ChatError: For an answer without a word.
        """
        words = self._words(messages)
        for text in words:
            return text, words
        raise ChatError(f"{self._server.name} answered without a word: ask again, or try another model with --chat")

    def _words(self, messages: Sequence[BaseMessage]) -> Iterator[str]:

        try:
            # Calls of tools that nobody offered have no text, and are passed over.
            yield from filter(None, (chunk.text for chunk in untraced(self._model.stream(list(messages)))))
        except (httpx.HTTPError, ValueError, TypeError, KeyError, IndexError) as error:
            raise ChatError(f"{self._server.name} broke off ({type(error).__name__}): ask again") from error

    def _rest(self, words: Iterator[str]) -> Iterator[str]:
        import openai  # noqa: PLC0415

        try:
            yield from words
        except openai.APIError as error:
            raise ChatError(f"{self._server.told(error)}; what came before stands") from error

    @cached_property
    def _server(self) -> Server:
        return Server(self._name, self._settings)

    @cached_property
    def _model(self) -> "ChatOpenAI":
        from langchain_openai import ChatOpenAI  # noqa: PLC0415 - takes more than a second
        from pydantic import SecretStr  # noqa: PLC0415

        return ChatOpenAI(
            model=self._name,
            api_key=SecretStr(self._server.key),
            base_url=self._server.address,
            temperature=None if _REASONS.match(self._name) else self._settings.temperature,
            timeout=self._settings.timeout,
            max_retries=0,
            stream_usage=False,
            use_responses_api=False,
        )
