"""What providers ask for embedding."""

AS_OF = "2026-11-01"
USD_PER_MILLION_TOKENS = {
    "text-embedding-3-small": 0.02,
    "text-embedding-3-large": 0.13,
    "text-embedding-ada-002": 0.10,
}


def price(embedder: str, tokens: int) -> float:
    """Return the dollars for so many tokens; 0 for local models and for servers that have no listed price.

    :param embedder: An embedder's id, such as `openai:text-embedding-3-small@1536`.
    """
    model = embedder.partition(":")[2].partition("@")[0]
    return tokens * USD_PER_MILLION_TOKENS.get(model, 0.0) / 1e6
