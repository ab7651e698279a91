"""The commands that answer questions: one at a time, or as a conversation that is kept."""

import json
import sys
from argparse import Namespace
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import Any

from search.chat.events import Asking, Event, Searched, Words
from search.chat.prompt import Turn
from search.errors import InvalidInputError, NotFoundError, SourceError
from search.files import whole
from search.retrieve.where import parse
from search.service import Service
from search.store.conversations import ConversationInfo, markdown
from search.types import Answer
from ui.answers import plain, sources, worth
from ui.text import bold, dim
from ui.waiting import Waiting

DONE, BROKEN = 0, 1
_ROLES = {"user": "user", "human": "user", "assistant": "assistant", "ai": "assistant"}
_ENDS = frozenset({"/quit", "/exit", "quit", "exit"})
_HELP = """/search TEXT   ask the last question again, searching for TEXT instead
/retry         ask the last question again
/anyway        ask it again, and answer even if the notes do not seem to
/edit TEXT     put another question in its place
/title TEXT    give the conversation a name
/export FILE   write it as Markdown
/quit          end; nearhood chat --resume goes on"""


def ask(service: Service, given: Namespace) -> int:
    """Answer one question."""
    # A pipe can be read only once: not before it is known who answers.
    name = service.resolve(given.collection) if given.history else given.collection
    history, system = read_history(Path(given.history)) if given.history else ((), "")
    asking = Asking(
        given.question,
        history=history,
        queries=tuple(given.search or ()),
        where=parse(given.where) if given.where is not None else None,
        system=system,
        anyway=given.anyway,
    )
    with closing(service.ask(asking, name, given.chat or "")) as events:  # type: ignore[type-var]
        answer = _told(events, given)
    return BROKEN if answer.broken else DONE


def chat(service: Service, given: Namespace) -> int:
    """Hold a conversation, or look after those that were held."""
    for option in ("list", "delete", "rename", "export"):
        # A number may be 0.
        if getattr(given, option) is not None and getattr(given, option) is not False:
            return _KEEPING[option](service, given)
    return _Chat(service, given).run()


def read_history(file: Path) -> tuple[tuple[Turn, ...], str]:
    """Return what was said before, and what the model is told first: a JSON list of {"role", "content"}.

    :raises SourceError: When the file has anything else.
    """
    try:
        said = json.loads(file.read_text(encoding="utf-8"))
        pairs = [(str(message["role"]), str(message["content"])) for message in said]
    except OSError as error:
        raise SourceError(file, f"cannot be read ({error.strerror})") from error
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise SourceError(file, 'is no JSON list of {"role", "content"}') from error
    strange = next((role for role, _ in pairs if role not in {*_ROLES, "system"}), None)
    if strange is not None:
        raise SourceError(file, f"has the role {strange!r}: there are system, user and assistant")
    turns = tuple(
        Turn("user" if _ROLES[role] == "user" else "assistant", text) for role, text in pairs if role in _ROLES
    )
    return turns, "\n\n".join(text for role, text in pairs if role == "system")


def _told(events: Iterator[Event], given: Namespace) -> Answer:
    """Print an answer as it comes, and return it."""
    answer: Answer | None = None
    streamed = ""
    for event in _waited_for(events):
        if isinstance(event, Answer):
            answer = event
        elif isinstance(event, Searched) and not given.json and event.queries != (event.asking.question,):
            print(
                dim("\n".join(["searching for:", *(f"  {query}" for query in map(plain, event.queries))])), flush=True
            )
        elif isinstance(event, Words) and not given.json:
            streamed += event.text
            print(plain(event.text), end="", flush=True)
    assert answer is not None  # noqa: S101 - a chain ends in an answer
    if given.json:
        print(json.dumps(asdict(answer), ensure_ascii=False), flush=True)
    else:
        print("" if streamed else plain(answer.answer))
        print("\n".join([*sources(answer), *worth(answer)]), flush=True)
    if answer.broken:
        print(f"nearhood: the answer is not whole: {plain(answer.broken)}", file=sys.stderr, flush=True)
    return answer


def _waited_for(events: Iterator[Event]) -> Iterator[Event]:
    """Yield events as they come, with a word on a terminal where the answer is long in coming."""
    waiting = Waiting("answering; the first question of a collection takes longest")
    with waiting:
        for event in events:
            if isinstance(event, Words | Answer):
                waiting.end()
            yield event


class _Chat:
    """A conversation at a terminal, or of the lines of a file."""

    def __init__(self, service: Service, given: Namespace) -> None:
        self._service = service
        self._given = given
        self._where = parse(given.where) if given.where is not None else None
        self._number: int | None = None
        if given.resume is not None:
            self._number = _resumed(service, given).number
        self._last = ""

    def run(self) -> int:
        """Answer until there is nothing more to ask."""
        self._greet()
        while (line := self._line()) is not None:
            words = line.strip()
            if words in _ENDS:
                break
            if words:
                self._take(words)
        return DONE

    def _greet(self) -> None:
        if self._number is None:
            name = self._service.resolve(self._given.collection)
            self._service.show(name)
            self._say(f"asking {name}; /help for more, Ctrl-C to stop an answer, Ctrl-D to end")
            return
        info = self._service.conversation(self._number)
        self._say(f"going on with {info.number}, {info.title!r}, over {info.collection}")
        for said in self._service.turns(self._number)[-2:]:
            self._last = said.question
            self._say(f"\n> {plain(said.question)}\n{plain(said.answer['answer'])}")

    def _say(self, words: str) -> None:
        print(dim(words), file=sys.stderr, flush=True)

    def _line(self) -> str | None:
        try:
            return input(f"\n{bold('>')} ") if sys.stdin.isatty() else sys.stdin.readline() or None
        except UnicodeDecodeError as error:
            raise InvalidInputError(f"what was asked is no UTF-8 (byte {error.object[error.start]:#04x})") from error
        except (EOFError, KeyboardInterrupt):
            if not sys.stdin.isatty():
                raise
            print(file=sys.stderr)
            return None

    def _take(self, words: str) -> None:
        """Do what a line says; what goes wrong is said, and the conversation goes on."""
        from search.errors import NearhoodError  # noqa: PLC0415

        try:
            self._do(words)
        except NearhoodError as error:
            if not sys.stdin.isatty():
                raise
            print(f"nearhood: {plain(' '.join(str(error).split()))}", file=sys.stderr, flush=True)

    def _do(self, words: str) -> None:
        command, _, rest = words.partition(" ")
        rest = rest.strip()
        match command:
            case "/help":
                self._say(_HELP)
            case "/search" | "/retry" | "/anyway":
                self._again(self._last, queries=(rest,) if command == "/search" else (), anyway=command == "/anyway")
            case "/edit":
                self._again(rest)
            case "/title" | "/export":
                self._look_after(command, rest)
            case _ if command.startswith("/"):
                raise InvalidInputError(f"there is no {command}: /help names the commands")
            case _:
                self._ask(words)

    def _again(self, question: str, queries: tuple[str, ...] = (), *, anyway: bool = False) -> None:
        if not question or not self._last:
            raise InvalidInputError("nothing was asked yet")
        after = None
        if self._number is not None:
            turns = self._service.turns(self._number)
            # One that failed is not among them.
            after = len(turns) - 1 if turns and turns[-1].question == self._last else None
        self._ask(question, queries, anyway=anyway, after=after)

    def _ask(
        self, question: str, queries: tuple[str, ...] = (), *, anyway: bool = False, after: int | None = None
    ) -> None:
        given = self._given
        asking = Asking(question, queries=queries, where=self._where, anyway=anyway)
        if self._number is None:
            self._number = self._service.begin_conversation(question, given.collection)
        self._last = question
        events = self._service.ask(asking, None, given.chat or "", self._number, after)
        try:
            _told(events, given)
        except KeyboardInterrupt:
            print(dim("\nstopped; what came is kept"), file=sys.stderr, flush=True)
        finally:
            events.close()  # type: ignore[attr-defined]

    def _look_after(self, command: str, rest: str) -> None:
        if self._number is None or not rest:
            raise InvalidInputError(
                f"{command} needs a conversation and {'a name' if command == '/title' else 'a file'}"
            )
        if command == "/title":
            self._service.rename_conversation(self._number, rest)
        else:
            _write(Path(rest).expanduser(), self._service.conversation(self._number), self._service)


def _resumed(service: Service, given: Namespace) -> ConversationInfo:
    """Return the conversation that is meant: the one of a number, else the latest."""
    if given.resume:
        return service.conversation(given.resume)
    infos = service.conversations(given.collection)
    if not infos:
        raise NotFoundError("there is no conversation to resume yet: nearhood chat begins one")
    return infos[0]


def _list(service: Service, given: Namespace) -> int:
    infos = service.conversations(given.collection)
    if given.json:
        print(json.dumps({"conversations": [asdict(info) for info in infos]}, ensure_ascii=False))
    elif not infos:
        print("there is no conversation yet: nearhood chat begins one")
    else:
        for i in infos:
            when = i.changed[:16].replace("T", " ")
            print(f"{i.number:>4}  {when}  {i.turns:>3} turns  {i.collection}  {plain(i.title)}")
    return DONE


def _delete(service: Service, given: Namespace) -> int:
    number = _number(given.delete)
    service.delete_conversation(number)
    _done(given, {"deleted": number}, f"deleted conversation {number}")
    return DONE


def _rename(service: Service, given: Namespace) -> int:
    number, title = given.rename
    info = service.rename_conversation(_number(number), title)
    _done(given, asdict(info), f"conversation {number} is now {title!r}")
    return DONE


def _export(service: Service, given: Namespace) -> int:
    number, file = given.export
    info = service.conversation(_number(number))
    if file == "-":
        print(plain(markdown(info, service.turns(info.number))), end="", flush=True)
        return DONE
    _write(Path(file).expanduser(), info, service)
    _done(given, {"exported": info.number, "file": str(file)}, f"wrote {file}")
    return DONE


def _write(file: Path, info: ConversationInfo, service: Service) -> None:
    with whole(file) as part:
        part.write_text(markdown(info, service.turns(info.number)), encoding="utf-8")


def _number(text: str) -> int:
    if not text.isdecimal():
        raise InvalidInputError(f"{text!r} is no number of a conversation: nearhood chat --list names them")
    return int(text)


def _done(given: Namespace, value: dict[str, Any], line: str) -> None:
    print(json.dumps(value, ensure_ascii=False) if given.json else plain(line), flush=True)


_KEEPING = {"list": _list, "delete": _delete, "rename": _rename, "export": _export}
