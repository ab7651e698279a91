"""Questions and conversations, by way of a server."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from pydantic import TypeAdapter

from search.retrieve.options import Term
from search.retrieve.where import to_json
from search.store.conversations import ConversationInfo, Said
from search.types import Answer
from ui.remote.wire import Wire

if TYPE_CHECKING:
    from search.chat.events import Asking, Searched, Words

_PATH = "/api/conversations"


class Questions(Wire):
    """The verbs of a service that answer."""

    def ask(
        self,
        asking: "Asking",
        collection: str | None = None,
        chat: str = "",
        conversation: int | None = None,
        after: int | None = None,
    ) -> Iterator["Searched | Words | Answer"]:
        """Yield what is searched, words as they come, and the answer at last. Close it to stop."""
        # Takes half a second to import, which who never asks need not wait for.
        from search.chat.events import Searched, Words  # noqa: PLC0415

        history = [{"role": turn.role, "content": turn.content} for turn in asking.history]
        system = [{"role": "system", "content": asking.system}] if asking.system else []
        body = {
            "question": asking.question,
            "collection": collection,
            "history": [*system, *history],
            "search": list(asking.queries),
            "where": to_json(asking.where) if asking.where is not None else None,
            "chat": chat or self.settings.chat or None,
            "conversation": conversation,
            "after": after,
            "anyway": asking.anyway,
            "stream": True,
        }
        for kind, value in self.events("/api/ask", body):
            if kind == "searched":
                yield Searched(asking, tuple(Term(text) for text in value["searched"]))
            elif kind == "words":
                yield Words(value["text"])
            elif kind == "answer":
                yield TypeAdapter(Answer).validate_python(value)

    def begin_conversation(self, question: str, collection: str | None = None) -> int:
        """Return the number of a new conversation."""
        return int(self.json("POST", _PATH, {"question": question, "collection": collection})["number"])

    def conversations(self, collection: str | None = None) -> list[ConversationInfo]:
        """Return all conversations, or those with one collection, the latest first."""
        found = self.had(_PATH, dict[str, list[ConversationInfo]], collection=collection)
        return found["conversations"]

    def conversation(self, number: int) -> ConversationInfo:
        """Return one."""
        return TypeAdapter(ConversationInfo).validate_python(self.json("GET", f"{_PATH}/{number}")["conversation"])

    def turns(self, conversation: int) -> list[Said]:
        """Return what was said, in order."""
        return TypeAdapter(list[Said]).validate_python(self.json("GET", f"{_PATH}/{conversation}")["turns"])

    def rename_conversation(self, number: int, title: str) -> ConversationInfo:
        """Give one another name, and return it."""
        return self.read("PATCH", f"{_PATH}/{number}", ConversationInfo, {"title": title})

    def delete_conversation(self, number: int) -> None:
        """Delete one."""
        self.json("DELETE", f"{_PATH}/{number}")
