"""Keeps maps beside their collection: numbers as NPZ, the rest as JSON."""

import json
import zlib
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np

from search.files import whole
from search.latent.align import Moved
from search.latent.clusters import Merge
from search.latent.fitted import Cluster, Facts, Fitted, Wish
from search.latent.place import Calibration
from search.latent.trust import Trust

FORMAT = 1
KEPT = 3
"""Versions that stay; older ones are removed when a new one comes."""


def versions(folder: Path) -> list[int]:
    """Return the versions of a collection's map, the oldest first."""
    return sorted(int(path.stem) for path in folder.glob("*.json") if path.stem.isdigit())


def save(folder: Path, fitted: Fitted) -> None:
    """Write a map, whole or not at all, over the same version where there is one.

    :raises DiskFullError: When there is no room for it.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    name = str(fitted.facts.version)
    with whole(folder / f"{name}.npz") as part:
        with part.open("wb") as file:
            np.savez(file, allow_pickle=False, **fitted.arrays())
        check = zlib.crc32(part.read_bytes())
    facts = {"format": FORMAT, "check": check, "facts": asdict(fitted.facts), "ids": fitted.ids}
    # Last, since it is what makes the version one.
    with whole(folder / f"{name}.json") as part:
        part.write_text(json.dumps(facts, ensure_ascii=True), encoding="utf-8")
    for version in versions(folder)[:-KEPT]:
        (folder / f"{version}.json").unlink(missing_ok=True)
        (folder / f"{version}.npz").unlink(missing_ok=True)


def latest(folder: Path) -> Fitted | None:
    """Return the newest version that is whole; None where there is none."""
    for version in reversed(versions(folder)):
        found = load(folder, version)
        if found is not None:
            return found
    return None


def load(folder: Path, version: int) -> Fitted | None:
    """Return a version; None when it is not there, or not whole."""
    try:
        kept = json.loads((folder / f"{version}.json").read_text(encoding="utf-8"))
        numbers = folder / f"{version}.npz"
        if kept["format"] != FORMAT or kept["check"] != zlib.crc32(numbers.read_bytes()):
            return None
        with np.load(numbers, allow_pickle=False) as arrays:
            return Fitted(facts=_facts(kept["facts"]), ids=tuple(kept["ids"]), **dict(arrays.items()))
    except (OSError, ValueError, KeyError, TypeError, EOFError):
        return None


def _facts(kept: dict[str, Any]) -> Facts:
    calibration, moved = kept["calibration"], kept["moved"]
    return replace(
        Facts(**kept),
        wish=Wish(**kept["wish"]),
        trust=Trust(**kept["trust"]),
        calibration=calibration and Calibration(**{**calibration, **_tuples(calibration, "spreads", "errors")}),
        clusters=tuple(Cluster(**one) for one in kept["clusters"]),
        merges=tuple(Merge(**one) for one in kept["merges"]),
        moved=moved and Moved(**moved),
    )


def _tuples(values: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: tuple(values[name]) for name in names}
