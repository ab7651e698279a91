"""Whatever is taken in, edited, removed and reopened in any order, a search equals brute force over what is there."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from ingest.document import Options as Reading
from ingest.read import id_prefix
from ingest.sync import Wish, sync
from search.retrieve.fuse import Mode
from search.retrieve.options import Options
from search.retrieve.where import parse
from search.service import Service
from search.settings import Settings

TEXTS = (
    "the dog chased the man",
    "the man chased the dog",
    "a river flows to the sea",
    "the bank lends money",
    "money flows to the bank",
    "bread is baked in an oven",
    "interest rates rise",
    "a quiet morning in the forest",
)
NAMES = ("a.txt", "b.txt", "deep/c.txt")
lines = st.lists(st.sampled_from(TEXTS), min_size=1, max_size=5)
names = st.sampled_from(NAMES)


class Notes(RuleBasedStateMachine):
    """A folder of files, a store that follows it, and what brute force knows of both."""

    cache: Path

    @initialize()
    def begin(self) -> None:
        """An empty folder."""
        self.root = Path(tempfile.mkdtemp())
        (self.root / "notes").mkdir()
        self.files: dict[str, list[str]] = {}
        self.level: dict[str, list[str]] = {}
        self.service = self._open()

    def teardown(self) -> None:
        """Leave nothing behind."""
        self.service.close()
        shutil.rmtree(self.root)

    @rule(name=names, content=lines)
    def write(self, name: str, content: list[str]) -> None:
        """A file comes, or changes."""
        file = self.root / "notes" / name
        file.parent.mkdir(exist_ok=True)
        file.write_text("\n".join(content))
        self.files[name] = content

    @rule(name=names)
    def delete(self, name: str) -> None:
        """A file goes."""
        (self.root / "notes" / name).unlink(missing_ok=True)
        self.files.pop(name, None)

    @rule()
    def take_in(self) -> None:
        """The store is brought level with the folder."""
        if self.files or self.level:
            wish = Wish([self.root / "notes"], Reading(kind="sentences"), prune=True)
            sync(self.service.store, self.service.embedder, "notes", wish)
            self.level = {name: list(content) for name, content in self.files.items()}

    @rule()
    def reopen(self) -> None:
        """Another process has the folder from here on."""
        self.service.close()
        self.service = self._open()

    @rule(query=st.sampled_from((*TEXTS, "finance", "animals")), k=st.integers(1, 12), name=st.none() | names)
    def query(self, query: str, k: int, name: str | None) -> None:
        """Texts, places and order are those of brute force, with a filter and without."""
        if "notes" not in self.service.store.names():
            return
        where = None if name is None else parse(f'source contains "{name}"')
        hits = self.service.search(query, "notes", k, Options(Mode.DENSE, where=where)).hits
        there = [(n, i, text) for n, i, text in self._passages() if name is None or name in n]
        asked = self.service.embedder.embed_query(query)
        cosines = {text: float(self._vector(text) @ asked) for _, _, text in there}
        expected = sorted((cosines[text] for _, _, text in there), reverse=True)[:k]
        assert [hit.similarity for hit in hits] == pytest.approx(expected, abs=1e-5)
        found = [(str(Path(hit.source).relative_to(self.root / "notes")), hit.text) for hit in hits]
        assert len({hit.id for hit in hits}) == len(hits)
        assert all((n, text) in {(n, text) for n, _, text in there} for n, text in found)
        assert [cosines[hit.text] for hit in hits] == pytest.approx(expected, abs=1e-5)

    @invariant()
    def the_ledger_has_what_is_level(self) -> None:
        """No passage too many, none too few, each with its file and place."""
        if "notes" in self.service.store.names():
            collection = self.service.store.collection("notes")
            numbers = [number for number, _ in collection.texts()]
            stored = sorted((p.id, p.source, p.position, p.text) for p in collection.read(numbers).values())
            paths = ((str(self.root / "notes" / n), i, text) for n, i, text in self._passages())
            assert stored == sorted((f"{id_prefix(path)}-{i}", path, i, text) for path, i, text in paths)

    def _open(self) -> Service:
        return Service(Settings(data=self.root / "data", cache=self.cache), "test")

    def _passages(self) -> Iterator[tuple[str, int, str]]:
        return ((name, i, text) for name, content in self.level.items() for i, text in enumerate(content))

    def _vector(self, text: str) -> np.ndarray:
        return self.service.embedder.embed_query(text)


def test_any_order_of_changes_leaves_search_equal_to_brute_force(cache: Path) -> None:
    """Ingest, edit, delete, reopen, filter and query."""
    Notes.cache = cache
    slow = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
    budget = settings(max_examples=12, stateful_step_count=14, deadline=None, suppress_health_check=slow)
    run_state_machine_as_test(Notes, settings=budget)
