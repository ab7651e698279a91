"""What a probe says of passages, as fields of a filter."""

from functools import partial

import numpy as np
import pytest

from search.errors import InvalidInputError
from search.latent.filter import probe_field
from search.latent.probes import Examples, fit_probe, load
from search.retrieve.columns import columns
from search.retrieve.where import parse
from search.store.collection import Collection
from tests.search.latent.conftest import Fill, blobs, embed

KINDS = ("cat", "dog", "very good", "cow")


@pytest.fixture
def notes(fill: Fill) -> Collection:
    """Four groups, each labelled by its kind, and a probe that learned them."""
    vectors = blobs(120, spread=0.1)
    made = fill(vectors, [f"p{i:03}" for i in range(120)], metadata=[{"kind": KINDS[i // 30]} for i in range(120)])
    fit_probe(made, embed, Examples(field="kind"), "kind.of")
    return made


def _kept(notes: Collection, where: str) -> set[int]:
    mask = columns(notes).mask(parse(where), partial(probe_field, notes))
    return {*np.flatnonzero(mask).tolist()}


def test_a_filter_keeps_what_a_probe_takes_for_an_outcome(notes: Collection) -> None:
    """By the most probable outcome, alone and with others, whatever its capitals."""
    assert _kept(notes, "probe.kind.of = Cat") == {*range(30)}
    assert _kept(notes, 'probe.kind.of in (dog, "very good")') == {*range(30, 90)}
    assert _kept(notes, "not probe.kind.of = cat and kind = dog") == {*range(30, 60)}


def test_a_filter_compares_the_probability_of_an_outcome(notes: Collection) -> None:
    """As the probe itself gives it, for names with spaces too."""
    chances = np.exp((logits := load(notes).logits(blobs(120, spread=0.1))) - logits.max(axis=1, keepdims=True))
    expected = (chances / chances.sum(axis=1, keepdims=True))[:, load(notes).outcomes.index("very good")]
    assert _kept(notes, "`probe.kind.of.very good` >= 0.5") == {*np.flatnonzero(expected >= 0.5).tolist()}
    assert 0 < len(_kept(notes, "`probe.kind.of.very good` >= 0.5")) < 60


def test_passages_that_came_later_have_no_value(notes: Collection) -> None:
    """A filter is of the passages that its columns were read of."""
    numbers = columns(notes).numbers
    field = probe_field(notes, "probe.kind.of", numbers[:50])
    assert field is not None
    assert field.info("probe.kind.of").passages == 50


@pytest.mark.parametrize(
    ("where", "message"),
    [
        ("probe.none = cat", "no probe 'none' .there are kind.of."),
        ("probe.kind.of.bird > 0.5", "no outcome 'bird': there are cat, cow, dog, very good"),
        ("prob.kind = cat", "no passage has a field"),
    ],
)
def test_what_is_not_there_is_named(notes: Collection, where: str, message: str) -> None:
    """With what there is instead."""
    with pytest.raises(InvalidInputError, match=message):
        _kept(notes, where)


def test_a_probe_has_the_last_word_but_a_field_of_its_name_goes_first(fill: Fill) -> None:
    """Metadata that happens to be called so stays what it is."""
    made = fill(blobs(4, 2), ["a", "b", "c", "d"], metadata=[{"probe.kind": "x"}] * 4)
    assert len(_kept(made, "probe.kind = x")) == 4
