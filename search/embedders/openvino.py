"""The local model on OpenVINO with fewer bits to a number: the extra `fast`.

Ranks hardly change, but vectors are not the same to the last digit, and so have ids of their own.
"""

import sys
from collections.abc import Mapping
from pathlib import Path
from queue import LifoQueue
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file

from search.embedders import fp32
from search.embedders.engine import Engine
from search.embedders.weights import EPSILON, HEADS, HIDDEN, LAYERS, verify
from search.errors import ModelFilesError, NotConfiguredError
from search.settings import Settings
from search.types import Vectors

Weights = Mapping[str, NDArray[Any]]

GROUP = 32
"""Numbers of a token that share a scale in int8: more of them are less exact, and no faster."""


def start_bf16(weights: Path, settings: Settings) -> Engine:
    """Return the model in bfloat16, twice as fast: 8 bits in place of 24, cosines off by some 0.00001.

    On a processor that does not multiply bfloat16 it computes in float32, which is nearest to it.

    :raises NotConfiguredError: When the extra is not installed.
    :raises ModelFilesError: When the weights cannot be read.
    """
    openvino = import_silently()
    if "BF16" not in openvino.Core().get_property("CPU", "OPTIMIZATION_CAPABILITIES"):
        return fp32.start(weights, settings)
    return _started(_Graph(openvino, _read(weights)), {"INFERENCE_PRECISION_HINT": "bf16"}, settings)


def start_int8(weights: Path, settings: Settings) -> Engine:
    """Return the model with products of whole numbers, for processors without bfloat16: cosines off by some 0.001.

    :raises NotConfiguredError: When the extra is not installed.
    :raises ModelFilesError: When the weights cannot be read.
    """
    options = {"INFERENCE_PRECISION_HINT": "f32", "DYNAMIC_QUANTIZATION_GROUP_SIZE": GROUP}
    return _started(_Int8Graph(import_silently(), _read(weights)), options, settings)


def _read(weights: Path) -> Weights:
    verify(weights)
    try:
        read: Weights = load_file(weights)
    except (OSError, ValueError) as error:
        raise ModelFilesError(f"{weights} cannot be read as the model's weights: {error}") from error
    return read


def _started(graph: "_Graph", options: Mapping[str, object], settings: Settings) -> Engine:
    # A thread for each batch scales better than threads within one.
    threads = {"NUM_STREAMS": settings.threads, "INFERENCE_NUM_THREADS": settings.threads, "ENABLE_CPU_PINNING": False}
    return _Requests(graph.compiled({**threads, **options}), settings.threads)


def import_silently() -> Any:  # noqa: ANN401 - an extra, which is not installed everywhere
    """Return OpenVINO, kept from telling anybody of it.

    :raises NotConfiguredError: When it is not installed.
    """
    # Where it finds this package, it sends an event when it is imported, and writes an identifier to the home folder.
    telemetry = "openvino_telemetry"
    silenced = sys.modules.setdefault(telemetry, None) is None  # type: ignore[arg-type] # None stands for "not there"
    try:
        import openvino  # noqa: PLC0415 - an extra
        import openvino.opset13  # noqa: PLC0415
    except ImportError as error:
        raise NotConfiguredError("the fast local models need OpenVINO: run pip install 'nearhood[fast]'") from error
    finally:
        if silenced:
            del sys.modules[telemetry]
    return openvino


class _Requests:
    """A compiled model; each of its requests computes one batch at a time."""

    def __init__(self, compiled: Any, count: int) -> None:  # noqa: ANN401
        self._free: LifoQueue[Any] = LifoQueue()
        for _ in range(count):
            self._free.put(compiled.create_infer_request())

    def __call__(self, ids: NDArray[np.int32]) -> Vectors:
        request = self._free.get()
        try:
            rows: Vectors = request.infer([ids])[0]
        finally:
            self._free.put(request)
        return rows


class _Graph:
    """The graph of `graph.py` in OpenVINO's own operators, which it fuses by itself."""

    def __init__(self, openvino: Any, weights: Weights) -> None:  # noqa: ANN401
        self._openvino, self._op, self._weights = openvino, openvino.opset13, weights

    def compiled(self, options: Mapping[str, object]) -> Any:  # noqa: ANN401
        """Return the model, ready to run: int32 ids (n, t) to unit rows (n, 384)."""
        return self._openvino.Core().compile_model(self._built(), "CPU", dict(options))

    def _built(self) -> Any:  # noqa: ANN401
        op = self._op
        ids = op.parameter([-1, -1], np.int32, name="input_ids")
        x = self._norm(self._embedded(ids), "embeddings.LayerNorm")
        for layer in range(LAYERS):
            name = f"encoder.layer.{layer}"
            y = self._linear(self._attended(x, name), f"{name}.attention.output.dense")
            x = self._norm(op.add(y, x), f"{name}.attention.output.LayerNorm")
            y = op.gelu(self._linear(x, f"{name}.intermediate.dense"), "erf")
            x = self._norm(op.add(self._linear(y, f"{name}.output.dense"), x), f"{name}.output.LayerNorm")
        mean = op.reduce_mean(x, self._integers(1), keep_dims=False)
        unit = op.normalize_l2(mean, self._integers(1), EPSILON, "max")
        return self._openvino.Model([unit], [ids], "sentence_encoder")

    def _weight(self, name: str) -> Any:  # noqa: ANN401
        return self._op.constant(np.ascontiguousarray(self._weights[name]))

    def _matrix(self, name: str) -> Any:  # noqa: ANN401
        return self._weight(name)

    def _integers(self, *values: int) -> Any:  # noqa: ANN401
        return self._op.constant(np.array(values, dtype=np.int64))

    def _embedded(self, ids: Any) -> Any:  # noqa: ANN401
        op = self._op
        words = op.gather(self._weight("embeddings.word_embeddings.weight"), ids, self._integers(0))
        # Every text is of token type 0, so that row joins the positions.
        positions = self._weights["embeddings.position_embeddings.weight"]
        positions = positions + self._weights["embeddings.token_type_embeddings.weight"][0]
        length = op.gather(op.shape_of(ids), self._integers(1), self._integers(0))
        first = op.slice(op.constant(positions), self._integers(0), length, self._integers(1), self._integers(0))
        return op.add(words, first)

    def _norm(self, x: Any, name: str) -> Any:  # noqa: ANN401
        op = self._op
        scaled = op.mvn(x, self._integers(-1), normalize_variance=True, eps=EPSILON, eps_mode="INSIDE_SQRT")
        return op.add(op.multiply(scaled, self._weight(f"{name}.weight")), self._weight(f"{name}.bias"))

    def _linear(self, x: Any, name: str) -> Any:  # noqa: ANN401
        op = self._op
        product = op.matmul(x, self._matrix(f"{name}.weight"), transpose_a=False, transpose_b=True)
        return op.add(product, self._weight(f"{name}.bias"))

    def _attended(self, x: Any, layer: str) -> Any:  # noqa: ANN401
        op, order = self._op, self._integers(0, 2, 1, 3)
        split = self._integers(0, 0, HEADS, HIDDEN // HEADS)
        heads = []
        for part in ("query", "key", "value"):
            projected = self._linear(x, f"{layer}.attention.self.{part}")
            heads.append(op.transpose(op.reshape(projected, split, special_zero=True), order))
        context = op.transpose(op.scaled_dot_product_attention(*heads), order)
        return op.reshape(context, self._integers(0, 0, HIDDEN), special_zero=True)


class _Int8Graph(_Graph):
    """The same with matrices of whole numbers; OpenVINO rounds what they are multiplied with, too."""

    def _matrix(self, name: str) -> Any:  # noqa: ANN401
        op, matrix = self._op, self._weights[name]
        scale = np.abs(matrix).max(axis=1, keepdims=True) / np.float32(127)
        whole = op.constant(np.round(matrix / scale).astype(np.int8))
        return op.multiply(op.convert(whole, "f32"), op.constant(scale))
