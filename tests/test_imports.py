"""What a command imports before it knows what is asked of it."""

import subprocess
import sys

import pytest

HEAVY = ("chromadb", "fastapi", "gradio", "langchain_core", "matplotlib", "mcp", "onnxruntime", "sklearn", "umap")


@pytest.mark.parametrize("module", ["search.service", "ui.local", "ui.remote", "ui.cli"])
def test_nothing_heavy_comes_with_what_every_command_needs(module: str) -> None:
    """Each of these takes a second or more, which who does not need it shall not wait for."""
    code = f"import sys, {module}; print(*(name for name in {HEAVY!r} if name in sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.split() == []
