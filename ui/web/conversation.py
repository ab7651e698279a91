"""What the tab Ask shows: made anew from what is kept, so that it is never out of step."""

from collections.abc import Generator, Iterator
from contextlib import closing, suppress
from threading import Event
from typing import Any, cast

import gradio as gr

from search.chat.events import Asking, Found, Searched, Words
from search.chat.events import Event as AskEvent
from search.chat.model import EXTRACTIVE, default
from search.errors import NearhoodError, NotFoundError
from search.service import Service
from search.store.conversations import Said
from ui.web import format as show
from ui.web import talk
from ui.web.answering import Sign, Signs, until
from ui.web.examples import examples
from ui.web.parts import Turns, calmly

EVIDENCE = "What an answer rests on stands here: each source with the words that carry it."
_OUTPUTS = 8
"""Of a conversation, with the question that is being edited."""


class Conversation:
    """The values of the tab's outputs, for each thing that is done there."""

    def __init__(self, service: Service) -> None:
        self._service = service
        # What is asked meanwhile is not wiped by what was opened before.
        self.turns = Turns()
        self.citing = Turns()
        self.signs = Signs()

    def opened(self, request: gr.Request, where: str | None, number: int | None) -> Any:  # noqa: ANN401 - or no change
        """Return another conversation; none of its questions is being edited."""
        self.signs.leave(request)
        return self.turns.take(request, lambda: (*self.shown(where, number or 0), ""))

    def edited(self, request: gr.Request, where: str | None, number: int | None) -> Any:  # noqa: ANN401 - or no change
        """Return the last question in the field, and how many turns stay when it is asked."""
        question, after = self.before(number or 0)
        kept = "" if after is None else str(after)
        return self.turns.take(request, lambda: (*self.shown(where, number or 0, draft=question), kept))

    def returned(self, request: gr.Request, where: str | None, number: int | None) -> Any:  # noqa: ANN401
        """Return the conversation that the tab had; what is being answered is there already."""
        if self.signs.is_going(request):
            return gr.skip()
        return self.turns.take(request, lambda: self.shown(where, number or 0))

    def cited(self, request: gr.Request, number: int | None, turn: int) -> Any:  # noqa: ANN401
        """Return the sources of an earlier answer, as long as its conversation is shown and no other one is cited."""
        return self.citing.take(request, lambda: self.turns.beside(request, lambda: self.sources(number or 0, turn)))

    def renamed(self, request: gr.Request, where: str | None, number: int | None, title: str) -> Any:  # noqa: ANN401
        """Return a conversation under its new name."""

        def make() -> tuple[Any, ...]:
            self.rename(number or 0, title)
            return self.shown(where, number or 0)

        return self.turns.take(request, make)

    def deleted(self, request: gr.Request, where: str | None, number: int | None) -> Any:  # noqa: ANN401
        """Return a new conversation in place of one that is deleted; none of its questions is being edited."""

        def make() -> tuple[Any, ...]:
            self.delete(number or 0)
            return *self.shown(where, 0), ""

        self.signs.leave(request)
        return self.turns.take(request, make)

    def moved(self, request: gr.Request, where: str | None, before: str | None) -> Any:  # noqa: ANN401
        """Return a new conversation with another collection."""
        if where is not None and where == before:
            return gr.skip()
        if self.signs.is_of(request, where):
            # Told of late: somebody has asked it meanwhile.
            return *[gr.skip()] * _OUTPUTS, where
        self.signs.leave(request)
        return self.turns.take(request, lambda: (*self.shown(where, 0), "", where))

    def shown(
        self, where: str | None, number: int, live: talk.Live | None = None, draft: str | None = None
    ) -> tuple[Any, ...]:
        """Return the values of all outputs.

        :param draft: What the field has then; None to leave what somebody may be typing.
        """
        typed = gr.skip() if draft is None else draft
        if not where:
            return gr.Dropdown(choices=talk.past(()), value=0), show.no_collection(), "", typed, gr.skip(), "", ""
        kept = self._service.store.conversations
        infos = [info for info in kept.infos(where) if info.turns or info.number == number]
        if number not in {info.number for info in infos}:
            number = 0
        turns = kept.turns(number) if number else []
        title = next((info.title for info in infos if info.number == number), "")
        words = talk.talk(turns, live) or calmly(lambda: self._start(where))
        evidence = self.sources(number, len(turns) - 1) if turns and live is None else show.hint(EVIDENCE)
        link = talk.export(number) if turns else ""
        wordings = gr.skip() if draft is None else ""
        return gr.Dropdown(choices=talk.past(infos), value=number), words, evidence, typed, wordings, title, link

    def answer(
        self,
        sign: Sign,
        where: str | None,
        number: int,
        text: str,
        queries: tuple[str, ...],
        *,
        anyway: bool = False,
        after: int | None = None,
    ) -> Iterator[tuple[Any, ...]]:
        """Yield all outputs as an answer comes, until the page is left for something else.

        :param after: How many turns stay before it; its answer takes the place of the others.
        """
        answering = self._answer(sign.stop, where, number, text, queries, anyway=anyway, after=after)
        with sign.going(), closing(answering):  # type: ignore[type-var] # it is a generator
            for outputs in answering:
                if sign.left.is_set():
                    return
                yield outputs

    def _answer(
        self,
        stop: Event,
        where: str | None,
        number: int,
        text: str,
        queries: tuple[str, ...],
        *,
        anyway: bool,
        after: int | None,
    ) -> Iterator[tuple[Any, ...]]:
        if not where or not text.strip():
            yield self.shown(where, number)
            return
        if number and number not in {info.number for info in self._service.store.conversations.infos(where)}:
            # The collection was changed a moment ago, or another tab has deleted it: a new one begins.
            number, after = 0, None
        live = talk.Live(text.strip(), queries)
        try:
            asking = Asking(text.strip(), queries=queries, anyway=anyway)
            if not number:
                number = self._service.begin_conversation(text, where)
            first = self.shown(where, number, live, draft="")
            yield first
            answering = cast("Generator[AskEvent]", self._service.ask(asking, None, "", number, after))
            with closing(until(answering, stop)) as events:  # type: ignore[type-var] # it is a generator
                for event in events:
                    if isinstance(event, Searched):
                        live.queries = event.queries
                    elif isinstance(event, Found) and self._model != EXTRACTIVE:
                        live.hits = event.hits.hits
                        yield self._going(first, number, after, live)
                    elif isinstance(event, Words):
                        live.text += event.text
                        yield self._going(first, number, after, live)
        except NearhoodError as error:
            live.error = show.error(error)
            yield self.shown(where, number, live, draft=text)
            return
        # Stopped before a word was said, nothing is kept of it but the question.
        yield self.shown(where, number, draft=text if stop.is_set() and not live.text else None)

    def _going(self, first: tuple[Any, ...], number: int, after: int | None, live: talk.Live) -> tuple[Any, ...]:
        """Return the outputs as they are now: all that have changed, since a page that is late leaves out steps."""
        words = talk.talk(self._turns(number)[:after], live)
        return (first[0], words, talk.found(live.hits), *[gr.skip()] * 4)

    def before(self, number: int) -> tuple[str, int | None]:
        """Return the last question and how many turns come before it; an empty one where nothing was asked."""
        turns = self._turns(number)
        return (turns[-1].question, len(turns) - 1) if turns else ("", None)

    def sources(self, number: int, turn: int) -> str:
        """Return what an answer rests on, in the passages as they stand now."""
        turns = self._turns(number)
        if not 0 <= turn < len(turns):
            return ""
        answer = turns[turn].answer
        where = self._service.store.conversations.get(number).collection
        passages = {}
        for citation in answer["citations"]:
            try:
                passages[citation["id"]] = self._service.get(citation["id"], where).text
            except NotFoundError:
                continue
        question = (answer.get("searched") or [turns[turn].question])[0]
        return talk.sources(turn, answer, passages, question)

    def rename(self, number: int, title: str) -> None:
        """Give a conversation another name; a blank one changes nothing."""
        # Another tab may have deleted it.
        if number and title.strip():
            with suppress(NotFoundError):
                self._service.store.conversations.rename(number, " ".join(title.split()))

    def delete(self, number: int) -> None:
        """Delete a conversation, if there is one."""
        if number:
            with suppress(NotFoundError):
                self._service.store.conversations.delete(number)

    def _turns(self, number: int) -> list[Said]:
        return self._service.store.conversations.turns(number) if number else []

    @property
    def _model(self) -> str:
        settings = self._service.settings
        return settings.chat or default(settings)

    def _start(self, where: str) -> str:
        about = talk.NO_KEY if self._model == EXTRACTIVE else f"{self._model} answers, from your notes alone."
        return talk.start(where, examples(self._service, where), about)
