"""Where probes get their examples, and where they are kept: numbers as NPZ, the rest as JSON."""

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path, PurePath
from typing import Any

import numpy as np
from numpy.typing import NDArray

from search.errors import InvalidInputError, NotFoundError
from search.heard import Heard, unheard
from search.latent import paired
from search.latent.calibrate import Bin
from search.latent.labels import Embed
from search.latent.probe import Probe, fit, zero_shot
from search.latent.quality import Pull, Quality, Step
from search.latent.rows import passages, rows
from search.latent.trust import sample
from search.store.collection import Collection
from search.types import Passage

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
        # The same text twice would be known to weights that are judged by it.
        found = fit(name, collection.embedder, embed(texts), labels, ids, "examples", seed, heard, texts)
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
    said = {key: value for key, value in asdict(probe).items() if key not in _NUMBERS}
    paired.write(folder, probe.name, {name: getattr(probe, name) for name in _NUMBERS}, {"probe": said})


def load(collection: Collection, name: str | None = None) -> Probe:
    """Return a probe of a collection.

    :param name: None for the only one that there is.
    :raises NotFoundError: When there is none of that name, or it is damaged, or of another embedder.
    :raises InvalidInputError: When there are several, and none is named.
    """
    there = names(collection.derived.probes)
    if name is None and len(there) > 1:
        raise InvalidInputError(f"{collection.name!r} has {len(there)} probes, so name one: {', '.join(there)}")
    name = checked(name or (there[0] if there else "probe"))
    if name not in there:
        have = f"there are: {', '.join(there)}" if there else "there is none yet"
        raise NotFoundError(f"no probe {name!r} ({have}): run nearhood probe fit -c {collection.name}")
    found = _read(collection.derived.probes, name)
    if found is None:
        raise NotFoundError(f"the probe {name!r} is damaged: run nearhood probe fit -c {collection.name} anew")
    if found.embedder != collection.embedder:
        raise NotFoundError(
            f"the probe {name!r} was fitted with {found.embedder}, and {collection.name!r} has vectors of"
            f" {collection.embedder}: run nearhood probe fit -c {collection.name} anew"
        )
    return found


def readable(collection: Collection) -> list[Probe]:
    """Return all probes of a collection, also those of another embedder that it had before; not the damaged ones."""
    folder = collection.derived.probes
    return [found for name in names(folder) if (found := _read(folder, name)) is not None]


def usable(collection: Collection) -> list[str]:
    """Return the names of those probes that can say something of a collection's passages."""
    return [probe.name for probe in readable(collection) if probe.embedder == collection.embedder]


def stamp(collection: Collection, name: str) -> int:
    """Return what differs from one fit of a probe to the next; 0 where there is no such probe.

    :raises InvalidInputError: For what is no probe's name.
    """
    try:
        return (collection.derived.probes / f"{checked(name)}.json").stat().st_mtime_ns
    except OSError:
        return 0


def drop(collection: Collection, name: str) -> None:
    """Remove a probe, whether or not it can be used.

    :raises NotFoundError: When there is none of that name.
    """
    if checked(name) not in names(collection.derived.probes):
        load(collection, name)
    paired.remove(collection.derived.probes, name)


def said(probe: Probe, vectors: NDArray[np.float32]) -> list[str]:
    """Return the most probable outcome of each unit row."""
    return [probe.outcomes[i] for i in probe.logits(vectors).argmax(axis=1).tolist()]


def _of_field(collection: Collection, field: str, name: str, seed: int, heard: Heard) -> Probe:
    every = rows(collection)
    known = passages(collection, every.numbers)
    labelled = values(known, field)
    if not labelled:
        raise InvalidInputError(
            f"no passage of {collection.name!r} has the field {field!r}: see nearhood search --json"
        )
    places = np.array([i for i, n in enumerate(every.numbers.tolist()) if n in labelled], dtype=np.int64)
    some = every.some(places)
    labels = [labelled[n] for n in some.numbers.tolist()]
    sources = [known[n].source for n in some.numbers.tolist()]
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
    known = passages(collection, some.numbers)
    sources = [known[n].source if n in known else "" for n in some.numbers.tolist()]
    return fit(name, collection.embedder, some.vectors, labels, some.ids, "chosen passages", seed, heard, sources)


def _words(name: str) -> str:
    return " ".join(name.replace("_", " ").split())


def _read(folder: Path, name: str) -> Probe | None:
    found = paired.read(folder, name)
    if found is None:
        return None
    try:
        return _probe(found[0]["probe"], found[1])
    except (KeyError, TypeError):
        return None


def _probe(kept: dict[str, Any], arrays: dict[str, NDArray[np.float32]]) -> Probe:
    quality = kept["quality"]
    if quality is not None:
        pulls = tuple(Pull(p["outcome"], tuple(p["towards"]), tuple(p["away"])) for p in quality["pulls"])
        bins = tuple(Bin(**one) for one in quality["reliability"])
        curve = tuple(Step(**one) for one in quality["curve"])
        quality = Quality(**{**quality, "reliability": bins, "curve": curve, "pulls": pulls})
    return Probe(**{**kept, **arrays, "outcomes": tuple(kept["outcomes"]), "quality": quality})
