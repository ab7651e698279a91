"""Names of clusters: the words that are theirs more than others', checked against the cluster's own centre."""

import re
from collections import Counter
from collections.abc import Callable, Sequence

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
OwnEmbed = Callable[[Sequence[str]], Vectors | None]
"""Embeds as the collection was embedded; None where what it was embedded with is not at hand."""


def labels(texts: Sequence[str], vectors: Vectors, found: Labels, centre: Vectors, embed: OwnEmbed) -> list[str]:
    """Return the label of each cluster.

    Of a list of terms it is the member nearest to the centre. Of texts, up to three words: of the twelve with the
    highest c-TF-IDF (Grootendorst 2022), those whose vectors are nearer to this centre than to others, if there are
    any, or can be told.

    :param centre: (clusters, d), unit rows.
    """
    if not len(centre):
        return []
    are_terms = float(np.median([length(text) for text in texts])) <= _TERM
    return _medoids(texts, vectors, found, centre) if are_terms else _words(texts, found, centre, embed)


def fitting(names: Sequence[str], centre: Vectors, embed: OwnEmbed) -> list[bool]:
    """Return of each cluster's name whether it is nearer to its centre than to any other; none is, where none can tell.

    :param centre: (clusters, d), unit rows.
    """
    rows = embed(names)
    if rows is None:
        return [False] * len(names)
    return [bool(row.argmax() == i) for i, row in enumerate(rows @ centre.T)]


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


def _words(texts: Sequence[str], found: Labels, centre: Vectors, embed: OwnEmbed) -> list[str]:
    groups = [[texts[i] for i in np.flatnonzero(found == own).tolist()] for own in range(len(centre))]
    tried = telling(groups, _TRIED)
    different = list(dict.fromkeys(word for words in tried for word in words))
    rows = embed(different) if different else None
    if rows is None:
        return [_named(words, i) for i, words in enumerate(tried)]
    own = dict(zip(different, (rows @ centre.T).argmax(axis=1).tolist(), strict=True))
    return [_named([w for w in words if own[w] == i] or words, i) for i, words in enumerate(tried)]


def _telling(count: Counter[str], every: Counter[str], mean: float) -> list[str]:
    total = max(1, sum(count.values()))
    others = max(1, sum(every.values()) - total)
    scores = {
        word: n / total * np.log(1 + mean / every[word])
        for word, n in count.items()
        # A frequent word of all clusters, such as `said` of news, tells nothing of this one.
        if n / total >= _MORE * (every[word] - n) / others or len(count) == len(every)
    }
    return sorted(scores, key=lambda word: (-scores[word], word))


def _named(words: Sequence[str], own: int) -> str:
    return ", ".join(words[:_SHOWN]) or f"cluster {own + 1}"
