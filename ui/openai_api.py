"""OpenAI's wire format under `/v1`: embeddings, and chats in which the model is a collection."""

import base64
import json
import time
import uuid
from collections.abc import Generator, Iterator
from contextlib import closing
from dataclasses import asdict
from typing import Any

from fastapi import APIRouter

from search.chat.events import Asking, Event, Words
from search.chat.prompt import Turn
from search.errors import InvalidInputError, NearhoodError
from search.service import Service
from search.types import Answer
from ui import replies
from ui.answers import last
from ui.openai_shapes import (
    Beside,
    Chat,
    Completion,
    Embedded,
    Embedding,
    Embeddings,
    EmbeddingUsage,
    FinishReason,
    Model,
    Models,
    Usage,
)
from ui.security import ERRORS
from ui.told import Telling

_USAGE: Usage = {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}


def openai_api(service: Service) -> APIRouter:
    """Return the routes."""
    router = APIRouter(prefix="/v1", responses=ERRORS)

    @router.get("/models")
    def models() -> Models:
        """Return the collections, which can be chatted with, and the embedder."""
        names = [*service.store.names(), service.embedder.id]
        return {"object": "list", "data": [_model(name) for name in names]}

    @router.get("/models/{name:path}")
    def model(name: str) -> Model:
        """Return one of them."""
        if name != service.embedder.id:
            service.show(name)
        return _model(name)

    @router.post("/embeddings")
    def embeddings(asked: Embedded) -> Embeddings:
        """Return vectors of the configured embedder."""
        return _embeddings(service, asked)

    @router.post("/chat/completions", response_model=Completion, responses=replies.EVENTS)
    def completions(asked: Chat) -> Any:  # noqa: ANN401 - an answer, or a stream of its pieces
        """Answer the last message from a collection's notes; with `stream`, in OpenAI's chunks."""
        asking = _asking(asked)
        events = service.ask(asking, asked.model)
        name = f"chatcmpl-{uuid.uuid4().hex}"
        if asked.stream:
            return Telling(_chunks(events, asked, name))
        return _completion(last(events), asked.model, name)

    return router


def _model(name: str) -> Model:
    return {"id": name, "object": "model", "created": 0, "owned_by": "nearhood"}


def _embeddings(service: Service, asked: Embedded) -> Embeddings:
    embedder = service.embedder
    texts = [asked.input] if isinstance(asked.input, str) else asked.input
    if asked.dimensions not in {None, embedder.dimension}:
        raise InvalidInputError(f"{embedder.id} has {embedder.dimension} dimensions, not {asked.dimensions}")
    for text in texts:
        if not text.strip():
            raise InvalidInputError("an input is empty: there is nothing to embed")
    rows = embedder.embed_documents(texts)
    count = sum(min(embedder.count_tokens(text), embedder.max_tokens) for text in texts)
    data: list[Embedding] = [
        {"object": "embedding", "index": i, "embedding": _encoded(row.tolist(), asked, row.astype("<f4").tobytes())}
        for i, row in enumerate(rows)
    ]
    usage: EmbeddingUsage = {"prompt_tokens": count, "total_tokens": count}
    return {"object": "list", "data": data, "model": embedder.id, "usage": usage}


def _encoded(row: list[float], asked: Embedded, packed: bytes) -> list[float] | str:
    return base64.b64encode(packed).decode() if asked.encoding_format == "base64" else row


def _asking(asked: Chat) -> Asking:
    """Return the last message as a question, after what was said before.

    :raises InvalidInputError: When the last message is not the user's.
    """
    if asked.messages[-1].role != "user":
        raise InvalidInputError("the last message must be the user's")
    before = asked.messages[:-1]
    history = tuple(Turn(m.role, m.text()) for m in before if m.role in {"user", "assistant"})
    system = "\n\n".join(m.text() for m in before if m.role in {"system", "developer"})
    return Asking(asked.messages[-1].text(), history=history, system=system)


def _completion(answer: Answer, model: str, name: str) -> Completion:
    return {
        "id": name,
        "object": "chat.completion",
        "created": int(time.time()),
        "model": model,
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": answer.answer},
                "finish_reason": _reason(answer),
            }
        ],
        "usage": _USAGE,
        **_beside(answer),
    }


def _reason(answer: Answer) -> FinishReason:
    return "length" if answer.broken else "stop"


def _beside(answer: Answer) -> Beside:
    return {"citations": [*answer.citations], "refused": answer.refused, "searched": [*answer.searched]}


def _chunks(events: Iterator[Event], asked: Chat, name: str) -> Generator[str]:
    """Yield a chat's pieces; the citations come with the last one that has words."""
    head = {"id": name, "object": "chat.completion.chunk", "created": int(time.time()), "model": asked.model}
    if asked.wants_usage:
        # As OpenAI does: none beside the words, all of it at the end.
        head["usage"] = None

    def told(choices: list[dict[str, object]], **more: object) -> str:
        return f"data: {json.dumps({**head, 'choices': choices, **more}, ensure_ascii=False, default=asdict)}\n\n"

    def piece(delta: dict[str, str], reason: str | None = None, **more: object) -> str:
        return told([{"index": 0, "delta": delta, "finish_reason": reason}], **more)

    yield piece({"role": "assistant", "content": ""})
    streamed = False
    try:
        with closing(events) as some:  # type: ignore[type-var]
            for event in some:
                if isinstance(event, Words):
                    streamed = True
                    yield piece({"content": event.text})
                elif isinstance(event, Answer):
                    if not streamed:
                        yield piece({"content": event.answer})
                    yield piece({}, _reason(event), **_beside(event))
        if asked.wants_usage:
            yield told([], usage=_USAGE)
    except NearhoodError as error:
        fault = {"message": " ".join(str(error).split()), "type": error.kind, "code": error.kind}
        yield f"data: {json.dumps({'error': fault}, ensure_ascii=False)}\n\n"
    yield "data: [DONE]\n\n"
