"""Maps that are kept, brought up to date, laid on the one before, and asked where a text would stand."""

import json
import tracemalloc
from dataclasses import replace

import numpy as np
import pytest

from search.errors import NotFoundError
from search.latent.align import aligned
from search.latent.fit import Material, fit
from search.latent.fitted import Wish
from search.latent.grow import grown, outgrown
from search.latent.keep import KEPT, latest, load, save, versions
from search.latent.map import LatentMap
from search.latent.maps import Maps, place, shown_map
from search.latent.rows import Rows, rows
from search.latent.standing import Standing
from search.latent.trust import measure
from search.store.collection import Collection
from search.store.ledger import vector_key
from search.store.store import Store
from search.types import Vectors
from search.vectors import unit
from tests.search.latent.conftest import EMBEDDER, Fill, blobs, embed

PCA = Wish(method="pca")
IDS = [f"p{i:03}" for i in range(120)]


def _draw(maps: Maps, collection: Collection, wish: Wish | None = PCA, *, refit: bool = False) -> Standing:
    return maps.draw(collection, embed, wish, refit=refit, threads=1, heard=lambda *_: None)


def _fitted(found: Rows, wish: Wish) -> bytes:
    made = fit(Material(found, [f"text {i}" for i in found.ids], EMBEDDER, embed), wish)
    return b"".join(array.tobytes() for array in made.arrays().values()) + repr(made.facts).encode()


@pytest.mark.parametrize("method", ["pca", "tsne"])
def test_the_order_of_the_passages_changes_no_byte(fill: Fill, method: str) -> None:
    """Rows are sorted by their ids before anything is computed."""
    vectors = blobs(60)
    order = np.random.default_rng(5).permutation(60)
    a = fill(vectors, IDS[:60], name="first")
    b = fill(vectors[order], [IDS[i] for i in order], name="second")
    assert _fitted(rows(a), Wish(method=method)) == _fitted(rows(b), Wish(method=method))


def test_a_map_is_kept_whole(fill: Fill) -> None:
    """What is read back is what was written, to the last bit, and the same map makes the same files."""
    collection = fill(blobs(120), IDS)
    drawn = _draw(Maps(), collection).fitted
    found = latest(collection.derived.maps)
    assert found is not None
    assert found.facts == drawn.facts
    assert found.ids == drawn.ids
    assert all(np.array_equal(value, drawn.arrays()[name]) for name, value in found.arrays().items())
    before = {file.name: file.read_bytes() for file in collection.derived.maps.iterdir()}
    save(collection.derived.maps, found)
    assert {file.name: file.read_bytes() for file in collection.derived.maps.iterdir()} == before


@pytest.mark.parametrize("torn", ["1+*.npz", "1.json"])
def test_a_torn_map_is_none(fill: Fill, torn: str) -> None:
    """A file that is cut off is not read; the map is fitted anew."""
    collection = fill(blobs(120), IDS)
    _draw(Maps(), collection)
    (path,) = collection.derived.maps.glob(torn)
    path.write_bytes(path.read_bytes()[:200])
    assert load(collection.derived.maps, 1) is None
    assert _draw(Maps(), collection).fitted.facts.version == 1


def test_a_map_that_is_written_over_is_read_at_any_moment(fill: Fill) -> None:
    """A process that ends between its two files leaves the map before, and the next one nothing of the one it began."""
    collection = fill(blobs(120), IDS)
    folder, before = collection.derived.maps, _draw(Maps(), collection).fitted
    old = {file.name: file.read_bytes() for file in folder.iterdir()}
    after = replace(before, wobble=1 - before.wobble)
    save(folder, after)
    # All that was written before the JSON, and nothing of what comes after.
    for name, content in old.items():
        (folder / name).write_bytes(content)
    assert len(list(folder.glob("*.npz"))) == 2
    assert np.array_equal(load(folder, 1).wobble, before.wobble)  # type: ignore[union-attr]
    save(folder, after)
    assert np.array_equal(load(folder, 1).wobble, after.wobble)  # type: ignore[union-attr]
    assert len(list(folder.glob("*.npz"))) == 1


def test_a_map_that_an_earlier_version_kept_is_read(fill: Fill) -> None:
    """Its numbers have no check in their name; the next map of its version takes their place."""
    collection = fill(blobs(120), IDS)
    folder, drawn = collection.derived.maps, _draw(Maps(), collection).fitted
    (file,) = folder.glob("*.npz")
    file.rename(folder / "1.npz")
    found = load(folder, 1)
    assert found is not None
    assert found.facts == drawn.facts
    save(folder, replace(drawn, wobble=1 - drawn.wobble))
    assert [path.name.startswith("1+") for path in folder.glob("*.npz")] == [True]


def test_nothing_is_pickled(fill: Fill) -> None:
    """Numbers are plain arrays, and the rest is JSON."""
    collection = fill(blobs(120), IDS)
    _draw(Maps(), collection)
    (file,) = collection.derived.maps.glob("*.npz")
    with np.load(file, allow_pickle=False) as arrays:
        assert {"coords", "near", "cluster", "shares"} <= set(arrays)
    facts = json.loads((collection.derived.maps / "1.json").read_text())["facts"]
    assert (facts["embedder"], facts["wish"]["seed"], len(facts["digest"])) == (EMBEDDER, 0, 64)


def test_new_passages_are_placed_and_no_other_moves(fill: Fill) -> None:
    """Passages that come in stand among their neighbours; the rest stays where it is."""
    vectors = blobs(120)
    before = _draw(Maps(), fill(vectors[:110], IDS[:110])).fitted
    collection = fill(vectors[110:], IDS[110:], source="/notes/b.txt")
    after = _draw(Maps(), collection).fitted
    assert np.array_equal(after.coords[:110], before.coords)
    assert after.placed.tolist() == [False] * 110 + [True] * 10
    # All of the last group, whose other members stand together.
    assert np.linalg.norm(after.coords[110:] - np.median(before.coords[90:110], axis=0), axis=1).max() < 0.5
    assert after.facts.version == before.facts.version


def test_a_map_that_has_grown_is_measured_again(fill: Fill) -> None:
    """Its measures are of all points that stand on it now, and none is of the day when it was fitted."""
    vectors = blobs(240)
    before = _draw(Maps(), fill(vectors[::4], IDS[:60])).fitted.facts.trust
    every = np.delete(vectors, np.arange(0, 240, 4), axis=0)
    collection = fill(every, [f"q{i:03}" for i in range(180)])
    after = _draw(Maps(), collection).fitted
    assert after.facts.trust == measure(rows(collection).vectors, after.coords, after.shares) != before
    assert (after.facts.trust.measured_on, outgrown(int(after.placed.sum()), len(after.ids))) == (240, True)


def test_a_map_of_too_few_to_measure_is_fitted_again_once_there_are_enough(fill: Fill) -> None:
    """Few points say nothing of where others belong; until then, what comes in is placed among them."""
    vectors, maps = blobs(120), Maps()
    _draw(maps, fill(vectors[:5], IDS[:5]))
    grown = _draw(maps, fill(vectors[5:20], IDS[5:20])).fitted
    assert (grown.facts.version, int(grown.placed.sum())) == (1, 15)
    fitted = _draw(maps, fill(vectors[20:], IDS[20:])).fitted
    assert (fitted.facts.version, int(fitted.placed.sum())) == (2, 0)
    assert fitted.facts.moved is not None


def test_passages_that_are_gone_leave_the_map(store: Store, fill: Fill) -> None:
    """What is left keeps its place, and no neighbour is one that is gone."""
    vectors = blobs(120)
    fill(vectors[:100], IDS[:100])
    before = _draw(Maps(), fill(vectors[100:], IDS[100:], source="/notes/b.txt")).fitted
    store.remove_source(store.collection("notes"), "/notes/b.txt")
    after = _draw(Maps(), store.collection("notes")).fitted
    assert after.ids == before.ids[:100]
    assert np.array_equal(after.coords, before.coords[:100])
    assert after.near.max() < 100
    assert not (after.near == np.arange(100)[:, None]).any()


def test_a_text_that_changed_is_placed_anew(store: Store, fill: Fill) -> None:
    """The same id with another vector is as good as new."""
    vectors = blobs(120)
    _draw(Maps(), fill(vectors, IDS))
    changed = fill(vectors[119:], IDS[:1], texts=["something else"])
    after = _draw(Maps(), changed).fitted
    assert after.placed.tolist() == [True] + [False] * 119


def test_a_refit_is_a_new_version_laid_on_the_old_one(fill: Fill) -> None:
    """Places are turned back to where they were; names and ids of clusters stay; old versions go in time."""
    collection, maps = fill(blobs(120, spread=0.1), IDS), Maps()
    first = _draw(maps, collection).fitted
    second = _draw(maps, collection, refit=True).fitted
    assert second.facts.moved is not None
    assert (second.facts.version, second.facts.moved.since) == (2, 1)
    assert second.facts.moved.median == pytest.approx(0, abs=1e-5)
    assert [c.id for c in second.facts.clusters] == [c.id for c in first.facts.clusters]
    assert all(c.carried for c in second.facts.clusters)
    for _ in range(3):
        _draw(maps, collection, refit=True)
    assert versions(collection.derived.maps) == [3, 4, 5][-KEPT:]


@pytest.mark.parametrize("drawn", [2, 5])
def test_a_map_of_another_embedder_is_followed_by_the_next_version(store: Store, fill: Fill, drawn: int) -> None:
    """After `collections reindex` the new map is the newest: it is kept, it is shown, and it is laid on none."""
    collection, maps = fill(blobs(120), IDS), Maps()
    for _ in range(drawn):
        _draw(maps, collection, refit=True)
    keys = [vector_key("test:other", text) for _, text in collection.texts()]
    store.put(collection, [], keys, blobs(120, seed=1), tokens=0)
    assert store.renew(collection, "test:other", 16)
    again = store.collection("notes")
    with pytest.raises(NotFoundError, match="no map yet"):
        maps.standing(again)
    made = _draw(maps, again).fitted.facts
    assert (made.version, made.embedder, made.moved) == (drawn + 1, "test:other", None)
    assert maps.standing(again).fitted.facts == Maps().standing(again).fitted.facts == made


def test_alignment_undoes_a_turn_a_mirror_and_a_scale() -> None:
    """Procrustes, on the points that both maps have."""
    old = np.random.default_rng(0).normal(size=(50, 2)).astype(np.float32)
    turn = np.array([[0.6, 0.8], [0.8, -0.6]])
    new = (old @ turn * 3 + 7).astype(np.float32)
    laid, moved = aligned(new, np.arange(30), old[:30], since=4)
    assert np.allclose(laid, old, atol=1e-4)
    assert (moved.since, moved.shared, moved.away) == (4, 30, 0.0)


def test_a_sample_is_drawn_only_when_it_is_asked_for(fill: Fill) -> None:
    """By a seed, and the map says of how many."""
    collection = fill(blobs(120), IDS)
    standing = _draw(Maps(), collection, replace(PCA, sample=50))
    drawn = shown_map(standing, collection)
    assert (len(drawn.points), drawn.passages, drawn.sample) == (50, 120, 50)


def test_a_text_like_a_point_is_placed_at_it(fill: Fill) -> None:
    """With an error, and with its true neighbours, which are all of its own group."""
    vectors = blobs(120, spread=0.1)
    collection, maps = fill(vectors, IDS), Maps()
    _draw(maps, collection)
    standing = maps.standing(collection)
    (found,) = place(standing, collection, ["like the first"], vectors[:1])
    assert found.neighbours[0].id == IDS[0]
    assert {int(n.id[1:]) // 30 for n in found.neighbours} == {0}
    assert not found.off_map
    assert np.hypot(found.x - standing.fitted.coords[0, 0], found.y - standing.fitted.coords[0, 1]) < 0.3
    assert found.error is not None
    assert found.error >= 0


def test_a_text_like_nothing_is_off_the_map(fill: Fill) -> None:
    """Its neighbours are farther than those of nearly all points of the map."""
    collection, maps = fill(blobs(120, spread=0.1), IDS), Maps()
    _draw(maps, collection)
    strange: Vectors = unit(np.eye(16)[15:])
    (found,) = place(maps.standing(collection), collection, ["strange"], strange)
    assert found.off_map
    assert found.far


def test_few_of_the_map_s_own_points_are_off_it(fill: Fill) -> None:
    """About one in twenty by calibration."""
    vectors = blobs(120)
    collection, maps = fill(vectors, IDS), Maps()
    _draw(maps, collection)
    found = place(maps.standing(collection), collection, IDS, vectors)
    assert sum(one.off_map for one in found) <= 12


def test_a_collection_without_a_map_says_what_to_run(fill: Fill) -> None:
    """In one line."""
    with pytest.raises(NotFoundError, match="nearhood map -c notes"):
        Maps().standing(fill(blobs(8), IDS[:8]))


@pytest.mark.parametrize("n", [0, 1, 2, 4])
def test_small_collections_have_maps(store: Store, fill: Fill, n: int) -> None:
    """Without measures and clusters, but with places."""
    collection = fill(blobs(8)[:n], IDS[:n])
    drawn: LatentMap = shown_map(_draw(Maps(), collection, None), collection)
    assert (len(drawn.points), drawn.trustworthiness, drawn.clusters) == (n, None, ())


def test_a_cancelled_fit_keeps_nothing(fill: Fill) -> None:
    """What is raised while it goes on ends it, here between draws of the clusters, and no file is left."""

    def stop(stage: str, done: int, _total: int) -> None:
        if (stage, done) == ("clusters", 3):
            raise KeyboardInterrupt

    collection = fill(blobs(120), IDS)
    with pytest.raises(KeyboardInterrupt):
        Maps().draw(collection, embed, PCA, refit=False, threads=1, heard=stop)
    assert latest(collection.derived.maps) is None


def test_maps_go_with_their_collection_and_with_a_purged_source(store: Store, fill: Fill) -> None:
    """Nothing is left of either in the data folder."""
    collection = fill(blobs(120), IDS)
    _draw(Maps(), collection)
    other = fill(blobs(120), IDS, name="other", source="/notes/z.txt")
    _draw(Maps(), other)
    store.purge_source("/notes/a.txt", ["notes"])
    assert versions(collection.derived.maps) == []
    assert versions(other.derived.maps) == [1]
    store.drop("other")
    assert not other.derived.maps.exists()


def test_a_few_passages_are_placed_in_little_memory(fill: Fill) -> None:
    """Not with the vectors of all neighbours of thousands of points at hand."""
    vectors = blobs(2_200, d=128)
    before = rows(fill(vectors[:2_100], [f"p{i:04}" for i in range(2_100)]))
    wish = replace(PCA, clustering="kmeans", clusters=2)
    made = fit(Material(before, [""] * 2_100, EMBEDDER, lambda _: None), wish)
    every = rows(fill(vectors[2_100:], [f"q{i:04}" for i in range(100)]))
    tracemalloc.start()
    grown(made, every)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 50e6


def test_passages_that_come_in_are_neighbours_too(fill: Fill) -> None:
    """Of those that were there, and of each other: what a point is trusted by is the true ones."""
    vectors = blobs(120)
    maps = Maps()
    _draw(maps, fill(vectors, IDS))
    twins = [f"q{i:03}" for i in range(120)]
    after = _draw(maps, fill(np.concatenate([vectors, vectors]), [*IDS, *twins])).fitted
    cosines = np.concatenate([vectors, vectors]) @ np.concatenate([vectors, vectors]).T
    np.fill_diagonal(cosines, -1)
    least = np.sort(cosines, axis=1)[:, -after.near.shape[1]]
    assert (np.take_along_axis(cosines, after.near.astype(np.int64), axis=1) >= least[:, None] - 1e-5).all()
    assert (after.near != np.arange(240)[:, None]).all()
