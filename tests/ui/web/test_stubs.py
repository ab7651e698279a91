"""Gradio leaves no files beside what it imports."""

import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import ui.web.app  # noqa: F401 - imports Gradio as a server does

COMPONENT = "import gradio as gr\n\n\nclass Shouting(gr.Textbox):\n    EVENTS = ['change']\n"


def test_no_stub_is_written(tmp_path: Path) -> None:
    """Not even of a component that somebody makes."""
    source = tmp_path / "shouting.py"
    source.write_text(COMPONENT)
    spec = spec_from_file_location("shouting", source)
    assert spec is not None
    assert spec.loader is not None
    sys.modules["shouting"] = module = module_from_spec(spec)
    spec.loader.exec_module(module)
    del sys.modules["shouting"]
    assert [file.name for file in tmp_path.iterdir() if file.is_file()] == ["shouting.py"]
