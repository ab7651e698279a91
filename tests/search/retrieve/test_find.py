"""A search as users see it: modes, filters, terms, variety, reasons, and what chance would give."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from ingest.document import Options as Reading
from ingest.sync import Wish, sync
from search.errors import InvalidInputError
from search.retrieve.fuse import Mode
from search.retrieve.options import Options, Term
from search.retrieve.where import parse
from search.service import Service
from search.settings import Settings

BOOKS = """title,text,year,genre
Sea,A captain sails his ship across the stormy sea.,1990,adventure
Sea again,A captain sails his ship across the stormy seas.,2001,adventure
Bank,The bank lends money to firms at a rate of interest.,1985,economics
Rates,Central banks set the rate of interest for the economy.,2010,economics
Dogs,The dog chased the man through the park.,2015,animals
Men,The man chased the dog through the park.,2016,animals
Recipe,Bake the bread for forty minutes in a hot oven.,1999,food
"""


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, cache: Path) -> Iterator[Service]:
    """A service over seven short texts with metadata."""
    folder = tmp_path_factory.mktemp("books")
    (folder / "books.csv").write_text(BOOKS)
    with Service(Settings(data=folder / "data", cache=cache), "test") as service:
        wish = Wish([folder / "books.csv"], Reading(("text",), ("title", "year", "genre"), "notes"))
        assert sync(service.store, service.embedder, "books", wish).passages == 7
        yield service


def _titles(service: Service, query: str, options: Options = Options(), k: int = 3) -> list[str]:  # noqa: B008
    return [str(hit.metadata["title"]) for hit in service.search(query, "books", k, options).hits]


def test_texts_are_ranked_by_both_unless_told_otherwise(service: Service) -> None:
    """The list says which mode it is of."""
    assert service.search("interest", "books").mode == "hybrid"
    assert service.search("interest", "books", options=Options(Mode.DENSE)).mode == "dense"


@pytest.mark.parametrize(
    ("lines", "mode"),
    [
        (["光合作用", "利率", "银行"], Mode.DENSE),
        (["今天银行提高了利率。", "船长驾船穿过风暴。"], Mode.HYBRID),
        (["interest", "central bank"], Mode.DENSE),
    ],
)
def test_texts_without_spaces_are_no_terms(service: Service, tmp_path: Path, lines: list[str], mode: Mode) -> None:
    """By length they are told apart, in Chinese too."""
    (tmp_path / "notes.txt").write_text("\n".join(lines), encoding="utf-8")
    name = f"lines-{len(lines[0])}"
    sync(service.store, service.embedder, name, Wish([tmp_path], Reading(kind="sentences")))
    assert service.search(lines[0], name).mode == mode


def test_lexical_finds_words_alone(service: Service) -> None:
    """A passage without a word of the query is not found, however near."""
    assert set(_titles(service, "interest", Options(Mode.LEXICAL), k=7)) == {"Bank", "Rates"}
    assert _titles(service, "finance", Options(Mode.LEXICAL)) == []


def test_scores_fall_and_similarity_is_the_cosine_in_every_mode(service: Service) -> None:
    """What is ranked by stands beside what is comparable across lists."""
    vector = service.embedder.embed_query("a ship in a storm")
    for mode in Mode:
        hits = service.search("a ship in a storm", "books", 7, Options(mode)).hits
        assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
        for hit in hits:
            row = service.store.collection("books").get(hit.id).vector
            assert hit.similarity == pytest.approx(float(np.dot(row, vector)), abs=1e-5)


def test_a_filter_decides_what_can_be_found(service: Service) -> None:
    """The list counts the passages that it leaves."""
    found = service.search("money", "books", 10, Options(where=parse("year >= 2000 and genre != animals")))
    assert {hit.metadata["title"] for hit in found.hits} == {"Sea again", "Rates"}
    assert found.passages == 2


def test_a_filter_that_leaves_nothing_finds_nothing(service: Service) -> None:
    """In every mode."""
    for mode in Mode:
        found = service.search("money", "books", 10, Options(mode, where=parse("year > 3000")))
        assert (found.hits, found.passages, found.by_chance) == ((), 0, None)


def test_terms_lead_towards_and_away(service: Service) -> None:
    """'animals' with food added finds bread first, and a query less itself leads elsewhere."""
    dense = Options(Mode.DENSE, terms=(Term("baking bread", 3.0),))
    assert _titles(service, "animals", dense)[0] == "Recipe"
    away = Options(Mode.DENSE, terms=(Term("dog", -2.0),))
    assert "Dogs" not in _titles(service, "a dog on a ship", away, k=2)


def test_near_duplicates_fold_behind_the_first(service: Service) -> None:
    """One of the two captains stands for both."""
    found = service.search("a captain at sea", "books", 3, Options(Mode.DENSE, fold=True))
    folded = {hit.metadata["title"]: len(hit.folded) for hit in found.hits}
    assert len({"Sea", "Sea again"} & set(folded)) == 1
    assert sum(folded.values()) >= 1
    assert len(found.hits) == 3


def test_diversity_brings_other_passages_in(service: Service) -> None:
    """At its height no two hits say the same; the first one stays the best."""
    plain = _titles(service, "a captain at sea", Options(Mode.DENSE), k=2)
    varied = _titles(service, "a captain at sea", Options(Mode.DENSE, diversity=0.7), k=2)
    assert set(plain) == {"Sea", "Sea again"}
    assert varied[0] == plain[0]
    assert varied[1] != plain[1]


def test_opposites_carry_a_caution(service: Service) -> None:
    """The dog that chased the man is not the man who chased the dog."""
    hits = service.search("The man chased the dog through the park.", "books", 2).hits
    cautions = {hit.metadata["title"]: [c.kind for c in hit.cautions] for hit in hits}
    assert cautions == {"Men": [], "Dogs": ["role-swap"]}


def test_why_marks_a_sentence_and_weighs_both_sides(service: Service) -> None:
    """The words that matter add most, and offsets point into the text."""
    hit = service.search("interest rates of banks", "books", 1, Options(why=True)).hits[0]
    assert hit.why is not None
    assert hit.text[hit.why.start : hit.why.end] == hit.text
    assert [hit.text[w.start : w.end] for w in hit.why.passage] == [w.text for w in hit.why.passage]
    assert max(hit.why.query, key=lambda w: w.adds).text in {"interest", "rates", "banks"}


def test_what_a_word_adds_is_what_its_absence_takes(service: Service) -> None:
    """Leave-one-out, against the embedder itself."""
    hit = service.search("stormy sea", "books", 1, Options(Mode.DENSE, why=True)).hits[0]
    assert hit.why is not None
    word = next(w for w in hit.why.passage if w.text == "captain")
    rows = service.embedder.embed_documents([hit.text, hit.text.replace(" captain", ""), "stormy sea"])
    assert word.adds == pytest.approx(float(rows[0] @ rows[2] - rows[1] @ rows[2]), abs=1e-5)


def test_chance_is_counted(service: Service) -> None:
    """A hit nearer than all pairs is not by chance, and one as near as half of them is."""
    found = service.search("The dog chased the man through the park.", "books", 7, Options(Mode.DENSE))
    first, last = found.hits[0], found.hits[-1]
    assert first.by_chance is not None
    assert last.by_chance is not None
    assert first.by_chance <= 1 < last.by_chance <= 7
    assert found.by_chance == pytest.approx(last.by_chance)


def test_hubs_are_told_when_asked_for(service: Service) -> None:
    """Among seven passages each stands in the lists of all others."""
    assert {hit.lists for hit in service.search("sea", "books", 7, Options(hubs=True)).hits} == {6}
    assert {hit.lists for hit in service.search("sea", "books", 7).hits} == {None}


def test_similar_takes_the_same_options(service: Service) -> None:
    """By vectors unless told otherwise, and never the passage itself."""
    sea = service.search("a captain at sea", "books", 1).hits[0]
    found = service.similar(sea.id, "books", 3, Options(where=parse("genre = adventure")))
    assert found.mode == "dense"
    assert [hit.metadata["genre"] for hit in found.hits] == ["adventure"]
    assert sea.id not in {hit.id for hit in found.hits}


@pytest.mark.parametrize("diversity", [-0.1, 1.1, float("nan")])
def test_diversity_has_a_range(diversity: float) -> None:
    """Anything else is refused."""
    with pytest.raises(InvalidInputError):
        Options(diversity=diversity)


@pytest.mark.parametrize("term", [Term(" "), Term("sea", 0.0), Term("sea", 101.0), Term("sea", float("nan"))])
def test_terms_have_a_text_and_a_weight(term: Term) -> None:
    """Anything else is refused."""
    with pytest.raises(InvalidInputError):
        Options(terms=(term,))


def test_a_passage_is_no_measure_for_those_like_it(service: Service) -> None:
    """By words, it would be the best match for itself."""
    (of, *_) = service.search("The dog chased the man through the park.", "books", 1).hits
    for mode in (Mode.LEXICAL, Mode.HYBRID):
        found = service.similar(of.id, "books", 3, Options(mode))
        assert found.hits[0].text == "The man chased the dog through the park."
        words = found.hits[0].score if mode == Mode.LEXICAL else (found.hits[0].score - 0.71 * found.hits[0].similarity)
        assert words == pytest.approx(1 if mode == Mode.LEXICAL else 0.29, abs=0.01)
