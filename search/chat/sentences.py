"""Cuts a passage into sentences that can be quoted: whole ones, in any script."""

import re

_SENTENCE = re.compile(
    r"\S.*?(?:[.!?…]+[\"'”’)\]]*(?=\s|$)|[。！？]+[\"'”’」』）]*|\n\s*\n|(?=\n\s*[-*#>|])|$)", re.DOTALL
)
_ABBREVIATED = re.compile(
    r"^\d{1,3}[.)]$|(?:^|[\s(\"'“‘\[])"
    r"(?:[^\W\d_]|(?:[^\W\d_]\.)+[^\W\d_]|Mr|Mrs|Ms|Dr|St|Sr|Jr|Rev|Hon|Prof|Gen|Col|Capt|Lt|Sgt|Gov|Sen|Rep|Ph\.D"
    r"|No|Nos|Fig|Figs|Eq|Sec|Ch|Vol|Art|pp|ca|cf|vs|viz|approx|al|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec"
    r"|bzw|usw|ca|Nr|Hr|Fr|Abs|vgl|Mme|Mlle|núm|Sra)\.$"
)
"""The end of a text whose full stop belongs to its last word, most often: 'Rev.', 'J.', 'U.S.', 'e.g.'."""
_BLOCK = re.compile(r"\n\s*(?:\n|[-*#>|])")


def sentences(text: str) -> list[tuple[int, int]]:
    """Return where the sentences of a text begin and end; a heading, a list item or a table row is one, too."""
    spans: list[tuple[int, int]] = []
    for match in _SENTENCE.finditer(text):
        start, end = match.start(), match.start() + len(match.group().rstrip())
        if start == end:
            continue
        if spans and _is_one(text, spans[-1], start):
            spans[-1] = spans[-1][0], end
        else:
            spans.append((start, end))
    return spans


def _is_one(text: str, before: tuple[int, int], start: int) -> bool:
    """Whether what was cut in two is one sentence: an abbreviation before the cut, or a small letter behind it."""
    first, end = before
    if _BLOCK.search(text, end, start + 1):
        return False
    # Small letters go on with a sentence that began with a capital; some people write without any.
    return bool(_ABBREVIATED.search(text[first:end]) or (text[first].isupper() and text[start].islower()))
