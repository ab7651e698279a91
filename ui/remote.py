"""The verbs of a service that runs in another process: the same objects, over HTTP."""

import json
import time
from argparse import Namespace
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar
from urllib.parse import quote, urlencode

import httpx
from pydantic import TypeAdapter, ValidationError

from ingest.document import Options as Reading
from ingest.embed import Budget
from ingest.report import Progress, Report
from ingest.sync import Wish
from search.chat.events import Asking, Searched, Words
from search.errors import InvalidInputError, NearhoodError
from search.retrieve.options import Options, Term
from search.retrieve.where import to_json
from search.service import NO_OPTIONS
from search.settings import Settings
from search.tokens import Tokens
from search.types import Answer, CollectionInfo, Comparison, Excerpt, HitList
from ui import text
from ui.text import ProgressBar

T = TypeVar("T")
POLL_SECONDS = 0.2
DONE, SOME_FAILED = 0, 3


class RemoteError(NearhoodError):
    """What the server said went wrong, with the exit code that it has here."""

    def __init__(self, message: str, kind: str = "remote", status: int = 502) -> None:
        super().__init__(message)
        self._kind = kind
        self.status = status
        self.exit_code = {422: 2, 503: 4, 507: 5}.get(status, 1)

    @property
    def kind(self) -> str:
        """As the server calls it."""
        return self._kind


class Remote:
    """A server's address, with as many of a service's verbs as other processes need."""

    def __init__(self, url: str, settings: Settings) -> None:
        self.url = url
        self.settings = settings
        # A proxy of the environment's has no business between two processes of one machine.
        token = {"Authorization": f"Bearer {settings.token}"} if settings.token else {}
        self._client = httpx.Client(base_url=url, headers=token, timeout=settings.timeout, trust_env=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()

    def search(self, query: str, collection: str | None = None, k: int = 10, options: Options = NO_OPTIONS) -> HitList:
        """Return the k passages that fit a query best."""
        body = {"query": query, "collection": collection, "k": k, **_refined(options)}
        return self._post("/api/search", body, HitList)

    def similar(
        self, passage_id: str, collection: str | None = None, k: int = 10, options: Options = NO_OPTIONS
    ) -> HitList:
        """Return the k passages nearest to a stored one."""
        body = {"id": passage_id, "collection": collection, "k": k, **_refined(options)}
        return self._post("/api/similar", body, HitList)

    def excerpt(self, passage_id: str, collection: str | None = None, around: int = 1) -> Excerpt:
        """Return a stored passage with so many on each side of it."""
        asked = urlencode({"around": around, **({"collection": collection} if collection else {})})
        return self._read("GET", f"/api/excerpts/{quote(passage_id, safe='')}?{asked}", Excerpt)

    def compare(self, texts: Sequence[str]) -> Comparison:
        """Return the cosine of each text with each."""
        return self._post("/api/compare", {"texts": list(texts)}, Comparison)

    def tokens(self, text: str, model: str | None = None) -> Tokens:
        """Return the tokens of a text."""
        return self._post("/api/tokens", {"text": text, "model": model}, Tokens)

    def collections(self) -> list[CollectionInfo]:
        """Return all collections."""
        return self._read("GET", "/api/collections", dict[str, list[CollectionInfo]])["collections"]

    def show(self, collection: str | None = None) -> CollectionInfo:
        """Return one collection."""
        return self._read("GET", f"/api/collections/{quote(self.resolve(collection), safe='')}", CollectionInfo)

    def drop(self, collection: str) -> CollectionInfo:
        """Remove a collection."""
        path = f"/api/collections/{quote(collection, safe='')}"
        return self._read("DELETE", path, dict[str, CollectionInfo])["dropped"]

    def resolve(self, collection: str | None) -> str:
        """Return the collection that is meant when none is named."""
        names = [info.name for info in self.collections()]
        return collection or (names[0] if len(names) == 1 else "notes")

    def ask(
        self, asking: Asking, collection: str | None = None, chat: str = "", conversation: int | None = None
    ) -> Iterator[Searched | Words | Answer]:
        """Yield what is searched, words as they come, and the answer at last."""
        history = [{"role": turn.role, "content": turn.content} for turn in asking.history]
        system = [{"role": "system", "content": asking.system}] if asking.system else []
        body = {
            "question": asking.question,
            "collection": collection,
            "history": [*system, *history],
            "search": list(asking.queries),
            "where": to_json(asking.where) if asking.where is not None else None,
            "chat": chat or None,
            "conversation": conversation,
            "anyway": asking.anyway,
            "stream": True,
        }
        with self._translated(), self._client.stream("POST", "/api/ask", json=body) as reply:
            if reply.status_code >= 400:  # noqa: PLR2004 - where errors begin
                reply.read()
                raise _refusal(reply)
            yield from _events(asking, reply.iter_lines())

    def take_in(self, collection: str, wish: Wish, heard: Callable[[Progress], None]) -> Report:
        """Take files in as a job of the server's, and return its report; an interrupt cancels it."""
        body = {
            "paths": [str(Path(path).expanduser().absolute()) for path in wish.paths],
            "collection": collection,
            "kind": wish.options.kind,
            "text": list(wish.options.text),
            "meta": list(wish.options.meta),
            "prune": wish.prune,
            "keep_going": wish.keep_going,
            "max_tokens": wish.budget.tokens,
            "max_cost": wish.budget.usd,
        }
        job = self._json("POST", "/api/ingest", body)["id"]
        try:
            while True:
                found = self._json("GET", f"/api/jobs/{job}")
                if found["progress"]:
                    heard(TypeAdapter(Progress).validate_python(found["progress"]))
                if found["status"] not in {"waiting", "running"}:
                    break
                time.sleep(POLL_SECONDS)
        except BaseException:
            self._json("DELETE", f"/api/jobs/{job}")
            raise
        if found["status"] != "done":
            raise RemoteError(found["error"] or "the server cancelled the ingest; what was done so far is kept")
        return TypeAdapter(Report).validate_python(found["report"])

    def _post(self, path: str, body: dict[str, Any], shape: type[T]) -> T:
        return self._read("POST", path, shape, body)

    def _read(self, method: str, path: str, shape: type[T], body: dict[str, Any] | None = None) -> T:
        try:
            return TypeAdapter(shape).validate_python(self._json(method, path, body))
        except ValidationError as error:
            raise RemoteError(f"{self.url} answered as no Nearhood of this version does: start it anew") from error

    def _json(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:  # noqa: ANN401 - checked later
        with self._translated():
            reply = self._client.request(method, path, json=body)
            if reply.status_code >= 400:  # noqa: PLR2004
                raise _refusal(reply)
            return reply.json()

    def _translated(self) -> "_Translated":
        return _Translated(self.url)


class _Translated:
    """Turns what can go wrong on the way into one line."""

    def __init__(self, url: str) -> None:
        self._url = url

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, httpx.InvalidURL | httpx.UnsupportedProtocol):
            raise InvalidInputError(f"{self._url!r} is no address: give one like http://127.0.0.1:7860") from error
        if isinstance(error, httpx.HTTPError | ValueError) and not isinstance(error, NearhoodError):
            what = f"{self._url} does not answer as Nearhood does ({type(error).__name__})"
            raise RemoteError(f"{what}: is nearhood serve running there?") from error


def ingest(service: Remote, given: Namespace) -> int:
    """Take files in through the server, and list those that could not be."""
    if given.dry_run or given.watch:
        option = "--dry-run" if given.dry_run else "--watch"
        raise InvalidInputError(f"{option} needs the data folder itself: stop the server at {service.url} first")
    name = given.collection or "notes"
    reading = Reading(_columns(given.text), _columns(given.meta), given.kind)
    budget = Budget(given.max_tokens, given.max_cost)
    wish = Wish(given.paths, reading, prune=given.prune, keep_going=given.keep_going, budget=budget)
    with ProgressBar() as bar:
        report = service.take_in(name, wish, bar.show)
    print(json.dumps(asdict(report), ensure_ascii=False) if given.json else text.report(report, name)(), flush=True)
    text.failures((*report.failed, *report.warnings))
    return SOME_FAILED if report.failed else DONE


def _columns(names: str | None) -> tuple[str, ...]:
    return tuple(name.strip() for name in names.split(",") if name.strip()) if names else ()


def _refined(options: Options) -> dict[str, Any]:
    def weighed(term: Term) -> dict[str, Any]:
        return {"text": term.text, "weight": abs(term.weight)}

    return {
        "mode": options.mode.value if options.mode else None,
        "where": to_json(options.where) if options.where is not None else None,
        "plus": [weighed(term) for term in options.terms if term.weight > 0],
        "minus": [weighed(term) for term in options.terms if term.weight < 0],
        "diversity": options.diversity,
        "fold": options.fold,
        "why": options.why,
        "hubs": options.hubs,
    }


def _refusal(reply: httpx.Response) -> RemoteError:
    try:
        error = reply.json()["error"]
        return RemoteError(str(error["message"]), str(error["kind"]), reply.status_code)
    except (ValueError, KeyError, TypeError):
        return RemoteError(f"{reply.url} answered {reply.status_code}, and not as Nearhood does")


def _events(asking: Asking, lines: Iterator[str]) -> Iterator[Searched | Words | Answer]:
    """Yield what server-sent events tell."""
    kind = ""
    for line in lines:
        if line.startswith("event: "):
            kind = line.removeprefix("event: ")
        elif line.startswith("data: "):
            value = json.loads(line.removeprefix("data: "))
            if kind == "searched":
                yield Searched(asking, tuple(Term(text) for text in value["searched"]))
            elif kind == "words":
                yield Words(value["text"])
            elif kind == "answer":
                yield TypeAdapter(Answer).validate_python(value)
            elif kind == "error":
                raise RemoteError(str(value["error"]["message"]), str(value["error"]["kind"]))
