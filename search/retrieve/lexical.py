"""Ranks passages by the words they share with a query: BM25."""

import contextlib
import json
import re
import shutil
import sys
import tempfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import Stemmer
from numpy.typing import NDArray

from search.store.collection import Collection


@contextlib.contextmanager
def _hidden(name: str) -> Iterator[None]:
    """Let an installed library seem absent."""
    known = sys.modules.get(name)
    # How Python marks what cannot be imported.
    sys.modules[name] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        del sys.modules[name]
        if known is not None:
            sys.modules[name] = known


# Where numba is installed, for maps by UMAP, bm25s spends two seconds on a backend that is not used here.
with _hidden("numba"):
    import bm25s
    from bm25s.stopwords import STOPWORDS_EN

_WORDS = re.compile(r"(?u)\b\w\w+\b")
_STOP = frozenset(STOPWORDS_EN)
_LANGUAGE = "english"
_REVISION = 1
"""Of how words are made, so that an index of others is not read."""
_NUMBERS, _FACTS = "numbers.npy", "facts.json"


class Lexical:
    """A BM25 index over a collection as it stood."""

    def __init__(self, numbers: NDArray[np.int64], index: Any) -> None:  # noqa: ANN401 - bm25s has no types
        """:param numbers: The passages' numbers in the ledger, ascending."""
        self.numbers = numbers
        self._index = index

    def scores(self, query: str) -> NDArray[np.float32]:
        """Return the BM25 score of each passage, (n,); 0 for those without a word of the query."""
        known = self._index.vocab_dict
        words = [known[word] for word in _Stems().of(query) if word in known]
        if not words:
            return np.zeros(len(self.numbers), dtype=np.float32)
        scores: NDArray[np.float32] = self._index.get_scores_from_ids(words)
        return scores

    def save(self, folder: Path, version: int) -> None:
        """Write the index, whole or not at all. Where there is no room, it is made again next time."""
        with contextlib.suppress(OSError):
            folder.parent.mkdir(mode=0o700, exist_ok=True)
            with tempfile.TemporaryDirectory(dir=folder.parent, ignore_cleanup_errors=True) as place:
                part = Path(place) / "part"
                self._index.save(part, show_progress=False)
                np.save(part / _NUMBERS, self.numbers)
                (part / _FACTS).write_text(json.dumps(_facts(part, version)))
                shutil.rmtree(folder, ignore_errors=True)
                part.rename(folder)


def lexical(collection: Collection) -> Lexical:
    """Return the index of a collection: the one on disk where that is of the same age, else a new one."""
    found = _load(collection.lexical_folder, collection.row.version)
    if found is None:
        found = _make(collection)
        found.save(collection.lexical_folder, collection.row.version)
    return found


class _Stems:
    """Turns texts into stems, remembering them, since a corpus says most words many times."""

    def __init__(self) -> None:
        self._stemmer = Stemmer.Stemmer(_LANGUAGE, 0)
        self._known: dict[str, str] = {}

    def of(self, text: str) -> list[str]:
        """Return the stems of a text's words, without those that say nothing."""
        return [self._stem(word) for word in _WORDS.findall(text.lower()) if word not in _STOP]

    def _stem(self, word: str) -> str:
        found = self._known.get(word)
        if found is None:
            found = self._known[word] = self._stemmer.stemWord(word)
        return found


def _make(collection: Collection) -> Lexical:
    stems = _Stems()
    # No passage has the first word, so that the index has one, and its mean length is not 0.
    vocabulary = {"": 0}
    numbers: list[int] = []
    passages: list[list[int]] = []
    for number, text in collection.texts():
        numbers.append(number)
        passages.append([vocabulary.setdefault(stem, len(vocabulary)) for stem in stems.of(text)])
    index = bm25s.BM25()
    with np.errstate(invalid="ignore"):
        index.index((passages, vocabulary), create_empty_token=False, show_progress=False)
    return Lexical(np.array(numbers, dtype=np.int64), index)


def _load(folder: Path, version: int) -> Lexical | None:
    """Return what is on disk; None when it is not there, of another age, or not whole."""
    try:
        if json.loads((folder / _FACTS).read_text()) != _facts(folder, version):
            return None
        return Lexical(np.load(folder / _NUMBERS), bm25s.BM25.load(folder, mmap=True, show_progress=False))
    except (OSError, ValueError, KeyError, EOFError):
        return None


def _facts(folder: Path, version: int) -> dict[str, Any]:
    files = {path.name: zlib.crc32(path.read_bytes()) for path in sorted(folder.iterdir()) if path.name != _FACTS}
    return {"version": version, "revision": _REVISION, "bm25s": bm25s.__version__, "files": files}
