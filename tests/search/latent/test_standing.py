"""A kept map is found without reading the collection, and never beside another state of it."""

from dataclasses import replace

import numpy as np
import pytest

from search.latent.fitted import Wish
from search.latent.keep import latest, save
from search.latent.maps import Maps
from search.latent.standing import Standing, remembered
from search.store.collection import Collection
from search.store.store import Store
from tests.search.latent.conftest import Fill, blobs, embed

PCA = Wish(method="pca")
IDS = [f"p{i:03}" for i in range(120)]


@pytest.fixture
def collection(fill: Fill) -> Collection:
    """With a map."""
    found = fill(blobs(120)[::-1], IDS[::-1])
    Maps().draw(found, embed, PCA, refit=False, threads=1, heard=lambda *_: None)
    return found


def _remembered(collection: Collection) -> Standing | None:
    fitted = latest(collection.derived.maps)
    assert fitted is not None
    return remembered(collection, fitted)


def test_what_is_remembered_is_what_would_be_found(collection: Collection) -> None:
    """The same passages in the same order, whose vectors are read once they are asked for."""
    known = _remembered(collection)
    assert known is not None
    assert [p.id for p in map(collection.read(known.numbers.tolist()).get, known.numbers.tolist()) if p] == IDS
    assert (known.total, known.vectors(collection).tolist()) == (120, blobs(120).tolist())
    assert Maps().standing(collection).numbers.tolist() == known.numbers.tolist()


def test_nothing_is_remembered_once_the_collection_has_changed(
    store: Store, fill: Fill, collection: Collection
) -> None:
    """What came is placed, what went is gone, and neither is taken for what is kept on disk."""
    more = fill(blobs(120)[:1], ["q"], source="/notes/b.txt")
    assert _remembered(more) is None
    assert Maps().standing(more).fitted.ids == (*IDS, "q")
    assert _remembered(more) is None
    store.remove_source(more, "/notes/a.txt")
    fewer = fill(blobs(120)[:60], IDS[:60])
    assert Maps().standing(fewer).fitted.ids == (*IDS[:60], "q")
    assert _remembered(fewer) is None


def test_a_changed_vector_is_a_change(fill: Fill, collection: Collection) -> None:
    """Though ids and count are as they were."""
    other = fill(blobs(120)[:1], IDS[-1:], texts=["another text"])
    assert len(other) == len(collection)
    assert _remembered(other) is None
    assert Maps().standing(other).fitted.placed.tolist() == [False] * 119 + [True]


def test_another_map_of_the_same_version_is_not_the_one_remembered(collection: Collection) -> None:
    """Whatever wrote it, a map of other passages does not get these ones' numbers."""
    fitted = latest(collection.derived.maps)
    assert fitted is not None
    save(collection.derived.maps, replace(fitted, ids=(*fitted.ids[:-1], "z")))
    assert _remembered(collection) is None


@pytest.mark.parametrize("left", [None, 0, 200])
def test_a_map_of_which_nothing_is_remembered_is_found_all_the_same(collection: Collection, left: int | None) -> None:
    """As in data folders from before, or where the file is torn; then it is remembered again."""
    (file,) = collection.derived.maps.glob("numbers-*")
    before = np.load(file)
    if left is None:
        file.unlink()
    else:
        file.write_bytes(file.read_bytes()[:left])
    assert _remembered(collection) is None
    assert Maps().standing(collection).numbers.tolist() == before.tolist()
    found = _remembered(collection)
    assert found is not None
    assert found.numbers.tolist() == before.tolist()
    assert len(list(collection.derived.maps.glob("numbers-*"))) == 1
