"""Steps overlap, keep their order, and pass their errors on."""

import threading
import time
from collections.abc import Iterator

import pytest

from ingest.pipeline import Behind, abreast, ahead


def test_items_come_in_order() -> None:
    """What is made ahead comes as it was made."""
    assert list(ahead(range(1_000), 2)) == list(range(1_000))


def test_making_runs_ahead_by_its_depth_alone() -> None:
    """A slow user bounds what is held."""
    made: list[int] = []

    def make() -> Iterator[int]:
        for i in range(100):
            made.append(i)
            yield i

    items = ahead(make(), 2)
    next(items)
    time.sleep(0.3)
    assert len(made) <= 5
    items.close()  # type: ignore[attr-defined] # a generator


def test_an_error_of_the_maker_comes_at_its_turn() -> None:
    """The items before it are not lost."""

    def make() -> Iterator[int]:
        yield 1
        raise ZeroDivisionError

    items = ahead(make(), 2)
    assert next(items) == 1
    with pytest.raises(ZeroDivisionError):
        next(items)


def test_a_user_who_stops_ends_the_maker() -> None:
    """No thread is left behind."""
    items = ahead(iter(int, 1), 2)
    next(items)
    items.close()  # type: ignore[attr-defined] # a generator
    assert "nearhood-ahead" not in {thread.name for thread in threading.enumerate()}


def test_what_was_handed_over_is_done_also_after_an_error() -> None:
    """An interrupt loses no finished work."""
    done: list[int] = []

    def work(item: int) -> None:
        time.sleep(0.01)
        done.append(item)

    with pytest.raises(KeyboardInterrupt), Behind(work, 10) as behind:
        for item in range(5):
            behind.put(item)
        raise KeyboardInterrupt
    assert done == [0, 1, 2, 3, 4]


def test_an_error_of_the_worker_is_raised() -> None:
    """At the next hand-over, or at the end; nobody waits for a thread that has ended."""

    def work(item: int) -> None:
        raise ZeroDivisionError(item)

    with pytest.raises(ZeroDivisionError), Behind(work, 1) as behind:
        for item in range(100):
            behind.put(item)


class _Work:
    """Counts itself among those that are under way until its result is taken."""

    under_way = 0
    is_done = False

    def __init__(self, item: int) -> None:
        self._item = item
        _Work.under_way += 1

    def result(self) -> int:
        _Work.under_way -= 1
        return -self._item


def test_work_that_goes_on_abreast_comes_in_order() -> None:
    """So much of it as was asked for is under way at once."""
    _Work.under_way = 0
    seen = []
    for item, found in abreast(range(10), _Work, 3):
        assert _Work.under_way == min(2, 9 - item)
        seen.append((item, found))
    assert seen == [(i, -i) for i in range(10)]


def test_work_that_is_done_does_not_wait_for_other_work() -> None:
    """Where the items come slowly, there is never as much under way as there might be."""
    made: list[int] = []

    def slowly() -> Iterator[int]:
        for i in range(5):
            made.append(i)
            yield i

    class Done(_Work):
        is_done = True

    assert [len(made) for _ in abreast(slowly(), Done, 100)] == [1, 2, 3, 4, 5]


def test_an_error_comes_behind_the_work_that_was_begun_before() -> None:
    """What was paid for is not lost to a budget that is used up."""

    def begin(item: int) -> _Work:
        if item == 5:
            raise ZeroDivisionError
        return _Work(item)

    items = abreast(range(10), begin, 4)
    assert [next(items)[0] for _ in range(5)] == [0, 1, 2, 3, 4]
    with pytest.raises(ZeroDivisionError):
        next(items)
