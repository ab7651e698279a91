"""Tokens as HTML: a chip each, with its text over its id."""

import re
from collections.abc import Sequence
from html import escape

from search.prices import Prices
from search.tokens import Token, Tokens

MOST_CHIPS = 2_000
"""More would only slow the page down."""
_BYTES = re.compile(r"(?:\\x[0-9a-f]{2})+")
_VISIBLE = {" ": "·", "\n": "↵", "\t": "→", "\r": "␍", "\u00a0": "⍽"}


def chips(found: Tokens, text: str) -> str:
    """Return the tokens of a text."""
    shown = "".join(_chip(token, text) for token in found.tokens[:MOST_CHIPS])
    left = found.count - MOST_CHIPS
    rest = f'<p class="nh-note">and {left:,} more</p>' if left > 0 else ""
    return f'{_summary(found, text)}<ol class="nh-tokens" aria-label="Tokens">{shown}</ol>{rest}'


def side_by_side(found: Sequence[Tokens], prices: Prices) -> str:
    """Return what the same text is to several models, and what embedding it would cost."""
    rows = "".join(_model(tokens, prices) for tokens in found)
    heads = "".join(f'<th scope="col">{head}</th>' for head in ("Model", "Tokens", "Vocabulary", "Price"))
    return (
        f'<table class="nh-numbers nh-models"><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>'
        f'<p class="nh-how">Prices as of {escape(prices.as_of)}, for embedding this text once.</p>'
    )


def _model(tokens: Tokens, prices: Prices) -> str:
    usd = prices.usd.get(tokens.model)
    local = "free" if tokens.model.startswith("all-MiniLM") else "not an embedder"
    price = local if usd is None else _usd(tokens.count * usd / 1e6)
    return (
        f'<tr><th scope="row">{escape(tokens.model)}</th><td>{tokens.count:,}</td><td>{tokens.vocabulary:,}</td>'
        f"<td>{price}</td></tr>"
    )


def _summary(found: Tokens, text: str) -> str:
    many = "token" if found.count == 1 else "tokens"
    per = f"{len(text) / found.count:.1f} characters each" if found.count else ""
    facts = " · ".join(filter(None, (per, found.encoding, f"vocabulary of {found.vocabulary:,}")))
    return (
        f'<p class="nh-lead" role="status"><b>{found.count:,}</b> {many} for {len(text):,} characters</p>'
        f'<p class="nh-how">{escape(facts)}</p>'
    )


def _chip(token: Token, text: str) -> str:
    kind = ""
    if token.text in text:
        shown = "".join(_character(c) for c in token.text)
    elif _BYTES.search(token.text):
        # Part of a character: its bytes, as they are in UTF-8.
        kind, shown = " nh-bytes", escape(token.text.replace("\\x", " ").strip())
    else:
        kind, shown = " nh-special", escape(token.text)
    return f'<li class="nh-token{kind}"><span>{shown or "∅"}</span><i>{token.id}</i></li>'


def _character(character: str) -> str:
    if character in _VISIBLE:
        return f"<s>{_VISIBLE[character]}</s>"
    return escape(character)


def _usd(price: float) -> str:
    """Return a price to the ten-millionth; what is less, and still something, says so."""
    return "under $0.0000001" if 0 < price < 1e-7 else f"${price:.7f}"  # noqa: PLR2004 - the least that is shown
