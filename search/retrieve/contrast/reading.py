"""The parts of two texts that speak of the same thing, ready for the rules."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from search.retrieve.contrast.words import Word, tagged

_LONGEST = 150  # words read as one
_RARE = 8


@dataclass(frozen=True, slots=True)
class Reading:
    """A text, or the part of it that has a counterpart in the other text."""

    name: str
    """'first' or 'second': how a caution calls the text."""
    words: tuple[Word, ...]
    stems: Counter[str] = field(init=False)
    """What the words name, and how often."""

    def __post_init__(self) -> None:
        stems = Counter(word.stem for word in self.words if word.bears_meaning)
        object.__setattr__(self, "stems", stems)


def overlap(x: Reading, y: Reading) -> float:
    """Return the share of the shorter text's content that the other has too, 0 to 1."""
    shorter = min(x.stems.total(), y.stems.total())
    return (x.stems & y.stems).total() / shorter if shorter else 0.0


def likeness(x: Reading, y: Reading) -> float:
    """Return the share of all content that the texts have in common, 0 to 1."""
    return (x.stems & y.stems).total() / max(1, (x.stems | y.stems).total())


def counterparts(a: str, b: str) -> Iterator[tuple[Reading, Reading]]:
    """Yield the pairs of readings to compare: the texts whole where short, else sentence by sentence."""
    # In one fixed order, so that no rule can see which text came first.
    (x_text, x_name), (y_text, y_name) = sorted([(a, "first"), (b, "second")])
    x, y = tagged(x_text), tagged(y_text)
    if max(len(x), len(y)) <= _LONGEST:
        yield Reading(x_name, x), Reading(y_name, y)
        return
    xs, ys = ([Reading(name, part) for part in _sentences(words)] for name, words in ((x_name, x), (y_name, y)))
    yield from _aligned(xs, ys)


def _sentences(words: Sequence[Word]) -> Iterator[tuple[Word, ...]]:
    start = 0
    for at, word in enumerate(words):
        if word.text in ".!?\n" or at - start >= _LONGEST:
            if at > start:
                yield tuple(words[start:at])
            start = at + (word.tag == "stop")
    if start < len(words):
        yield tuple(words[start:])


def _aligned(xs: Sequence[Reading], ys: Sequence[Reading]) -> Iterator[tuple[Reading, Reading]]:
    """Yield each sentence of the text that has fewer with its nearest in the other."""
    if len(xs) > len(ys):
        for y, x in _aligned(ys, xs):
            yield x, y
        return
    holders: defaultdict[str, list[int]] = defaultdict(list)
    for place, y in enumerate(ys):
        for stem in y.stems:
            holders[stem].append(place)
    for x in xs:
        # Words of many sentences are skipped: they align nothing, and would make the time quadratic.
        rare = (stem for stem in x.stems if stem in holders and len(holders[stem]) <= _RARE)
        votes = Counter(place for stem in rare for place in holders[stem])
        if votes:
            yield x, ys[max(votes, key=lambda place: (votes[place], -place))]
