"""The imports keep their direction, and each outside library its seam."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("search", "ingest", "ui")
ALLOWED = {"search": {"search"}, "ingest": {"ingest", "search"}, "ui": {"ui", "ingest", "search"}}
SEAMS = {
    "Stemmer": {"search/retrieve/lexical.py"},
    "bm25s": {"search/retrieve/lexical.py"},
    "charset_normalizer": {"ingest/encoding.py"},
    "chromadb": {"search/store/index.py", "search/store/client.py"},
    "docx": {"ingest/readers/docx.py"},
    "fastapi": {
        "ui/api",
        "ui/downloads.py",
        "ui/mcp_route.py",
        "ui/openai_api.py",
        "ui/security.py",
        "ui/serve.py",
        "ui/told.py",
        "ui/uploads.py",
        "ui/web/",
    },
    "gradio": {"ui/web/", "ui/serve.py"},
    "huggingface_hub": {"search/embedders/weights.py", "search/hub.py"},
    "ir_measures": {"search/evaluate/metrics.py"},
    "langchain_core": {"search/chat/"},
    "langchain_openai": {"search/embedders/openai.py", "search/chat/openai.py"},
    "langsmith": {"search/chat/untraced.py"},
    "lxml": {"ingest/readers/html.py", "ingest/readers/epub.py"},
    "mcp": {"ui/mcp.py"},
    "mcp_types": {"ui/mcp.py"},
    "markdown_it": {"ingest/readers/outline.py"},
    "matplotlib": {"search/latent/export/figure.py"},
    "onnx": {"search/embedders/graph.py"},
    "onnxruntime": {"search/embedders/fp32.py"},
    "openTSNE": {"search/latent/projections.py"},
    "openvino": {"search/embedders/openvino.py"},
    "openpyxl": {"ingest/readers/excel.py"},
    "pathspec": {"ingest/walk.py"},
    "platformdirs": {"search/settings.py"},
    "prometheus_client": {"ui/metrics.py"},
    "pyarrow": {"ingest/readers/parquet.py", "search/store/parquet.py", "search/latent/export/table.py"},
    "pypdf": {"ingest/readers/pdf.py"},
    "ray": {"ingest/engines/ray.py"},
    "safetensors": {"search/embedders/graph.py", "search/embedders/openvino.py"},
    "sentence_transformers": {"search/hub.py"},
    "semantic_text_splitter": {"ingest/splitter.py"},
    "sklearn": {"search/evaluate/refusal.py", "search/latent/", "search/words/clusters.py"},
    "sqlite3": {"search/store/database.py"},
    "tiktoken": {"search/tokens.py"},
    "threadpoolctl": {"search/latent/threads.py", "ui/serve.py"},
    "torch": {"search/hub.py"},
    "tqdm": {"ui/text.py", "ui/mapping.py"},
    "transformers": {"search/hub.py"},
    "umap": {"search/latent/projections.py"},
    "uvicorn": {"ui/serve.py", "ui/connections.py"},
    "watchfiles": {"ingest/watch.py"},
    "yaml": {"ingest/readers/frontmatter.py"},
}


def _modules(package: str) -> list[Path]:
    return sorted((ROOT / package).rglob("*.py"))


def _imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} imports relatively"
            yield str(node.module)


@pytest.mark.parametrize("package", PACKAGES)
def test_arrows_go_one_way(package: str) -> None:
    """`ui` may import `ingest` and `search`, `ingest` may import `search`, and nothing points back."""
    ours = {(p, name) for p in _modules(package) for name in _imports(p) if name.split(".")[0] in PACKAGES}
    wrong = [(str(p), name) for p, name in ours if name.split(".")[0] not in ALLOWED[package]]
    assert ours
    assert wrong == []


@pytest.mark.parametrize("library", SEAMS)
def test_outside_libraries_have_one_seam(library: str) -> None:
    """An outside library is imported by the files named here alone."""
    users = {
        p.relative_to(ROOT).as_posix()
        for package in PACKAGES
        for p in _modules(package)
        if library in {name.split(".")[0] for name in _imports(p)}
    }
    assert {user for user in users if not user.startswith(tuple(SEAMS[library]))} == set()


def test_there_are_no_catch_all_modules() -> None:
    """Names say what is inside."""
    names = {p.stem for package in PACKAGES for p in _modules(package)}
    assert not names & {"utils", "helpers", "common", "misc", "manager"}
