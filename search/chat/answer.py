"""What is said to a question: sentences of the notes, a chat model's words, or that the notes do not answer it."""

import time
from collections.abc import Iterator, Sequence

from search.chat.citations import Checked, check, unchecked
from search.chat.events import Found, Words
from search.chat.extractive import Quote, extract
from search.chat.markers import streamed
from search.chat.model import EXTRACTIVE, ChatModel
from search.chat.prompt import UNANSWERED, answering
from search.chat.reading import Reading
from search.embedders.base import Embedder
from search.errors import ChatError, NearhoodError
from search.retrieve.caution import Caution, cautions_if_short
from search.retrieve.find import NEAR
from search.types import Answer, Citation, Hit, Statement

NO_MODEL = "No chat model is configured, so these are the sentences of the notes that answer best:"
REFUSED = "The notes do not seem to answer this. Nearest to it are:"
NOTHING = "Nothing in the notes could be found for this."
_NEAREST = 3
"""Notes that a refusal names."""
STOPPED = "stopped"


def refused(found: Found, embedder: Embedder, model: ChatModel | None) -> Answer:
    """Return an answer that says that the notes do not answer, and names the nearest ones."""
    hits = found.hits.hits[:_NEAREST]
    quotes = _first_of_each(extract(_question(found), found.vector, hits, embedder, most=len(hits) * 2))
    return _quoting(found, REFUSED if quotes else NOTHING, quotes, _name(model), refused=True)


def extracted(found: Found, embedder: Embedder) -> Answer:
    """Return the sentences of the notes that answer best, verbatim."""
    quotes = extract(_question(found), found.vector, found.hits.hits, embedder)
    return _quoting(found, NO_MODEL if quotes else NOTHING, quotes, EXTRACTIVE, refused=not quotes)


def spoken(found: Found, model: ChatModel, system: str, embedder: Embedder) -> Iterator[Words | Answer]:
    """Yield a model's words as they come, and at last the answer, checked.

    :raises ChatError: When the model does not say a word.
    """
    asking, hits = found.searched.asking, found.hits.hits
    messages = answering(asking.question, asking.history, hits, system, embedder.count_tokens)
    said: list[str] = []
    broken = None
    with Reading(hits, embedder) as reading:
        try:
            for words in streamed(_without_refusal(_characters(model.stream(messages))), len(hits)):
                said.append(words)
                yield Words(words)
        except ChatError as error:
            if not said:
                raise
            broken = str(error)
        text = "".join(said)
        if not text.strip():
            yield refused(found, embedder, model)
            return
        try:
            checked = check(text, hits, embedder, reading)
        except NearhoodError as error:
            checked, broken = unchecked(text, len(hits)), broken or f"not checked against the notes: {error}"
    yield _answer(found, checked, model.name, broken=broken, read=_sources(found))


def _characters(words: Iterator[str]) -> Iterator[str]:
    """Yield a model's words with the halves of a character joined that came in two pieces; one alone is replaced."""
    held = ""
    for some in words:
        held += some
        end = len(held) - ("\ud800" <= held[-1:] <= "\udbff")
        if end:
            yield held[:end].encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        held = held[end:]
    if held:
        yield "\ufffd"


def _without_refusal(words: Iterator[str]) -> Iterator[str]:
    """Yield a model's words; none where it says that the notes do not answer."""
    held = ""
    for some in words:
        held += some
        begun = held.lstrip(" \n*\"'“")
        if not UNANSWERED.startswith(begun[: len(UNANSWERED)].upper()):
            yield held
            break
    else:
        if not held.lstrip(" \n*\"'“").upper().startswith(UNANSWERED):
            yield held
        return
    yield from words


def stopped(found: Found, text: str, model: str) -> Answer:
    """Return what was said until somebody stopped it."""
    return _answer(found, unchecked(text, len(found.hits.hits)), model, broken=STOPPED, read=_sources(found))


def _sources(found: Found) -> tuple[str, ...]:
    return tuple(dict.fromkeys(hit.source for hit in found.hits.hits))


def _question(found: Found) -> str:
    """Return the question, with what it left out where it leans on earlier turns."""
    return found.searched.terms[0].text


def _first_of_each(quotes: Sequence[Quote]) -> list[Quote]:
    """Return the best sentence of each passage, in the passages' order."""
    best: dict[int, Quote] = {}
    for quote in quotes:
        best.setdefault(quote.n, quote)
    return [best[n] for n in sorted(best)]


def _quoting(found: Found, lead: str, quotes: Sequence[Quote], model: str, *, refused: bool) -> Answer:
    """Return an answer that is made of quotes."""
    hits, text = found.hits.hits, lead
    citations, statements = [], []
    for quote in quotes:
        cited = _citation(hits[quote.n - 1], quote)
        citations.append(cited)
        text += "\n\n"
        line = f"“{' '.join(cited.quote.split())}” [{quote.n}]"
        if not refused:
            end, apart = len(text) + len(line), _cautions(_question(found), cited)
            statements.append(Statement(len(text), end, (quote.n,), 1.0, supported=True, cautions=apart))
        text += line
    checked = Checked(text, tuple(citations), tuple(statements))
    return _answer(found, checked, model, refused=refused)


def _citation(hit: Hit, quote: Quote) -> Citation:
    start, end = hit.start + quote.start, hit.start + quote.end
    words = hit.text[quote.start : quote.end]
    return Citation(quote.n, hit.id, hit.source, start, end, words, quote.similarity, hit.metadata)


def _cautions(question: str, cited: Citation) -> tuple[Caution, ...]:
    return cautions_if_short(question, cited.quote) if cited.similarity >= NEAR else ()


def _answer(
    found: Found,
    checked: Checked,
    model: str,
    *,
    refused: bool = False,
    broken: str | None = None,
    read: tuple[str, ...] = (),
) -> Answer:
    asking = found.searched.asking
    return Answer(
        question=asking.question,
        searched=found.searched.queries,
        answer=checked.text,
        refused=refused,
        citations=checked.citations,
        model=model,
        read=read,
        statements=checked.statements,
        broken=broken,
        judgement=found.judgement,
        took_ms=(time.perf_counter() - asking.started) * 1000,
    )


def _name(model: ChatModel | None) -> str:
    return EXTRACTIVE if model is None else model.name
