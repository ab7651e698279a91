"""Whether a question leans on what was said before it: rules about English words, no model.

They look for what a question leaves open: a pronoun that nothing in it stands for, a beginning like 'what about', a
superlative without its noun, a noun that is always of something. A question in another language leans on nothing,
unless it is a bare 'why' or begins with its language's 'and'.
"""

import re
from collections.abc import Callable, Sequence

from search.chat import follow_up_words as english
from search.chat.pronouns import open_pronouns
from search.chat.question import Question, Token
from search.retrieve.contrast.lexicon import BE, IRREGULAR_PARTICIPLES, PREPOSITIONS, VERBS, words

OPENS = "begins with "
"""How the reason begins where a question goes on from the last one: 'What about sharks?'."""
_MOST_WORDS = 40
"""Who writes more leaves little open."""
_FEW = 2
_OPENER = re.compile(
    r"\s*((?:(?:and|but|or|so|ok|okay|well|also)\b[\s,]*)?(?:(?:what|how) about|what if not|what else|how so|why not"
    r"|such as|like what|like who|for example|for instance|anything else|anyone else|who else|where else|how else"
    r"|why else|same|which ones?|what ones|and|or|but)\b)",
    re.IGNORECASE,
)
_ELSEWHERE = re.compile(
    r"\s*[¿¡]?\s*(?:(?:und|et|y|aber|mais|pero)(?:\s+\S+){1,5}|(?:warum|wieso|weshalb|pourquoi|por qué|perché|waarom"
    r"|почему|为什么|為什麼|なぜ|どうして|왜)(?:\s+(?:nicht|pas|no|non|niet))?)\s*[?？]?\s*",
    re.IGNORECASE,
)
_KIND = re.compile(r"\s*(?:what|which)\s+((?:kind|type|sort|one|brand|model|version)s?)\b(?!\s+of\b)", re.IGNORECASE)
_COMPARES = re.compile(r"\s*which\s+(?:is|are|was|were)\s+(?:\w{2,}er|more|less|better|worse|best)\b", re.IGNORECASE)
_BEFORE_ONE = re.compile(r"\w{2,}(?:er|est)|first|second|third|last|next|this|that")
_SUPERLATIVE = re.compile(r"best|worst|first|last|latest|only|\w{3,}est")
_NO_SUPERLATIVES = words(
    "forest interest request guest contest conquest protest harvest priest chest nest rest west quest test"
)
_AFTER_SUPERLATIVE = words("ever in on and or for so by is was are were of selling known . , ; : ! ?") | {""}
_TWO_SIDED = words("difference differences similarity similarities relationship relation connection link comparison")
_OF = words("of for to between behind about against from that which who whom whose where why how than as among")
"""What follows a noun to say which one is meant."""
_EXCEPT = words("besides than aside except apart each addition")
"""Words that say beside what the others are."""
_ANOTHER = words("name term word way")
_AFTER_ANY = words("related in for with that like ?") | {""}
_BEFORE_ANY = words("so ok okay well also ,")
_GOES_ON_WITH = words("other more further additional else of")
"""Words that leave open what 'any' begins with: 'Any other teams?', 'Any of the members?'."""
_HAS_OR_DOES = words("have has had") | VERBS | (english.VERBS - english.INVERTED)


def leans(question: str, turns: Sequence[str]) -> bool:
    """Whether a question leans on the user's turns before it."""
    return leaning(question, turns) is not None


def leaning(question: str, turns: Sequence[str]) -> str | None:
    """Return in a few words why a question leans on the user's turns before it; None where it stands alone.

    :param turns: Oldest first, without the question.
    """
    asked = Question.of(question, turns)
    return opening(asked) if asked.turns else None


def opening(asked: Question) -> str | None:
    """Return in a few words what a question leaves open, whatever was said before it."""
    if _ELSEWHERE.fullmatch(asked.text):
        return f"{OPENS}what goes on"
    if not asked.is_english or len(asked.tokens) > _MOST_WORDS:
        return None
    return next((why for rule in _RULES if (why := rule(asked))), None)


def _goes_on(asked: Question) -> str | None:
    match = _OPENER.match(asked.text)
    return f"{OPENS}'{match[1].lower()}'" if match else None


def _pronoun(asked: Question) -> str | None:
    at = next(open_pronouns(asked), None)
    return None if at is None else f"nothing in it is '{asked.tokens[at].lower}'"


def _nothing(asked: Question) -> str | None:
    if asked.content or any(token.lower.isdigit() for token in asked.tokens):
        return None
    return "names nothing"


def _place(asked: Question) -> str | None:
    """'How many are there?'"""
    if asked.has_name or len(asked.content) > _FEW:
        return None
    is_open = any(token.lower == "there" and asked.ends(at) for at, token in enumerate(asked.tokens))
    return "'there' is nowhere in it" if is_open else None


def _one(asked: Question) -> str | None:
    """'The cheaper one', 'the latter'."""
    for at, token in enumerate(asked.tokens):
        before = asked.before(at)
        if (token.lower == "ones" and before != "loved") or (token.lower == "one" and _BEFORE_ONE.fullmatch(before)):
            return f"'{token.lower}' of what?"
        if token.lower in {"former", "latter", "two"} and before == "the" and asked.ends(at):
            return f"the {token.lower} of which?"
    return None


def _which(asked: Question) -> str | None:
    """'What kind is best?', 'Which is younger?'"""
    match = _KIND.match(asked.text)
    if match and not asked.has_name:
        return f"'{match[1].lower()}' of what?"
    if len(asked.content) <= 1 and _COMPARES.match(asked.text) and all(token.lower != "or" for token in asked.tokens):
        return "compares what it does not name"
    return None


def _other(asked: Question) -> str | None:
    """'What other uses are there?', 'Tell me more.'"""
    if asked.has_name or any(token.lower in _EXCEPT for token in asked.tokens):
        return None
    for at, token in enumerate(asked.tokens):
        is_other = token.lower in {"other", "others", "else", "instead"}
        is_another = token.lower == "another" and asked.after(at) not in _ANOTHER
        is_more = token.lower in {"more", "also", "too"} and (
            asked.ends(at) or asked.after(at) in {"detail", "details"}
        )
        if (is_other and not _names_kind_and_deed(asked, at)) or is_another or is_more:
            return f"'{token.lower}' beside what?"
    return None


def _names_kind_and_deed(asked: Question, at: int) -> bool:
    """'Which other planets have rings?': what others, and what they do, is all in the question."""
    if at != 1 or asked.before(at) not in {"what", "which"}:
        return False
    first, end = at + 1, _phrase_end(asked, at + 1)
    verb = next((place for place in range(first + 1, end + 1) if asked.after(place - 1) in _HAS_OR_DOES), None)
    if verb is None or asked.tokens[verb - 1].bare in english.RELATIONAL | english.GENERIC:
        return False
    if asked.after(verb).endswith("ed") or asked.after(verb) in IRREGULAR_PARTICIPLES:  # 'had failed'
        return False
    return any(token.means for token in asked.tokens[verb + 1 :])


def _phrase_end(asked: Question, at: int) -> int:
    """Return where the nouns that begin at a place end, and what describes them."""
    while at < len(asked.tokens) and (asked.tokens[at].means or asked.tokens[at].lower in english.FILLERS):
        at += 1
    return at


def _begins_with_any(asked: Question) -> str | None:
    """'Any side effects?', but not 'Any advice on learning Rust?'"""
    at = next((at for at, token in enumerate(asked.tokens) if token.lower not in _BEFORE_ANY), 0)
    if asked.tokens[at].lower != "any":
        return None
    end = _phrase_end(asked, at + 1)
    phrase = asked.tokens[at + 1 : end]
    goes_on = any(token.lower in _GOES_ON_WITH for token in asked.tokens[at + 1 : end + 1]) and not asked.has_name
    of_what = bool(phrase) and phrase[-1].bare in english.RELATIONAL and asked.after(end - 1) != "of"
    is_open = not phrase or goes_on or of_what or not any(token.means for token in asked.tokens[end:])
    return f"{OPENS}'any'" if is_open else None


def _any(asked: Question) -> str | None:
    """'Are there any in France?'"""
    is_open = any(token.lower == "any" and asked.after(at) in _AFTER_ANY for at, token in enumerate(asked.tokens))
    return "'any' of what?" if is_open else None


def _two_sided(asked: Question) -> str | None:
    """'What is the difference with X?'"""
    for at, token in enumerate(asked.tokens):
        if token.lower in _TWO_SIDED and asked.after(at) in {"with", "to", "from"}:
            return None if any(token.means for token in asked.tokens[:at]) else f"'{token.lower}' of what?"
    return None


def _short_name(asked: Question) -> str | None:
    """A word of a name that was said in full before: 'Zappa' after 'Frank Zappa'."""
    mine = {token.bare for token in asked.tokens}
    for at, token in enumerate(asked.tokens):
        around = asked.tokens[max(at - 1, 0) : at] + asked.tokens[at + 1 : at + 2]
        if not token.means or any(other.is_name for other in around) or not (token.is_name or asked.is_lower):
            continue
        if any(token.bare in name and not name <= mine for name in asked.names):
            return f"'{token.text}' was said in full before"
    return None


def _superlative(asked: Question) -> str | None:
    """'What is the largest in the world?'"""
    for at in (at for at, token in enumerate(asked.tokens) if token.lower == "the"):
        most = asked.after(at) in {"most", "least"}
        last = at + 2 if most else at + 1
        if last >= len(asked.tokens) or (asked.has_name and asked.after(last) not in {"", "?", "ever"}):
            continue
        word, follows = asked.tokens[last].lower, asked.after(last)
        is_superlative = most or (_SUPERLATIVE.fullmatch(word) and word not in _NO_SUPERLATIVES)
        is_open = follows in _AFTER_SUPERLATIVE or (not most and follows.endswith("ed"))
        if is_superlative and is_open and not any(token.means for token in asked.tokens[asked.clause(at) : at]):
            return f"the {'most ' if most else ''}{word} of what?"
    return None


def _relational(asked: Question) -> str | None:
    """'What are the main symptoms?': all its nouns are of something that it does not name."""
    if asked.has_name or not asked.content or any(token.bare not in english.RELATIONAL for token in asked.content):
        return None
    first, last = asked.content[0], asked.content[-1]
    defines = first is last and not last.lower.endswith("s") and asked.before(asked.tokens.index(first)) in BE
    return None if defines else f"'{last.lower}' of what?"


def _definite(asked: Question) -> str | None:
    """'Why did the band split?': a noun with an article, and nothing that says which."""
    for at in (at for at, token in enumerate(asked.tokens) if token.lower == "the"):
        end = _phrase_end(asked, at + 1)
        phrase = [token for token in asked.tokens[at + 1 : end] if token.means]
        if phrase and not _says_which(asked.tokens[end : end + 4]) and (why := _left_open(asked, phrase)):
            return why
    return None


def _says_which(ahead: Sequence[Token]) -> bool:
    """Whether what follows a noun says which one is meant."""
    if not ahead:
        return False
    if ahead[0].lower in {"and", "or"}:
        return any(token.lower == "of" for token in ahead)
    return ahead[0].lower in _OF or (ahead[0].lower in PREPOSITIONS and any(token.is_name for token in ahead))


def _left_open(asked: Question, phrase: Sequence[Token]) -> str | None:
    head, alone = phrase[-1], len(phrase) == 1
    if head.is_name:
        return None
    if alone and head.bare in english.GENERIC:
        return f"which {head.lower}?"
    if asked.has_name:
        return None
    if head.bare in english.RELATIONAL and (alone or (len(phrase) <= _FEW and head.lower.endswith("s"))):
        return f"'{head.lower}' of what?"
    return next((f"'{token.lower}' was said before" for token in phrase if token.bare in asked.said), None)


_RULES: tuple[Callable[[Question], str | None], ...] = (
    _goes_on,
    _begins_with_any,
    _pronoun,
    _nothing,
    _place,
    _one,
    _which,
    _other,
    _any,
    _two_sided,
    _short_name,
    _superlative,
    _relational,
    _definite,
)
