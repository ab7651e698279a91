"""The model's bare matrix products: no implementation of that precision can pass their rate."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import product
from typing import Any

import numpy as np
import onnx
import onnxruntime
import torch
from onnx import helper, numpy_helper

from search.embedders.weights import HIDDEN, LAYERS

INNER = 1536
ROWS = 512
SHAPES = [(HIDDEN, HIDDEN)] * 4 + [(HIDDEN, INNER), (INNER, HIDDEN)]
"""Of one layer's weights."""


def by_onnxruntime(tokens: int, threads: int) -> Callable[[], object]:
    """Return float32 products for so many tokens as a function without arguments."""
    session = _session()
    x = np.random.default_rng(0).random((ROWS, HIDDEN), dtype=np.float32)
    count = max(1, round(tokens / ROWS))

    def run(_: int) -> None:
        session.run(None, {"x": x})

    def all_of_them() -> None:
        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(run, range(count)))

    return all_of_them


def by_torch(tokens: int, precision: Any) -> Callable[[], object]:
    """Return products for so many tokens in one of torch's precisions, as a function without arguments."""
    pairs = [(torch.rand(ROWS, a).to(precision), torch.rand(b, a).to(precision)) for a, b in SHAPES]

    def run() -> None:
        with torch.inference_mode():
            for _, __, (x, weight) in product(range(max(1, round(tokens / ROWS))), range(LAYERS), pairs):
                torch.nn.functional.linear(x, weight)

    return run


def _session() -> Any:
    # Each product reads what the one before gave, except that the four square ones stand beside each other.
    random = np.random.default_rng(0)
    nodes, constants, x = [], [], "x"
    for layer, (place, (a, b)) in product(range(LAYERS), enumerate(SHAPES)):
        name = f"{layer}.{place}"
        weight = random.standard_normal((b, a), dtype=np.float32) / np.sqrt(a, dtype=np.float32)
        constants.append(numpy_helper.from_array(weight, name))
        nodes.append(helper.make_node("Gemm", [x, name], [f"{name}.out"], transB=1))
        x = f"{name}.out"
    ends = [helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, [ROWS, HIDDEN]) for name in ("x", x)]
    graph = helper.make_graph(nodes, "products", ends[:1], ends[1:], constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
