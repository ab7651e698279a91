"""OpenAI's wire format: what requests bring, and what they are answered with."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field
from typing_extensions import TypedDict

from search.types import Citation
from ui.shapes import MOST_CHARACTERS

MOST_INPUTS = 2_048
MOST_MESSAGES = 500
FinishReason = Literal["stop", "length"]


class Embedded(BaseModel):
    """A request for embeddings; what else a client sends is passed over, as others do."""

    input: Annotated[str, Field(min_length=1)] | Annotated[list[str], Field(min_length=1, max_length=MOST_INPUTS)]
    model: str = ""
    encoding_format: Literal["float", "base64"] | None = "float"
    dimensions: int | None = None


class Part(BaseModel):
    """A part of a message."""

    type: str
    text: Annotated[str, Field(max_length=MOST_CHARACTERS)] = ""


class Said(BaseModel):
    """A message of a chat."""

    role: Literal["system", "developer", "user", "assistant", "tool"]
    content: Annotated[str, Field(max_length=MOST_CHARACTERS)] | list[Part] | None = None

    def text(self) -> str:
        """Return its words."""
        if isinstance(self.content, list):
            return "".join(part.text for part in self.content if part.type == "text")
        return self.content or ""


class StreamOptions(BaseModel):
    """What a stream is to have besides."""

    include_usage: bool | None = None


class Chat(BaseModel):
    """A request for a chat; what else a client sends is passed over."""

    model: str
    messages: Annotated[list[Said], Field(min_length=1, max_length=MOST_MESSAGES)]
    stream: bool | None = False
    stream_options: StreamOptions | None = None

    @property
    def wants_usage(self) -> bool:
        """Whether a stream is to end with the tokens that were used."""
        return self.stream_options is not None and bool(self.stream_options.include_usage)


class Model(TypedDict):
    """A collection, or the embedder."""

    id: str
    object: Literal["model"]
    created: int
    owned_by: str


class Models(TypedDict):
    """All of them."""

    object: Literal["list"]
    data: list[Model]


class Embedding(TypedDict):
    """A vector, as numbers, or as little-endian float32 in Base64."""

    object: Literal["embedding"]
    index: int
    embedding: list[float] | str


class EmbeddingUsage(TypedDict):
    """Tokens."""

    prompt_tokens: int
    total_tokens: int


class Embeddings(TypedDict):
    """Vectors in the order of the texts."""

    object: Literal["list"]
    data: list[Embedding]
    model: str
    usage: EmbeddingUsage


class Message(TypedDict):
    """What the assistant said."""

    role: Literal["assistant"]
    content: str


class Choice(TypedDict):
    """The one answer there is."""

    index: int
    message: Message
    finish_reason: FinishReason


class Usage(TypedDict):
    """Tokens, which nobody counts: all are 0."""

    prompt_tokens: int
    completion_tokens: int
    total_tokens: int


class Beside(TypedDict):
    """What an answer rests on, in fields that OpenAI does not have."""

    citations: list[Citation]
    refused: bool
    searched: list[str]


class Completion(Beside):
    """An answer."""

    id: str
    object: Literal["chat.completion"]
    created: int
    model: str
    choices: list[Choice]
    usage: Usage
