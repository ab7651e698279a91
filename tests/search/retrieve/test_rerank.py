"""Ranking anew by a model that reads query and passage together."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ingest.sync import ingest
from search.errors import EmbeddingError, UnknownNameError
from search.retrieve.find import Asked, find
from search.retrieve.known import Known
from search.retrieve.options import Options
from search.retrieve.rerank import CrossEncoder
from search.service import Service
from search.settings import Settings
from tests.process import Run

LINES = ["a cat", "a dog barks", "the cat and the dog and the cat", "rain", "cats sleep"]


class Longest:
    """Likes long passages."""

    id = "longest"

    def scores(self, _: str, texts: Sequence[str]) -> Any:
        return np.array([float(len(text)) for text in texts])


@pytest.fixture
def lines(tmp_path: Path) -> Path:
    file = tmp_path / "lines.txt"
    file.write_text("\n".join(LINES))
    return file


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    """A cross-encoder of one layer with weights drawn at random, made here."""
    pytest.importorskip("sentence_transformers", reason="the extra hf, with torch, is not installed")
    return _made(tmp_path / "tiny", labels=1)


def _made(folder: Path, labels: int) -> Path:
    import torch
    from transformers import BertConfig, BertForSequenceClassification, BertTokenizerFast

    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *sorted({w for line in LINES for w in line.split()})]
    folder.mkdir()
    (folder / "vocab.txt").write_text("\n".join(words))
    sizes = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 32}
    torch.manual_seed(0)
    config = BertConfig(vocab_size=len(words), num_labels=labels, initializer_range=1.0, **sizes)
    BertForSequenceClassification(config).save_pretrained(folder)
    BertTokenizerFast(vocab_file=str(folder / "vocab.txt")).save_pretrained(folder)
    return folder


def test_the_order_is_the_rerankers(settings: Settings, lines: Path) -> None:
    """Candidates beyond the k are read, too; similarities stay what they are, and scores say what the order goes by."""
    with Service(settings, "test") as service:
        ingest(service.store, service.embedder, "lines", [lines], "sentences")
        collection, vector = service.store.collection("lines"), service.embedder.embed_query("cat")
        asked = Asked("cat", "cat", vector, 2, Options())
        plain = find(collection, asked, Known(), lambda: service.embedder)
        found = find(collection, asked, Known(), lambda: service.embedder, reranker=Longest())
    assert [hit.text for hit in found.hits] == [LINES[2], LINES[1]]
    assert [hit.score for hit in found.hits] == [len(LINES[2]), len(LINES[1])]
    assert (plain.reranked_by, found.reranked_by) == (None, "longest")
    assert found.hits[0].similarity < plain.hits[0].similarity


def test_a_cross_encoder_reranks(settings: Settings, tiny: Path) -> None:
    """Its scores are those of its own library."""
    from sentence_transformers import CrossEncoder as Theirs

    scores = CrossEncoder(str(tiny), settings).scores("a cat", LINES)
    np.testing.assert_allclose(scores, Theirs(str(tiny)).predict([("a cat", line) for line in LINES]), atol=1e-6)
    assert len(set(scores.round(6))) > 1
    assert CrossEncoder(str(tiny), settings).scores("a cat", []).shape == (0,)


def test_the_command_reranks(run: Run, tiny: Path, lines: Path) -> None:
    """`--rerank` takes a folder; the answer names it, and its scores fall."""
    run("ingest", str(lines), "-c", "lines", "--as", "sentences")
    done = run("search", "a cat", "-c", "lines", "--rerank", str(tiny))
    assert done.returncode == 0, done.stderr
    assert f"reranked by {tiny}" in done.stdout


def test_a_classifier_is_refused(settings: Settings, tiny: Path, tmp_path: Path) -> None:
    """A model of several outcomes gives no order."""
    with pytest.raises(EmbeddingError, match="tells 3 classes apart"):
        CrossEncoder(str(_made(tmp_path / "three", labels=3)), settings).scores("a cat", LINES)


def test_an_unknown_reranker_is_refused(settings: Settings) -> None:
    """Before anything is loaded."""
    with pytest.raises(UnknownNameError, match="choose one of a name on the hub"):
        CrossEncoder("nothing", settings)
