"""Noun phrases, and the relations between them that prepositions name."""

from dataclasses import dataclass, field
from typing import TypeAlias

from search.retrieve.contrast import lexicon

Role: TypeAlias = tuple[str, ...]
"""A place and a relation, with or without the other word: ('d', 'on'), ('d', 'on', 'table'), ('subj', 'chas').

Places are 'g' and 'd' (holder and held), 's' (side by side), 'subj' and 'obj' (who does and to whom), 'mod' and
'has' (an attribute, and what bears it), 'and' (named beside it).
"""

_SAME = {
    "upon": "on",
    "onto": "on",
    "atop": "on",
    "over": "on",
    "above": "on",
    "into": "in",
    "inside": "in",
    "within": "in",
    "toward": "to",
    "towards": "to",
    "like": "with",
    "featuring": "with",
    "containing": "with",
    "without": "with",
}
_INVERSE = {
    "under": "on",
    "below": "on",
    "beneath": "on",
    "underneath": "on",
    "behind": "before-place",
    "after": "before",
    "right-of": "left-of",
    "south-of": "north-of",
    "west-of": "east-of",
}
_SYMMETRIC = lexicon.words("beside near alongside next amid opposite between")
_MOST_SHARED = 12


@dataclass(slots=True, eq=False)
class Phrase:
    """A noun phrase: its stems, the last of which is the head, and the roles it was given."""

    stems: list[str] = field(default_factory=list)
    roles: list[Role] = field(default_factory=list)
    joined: list[Role] = field(default_factory=list)
    """Roles shared with the phrase before 'and'; wrong when a verb of its own follows."""
    of: "Phrase | None" = None
    """What it belongs to, and so shares the roles of: 'tea' in 'a cup of tea'."""

    @property
    def head(self) -> str:
        """The stem that the others say more about."""
        return self.stems[-1]

    def join(self, partner: "Phrase") -> None:
        """Take the roles of the phrase before 'and'."""
        self.of = partner.of
        self.joined = [*partner.roles, *partner.joined][:_MOST_SHARED]

    def lend_to_whole(self) -> None:
        """Give the whole, 'a cup', the places of what it is of, 'tea'."""
        if self.of:
            self.of.roles.extend(role for role in self.roles[:_MOST_SHARED] if role[0] in {"g", "d", "s"})


def relation_of(preposition: str) -> str:
    """Return the relation that a preposition names, one of several that mean nearly the same."""
    return _SAME.get(preposition, preposition)


def link(holder: Phrase, preposition: str, held: Phrase) -> None:
    """Give two phrases their roles in 'holder on held'; 'a under b' is 'b on a'."""
    relation = relation_of(preposition)
    if relation == "of":  # 'a bottle of cola' is 'a cola bottle'
        _belong(holder, held)
        return
    if relation in _INVERSE:
        holder, relation, held = held, _INVERSE[relation], holder
    symmetric = relation in _SYMMETRIC
    governs, depends = ("s", "s") if symmetric else ("g", "d")
    relation = "beside" if symmetric else relation
    holder.roles.extend([(governs, relation), (governs, relation, held.head)])
    held.roles.extend([(depends, relation), (depends, relation, holder.head)])


def _belong(whole: Phrase, part: Phrase) -> None:
    whole.roles.append(("has", part.head))
    part.roles.append(("mod", whole.head))
    part.of = whole
