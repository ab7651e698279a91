"""Who does what to whom, and what stands where: phrases with their roles, read by rules from left to right."""

from collections.abc import Sequence

from search.retrieve.contrast import lexicon
from search.retrieve.contrast.clauses import Clause, Pending, Verb
from search.retrieve.contrast.phrases import Phrase, link, relation_of
from search.retrieve.contrast.verbs import Before, is_participle, is_reporting, is_symmetric, is_verb, same_inflection
from search.retrieve.contrast.words import Tag, Word, stem

_NOMINATIVE = {"me": "i", "us": "we", "him": "he", "them": "they", "her": "she"}
_PERSONAL = lexicon.words("he she it they him her them")
_NAMES = frozenset({"content", "number"})
_TIMES = frozenset(map(stem, lexicon.TIMES))
_UNITS_OF_TIME = frozenset(map(stem, lexicon.UNITS_OF_TIME))
_WHICH_TIME = lexicon.words("this every each last next")
_ALIKE = frozenset(map(stem, lexicon.SYMMETRIC_ADJECTIVES))
_TO_THE_OTHER = frozenset({"with", "to", "from"})


class Reader:
    """One pass over a text: the phrases found, and the little that must be kept in mind between words."""

    def __init__(self, words: Sequence[Word]) -> None:
        self.words = words
        self.at = 0
        self.phrases: list[Phrase] = []
        self.neighbours: set[tuple[str, str]] = set()
        """Words on the two sides of an 'and'."""
        self.open = Phrase()
        self.last: Phrase | None = None
        self.clause = Clause()
        self.pending = Pending()
        self.topic: list[Phrase] = []
        """The subjects before, which a pronoun may mean."""
        self.owner: Phrase | None = None
        """What has the thing that 'on it' may be said of: 'a desk with a lamp on it'."""
        self.held: tuple[str, Phrase] | None = None
        """The last preposition, and the phrase it hangs on."""
        self.joint: tuple[Phrase, Phrase] | None = None
        """The last two phrases that 'and' joined."""
        self.is_close_joint = False

    def read(self) -> None:
        """Read the words to the end."""
        for at, word in enumerate(self.words):
            self.at = at
            match word.tag:
                case "content" | "number":
                    self._name(word)
                case "pronoun":
                    self._pronoun(word)
                case "preposition":
                    self._preposition(word)
                case "be" | "auxiliary":
                    self._auxiliary(word)
                case "and" | "determiner" | "clause" | "stop":
                    self._close()
                    self._mark(word)
                case _:
                    pass
        self.at = len(self.words)
        self._close()

    def _tag(self, offset: int) -> Tag:
        at = self.at + offset
        return self.words[at].tag if 0 <= at < len(self.words) else "stop"

    def _text(self, offset: int) -> str:
        at = self.at + offset
        return self.words[at].text if 0 <= at < len(self.words) else ""

    def _name(self, word: Word) -> None:
        several = len(self.clause.subjects) > 1 or self.pending.joins
        before = Before(noun=bool(self.open.stems), several=several, verb=self._is_after_joined_verb(word))
        if is_verb(self.words, self.at, before):
            self._close()
            self._start_verb(word)
        else:
            if self._follows_time():
                self._close()
            self.open.stems.append(word.stem)

    def _follows_time(self) -> bool:
        """Whether 'last year' ends before a word, and another phrase begins: 'last year sales grew'."""
        stems = self.open.stems
        if not stems or stems[-1] not in _UNITS_OF_TIME or not self._is_fronted:
            return False
        return self.words[self.at - 2].text in _WHICH_TIME

    @property
    def _is_fronted(self) -> bool:
        """Whether a phrase stands before all else in its clause."""
        pending = self.pending
        return not (
            self.clause.subjects
            or self.clause.verb
            or (pending.preposition and pending.preposition != "next")
            or pending.joins
            or pending.is_predicate
        )

    def _is_after_joined_verb(self, word: Word) -> bool:
        verb = self.clause.verb
        if verb is None or self._tag(-1) != "and":
            return False
        return verb.at == self.at - 2 or same_inflection(self.words[verb.at], word)

    def _pronoun(self, word: Word) -> None:
        self._close()
        antecedent = self._antecedent() if word.text in _PERSONAL else None
        self.open.stems.append(antecedent.head if antecedent else _NOMINATIVE.get(word.text, word.text))
        self._close()

    def _antecedent(self) -> Phrase | None:
        if self.pending.preposition and self.owner:
            return self.owner
        return self.topic[0] if self.topic else None

    def _mark(self, word: Word) -> None:
        if word.tag == "and":
            self.pending.joins, self.pending.listed = True, False
        elif word.text == ",":
            self.pending.joins = self.pending.listed = bool(self.clause.subjects)
        elif word.tag != "determiner":
            self._end_clause(relative=word.text in lexicon.RELATIVES)
            if word.tag == "stop":
                self.last = self.owner = self.clause.fronted = None

    def _end_clause(self, *, relative: bool) -> None:
        self.topic = self.clause.subjects or self.topic
        subjects = [self.last] if relative and self.last else []
        self.clause = Clause(subjects, fronted=self.clause.fronted)
        self.pending = Pending()

    def _auxiliary(self, word: Word) -> None:
        self._close()
        if self._tag(-1) in _NAMES:
            self._own_subject(bare=False)
        if word.stem == "hav" and self._tag(1) in {"determiner", "content", "number"}:
            self._settle_subject()
            self.clause.verb = Verb("hav", self.at, self.clause.subjects)
            self.pending.preposition = "with"
            self.owner = self.clause.subjects[0] if self.clause.subjects else None
        elif word.stem in {"get", "do"} and self._tag(1) in {"determiner", "content"} and not self._verb_follows():
            self._start_verb(word)
        self.clause.is_copular = word.tag == "be" or (self.clause.is_copular and not self.clause.verb)
        self.pending.is_predicate = word.tag == "be"

    def _verb_follows(self) -> bool:
        return is_verb(self.words, self.at + 1, Before())

    def _preposition(self, word: Word) -> None:
        self._close()
        verb = self.clause.verb
        is_place = word.text == "by" and not (verb and verb.passive)
        follows = (word.text, verb) if verb and word.text in {"before", "after"} else None
        self.pending = Pending("beside" if is_place else word.text, opens=self.pending.joins, follows=follows)
        if relation_of(word.text) == "with":
            self.owner = self.last

    def _settle_subject(self) -> None:
        if not self.clause.subjects:
            self.clause.subjects = [self.last] if self.last else self.topic
        if not self.topic:
            self.topic = self.clause.subjects

    def _start_verb(self, word: Word) -> None:
        bare = not self.pending.is_predicate and (word.text.endswith("ing") or is_participle(word))
        passive = self._is_passive(word)
        after_name = self._tag(-1) in _NAMES
        if after_name:
            self._own_subject(bare=bare)
        self._settle_subject()
        if is_reporting(word.stem):
            self._end_clause(relative=False)
            return
        subjects = self.clause.subjects
        if bare and after_name and self.last and not self.clause.is_copular:
            subjects = [self.last]
        self._order_events(word)
        self.clause.verb = Verb(word.stem, self.at, subjects, passive, self.last)
        self._give_parts(word, subjects, "obj" if passive else "subj")
        if bare and is_participle(word) and self._tag(1) == "preposition":  # 'a cake covered in berries'
            self._give_parts(word, subjects, "obj")
        self.clause.is_copular, self.pending = False, Pending()

    def _is_passive(self, word: Word) -> bool:
        by_agent = self._tag(1) == "preposition" and self.words[self.at + 1].text == "by"
        goes_on = self._tag(-1) == "and" and self.clause.verb is not None and self.clause.verb.passive
        return is_participle(word) and (self.pending.is_predicate or by_agent or goes_on)

    def _give_parts(self, word: Word, subjects: Sequence[Phrase], part: str) -> None:
        for subject in subjects:
            subject.roles.append((part, word.stem))
        if self.clause.fronted:
            preposition, held = self.clause.fronted
            held.roles.append(("d", relation_of(preposition), word.stem))
            self.clause.fronted = None

    def _order_events(self, word: Word) -> None:
        """Note which of two events came first: 'he moved before he married'."""
        if self.pending.follows and not self.pending.joins:
            preposition, verb = self.pending.follows
            earlier, later = Phrase([verb.stem]), Phrase([word.stem])
            link(earlier, preposition, later)
            self.phrases += [earlier, later]

    def _own_subject(self, *, bare: bool) -> None:
        """Make the phrase before a verb its subject, where it was joined to the one before by mistake."""
        if self.joint is None or self.last is not self.joint[1]:
            return
        partner, joined = self.joint
        if self.clause.verb or self.pending.listed:
            joined.joined = []
            self.clause.subjects = [joined]
        elif not bare and partner in self.clause.subjects:
            self.clause.subjects = [*self.clause.subjects, joined]

    def _close(self) -> None:
        phrase = self.open
        if not phrase.stems:
            return
        self.open = Phrase()
        self.phrases.append(phrase)
        if not self._is_time(phrase):
            self._attach(phrase)
        self.last = phrase
        self.pending = Pending(listed=self.pending.listed, follows=self.pending.follows)

    def _is_time(self, phrase: Phrase) -> bool:
        """Whether a phrase says when, before the subject: 'Last year the firm ...'."""
        if phrase.head not in _TIMES or self.pending.preposition or not self._is_fronted:
            return False
        return self._tag(0) in _NAMES | {"determiner", "pronoun"} or self._text(0) == ","

    def _attach(self, phrase: Phrase) -> None:
        clause = self.clause
        if self.pending.preposition:
            self._hang(phrase, self.pending.preposition)
        elif self.pending.joins and self.last:
            self._join(phrase, self._parallel() or self.last)
        elif self.pending.is_predicate and not clause.fronted and (clause.subjects or self.last):
            self._predicate(phrase)
        elif not self.pending.is_predicate and clause.verb and not clause.verb.object:
            clause.verb.object = phrase
            phrase.roles.append(("obj", clause.verb.stem))
        else:
            clause.subjects = [phrase]
            if clause.fronted:
                link(phrase, *clause.fronted)

    def _parallel(self) -> Phrase | None:
        """Return 'a cup' in 'a cup on the table and a plate on ...', where the next phrase is joined to it."""
        if self.held and self.at < len(self.words) and self.words[self.at].text == self.held[0]:
            return self.held[1]
        return None

    def _join(self, phrase: Phrase, partner: Phrase) -> None:
        phrase.join(partner)
        self.joint = partner, phrase
        self.is_close_joint = self.last is partner
        if self.is_close_joint:
            self.neighbours.update({(partner.head, phrase.stems[0]), (partner.head, phrase.head)})
        elif self.last:
            phrase.joined = [role for role in phrase.joined if role not in self.last.roles]

    def _predicate(self, phrase: Phrase) -> None:
        self._settle_subject()
        for subject in self.clause.subjects:
            phrase.roles.append(("mod", subject.head))
            subject.roles.extend(("has", name) for name in phrase.stems)

    def _hang(self, phrase: Phrase, preposition: str) -> None:
        if self.pending.opens and self._tag(0) in {"pronoun", "determiner"}:  # 'and in 1956 he retired'
            self.last, self.clause = None, Clause()
        verb = self.clause.verb
        if preposition == "by" and verb and verb.passive:
            phrase.roles.append(("subj", verb.stem))
            return
        if preposition in _TO_THE_OTHER and self._is_other_side(phrase, verb):
            return
        if verb and not verb.places:
            phrase.roles.append(("d", relation_of(preposition), verb.stem))
        holder = self._holder()
        self.held = (preposition, holder) if holder else None
        if holder:
            self._link_all(holder, preposition, phrase)
        elif not verb:
            self.clause.fronted = (preposition, phrase)

    def _is_other_side(self, phrase: Phrase, verb: Verb | None) -> bool:
        """Give a phrase its role in 'met with a man', 'is similar to a man': that of the subject."""
        if verb and is_symmetric(verb.stem) and not verb.object and self.last is verb.behind:
            phrase.roles.append(("obj", verb.stem))
            return True
        if self.last is None or self.last.stems[-1] not in _ALIKE or not self.clause.is_copular or verb:
            return False
        self.last.roles.append(("mod", phrase.head))
        phrase.roles.extend(("has", name) for name in self.last.stems)
        return True

    def _link_all(self, holder: Phrase, preposition: str, held: Phrase) -> None:
        link(holder, preposition, held)
        if self.joint and self.is_close_joint and self.joint[1] in {holder, holder.of}:
            link(self.joint[0], preposition, held)

    def _holder(self) -> Phrase | None:
        """Return the phrase that a preposition hangs on: the nearest, or the subject of a verb without object."""
        verb = self.clause.verb
        if verb and verb.subjects and self.last is verb.behind:
            return verb.subjects[0]
        return self.last
