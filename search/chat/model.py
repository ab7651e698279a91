"""What every chat model can do, and which one is meant."""

from collections.abc import Iterator, Sequence
from typing import Protocol, cast

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import BaseMessage

from search.chat.untraced import untraced
from search.errors import ChatError, UnknownNameError
from search.registry import CHAT_MODELS
from search.settings import Settings

EXTRACTIVE = "extractive"
"""No model: sentences of the notes are quoted."""
DEFAULT = "openai:gpt-4o-mini"


class ChatModel(Protocol):
    """Messages to text. It has no memory, so that the whole conversation goes along each time."""

    @property
    def name(self) -> str:
        """The spec that it was opened with."""

    def stream(self, messages: Sequence[BaseMessage]) -> Iterator[str]:
        """Yield the answer as it comes.

        :raises ChatError: When the model cannot be had, or breaks off; what came before was yielded.
        """


class LangChainModel:
    """A chat model that another distribution brings by an entry point."""

    def __init__(self, name: str, model: BaseChatModel) -> None:
        self.name = name
        self._model = model

    def stream(self, messages: Sequence[BaseMessage]) -> Iterator[str]:
        """Yield the answer as it comes."""
        try:
            for chunk in untraced(self._model.stream(list(messages))):
                yield str(chunk.text)
        except Exception as error:  # others' models raise what they like
            raise ChatError(f"{self.name} failed ({type(error).__name__}): try again, or another --chat") from error


def open_chat(spec: str, settings: Settings) -> ChatModel | None:
    """Return the chat model that a spec like `openai:gpt-4o-mini` names; None for `extractive`.

    :raises UnknownNameError: For a kind that is not known.
    """
    name = spec or settings.chat or default(settings)
    if name == EXTRACTIVE:
        return None
    kind, _, model = name.partition(":")
    if kind not in (known := CHAT_MODELS.names()):
        raise UnknownNameError("chat model", name, [EXTRACTIVE, *(f"{each}:MODEL" for each in known)])
    made = CHAT_MODELS.load(kind)(model, settings)
    return LangChainModel(name, made) if isinstance(made, BaseChatModel) else cast("ChatModel", made)


def default(settings: Settings) -> str:
    """Return the model for those who name none: OpenAI's where there is a key for it."""
    return DEFAULT if settings.openai_api_key else EXTRACTIVE
