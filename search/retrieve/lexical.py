"""Ranks passages by the words they share with a query: BM25."""

import contextlib
import json
import math
import re
import shutil
import sys
import threading
import unicodedata
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import fields
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import Stemmer
from numpy.typing import NDArray

from search.retrieve.postings import Postings, merged, post
from search.signs import HAN, KANA
from search.store.collection import Collection
from search.store.derived import part_of
from search.store.layout import Layout, kept


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
    from bm25s.stopwords import STOPWORDS_EN

_WORDS = re.compile(r"\w\w+", re.ASCII)
_SIGN = KANA + HAN
"""Chinese and Japanese characters: no space says where a word of them ends, so that each is one."""
_SIGNS = re.compile(f"[{_SIGN}]")
_MARKED = (0x0300, 0x1E00), (0x20D0, 0x2100), (0x2CEF, 0x2E00), (0xA66F, 0xAC00), (0xFE20, 0xFE30)
"""Where Unicode has marks that belong to the letter before them, vowels of India's scripts among them."""
_STOP = frozenset(STOPWORDS_EN)
_LANGUAGE = "english"
_REVISION = 3
"""Of what is on disk, so that another is not read."""
_FACTS, _VOCABULARY = "facts.json", "words.json"
_K1, _B = 1.5, 0.75
"""How fast more of a word stop to count, and how much the length of a passage does."""
_READ = 16_384
_TIMES = 4
"""A part of the index is merged with the one before while that is not so many times larger."""
_UNSAVED = 0.05
"""Share of the passages that may be missing on disk: making their part anew costs less than writing all of it."""


class Vocabulary:
    """The stems that are known, by number. It only grows, and all ages of an index share it."""

    def __init__(self, stems: Sequence[str] = ()) -> None:
        self.numbers = {stem: number for number, stem in enumerate(stems)}
        self._growing = threading.Lock()

    def add(self, texts: Sequence[str]) -> list[list[int]]:
        """Return texts as the numbers of their words, which are taken in."""
        stems, numbers = _Stems(), self.numbers
        with self._growing:
            return [[numbers.setdefault(stem, len(numbers)) for stem in stems.of(text)] for text in texts]

    def known(self, text: str) -> list[int]:
        """Return the numbers of a text's words, without those that are not known."""
        return [self.numbers[stem] for stem in _Stems().of(text) if stem in self.numbers]


class Lexical:
    """A BM25 index over a collection as it stood (Robertson and Zaragoza, 2009, with Lucene's frequencies).

    It is kept in parts, as what has come in since is posted beside what was there. What a score takes from all passages
    together is counted over all parts, so that scores are those of an index made anew.
    """

    def __init__(self, version: int, parts: Sequence[Postings], vocabulary: Vocabulary, unsaved: int = 0) -> None:
        """:param version: Of the collection that it is of.

        :param unsaved: How many passages have come or gone since it was on disk.
        """
        numbers = np.concatenate([np.empty(0, dtype=np.int64), *(part.numbers for part in parts)])
        order = np.argsort(numbers, kind="stable")
        self.numbers = numbers[order]
        """Of the passages, in the ledger, ascending."""
        self.unsaved = unsaved
        self._order = None if np.array_equal(order, np.arange(len(order))) else order
        vectors = np.concatenate([np.empty(0, dtype=np.int64), *(part.vectors for part in parts)])
        self.layout = Layout(version, self.numbers, vectors[order])
        self._parts, self._vocabulary = tuple(parts), vocabulary
        mean = sum(float(part.lengths.sum()) for part in parts) / max(1, len(numbers))
        weight = np.float32(_K1 * _B / max(mean, 1e-9))
        self._slow = [np.float32(_K1 * (1 - _B)) + weight * part.lengths for part in parts]

    def scores(self, query: str) -> NDArray[np.float32]:
        """Return the BM25 score of each passage, (n,); 0 for those without a word of the query."""
        scores = [np.zeros(len(part.numbers), dtype=np.float32) for part in self._parts]
        for word in self._vocabulary.known(query):
            found = [part.of(word) for part in self._parts]
            frequency = sum(some.stop - some.start for some in found)
            rarity = np.float32(math.log(1 + (len(self.numbers) - frequency + 0.5) / (frequency + 0.5)))
            for part, some, own, slow in zip(self._parts, found, scores, self._slow, strict=True):
                places, counts = part.places[some], part.counts[some]
                own[places] += rarity * counts / (slow[places] + counts)
        every = np.concatenate([np.empty(0, dtype=np.float32), *scores])
        return every if self._order is None else every[self._order]

    def grown(self, collection: Collection) -> "Lexical":
        """Return it level with what the collection holds now."""
        now = collection.layout
        same = kept(self.layout, now)
        parts = list(self._parts)
        if len(same.before) < len(self.numbers):
            stays = self.numbers[same.before]
            parts = [part.only(np.flatnonzero(np.isin(part.numbers, stays))) for part in parts]
        for start in range(0, len(same.new), _READ):
            some = same.new[start : start + _READ]
            numbers = now.numbers[some]
            texts = collection.texts_of(numbers.tolist())
            words = self._vocabulary.add([texts.get(number, "") for number in numbers.tolist()])
            parts = _tidied([*parts, post(numbers, now.vectors[some], words)])
        changed = len(same.new) + len(self.numbers) - len(same.before)
        return Lexical(now.version, parts, self._vocabulary, self.unsaved + changed)

    def save(self, folder: Path) -> None:
        """Write the index, whole or not at all. Where there is no room, it is made again next time."""
        part = part_of(folder)
        with contextlib.suppress(OSError):
            shutil.rmtree(part, ignore_errors=True)
            part.mkdir(mode=0o700, parents=True)
            self._write(part)
            shutil.rmtree(folder, ignore_errors=True)
            part.rename(folder)
        shutil.rmtree(part, ignore_errors=True)

    def _write(self, folder: Path) -> None:
        whole = self._parts[0]
        for more in self._parts[1:]:
            whole = merged(whole, more)
        # A word that no passage has any more may be one that was to be forgotten.
        stems = list(self._vocabulary.numbers)
        (folder / _VOCABULARY).write_text(json.dumps([stems[word] for word in whole.words.tolist()]))
        for each in fields(whole):
            values = np.arange(len(whole.words)) if each.name == "words" else getattr(whole, each.name)
            np.save(folder / f"{each.name}.npy", values)
        (folder / _FACTS).write_text(json.dumps(_facts(folder, self.layout.version)))
        self.unsaved = 0


def lexical(collection: Collection) -> Lexical:
    """Return the index of a collection: the last one, or that on disk, with what has changed since."""
    found = collection.last.get(Lexical) or _load(collection.derived.words, collection.layout)
    if found is None or found.layout.version != collection.layout.version:
        is_new = found is None
        found = (found or Lexical(0, [], Vocabulary())).grown(collection)
        if found.numbers.size and (is_new or found.unsaved > _UNSAVED * len(found.numbers)):
            with collection.derived.writing() as is_wanted:
                if is_wanted:
                    found.save(collection.derived.words)
    collection.last.keep(found)
    return found


class _Stems:
    """Turns texts into stems, remembering them, since a corpus says most words many times."""

    def __init__(self) -> None:
        self._stemmer = Stemmer.Stemmer(_LANGUAGE, 0)
        self._known: dict[str, str] = {}

    def of(self, text: str) -> list[str]:
        """Return the stems of a text's words, without those that say nothing."""
        return [self._stem(word) for word in _words(text.lower()) if word not in _STOP]

    def _stem(self, word: str) -> str:
        found = self._known.get(word)
        if found is None:
            found = self._known[word] = self._stemmer.stemWord(word)
        return found


def _words(text: str) -> list[str]:
    """Return the words of two letters and more, in whatever way their accents are written, and signs by themselves."""
    if text.isascii():
        return _WORDS.findall(text)
    text = unicodedata.normalize("NFC", text)
    return _any_words().findall(_SIGNS.sub(r" \g<0> ", text))


@cache
def _any_words() -> re.Pattern[str]:
    codes = (code for start, stop in _MARKED for code in range(start, stop))
    marks = "".join(chr(code) for code in codes if unicodedata.category(chr(code)).startswith("M"))
    return re.compile(rf"[{_SIGN}]|[\w{marks}]{{2,}}")


def _tidied(parts: Sequence[Postings]) -> list[Postings]:
    """Merge the last parts as long as they are of about one size, so that there are few, and each is merged seldom."""
    found = [part for part in parts if len(part.numbers)]
    while len(found) > 1 and len(found[-2].numbers) < _TIMES * len(found[-1].numbers):
        last = found.pop()
        found[-1] = merged(found[-1], last)
    return found


def _load(folder: Path, now: Layout) -> Lexical | None:
    """Return what is on disk; None when it is not there, not whole, or of an age that has not grown to this one."""
    try:
        facts = json.loads((folder / _FACTS).read_text())
        if facts != _facts(folder, version := facts["version"]):
            return None
        arrays = {each.name: np.load(folder / f"{each.name}.npy", mmap_mode="r") for each in fields(Postings)}
        found = Lexical(version, [Postings(**arrays)], Vocabulary(json.loads((folder / _VOCABULARY).read_text())))
    except (OSError, ValueError, KeyError, TypeError, EOFError):
        return None
    return found if found.layout.has_grown_to(now.version, len(now.numbers)) else None


def _facts(folder: Path, version: int) -> dict[str, Any]:
    files = {path.name: zlib.crc32(path.read_bytes()) for path in sorted(folder.iterdir()) if path.name != _FACTS}
    return {"version": version, "revision": _REVISION, "files": files}
