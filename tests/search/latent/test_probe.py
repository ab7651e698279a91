"""Probes: their probabilities, their sets, and what makes them refuse."""

import json
from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.metrics import log_loss as sklearns_log_loss

from search.errors import InvalidInputError, NotFoundError
from search.latent.calibrate import (
    best_temperature,
    calibration_error,
    log_loss,
    members,
    reliability,
    softmax,
    thresholds,
)
from search.latent.probe import Probe, fit, predict, zero_shot
from search.latent.probes import Examples, drop, fit_probe, load, names, readable, said, save, usable
from search.latent.weights import folds_of as folds_by
from search.latent.weights import ways_of
from search.store.store import Store
from search.vectors import unit
from tests.search.latent.conftest import EMBEDDER, Fill, blobs, embed


def folds_of(truth: NDArray[np.int64], seed: int, groups: Sequence[str]) -> NDArray[np.int64]:
    """The folds of examples that have nothing in common but their groups."""
    return folds_by(truth, seed, *ways_of(np.eye(len(truth), dtype=np.float32), groups))


GROUPS = ["a", "b", "c", "d"]


@pytest.fixture(scope="module")
def probe() -> Probe:
    """A probe of four groups that overlap a little."""
    labels = np.repeat(GROUPS, 60).tolist()
    return fit("groups", EMBEDDER, blobs(240, spread=0.35), labels, [str(i) for i in range(240)], "group")


def test_it_recognises_what_it_was_not_fitted_to(probe: Probe) -> None:
    """Nearly as often as it says it does."""
    others, truth = blobs(400, spread=0.35, seed=9), np.repeat(GROUPS, 100)
    accuracy = np.mean([a == b for a, b in zip(said(probe, others), truth, strict=True)])
    assert probe.quality is not None
    assert accuracy == pytest.approx(probe.quality.accuracy, abs=0.06)
    assert probe.quality.log_loss < probe.quality.baseline_log_loss == pytest.approx(np.log(4))


def test_sets_hold_the_truth_as_often_as_they_say(probe: Probe) -> None:
    """On examples that neither weights nor thresholds have seen."""
    others, truth = blobs(2000, spread=0.35, seed=9), np.repeat(GROUPS, 500)
    for coverage in (0.9, 0.95, 0.99):
        found = predict(probe, [""] * 2000, others, coverage=coverage)
        inside = np.mean([label in one.set for label, one in zip(truth, found, strict=True)])
        assert inside >= coverage - 0.03


def test_probabilities_sum_to_one_and_the_best_comes_first(probe: Probe) -> None:
    """Whatever the temperature, which changes no order."""
    row = blobs(240, spread=0.35)[:1]
    for temperature in (0.01, 1.0, 100.0):
        (found,) = predict(probe, ["x"], row, temperature)
        values = list(found.probabilities.values())
        assert sum(values) == pytest.approx(1)
        assert values == sorted(values, reverse=True)
        assert next(iter(found.probabilities)) == "a"
        assert found.set[0] == "a"


def test_temperature_has_the_lecture_s_meaning(probe: Probe) -> None:
    """Towards 0 the first gets all, and far above 1 all get the same."""
    row = blobs(240, spread=0.35)[:1]
    assert max(predict(probe, ["x"], row, 0.001)[0].probabilities.values()) == pytest.approx(1)
    assert max(predict(probe, ["x"], row, 1e6)[0].probabilities.values()) == pytest.approx(0.25, abs=1e-3)
    for bad in (0.0, -1.0, float("nan"), float("inf")):
        with pytest.raises(InvalidInputError, match="above 0"):
            predict(probe, ["x"], row, bad)
    with pytest.raises(InvalidInputError, match=r"0\.95"):
        predict(probe, ["x"], row, coverage=0.5)


def test_the_examples_that_pull_the_most_are_those_that_surprise(probe: Probe) -> None:
    """An outcome's own least expected examples, and the others' most mistaken ones."""
    assert probe.quality is not None
    for i, pull in enumerate(probe.quality.pulls):
        assert {int(j) // 60 for j in pull.towards} == {i}
        assert i not in {int(j) // 60 for j in pull.away}
    assert [step.examples for step in probe.quality.curve][-1] == 192


def test_two_outcomes_have_a_row_of_weights_each() -> None:
    """As scikit-learn's own probabilities say, which keeps one row for both."""
    rows = blobs(80, groups=2)
    found = fit("two", EMBEDDER, rows, ["no"] * 40 + ["yes"] * 40, [str(i) for i in range(80)], "x")
    assert found.weights.shape == (2, 16)
    assert said(found, rows) == ["no"] * 40 + ["yes"] * 40


def test_too_few_examples_are_refused_by_name() -> None:
    """Four of one outcome, one outcome alone, and none at all."""
    rows = blobs(16)
    with pytest.raises(InvalidInputError, match="'b' has 4"):
        fit("p", EMBEDDER, rows, ["a"] * 12 + ["b"] * 4, [""] * 16, "x")
    with pytest.raises(InvalidInputError, match="two outcomes"):
        fit("p", EMBEDDER, rows, ["a"] * 16, [""] * 16, "x")
    with pytest.raises(InvalidInputError, match="two or more"):
        zero_shot("p", EMBEDDER, ["a"], rows[:1])


def test_calibration_is_measured_as_it_is_defined() -> None:
    """Log-loss is scikit-learn's; the calibration error of what is right as often as it says is 0."""
    rng = np.random.default_rng(0)
    logits = rng.normal(size=(400, 3))
    truth = rng.integers(0, 3, 400)
    chances = softmax(logits)
    assert log_loss(chances, truth) == pytest.approx(sklearns_log_loss(truth, chances))
    sure = np.array([[0.75, 0.25]] * 4)
    assert calibration_error(reliability(sure, np.array([0, 0, 0, 1]))) == pytest.approx(0)
    assert calibration_error(reliability(sure, np.array([1, 1, 1, 1]))) == pytest.approx(0.75)


def test_the_best_temperature_undoes_a_scale() -> None:
    """Logits four times too large are divided by four."""
    rng = np.random.default_rng(1)
    logits = rng.normal(size=(20_000, 3)) * 2
    truth = np.array([rng.choice(3, p=p) for p in softmax(logits)])
    assert best_temperature(logits * 4, truth) == pytest.approx(4, rel=0.05)


def test_a_threshold_leaves_out_as_many_as_it_may() -> None:
    """Of 99 examples, 5 % may fall below, the one to come among them."""
    chances = np.stack([np.linspace(0.01, 0.99, 99), 1 - np.linspace(0.01, 0.99, 99)], axis=1)
    found = thresholds(chances, np.zeros(99, dtype=np.int64))
    assert found["0.95"] == pytest.approx(0.05)
    assert members(chances, found["0.95"])[:, 0].sum() == 95


def test_a_field_makes_a_probe_that_is_kept(store: Store, fill: Fill) -> None:
    """Fitted to a field of the metadata, read back the same, and gone with its collection."""
    metadata: Sequence[dict[str, str | int | float | bool]] = [{"group": g} for g in np.repeat(GROUPS, 30).tolist()]
    collection = fill(blobs(120), [f"p{i}" for i in range(120)], metadata=metadata)
    made = fit_probe(collection, embed, Examples(field="group"))
    found = load(collection)
    assert found.name == "group"
    assert np.array_equal(found.weights, made.weights)
    assert (found.quality, found.thresholds, found.temperature) == (made.quality, made.thresholds, made.temperature)
    kept = json.loads((collection.derived.probes / "group.json").read_text())["probe"]
    assert kept["outcomes"] == GROUPS
    store.drop("notes")
    assert not collection.derived.probes.exists()


def test_examples_and_names_make_probes_too(fill: Fill) -> None:
    """Texts with their outcomes, or nothing but names, of which no quality is known."""
    collection = fill(blobs(8), [str(i) for i in range(8)])
    texts = [(f"{word} {i}", word) for word in ("dog", "cat") for i in range(6)]
    assert fit_probe(collection, embed, Examples(texts=texts), "pets").label == "examples"
    named = fit_probe(collection, embed, Examples(names=("card_lost", "card_stolen")), "cards")
    assert (named.quality, named.thresholds) == (None, {})
    (found,) = predict(named, ["x"], embed(["card stolen"]))
    assert next(iter(found.probabilities)) == "card_stolen"
    assert (found.set, found.coverage) == ((), None)
    assert names(collection.derived.probes) == ["cards", "pets"]
    with pytest.raises(InvalidInputError, match="name one: cards, pets"):
        load(collection)
    drop(collection, "cards")
    assert load(collection).name == "pets"


def test_a_probe_of_another_embedder_says_so_and_can_be_dropped(fill: Fill) -> None:
    """As after `collections reindex`: it is listed, but says nothing of vectors that it was not fitted to."""
    collection = fill(blobs(8), [str(i) for i in range(8)])
    save(collection.derived.probes, zero_shot("kind", "test:before", ("a", "b"), blobs(8)[:2]))
    assert [probe.name for probe in readable(collection)] == ["kind"]
    assert usable(collection) == []
    with pytest.raises(NotFoundError, match="'kind' was fitted with test:before"):
        load(collection)
    drop(collection, "kind")
    assert names(collection.derived.probes) == []
    with pytest.raises(NotFoundError, match="there is none yet"):
        drop(collection, "kind")


@pytest.mark.parametrize("torn", ["kind.json", "kind+*.npz"])
def test_a_damaged_probe_hides_no_other_and_can_be_dropped(fill: Fill, torn: str) -> None:
    """What it was is not known; that it is there is said, and what to do."""
    collection = fill(blobs(8), [str(i) for i in range(8)])
    for name in ("kind", "other"):
        save(collection.derived.probes, zero_shot(name, EMBEDDER, ("a", "b"), blobs(8)[:2]))
    (file,) = collection.derived.probes.glob(torn)
    file.write_bytes(file.read_bytes()[:100])
    assert usable(collection) == ["other"]
    with pytest.raises(NotFoundError, match="'kind' is damaged"):
        load(collection, "kind")
    drop(collection, "kind")
    assert {path.stem.partition("+")[0] for path in collection.derived.probes.iterdir()} == {"other"}


def test_what_cannot_be_found_or_named_is_said(fill: Fill) -> None:
    """A field that no passage has, a probe that is not there, and a name that is a path."""
    collection = fill(blobs(8), [str(i) for i in range(8)])
    with pytest.raises(InvalidInputError, match="'topic'"):
        fit_probe(collection, embed, Examples(field="topic"))
    with pytest.raises(NotFoundError, match="nearhood probe fit"):
        load(collection, "none")
    with pytest.raises(InvalidInputError, match="name"):
        fit_probe(collection, embed, Examples(names=("a", "b")), "../../etc/passwd")


def test_chosen_passages_are_told_from_the_others(fill: Fill) -> None:
    """A probe of a selection, without fields or names."""
    ids = [f"p{i:03}" for i in range(240)]
    found = fit_probe(fill(blobs(240), ids), embed, Examples(ids=ids[:60]), "first")
    assert set(found.outcomes) == {"first", "other"}
    assert found.quality is not None
    assert found.quality.accuracy > 0.9


def test_what_is_like_it_is_held_out_with_an_example(fill: Fill) -> None:
    """Passages of a note share its label and its topic: to know the note is not to know the label."""
    rng = np.random.default_rng(0)
    topics = unit(rng.normal(size=(20, 16)))
    labels = [("odd", "even")[i % 2] for i in rng.permutation(20)]
    for note in range(20):
        vectors = unit(topics[note] + 0.05 * rng.normal(size=(12, 16)))
        metadata: list[dict[str, str | int | float | bool]] = [{"label": labels[note]}] * 12
        ids = [f"n{note}-{i}" for i in range(12)]
        collection = fill(vectors, ids, metadata=metadata, source=f"/notes/{note}.md")
    found = fit_probe(collection, embed, Examples(field="label")).quality
    assert found is not None
    assert found.accuracy < 0.8


def test_where_an_outcome_has_few_sources_examples_are_held_out_by_themselves() -> None:
    """As the rows of a table, which are all of one file."""
    truth = np.repeat([0, 1], 20)
    alone = folds_by(truth, 0)
    assert np.array_equal(folds_of(truth, 0, ["a.csv"] * 40), alone)
    assert np.array_equal(folds_of(truth, 0, ["a.md"] * 20 + [f"{i}.md" for i in range(20)]), alone)
    sources = [f"{i // 2}.md" for i in range(40)]
    together = folds_of(truth, 0, sources)
    assert all(
        len({fold for fold, of in zip(together.tolist(), sources, strict=True) if of == one}) == 1 for one in sources
    )
    assert np.bincount(together).tolist() == [8] * 5


def test_folds_of_sources_are_about_as_large() -> None:
    """The largest are dealt first, each to where least is of its outcome."""
    sizes = [2, 4, 6, 8, 10, 12] * 3
    groups = [f"{i}.md" for i, size in enumerate(sizes) for _ in range(size)]
    truth = np.repeat(np.arange(18) % 2, sizes)
    for seed in range(5):
        assert max(np.bincount(folds_of(truth, seed, groups), minlength=5)) <= 32
        assert min(np.bincount(folds_of(truth, seed, groups), minlength=5)) >= 20


def test_a_source_that_has_most_examples_is_not_held_out_as_a_whole() -> None:
    """Weights would be fitted to the few that are left, and judged by all the others."""
    truth = np.concatenate([np.arange(500) % 2, np.arange(36) % 2])
    groups = ["all.csv"] * 500 + [f"{i // 4}.md" for i in range(36)]
    assert np.bincount(folds_of(truth, 0, groups)).max() <= 108


def test_mixed_sources_leave_no_fold_empty() -> None:
    """Of few sources with both outcomes each, every fold gets one."""
    truth, groups = np.tile([0, 0, 0, 1], 12), [f"{i // 8}.md" for i in range(48)]
    truth[24:] = 1 - truth[24:]
    assert np.bincount(folds_of(truth, 0, groups), minlength=5).min() > 0
    rows = unit(np.random.default_rng(0).normal(size=(48, 16)))
    assert fit("p", EMBEDDER, rows, truth.astype(str).tolist(), [""] * 48, "x", groups=groups).quality is not None


def test_a_text_that_is_there_twice_is_held_out_as_one() -> None:
    """Weights that were fitted to it would be judged by it; sources that share one are held out together, too."""
    vectors = np.repeat(unit(np.random.default_rng(0).normal(size=(40, 16))), 3, axis=0)
    truth = np.random.default_rng(1).integers(0, 2, 40).repeat(3)
    twins = np.arange(120) // 3
    for groups in ([], ["all.csv"] * 120, [f"{i % 30}.md" for i in range(120)]):
        folds = folds_by(truth, 0, *ways_of(vectors, groups))
        assert all(len(set(folds[twins == twin].tolist())) == 1 for twin in range(40))
    labels = np.random.default_rng(2).integers(0, 2, 40).astype(str).repeat(3).tolist()
    found = fit("p", EMBEDDER, vectors, labels, [""] * 120, "x").quality
    assert found is not None
    assert found.accuracy < 0.75


def test_a_learning_curve_is_of_no_order_that_the_examples_come_in() -> None:
    """A tenth is drawn by the seed: where the first ones all say the same, the others are among it."""
    rows, labels = blobs(240), np.repeat(GROUPS, 60)
    rows[:6], rows[60:66] = rows[60:66].copy(), rows[:6].copy()
    found = fit("p", EMBEDDER, rows, labels.tolist(), [""] * 240, "x").quality
    assert found is not None
    assert found.curve[0].accuracy > 0.85
