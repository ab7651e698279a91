"""Every row of the table of clusterings, and what makes clusters the same whatever the order."""

import json
import os
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score, silhouette_score

from search.embedders.base import open_embedder
from search.errors import InvalidInputError, UnknownNameError
from search.latent.clusters import LARGEST, carried, centres, find, jaccard, merges, stability
from search.latent.communities import silhouette
from search.latent.labels import fitting, labels
from search.registry import CLUSTERINGS
from search.settings import Settings
from search.types import Vectors
from search.vectors import unit
from tests.search.latent.conftest import blobs, embed

TESTDATA = Path(os.environ.get("NEARHOOD_TESTDATA", Path(__file__).parents[4] / "shared" / "data"))


@pytest.mark.parametrize("name", CLUSTERINGS.names())
def test_groups_that_are_there_are_found(name: str) -> None:
    """Four groups far apart are four clusters."""
    rows = blobs(200, spread=0.1)
    found = find(rows, name, 4 if name == "kmeans" else None)
    # Where groups have nothing between them, HDBSCAN goes on to part one of them.
    assert adjusted_rand_score(np.repeat(range(4), 50), found.labels) >= (0.8 if name == "hdbscan" else 1)


@pytest.mark.parametrize("name", CLUSTERINGS.names())
@pytest.mark.parametrize("n", [0, 1, 2, 3])
def test_few_points_are_no_clusters(name: str, n: int) -> None:
    """They belong to none."""
    rows = blobs(8)[:n]
    assert find(rows, name, None).labels.tolist() == [-1] * n


def test_a_count_is_asked_for_where_it_is_needed_and_refused_where_it_cannot_be_met() -> None:
    """Each in one line that says what to do."""
    rows = blobs(40)
    with pytest.raises(InvalidInputError, match="give one"):
        find(rows, "kmeans")
    with pytest.raises(InvalidInputError, match="kmeans"):
        find(rows, "communities", 3)
    with pytest.raises(InvalidInputError, match="2 or more"):
        find(rows, "kmeans", 41)
    with pytest.raises(UnknownNameError):
        find(rows, "leiden")


@pytest.mark.parametrize("count", [2, 20, 40, 48])
def test_a_number_of_clusters_is_what_was_asked_for(count: int) -> None:
    """However small they are, and also where a draw of the passages has fewer than so many."""
    rows = blobs(48)
    found = find(rows, "kmeans", count).labels
    assert sorted(set(found.tolist())) == list(range(count))
    assert stability(rows, found, "kmeans", count).shape == (count,)


def test_a_large_collection_is_clustered_by_a_sample() -> None:
    """Each of the others goes where its nearest are, and into a part of that cluster; there can be no more of these
    than the sample has points."""
    rows = blobs(LARGEST + 400, spread=0.3, d=8)
    with pytest.raises(InvalidInputError, match="up to 10,000"):
        find(rows, "kmeans", LARGEST + 1)
    found = find(rows)
    assert adjusted_rand_score(found.labels, np.repeat(range(4), 2_600)) > 0.9
    pairs = {(c, p) for c, p in zip(found.labels.tolist(), found.parts.tolist(), strict=True) if p >= 0}
    assert len({p for _, p in pairs}) == len(pairs)


def test_a_point_between_groups_belongs_to_none() -> None:
    """Half of its edges, or more, lead out of any cluster that it could be in."""
    rows = blobs(200, groups=2, spread=0.05)
    between = (rows[:1] + rows[100:101]) / np.linalg.norm(rows[0] + rows[100])
    some = np.concatenate([rows, between.astype(np.float32)])
    found = find(some).labels
    assert set(found[:200].tolist()) == {0, 1}
    assert Counter(found.tolist())[-1] <= 1


def test_parts_lie_within_their_clusters() -> None:
    """A finer clustering never crosses a coarser one."""
    rows = blobs(400, spread=0.3)
    found = find(rows)
    pairs = {(c, p) for c, p in zip(found.labels.tolist(), found.parts.tolist(), strict=True) if p >= 0}
    assert len({p for _, p in pairs}) == len(pairs)


def test_the_silhouette_is_scikit_learn_s() -> None:
    """By cosine, without comparing pairs."""
    rows = blobs(152, spread=0.4)
    some = np.random.default_rng(0).integers(0, 3, 152)
    assert silhouette(rows, some) == pytest.approx(silhouette_score(rows, some, metric="cosine"), abs=1e-6)
    assert silhouette(rows, np.zeros(152, dtype=np.int64)) == -1


def test_clusters_that_are_there_are_stable_and_others_are_not() -> None:
    """Four groups are found again in every draw; four parts of one cloud are not."""
    rows = blobs(200, spread=0.1)
    assert stability(rows, find(rows).labels).min() > 0.95
    cloud = blobs(200, groups=1, spread=0.5)
    parts = find(cloud, "kmeans", 4).labels
    assert stability(cloud, parts, "kmeans", 4).mean() < 0.75


def test_merges_join_what_is_nearest_first() -> None:
    """Clusters of like directions come before those at right angles."""
    rows = blobs(90, groups=3, spread=0.05)
    rows[30:60] = (rows[:30] * 0.9 + rows[30:60] * 0.4) / np.linalg.norm(rows[:30] * 0.9 + rows[30:60] * 0.4, axis=1)[
        :, None
    ]
    found = merges(rows, np.repeat([0, 1, 2], 30), [0, 1, 2])
    assert [(m.id, {m.a, m.b}, m.size) for m in found] == [(3, {0, 1}, 60), (4, {2, 3}, 90)]
    carried_on = merges(rows, np.repeat([0, 1, 2], 30), [2, 7, 0])
    assert [(m.id, {m.a, m.b}, m.size) for m in carried_on] == [(8, {2, 7}, 60), (9, {0, 8}, 90)]


def test_names_go_to_the_clusters_that_are_most_alike() -> None:
    """Each old cluster goes to one new one, and only where they share half of their members."""
    old = np.array([0] * 6 + [1] * 4 + [2] * 4)
    new = np.array([1] * 6 + [0] * 3 + [2] * 1 + [3, 4, 5, -1])
    assert carried(old, new) == {1: 0, 0: 1}
    assert jaccard(old, new)[1].tolist() == [0.75, 0, 0.25, 0, 0, 0]


def test_labels_are_the_cluster_s_own_words_checked_by_its_centre() -> None:
    """A word that is nearer to another centre is passed over."""
    texts = ["the bank lends money to the firm every day"] * 4 + ["the river flows past trees every single day"] * 4
    words = ["bank", "lends", "money", "firm", "day", "river", "flows", "past", "trees", "single"]

    def say(some: Sequence[str]) -> Vectors:
        return unit(
            [
                [any(w in words[:4] for w in t.split(", ")), any(w in words[5:] for w in t.split(", ")), 0.1]
                for t in some
            ]
        )

    vectors = say(["money"] * 4 + ["river"] * 4)
    found = np.repeat([0, 1], 4)
    names = labels(texts, vectors, found, centres(vectors, found), say)
    assert names == ["bank, firm, lends", "flows, past, river"]
    assert fitting(names, centres(vectors, found), say) == [True, True]
    assert fitting(names[::-1], centres(vectors, found), say) == [False, False]


def test_labels_that_cannot_be_checked_are_the_words_alone() -> None:
    """Without the collection's own embedder, and none of them is called checked."""
    texts = ["then the bank lends money"] * 4 + ["then the river flows past"] * 4
    vectors, found = unit(np.repeat([[1, 0.1], [0.1, 1]], 4, axis=0)), np.repeat([0, 1], 4)
    names = labels(texts, vectors, found, centres(vectors, found), lambda _: None)
    assert names == ["bank, lends, money", "flows, past, river"]
    assert fitting(names, centres(vectors, found), lambda _: None) == [False, False]


def test_texts_without_spaces_are_not_named_whole() -> None:
    """A Chinese note is no term, though it has no spaces."""
    texts = ["银行借钱给企业,利率每天都在变化", "银行提高利率,企业不再借钱给大家", "河水流过树林,每天都一样清澈"]
    vectors, found = unit([[1.0, 0.0], [1.0, 0.1], [0.0, 1.0]]), np.array([0, 0, 1])
    names = labels(texts, vectors, found, centres(vectors, found), lambda some: unit(np.ones((len(some), 2))))
    assert not set(names) & {*texts}


def test_terms_are_named_by_the_one_in_the_middle() -> None:
    """A cluster of a list of words has the name of the word nearest to its centre."""
    terms = ["cat", "dog", "cow", "car", "bus", "tram"]
    rows, found = embed(terms), np.repeat([0, 1], 3)
    middle = centres(rows, found)
    expected = [terms[i * 3 + int(np.argmax(rows[i * 3 : i * 3 + 3] @ middle[i]))] for i in (0, 1)]
    assert labels(terms, rows, found, middle, embed) == expected


@pytest.mark.skipif(not (TESTDATA / "categories").is_dir(), reason="no test data: set NEARHOOD_TESTDATA")
def test_categories_come_out_the_same_when_they_are_shuffled(settings: Settings) -> None:
    """Sorted by their ids, as a map's rows are, words make the same clusters in any order."""
    words: dict[str, str] = {}
    for path in sorted((TESTDATA / "categories").rglob("*.json")):
        values = next(v for v in json.loads(path.read_text()).values() if isinstance(v, list))
        words |= {word: path.stem for word in values[:30] if isinstance(word, str)}
    embedder = open_embedder("local", settings)
    runs = []
    for seed in (0, 1):
        order = np.random.default_rng(seed).permutation(sorted(words)).tolist()
        rows = dict(zip(order, embedder.embed_documents(order), strict=True))
        sorted_rows = np.stack([rows[word] for word in sorted(rows)])
        runs.append(find(sorted_rows).labels)
    assert adjusted_rand_score(*runs) == 1
