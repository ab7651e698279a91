"""The routes behind the tab Probe: pieces of HTML about probes, a job that fits one, and what it says of a text."""

from dataclasses import dataclass
from pathlib import PurePath
from typing import Annotated, Literal

from fastapi import APIRouter
from fastapi.responses import HTMLResponse
from pydantic import Field

from ingest.report import Progress
from search.errors import InvalidInputError, PassageNotFoundError
from search.latent.probe import Probe
from search.latent.probes import Examples, name_for
from search.service import Service
from search.types import Passage
from ui.jobs import Heard, Job, Jobs
from ui.shapes import Name, Shape
from ui.web import outcomes

MOST_EXAMPLES = 200_000
"""Characters."""


class Wanted(Shape):
    """What a probe is to tell apart, by one of three."""

    name: Annotated[str, Field(max_length=100)] = ""
    by: Literal["field", "examples", "names"]
    field: Annotated[str, Field(max_length=512)] = ""
    examples: Annotated[str, Field(max_length=MOST_EXAMPLES)] = ""
    names: Annotated[str, Field(max_length=10_000)] = ""

    def told(self) -> Examples:
        """Return it as a probe is fitted to it.

        :raises InvalidInputError: When something is missing, in the words of the form.
        """
        if self.by == "field":
            if not self.field:
                raise InvalidInputError("choose a field: its values are the outcomes")
            return Examples(field=self.field)
        if self.by == "names":
            names = [name.strip() for name in self.names.split(",") if name.strip()]
            if len(names) < 2:  # noqa: PLR2004 - one is no choice
                raise InvalidInputError("name two outcomes or more, with commas between them")
            return Examples(names=names)
        return Examples(texts=lines(self.examples))


class Asked(Shape):
    """A text, and how sure its set is to be."""

    text: Annotated[str, Field(min_length=1, max_length=100_000)]
    coverage: float = 0.95


@dataclass(frozen=True, slots=True)
class Fitting:
    """A probe that is being fitted."""

    probe: str
    job: Job


def lines(text: str) -> list[tuple[str, str]]:
    """Return texts with their outcomes, of lines that say `outcome: text`.

    :raises InvalidInputError: Naming the line that says something else.
    """
    found = []
    for number, line in enumerate(text.splitlines(), start=1):
        outcome, colon, words = (part.strip() for part in line.partition(":"))
        if not line.strip():
            continue
        if not (outcome and colon and words):
            raise InvalidInputError(f"line {number} should say outcome: text, with both")
        found.append((words, outcome))
    if not found:
        raise InvalidInputError("give some examples, one a line, as outcome: text")
    return found


def probes(service: Service, jobs: Jobs) -> APIRouter:
    """Return the routes."""
    router = APIRouter(prefix="/page/probes/{collection}", include_in_schema=False)

    @router.get("", response_class=HTMLResponse)
    def saved(collection: Name, chosen: str = "") -> str:
        return outcomes.saved(service.probes(collection), chosen, service.show(collection).embedder)

    @router.get("/fields", response_class=HTMLResponse)
    def fields(collection: Name) -> str:
        sources = service.store.digests(service.store.collection(collection))
        return outcomes.fields(service.fields(collection), len({PurePath(name).parent.name for name in sources}))

    @router.post("", status_code=202)
    def fit(collection: Name, wanted: Wanted) -> Fitting:
        examples = wanted.told()
        name = name_for(examples, wanted.name)
        _ = service.show(collection)
        return Fitting(name, jobs.start(collection, lambda heard: _fit(service, collection, examples, name, heard)))

    @router.get("/{name}", response_class=HTMLResponse)
    def quality(collection: Name, name: Name) -> str:
        found = service.probe(name, collection)
        return outcomes.quality(found, _pulled(service, collection, found))

    @router.post("/{name}", response_class=HTMLResponse)
    def said(collection: Name, name: Name, asked: Asked) -> str:
        found = service.predict([asked.text], name, collection, coverage=asked.coverage)[0]
        return outcomes.prediction(found, service.probe(name, collection))

    @router.delete("/{name}")
    def drop(collection: Name, name: Name) -> dict[str, str]:
        service.drop_probe(name, collection)
        return {"dropped": name}

    return router


def _fit(service: Service, collection: str, examples: Examples, name: str, heard: Heard) -> None:
    def told(done: int, of: int) -> None:
        heard(Progress(sources=0, of_sources=1, bytes=done, of_bytes=of, passages=0))

    told(0, 1)
    service.fit_probe(examples, name, collection, told)


def _pulled(service: Service, collection: str, probe: Probe) -> dict[str, Passage]:
    pulls = probe.quality.pulls if probe.quality else ()
    found = {}
    for passage_id in {i for pull in pulls for i in (*pull.towards, *pull.away)}:
        try:
            found[passage_id] = service.get(passage_id, collection)
        except PassageNotFoundError:
            continue
    return found
