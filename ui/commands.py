"""What each command does: one verb of the service, printed for people or as JSON."""

import sys
from argparse import Namespace
from dataclasses import asdict

from ingest.document import Options as Reading
from ingest.embed import Budget
from ingest.report import Report
from ingest.sync import Wish
from search.errors import InvalidInputError
from search.prices import load
from search.retrieve.fuse import Mode
from search.retrieve.options import Options, Term
from search.retrieve.where import parse
from search.service import DEFAULT_COLLECTION, Service
from ui import ranking, text
from ui.imports import nothing_is_garbage
from ui.local import Local

DONE, SOME_FAILED = 0, 3
PORT = 7860


def ingest(service: Local, given: Namespace) -> int:
    """Take files in, and list those that could not be."""
    name = given.collection or DEFAULT_COLLECTION
    options = Reading(_columns(given.text), _columns(given.meta), given.kind)
    budget = Budget(given.max_tokens, given.max_cost, load(service.settings.prices))
    wish = Wish(given.paths, options, prune=given.prune, keep_going=given.keep_going, budget=budget)
    if given.dry_run:
        return _dry_run(service, given, name, wish)
    if given.watch:
        return _watch(service, given, name, wish)
    with text.ProgressBar() as bar:
        report = service.take_in(name, wish, bar.show)
    return _tell(given, name, report)


def _dry_run(service: Local, given: Namespace, name: str, wish: Wish) -> int:
    found = service.estimate(name, wish)
    text.show(given, asdict(found), text.estimate(found, name))
    text.failures(found.failed)
    return SOME_FAILED if found.failed else DONE


def _watch(service: Service, given: Namespace, name: str, wish: Wish) -> int:
    if service.settings.engine != "local":
        raise InvalidInputError(f"--watch works here alone: leave out the engine {service.settings.engine}")
    from ingest.watch import watch  # noqa: PLC0415 - imports the watcher

    # A folder that another process holds is said before anything else.
    _ = service.store
    print("nearhood: watching; stop with Ctrl-C", file=sys.stderr, flush=True)
    for _ in watch(service.store, service.embedder, name, wish, lambda report: _tell(given, name, report)):
        pass
    return DONE


def _tell(given: Namespace, name: str, report: Report) -> int:
    text.show(given, asdict(report), text.report(report, name))
    text.failures((*report.failed, *report.warnings))
    return SOME_FAILED if report.failed else DONE


def _columns(names: str | None) -> tuple[str, ...]:
    return tuple(name.strip() for name in names.split(",") if name.strip()) if names else ()


def search(service: Service, given: Namespace) -> int:
    """Print the passages nearest to a query."""
    hits = service.search(given.query, given.collection, given.k, _options(given))
    text.show(given, asdict(hits), ranking.hits(hits, is_filtered=given.where is not None))
    return DONE


def similar(service: Service, given: Namespace) -> int:
    """Print the passages nearest to a stored one."""
    hits = service.similar(given.id, given.collection, given.k, _options(given))
    text.show(given, asdict(hits), ranking.hits(hits, is_filtered=given.where is not None))
    return DONE


def _options(given: Namespace) -> Options:
    terms = [*map(_term, given.plus or ()), *(_away(_term(text)) for text in given.minus or ())]
    return Options(
        mode=Mode(given.mode) if given.mode else None,
        where=parse(given.where) if given.where is not None else None,
        terms=tuple(terms),
        diversity=given.diversity,
        fold=given.fold,
        why=given.why,
        hubs=given.hubs,
    )


def _term(text: str) -> Term:
    words, colon, weight = text.rpartition(":")
    try:
        return Term(words, float(weight)) if colon else Term(text)
    except ValueError:
        # A colon of the text's own.
        return Term(text)


def _away(term: Term) -> Term:
    return Term(term.text, -term.weight)


def compare(service: Service, given: Namespace) -> int:
    """Print the cosine of each text with each."""
    comparison = service.compare(given.texts)
    text.show(given, asdict(comparison), text.comparison(comparison))
    return DONE


def tokens(service: Service, given: Namespace) -> int:
    """Print the tokens of a text."""
    found = service.tokens(given.text, given.model)
    text.show(given, asdict(found), text.tokens(found))
    return DONE


def collections(service: Service, given: Namespace) -> int:
    """List, show or drop collections."""
    named, by_option = getattr(given, "name", None), getattr(given, "collection", None)
    if named and by_option and named != by_option:
        raise InvalidInputError(f"{named!r} or {by_option!r}? give the collection once")
    name = named or by_option
    if given.action in {None, "list"}:
        infos = service.collections()
        text.show(given, {"collections": [asdict(i) for i in infos]}, text.collections(infos))
    elif given.action == "show":
        info = service.show(name)
        text.show(given, asdict(info), text.collection(info))
    elif name is None:
        raise InvalidInputError("which collection? run nearhood collections drop NAME")
    else:
        text.show(given, {"dropped": asdict(service.drop(name))}, lambda: f"dropped {name}")
    return DONE


def demo(service: Service, given: Namespace) -> int:
    """Take in the sample, print the lecture's results, and serve the page."""
    from ui.demo import draw_sample, lecture, take_in_sample  # noqa: PLC0415

    with text.ProgressBar() as bar:
        infos = take_in_sample(service, bar.show)
    results = lecture(service)
    text.show(
        given,
        {"collections": [asdict(i) for i in infos], "lecture": asdict(results)},
        lambda: f"{text.collections(infos)()}\n\n{text.lecture(results)()}",
    )
    if given.no_serve:
        return DONE
    draw_sample(service)
    return serve(service, given, "/#tour")


def serve(service: Service, given: Namespace, start: str = "") -> int:
    """Serve the page until it is stopped.

    :param start: Where on the page to begin.
    """
    # A folder that another process holds is said before the page is imported, which takes seconds.
    _ = service.store
    with nothing_is_garbage():
        from ui.serve import serve as run  # noqa: PLC0415 - imports Gradio

    def ready(url: str) -> None:
        print(f"\nNearhood is at {url}{start}  (stop it with Ctrl-C)", file=sys.stderr, flush=True)

    port = PORT if given.port is None else given.port
    given_port, write = given.port is not None, getattr(given, "allow_write", False)
    run(service, given.host, port, port_given=given_port, on_ready=ready, allow_write=write)
    return DONE
