"""Analogies, nearest terms, odd ones and clusters: equal to brute-force oracles, and sensible with the real model."""

import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from sklearn.metrics import silhouette_samples, v_measure_score

from ingest.sample import WORDS
from ingest.sync import ingest
from search.embedders.base import Embedder
from search.errors import (
    CollectionNotFoundError,
    EmbedderMismatchError,
    InvalidInputError,
    NotConfiguredError,
    NotFoundError,
)
from search.retrieve.known import Known
from search.service import Service
from search.settings import Settings
from search.types import Vector, Vectors
from search.vectors import cosine_matrix, unit
from search.words.analogy import Analogy, analogy, parse
from search.words.clusters import MOST, MOST_CHOSEN, clusters
from search.words.odd import CLEAR, odd_one_out
from search.words.terms import key, nearest
from tests.search.retrieve.bare import Bare

DATA = Path(os.environ.get("NEARHOOD_TESTDATA", Path(__file__).parents[3] / "shared/data"))


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, cache: Path) -> Iterator[Service]:
    """A service over the lecture's words, with two of them a second time in another file."""
    folder = tmp_path_factory.mktemp("words")
    (folder / "more.txt").write_text("Bank\nteacher\n")
    (folder / "none.txt").write_text("\n")
    with Service(Settings(data=folder / "data", cache=cache), "test") as service:
        ingest(service.store, service.embedder, "words", [WORDS, folder / "more.txt"], "words")
        service.store.create("empty", service.embedder.id, service.embedder.dimension)
        yield service


@dataclass
class Seeded:
    """An embedder that gives each text a direction of its own."""

    dimension: int = 5
    id: str = "test"
    max_tokens: int = 256

    def count_tokens(self, text: str) -> int:
        return len(text)

    def embed_documents(self, texts: Sequence[str]) -> Vectors:
        return np.stack([self.embed_query(text) for text in texts])

    def embed_query(self, text: str) -> Vector:
        return unit(np.random.default_rng(list(text.encode())).normal(size=self.dimension))


def _bare(texts: Sequence[str], block: int = 7) -> Any:
    return Bare(texts, Seeded().embed_documents(["", *texts])[1:], block)


def _analogy(service: Service, *expression: str, k: int = 10, expect: str | None = None) -> Analogy:
    collection = service.store.collection("words")
    return analogy(collection, expression, k, Known(), lambda: service.embedder, expect)


# Expressions


@pytest.mark.parametrize(
    ("words", "terms"),
    [
        (["king", "-", "man", "+", "woman"], [("king", 1), ("man", -1), ("woman", 1)]),
        (["king - man + woman"], [("king", 1), ("man", -1), ("woman", 1)]),
        (["king − man", "+woman"], [("king", 1), ("man", -1), ("woman", 1)]),
        (["New", "York", "-", "United States + France"], [("New York", 1), ("United States", -1), ("France", 1)]),
        (["- man", "+ king"], [("man", -1), ("king", 1)]),
        (["well-being + C++ - e-mail"], [("well-being", 1), ("C++", 1), ("e-mail", -1)]),
        (["a  +\tb\n"], [("a", 1), ("b", 1)]),
    ],
)
def test_an_expression_is_read(words: list[str], terms: list[tuple[str, int]]) -> None:
    """In one string or several, with signs between terms and hyphens inside words."""
    assert [(term.text, term.sign) for term in parse(words)] == terms


@pytest.mark.parametrize(
    "words", [["king", "-"], ["king - - man"], ["- + man"], ["-"], ["king - man +"], ["+ a +"], [], [""], ["  "]]
)
def test_a_sign_without_a_term_is_refused(words: list[str]) -> None:
    """And so is nothing at all."""
    with pytest.raises(InvalidInputError, match="king - man"):
        parse(words)


@pytest.mark.parametrize("words", [["king"], ["king-man+woman"], ["- king"], [" + ".join("abcdefghijklmnopqrstu")]])
def test_one_term_and_more_than_twenty_are_refused(words: list[str]) -> None:
    """A sign without spaces is a hyphen, and that is said."""
    with pytest.raises(InvalidInputError, match=r"2 to 20 terms with spaces around"):
        parse(words)


# Analogies

_texts = st.lists(st.sampled_from(["a", "b", "B", "c", "d", "e", "f", "F", "g", "h"]), min_size=1, max_size=14)


@settings(deadline=None)
@example(texts=["b", "B"], inputs=["B", "a"], k=1, block=1)
@given(
    texts=_texts,
    inputs=st.lists(st.sampled_from(["a", "B", "c", "E", "x", "y"]), min_size=2, max_size=4),
    k=st.integers(1, 12),
    block=st.integers(1, 15),
)
def test_an_analogy_equals_brute_force(texts: list[str], inputs: list[str], k: int, block: int) -> None:
    """Hits and ranks, with the inputs counted and not, over terms that may be there twice or not at all."""
    embedder = Seeded()
    collection = _bare(texts, block)
    keys = {key(text): text for text in reversed(texts)}
    spelled = [text if text in texts else keys.get(key(text), text) for text in inputs]
    total = np.sum([sign * embedder.embed_query(text) for sign, text in zip((1, -1, 1, 1), spelled, strict=False)], 0)
    assume(np.linalg.norm(total) > 1e-3)
    cosine = partial(_cosine, unit(total))
    terms = sorted(dict.fromkeys(texts), key=lambda text: (-cosine(text), texts.index(text)))
    others = [text for text in terms if key(text) not in set(map(key, inputs))]
    every = sorted({*terms, *(text for text in spelled if key(text) not in keys)}, key=lambda text: -cosine(text))
    # Both terms of a sum are as near to it as each other, but for the rounding of a float32 sum.
    assume(len(every) < 2 or np.min(np.abs(np.diff([cosine(text) for text in every]))) > 1e-6)
    expect = texts[0]
    words = [f"{sign} {text}" for sign, text in zip("+-++", inputs, strict=False)]
    found = analogy(collection, words, k, Known(), lambda: embedder, expect)
    assert [hit.text for hit in found.hits] == others[:k]
    assert found.rank_with_inputs == (1 + every.index(others[0]) if others else None)
    assert found.expected is not None
    same = [text for text in terms if key(text) == key(expect)]
    assert found.expected.rank == (1 + others.index(same[0]) if same[0] in others else None)
    assert found.expected.rank_with_inputs == 1 + every.index(same[0])
    assert [term.stored for term in found.terms] == [key(text) in keys for text in inputs]


def _cosine(vector: Vector, text: str) -> float:
    return float(vector.astype(np.float64) @ Seeded().embed_query(text).astype(np.float64))


def test_an_analogy_holds_with_the_real_model(service: Service) -> None:
    """At a school the doctor is a teacher, behind the word 'school' itself; whatever the capitals."""
    found = _analogy(service, "Doctor - hospital + school", k=3, expect="TEACHER")
    assert found.hits[0].text == "teacher"
    assert [hit.rank for hit in found.hits] == [1, 2, 3]
    assert (found.rank, found.rank_with_inputs) == (1, 2)
    assert found.expected is not None
    assert (found.expected.rank, found.expected.rank_with_inputs) == (1, 2)
    assert all(term.stored for term in found.terms)
    assert found.hits[0].percentile is not None
    assert found.hits[0].percentile > 95


def test_similarity_is_the_cosine_with_the_sum_of_unit_vectors(service: Service) -> None:
    """Of the terms' stored vectors, and of new ones for the others."""
    found = _analogy(service, "river", "-", "bank", "+", "skyscraper", k=49)
    a, b, c = service.embedder.embed_documents(["river", "bank", "skyscraper"])
    hit = next(hit for hit in found.hits if hit.text == "city")
    city = service.embedder.embed_documents(["city"])[0]
    assert hit.similarity == pytest.approx(float(unit(a - b + c) @ city), abs=1e-6)
    assert [term.stored for term in found.terms] == [True, True, False]


def test_each_term_is_found_once_and_no_input_is(service: Service) -> None:
    """'Bank' and 'bank' are inputs when either is, and a second 'teacher' is the first one's."""
    texts = [hit.text for hit in _analogy(service, "bank + school", k=100).hits]
    assert len(texts) == len(set(texts)) == 47
    assert not {"bank", "Bank", "school"} & set(texts)


def test_stored_terms_need_no_embedder(service: Service, settings: Settings) -> None:
    """A collection of another model has its vectors, so its words are compared without a key."""
    with Service(replace(settings, data=service.settings.data, embedder="openai:text-embedding-3-small"), "x") as other:
        assert other.settings.openai_api_key is None
        collection = service.store.collection("words")
        stored = analogy(collection, ["river + money"], 3, Known(), lambda: other.embedder)
        assert stored.hits[0].text == _analogy(service, "river + money").hits[0].text
        with pytest.raises((NotConfiguredError, EmbedderMismatchError)):
            analogy(collection, ["river + skyscraper"], 3, Known(), lambda: other.embedder)


def test_vectors_of_two_models_are_not_added(service: Service) -> None:
    """A term that the collection lacks is embedded by the collection's own model, or not at all."""
    other = Seeded(384, "local:other")
    with pytest.raises(EmbedderMismatchError, match=r"local:all-MiniLM-L6-v2, but local:other"):
        analogy(service.store.collection("words"), ["river + skyscraper"], 3, Known(), lambda: other)


def test_terms_that_cancel_out_are_refused(service: Service) -> None:
    """Nothing is left to look for."""
    for expression in ("river - River", "river + bank - bank - river"):
        with pytest.raises(InvalidInputError, match="cancel"):
            _analogy(service, expression)


def test_an_answer_that_the_collection_lacks_has_no_rank(service: Service) -> None:
    """It says so."""
    with pytest.raises(NotFoundError, match=r"no term 'queen' in 'words'"):
        _analogy(service, "king - man + woman", expect="queen")


def test_an_unknown_collection_is_refused(service: Service) -> None:
    """With the names of those there are."""
    with pytest.raises(CollectionNotFoundError, match="empty, words"):
        service.store.collection("nothing")


@pytest.mark.parametrize("texts", [[], ["a"], ["a", "b"]])
def test_the_smallest_collections_have_no_more_than_they_have(texts: list[str]) -> None:
    """Analogies, neighbours and clusters of none, one and two terms."""
    found = analogy(_bare(texts), ["a + x"], 5, Known(), Seeded)
    assert [hit.text for hit in found.hits] == texts[1:]
    assert (found.rank is None) == (found.rank_with_inputs is None) == (len(texts) < 2)
    assert [hit.text for hit in nearest(_bare(texts), "a", 5, Known(), Seeded).hits] == texts[1:]
    groups = clusters(_bare(texts), Known())
    assert (groups.terms, groups.count, groups.silhouette) == (len(texts), min(1, len(texts)), None)
    assert [member.text for cluster in groups.clusters for member in cluster.members] == texts


def test_an_empty_collection_of_the_store_is_empty(service: Service) -> None:
    """And nothing breaks."""
    collection = service.store.collection("empty")
    assert analogy(collection, ["river + bank"], 5, Known(), lambda: service.embedder).hits == ()
    assert nearest(collection, "river", 5, Known(), lambda: service.embedder).hits == ()
    assert clusters(collection, Known()).clusters == ()


# Nearest terms


def test_a_term_s_nearest_are_those_of_its_stored_vector(service: Service) -> None:
    """Itself is left out in all spellings, and the ranking is the search's."""
    collection = service.store.collection("words")
    found = nearest(collection, "BANK", 100, Known(), lambda: pytest.fail("the collection has it"))
    searched = [hit.text for hit in service.search("bank", "words", 100).hits]
    expected = [text for text in dict.fromkeys(searched) if text.casefold() != "bank"]
    assert [hit.text for hit in found.hits] == expected
    assert found.hits[0].text == "riverbank"


def test_a_term_that_the_collection_lacks_is_embedded(service: Service) -> None:
    """As a search would."""
    found = nearest(service.store.collection("words"), "physician", 1, Known(), lambda: service.embedder)
    assert (found.query, found.hits[0].text) == ("physician", "doctor")


@pytest.mark.parametrize("term", ["", "  ", "\n"])
def test_an_empty_term_is_refused(service: Service, term: str) -> None:
    """There is nothing to look for."""
    with pytest.raises(InvalidInputError, match="empty"):
        nearest(service.store.collection("words"), term, 1, Known(), lambda: service.embedder)


def test_spellings_of_a_term_have_vectors_of_their_own() -> None:
    """A model may see capitals: the very letters come first, then any."""
    collection = _bare(["us", "US", "we"])
    for term, spelled in (("US", "US"), ("us", "us"), ("Us", "us")):
        found = nearest(collection, term, 3, Known(), Seeded)
        assert [hit.text for hit in found.hits] == ["we"]
        assert found.hits[0].similarity == pytest.approx(_cosine(Seeded().embed_query(spelled), "we"))


# The odd one out


@settings(deadline=None)
@given(texts=st.lists(st.text("abcdef", min_size=1, max_size=3), min_size=3, max_size=12))
def test_the_odd_one_is_least_like_the_others(texts: list[str]) -> None:
    """By its mean similarity with them, however many are equal."""
    found = odd_one_out(texts, Seeded())
    matrix = cosine_matrix(Seeded().embed_documents(texts))
    mean = [np.mean([matrix[i, j] for j in range(len(texts)) if j != i]) for i in range(len(texts))]
    assert found.similarity == pytest.approx(mean)
    assert mean[found.place] == pytest.approx(min(mean))
    assert texts[found.place] == found.odd
    assert found.margin == pytest.approx(sorted(mean)[1] - min(mean), abs=1e-9)
    others = [matrix[i, j] for i in range(len(texts)) for j in range(i) if found.place not in {i, j}]
    assert found.together == pytest.approx(np.mean(others))
    assert found.clear == (found.together > 0 and found.margin >= CLEAR * found.together)


@pytest.mark.parametrize(
    ("texts", "odd"),
    [("dog cat pet piano", "piano"), ("inflation price market forest", "forest"), ("guitar piano doctor", "doctor")],
)
def test_a_clear_odd_one_is_found(service: Service, texts: str, odd: str) -> None:
    """With the real model."""
    found = odd_one_out(texts.split(), service.embedder)
    assert (found.odd, found.clear) == (odd, True)


@pytest.mark.parametrize("texts", ["dog river inflation piano", "apple pear cherry plum", "same same same"])
def test_without_an_odd_one_none_is_clear(service: Service, texts: str) -> None:
    """Where all differ, where all belong together, and where all are equal."""
    assert not odd_one_out(texts.split(), service.embedder).clear


@pytest.mark.parametrize("n", [0, 1, 2, 201])
def test_too_few_and_too_many_terms_are_refused(n: int) -> None:
    """From 3 to 200."""
    with pytest.raises(InvalidInputError, match="3 to 200 terms"):
        odd_one_out(["x"] * n, Seeded())


def test_an_empty_term_among_others_is_refused() -> None:
    """There is nothing to compare."""
    with pytest.raises(InvalidInputError, match="empty"):
        odd_one_out(["a", " ", "b"], Seeded())


# Clusters


def _centres(seed: int, n: int, kinds: int, spread: float) -> tuple[Bare, list[int]]:
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, kinds, size=n)
    rows = unit(rng.normal(size=(kinds, 12))[labels] + rng.normal(size=(n, 12)) * spread)
    return Bare([f"term {i}" for i in range(n)], rows), labels.tolist()


@settings(deadline=None)
@given(seed=st.integers(0, 10**6), n=st.integers(3, 40), data=st.data())
def test_clusters_part_the_terms(seed: int, n: int, data: st.DataObject) -> None:
    """Each term is in one of as many clusters as were asked for, and silhouettes are scikit-learn's."""
    count = data.draw(st.integers(1, n))
    bare, _ = _centres(seed, n, 4, 0.5)
    found = clusters(bare, Known(), count)  # type: ignore[arg-type]
    assert sorted(m.text for c in found.clusters for m in c.members) == sorted(bare.words)
    assert (len(found.clusters), found.count, found.chosen) == (count, count, False)
    assert [c.size for c in found.clusters] == sorted((len(c.members) for c in found.clusters), reverse=True)
    labels = [i for text in bare.words for i, c in enumerate(found.clusters) if text in {m.text for m in c.members}]
    if not 2 <= count < n:
        assert found.silhouette is None
        return
    values = silhouette_samples(1 - cosine_matrix(bare.rows), labels, metric="precomputed")
    assert found.silhouette == pytest.approx(np.mean(values), abs=1e-5)
    for i, cluster in enumerate(found.clusters):
        own = np.mean(values[np.array(labels) == i])
        assert cluster.silhouette == (None if cluster.size == 1 else pytest.approx(own, abs=1e-5))


@settings(deadline=None)
@given(seed=st.integers(0, 10**6), n=st.integers(3, 30))
def test_a_cluster_is_named_by_its_medoid(seed: int, n: int) -> None:
    """The member most like the others, and they stand by their nearness to it."""
    bare, _ = _centres(seed, n, 3, 0.5)
    rows = {text: row.astype(np.float64) for text, row in zip(bare.words, bare.rows, strict=True)}
    for cluster in clusters(bare, Known()).clusters:  # type: ignore[arg-type]
        texts = [member.text for member in cluster.members]
        likeness = {a: sum(rows[a] @ rows[b] for b in texts) for a in texts}
        assert likeness[cluster.name] == pytest.approx(max(likeness.values()))
        assert texts[0] == cluster.name
        nearness = [member.similarity for member in cluster.members]
        assert nearness == pytest.approx([rows[cluster.name] @ rows[text] for text in texts], abs=1e-6)
        assert nearness[1:] == sorted(nearness[1:], reverse=True)


@pytest.mark.parametrize("kinds", [2, 3, 7, 20])
def test_far_apart_clusters_are_counted(kinds: int) -> None:
    """The number with the highest silhouette is that of the kinds."""
    bare, labels = _centres(kinds, 200, kinds, 0.05)
    found = clusters(bare, Known())  # type: ignore[arg-type]
    assert (found.count, found.chosen) == (len(set(labels)), True)
    assert found.silhouette is not None
    assert found.silhouette > 0.6


def test_no_other_number_has_a_higher_silhouette() -> None:
    """Of those that are tried."""
    bare, _ = _centres(5, 60, 6, 0.6)
    known = Known()
    chosen = clusters(bare, known)  # type: ignore[arg-type]
    each = {n: clusters(bare, known, n).silhouette or -1 for n in range(2, MOST_CHOSEN + 1)}  # type: ignore[arg-type]
    assert chosen.count == max(each, key=each.__getitem__)


def test_clusters_of_the_lecture_s_words(service: Service) -> None:
    """Each word once, although two of them are in two files; 'guitar' is with 'piano' and 'music'."""
    found = clusters(service.store.collection("words"), Known())
    groups = [{member.text for member in cluster.members} for cluster in found.clusters]
    assert sum(map(len, groups)) == found.terms == 50
    assert any({"music", "guitar", "piano"} <= group for group in groups)
    assert any({"doctor", "nurse", "hospital"} <= group for group in groups)


def test_equal_vectors_can_be_clustered() -> None:
    """Where nothing parts them, as many clusters are made as were asked for."""
    bare = Bare([f"term {i}" for i in range(9)], unit(np.ones((9, 3))))
    assert clusters(bare, Known(), 4).count == 4  # type: ignore[arg-type]
    assert clusters(bare, Known()).terms == 9  # type: ignore[arg-type]


@pytest.mark.parametrize("count", [0, -1, 51, 1_000])
def test_a_count_out_of_range_is_refused(service: Service, count: int) -> None:
    """From one to the number of different terms."""
    with pytest.raises(InvalidInputError, match=r"50 different terms, which do not make"):
        clusters(service.store.collection("words"), Known(), count)


def test_too_many_terms_are_refused() -> None:
    """All pairs would have to be held."""
    bare = Bare([f"term {i}" for i in range(MOST + 1)], unit(np.ones((MOST + 1, 2))))
    with pytest.raises(InvalidInputError, match="up to 5,000 terms"):
        clusters(bare, Known())  # type: ignore[arg-type]


# Measured


@pytest.fixture(scope="module")
def categories(service: Service) -> tuple[list[str], list[str], Vectors]:
    """Words of eleven categories: their categories, themselves, and their vectors."""
    if not (DATA / "categories").is_dir():
        pytest.skip(f"categories are not in {DATA}: set NEARHOOD_TESTDATA")
    found = []
    for path in sorted((DATA / "categories").rglob("*.json")):
        words = next(value for value in json.loads(path.read_text()).values() if isinstance(value, list))
        found += [(path.stem, word["name"] if isinstance(word, dict) else word) for word in words]
    kinds, words = map(list, zip(*found, strict=True))
    return kinds, words, service.embedder.embed_documents(words)


def test_clear_odd_ones_are_right(categories: tuple[list[str], list[str], Vectors]) -> None:
    """Of four words of a category and one of another, 9 of 10 clear answers are right, and 4 of 10 are clear."""
    kinds, words, rows = categories
    rng = np.random.default_rng(7)
    embedder: Embedder = _Known(words, rows)
    right, clear = [], []
    for _ in range(1_000):
        kind, other = rng.choice(sorted(set(kinds)), 2, replace=False)
        own = rng.choice([i for i, k in enumerate(kinds) if k == kind], 4, replace=False)
        odd = rng.choice([i for i, k in enumerate(kinds) if k == other])
        found = odd_one_out([words[i] for i in (*own, odd)], embedder)
        right.append(found.place == 4)
        clear.append(found.clear)
    assert np.mean(right) > 0.68
    assert np.mean(clear) > 0.35
    assert np.mean(np.array(right)[clear]) > 0.9


def test_clusters_are_categories(categories: tuple[list[str], list[str], Vectors]) -> None:
    """Far better than chance, with the number of clusters given or not."""
    kinds, words, rows = categories
    bare = Bare([f"{word} ({kind})" for kind, word in zip(kinds, words, strict=True)], rows)
    for count in (None, 11):
        found = clusters(bare, Known(), count)  # type: ignore[arg-type]
        labels = {member.text: i for i, cluster in enumerate(found.clusters) for member in cluster.members}
        assert v_measure_score(kinds, [labels[text] for text in bare.words]) > 0.5


class _Known(Seeded):
    """An embedder that has all vectors."""

    def __init__(self, words: list[str], rows: Vectors) -> None:
        super().__init__(rows.shape[1])
        self._rows: dict[str, Vector] = dict(zip(words, rows, strict=True))

    def embed_query(self, text: str) -> Vector:
        return self._rows[text]
