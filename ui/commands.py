"""What each command does: one verb of the service, printed for people or as JSON."""

import json
import sys
from argparse import Namespace
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ingest.sync import ingest as take_in
from search.errors import InvalidInputError
from search.service import DEFAULT_COLLECTION, Service
from ui import text

DONE, SOME_FAILED = 0, 3
PORT = 7860


def ingest(service: Service, given: Namespace) -> int:
    """Take files in, and list those that could not be."""
    name = given.collection or DEFAULT_COLLECTION
    with text.ProgressBar() as bar:
        report = take_in(service.store, service.embedder, name, given.paths, given.kind, bar.show)
    _print(given, asdict(report), text.report(report, name))
    for failure in report.failed:
        print(f"nearhood: {failure.source}: {failure.reason}", file=sys.stderr)
    return SOME_FAILED if report.failed else DONE


def search(service: Service, given: Namespace) -> int:
    """Print the passages nearest to a query."""
    hits = service.search(given.query, given.collection, given.k)
    _print(given, asdict(hits), text.hits(hits))
    return DONE


def similar(service: Service, given: Namespace) -> int:
    """Print the passages nearest to a stored one."""
    hits = service.similar(given.id, given.collection, given.k)
    _print(given, asdict(hits), text.hits(hits))
    return DONE


def compare(service: Service, given: Namespace) -> int:
    """Print the cosine of each text with each."""
    comparison = service.compare(given.texts)
    _print(given, asdict(comparison), text.comparison(comparison))
    return DONE


def tokens(service: Service, given: Namespace) -> int:
    """Print the tokens of a text."""
    found = service.tokens(given.text, given.model)
    _print(given, asdict(found), text.tokens(found))
    return DONE


def collections(service: Service, given: Namespace) -> int:
    """List, show or drop collections."""
    name = given.name or given.collection
    if given.action == "list":
        infos = service.collections()
        _print(given, {"collections": [asdict(i) for i in infos]}, text.collections(infos))
    elif given.action == "show":
        info = service.show(name)
        _print(given, asdict(info), text.collection(info))
    elif name is None:
        raise InvalidInputError("which collection? run nearhood collections drop NAME")
    else:
        _print(given, {"dropped": asdict(service.drop(name))}, lambda: f"dropped {name}")
    return DONE


def demo(service: Service, given: Namespace) -> int:
    """Take in the sample, print the lecture's results, and serve the page."""
    from ui.demo import lecture, take_in_sample  # noqa: PLC0415

    with text.ProgressBar() as bar:
        infos = take_in_sample(service, bar.show)
    results = lecture(service)
    _print(
        given,
        {"collections": [asdict(i) for i in infos], "lecture": asdict(results)},
        lambda: f"{text.collections(infos)()}\n\n{text.lecture(results)()}",
    )
    return DONE if given.no_serve else serve(service, given)


def serve(service: Service, given: Namespace) -> int:
    """Serve the page until it is stopped."""
    from ui.serve import serve as run  # noqa: PLC0415 - imports Gradio

    def ready(url: str) -> None:
        print(f"\nNearhood is at {url}  (stop it with Ctrl-C)", file=sys.stderr, flush=True)

    if not Path(service.store.folder, "ledger.sqlite").exists():
        raise InvalidInputError(f"{service.store.folder} cannot be used")
    run(service, given.host, given.port or PORT, port_given=given.port is not None, on_ready=ready)
    return DONE


def _print(given: Namespace, value: dict[str, Any], for_people: Callable[[], str]) -> None:
    print(json.dumps(value, ensure_ascii=False) if given.json else for_people(), flush=True)
