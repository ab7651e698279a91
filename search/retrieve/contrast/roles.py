"""Words that exchanged their parts: agent and patient, holder and held, or what an attribute belongs to."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

from search.retrieve.contrast import lexicon
from search.retrieve.contrast.frames import Reader
from search.retrieve.contrast.phrases import Role
from search.retrieve.contrast.reading import Reading, likeness, overlap
from search.retrieve.contrast.verbs import is_symmetric
from search.retrieve.contrast.words import Word

_Roles: TypeAlias = Mapping[str, frozenset[Role]]

_FLIPPED = {"subj": "obj", "obj": "subj", "g": "d", "d": "g"}
_PARTS = frozenset({"subj", "obj"})
_PLACES = frozenset({"g", "d", "s"})
_NAMINGS = frozenset({"mod", "has"})
_TELLING = lexicon.words("from to before than north-of east-of left-of before-place by")
"""Prepositions whose two sides are never alike, so that one alone tells an exchange."""
_MOST_HOLDERS = 6
_FEWEST_WORDS = 3
_ALIKE = 0.5
_VERY_ALIKE, _RATHER_ALIKE, _ALIKE_FOR_REVERSAL = 0.8, 0.6, 0.7
_LEAST_MARGIN = 2
_BARE = 2  # the length of a role that names no other word


@dataclass(frozen=True, slots=True)
class Exchange:
    """How much matches with two words exchanged, and as they stand."""

    names: tuple[str, str]
    """Twice the same for a word that turned from agent to patient by itself."""
    exchanged: frozenset[Role]
    kept: int
    weight: int

    @property
    def margin(self) -> int:
        """How much closer the texts come by the exchange."""
        return self.weight - self.kept


def role_swap(x: Reading, y: Reading) -> str | None:
    """Say which words exchanged their parts: with them exchanged, the texts come closer than as they stand."""
    if overlap(x, y) < _ALIKE or min(len(x.words), len(y.words)) < _FEWEST_WORDS:
        return None
    best = best_exchange(x, y)
    if best is None:
        return None
    parts = "agent and patient" if any(role[0] in _PARTS for role in best.exchanged) else "parts"
    names = ", ".join(sorted({_spelling(x, name) for name in best.names}))
    return f"{parts} exchanged: {names}"


def best_exchange(x: Reading, y: Reading) -> Exchange | None:
    """Return the exchange that brings the texts closest, if one does by more than chance would."""
    roles_x, roles_y = roles_of(x.words), roles_of(y.words)
    alike = likeness(x, y)
    found = [
        exchange
        for exchange in _exchanges(roles_x, roles_y)
        if exchange.margin >= _least_margin(alike)
        and (alike >= _VERY_ALIKE or not _name_each_other(roles_x, *exchange.names))
    ]
    if alike >= _ALIKE_FOR_REVERSAL:
        found += [e for e in _reversals(roles_x, roles_y) if e.margin >= _LEAST_MARGIN]
    return max(found, key=lambda exchange: (exchange.margin, exchange.names), default=None)


@lru_cache(maxsize=1 << 10)
def roles_of(words: tuple[Word, ...]) -> _Roles:
    """Return the roles that each stem plays in a text, which is compared with many."""
    reader = Reader(words)
    reader.read()
    for phrase in reader.phrases:
        phrase.lend_to_whole()
    found: dict[str, set[Role]] = {}
    for phrase in reader.phrases:
        shared = phrase.roles + phrase.joined + (phrase.of.roles if phrase.of else [])
        for name in phrase.stems:
            found.setdefault(name, set()).update(shared)
        for name in phrase.stems[:-1]:
            found[name].add(("mod", phrase.head))
            found[phrase.head].add(("has", name))
    for one, other in reader.neighbours:
        found[one].add(("and", other))
        found[other].add(("and", one))
    return {name: frozenset(map(_either_side, roles)) for name, roles in found.items()}


def _either_side(role: Role) -> Role:
    """Return one role for both sides of a verb like 'marry'."""
    return ("subj", role[1]) if role[0] == "obj" and is_symmetric(role[1]) else role


def _least_margin(alike: float) -> int:
    """Return the margin to ask for: the more the texts differ in words, the more matches by chance."""
    return _LEAST_MARGIN + (alike < _VERY_ALIKE) + (alike < _RATHER_ALIKE)


def _exchanges(x: _Roles, y: _Roles) -> Iterator[Exchange]:
    for p, q in _candidates(x, y):
        there, back = _exchanged(x[p], p, q) & y[q], _exchanged(x[q], p, q) & y[p]
        kept_p, kept_q = _plain(x[p] & y[p]), _plain(x[q] & y[q])
        if there and back and not (_joined(x, p, q) and _joined(y, p, q)):
            yield _weighed(p, q, (there, back), (kept_p, kept_q))
        # A noun takes its attributes along, so they speak for neither side.
        there, back, kept_p, kept_q = (_outer(roles) for roles in (there, back, kept_p, kept_q))
        if there and back:
            yield _weighed(p, q, (there, back), (kept_p, kept_q))


def _weighed(p: str, q: str, exchanged: Iterable[frozenset[Role]], kept: Iterable[frozenset[Role]]) -> Exchange:
    exchanged = list(exchanged)
    return Exchange((p, q), frozenset().union(*exchanged), sum(map(_weight, kept)), sum(map(_weight, exchanged)))


def _candidates(x: _Roles, y: _Roles) -> set[tuple[str, str]]:
    """Return pairs of words of which one plays in one text a role of the other's in the other text."""
    shared = x.keys() & y.keys()
    holders: defaultdict[Role, list[str]] = defaultdict(list)
    for name in sorted(shared):
        for role in y[name]:
            holders[role].append(name)
    pairs = {(p, q) for p in shared for role in x[p] for q in holders.get(role, ())[:_MOST_HOLDERS]}
    turned = {(p, role[-1]) for p in shared for role in x[p] if (*role[:-1], p) in y.get(role[-1], ())}
    return {(min(p, q), max(p, q)) for p, q in pairs | turned if p != q and q in shared}


def _joined(roles: _Roles, p: str, q: str) -> bool:
    return ("and", q) in roles[p]


def _name_each_other(roles: _Roles, p: str, q: str) -> bool:
    """Whether one is an attribute of the other: 'Yukos oil' and 'the oil firm Yukos' are no exchange."""
    return ("mod", q) in roles[p] or ("mod", p) in roles[q]


def _reversals(x: _Roles, y: _Roles) -> Iterator[Exchange]:
    """Yield each word that turned from agent to patient, or from holder to held."""
    for name in x.keys() & y.keys():
        turned = frozenset(role for role in x[name] - y[name] if _tells(role) and _flipped(role) in y[name])
        kept = frozenset(role for role in x[name] & y[name] if role[0] in _FLIPPED)
        if turned:
            yield Exchange((name, name), turned, _weight(kept), _weight(turned))


def _tells(role: Role) -> bool:
    return role[0] in _PARTS or (role[0] in _FLIPPED and role[1] in _TELLING)


def _flipped(role: Role) -> Role:
    return (_FLIPPED[role[0]], *role[1:])


def _exchanged(roles: frozenset[Role], p: str, q: str) -> frozenset[Role]:
    other = {p: q, q: p}
    return frozenset(role if _is_bare(role) else (*role[:-1], other.get(role[-1], role[-1])) for role in _plain(roles))


def _plain(roles: frozenset[Role]) -> frozenset[Role]:
    return frozenset(role for role in roles if role[0] != "and")


def _outer(roles: frozenset[Role]) -> frozenset[Role]:
    return frozenset(role for role in roles if role[0] not in _NAMINGS)


def _is_bare(role: Role) -> bool:
    return len(role) == _BARE and role[0] in _PLACES


def _weight(roles: Iterable[Role]) -> int:
    return sum(1 if _is_bare(role) and role[1] not in _TELLING else 2 for role in roles)


def _spelling(reading: Reading, name: str) -> str:
    return next((word.text for word in reading.words if word.stem == name), name)
