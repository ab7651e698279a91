"""REST under `/api`: the objects that the command line prints, typed, in `/openapi.json`."""

from collections.abc import Generator, Iterator
from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Response
from pydantic import TypeAdapter

from ingest.estimate import Estimate, estimate
from ingest.sync import sync
from search.chat.events import Asking, Event, Found, Searched, Words
from search.errors import NearhoodError
from search.service import DEFAULT_COLLECTION, MOST_AROUND, Service
from search.store.conversations import ConversationInfo, markdown
from search.tokens import Tokens
from search.types import Answer, CollectionInfo, Comparison, Excerpt, HitList, Passage
from ui import replies, shapes
from ui.answers import last
from ui.api_keeping import keeping_routes
from ui.api_latent import map_routes, probe_routes
from ui.api_sending import sending_routes
from ui.api_words import word_routes
from ui.jobs import Job, Jobs
from ui.security import ERRORS
from ui.told import Telling, fault, sent
from ui.uploads import Brought, upload_routes

_ANSWER = TypeAdapter(Answer)
Number = Annotated[int, Path(ge=1, lt=2**63)]


def api(service: Service, jobs: Jobs, brought: Brought) -> APIRouter:
    """Return the routes."""
    router = APIRouter(prefix="/api", responses=ERRORS)
    _finding(router, service)
    _collections(router, service)
    _asking(router, service)
    _taking_in(router, service, jobs)
    upload_routes(router, service, jobs, brought)
    sending_routes(router, service, jobs, brought)
    word_routes(router, service)
    map_routes(router, service)
    probe_routes(router, service)
    keeping_routes(router, service, jobs)
    return router


def _finding(router: APIRouter, service: Service) -> None:
    @router.post("/search")
    def search(asked: shapes.Query) -> HitList:
        """Return the passages that fit a query best."""
        return service.search(asked.query, asked.collection, asked.k, asked.options())

    @router.get("/search")
    def search_by_address(
        query: shapes.Text,
        collection: shapes.Name | None = None,
        k: shapes.Many = 10,
        where: Annotated[str | None, Query(max_length=10_000)] = None,
    ) -> HitList:
        """Return the same for a query in the address."""
        return search(shapes.Query(query=query, collection=collection, k=k, where=where))

    @router.post("/similar")
    def similar(asked: shapes.Like) -> HitList:
        """Return the passages nearest to a stored one."""
        return service.similar(asked.id, asked.collection, asked.k, asked.options())

    @router.get("/passages/{passage_id:path}")
    def passage(passage_id: str, collection: shapes.Name | None = None) -> Passage:
        """Return a stored passage."""
        return service.get(passage_id, collection)

    @router.get("/excerpts/{passage_id:path}")
    def excerpt(
        passage_id: str,
        collection: shapes.Name | None = None,
        around: Annotated[int, Query(ge=0, le=MOST_AROUND)] = 1,
    ) -> Excerpt:
        """Return a stored passage, and so many on each side of it."""
        return service.excerpt(passage_id, collection, around)

    @router.post("/compare")
    def compare(asked: shapes.Texts) -> Comparison:
        """Return the cosine of each text with each."""
        return service.compare(asked.texts)

    @router.post("/tokens")
    def tokens(asked: shapes.Tokenized) -> Tokens:
        """Return the tokens of a text."""
        return service.tokens(asked.text, asked.model)


def _collections(router: APIRouter, service: Service) -> None:
    @router.get("/collections")
    def collections() -> replies.Collections:
        """Return all collections."""
        return {"collections": service.collections()}

    @router.get("/collections/{name}")
    def show(name: shapes.Name) -> CollectionInfo:
        """Return what one holds and cost."""
        return service.show(name)

    @router.delete("/collections/{name}")
    def drop(name: shapes.Name) -> replies.DroppedCollection:
        """Remove one."""
        return {"dropped": service.drop(name)}


def _asking(router: APIRouter, service: Service) -> None:
    @router.post("/ask", response_model=Answer, responses=replies.EVENTS)
    def ask(asked: shapes.Question) -> Any:  # noqa: ANN401 - an answer, or a stream of events
        """Answer a question; with `stream`, as server-sent events: searched, found, words and answer, or error."""
        asking = asked.asking()
        events = service.ask(asking, asked.collection, asked.chat or "", asked.conversation, asked.after)
        if asked.stream:
            return Telling(_streamed(asking, events))
        return last(events)

    @router.post("/conversations", status_code=201)
    def begin(asked: shapes.Question) -> replies.Numbered:
        """Begin a conversation, titled by a question; ask with its number."""
        return {"number": service.begin_conversation(asked.question, asked.collection)}

    @router.get("/conversations")
    def conversations(collection: shapes.Name | None = None) -> replies.Conversations:
        """Return all conversations, the latest first."""
        return {"conversations": service.conversations(collection)}

    @router.get("/conversations/{number}", response_model=replies.Conversation)
    def conversation(number: Number) -> dict[str, Any]:
        """Return what was said."""
        turns = [{"question": said.question, "answer": said.answer} for said in service.turns(number)]
        return {"conversation": service.conversation(number), "turns": turns}

    @router.get("/conversations/{number}/markdown", response_class=Response, responses=replies.text("text/markdown"))
    def exported(number: Number) -> Response:
        """Return a conversation as Markdown."""
        words = markdown(service.conversation(number), service.turns(number))
        return Response(words, media_type="text/markdown; charset=utf-8")

    @router.patch("/conversations/{number}")
    def rename(number: Number, named: shapes.Titled) -> ConversationInfo:
        """Give one another name."""
        return service.rename_conversation(number, named.title)

    @router.delete("/conversations/{number}")
    def delete(number: Number) -> replies.Deleted:
        """Delete one."""
        service.delete_conversation(number)
        return {"deleted": number}


def _taking_in(router: APIRouter, service: Service, jobs: Jobs) -> None:
    @router.post("/ingest", status_code=202)
    def ingest(asked: shapes.Intake) -> Job:
        """Take files of this machine in, as a job."""
        name, wish = asked.collection or DEFAULT_COLLECTION, asked.wish(asked.paths, service)
        return jobs.start(name, lambda heard: sync(service.store, service.embedder, name, wish, heard))

    @router.post("/ingest/estimate")
    def estimated(asked: shapes.Intake) -> Estimate:
        """Return what an ingest would do, and what it would cost."""
        name = asked.collection or DEFAULT_COLLECTION
        return estimate(service.store, service.embedder, name, asked.wish(asked.paths, service))

    @router.get("/jobs")
    def all_jobs() -> replies.AllJobs:
        """Return the jobs of this server."""
        return {"jobs": jobs.all()}

    @router.get("/jobs/{name}")
    def job(name: shapes.Name) -> Job:
        """Return how far a job is."""
        return jobs.get(name)

    @router.delete("/jobs/{name}", status_code=202)
    def cancel(name: shapes.Name) -> Job:
        """Have a job end soon; what it did stays."""
        return jobs.cancel(name)


def _streamed(asking: Asking, events: Iterator[Event]) -> Generator[str]:
    """Yield server-sent events; a client that hangs up stops the answer."""
    try:
        for event in events:
            yield _told(asking, event)
    except NearhoodError as error:
        yield sent("error", fault(error))
    finally:
        events.close()  # type: ignore[attr-defined]


def _told(asking: Asking, event: Event) -> str:
    if isinstance(event, Searched):
        return sent("searched", {"question": asking.question, "searched": event.queries})
    if isinstance(event, Found):
        return sent("found", {"hits": [asdict(hit) for hit in event.hits.hits]})
    if isinstance(event, Words):
        return sent("words", {"text": event.text})
    return sent("answer", _ANSWER.dump_python(event, mode="json"))
