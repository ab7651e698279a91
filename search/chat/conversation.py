"""A question in a conversation: what was said before goes along, and what is answered is kept."""

from collections.abc import Iterator, Sequence

from search.chat.answer import NO_MODEL, stopped
from search.chat.events import Event, Found, Words
from search.chat.prompt import Turn
from search.store.conversations import Conversations, Said
from search.types import Answer


def history(turns: Sequence[Said]) -> tuple[Turn, ...]:
    """Return what was said as a model hears it, oldest first."""
    return tuple(
        turn
        for said in turns
        for turn in (Turn("user", said.question), Turn("assistant", _plain(said.answer["answer"])))
        if turn.content
    )


def kept(
    events: Iterator[Event], conversations: Conversations, number: int, model: str, after: int | None = None
) -> Iterator[Event]:
    """Yield the events, and keep the answer; of one that is stopped, closed in its midst, what came until then.

    :param after: How many turns stay before it; the others go once there is an answer in their place, unless another
        was added meanwhile. None for all.
    """
    before = conversations.get(number).turns

    def keep(answer: Answer) -> None:
        is_same = conversations.get(number).turns == before
        conversations.add(number, answer, after if is_same else None)

    found: Found | None = None
    said: list[str] = []
    try:
        for event in events:
            if isinstance(event, Answer):
                keep(event)
                found = None
            elif isinstance(event, Found):
                found = event
            elif isinstance(event, Words):
                said.append(event.text)
            yield event
    except (GeneratorExit, KeyboardInterrupt):
        if found is not None and said:
            keep(stopped(found, "".join(said), model))
        raise


def _plain(answer: str) -> str:
    return answer.removeprefix(NO_MODEL).strip()
