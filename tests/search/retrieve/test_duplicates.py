"""Near-duplicates equal those of a brute-force oracle, whatever their number."""

from collections.abc import Iterator
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from scipy.sparse.csgraph import connected_components

from ingest.sync import ingest
from search.errors import InvalidInputError
from search.retrieve import duplicates as module
from search.retrieve.duplicates import MOST_MEMBERS, MOST_PAIRS, Duplicates, duplicates
from search.service import Service
from search.settings import Settings
from search.types import Vectors
from search.vectors import cosine_matrix, unit
from tests.search.retrieve.bare import Bare


def _rows(seed: int, n: int, kinds: int) -> tuple[list[str], Vectors]:
    """Return texts, some of them more than once, with rows near to some centres; equal texts have equal rows."""
    rng = np.random.default_rng(seed)
    centres = rng.normal(size=(kinds, 6))
    different = unit(centres[rng.integers(0, kinds, size=n)] + rng.normal(size=(n, 6)) * 0.25)
    chosen = rng.integers(0, n, size=n)
    return [f"text {i}" for i in chosen], different[chosen]


def _find(texts: list[str], rows: Vectors, limit: float, most: int = MOST_PAIRS, block: int = 7) -> Duplicates:
    return duplicates(Bare(texts, rows, block), limit, most)  # type: ignore[arg-type]


@example(seed=0, n=1, kinds=1, limit=0.95, block=1)
@settings(deadline=None)
@given(
    seed=st.integers(0, 10**6),
    n=st.integers(1, 40),
    kinds=st.integers(1, 12),
    limit=st.floats(0.5, 0.99),
    block=st.integers(1, 50),
)
def test_duplicates_equal_brute_force(seed: int, n: int, kinds: int, limit: float, block: int) -> None:
    """All pairs are counted, those of different texts named once, and groups are what pairs connect."""
    texts, rows = _rows(seed, n, kinds)
    matrix = cosine_matrix(rows)
    assume(np.all(np.abs(matrix - limit) > 1e-5))
    found = _find(texts, rows, limit, block=block)
    pairs = [(i, j) for i, j in combinations(range(n), 2) if matrix[i, j] >= limit]
    near = [(i, j) for i, j in pairs if texts[i] != texts[j]]
    assert found.identical == sum(texts[i] == texts[j] for i, j in combinations(range(n), 2))
    assert found.found == len(near)
    named = {tuple(sorted((texts[i], texts[j]))): matrix[i, j] for i, j in near}
    assert {tuple(sorted((p.a.text, p.b.text))): pytest.approx(p.similarity) for p in found.pairs} == named
    assert [p.similarity for p in found.pairs] == sorted((p.similarity for p in found.pairs), reverse=True)
    assert all(int(p.a.id) < int(p.b.id) for p in found.pairs)
    graph = (matrix >= limit) | np.array([[a == b for a in texts] for b in texts])
    _, labels = connected_components(graph, directed=False)
    expected = {frozenset(np.flatnonzero(labels == label).tolist()) for label in labels}
    groups = {frozenset(int(m.id) // 10 for m in group.members) for group in found.groups}
    assert groups == {group for group in expected if len(group) > 1}
    assert found.grouped == len(found.groups)
    assert all(group.size == len(group.members) for group in found.groups)
    assert all(group.texts == len({m.text for m in group.members}) for group in found.groups)


@settings(deadline=None)
@given(seed=st.integers(0, 10**6), most=st.integers(1, 20))
def test_a_limit_keeps_the_nearest_pairs(seed: int, most: int) -> None:
    """The others are counted still."""
    texts, rows = _rows(seed, 30, 3)
    every, some = _find(texts, rows, 0.6), _find(texts, rows, 0.6, most)
    assert (some.found, some.identical, some.grouped) == (every.found, every.identical, every.grouped)
    assert some.pairs == every.pairs[:most]
    assert [g.size for g in some.groups] == sorted((g.size for g in every.groups), reverse=True)[:most]


@settings(deadline=None)
@given(seed=st.integers(0, 10**6))
def test_tiles_and_joins_change_nothing(seed: int) -> None:
    """However many rows are held at a time, and however often groups are joined."""
    texts, rows = _rows(seed, 40, 4)
    expected = _find(texts, rows, 0.7)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_HELD", 11)
        patch.setattr(module, "_TILE", 3)
        patch.setattr(module, "_JOINED", 2)
        patch.setattr(module, "_READ", 3)
        assert _find(texts, rows, 0.7, block=16) == expected


def test_many_copies_of_one_text_cost_no_more_than_one() -> None:
    """Twelve million identical pairs are counted, and one group of them is named in part."""
    found = _find(["again"] * 5_000, unit(np.ones((5_000, 3))), 0.95, block=999)
    assert (found.identical, found.found, found.pairs) == (5_000 * 4_999 // 2, 0, ())
    assert [(group.size, group.texts, len(group.members)) for group in found.groups] == [(5_000, 1, MOST_MEMBERS)]


def test_texts_of_one_vector_are_near_and_not_identical() -> None:
    """All three thousand different texts are as near as can be: the first thousand pairs are named."""
    found = _find([f"text {i}" for i in range(3_000)], unit(np.ones((3_000, 3))), 1.0, block=999)
    assert (found.identical, found.found, len(found.pairs)) == (0, 3_000 * 2_999 // 2, MOST_PAIRS)
    assert [(group.size, group.texts) for group in found.groups] == [(3_000, 3_000)]


@pytest.mark.parametrize("n", [0, 1, 2])
def test_the_smallest_collections_are_compared(n: int) -> None:
    """With nothing made up."""
    found = _find(["one", "two"][:n], unit(np.eye(2))[:n], 0.95)
    assert (found.passages, found.found, found.identical, found.pairs, found.groups) == (n, 0, 0, (), ())


@pytest.mark.parametrize("limit", [0.49, 1.01, -1.0, float("nan")])
def test_a_limit_out_of_range_is_refused(limit: float) -> None:
    """From 0.5 to 1."""
    with pytest.raises(InvalidInputError, match=r"from 0\.5 to 1"):
        _find(["one"], unit(np.eye(1)), limit)


@pytest.mark.parametrize("most", [0, -1, 1_001])
def test_a_number_out_of_range_is_refused(most: int) -> None:
    """From 1 to 1,000."""
    with pytest.raises(InvalidInputError, match=r"from 1 to 1,000"):
        _find(["one"], unit(np.eye(1)), 0.95, most)


@pytest.fixture
def service(settings: Settings, tmp_path: Path) -> Iterator[Service]:
    """A service over two files that share a line, and of which two lines say the opposite."""
    (tmp_path / "one.txt").write_text("The dog chased the man\nThe heron waits in the reeds\n")
    (tmp_path / "two.txt").write_text("The man chased the dog\nThe heron waits in the reeds\n")
    with Service(settings, "test") as service:
        ingest(service.store, service.embedder, "lines", [tmp_path / "one.txt", tmp_path / "two.txt"], "sentences")
        yield service


@pytest.mark.parametrize("exact_bytes", [2**30, 0])
def test_pairs_come_with_sources_and_cautions(service: Service, settings: Settings, exact_bytes: int) -> None:
    """A near-duplicate of exchanged roles is near and no duplicate; an identical line is in both files."""
    from dataclasses import replace

    service.close()
    with Service(replace(settings, exact_bytes=exact_bytes), "test") as again:
        found = duplicates(again.store.collection("lines"))
    assert (found.passages, found.found, found.identical, found.grouped) == (4, 1, 1, 2)
    (pair,) = found.pairs
    assert [Path(side.source).name for side in (pair.a, pair.b)] == ["one.txt", "two.txt"]
    assert pair.similarity == pytest.approx(0.977, abs=1e-3)
    assert [caution.kind for caution in pair.cautions] == ["role-swap"]
    identical = next(group for group in found.groups if group.texts == 1)
    assert {Path(member.source).name for member in identical.members} == {"one.txt", "two.txt"}


def test_who_is_told_how_far_it_is_can_end_it() -> None:
    """As one does who waits for it no more."""
    texts, rows = _rows(0, 40, 12)
    told = []

    def heard(done: int, of: int) -> None:
        told.append((done, of))
        if len(told) > 1:
            raise KeyboardInterrupt

    duplicates(Bare(texts, rows, 7), 0.9, heard=lambda done, of: told.append((done, of)))  # type: ignore[arg-type]
    assert told
    assert all(0 <= done < of for done, of in told)
    with pytest.raises(KeyboardInterrupt):
        duplicates(Bare(texts, rows, 7), 0.9, heard=heard)  # type: ignore[arg-type]
