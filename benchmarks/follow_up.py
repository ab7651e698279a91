"""How well a follow-up question is searched without a chat model: beside the human rewrite, and what it costs others.

    python -m benchmarks.follow_up

On CAsT 2019 and CANARD: the cosine of what is searched with the human rewrite, the reciprocal rank of that rewrite
among all rewrites, and how many of its ten best passages are found, in hybrid mode. For CAsT the passages are every
sixth noun of WordNet with its gloss (left out where `wordnet-base` is not installed); for CANARD they are its own
answers, each under its article. CANARD's dialogues begin with an article and a section, which a reader has before his
eyes; they are the first turn of the one row, and left out of the other.

Then what stand-alone questions lose, which the gate should leave alone: SQuAD's questions about an article, asked one
after the other, and the reciprocal rank of the paragraph that answers.

Rules and weights were chosen on half of the topics, dialogues and articles, by a hash of their names: 'dev'.
"""

import hashlib
import json
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

from benchmarks.report import TESTDATA, keep, machine, table
from search.chat import follow_up
from search.chat.leaning import leans
from search.embedders.local import LocalEmbedder
from search.retrieve.fuse import Mode, Wanted, rank
from search.retrieve.known import Known
from search.retrieve.options import Term
from search.retrieve.rows import Rows
from search.settings import Settings
from search.store.collection import Collection
from search.store.ledger import Record, vector_key
from search.store.store import Store
from search.types import Passage, Vector, Vectors
from search.vectors import unit

WORDNET = Path("/usr/share/wordnet/data.noun")
EVERY = 6
HALVES = ("dev", "test")
ASKED = {("CAsT 2019", "cosine"): 0.82, ("CAsT 2019", "rank"): 0.98, ("CANARD", "cosine"): 0.76}
MOST_LOST = 0.01
_UNSAID = "i don't know"


@dataclass(frozen=True, slots=True)
class Turn:
    """A question in its conversation."""

    group: str
    """The topic, dialogue or article."""
    question: str
    rewrite: str
    turns: tuple[str, ...]
    """What the user said before."""
    answers: tuple[str, ...] = ()
    answer: str = ""
    """A text that answers it, where one is known."""

    @property
    def half(self) -> str:
        """The half that it is in."""
        return HALVES[hashlib.sha256(self.group.encode()).digest()[-1] % 2]


Way: TypeAlias = Callable[[Turn], tuple[Term, ...]]


def last(turn: Turn) -> tuple[Term, ...]:
    """The question alone."""
    return (Term(turn.question, 1.0),)


def joined(turn: Turn) -> tuple[Term, ...]:
    """All turns as one text."""
    return (Term(" ".join([*turn.turns, turn.question]), 1.0),)


def mixed(turn: Turn) -> tuple[Term, ...]:
    """Fixed shares of the question, the first turn and the one before."""
    return (Term(turn.question, 0.7), Term(turn.turns[0], 0.15), Term(turn.turns[-1], 0.15))


def ours(turn: Turn) -> tuple[Term, ...]:
    """What is searched."""
    return follow_up.terms(turn.question, turn.turns, turn.answers)


WAYS: dict[str, Way] = {"last turn": last, "joined": joined, ".7/.15/.15": mixed, "ours": ours}


class Embedded:
    """An embedder that embeds each text once."""

    def __init__(self, embedder: LocalEmbedder) -> None:
        self._embedder = embedder
        self._known: dict[str, Vector] = {}

    def __call__(self, texts: Sequence[str]) -> Vectors:
        """Return a unit row for each text."""
        lacking = list(dict.fromkeys(text for text in texts if text not in self._known))
        if lacking:
            self._known.update(zip(lacking, self._embedder.embed_documents(lacking), strict=True))
        return np.stack([self._known[text] for text in texts])

    def searched(self, terms: Sequence[Term]) -> Vector:
        """Return the vector of what is searched."""
        weights = np.array([term.weight for term in terms], dtype=np.float32)
        return unit(weights @ self([term.text for term in terms]))


class Corpus:
    """Passages to search."""

    def __init__(self, store: Store, name: str, texts: Sequence[str], embed: Embedded) -> None:
        embedder = "local:all-MiniLM-L6-v2"
        made = store.create(name, embedder, 384)
        keys = [vector_key(embedder, text) for text in texts]
        records = [
            Record(Passage(str(i), name, i, text, 0, len(text)), key)
            for i, (text, key) in enumerate(zip(texts, keys, strict=True))
        ]
        store.begin_source(made, name)
        for start in range(0, len(texts), 20_000):
            some = slice(start, start + 20_000)
            store.put(made, records[some], keys[some], embed(texts[some]), tokens=0)
        store.finish_source(made, name, name, len(texts))
        self.collection: Collection = store.collection(name)
        self.places = {text: i for i, text in enumerate(texts)}
        self._known = Known()

    def best(self, terms: Sequence[Term], vector: Vector) -> list[int]:
        """Return the places of the ten best passages, in hybrid mode."""
        index = self._known.lexical(self.collection)
        words = Rows(index.numbers, follow_up.words(terms, index))
        near = rank(self.collection, Wanted(vector, 10, Mode.HYBRID, words)).near
        passages = self.collection.read([n.number for n in near])
        return [int(passages[n.number].id) for n in near]


def main() -> None:
    """Measure, print, keep."""
    settings = Settings.from_environment()
    embed = Embedded(LocalEmbedder("", settings))
    with tempfile.TemporaryDirectory() as folder, Store(Path(folder), 2**30, "benchmark") as store:
        cast_, canard, squad = list(read_cast()), list(read_canard()), list(read_squad())
        bare = [replace(turn, turns=turn.turns[1:]) for turn in canard]
        answers = Corpus(store, "canard", list(dict.fromkeys(t.answer for t in canard if t.answer)), embed)
        glosses = Corpus(store, "glosses", read_glosses(), embed) if WORDNET.exists() else None
        paragraphs = Corpus(store, "squad", list(dict.fromkeys(t.answer for t in squad)), embed)
        sets = [("CAsT 2019", cast_, glosses), ("CANARD", canard, answers), ("CANARD, bare", bare, answers)]
        rows = []
        for name, turns, corpus in sets:
            pool = sorted({turn.rewrite for turn in turns})
            for half in HALVES:
                some = [turn for turn in turns if turn.half == half and turn.turns]
                rows += [
                    {"set": name, "half": half, "way": way, **scores(some, WAYS[way], embed, pool, corpus)}
                    for way in WAYS
                ]
                print(name, half, flush=True)
        lost = [{"half": half, **alone([t for t in squad if t.half == half], embed, paragraphs)} for half in HALVES]
    show(rows, lost)
    asked = {**{f"{name}, {it}": goal for (name, it), goal in ASKED.items()}, "lost at most": MOST_LOST}
    keep("follow_up", {"machine": machine("bm25s"), "asked": asked, "follow_ups": rows, "stand_alone": lost})


def scores(
    turns: Sequence[Turn], way: Way, embed: Embedded, pool: Sequence[str], corpus: Corpus | None
) -> dict[str, Any]:
    """Return how near a way of searching is to the human rewrites."""
    terms = [way(turn) for turn in turns]
    mine = np.stack([embed.searched(some) for some in terms])
    theirs = embed([turn.rewrite for turn in turns])
    near = mine @ embed(pool).T
    own = near[np.arange(len(turns)), [pool.index(turn.rewrite) for turn in turns]]
    ranks = 1 + np.sum(near > own[:, None], axis=1)
    found: dict[str, Any] = {"n": len(turns), "leaning": float(np.mean([leans(t.question, t.turns) for t in turns]))}
    found |= {"cosine": float(np.mean(np.sum(mine * theirs, axis=1))), "rank": float(np.mean(1 / ranks))}
    if corpus is not None:
        best = [corpus.best(some, row) for some, row in zip(terms, mine, strict=True)]
        wanted = [corpus.best((Term(t.rewrite, 1.0),), row) for t, row in zip(turns, theirs, strict=True)]
        found["overlap"] = float(np.mean([len({*a} & {*b}) / 10 for a, b in zip(best, wanted, strict=True)]))
        known = [(some, corpus.places[t.answer]) for some, t in zip(best, turns, strict=True) if t.answer]
        if known:
            found["answer"] = float(np.mean([_reciprocal(some, place) for some, place in known]))
    return found


def alone(turns: Sequence[Turn], embed: Embedded, corpus: Corpus) -> dict[str, Any]:
    """Return how often the gate fires on questions that stand alone, and what that costs."""
    ranks = []
    for way in (last, ours):
        best = [(corpus.best(way(t), embed.searched(way(t))), corpus.places[t.answer]) for t in turns]
        ranks.append(float(np.mean([_reciprocal(some, place) for some, place in best])))
    fires = float(np.mean([leans(t.question, t.turns) for t in turns]))
    return {"n": len(turns), "fires": fires, "alone": ranks[0], "ours": ranks[1], "lost": 1 - ranks[1] / ranks[0]}


def _reciprocal(best: Sequence[int], place: int) -> float:
    return 1 / (1 + best.index(place)) if place in best else 0.0


def read_cast() -> Iterator[Turn]:
    """Yield CAsT's turns that have a rewrite."""
    folder = TESTDATA / "cast2019" / "2019" / "data"
    for topics, resolved in (
        ("evaluation/evaluation_topics_v1.0.json", "evaluation/evaluation_topics_annotated_resolved_v1.0.tsv"),
        ("training/train_topics_v1.0.json", "training/train_topic_sample_annotated_resolved_v1.0.tsv"),
    ):
        lines = (folder / resolved).read_text(encoding="utf-8").splitlines()
        rewrites = {line.split("\t")[0].strip(): line.split("\t")[1].strip() for line in lines if "\t" in line}
        for topic in json.loads((folder / topics).read_text(encoding="utf-8")):
            said: list[str] = []
            for turn in topic["turn"]:
                question = turn["raw_utterance"].strip()
                rewrite = rewrites.get(f"{topic['number']}_{turn['number']}")
                if rewrite:
                    yield Turn(f"cast2019/{topic['number']}", question, rewrite, tuple(said))
                said.append(question)


def read_canard() -> Iterator[Turn]:
    """Yield CANARD's questions; the first turn is the article and its section."""
    for row in json.loads((TESTDATA / "canard" / "data" / "release" / "dev.json").read_text(encoding="utf-8")):
        article, section, *said = row["History"]
        answer = _answers().get((row["QuAC_dialog_id"], row["Question_no"]), "")
        about = f"{article}. {section}. {answer}" if answer and _UNSAID not in answer.lower() else ""
        turns = (f"{article}: {section}", *said[::2])
        group = f"canard/{row['QuAC_dialog_id'].rpartition('_')[0]}"
        yield Turn(group, row["Question"], row["Rewrite"], turns, tuple(said[1::2]), about)


def _answers() -> dict[tuple[str, int], str]:
    """Return the answer of each question that another one follows."""
    if not _ANSWERS:
        for row in json.loads((TESTDATA / "canard" / "data" / "release" / "dev.json").read_text(encoding="utf-8")):
            for number, answer in enumerate(row["History"][3::2], start=1):
                _ANSWERS[row["QuAC_dialog_id"], number] = answer
    return _ANSWERS


_ANSWERS: dict[tuple[str, int], str] = {}


def read_squad() -> Iterator[Turn]:
    """Yield every third answerable question of SQuAD's, after those before it about the same article."""
    data = json.loads((TESTDATA / "squad2" / "data" / "dev-v2.0.json").read_text(encoding="utf-8"))["data"]
    for article in data:
        said: list[str] = []
        for paragraph in article["paragraphs"]:
            for row in paragraph["qas"]:
                if row["is_impossible"]:
                    continue
                if said and len(said) % 3 == 0:
                    question = row["question"].strip()
                    yield Turn(
                        f"squad2/{article['title']}", question, question, tuple(said[-4:]), (), paragraph["context"]
                    )
                said.append(row["question"].strip())


def read_glosses() -> list[str]:
    """Return some of WordNet's nouns with their glosses."""
    lines = WORDNET.read_text(encoding="utf-8").splitlines()[29::EVERY]
    texts = (f"{line.split(' ')[4].replace('_', ' ')}: {line.rpartition('| ')[2].strip()}" for line in lines)
    return list(dict.fromkeys(texts))


def show(rows: Sequence[dict[str, Any]], lost: Sequence[dict[str, Any]]) -> None:
    """Print the tables, and what was asked for beside what was reached."""
    columns = ("n", "leaning", "cosine", "rank", "overlap", "answer")
    lines = [[f"{row['set']}, {row['half']}: {row['way']}", *(row.get(it, "") for it in columns)] for row in rows]
    table("Follow-up questions", ["", *columns], lines)
    own = ("n", "fires", "alone", "ours", "lost")
    table("Stand-alone questions: reciprocal ranks", ["", *own], [[r["half"], *(r[c] for c in own)] for r in lost])
    reached: list[list[object]] = []
    for (name, it), goal in ASKED.items():
        reached.append([f"{name}, {it}", goal, *(r[it] for r in rows if r["set"] == name and r["way"] == "ours")])
    reached.append(["lost at most", MOST_LOST, *(row["lost"] for row in lost)])
    table("Asked and reached", ["", "asked", *HALVES], reached)


if __name__ == "__main__":
    main()
