"""Texts of a collection's own that are worth trying as a query."""

import re

from search.service import Service
from ui.web.plain import plain

DRAWN = 60
"""Passages looked at, evenly spread over the collection."""
WANTED = 6
TELLING = 3
"""Words from which a heading is preferred."""
FEWEST_CHARACTERS, MOST_CHARACTERS = 3, 60
_SENTENCE = re.compile(r"[^.!?\n]{12,}[.!?](?=\s|$)")


def examples(service: Service, collection: str) -> list[str]:
    """Return some short texts: terms as they are, of longer passages a heading or a short sentence."""
    found = service.store.collection(collection)
    # Its vectors may be too many to be read for this.
    numbers = found.layout.numbers.tolist()
    drawn = [numbers[i * len(numbers) // DRAWN] for i in range(DRAWN)] if len(numbers) > DRAWN else numbers
    passages = found.read(drawn)
    texts = [(passages[n].text, passages[n].source) for n in drawn if n in passages]
    short = dict.fromkeys(filter(None, (_short(*text) for text in texts)))
    if len(short) < WANTED:
        short |= dict.fromkeys(filter(None, (_short(*text, fewest=1) for text in texts)))
    return list(short)[:: max(1, len(short) // WANTED)][:WANTED]


def _short(text: str, source: str, fewest: int = TELLING) -> str:
    """Return a passage's heading, itself, or its first short sentence; empty when it has none of these.

    :param fewest: Words of a heading: one of a word or two, "Set-up", says little by itself.
    """
    read = plain(text, source)
    heading, sentence = read.title.split(" › ")[-1], _SENTENCE.search(read.body)
    choices = (heading if len(heading.split()) >= fewest else "", read.body, sentence[0] if sentence else "")
    words = (" ".join(choice.split()) for choice in choices)
    return next((w for w in words if FEWEST_CHARACTERS <= len(w) <= MOST_CHARACTERS and not _is_torn(w)), "")


def _is_torn(words: str) -> bool:
    """Return whether a text begins amid a sentence or a list: with a comma, or a bullet."""
    return words[0] in ",;:.)]}•-*|>" and " " in words
