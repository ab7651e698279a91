"""What holds for every embedder of the registry."""

from dataclasses import replace
from importlib.util import find_spec

import numpy as np
import pytest

from search.embedders.base import Embedder, open_embedder
from search.embedders.weights import model_files
from search.errors import InvalidInputError, UnknownNameError
from search.registry import EMBEDDERS
from search.settings import Settings

SPECS = {
    "local": "local",
    "bf16": "local:all-MiniLM-L6-v2@bf16",
    "int8": "local:all-MiniLM-L6-v2@int8",
    "openai": "openai:text-embedding-3-small@64",
    "hf": f"hf:{model_files().weights.parent}",
}
NEEDS = {"bf16": ("openvino", "fast"), "int8": ("openvino", "fast"), "hf": ("sentence_transformers", "hf")}
"""The package, and the extra that brings it."""
TEXTS = [
    "bank",
    "The man bites the dog",
    "river",
    "naïve café 🏦 日本語",
    "bank",
    "x" * 500,
    "\x00\t.",
    "one two three",
]


@pytest.fixture(params=SPECS)
def embedder(request: pytest.FixtureRequest, openai_settings: Settings) -> Embedder:
    package, extra = NEEDS.get(request.param, ("", ""))
    if package and find_spec(package) is None:
        pytest.skip(f"the extra {extra} is not installed")
    return open_embedder(SPECS[request.param], openai_settings)


def test_every_kind_is_here() -> None:
    """A new row of the registry comes with a spec."""
    assert {spec.partition(":")[0] for spec in SPECS.values()} == set(EMBEDDERS.rows)


def test_an_id_opens_the_same_space(embedder: Embedder, openai_settings: Settings) -> None:
    """The id is itself a spec, so that a collection can name its embedder."""
    again = open_embedder(embedder.id, openai_settings)
    assert (again.id, again.dimension) == (embedder.id, embedder.dimension)


def test_an_id_has_no_secret(embedder: Embedder, openai_settings: Settings) -> None:
    """The id may be stored and shown."""
    assert str(openai_settings.openai_api_key) not in embedder.id
    assert str(openai_settings.openai_base_url) not in embedder.id


def test_rows_are_unit_float32(embedder: Embedder) -> None:
    """Each text gets a row of length one."""
    rows = embedder.embed_documents(TEXTS)
    assert rows.shape == (len(TEXTS), embedder.dimension)
    assert rows.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-6)


def test_a_batch_equals_its_singles(embedder: Embedder) -> None:
    """Order is kept, and neighbours in a batch change nothing."""
    singles = [embedder.embed_documents([text])[0] for text in TEXTS]
    np.testing.assert_allclose(embedder.embed_documents(TEXTS), singles, atol=1e-5)


def test_a_query_is_embedded_like_a_document(embedder: Embedder) -> None:
    """The same text as query and as document is the same point."""
    query = embedder.embed_query("river bank")
    assert query.shape == (embedder.dimension,)
    np.testing.assert_allclose(query, embedder.embed_documents(["river bank"])[0], atol=1e-6)


def test_no_texts_are_no_rows(embedder: Embedder) -> None:
    """An empty list is not an error."""
    rows = embedder.embed_documents([])
    assert rows.shape == (0, embedder.dimension)
    assert rows.dtype == np.float32


def test_any_sequence_will_do(embedder: Embedder) -> None:
    """Texts may come in a tuple."""
    np.testing.assert_array_equal(embedder.embed_documents(("a", "b")), embedder.embed_documents(["a", "b"]))


@pytest.mark.parametrize("text", ["", " ", "\n\t\u3000"])
def test_an_empty_text_is_refused(embedder: Embedder, text: str) -> None:
    """Nothing has no meaning."""
    with pytest.raises(InvalidInputError, match="empty text"):
        embedder.embed_documents(["bank", text])
    with pytest.raises(InvalidInputError, match="empty text"):
        embedder.embed_query(text)


def test_half_a_character_is_refused(embedder: Embedder) -> None:
    """A lone surrogate is told with its place, in one line."""
    with pytest.raises(InvalidInputError, match=r"\(U\+D83D\) at 4") as caught:
        embedder.embed_query("bank\ud83d")
    assert "\n" not in str(caught.value)
    with pytest.raises(InvalidInputError):
        embedder.count_tokens("\udfff")


def test_tokens_are_counted(embedder: Embedder) -> None:
    """A text has tokens, and a longer one has more."""
    short, long = embedder.count_tokens("bank"), embedder.count_tokens("bank " * 10_000)
    assert 0 < short < long
    assert long > embedder.max_tokens


def test_what_is_beyond_the_limit_is_not_seen(embedder: Embedder) -> None:
    """A long text is embedded as its beginning, without an error."""
    start = "the bank of the river " * embedder.max_tokens
    one, other = embedder.embed_documents([start, start + "and something else"])
    np.testing.assert_allclose(one, other, atol=1e-6)


def test_an_unknown_model_is_refused(embedder: Embedder, settings: Settings) -> None:
    """A model that the kind does not have is named, with those it has."""
    kind = embedder.id.partition(":")[0]
    with pytest.raises(UnknownNameError, match=r"'nothing'.* choose one of"):
        open_embedder(f"{kind}:nothing", replace(settings, openai_base_url=None))
