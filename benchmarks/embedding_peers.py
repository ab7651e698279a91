"""The same model by the ways that others take: what benchmarks/embedding.py measures beside ours."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias

import ctranslate2
import numpy as np
import onnxruntime
import torch
from chromadb.utils.embedding_functions import ONNXMiniLM_L6_V2
from numpy.typing import NDArray
from sentence_transformers import SentenceTransformer

from search.embedders.local import load_tokenizer
from search.embedders.openvino import import_silently
from search.embedders.weights import model_files
from search.types import Vectors

Embed: TypeAlias = Callable[[Sequence[str]], Any]
Ids: TypeAlias = NDArray[np.int64]

BATCH_TEXTS = 32
"""What sentence-transformers takes at once, unless it is told otherwise."""
MAX_TOKENS = 256
INPUTS = ("input_ids", "attention_mask", "token_type_ids")


def peers(folder: Path, threads: int) -> dict[str, Embed]:
    """Return texts to vectors by each peer.

    :param folder: For what they need as files.
    """
    model = SentenceTransformer(str(model_files().weights.parent), device="cpu")
    graph = export(model, folder)
    chroma = chroma_default(folder)
    return {
        "sentence-transformers": partial(model.encode, show_progress_bar=False, normalize_embeddings=True),
        "chroma": lambda texts: chroma(list(texts)),
        "onnxruntime": Padded(onnx(graph, threads)),
        "openvino": Padded(openvino(graph, threads, "f32")),
        "openvino bf16": Padded(openvino(graph, threads, "bf16")),
        "ctranslate2": Padded(ct2(folder, threads, "float32")),
        "ctranslate2 int8": Padded(ct2(folder, threads, "int8")),
    }


class Padded:
    """Texts sorted by length, in batches padded to the longest: what a good program does with such a library."""

    def __init__(self, states: Callable[[Ids, Ids], NDArray[np.float32]]) -> None:
        """:param states: Ids and mask (n, t) to the tokens' last states (n, t, d)."""
        self._states = states
        self._tokenizer = load_tokenizer()
        self._tokenizer.enable_truncation(MAX_TOKENS)

    def __call__(self, texts: Sequence[str]) -> Vectors:
        """Return unit rows."""
        tokens = [encoding.ids for encoding in self._tokenizer.encode_batch_fast(list(texts))]
        order = np.argsort([-len(ids) for ids in tokens], kind="stable")
        rows = np.empty((len(texts), 384), dtype=np.float32)
        for batch in np.split(order, range(BATCH_TEXTS, len(order), BATCH_TEXTS)):
            ids, mask = _padded([tokens[i] for i in batch])
            sums = np.einsum("ntd,nt->nd", self._states(ids, mask), mask.astype(np.float32))
            rows[batch] = sums / np.linalg.norm(sums, axis=1, keepdims=True)
        return rows


def _padded(tokens: Sequence[Sequence[int]]) -> tuple[Ids, Ids]:
    longest = max(map(len, tokens))
    ids = np.zeros((len(tokens), longest), dtype=np.int64)
    mask = np.zeros_like(ids)
    for row, some in enumerate(tokens):
        ids[row, : len(some)], mask[row, : len(some)] = some, 1
    return ids, mask


def onnx(graph: Path, threads: int) -> Callable[[Ids, Ids], NDArray[np.float32]]:
    """Return onnxruntime on the exported model, as it comes."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(str(graph), options, providers=["CPUExecutionProvider"])

    def states(ids: Ids, mask: Ids) -> NDArray[np.float32]:
        found: NDArray[np.float32] = session.run(None, dict(zip(INPUTS, (ids, mask, ids * 0), strict=True)))[0]
        return found

    return states


def openvino(graph: Path, threads: int, precision: str) -> Callable[[Ids, Ids], NDArray[np.float32]]:
    """Return OpenVINO on the exported model, as it comes."""
    core = import_silently().Core()
    options = {"INFERENCE_NUM_THREADS": threads, "INFERENCE_PRECISION_HINT": precision}
    request = core.compile_model(core.read_model(str(graph)), "CPU", options).create_infer_request()

    def states(ids: Ids, mask: Ids) -> NDArray[np.float32]:
        found: NDArray[np.float32] = request.infer(dict(zip(INPUTS, (ids, mask, ids * 0), strict=True)))[0]
        return found

    return states


def ct2(folder: Path, threads: int, precision: str) -> Callable[[Ids, Ids], NDArray[np.float32]]:
    """Return CTranslate2 on the converted model."""
    converted = folder / "ctranslate2"
    if not converted.is_dir():
        ctranslate2.converters.TransformersConverter(str(model_files().weights.parent)).convert(str(converted))
    encoder = ctranslate2.Encoder(str(converted), "cpu", compute_type=precision, intra_threads=threads)

    def states(ids: Ids, mask: Ids) -> NDArray[np.float32]:
        lengths = ctranslate2.StorageView.from_array(mask.sum(axis=1).astype(np.int32))
        of = encoder.forward_batch(ctranslate2.StorageView.from_array(ids.astype(np.int32)), lengths)
        return np.asarray(of.last_hidden_state)

    return states


def export(model: SentenceTransformer, folder: Path) -> Path:
    """Write the model as ONNX, the way that Chroma's download is made, and return the file."""
    files = folder / ONNXMiniLM_L6_V2.EXTRACTED_FOLDER_NAME
    files.mkdir()
    example = tuple(torch.ones(2, 8, dtype=torch.int64) for _ in INPUTS)
    axes = {name: {0: "n", 1: "t"} for name in [*INPUTS, "last_hidden_state"]}
    torch.onnx.export(
        _Tokens(model[0].auto_model.eval()),
        example,
        str(files / "model.onnx"),
        input_names=list(INPUTS),
        output_names=["last_hidden_state"],
        dynamic_axes=axes,
        dynamo=False,
    )
    return files / "model.onnx"


def chroma_default(folder: Path) -> Any:
    """Return Chroma's default function on the exported model, since its own download needs a network."""
    files = folder / ONNXMiniLM_L6_V2.EXTRACTED_FOLDER_NAME
    for name in ("config.json", "special_tokens_map.json", "tokenizer_config.json", "tokenizer.json", "vocab.txt"):
        (files / name).write_bytes((model_files().weights.parent / name).read_bytes())
    ONNXMiniLM_L6_V2.DOWNLOAD_PATH = folder
    return ONNXMiniLM_L6_V2(preferred_providers=["CPUExecutionProvider"])


class _Tokens(torch.nn.Module):  # type: ignore[misc] # torch is not installed where types are checked
    """The model as Chroma has it: each token's last state."""

    def __init__(self, model: torch.nn.Module) -> None:
        super().__init__()
        self.model = model

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor, token_type_ids: torch.Tensor) -> Any:
        states = self.model(input_ids=input_ids, attention_mask=attention_mask, token_type_ids=token_type_ids)
        return states.last_hidden_state


def lengths_of(texts: Sequence[str]) -> Iterator[int]:
    """Yield how many tokens the model sees of each text."""
    tokenizer = load_tokenizer()
    for text in texts:
        yield min(len(tokenizer.encode(text).ids), MAX_TOKENS)
