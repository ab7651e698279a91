"""Builds the ONNX graph of a BERT sentence encoder out of its weights.

The graph takes token ids of one common length (n, t) and no mask: texts are batched by equal length, so nothing
is padded. Mean pooling and the scaling to unit length are inside. Against sentence-transformers the cosine of the
same text is above 0.99999.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper, numpy_helper
from safetensors.numpy import load_file

from search.embedders.weights import EPSILON, HEADS, HIDDEN, LAYERS

Weights = Mapping[str, NDArray[Any]]

FUSED = "com.microsoft"


class _Graph:
    """Nodes and constants in the order of their making; an output bears its node's name."""

    def __init__(self, weights: Weights) -> None:
        self.weights = weights
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []

    def constant(self, name: str, values: NDArray[Any]) -> str:
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name

    def weight(self, name: str) -> str:
        return self.constant(name, self.weights[name])

    def node(self, kind: str, inputs: list[str], output: str, domain: str = "", **attributes: Any) -> str:  # noqa: ANN401
        self.nodes.append(helper.make_node(kind, inputs, [output], domain=domain, **attributes))
        return output

    def linear(self, x: str, name: str) -> str:
        inputs = [x, self.weight(f"{name}.weight"), self.weight(f"{name}.bias")]
        return self.node("Gemm", inputs, f"{name}.out", transB=1)

    def add_and_norm(self, x: str, skip: str, name: str) -> str:
        # onnxruntime's fused SkipLayerNormalization takes four times as long as these two.
        total = self.node("Add", [x, skip], f"{name}.in")
        inputs = [total, self.weight(f"{name}.weight"), self.weight(f"{name}.bias")]
        return self.node("LayerNormalization", inputs, f"{name}.out", axis=-1, epsilon=EPSILON)


def build(weights_file: Path) -> bytes:
    """Return the serialised graph: int32 `input_ids` (n, t) to float32 `embedding` (n, 384), unit rows."""
    graph = _Graph(load_file(weights_file))
    embedded = _embeddings(graph)
    shape = graph.node("Shape", [embedded], "shape")
    rows = graph.constant("rows", np.array([-1, HIDDEN], dtype=np.int64))
    # All but the attention works on one long list of tokens, (n * t, 384).
    x = graph.node("Reshape", [embedded, rows], "tokens")
    for layer in range(LAYERS):
        name = f"encoder.layer.{layer}"
        attended = graph.node("Reshape", [_attention(graph, x, shape, name), rows], f"{name}.attended")
        y = graph.linear(attended, f"{name}.attention.output.dense")
        x = graph.add_and_norm(y, x, f"{name}.attention.output.LayerNorm")
        y = graph.linear(x, f"{name}.intermediate.dense")
        y = graph.node("Gelu", [y], f"{name}.gelu", FUSED)
        x = graph.add_and_norm(graph.linear(y, f"{name}.output.dense"), x, f"{name}.output.LayerNorm")
    texts = graph.node("Reshape", [x, shape], "texts")
    mean = graph.node("ReduceMean", [texts], "mean", axes=[1], keepdims=0)
    graph.node("LpNormalization", [mean], "embedding", axis=-1, p=2)
    return bytes(_model(graph).SerializeToString())


def _embeddings(graph: _Graph) -> str:
    # Every text is of token type 0, so that row joins the positions.
    positions = graph.weights["embeddings.position_embeddings.weight"]
    positions = positions + graph.weights["embeddings.token_type_embeddings.weight"][0]
    words = graph.weight("embeddings.word_embeddings.weight")
    norm = [graph.weight(f"embeddings.LayerNorm.{part}") for part in ("weight", "bias")]
    inputs = ["input_ids", "", words, graph.constant("positions", positions), "", *norm]
    outputs = ["embedded", "embedded.mask"]
    kind = "EmbedLayerNormalization"
    graph.nodes.append(helper.make_node(kind, inputs, outputs, domain=FUSED, epsilon=EPSILON))
    return outputs[0]


def _attention(graph: _Graph, x: str, shape: str, layer: str) -> str:
    parts = []
    for part in ("query", "key", "value"):
        projected = graph.linear(x, f"{layer}.attention.self.{part}")
        parts.append(graph.node("Reshape", [projected, shape], f"{layer}.{part}"))
    return graph.node("MultiHeadAttention", parts, f"{layer}.context", FUSED, num_heads=HEADS)


def _model(graph: _Graph) -> onnx.ModelProto:
    ids = helper.make_tensor_value_info("input_ids", onnx.TensorProto.INT32, ["n", "t"])
    embedding = helper.make_tensor_value_info("embedding", onnx.TensorProto.FLOAT, ["n", HIDDEN])
    proto = helper.make_graph(graph.nodes, "sentence_encoder", [ids], [embedding], graph.constants)
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid(FUSED, 1)]
    return helper.make_model(proto, opset_imports=opsets, ir_version=8)
