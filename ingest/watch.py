"""Takes files in as they change."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from watchfiles import watch as watch_files

from ingest.report import Counts, Failure, Report
from ingest.sync import Wish, sync
from ingest.walk import roots
from search.embedders.base import Embedder
from search.errors import SourceError
from search.store.store import Store

_DEBOUNCE_MS, _STEP_MS, _LOOK_MS = 300, 50, 500
"""Changes that come together, such as a save in two steps, are taken in together; well under two seconds."""


def watch(
    store: Store, embedder: Embedder, collection: str, wish: Wish, told: Callable[[Report], object]
) -> Iterator[None]:
    """Bring a collection level with files, and keep it so; a report for each time that something changed.

    Yields twice a second, so that the caller can end it.
    """
    paths = roots(wish.paths)
    changes = watch_files(
        *paths, debounce=_DEBOUNCE_MS, step=_STEP_MS, rust_timeout=_LOOK_MS, yield_on_timeout=True, raise_interrupt=True
    )
    # Watching begins before the first look, so that nothing falls between the two.
    seen = next(changes)
    told(sync(store, embedder, collection, wish))
    while True:
        if seen:
            report = _look(store, embedder, collection, replace(wish, only={Path(path).resolve() for _, path in seen}))
            if _is_news(report):
                told(report)
        yield
        seen = next(changes)


def _look(store: Store, embedder: Embedder, collection: str, wish: Wish) -> Report:
    counts = Counts()
    try:
        return sync(store, embedder, collection, wish)
    except SourceError as error:
        # A text of it cannot be embedded. It may be mended, so that watching goes on.
        counts.failed.append(Failure(error.source, error.reason))
        return counts.report()


def _is_news(report: Report) -> bool:
    return bool(report.added or report.changed or report.renamed or report.removed or report.failed)
