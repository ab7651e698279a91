"""What makes a passage near, as HTML: the sentence that is, marked in its text, and what each word adds."""

import re
from collections.abc import Sequence
from html import escape

from search.types import Hit, Why, Word
from ui.web.plain import one_line, plain

MOST_WORDS = 8
_LONGEST = 200
"""Words of a sentence that are looked for."""
SENTENCE = 300
"""Characters of a sentence that are shown."""
_WORD = re.compile(r"\w+")


def body(text: str, source: str, why: Why | None) -> str:
    """Return a passage's text in paragraphs, with the nearest sentence marked where it is known."""
    read = plain(text, source).body
    start, end = _place(read, text[why.start : why.end], source) if why else (0, 0)
    shown, at = [], 0
    for paragraph in read.split("\n\n"):
        first, last = max(0, start - at), min(len(paragraph), end - at)
        shown.append(_marked(paragraph, first, last) if first < last else escape(paragraph))
        at += len(paragraph) + 2
    # An empty line takes room only once the text is shown in full.
    return "<i></i>".join(f"<span>{paragraph}</span>" for paragraph in shown)


def because(hit: Hit) -> str:
    """Return what makes a hit near, folded away; empty where it was not asked for."""
    why = hit.why
    if why is None:
        return ""
    sentence = escape(one_line(hit.text[why.start : why.end], hit.source, SENTENCE))
    return (
        f'<details class="nh-why"><summary>Why it is near</summary><p><b>{why.similarity:.3f}</b> <q>{sentence}</q></p>'
        f"{_words('Its words', why.passage)}{_words('Of the query', why.query)}</details>"
    )


def _place(read: str, sentence: str, source: str) -> tuple[int, int]:
    """Return where a sentence stands in a text that was freed of its marks; nowhere when it cannot be told."""
    found = plain(sentence, source)
    words = _WORD.findall(found.body or found.title)[:_LONGEST]
    hit = re.search(r"\W+".join(map(re.escape, words)), read) if words else None
    return hit.span() if hit else (0, 0)


def _marked(paragraph: str, first: int, last: int) -> str:
    parts = paragraph[:first], paragraph[first:last], paragraph[last:]
    before, inside, after = map(escape, parts)
    return f"{before}<mark>{inside}</mark>{after}"


def _words(head: str, words: Sequence[Word]) -> str:
    most = sorted(words, key=lambda word: -abs(word.adds))[:MOST_WORDS]
    if not most:
        return ""
    largest = max(abs(word.adds) for word in most) or 1.0
    shown = "".join(
        f'<li style="--v:{max(0.0, word.adds) / largest:.2f}">{escape(word.text)}'
        f" <i>{f'{word.adds:+.3f}'.replace('-', '−')}</i></li>"
        for word in most
    )
    return (
        f'<p class="nh-how">{head}, and what the similarity would lose without each</p><ul class="nh-adds">{shown}</ul>'
    )
