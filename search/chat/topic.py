"""What a conversation is about: names and nouns that a question may leave out, and the question with them put in."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from search.chat import follow_up_words as english
from search.chat.leaning import OPENS, leaning, opening
from search.chat.pronouns import open_pronouns, owns
from search.chat.question import RECENT, Question, Token, names, tokens

_LONGEST = 80
"""Characters of a topic."""
_INTRODUCES = re.compile(
    r"\s*(?:tell me (?:more )?about|(?:what|who)(?:['’]?s| is| are| was| were)|describe|explain|define"
    r"|(?:what|how) about)\b",
    re.IGNORECASE,
)


def topic(text: str) -> str:
    """Return what a turn is about: its first name, else its first nouns; empty where it names nothing."""
    words = tokens(text)
    start, end = next((_named(words, *name) for name in names(words)), None) or _nouns(words)
    return _cut(text, words, start, end)


def first_topic(turns: Sequence[str], answers: Sequence[str]) -> str:
    """Return what a conversation began with.

    Where its first turn leaves that open, the name that turns and answers say most often is taken.
    """
    about = topic(turns[0])
    if about and not _is_open(turns[0], about):
        return about
    return _most_named([*turns[-RECENT:], *answers[-RECENT:]]) or about


def latest_topic(turns: Sequence[str]) -> str:
    """Return what the last turn that introduces something is about; empty where none does after the first."""
    for at in range(len(turns) - 1, max(0, len(turns) - 1 - RECENT), -1):
        turn = turns[at]
        why = leaning(turn, turns[:at])
        if (why is None or why.startswith(OPENS)) and (has_name(turn) or _INTRODUCES.match(turn)) and topic(turn):
            return topic(turn)
    return ""


def has_name(text: str) -> bool:
    """Whether a turn calls something by its name."""
    return next(names(tokens(text)), None) is not None


def _is_open(turn: str, about: str) -> bool:
    """Whether a first turn leaves open what it is about."""
    if has_name(turn):
        return False
    words = [word.bare for word in tokens(about)]
    is_kind = words[0] in english.GENERIC and all(word in english.GENERIC or word.endswith("ed") for word in words)
    return is_kind or opening(Question.of(turn, ())) is not None


def filled(question: str, about: str) -> str:
    """Return a question with a topic in place of its first open pronoun, else in brackets behind it."""
    if not about or about.lower() in question.lower():
        return question
    asked = Question.of(question, ())
    at = next(open_pronouns(asked), None)
    if at is None or asked.tokens[at].lower.split("'")[0] not in english.REPLACED or _points_at(asked, at):
        return f"{question} ({about})"
    pronoun = asked.tokens[at]
    _, apostrophe, verb = pronoun.lower.partition("'")
    ending = "'s" if owns(asked, at) else apostrophe + verb
    return f"{question[: pronoun.start]}{about}{ending}{question[pronoun.end :]}"


def _points_at(asked: Question, at: int) -> bool:
    """Whether a demonstrative has a noun of its own: 'this band'."""
    if asked.tokens[at].lower not in {"this", "that", "these", "those"} or asked.ends(at):
        return False
    return asked.after(at) not in english.CLOSED and not asked.after(at).endswith("ed")


def _named(words: Sequence[Token], start: int, end: int) -> tuple[int, int]:
    """Return a name with the nouns behind it: 'the Milgram experiment', but not 'Styron' of 'Styron born'."""
    if words[end - 1].lower == words[end - 1].bare and (
        start == 0 or words[start - 1].lower not in english.BEFORE_NOUNS
    ):
        return start, end
    while (
        end < len(words)
        and words[end].means
        and words[end].bare not in english.RELATIONAL
        and not words[end].lower.endswith("ed")
    ):
        end += 1
    return start, end


def _nouns(words: Sequence[Token]) -> tuple[int, int]:
    """Return where the first words that name something begin and end, those apart that are always of something."""
    start = next(
        (at for at, word in enumerate(words) if word.means and word.bare not in english.RELATIONAL), len(words)
    )
    end = start
    while end < len(words) and words[end].means:
        end += 1
    while start > 0 and words[start - 1].means:
        start -= 1
    while 0 < start < len(words) and words[start - 1].lower in english.QUALITIES:
        start -= 1
    return start, end


def _cut(text: str, words: Sequence[Token], start: int, end: int) -> str:
    if start >= end:
        return ""
    found = text[words[start].start : words[end - 1].end]
    return re.sub(r"(?:['’]s|(?<=s)['’])$", "", found)[:_LONGEST].strip()


def _most_named(texts: Sequence[str]) -> str:
    """Return the name that stands in most places, a full one counted with its short forms; empty without any."""
    found: Counter[str] = Counter(name for text in texts for name in _names_of(text))
    if not found:
        return ""
    parts = {name: frozenset(name.lower().split()) for name in found}

    def said(name: str) -> int:
        return sum(count for other, count in found.items() if parts[other] <= parts[name])

    return max(found, key=lambda name: (said(name), found[name]))


def _names_of(text: str) -> Iterator[str]:
    words = tokens(text)
    for start, end in names(words):
        if words[start].lower not in english.CALENDAR:
            yield _cut(text, words, start, end)
