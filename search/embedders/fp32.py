"""The local model on onnxruntime, exact to float32."""

import os
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from search.embedders.engine import Engine
from search.embedders.weights import MODEL, SHA256, verify
from search.errors import ModelFilesError, NearhoodError
from search.files import whole
from search.settings import Settings
from search.types import Vectors

GRAPH_REVISION = 2
"""Counts up with each change to the graph, so that an older cached one is not taken for it."""


def start(weights: Path, settings: Settings) -> Engine:
    """Return the model, ready to compute.

    :raises ModelFilesError: When the weights cannot be read.
    """
    session = _session(weights, settings.cache)

    def run(ids: NDArray[np.int32]) -> Vectors:
        rows: Vectors = session.run(None, {"input_ids": ids})[0]
        return rows

    return run


def _session(weights: Path, cache: Path) -> Any:  # noqa: ANN401 - onnxruntime has no types
    # Read when it is imported: without it, an identifier is written to the home folder, and events leave the machine.
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    import onnxruntime  # noqa: PLC0415 - only where something is embedded

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    options.intra_op_num_threads = 1

    def start(graph: str | bytes) -> Any:  # noqa: ANN401
        return onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])

    cached = cache / f"{MODEL}-{SHA256['model.safetensors'][:12]}-{GRAPH_REVISION}.onnx"
    if cached.is_file():
        try:
            return start(str(cached))
        except Exception:  # noqa: BLE001, S110 - onnxruntime's errors share no base; a torn file is built anew
            pass
    return start(_build(weights, cached))


def _build(weights: Path, cached: Path) -> bytes:
    """Build the graph and keep it; a folder that cannot be written only costs the same work next time."""
    from search.embedders.graph import build  # noqa: PLC0415 - once a machine

    verify(weights)
    try:
        graph = build(weights)
    except (OSError, KeyError, ValueError) as error:
        raise ModelFilesError(f"{weights} cannot be read as the model's weights: {error}") from error
    try:
        cached.parent.mkdir(parents=True, exist_ok=True)
        with whole(cached) as part:
            part.write_bytes(graph)
    except (OSError, NearhoodError):
        pass
    return graph
