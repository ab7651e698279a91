"""Finds passages and says what each is worth: the whole of a search, once the query is a vector."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from search.embedders.base import Embedder
from search.retrieve.caution import SHORT, Caution, cautions_if_short
from search.retrieve.columns import Beside, nothing_beside
from search.retrieve.fuse import Mode, Near, Ranking, Wanted, rank
from search.retrieve.known import Known
from search.retrieve.lexical import Lexical
from search.retrieve.options import Options
from search.retrieve.rerank import CANDIDATES, Reranker, reranked
from search.retrieve.rows import Rows
from search.retrieve.scale import Scale
from search.retrieve.variety import diverse, folded
from search.retrieve.why import explain, nearest_by_words
from search.store.collection import Collection
from search.types import Hit, HitList, Passage, Vector, Why

NEAR = 0.5
"""Below this cosine nobody takes a passage to say what the query says, so no caution is needed."""
_POOL = 5
"""Candidates for each hit where some of them are passed over."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is looked for."""

    label: str
    """As the answer calls it: the query, or a passage's id."""
    text: str
    vector: Vector
    k: int
    options: Options
    words: Callable[[Lexical], NDArray[np.float32]] | None = None
    """How well passages match by words in lexical and hybrid mode; None for BM25 with the text."""
    without: tuple[int, ...] = ()
    """Numbers of passages that are not to be found."""
    started: float = field(default_factory=time.perf_counter)


def find(
    collection: Collection,
    asked: Asked,
    known: Known,
    embedder: Callable[[], Embedder],
    beside: Beside = nothing_beside,
    reranker: Reranker | None = None,
) -> HitList:
    """Return the best passages of a collection.

    :param embedder: Called where hits are to be explained.
    :param beside: Returns fields that a filter can name beside those of the metadata.
    :param reranker: Reads the best candidates beside the text, and puts them into its own order.
    """
    mode = asked.options.mode or known.mode(collection)
    keep = None
    if asked.options.where is not None:
        table = known.columns(collection)
        keep = Rows(table.numbers, table.mask(asked.options.where, beside))
    ranking, behind = _chosen(collection, asked, mode, keep, known, reranker)
    passages = collection.read([near.number for near in ranking.near])
    near = [n for n in ranking.near if n.number in passages]
    eligible = len(collection) if keep is None else int(np.sum(keep.values))
    hits = _hits(near, passages, asked, known.scale(collection), eligible)
    return HitList(
        query=asked.label,
        mode=mode,
        exact=ranking.exact,
        recall=ranking.recall,
        embedder=collection.embedder,
        hits=_told(hits, near, behind, collection, asked, known, embedder),
        took_ms=(time.perf_counter() - asked.started) * 1000,
        by_chance=_by_chance(hits),
        passages=eligible,
        against_all=ranking.against_all,
        reranked_by=reranker.id if reranker else None,
    )


def _chosen(
    collection: Collection,
    asked: Asked,
    mode: Mode,
    keep: Rows[np.bool_] | None,
    known: Known,
    reranker: Reranker | None,
) -> tuple[Ranking, dict[int, list[int]]]:
    """Return the passages to show, and the numbers of those that are folded behind them."""
    options = asked.options
    several = options.fold or options.diversity > 0
    words = None
    if mode != Mode.DENSE:
        index = known.lexical(collection)
        words = Rows(index.numbers, index.scores(asked.text) if asked.words is None else asked.words(index))
    count = asked.k * _POOL if several else asked.k
    wanted = Wanted(asked.vector, max(count, CANDIDATES) if reranker else count, mode, words, keep, asked.without)
    ranking = rank(collection, wanted)
    if reranker:
        ranking = reranked(collection, ranking, asked.text, reranker)
    if not several:
        return replace(ranking, near=ranking.near[: asked.k]), {}
    return _varied(collection, ranking, asked, is_reranked=reranker is not None)


def _varied(
    collection: Collection, ranking: Ranking, asked: Asked, *, is_reranked: bool
) -> tuple[Ranking, dict[int, list[int]]]:
    near, behind = ranking.near, {}
    vectors = collection.vectors([n.number for n in near])
    if asked.options.fold:
        places = folded(vectors, asked.k if asked.options.diversity == 0 else len(near))
        behind = {near[first].number: [near[p].number for p in rest] for first, rest in places.items()}
        near, vectors = tuple(near[first] for first in places), vectors[list(places)]
    if asked.options.diversity > 0:
        scores = np.array([n.score for n in near])
        if is_reranked and len(scores) and (spread := np.ptp(scores)) > 0:
            # A cross-encoder's may be of any size, and are weighed against cosines.
            scores = (scores - scores.min()) / spread
        order = diverse(scores.tolist(), vectors, asked.k, asked.options.diversity)
        near = tuple(near[place] for place in order)
    return replace(ranking, near=near[: asked.k]), behind


def _hits(
    near: Sequence[Near], passages: dict[int, Passage], asked: Asked, scale: Scale, eligible: int
) -> tuple[Hit, ...]:
    return tuple(_hit(rank, asked.text, passages[n.number], n, scale, eligible) for rank, n in enumerate(near, start=1))


def _hit(rank: int, query: str, p: Passage, near: Near, scale: Scale, eligible: int) -> Hit:
    chance = scale.chance(near.similarity)
    return Hit(
        rank=rank,
        id=p.id,
        source=p.source,
        text=p.text,
        similarity=near.similarity,
        percentile=scale.percentile(near.similarity),
        metadata=p.metadata,
        start=p.start,
        end=p.end,
        cautions=_cautions(query, p.text) if near.similarity >= NEAR else (),
        score=near.score,
        by_chance=None if chance is None else chance * eligible,
    )


def _cautions(query: str, text: str) -> tuple[Caution, ...]:
    if len(query) > SHORT:
        return ()
    # A longer passage says more than its query: only its sentence nearest to the query is compared with that.
    said = text if len(text) <= SHORT else nearest_by_words(query, text)
    return cautions_if_short(query, said) if said else ()


def _by_chance(hits: Sequence[Hit]) -> float | None:
    """Return how many of the hits chance would give, were all as similar as the least similar one."""
    expected = [hit.by_chance for hit in hits if hit.by_chance is not None]
    return min(float(len(hits)), max(expected)) if expected else None


def _told(
    hits: Sequence[Hit],
    near: Sequence[Near],
    behind: dict[int, list[int]],
    collection: Collection,
    asked: Asked,
    known: Known,
    embedder: Callable[[], Embedder],
) -> tuple[Hit, ...]:
    """Return the hits with what was asked for beside them."""
    if not hits:
        return ()
    whys: Sequence[Why | None] = [None] * len(hits)
    if asked.options.why:
        whys = explain(asked.text, [hit.text for hit in hits], embedder())
    numbers = np.array([n.number for n in near], dtype=np.int64)
    lists = known.hubs(collection).lists.at(numbers).tolist() if asked.options.hubs else [None] * len(hits)
    ids = _ids(collection, behind)
    return tuple(
        replace(hit, why=why, lists=count, folded=tuple(ids[b] for b in behind.get(n.number, []) if b in ids))
        for hit, n, why, count in zip(hits, near, whys, lists, strict=True)
    )


def _ids(collection: Collection, behind: dict[int, list[int]]) -> dict[int, str]:
    numbers = [number for some in behind.values() for number in some]
    return {number: passage.id for number, passage in collection.read(numbers).items()} if numbers else {}
