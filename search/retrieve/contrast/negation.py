"""What one text denies and the other says."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from search.retrieve.contrast import lexicon
from search.retrieve.contrast.antonyms import opposites
from search.retrieve.contrast.reading import Reading, overlap
from search.retrieve.contrast.words import Word, stem

_CUES = lexicon.NEGATIONS
_VERB_CUES = frozenset(map(stem, ("fail", "refuse", "decline", "deny", "lack")))
_SILENT = frozenset(
    map(
        stem,
        lexicon.words("avoid prevent stop cease reject miss absent empty free forbid ban acquit little few fewer"),
    )
)
"""Words that deny without a cue: beside a cue in the other text they say the same."""
_NOT_NEGATING = {"not": lexicon.words("only just merely simply"), "no": lexicon.words("doubt wonder matter")}
_UNTIL = lexicon.words("until till")
_UNTIL_CUES = lexicon.words("not n't never")
_PREFIXES = ("un", "non", "il", "ir", "dis")
_NOT_PREFIXED = (
    *("under", "union", "unit", "unif", "uniq", "univers", "unilat", "until", "uneart", "nonetheless", "irradiat"),
    *("disband", "discard", "discharg", "disclos", "discord", "discount", "discours", "discover", "discuss", "disease"),
    *("disguis", "dispatch", "dispens", "display", "displac", "dispos", "dissect", "dissolv", "distanc", "distemp"),
    *("distend", "distill", "distort", "distract", "distribut", "district", "disturb"),
)
"""How words begin that deny nothing, though they look like it: 'display' is no lack of play."""
_IN_OR_IM = ("in", "im")
_ABLE = re.compile(r"\w+[ai]b(?:le|ly|ility)")
_NOT_UNABLE = ("inflam", "invalu", "inhabit", "inherit", "impression")
_DENIED = tuple(
    lexicon.words(
        "accura activ action adequa admissib advertent animate appropriate articulate attent authentic cautious civil"
        " clement coheren commensurat compatib competen complete comprehen conclusive congru consequent considerate"
        " consisten conspicuous constan continen convenien correct corrupt credul decen decis decor defini delicate"
        " determina direct disciplin discre discriminate distinct effect effica efficien elastic elegan eligib eloquen"
        " equal equit exact exhaust expedien expensive experience fertil fidel finit firm flexib formal frequen"
        " glorious gratitud hospit human justice offensive operative opportun organic sane sanit secur sensitiv"
        " signific sincer solub solven stabilit substantial sufficien temper toleran transigen transitiv valid varian"
        " vertebrate volunta balanc material matur mobil moderate modest moral mortal partial patien penitent perfect"
        " permanen personal pious polite politic potent practical precis proper propriet provident pruden pure purit"
        " dependen"
    )
)
"""How words begin that 'in-' and 'im-' deny, beside those in '-able'; others ('income', 'imprison') are no denials."""
_NOT_LESS = lexicon.words("countless doubtless needless priceless regardless restless timeless")
_SHORTEST_BASE = 4
_SCOPE = 12
_NEAREST = 2
_ALIKE = 0.6
_COPIED = 0.8
_MOST_SHOWN = 3


@dataclass(frozen=True, slots=True)
class _Denial:
    """The cues of a text, and what stands inside and outside their reach."""

    cues: tuple[str, ...]
    denied: frozenset[str]
    said: frozenset[str]
    nearest: frozenset[str]
    """The first words with meaning in reach of each cue."""
    silent: bool

    @property
    def only_denied(self) -> frozenset[str]:
        return self.denied - self.said

    @property
    def only_said(self) -> frozenset[str]:
        return self.said - self.denied


def negation(x: Reading, y: Reading) -> str | None:
    """Say which cue denies in one text what the other says."""
    in_x, in_y = _denial(x, y), _denial(y, x)
    if in_x.cues and in_y.cues:
        return _two_sided(in_x, in_y)
    if in_x.cues:
        return _one_sided(x, in_x, y, in_y)
    return _one_sided(y, in_y, x, in_x) if in_y.cues else None


def _two_sided(in_x: _Denial, in_y: _Denial) -> str | None:
    by_x = in_x.only_denied & in_y.only_said & in_x.nearest
    by_y = in_y.only_denied & in_x.only_said & in_y.nearest
    # With as many cues on both sides, one mismatch is more often a reach that was read too long.
    differ = (by_x and by_y) if len(in_x.cues) == len(in_y.cues) else (by_x or by_y)
    return f"not the same is denied: {', '.join(sorted(by_x | by_y)[:_MOST_SHOWN])}" if differ else None


def _one_sided(x: Reading, in_x: _Denial, y: Reading, in_y: _Denial) -> str | None:
    turned = any(opposites(word) & y.stems.keys() for word in in_x.nearest)
    if turned or in_y.silent:
        return None
    denies = in_x.only_denied & in_y.said
    # In a nearly whole copy, a word that is denied once and said once elsewhere counts too.
    if overlap(x, y) >= _COPIED:
        denies = in_x.denied & in_y.said
    if denies & in_x.nearest or (denies and overlap(x, y) >= _ALIKE) or _rest(x) == _rest(y):
        return f"'{in_x.cues[0]}' only in the {x.name} text"
    return None


def _denial(reading: Reading, other: Reading) -> _Denial:
    scan = _Scan()
    for at, word in enumerate(reading.words):
        base = _denied_base(word, other)
        if base:
            scan.prefixed(word.text, base)
        elif _is_cue(reading, at) and not _waits(reading, at, other):
            scan.cue(word.text)
        else:
            scan.pass_by(word)
    silent = any(name in _SILENT and name not in other.stems for name in reading.stems)
    silent = silent or any(_waits(reading, at, other) for at in range(len(reading.words)))
    return _Denial(tuple(scan.cues), frozenset(scan.denied), frozenset(scan.said), frozenset(scan.nearest), silent)


class _Scan:
    """One pass over a text, with how many words the last cue still reaches."""

    def __init__(self) -> None:
        self.cues: list[str] = []
        self.denied: set[str] = set()
        self.said: set[str] = set()
        self.nearest: set[str] = set()
        self.reach = 0
        self.awaited = 0

    def cue(self, text: str) -> None:
        """Start to deny; a second cue takes the first one back."""
        self.cues.append("not" if text == "n't" else text)
        self.reach = 0 if self.reach and text != "nor" else _SCOPE
        self.awaited = _NEAREST if self.reach else 0

    def prefixed(self, text: str, base: str) -> None:
        """Take 'unhappy' as 'not happy', and 'not unhappy' as 'happy'."""
        if self.reach:
            # One cue may reach several of them.
            del self.cues[-1:]
            self.said.add(base)
        else:
            self.cues.append(text)
            self.denied.add(base)
            self.nearest.add(base)

    def pass_by(self, word: Word) -> None:
        """Note what a word without denial in itself says."""
        if word.tag == "stop" or (word.tag == "clause" and word.text not in lexicon.RELATIVES):
            self.reach = self.awaited = 0
        elif word.bears_meaning or (word.tag == "adverb" and word.text.endswith("ly")):
            (self.denied if self.reach else self.said).add(word.stem)
            if self.awaited:
                self.nearest.add(word.stem)
                self.awaited -= 1
        self.reach = max(0, self.reach - 1)


def _rest(reading: Reading) -> Counter[str]:
    """Return what is left of a text without its cues and the 'do' that they bring."""
    kept = (word for word in reading.words if word.text not in _CUES and word.tag != "stop")
    return Counter(word.stem for word in kept if word.stem != "do")


def _is_cue(reading: Reading, at: int) -> bool:
    words = reading.words
    word = words[at]
    before = words[at - 1] if at else None
    after = words[at + 1] if at + 1 < len(words) else None
    if word.text == "little":
        return _is_denying_little(before, after)
    if word.text == "no" and (after is None or after.tag in {"stop", "number"}):  # an answer, or 'No. 5'
        return False
    if after is not None and after.text in _NOT_NEGATING.get(word.text, ()):
        return False
    or_not = word.text == "not" and before is not None and before.text == "or"
    return not or_not and (word.text in _CUES or (word.stem in _VERB_CUES and word.tag == "content"))


def _waits(reading: Reading, at: int, other: Reading) -> bool:
    """Whether it is the 'not' of 'does not open until nine', which is to open at nine."""
    if reading.words[at].text not in _UNTIL_CUES or any(word.text in _UNTIL for word in other.words):
        return False
    for word in reading.words[at + 1 : at + 1 + _SCOPE]:
        if word.text in _UNTIL or word.tag in {"stop", "clause"}:
            return word.text in _UNTIL
    return False


def _is_denying_little(before: Word | None, after: Word | None) -> bool:
    """Whether it is the 'little' of 'had little hope', not of 'a little girl'."""
    measures = before is not None and (before.tag == "auxiliary" or before.text in {"very", "too", "so"})
    return measures or (after is not None and after.text == "else")


def _denied_base(word: Word, other: Reading) -> str | None:
    """Return what a word like 'unhappy' or 'shirtless' denies, when the other text says it."""
    if word.tag != "content" or word.stem in other.stems:
        return None
    return next((base for base in map(stem, _bases(word.text)) if base in other.stems), None)


def _bases(text: str) -> Iterator[str]:
    for prefix in () if text.startswith(_NOT_PREFIXED) else _PREFIXES:
        if text.startswith(prefix) and len(text) >= len(prefix) + _SHORTEST_BASE:
            yield text.removeprefix(prefix)
    if text.startswith(_IN_OR_IM):
        base = text[len("in") :]
        if base.startswith(_DENIED) or (_ABLE.fullmatch(base) and not text.startswith(_NOT_UNABLE)):
            yield base
    if text.endswith("less") and len(text) >= len("less") + _SHORTEST_BASE and text not in _NOT_LESS:
        yield text.removesuffix("less")
        yield text.removesuffix("less") + "ful"
