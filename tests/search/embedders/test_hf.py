"""Models of sentence-transformers, by their folder: no network is needed."""

from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from search.embedders.base import open_embedder
from search.embedders.weights import model_files
from search.errors import ModelFilesError, NotConfiguredError, UnknownNameError
from search.settings import Settings
from search.tokens import count_tokens, tokenize

TEXTS = ["bank", "The man bites the dog", "naïve café 🏦 日本語", "x" * 500, "word " * 400]


@pytest.fixture
def spec() -> str:
    """The default model's own folder."""
    pytest.importorskip("sentence_transformers", reason="the extra hf, with torch, is not installed")
    return f"hf:{model_files().weights.parent}"


def test_the_default_models_folder_gives_the_local_vectors(spec: str, settings: Settings) -> None:
    """The same weights are the same space, by torch and by our own graph."""
    theirs, ours = open_embedder(spec, settings), open_embedder("local", settings)
    cosines = np.sum(theirs.embed_documents(TEXTS) * ours.embed_documents(TEXTS), axis=1)
    assert cosines.min() > 0.99999
    assert (theirs.dimension, theirs.max_tokens) == (ours.dimension, ours.max_tokens)
    assert [theirs.count_tokens(text) for text in TEXTS] == [ours.count_tokens(text) for text in TEXTS]


def test_its_tokens_are_shown(spec: str, settings: Settings) -> None:
    """By the model's own tokenizer, for the configured model alone: a client may not have a server load another."""
    configured = replace(settings, embedder=spec)
    assert [t.text for t in tokenize("riverbank", spec, configured).tokens] == ["[CLS]", "river", "bank", "[SEP]"]
    assert count_tokens("riverbank", spec, configured) == 4
    with pytest.raises(UnknownNameError):
        tokenize("riverbank", spec, settings)


def test_a_folder_without_a_model_is_told(spec: str, settings: Settings, tmp_path: Path) -> None:
    """In one line."""
    with pytest.raises(ModelFilesError) as caught:
        open_embedder(f"hf:{tmp_path}", settings).embed_query("bank")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["", "./nothing", "a/b/c", "../..//x", "name\n/x", "\0"])
def test_what_is_no_name_is_refused(name: str, settings: Settings) -> None:
    """Before torch is imported, and before anything is asked for."""
    with pytest.raises(UnknownNameError, match="choose one of a name on the hub"):
        open_embedder(f"hf:{name}", settings)


@pytest.mark.skipif(find_spec("sentence_transformers") is not None, reason="the extra hf is installed")
def test_without_the_extra_it_is_named(settings: Settings) -> None:
    """Whoever has not installed it learns how."""
    with pytest.raises(NotConfiguredError, match=r"pip install 'nearhood\[hf\]'"):
        open_embedder("hf:some/model", settings).embed_query("bank")
