"""What a probe says of each passage, as fields that a filter can name.

`probe.NAME` is the most probable outcome, and `probe.NAME.OUTCOME` its probability.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from search.errors import InvalidInputError, NotFoundError
from search.latent.calibrate import Probabilities, softmax
from search.latent.probe import Probe
from search.latent.probes import load, names
from search.retrieve.columns import Field
from search.store.collection import Collection

PREFIX = "probe."


def probe_field(collection: Collection, name: str, numbers: NDArray[np.int64]) -> Field | None:
    """Return the field of a name; None for a name that is no probe's.

    :param numbers: The passages that the field is of, ascending; those that came in since have no value.
    :raises InvalidInputError: When there is no such probe, or it has no such outcome.
    """
    if not name.startswith(PREFIX):
        return None
    probe, outcome = _meant(collection, name.removeprefix(PREFIX))
    some, chances = _probabilities(collection, probe)
    if outcome is None:
        values, codes = list(probe.outcomes), chances.argmax(axis=1)
    else:
        found, codes = np.unique(chances[:, probe.outcomes.index(outcome)], return_inverse=True)
        values = found.tolist()
    places = np.searchsorted(numbers, some)
    there = (places < len(numbers)) & (numbers[np.minimum(places, len(numbers) - 1)] == some)
    every = np.zeros(len(numbers), dtype=np.int32)
    every[places[there]] = codes[there] + 1
    return Field(values, every)


def _meant(collection: Collection, name: str) -> tuple[Probe, str | None]:
    there = names(collection.derived.probes)
    for probe, outcome in _readings(name):
        if probe in there:
            return _loaded(collection, probe, outcome)
    have = f"there are {', '.join(there)}" if there else "there is none yet"
    raise InvalidInputError(f"no probe {name!r:.100} ({have}): a filter names one as probe.NAME or probe.NAME.OUTCOME")


def _readings(name: str) -> Iterator[tuple[str, str | None]]:
    """Yield what a name may stand for: a probe, or a probe and an outcome, since both may have dots."""
    yield name, None
    for place in range(len(name) - 1, 0, -1):
        if name[place] == ".":
            yield name[:place], name[place + 1 :]


def _loaded(collection: Collection, name: str, outcome: str | None) -> tuple[Probe, str | None]:
    try:
        probe = load(collection, name)
    except NotFoundError as error:
        raise InvalidInputError(str(error)) from error
    if outcome is not None and outcome not in probe.outcomes:
        known = ", ".join(probe.outcomes[:20])
        raise InvalidInputError(f"the probe {name!r} has no outcome {outcome!r:.100}: there are {known}")
    return probe, outcome


def _probabilities(collection: Collection, probe: Probe) -> tuple[NDArray[np.int64], Probabilities]:
    """Return the numbers of all passages, and what the probe gives each outcome, (n, outcomes)."""
    parts = [(numbers, softmax(probe.logits(rows))) for numbers, rows in collection.blocks()]
    if not parts:
        return np.empty(0, dtype=np.int64), np.empty((0, len(probe.outcomes)))
    return np.concatenate([part[0] for part in parts]), np.concatenate([part[1] for part in parts])
