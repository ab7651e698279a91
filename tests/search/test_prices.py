"""The table of prices: listed, and corrected by users."""

from pathlib import Path

import pytest

from search.errors import InvalidInputError
from search.prices import LISTED, load


def test_a_listed_model_has_a_price_and_others_have_none() -> None:
    """A million tokens of the small model cost two cents; the local one costs nothing."""
    assert LISTED.cost("openai:text-embedding-3-small@1536", 1_000_000) == pytest.approx(0.02)
    assert LISTED.cost("local:all-MiniLM-L6-v2", 1_000_000) == 0


def test_a_file_stands_over_the_list(tmp_path: Path) -> None:
    """Its date counts, its models are added, and the others stay."""
    file = tmp_path / "prices.json"
    file.write_text('{"as_of": "2027-01-01", "usd_per_million_tokens": {"mine": 5, "text-embedding-3-small": 0.01}}')
    prices = load(file)
    assert prices.as_of == "2027-01-01"
    assert prices.cost("openai:mine@8", 100_000) == pytest.approx(0.5)
    assert prices.cost("openai:text-embedding-3-small@8", 1_000_000) == pytest.approx(0.01)
    assert prices.usd["text-embedding-3-large"] == LISTED.usd["text-embedding-3-large"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        "null",
        '{"as_of": 5, "usd_per_million_tokens": {}}',
        '{"as_of": "x", "usd_per_million_tokens": []}',
        '{"as_of": "x", "usd_per_million_tokens": {"m": "dear"}}',
        '{"as_of": "x", "usd_per_million_tokens": {"m": -1}}',
        '{"as_of": "x", "usd_per_million_tokens": {"m": NaN}}',
        "[" * 100_000,
    ],
)
def test_anything_else_is_refused(tmp_path: Path, text: str) -> None:
    """With one line that shows what it should look like."""
    file = tmp_path / "prices.json"
    file.write_text(text)
    with pytest.raises(InvalidInputError, match="should look like"):
        load(file)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    """Rather than priced at nothing."""
    with pytest.raises(InvalidInputError, match="cannot be read"):
        load(tmp_path / "none.json")
