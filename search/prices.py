"""What providers ask for embedding: a table with a date, which users can extend and correct."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from search.errors import InvalidInputError


@dataclass(frozen=True, slots=True)
class Prices:
    """Dollars for a million tokens, by model."""

    as_of: str
    usd: Mapping[str, float]

    def cost(self, embedder: str, tokens: int) -> float:
        """Return the dollars for so many tokens; 0 for local models and for servers that have no listed price.

        :param embedder: An embedder's id, such as `openai:text-embedding-3-small@1536`.
        """
        return tokens * self.usd.get(embedder.partition(":")[2].partition("@")[0], 0.0) / 1e6


LISTED = Prices(
    as_of="2026-11-01",
    usd={
        "text-embedding-3-small": 0.02,
        "text-embedding-3-large": 0.13,
        "text-embedding-ada-002": 0.10,
    },
)


def load(file: Path | None) -> Prices:
    """Return the listed prices, with those of a file over them.

    :param file: JSON such as `{"as_of": "2026-12-01", "usd_per_million_tokens": {"my-model": 0.05}}`.
    :raises InvalidInputError: When it is anything else.
    """
    if file is None:
        return LISTED
    try:
        given = json.loads(file.read_text(encoding="utf-8"))
        as_of, usd = given["as_of"], given["usd_per_million_tokens"]
        table = {str(model): float(price) for model, price in usd.items()}
    except OSError as error:
        raise InvalidInputError(f"the prices in {file} cannot be read: {error.strerror}") from error
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise _unlike(file) from error
    if not isinstance(as_of, str) or not all(math.isfinite(price) and price >= 0 for price in table.values()):
        raise _unlike(file)
    return Prices(as_of, {**LISTED.usd, **table})


def _unlike(file: Path) -> InvalidInputError:
    return InvalidInputError(
        f'the prices in {file} should look like {{"as_of": "2026-12-01", "usd_per_million_tokens": {{"MODEL": 0.05}}}}'
    )
