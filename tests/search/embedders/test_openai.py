"""OpenAI's wire format, spoken with a real server on loopback."""

import base64
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from email.utils import formatdate

import numpy as np
import pytest

from search.embedders.openai import BATCH_BYTES, OpenAIEmbedder
from search.errors import (
    EmbeddingError,
    EmbeddingReplyError,
    EmbeddingServiceError,
    InvalidInputError,
    NearhoodError,
    NotConfiguredError,
    UnknownNameError,
)
from search.settings import Settings
from search.tokens import count_tokens
from tests.openai_server import (
    Fault,
    OpenAIServer,
    edited,
    hang,
    raw,
    reset,
    status,
    torn,
    vector_of,
)

SMALL = "text-embedding-3-small@8"
KEY = "sk-test-0123456789"
AT_ONCE = {"Retry-After": "0"}


@pytest.mark.parametrize(
    ("model", "embedder_id", "dimensions"),
    [
        ("", "openai:text-embedding-3-small@1536", None),
        ("@256", "openai:text-embedding-3-small@256", 256),
        ("text-embedding-3-small@1536", "openai:text-embedding-3-small@1536", None),
        ("text-embedding-3-large", "openai:text-embedding-3-large@3072", None),
        ("text-embedding-3-large@1024", "openai:text-embedding-3-large@1024", 1024),
        ("text-embedding-ada-002", "openai:text-embedding-ada-002@1536", None),
        ("nomic-embed-text:latest@768", "openai:nomic-embed-text:latest@768", None),
    ],
)
def test_the_dimension_is_sent_only_where_it_shortens(
    openai_settings: Settings,
    openai_server: OpenAIServer,
    model: str,
    embedder_id: str,
    dimensions: int | None,
) -> None:
    """An id always has the dimension; servers that know no `dimensions` never see one."""
    embedder = OpenAIEmbedder(model, openai_settings)
    assert embedder.embed_query("bank").shape == (embedder.dimension,)
    assert embedder.id == embedder_id
    assert openai_server.requests[0].body.get("dimensions") == dimensions


@pytest.mark.parametrize(
    "model",
    [
        "text-embedding-3-small@0",
        "text-embedding-3-small@-1",
        "text-embedding-3-small@1537",
        "text-embedding-3-small@",
        "text-embedding-3-small@many",
        "text-embedding-ada-002@512",
        "nomic-embed-text",
        "nomic-embed-text@",
        "nomic-embed-text@99999",
    ],
)
def test_a_dimension_that_cannot_be_is_refused(openai_settings: Settings, model: str) -> None:
    """The message says which dimensions can be, and how to write them."""
    with pytest.raises(InvalidInputError, match=r"needs a dimension of \d.*@DIMENSION"):
        OpenAIEmbedder(model, openai_settings)


def test_another_servers_model_needs_its_address(settings: Settings) -> None:
    """Without OPENAI_BASE_URL only OpenAI's own models are known."""
    with pytest.raises(UnknownNameError, match=r"text-embedding-3-small.*OPENAI_BASE_URL"):
        OpenAIEmbedder("nomic-embed-text@768", settings)


def test_no_key_is_told_at_the_first_text(settings: Settings) -> None:
    """What needs no embedding works without a key; what does says what to set."""
    embedder = OpenAIEmbedder("", settings)
    assert embedder.count_tokens("hello world") == 2
    with pytest.raises(NotConfiguredError, match="set OPENAI_API_KEY"):
        embedder.embed_query("bank")


def test_a_server_of_ones_own_needs_no_key(openai_settings: Settings, openai_server: OpenAIServer) -> None:
    """With an address but no key a placeholder is sent."""
    OpenAIEmbedder("minilm@768", replace(openai_settings, openai_api_key=None)).embed_query("bank")
    assert openai_server.requests[0].headers["authorization"] == "Bearer no-key-needed"


@pytest.mark.parametrize("key", ["sk-a b", "sk-ключ", "sk-a\nb"])
def test_a_key_that_no_header_carries_is_refused(openai_settings: Settings, key: str) -> None:
    """A key with a space or a letter of another alphabet is told without repeating it."""
    with pytest.raises(InvalidInputError, match="OPENAI_API_KEY") as caught:
        OpenAIEmbedder(SMALL, replace(openai_settings, openai_api_key=key)).embed_query("bank")
    assert key not in str(caught.value)


def test_a_key_may_end_with_a_line_break(openai_settings: Settings, openai_server: OpenAIServer) -> None:
    """What `cat key.txt` adds is left out."""
    OpenAIEmbedder(SMALL, replace(openai_settings, openai_api_key=f"{KEY}\n")).embed_query("bank")
    assert openai_server.requests[0].headers["authorization"] == f"Bearer {KEY}"


@pytest.mark.parametrize("address", ["localhost:1234", "ftp://host/v1", "http://", "http://u:pw@h:port/v1"])
def test_an_address_of_no_web_server_is_refused(openai_settings: Settings, address: str) -> None:
    """It is not repeated, since it may hold a password."""
    with pytest.raises(InvalidInputError, match="OPENAI_BASE_URL must be") as caught:
        OpenAIEmbedder(SMALL, replace(openai_settings, openai_base_url=address)).embed_query("bank")
    assert "pw" not in str(caught.value)


@pytest.mark.parametrize(("model", "encoding"), [(SMALL, "base64"), ("other@768", "float")])
def test_texts_are_sent_as_texts(
    openai_settings: Settings, openai_server: OpenAIServer, model: str, encoding: str
) -> None:
    """Never as token ids; other servers are asked for plain numbers."""
    row = OpenAIEmbedder(model, openai_settings).embed_query("river bank")
    body = openai_server.requests[0].body
    assert (body["input"], body["encoding_format"]) == (["river bank"], encoding)
    np.testing.assert_allclose(row, vector_of("river bank", len(row)), atol=1e-6)


def test_either_encoding_is_read(openai_settings: Settings, openai_server: OpenAIServer) -> None:
    """A server may ignore the encoding that was asked for."""
    official, other = OpenAIEmbedder(SMALL, openai_settings), OpenAIEmbedder("other@768", openai_settings)
    openai_server.script(edited(lambda _: None), edited(lambda data: data[0].update(embedding=_base64(768))))
    np.testing.assert_allclose(official.embed_query("bank"), vector_of("bank", 8), atol=1e-6)
    np.testing.assert_allclose(other.embed_query("bank"), vector_of("bank", 768), atol=1e-6)


def test_the_index_decides_the_order(openai_settings: Settings, openai_server: OpenAIServer) -> None:
    """A reply out of order is put in order."""
    texts = ["one", "two", "three"]
    openai_server.script(edited(lambda data: data.reverse()))
    rows = OpenAIEmbedder(SMALL, openai_settings).embed_documents(texts)
    np.testing.assert_allclose(rows, [vector_of(text, 8) for text in texts], atol=1e-6)


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        (edited(lambda data: data.pop()), "sent 1 vectors for 2 texts"),
        (edited(lambda data: data.append(data[0])), "sent 3 vectors for 2 texts"),
        (edited(lambda data: data[0].update(index=1)), "did not say which"),
        (edited(lambda data: data[0].update(index=7)), "did not say which"),
        (edited(lambda data: data[0].update(index="0")), "did not say which"),
        (edited(lambda data: data[1].pop("index")), "sent no embeddings"),
        (edited(lambda data: data[1].pop("embedding")), "sent no embeddings"),
        (edited(lambda data: data[1]["embedding"].pop()), r"of shape \(7,\), not \(8,\)"),
        (edited(lambda data: data[1].update(embedding=[])), r"of shape \(0,\)"),
        (edited(lambda data: data[1].update(embedding=[[1.0] * 8])), r"of shape \(1, 8\)"),
        (edited(lambda data: data[1].update(embedding=0.5)), r"of shape \(\)"),
        (edited(lambda data: data[1].update(embedding=[0.0] * 8)), "without a direction"),
        (edited(lambda data: data[1].update(embedding=[float("nan")] * 8)), "without a direction"),
        (edited(lambda data: data[1].update(embedding=[float("inf")] * 8)), "without a direction"),
        (edited(lambda data: data[1].update(embedding=[None] * 8)), "without a direction|not made of"),
        (edited(lambda data: data[1].update(embedding=["x"] * 8)), "not made of numbers"),
        (edited(lambda data: data[1].update(embedding=[[1.0], 2.0])), "not made of numbers"),
        (edited(lambda data: data[1].update(embedding="AAA*")), "not made of numbers"),
        (edited(lambda data: data[1].update(embedding="AAAA")), "not made of numbers"),
        (raw(b"<html><body>Welcome</body></html>", kind="text/html"), "sent no embeddings.*Welcome"),
        (raw(b'{"data": [{"index": 0, "embed'), "sent no embeddings"),
        (raw(b"[" * 100_000), "sent no embeddings"),
        (raw(b"\xff\xfe"), "sent no embeddings"),
        (raw(b""), "sent no embeddings"),
        (raw(b'{"data": null}'), "sent no embeddings"),
        (raw(b'{"data": [1, 2]}'), "sent no embeddings"),
        (raw(b'{"error": "model not loaded"}'), "sent no embeddings.*model not loaded"),
    ],
)
def test_a_wrong_reply_gives_no_vector(
    openai_settings: Settings, openai_server: OpenAIServer, fault: Fault, message: str
) -> None:
    """Whatever is not one good vector for each text is refused in one short line, and not asked again."""
    openai_server.script(fault)
    with pytest.raises(EmbeddingReplyError, match=message) as caught:
        OpenAIEmbedder(SMALL, openai_settings).embed_documents(["one", "two"])
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 400
    assert len(openai_server.requests) == 1


def test_a_vector_of_any_length_becomes_a_unit_row(openai_settings: Settings, openai_server: OpenAIServer) -> None:
    """Servers that do not normalise are normalised for."""
    openai_server.script(edited(lambda data: data[0].update(embedding=[3e30, 4e30] + [0] * 6)))
    row = OpenAIEmbedder(SMALL, openai_settings).embed_query("bank")
    np.testing.assert_allclose(row, [0.6, 0.8] + [0] * 6, atol=1e-6)


@pytest.mark.parametrize(
    "faults",
    [
        [status(429, AT_ONCE)] * 3,
        [status(500, AT_ONCE), status(503, AT_ONCE), status(529, AT_ONCE)],
        [status(408, AT_ONCE), status(409, AT_ONCE)],
        [raw(b"<html>Bad gateway</html>", 502, "text/html")],
        [reset],
        [torn],
    ],
)
def test_what_passes_is_tried_again(
    openai_settings: Settings, openai_server: OpenAIServer, faults: list[Fault]
) -> None:
    """Busy, broken for a moment, or cut off: the fourth try at the latest brings the vector."""
    openai_server.script(*faults)
    OpenAIEmbedder(SMALL, openai_settings).embed_query("bank")
    assert len(openai_server.requests) == len(faults) + 1


@pytest.mark.parametrize(
    ("code", "advice"),
    [
        (400, "dimension"),
        (401, "OPENAI_API_KEY"),
        (403, "OPENAI_API_KEY"),
        (404, "OPENAI_BASE_URL"),
        (422, "later"),
    ],
)
def test_what_does_not_pass_is_told_at_once(
    openai_settings: Settings, openai_server: OpenAIServer, code: int, advice: str
) -> None:
    """A refusal is not repeated, and says what to check."""
    openai_server.script(status(code, message="not so"))
    with pytest.raises(EmbeddingServiceError, match=rf"answered {code} \(not so\): .*{advice}"):
        OpenAIEmbedder(SMALL, openai_settings).embed_query("bank")
    assert len(openai_server.requests) == 1


def test_the_tries_end(openai_settings: Settings, openai_server: OpenAIServer) -> None:
    """After four tries the last answer is told."""
    openai_server.script(*[status(500, AT_ONCE)] * 9)
    with pytest.raises(EmbeddingServiceError, match=r"at 127\.0\.0\.1:\d+ answered 500 \(no luck\): try again"):
        OpenAIEmbedder(SMALL, openai_settings).embed_query("bank")
    assert len(openai_server.requests) == 4


def test_an_account_without_credit_is_told_at_once(openai_settings: Settings, openai_server: OpenAIServer) -> None:
    """This 429 does not pass by waiting."""
    openai_server.script(status(429, code="insufficient_quota"))
    with pytest.raises(EmbeddingServiceError, match="add credit"):
        OpenAIEmbedder(SMALL, openai_settings).embed_query("bank")
    assert len(openai_server.requests) == 1


@pytest.mark.parametrize("date", [False, True])
def test_a_wait_that_is_asked_for_is_kept(
    openai_settings: Settings, openai_server: OpenAIServer, *, date: bool
) -> None:
    """Retry-After is honoured as a number of seconds and as a date."""
    # A date has whole seconds, so two ahead are more than one.
    openai_server.script(status(429, {"Retry-After": formatdate(time.time() + 2, usegmt=True) if date else "1"}))
    embedder = OpenAIEmbedder(SMALL, openai_settings)
    embedder._service  # noqa: B018 - its imports take a second of their own
    start = time.monotonic()
    embedder.embed_query("bank")
    assert 0.9 < time.monotonic() - start < 5


def test_a_wait_without_end_is_not_begun(openai_settings: Settings, openai_server: OpenAIServer) -> None:
    """Who asks for an hour is told to the user instead."""
    openai_server.script(status(429, {"Retry-After": "3600"}))
    with pytest.raises(EmbeddingServiceError, match=r"answered 429.*wait"):
        OpenAIEmbedder(SMALL, openai_settings).embed_query("bank")
    assert len(openai_server.requests) == 1


def test_a_silent_server_is_left(openai_settings: Settings, openai_server: OpenAIServer) -> None:
    """Each try ends after NEARHOOD_TIMEOUT."""
    openai_server.script(*[hang] * 4)
    embedder = OpenAIEmbedder(SMALL, replace(openai_settings, timeout=0.1))
    with pytest.raises(EmbeddingServiceError, match=r"timed out.*NEARHOOD_TIMEOUT"):
        embedder.embed_query("bank")
    assert len(openai_server.requests) == 4


def test_an_absent_server_is_told_without_its_password(settings: Settings) -> None:
    """Nobody listens: one line with the host, and without what is secret in its address."""
    there = replace(settings, openai_base_url="http://user:hunter2@127.0.0.1:9/v1")
    with pytest.raises(EmbeddingServiceError, match=r"at 127\.0\.0\.1:9 cannot be reached .*refused") as caught:
        OpenAIEmbedder(SMALL, there).embed_query("bank")
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("said", [f"Incorrect API key: {KEY}", "your sk-proj-abc***xyz is bad", "x" * 5000])
def test_a_message_has_no_key_and_an_end(openai_settings: Settings, openai_server: OpenAIServer, said: str) -> None:
    """What a server echoes is masked and cut."""
    openai_server.script(status(401, message=f"line one\nline two\x1b[31m {said}"))
    with pytest.raises(EmbeddingServiceError) as caught:
        OpenAIEmbedder(SMALL, openai_settings).embed_query("bank")
    message = str(caught.value)
    assert KEY not in message
    assert "proj" not in message
    assert message.isprintable()
    assert len(message) < 400


@pytest.mark.parametrize("code", [200, 401])
def test_a_key_of_any_form_is_masked(openai_settings: Settings, openai_server: OpenAIServer, code: int) -> None:
    """Other servers' keys need not look like OpenAI's."""
    openai_server.script(raw(b'{"you sent": "Swordfish9"}', code))
    with pytest.raises(EmbeddingError, match=r"you sent.*\*\*\*") as caught:
        OpenAIEmbedder(SMALL, replace(openai_settings, openai_api_key="Swordfish9")).embed_query("bank")
    assert "Swordfish9" not in str(caught.value)


def test_errors_are_of_one_tree(openai_settings: Settings, openai_server: OpenAIServer) -> None:
    """A foreign error is kept as the cause of ours."""
    openai_server.script(status(400))
    with pytest.raises(NearhoodError) as caught:
        OpenAIEmbedder(SMALL, openai_settings).embed_query("bank")
    assert type(caught.value.__cause__).__module__.startswith("openai")


def test_batches_are_bounded_by_count_and_size(openai_settings: Settings, openai_server: OpenAIServer) -> None:
    """No request has more than 256 texts, or more bytes than OpenAI takes tokens; order is kept."""
    texts = [f"{i} " + "long " * (2000 if i % 7 == 0 else 1) for i in range(600)]
    rows = OpenAIEmbedder("text-embedding-3-small@2", openai_settings).embed_documents(texts)
    sent = [request.body["input"] for request in openai_server.requests]
    assert max(map(len, sent)) <= 256
    assert max(sum(len(text.encode()) for text in batch) for batch in sent) <= BATCH_BYTES
    flat = [text for batch in sent for text in batch]
    np.testing.assert_allclose(rows, [vector_of(text, 2) for text in flat], atol=1e-6)
    assert [text.split()[0] for text in flat] == [str(i) for i in range(600)]


def test_a_long_text_is_cut_between_tokens(openai_settings: Settings, openai_server: OpenAIServer) -> None:
    """8,191 tokens are sent, and they are the first."""
    text = "naïve bankers 🏦 " * 5000
    OpenAIEmbedder(SMALL, openai_settings).embed_query(text)
    sent = openai_server.requests[0].body["input"][0]
    assert text.startswith(sent)
    assert 8180 < count_tokens(sent, "text-embedding-3-small", openai_settings) <= 8191


def test_another_servers_tokens_are_estimated(openai_settings: Settings, openai_server: OpenAIServer) -> None:
    """Three bytes count as a token, and no character is torn at the cut."""
    embedder = OpenAIEmbedder("other@768", openai_settings)
    assert embedder.count_tokens("hello world") == 4
    embedder.embed_query("é" * 2000)
    assert openai_server.requests[0].body["input"] == ["é" * 768]


def test_threads_share_an_embedder(openai_settings: Settings) -> None:
    """Eight threads at once get the vectors of their own texts."""
    embedder = OpenAIEmbedder(SMALL, openai_settings)
    texts = [f"text {i}" for i in range(32)]
    with ThreadPoolExecutor(8) as pool:
        rows = list(pool.map(embedder.embed_query, texts))
    np.testing.assert_allclose(rows, [vector_of(text, 8) for text in texts], atol=1e-6)


def test_the_environment_has_no_say(openai_settings: Settings, openai_server: OpenAIServer) -> None:
    """LangChain's own variables change neither the server nor the key."""
    code = """if True:
        import sys
        from pathlib import Path
        from search.embedders.openai import OpenAIEmbedder
        from search.settings import Settings
        url, key, folder = sys.argv[1:]
        settings = Settings(Path(folder), Path(folder), openai_base_url=url, openai_api_key=key)
        OpenAIEmbedder("", settings).embed_query("bank")
    """
    env = {
        **os.environ,
        "OPENAI_API_KEY": "sk-other",
        "OPENAI_API_BASE": "http://127.0.0.1:9/v1",
        "OPENAI_API_TYPE": "azure",
    }
    arguments = [openai_server.url, KEY, str(openai_settings.data)]
    subprocess.run([sys.executable, "-c", code, *arguments], env=env, check=True, timeout=60)
    assert openai_server.requests[0].headers["authorization"] == f"Bearer {KEY}"


def test_importing_costs_no_langchain() -> None:
    """The second that LangChain's import takes is spent at the first text."""
    code = "import sys, search.embedders.openai; sys.exit('openai' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def _base64(dimension: int) -> str:
    return base64.b64encode(vector_of("bank", dimension).tobytes()).decode()
