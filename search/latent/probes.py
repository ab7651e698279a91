"""Where probes get their examples, and where they are kept: numbers as NPZ, the rest as JSON."""

import json
import re
import zlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path, PurePath
from typing import Any

import numpy as np
from numpy.typing import NDArray

from search.errors import InvalidInputError, NotFoundError
from search.files import whole
from search.latent.calibrate import Bin
from search.latent.labels import Embed
from search.latent.probe import Heard, Probe, fit, unheard, zero_shot
from search.latent.quality import Pull, Quality, Step
from search.latent.rows import passages, rows
from search.latent.trust import sample
from search.store.collection import Collection
from search.types import Passage

FORMAT = 1
FOLDER = "folder"
"""A field that every passage has: the folder of its source."""
OTHER = "other"
"""The outcome of those passages that were not chosen."""
_OTHERS, _TIMES = 1_000, 4
"""Of these so many are taken at most, or so many times the chosen ones."""
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_NUMBERS = ("weights", "bias")


@dataclass(frozen=True, slots=True)
class Examples:
    """What a probe is to be fitted to: one of these four."""

    field: str | None = None
    """A field of the passages' metadata; passages without it are left out."""
    texts: Sequence[tuple[str, str]] = ()
    """Texts with their outcomes, given by hand."""
    names: Sequence[str] = ()
    """Outcomes by their names alone."""
    ids: Sequence[str] = ()
    """Passages that have something in common, against others of the collection."""


def name_for(examples: Examples, name: str | None = None) -> str:
    """Return what a probe is called: as is wished, else as its field where that is a name, else `probe`.

    :raises InvalidInputError: For a wish that is no name.
    """
    return checked(name or (examples.field if examples.field and _NAME.fullmatch(examples.field) else "probe"))


def fit_probe(
    collection: Collection,
    embed: Embed,
    examples: Examples,
    name: str | None = None,
    seed: int = 0,
    heard: Heard = unheard,
) -> Probe:
    """Fit a probe and keep it beside its collection, in the place of one of the same name.

    :param name: By default the field's, else `probe`.
    :param heard: Called with how much is done, and of how much about; whatever it raises ends the work.
    :raises InvalidInputError: For a bad name, a field that no passage has, or too few examples.
    """
    name = name_for(examples, name)
    if examples.names:
        found = zero_shot(name, collection.embedder, examples.names, embed([_words(n) for n in examples.names]))
    elif examples.texts:
        texts, labels = zip(*examples.texts, strict=True)
        ids = [f"example {i}" for i in range(1, len(texts) + 1)]
        found = fit(name, collection.embedder, embed(texts), labels, ids, "examples", seed, heard)
    elif examples.ids:
        found = _of_passages(collection, examples.ids, name, seed, heard)
    else:
        found = _of_field(collection, examples.field or "", name, seed, heard)
    with collection.derived.writing() as is_wanted:
        if is_wanted:
            save(collection.derived.probes, found)
    return found


def values(read: dict[int, Passage], field: str) -> dict[int, str]:
    """Return the values of a field by the numbers of the passages that have it."""
    found = {n: str(p.metadata[field]) for n, p in read.items() if field in p.metadata}
    return found or ({n: PurePath(p.source).parent.name for n, p in read.items()} if field == FOLDER else {})


def checked(name: str) -> str:
    """Return a name that a file may have.

    :raises InvalidInputError: For any other.
    """
    if not _NAME.fullmatch(name):
        raise InvalidInputError(f"{name!r} cannot be a probe's name: take a-z, A-Z, 0-9, '.', '_' and '-'")
    return name


def names(folder: Path) -> list[str]:
    """Return the names of a collection's probes."""
    return sorted(path.stem for path in folder.glob("*.json"))


def save(folder: Path, probe: Probe) -> None:
    """Write a probe, whole or not at all.

    :raises DiskFullError: When there is no room for it.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with whole(folder / f"{probe.name}.npz") as part:
        with part.open("wb") as file:
            np.savez(file, weights=probe.weights, bias=probe.bias)
        check = zlib.crc32(part.read_bytes())
    kept = {key: value for key, value in asdict(probe).items() if key not in _NUMBERS}
    with whole(folder / f"{probe.name}.json") as part:
        part.write_text(json.dumps({"format": FORMAT, "check": check, "probe": kept}), encoding="utf-8")


def load(collection: Collection, name: str | None = None) -> Probe:
    """Return a probe of a collection.

    :param name: None for the only one that there is.
    :raises NotFoundError: When there is none of that name, or it is damaged.
    :raises InvalidInputError: When there are several, and none is named.
    """
    there = names(collection.derived.probes)
    if name is None and len(there) > 1:
        raise InvalidInputError(f"{collection.name!r} has {len(there)} probes, so name one: {', '.join(there)}")
    name = checked(name or (there[0] if there else "probe"))
    found = _read(collection.derived.probes, name)
    if found is None or found.embedder != collection.embedder:
        have = f"there are: {', '.join(there)}" if there else "there is none yet"
        raise NotFoundError(f"no probe {name!r} ({have}): run nearhood probe fit -c {collection.name}")
    return found


def drop(collection: Collection, name: str) -> None:
    """Remove a probe.

    :raises NotFoundError: When there is none of that name.
    """
    load(collection, name)
    (collection.derived.probes / f"{name}.json").unlink()
    (collection.derived.probes / f"{name}.npz").unlink(missing_ok=True)


def said(probe: Probe, vectors: NDArray[np.float32]) -> list[str]:
    """Return the most probable outcome of each unit row."""
    return [probe.outcomes[i] for i in probe.logits(vectors).argmax(axis=1).tolist()]


def _of_field(collection: Collection, field: str, name: str, seed: int, heard: Heard) -> Probe:
    every = rows(collection)
    read = passages(collection, every.numbers)
    labelled = values(read, field)
    if not labelled:
        raise InvalidInputError(
            f"no passage of {collection.name!r} has the field {field!r}: see nearhood search --json"
        )
    places = np.array([i for i, n in enumerate(every.numbers.tolist()) if n in labelled], dtype=np.int64)
    some = every.some(places)
    labels = [labelled[n] for n in some.numbers.tolist()]
    sources = [read[n].source for n in some.numbers.tolist()]
    return fit(name, collection.embedder, some.vectors, labels, some.ids, field, seed, heard, sources)


def _of_passages(collection: Collection, ids: Sequence[str], name: str, seed: int, heard: Heard) -> Probe:
    every = rows(collection)
    chosen = np.isin(np.array(every.ids), np.array(list(ids)))
    others = np.flatnonzero(~chosen)
    # Of a large collection, a sample of the others says as much, in seconds.
    others = others[sample(len(others), max(_OTHERS, _TIMES * int(chosen.sum())), seed)]
    places = np.sort(np.concatenate([np.flatnonzero(chosen), others]))
    some = every.some(places)
    labels = [name if is_chosen else OTHER for is_chosen in chosen[places].tolist()]
    read = passages(collection, some.numbers)
    sources = [read[n].source if n in read else "" for n in some.numbers.tolist()]
    return fit(name, collection.embedder, some.vectors, labels, some.ids, "chosen passages", seed, heard, sources)


def _words(name: str) -> str:
    return " ".join(name.replace("_", " ").split())


def _read(folder: Path, name: str) -> Probe | None:
    try:
        kept = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
        numbers = folder / f"{name}.npz"
        if kept["format"] != FORMAT or kept["check"] != zlib.crc32(numbers.read_bytes()):
            return None
        with np.load(numbers, allow_pickle=False) as arrays:
            return _probe(kept["probe"], dict(arrays.items()))
    except (OSError, ValueError, KeyError, TypeError, EOFError):
        return None


def _probe(kept: dict[str, Any], arrays: dict[str, NDArray[np.float32]]) -> Probe:
    quality = kept["quality"]
    if quality is not None:
        pulls = tuple(Pull(p["outcome"], tuple(p["towards"]), tuple(p["away"])) for p in quality["pulls"])
        bins = tuple(Bin(**one) for one in quality["reliability"])
        curve = tuple(Step(**one) for one in quality["curve"])
        quality = Quality(**{**quality, "reliability": bins, "curve": curve, "pulls": pulls})
    return Probe(**{**kept, **arrays, "outcomes": tuple(kept["outcomes"]), "quality": quality})
