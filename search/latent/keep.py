"""Keeps maps beside their collection: numbers as NPZ, the rest as JSON."""

from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from search.latent.align import Moved
from search.latent.clusters import Merge
from search.latent.fitted import Cluster, Facts, Fitted, Wish
from search.latent.paired import read, remove, write
from search.latent.place import Calibration
from search.latent.trust import Trust

KEPT = 3
"""Versions that stay; older ones are removed when a new one comes."""


def versions(folder: Path) -> list[int]:
    """Return the versions of a collection's map, the oldest first."""
    return sorted(int(path.stem) for path in folder.glob("*.json") if path.stem.isdigit())


def save(folder: Path, fitted: Fitted) -> None:
    """Write a map, whole or not at all, over the same version where there is one.

    :raises DiskFullError: When there is no room for it.
    """
    facts = {"facts": asdict(fitted.facts), "ids": fitted.ids}
    write(folder, str(fitted.facts.version), fitted.arrays(), facts)
    for version in versions(folder)[:-KEPT]:
        remove(folder, str(version))


def latest(folder: Path) -> Fitted | None:
    """Return the newest version that is whole; None where there is none."""
    for version in reversed(versions(folder)):
        found = load(folder, version)
        if found is not None:
            return found
    return None


def load(folder: Path, version: int) -> Fitted | None:
    """Return a version; None when it is not there, or not whole."""
    found = read(folder, str(version))
    if found is None:
        return None
    kept, numbers = found
    try:
        return Fitted(facts=_facts(kept["facts"]), ids=tuple(kept["ids"]), **numbers)
    except (KeyError, TypeError):
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
