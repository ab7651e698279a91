"""Names of clusters: the words that are theirs more than others', checked against the cluster's own centre."""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from search.latent.communities import Labels
from search.signs import length
from search.types import Vectors

_WORDS = re.compile(r"[^\W\d_][^\W_]{2,}")
_TRIED, _SHOWN = 12, 3
_MORE = 1.5
"""Times as often as in all other clusters that a word has to stand in one."""
_TERM = 4
"""Words of a text that is a term, and a label as it stands."""

Embed = Callable[[Sequence[str]], Vectors]


@dataclass(frozen=True, slots=True)
class Label:
    """A cluster's name."""

    text: str
    checked: bool
    """Whether its vector is nearer to this cluster's centre than to any other's."""
    similarity: float
    """Its cosine with the cluster's centre, -1 to 1."""


def labels(texts: Sequence[str], vectors: Vectors, found: Labels, centre: Vectors, embed: Embed) -> tuple[Label, ...]:
    """Return the label of each cluster.

    Of a list of terms it is the member nearest to the centre. Of texts, up to three words: of the twelve with the
    highest c-TF-IDF (Grootendorst 2022), those whose vectors are nearer to this centre than to others, if there are
    any.

    :param centre: (clusters, d), unit rows.
    """
    if not len(centre):
        return ()
    are_terms = float(np.median([length(text) for text in texts])) <= _TERM
    names = _medoids(texts, vectors, found, centre) if are_terms else _words(texts, found, centre, embed)
    rows = embed(names)
    alike = rows @ centre.T
    return tuple(
        Label(name, bool(alike[i].argmax() == i), float(np.clip(alike[i, i], -1, 1))) for i, name in enumerate(names)
    )


def telling(groups: Sequence[Sequence[str]], most: int) -> list[list[str]]:
    """Return for each group of texts up to so many words that it has more than the others, by c-TF-IDF alone."""
    counts = [Counter(_words_of(texts)) for texts in groups]
    every = Counter[str]()
    for count in counts:
        every.update(count)
    mean = sum(every.values()) / max(1, len(counts))
    return [_telling(count, every, mean)[:most] for count in counts]


def _words_of(texts: Sequence[str]) -> list[str]:
    from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS  # noqa: PLC0415 - takes two seconds

    return [w for text in texts for w in _WORDS.findall(text.lower()) if w not in ENGLISH_STOP_WORDS]


def _medoids(texts: Sequence[str], vectors: Vectors, found: Labels, centre: Vectors) -> list[str]:
    names = []
    for cluster, middle in enumerate(centre):
        members = np.flatnonzero(found == cluster)
        names.append(texts[int(members[np.argmax(vectors[members] @ middle)])])
    return names


def _words(texts: Sequence[str], found: Labels, centre: Vectors, embed: Embed) -> list[str]:
    counts = [
        Counter(_words_of([texts[i] for i in np.flatnonzero(found == own).tolist()])) for own in range(len(centre))
    ]
    every = Counter[str]()
    for count in counts:
        every.update(count)
    mean = sum(every.values()) / len(counts)
    tried = [_telling(count, every, mean) for count in counts]
    different = list(dict.fromkeys(word for words in tried for word in words))
    rows = dict(zip(different, embed(different), strict=True)) if different else {}
    return [_chosen(words, [rows[w] @ centre.T for w in words], i) for i, words in enumerate(tried)]


def _telling(count: Counter[str], every: Counter[str], mean: float) -> list[str]:
    total = max(1, sum(count.values()))
    others = max(1, sum(every.values()) - total)
    scores = {
        word: n / total * np.log(1 + mean / every[word])
        for word, n in count.items()
        # A frequent word of all clusters, such as `said` of news, tells nothing of this one.
        if n / total >= _MORE * (every[word] - n) / others or len(count) == len(every)
    }
    return sorted(scores, key=lambda word: (-scores[word], word))[:_TRIED]


def _chosen(words: Sequence[str], alike: Sequence[Vectors], own: int) -> str:
    good = [word for word, row in zip(words, alike, strict=True) if int(row.argmax()) == own]
    return ", ".join((good or list(words))[:_SHOWN]) or f"cluster {own + 1}"
