"""Pronouns that nothing in their question stands for."""

from collections.abc import Iterator

from search.chat import follow_up_words as english
from search.chat.question import Question, Token
from search.retrieve.contrast.lexicon import BE, PREPOSITIONS, words

_DEMONSTRATIVES = words("this that these those")
_EMPTY_IT = words(
    "take takes took taken mean means cost costs matter matters rain rains snow snows possible true important necessary"
    " hard difficult easy safe legal illegal bad good better best ok okay worth likely known thought believed said"
    " estimated time rare common normal called essential customary unusual traditional"
)
"""What follows an 'it' that stands for nothing: 'is it true that', 'does it take to'."""
_AFTER_EMPTY_IT = words("to that for if when called in")
_PERIODS = words("year week month day decade century time morning evening summer winter spring autumn")
_TIMES = _PERIODS | words("times years days period era moment point season case")
_AFTER_THOSE = words("who that of with in from which whose not under outside without could can are were")
_BEFORE_THAT = BE | words("did does do has have had can could will would")


def open_pronouns(asked: Question) -> Iterator[int]:
    """Yield the places of pronouns that nothing in the question stands for."""
    for at, token in enumerate(asked.tokens):
        word = token.lower.split("'")[0]
        if word in _DEMONSTRATIVES:
            if _points_out(asked, at, word):
                yield at
        elif (
            word in english.PERSONAL and not (word == "it" and _is_empty(asked, at)) and not _is_closed(asked, at, word)
        ):
            yield at


def owns(asked: Question, at: int) -> bool:
    """Whether a pronoun is an owner's: 'her' may be both."""
    word = asked.tokens[at].lower
    return word in english.OWNERS and (word != "her" or asked.after(at) not in english.CLOSED | {""})


def _is_empty(asked: Question, at: int) -> bool:
    """Whether an 'it' stands for nothing: 'is it true that', 'what time is it', 'was it Newton who'."""
    if asked.before(at - 1) == "time":
        return True
    if at == 1 and asked.before(at) in BE and any(token.lower == "who" for token in asked.tokens):
        return True
    ahead = [token.lower for token in asked.tokens[at + 1 : at + 12]]
    return not _EMPTY_IT.isdisjoint(ahead[:3]) and not _AFTER_EMPTY_IT.isdisjoint(ahead)


def _is_closed(asked: Question, at: int, word: str) -> bool:
    """Whether the question has what a personal pronoun may stand for."""
    is_owner = owns(asked, at)
    # 'the man they elected': a subject that no verb precedes begins a clause, though no word says so.
    subject = word in english.NOMINATIVE and at > 0 and asked.before(at) not in english.INVERTED | PREPOSITIONS
    asks_who = asked.tokens[0].lower == "who" and asked.after(0) not in english.INVERTED
    if asks_who and (is_owner or subject) and word not in english.THINGS:
        return True
    # An object is not what its own clause already names: 'why did Musk start it?'.
    start = at if is_owner or subject else asked.clause(at)
    return any(_may_be(asked, token, word) for token in asked.tokens[:start] if token.means)


def _may_be(asked: Question, token: Token, pronoun: str) -> bool:
    """Whether a pronoun may stand for a word."""
    if token.bare in english.RELATIONAL:
        return False
    if pronoun not in english.PEOPLE:
        return True
    if token.bare in english.PERSONS or english.PERSON.fullmatch(token.bare):
        return True
    return token.is_name or (asked.is_lower and token.bare not in english.GENERIC)


def _points_out(asked: Question, at: int, word: str) -> bool:
    """Whether a demonstrative points out of the question."""
    following, clause = asked.after(at), asked.clause(at)
    if clause < at - 1 and any(token.means for token in asked.tokens[:clause]):
        return False
    if word == "those":
        return following not in _AFTER_THOSE and not following.endswith("ing")
    if word != "that":
        return following not in _PERIODS and not (word == "these" and following == "days")
    if asked.ends(at) or not at or asked.before(at) in _BEFORE_THAT:
        return True
    return asked.before(at) in PREPOSITIONS and following in _TIMES
