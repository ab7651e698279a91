"""Queries that come while others are embedded are embedded together."""

import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from search.errors import EmbeddingError
from search.gathered import Gathered
from search.types import Vector, Vectors


class Slow:
    """Embeds a text as its length, once it may."""

    def __init__(self) -> None:
        self.batches: list[list[str]] = []
        self.began, self.may = threading.Event(), threading.Event()

    def embed(self, texts: Sequence[str]) -> Vectors:
        self.batches.append(list(texts))
        self.began.set()
        assert self.may.wait(30)
        if "bad" in texts:
            raise EmbeddingError("no")
        return np.array([[len(text)] for text in texts], dtype=np.float32)


def test_those_that_wait_are_one_batch() -> None:
    """Each gets its own vector; the first waits for nobody."""
    slow = Slow()
    gathered = Gathered[str, Vector](slow.embed)
    with ThreadPoolExecutor(20) as pool:
        first = pool.submit(gathered.one, "a")
        assert slow.began.wait(30)
        rest = [pool.submit(gathered.one, "b" * n) for n in range(2, 12)]
        while gathered.waiting < len(rest):
            time.sleep(0.001)
        slow.may.set()
        assert [one.result()[0] for one in (first, *rest)] == list(range(1, 12))
    assert [len(batch) for batch in slow.batches] == [1, 10]


def test_a_batch_that_fails_fails_for_each_and_no_later_one() -> None:
    """Nobody waits for ever."""
    slow = Slow()
    slow.may.set()
    gathered = Gathered[str, Vector](slow.embed)
    with pytest.raises(EmbeddingError):
        gathered.one("bad")
    assert gathered.one("good")[0] == 4


def test_many_threads_get_what_they_asked_for() -> None:
    """However their texts fall into batches."""
    slow = Slow()
    slow.may.set()
    gathered = Gathered[str, Vector](slow.embed)
    with ThreadPoolExecutor(16) as pool:
        texts = ["x" * (n % 90 + 1) for n in range(2_000)]
        assert [row[0] for row in pool.map(gathered.one, texts)] == [len(text) for text in texts]
    assert sum(map(len, slow.batches)) == len(texts)
