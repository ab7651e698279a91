"""Probes: softmax(Wz), from a point of the latent space to a distribution over outcomes."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from search.errors import InvalidInputError
from search.heard import Heard, unheard
from search.latent.calibrate import Logits, Truth, best_temperature, members, softmax, thresholds
from search.latent.quality import COVERAGE, Quality, quality
from search.latent.threads import one_thread
from search.latent.weights import chosen, folds_of, model, ways_of, weights_of
from search.types import Vectors

FEWEST = 5
"""Examples of each outcome."""
_STEPS = 5
"""Penalties that are tried, about; what is told of the quality takes as long as one of them."""
_ZERO_SHOT = 0.05
"""Temperature for cosines with names, which lie close together."""


@dataclass(frozen=True, slots=True)
class Probe:
    """Weights, and what is known of them."""

    name: str
    embedder: str
    outcomes: tuple[str, ...]
    weights: NDArray[np.float32]
    """(outcomes, d)."""
    bias: NDArray[np.float32]
    """(outcomes,)."""
    temperature: float
    """By which logits are divided, so that probabilities mean what they say; chosen on examples held out."""
    penalty: float | None
    """Inverse strength of the squared penalty, chosen by cross-validation; None for names alone."""
    thresholds: dict[str, float]
    """Coverage to the probability from which on an outcome is in the set; none for names alone."""
    quality: Quality | None
    """None for names alone, which no example was held against."""
    label: str
    """Where the outcomes are from: a field, a file, or `names`."""

    def logits(self, vectors: Vectors) -> Logits:
        """Return Wz + b over the probe's own temperature, (n, outcomes)."""
        found: Logits = (vectors @ self.weights.T + self.bias).astype(np.float64) / self.temperature
        return found


@dataclass(frozen=True, slots=True)
class Prediction:
    """A distribution over outcomes."""

    text: str
    probe: str
    probabilities: dict[str, float]
    """The most probable first."""
    set: tuple[str, ...]
    """Outcomes of which the true one is one as often as `coverage` says; empty for a probe of names alone."""
    coverage: float | None
    temperature: float
    """1 is what the examples bear out; below, the first gets nearly all, and above, all get nearly the same."""


@one_thread()
def fit(
    name: str,
    embedder: str,
    vectors: Vectors,
    labels: Sequence[str],
    ids: Sequence[str],
    label: str,
    seed: int = 0,
    heard: Heard = unheard,
    groups: Sequence[str] = (),
) -> Probe:
    """Return a probe fitted to examples: multinomial logistic regression on unit rows.

    The penalty is chosen by cross-validation; temperature, sets and quality are of the same folds' held-out parts.

    :param ids: Of the examples, to say which ones pull the most.
    :param heard: Called with how much is done, and of how much about; whatever it raises ends the work.
    :param groups: What each example is a part of, held out together where there are enough of them.
    :raises InvalidInputError: For fewer than two outcomes, or one with fewer than five examples.
    """
    outcomes, truth = _counted(labels)
    ways = ways_of(vectors, groups)
    folds = folds_of(truth, seed, *ways)
    penalty, logits = chosen(vectors, truth, folds, lambda tried: heard(tried, max(_STEPS, tried + 2)))
    heard(_STEPS, _STEPS + 1)
    weights, bias = weights_of(model(vectors, truth, penalty), len(outcomes))
    temperature = best_temperature(logits, truth)
    scaled = softmax(logits, temperature)
    return Probe(
        name=name,
        embedder=embedder,
        outcomes=outcomes,
        weights=weights.astype(np.float32),
        bias=bias.astype(np.float32),
        temperature=temperature,
        penalty=penalty,
        thresholds=thresholds(scaled, truth),
        quality=quality(vectors, truth, outcomes, ids, logits, folds, penalty, seed, ways),
        label=label,
    )


def zero_shot(name: str, embedder: str, outcomes: Sequence[str], vectors: Vectors) -> Probe:
    """Return a probe that goes by the names of its outcomes alone: the cosine with each.

    :param vectors: Unit rows of the names, (outcomes, d).
    :raises InvalidInputError: For fewer than two different names.
    """
    if len(set(outcomes)) != len(outcomes) or len(outcomes) < 2:  # noqa: PLR2004 - one is no choice
        raise InvalidInputError("a probe of names needs two or more, all different")
    bias = np.zeros(len(outcomes), dtype=np.float32)
    return Probe(name, embedder, tuple(outcomes), vectors, bias, _ZERO_SHOT, None, {}, None, "names")


def predict(
    probe: Probe, texts: Sequence[str], vectors: Vectors, temperature: float = 1.0, coverage: float = COVERAGE
) -> tuple[Prediction, ...]:
    """Return the distribution over a probe's outcomes for some texts, by their unit rows.

    The set goes by the temperature that the examples bear out, whatever temperature is given.

    :raises InvalidInputError: For a temperature that is not above 0, or a coverage that the probe was not fitted for.
    """
    if not 0 < temperature < np.inf:
        raise InvalidInputError(f"a temperature is above 0, which {temperature:g} is not")
    if probe.thresholds and str(coverage) not in probe.thresholds:
        raise InvalidInputError(f"a coverage is one of {', '.join(probe.thresholds)}, not {coverage:g}")
    logits = probe.logits(vectors)
    shown, plain = softmax(logits, temperature), softmax(logits)
    inside = members(plain, probe.thresholds[str(coverage)]) if probe.thresholds else np.zeros_like(plain, dtype=bool)
    found = []
    for text, row, some in zip(texts, shown, inside, strict=True):
        order = np.argsort(-row, kind="stable").tolist()
        probabilities = {probe.outcomes[i]: float(row[i]) for i in order}
        chosen = tuple(probe.outcomes[i] for i in order if some[i])
        found.append(
            Prediction(text, probe.name, probabilities, chosen, coverage if probe.thresholds else None, temperature)
        )
    return tuple(found)


def _counted(labels: Sequence[str]) -> tuple[tuple[str, ...], Truth]:
    counts = Counter(labels)
    few = sorted(name for name, count in counts.items() if count < FEWEST)
    if few:
        named = ", ".join(f"{name!r} has {counts[name]}" for name in few[:5])
        more = f", and {len(few) - 5:,} more" if len(few) > 5 else ""  # noqa: PLR2004 - as named
        raise InvalidInputError(f"each outcome needs {FEWEST} examples or more: {named}{more}")
    if len(counts) < 2:  # noqa: PLR2004 - one is no choice
        raise InvalidInputError(f"a probe needs two outcomes or more, and there are {len(counts)}")
    outcomes = tuple(sorted(counts))
    number = {name: i for i, name in enumerate(outcomes)}
    return outcomes, np.array([number[name] for name in labels], dtype=np.int64)
