"""Models that sentence-transformers loads: from a folder, or from the Hugging Face hub."""

import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from threading import Lock
from typing import Any

from search.errors import ModelFilesError, NotConfiguredError, UnknownNameError

_ON_THE_HUB = re.compile(r"[A-Za-z0-9][\w.-]{0,95}/[A-Za-z0-9][\w.-]{0,95}")
_SECONDS = 10.0
"""For the hub's first answer."""
_KNOWN = ["a name on the hub such as BAAI/bge-small-en-v1.5", "the path of a folder"]


@dataclass(frozen=True, slots=True)
class ModelName:
    """A model by its name."""

    text: str
    """On the hub, or a folder's absolute path."""
    is_folder: bool

    @classmethod
    def parse(cls, text: str) -> "ModelName":
        """Read a name; nothing is looked up beyond this machine.

        :raises UnknownNameError: For what is neither a folder nor could be a name on the hub.
        """
        try:
            path = Path(text).expanduser()
            if text and path.is_dir():
                return cls(str(path.resolve()), is_folder=True)
        except (OSError, RuntimeError, ValueError):
            pass  # no path, or one that cannot be read
        if not _ON_THE_HUB.fullmatch(text):
            raise UnknownNameError("model", text, _KNOWN)
        return cls(text, is_folder=False)


def load(kind: str, name: ModelName, threads: int) -> Any:  # noqa: ANN401 - torch is not installed where types are checked
    """Return a loaded model, on a GPU where there is one. What was fetched before is not asked for again.

    :param kind: A class of sentence-transformers, such as `CrossEncoder`.
    :param threads: Of the processor, where it computes.
    :raises NotConfiguredError: When the extra is not installed.
    :raises ModelFilesError: When there is no such model, or it cannot be read.
    """
    # Read when it is imported.
    os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
    try:
        import huggingface_hub  # noqa: PLC0415
        import sentence_transformers  # noqa: PLC0415 - brings torch, which takes seconds
        import torch  # noqa: PLC0415
        import transformers  # noqa: PLC0415
    except ImportError as error:
        raise NotConfiguredError(f"the model {name.text} needs torch: run pip install 'nearhood[hf]'") from error
    transformers.utils.logging.disable_progress_bar()
    torch.set_num_threads(threads)
    # Code that a model brings along is not run: that is what the library does unless it is told otherwise.
    start = partial(getattr(sentence_transformers, kind), name.text)
    try:
        return start(local_files_only=True).eval()
    except Exception as error:  # noqa: BLE001 - these libraries' errors share no base
        failed: Exception = error
    if not name.is_folder:
        try:
            # Asked first, since the library would try an unreachable hub for more than a minute.
            huggingface_hub.HfApi().model_info(name.text, timeout=_SECONDS)
            return start().eval()
        except Exception as error:  # noqa: BLE001
            failed = error
    raise ModelFilesError(f"the model {name.text} cannot be loaded: {_line(failed)}") from failed


class OnDemand:
    """A model that is loaded when it is first needed, once, whoever else needs it meanwhile."""

    def __init__(self, load: Callable[[], Any]) -> None:
        self._load = load
        self._loading = Lock()

    @property
    def model(self) -> Any:  # noqa: ANN401 - sentence-transformers is not installed where types are checked
        """The loaded model."""
        with self._loading:
            return self._loaded

    @cached_property
    def _loaded(self) -> Any:  # noqa: ANN401
        return self._load()


def _line(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__
