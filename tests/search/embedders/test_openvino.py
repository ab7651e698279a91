"""The local model with fewer bits to a number."""

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from search.embedders.base import open_embedder
from search.errors import NotConfiguredError
from search.settings import Settings

LEAST = {"local:all-MiniLM-L6-v2@bf16": 0.9999, "local:all-MiniLM-L6-v2@int8": 0.998}
"""Cosine with the exact vector, by the model's name."""
installed = pytest.mark.skipif(find_spec("openvino") is None, reason="the extra fast, OpenVINO, is not installed")


@installed
@pytest.mark.parametrize("spec", LEAST)
def test_its_vectors_are_nearly_the_exact_ones(spec: str, settings: Settings) -> None:
    """Near enough to rank alike, and under an id of their own since they are not the same."""
    texts = [
        f"{word} number {i} of the river {'bank ' * i}" for i, word in enumerate(["cat", "dog", "tax", "rain"] * 10)
    ]
    fast, exact = open_embedder(spec, settings), open_embedder("local", settings)
    cosines = np.sum(fast.embed_documents(texts) * exact.embed_documents(texts), axis=1)
    assert cosines.min() > LEAST[spec]
    assert (fast.id, exact.id) == (spec, "local:all-MiniLM-L6-v2")


@installed
@pytest.mark.parametrize("spec", LEAST)
def test_threads_change_nothing(spec: str, settings: Settings) -> None:
    """A text has one vector, whatever it is embedded beside."""
    texts = [f"line {i} {'word ' * (i % 7)}" for i in range(300)]
    one, two = (open_embedder(spec, Settings(settings.data, settings.cache, threads=n)) for n in (1, 2))
    np.testing.assert_allclose(one.embed_documents(texts), two.embed_documents(texts), atol=1e-6)


@installed
def test_nothing_is_told_to_anybody(tmp_path: Path) -> None:
    """OpenVINO would send an event when it is imported, and write an identifier to the home folder."""
    code = (
        "import sys; from search.embedders.openvino import import_silently; import_silently()\n"
        "print([name for name in sys.modules if name.startswith('openvino_telemetry')])"
    )
    env = {**os.environ, "HOME": str(tmp_path), "CI": ""}
    done = subprocess.run(
        [sys.executable, "-c", code], env=env, check=True, capture_output=True, text=True, timeout=120
    )
    assert done.stdout == "[]\n"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(find_spec("openvino") is not None, reason="the extra fast is installed")
def test_without_the_extra_it_is_named(settings: Settings) -> None:
    """Whoever has not installed it learns how."""
    with pytest.raises(NotConfiguredError, match=r"pip install 'nearhood\[fast\]'"):
        open_embedder("local:all-MiniLM-L6-v2@bf16", settings).embed_query("bank")
