"""Pairs are read as they stand, and their cosines' order is compared with people's."""

import csv
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import spearmanr

from search.errors import InvalidInputError, SourceError
from search.evaluate.keep import load, save
from search.evaluate.pairs import Pair, PairCard, evaluate_pairs, read
from search.evaluate.shelf import Shelf
from search.service import Service
from search.vectors import cosine

PAIRS = [("a cat sleeps", "the cat is asleep", 5), ("a cat sleeps", "a dog sleeps", 3), ("a cat sleeps", "tax law", 0),
         ("he said \"no\"", "he refused", 4), ("snow falls", "money, and more of it", 1)]  # fmt: skip


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """The pairs with tabs between."""
    path = tmp_path / "pairs.tsv"
    path.write_text("".join(f"{a}\t{b}\t{score}\n" for a, b, score in PAIRS))
    return path


def test_the_order_of_cosines_is_compared_with_that_of_scores(shelf: Shelf, service: Service, file: Path) -> None:
    """By SciPy's value, with an interval around it, and nothing is embedded twice."""
    card = evaluate_pairs(shelf, file)
    cosines = [cosine(*service.embedder.embed_documents([a, b])) for a, b, _ in PAIRS]
    assert card.cosines == pytest.approx(cosines, abs=1e-6)
    assert card.spearman.value == pytest.approx(spearmanr(cosines, [score for *_, score in PAIRS]).statistic)
    assert card.spearman.low <= card.spearman.value <= card.spearman.high
    assert card.summary()["pairs"] == 5
    assert evaluate_pairs(Shelf(service.store, service.embedder), file).embedded == 0
    assert service.store.names() == []


def test_tabs_and_commas_are_read(tmp_path: Path) -> None:
    """Quotes frame a text between commas, and are part of it between tabs."""
    (tmp_path / "p.csv").write_text('"one, two",three,1.5\r\n\r\n"a ""b""",c,2\n')
    (tmp_path / "p.tsv").write_bytes(b'\xef\xbb\xbfone, two\tthree\t1.5\r\na "b\tc\t2')
    assert read(tmp_path / "p.csv") == [Pair("one, two", "three", 1.5), Pair('a "b"', "c", 2)]
    assert read(tmp_path / "p.tsv") == [Pair("one, two", "three", 1.5), Pair('a "b', "c", 2)]


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("p.tsv", "", "has 0 pairs"),
        ("p.tsv", "a\tb\t1\n", "has 1 pair"),
        ("p.tsv", "a\tb\t1\nc\td\t1\n", "all scores are equal"),
        ("p.tsv", "a\tb\t1\nc\td\tnan\n", "line 2 has the score 'nan'"),
        ("p.tsv", "text\ttext\tscore\n", "line 1 has the score 'score'"),
        ("p.tsv", "a\tb\t1\nc\td\tinf\n", "line 2 has the score 'inf'"),
        ("p.tsv", "a\tb\t1\nc\td\n", "line 2 has 2 columns"),
        ("p.csv", "a\tb\t1\n", "line 1 has 1 columns"),
        ("p.tsv", "a\tb\t1\n\n \td\t1\n", "line 3 has an empty text"),
        ("p.csv", "a," + "b" * 200_000 + ",1\n", "line 1 cannot be read"),
        ("p.tsv", b"\xff\tb\t1\n", "is not UTF-8"),
        ("p.tsv", "a\ta\t1\nb\tb\t2\n", "equally near"),
    ],
)
def test_what_is_wrong_is_named(shelf: Shelf, tmp_path: Path, name: str, content: str | bytes, says: str) -> None:
    """File and line, and nothing else."""
    (tmp_path / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(SourceError) as refused:
        evaluate_pairs(shelf, tmp_path / name)
    assert says in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_text_too_long_is_refused_whatever_limit_others_set(shelf: Shelf, tmp_path: Path) -> None:
    """The csv module has one limit for the whole process, and reading tables raises it."""
    file = tmp_path / "p.csv"
    file.write_text("a," + "b" * 200_000 + ",1\nc,d,2\n")
    before = csv.field_size_limit(1_000_000)
    try:
        with pytest.raises(SourceError, match="line 1 cannot be read"):
            evaluate_pairs(shelf, file)
    finally:
        csv.field_size_limit(before)


def _card(cosines: list[float], pairs: list[Pair]) -> PairCard:
    return PairCard("p", "e", tuple(pairs), tuple(cosines))


def test_a_better_model_shows(tmp_path: Path) -> None:
    """Over the pairs that both cards have, whatever their order; and a card comes back as it was saved."""
    rng = np.random.default_rng(0)
    scores = rng.random(300)
    pairs = [Pair(f"a{i}", f"b{i}", float(score)) for i, score in enumerate(scores)]
    good = _card((scores + rng.normal(size=300) * 0.1).tolist(), pairs)
    bad = _card((scores + rng.normal(size=300) * 0.5).tolist()[50:][::-1], pairs[50:][::-1])
    save(bad, tmp_path / "card.json")
    kept = load(tmp_path / "card.json")
    assert isinstance(kept, PairCard)
    assert (kept.pairs, kept.cosines) == (bad.pairs, bad.cosines)
    count, change = good.against(kept)
    assert (count, change.verdict) == (250, "better")
    assert change.value == pytest.approx(
        spearmanr(scores[50:], good.cosines[50:]).statistic - spearmanr(scores[50:], bad.cosines[::-1]).statistic
    )
    assert bad.against(good)[1].verdict == "worse"
    assert good.against(good)[1].verdict == "no difference"


def test_other_pairs_cannot_be_compared() -> None:
    """Nothing is said of cards that share fewer than two."""
    one, other = (_card([0.1, 0.2], [Pair(name, "b", 1), Pair(name, "c", 2)]) for name in "xy")
    with pytest.raises(InvalidInputError, match="share too few pairs"):
        one.against(other)
