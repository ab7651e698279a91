"""Tokens as the models see them."""

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, replace
from importlib.metadata import files
from pathlib import Path
from socket import create_server

import pytest
import tiktoken
from hypothesis import given
from hypothesis import strategies as st

from search.embedders.base import open_embedder
from search.errors import InvalidInputError, UnknownNameError
from search.settings import Settings
from search.tokens import WINDOW, count_tokens, tokenize, truncate

LARGE = "text-embedding-3-large"
CL100K = "9b5ad71b2ce5302211f9c61530b329a4922fc6a4"
ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"]))
SETTINGS = Settings(data=Path("unused"), cache=Path("unused"))
"""For properties, which cannot use a fixture of one test."""


def ids(text: str, model: str, settings: Settings) -> list[int]:
    """Return the bare ids."""
    return [token.id for token in tokenize(text, model, settings).tokens]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Hello world", [9906, 1917]),
        ("hello world", [15339, 1917]),
        ("hello world 67", [15339, 1917, 220, 3080]),
        ("", []),
    ],
)
def test_the_tokens_of_the_lecture(settings: Settings, text: str, expected: list[int]) -> None:
    """Capitals and numbers make other tokens."""
    assert ids(text, LARGE, settings) == expected
    assert count_tokens(text, LARGE, settings) == len(expected)


def test_a_result_says_all_about_itself(settings: Settings) -> None:
    """As a dictionary it is what `nearhood tokens --json` prints."""
    assert asdict(tokenize("hello world", LARGE, settings)) == {
        "model": LARGE,
        "encoding": "cl100k_base",
        "vocabulary": 100_277,
        "count": 2,
        "tokens": ({"id": 15339, "text": "hello"}, {"id": 1917, "text": " world"}),
    }


def test_the_local_model_frames_a_text(settings: Settings) -> None:
    """Its own two tokens are shown by name; the others as the text has them."""
    found = tokenize("Hello tokenization, naïve 🏦!", "local", settings)
    assert (found.model, found.encoding, found.vocabulary) == ("all-MiniLM-L6-v2", "WordPiece", 30_522)
    texts = [token.text for token in found.tokens]
    assert texts == ["[CLS]", "Hello", "token", "ization", ",", "naïve", "🏦", "!", "[SEP]"]
    assert found.tokens[0].id == 101
    assert found.count == 9


@pytest.mark.parametrize(
    ("model", "name"),
    [
        ("local", "all-MiniLM-L6-v2"),
        ("local:all-MiniLM-L6-v2", "all-MiniLM-L6-v2"),
        ("all-MiniLM-L6-v2", "all-MiniLM-L6-v2"),
        ("openai", "text-embedding-3-small"),
        ("openai:text-embedding-3-large@256", LARGE),
        ("gpt-4o-mini", "gpt-4o-mini"),
    ],
)
def test_models_go_by_several_names(settings: Settings, model: str, name: str) -> None:
    """An embedder's name and its id will do, and so will the bare model."""
    assert tokenize("bank", model, settings).model == name


@pytest.mark.parametrize("spec", ["local", "openai"])
def test_an_embedder_counts_the_same(settings: Settings, spec: str) -> None:
    """Counts shown and counts used are one."""
    embedder, text = open_embedder(spec, settings), "The man bites the dog 🏦"
    assert embedder.count_tokens(text) == tokenize(text, spec, settings).count
    assert tokenize(text, embedder.id, settings) == tokenize(text, spec, settings)


@pytest.mark.parametrize("model", ["nothing", "", "local:nothing", "openai:nomic-embed-text@768", "gpt2"])
def test_an_unknown_model_is_refused(settings: Settings, model: str) -> None:
    """The message lists the models that are known."""
    with pytest.raises(UnknownNameError, match=r"all-MiniLM-L6-v2.*text-embedding-3-small"):
        tokenize("bank", model, settings)


def test_a_part_of_a_character_is_shown_as_bytes(settings: Settings) -> None:
    """An emoji that is split over tokens does not fail."""
    texts = [token.text for token in tokenize("🫠", LARGE, settings).tokens]
    assert len(texts) > 1
    assert all(text.startswith("\\x") for text in texts)


@pytest.mark.parametrize("model", [LARGE, "gpt-4o"])
def test_special_tokens_are_ordinary_text(settings: Settings, model: str) -> None:
    """A note may quote `<|endoftext|>`."""
    found = tokenize("<|endoftext|>", model, settings)
    assert found.count > 3
    assert "".join(token.text for token in found.tokens) == "<|endoftext|>"


@pytest.mark.parametrize("model", ["local", LARGE])
def test_half_a_character_is_refused(settings: Settings, model: str) -> None:
    """A lone surrogate has no tokens."""
    for function in (tokenize, count_tokens):
        with pytest.raises(InvalidInputError, match=r"U\+D800"):
            function("a\ud800", model, settings)


@pytest.mark.parametrize("model", [LARGE, "gpt-4o"])
@pytest.mark.parametrize("text", ["a" * 10**6, " " * 10**6 + "a", "\t" * 10**6 + "a", "中" * 10**6, "!" * 10**6])
def test_a_million_of_one_character_is_counted_soon(settings: Settings, model: str, text: str) -> None:
    """Neither tiktoken's panic on white space nor a quadratic search is met."""
    count_tokens("warm", model, settings)
    start = time.process_time()
    assert 0 < count_tokens(text, model, settings) <= len(text) + 3
    assert time.process_time() - start < 3


def test_windows_change_no_token(settings: Settings) -> None:
    """A text longer than a window has the tokens that tiktoken gives it in one piece."""
    text = "The man's dog, chased 12345 times —  naïve 🏦\n\n" * (3 * WINDOW // 40)
    count_tokens("warm", LARGE, settings)
    whole = tiktoken.get_encoding("cl100k_base").encode_ordinary(text)
    assert ids(text, LARGE, settings) == whole


@given(ANY_TEXT)
def test_ids_are_tiktokens(text: str) -> None:
    """Any text has the ids that tiktoken gives it."""
    count_tokens("warm", LARGE, SETTINGS)
    assert ids(text, LARGE, SETTINGS) == tiktoken.get_encoding("cl100k_base").encode_ordinary(text)


@pytest.mark.parametrize("model", ["local", LARGE, "gpt-4o"])
@given(text=ANY_TEXT, limit=st.integers(0, 40))
def test_a_cut_text_fits(model: str, text: str, limit: int) -> None:
    """It starts the text, has no more tokens than asked for, and is whole when the text fits."""
    cut = truncate(text, model, limit, SETTINGS)
    frame = count_tokens("", model, SETTINGS)
    assert text.startswith(cut)
    assert count_tokens(cut, model, SETTINGS) <= max(limit, frame)
    assert (cut == text) or count_tokens(text, model, SETTINGS) > limit


def test_a_cut_is_as_long_as_can_be(settings: Settings) -> None:
    """Words that are a token each are cut after exactly as many."""
    text = "bank " * 100
    assert truncate(text, "local", 12, settings).split() == ["bank"] * 10
    assert truncate("bank" + " bank" * 100, LARGE, 10, settings).split() == ["bank"] * 10


def test_a_table_of_ones_own_is_used(settings: Settings, tmp_path: Path) -> None:
    """TIKTOKEN_CACHE_DIR comes first, and nothing is written to it when it has the table."""
    (tmp_path / CL100K).write_bytes(packaged_table())
    count = count_tokens("hello world", LARGE, replace(settings, tiktoken_cache=tmp_path))
    assert count == 2
    assert [path.name for path in tmp_path.iterdir()] == [CL100K]


def test_the_environment_is_left_as_it_was(settings: Settings) -> None:
    """tiktoken reads its folder from the environment, which is restored."""
    before = os.environ.get("TIKTOKEN_CACHE_DIR")
    count_tokens("hello", "gpt-4o", replace(settings, timeout=59.0))
    assert os.environ.get("TIKTOKEN_CACHE_DIR") == before


@pytest.fixture
def silent_proxy() -> Iterator[str]:
    """The address of a proxy that takes connections and says nothing."""
    with create_server(("127.0.0.1", 0)) as listener:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


FETCH = """if True:
    import sys
    from pathlib import Path
    from search.errors import NearhoodError
    from search.settings import Settings
    from search.tokens import count_tokens
    folder = Path(sys.argv[1])
    try:
        print(count_tokens("bank", "text-embedding-3-large", Settings(folder, folder, timeout=0.3)))
    except NearhoodError as error:
        print(error)
"""


def test_a_table_that_cannot_be_had_is_told_soon(
    run_without: Callable[..., str], tmp_path: Path, silent_proxy: str
) -> None:
    """No network, or one that hangs: one line that says what to do, within seconds."""
    for proxy in (silent_proxy, "http://127.0.0.1:9"):
        environ = {"HTTPS_PROXY": proxy, "https_proxy": proxy, "NO_PROXY": "", "no_proxy": ""}
        start = time.monotonic()
        (line,) = run_without("llama_index_core", FETCH, str(tmp_path), **environ).splitlines()
        assert "connect to the network once, set TIKTOKEN_CACHE_DIR" in line
        assert time.monotonic() - start < 10


def test_a_torn_table_is_not_believed(settings: Settings, tmp_path: Path) -> None:
    """A table of another content is passed over."""
    (tmp_path / CL100K).write_bytes(packaged_table()[:1000])
    assert count_tokens("hello world", LARGE, replace(settings, tiktoken_cache=tmp_path)) == 2


def packaged_table() -> bytes:
    """Return the table that comes with llama-index-core."""
    listed = files("llama-index-core") or []
    return next(Path(str(file.locate())) for file in listed if file.name == CL100K).read_bytes()
