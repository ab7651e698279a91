"""OpenAI's own client, and LangChain's, work as they are."""

import math
from collections.abc import Iterator
from typing import Any

import httpx
import openai
import pytest
from langchain_core.messages import HumanMessage
from langchain_openai import ChatOpenAI, OpenAIEmbeddings
from pydantic import SecretStr

from search.service import Service
from search.vectors import cosine

QUESTION = "What is inflation?"


@pytest.fixture(scope="module")
def official(url: str) -> Iterator[openai.OpenAI]:
    """The client of the package openai."""
    with openai.OpenAI(base_url=f"{url}/v1", api_key="any", max_retries=0) as client:
        yield client


def test_models_are_collections_and_the_embedder(official: openai.OpenAI, service: Service) -> None:
    """One that is not there is a 404."""
    assert {"notes", "words", service.embedder.id} <= {model.id for model in official.models.list()}
    assert official.models.retrieve("notes").id == "notes"
    with pytest.raises(openai.NotFoundError):
        official.models.retrieve("nowhere")


def test_embeddings_are_the_embedder_s(official: openai.OpenAI, service: Service) -> None:
    """As numbers or packed, one text or several."""
    reply = official.embeddings.create(model="any", input=["river", "bank"])
    packed = official.embeddings.create(model="any", input="river", encoding_format="float")
    own = service.embedder.embed_documents(["river", "bank"])
    assert reply.data[1].embedding == pytest.approx(own[1].tolist(), abs=1e-6)
    assert packed.data[0].embedding == pytest.approx(own[0].tolist(), abs=1e-6)
    assert reply.usage.total_tokens > 2
    with pytest.raises(openai.UnprocessableEntityError):
        official.embeddings.create(model="any", input=["x", " "])
    with pytest.raises(openai.UnprocessableEntityError):
        official.embeddings.create(model="any", input="x", dimensions=3)


def test_a_chat_is_answered_from_the_collection(official: openai.OpenAI) -> None:
    """With its citations beside it, and as [n] in the text."""
    reply = official.chat.completions.create(model="notes", messages=[{"role": "user", "content": QUESTION}])
    text = reply.choices[0].message.content or ""
    extra = reply.model_extra or {}
    assert extra["citations"]
    assert f"[{extra['citations'][0]['n']}]" in text
    assert reply.choices[0].finish_reason == "stop"


def test_a_chat_is_streamed(official: openai.OpenAI) -> None:
    """The pieces make the answer; the citations come with the last one."""
    stream = official.chat.completions.create(
        model="notes", messages=[{"role": "user", "content": QUESTION}], stream=True
    )
    chunks = list(stream)
    whole = official.chat.completions.create(model="notes", messages=[{"role": "user", "content": QUESTION}])
    assert "".join(c.choices[0].delta.content or "" for c in chunks) == whole.choices[0].message.content
    assert (chunks[-1].model_extra or {})["citations"]
    assert chunks[-1].choices[0].finish_reason == "stop"


def test_a_stream_ends_with_its_tokens_where_they_are_asked_for(official: openai.OpenAI) -> None:
    """After the last piece, in a chunk without a choice; beside the others there are none."""
    stream = official.chat.completions.create(
        model="notes",
        messages=[{"role": "user", "content": QUESTION}],
        stream=True,
        stream_options={"include_usage": True},
    )
    *chunks, last = stream
    assert {chunk.usage for chunk in chunks} == {None}
    assert (chunks[-1].model_extra or {})["citations"]
    assert last.choices == []
    assert last.usage is not None
    assert last.usage.total_tokens == 0


def test_what_clients_leave_open_is_taken(url: str) -> None:
    """Null where there is a default; what is too long is refused, wherever it stands."""
    asked: dict[str, Any] = {"model": "notes", "messages": [{"role": "user", "content": QUESTION}], "stream": None}
    assert httpx.post(f"{url}/v1/chat/completions", json=asked, timeout=60).status_code == 200
    embedded = {"model": "any", "input": "x", "encoding_format": None}
    assert httpx.post(f"{url}/v1/embeddings", json=embedded, timeout=60).status_code == 200
    long = "x" * 100_001
    for content in (long, [{"type": "text", "text": long}]):
        asked["messages"] = [{"role": "system", "content": content}, {"role": "user", "content": QUESTION}]
        assert httpx.post(f"{url}/v1/chat/completions", json=asked, timeout=60).status_code == 422
    # Each of them is short enough.
    parts = [{"type": "text", "text": "x" * 60_000}] * 2
    asked["messages"] = [{"role": "assistant", "content": parts}, {"role": "user", "content": QUESTION}]
    assert httpx.post(f"{url}/v1/chat/completions", json=asked, timeout=60).status_code == 200


def test_what_goes_wrong_is_an_error_of_the_client_s(official: openai.OpenAI) -> None:
    """With its status."""
    with pytest.raises(openai.NotFoundError):
        official.chat.completions.create(model="nowhere", messages=[{"role": "user", "content": "x"}])
    with pytest.raises(openai.UnprocessableEntityError):
        official.chat.completions.create(model="notes", messages=[{"role": "assistant", "content": "x"}])


def test_langchain_s_clients(url: str, service: Service) -> None:
    """Its embeddings without its own tokenizer, and its chat model, streamed and not."""
    embeddings = OpenAIEmbeddings(
        model="any", base_url=f"{url}/v1", api_key=SecretStr("any"), check_embedding_ctx_length=False
    )
    river, shore = embeddings.embed_documents(["river", "shore"])
    own = service.embedder.embed_documents(["river", "shore"])
    assert math.isclose(sum(a * b for a, b in zip(river, shore, strict=True)), cosine(own[0], own[1]), abs_tol=1e-5)
    chat = ChatOpenAI(model="notes", base_url=f"{url}/v1", api_key=SecretStr("any"))
    answer = chat.invoke([HumanMessage(QUESTION)]).text
    assert "[" in answer
    assert "".join(chunk.text for chunk in chat.stream([HumanMessage(QUESTION)])) == answer
