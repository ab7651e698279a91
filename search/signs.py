"""Scripts without spaces between words: Chinese and Japanese."""

import re

KANA = "\u3040-\u30ff"
HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f"
_KANA, _HAN = re.compile(f"[{KANA}]"), re.compile(f"[{HAN}]")
_SIGN = re.compile(f"[{KANA}{HAN}]+")
_WORD_OF_KANA, _WORD_OF_HAN = 4, 2
"""Signs of a word, roughly."""


def length(text: str) -> float:
    """Return how many words a text has, roughly where no spaces say."""
    spaced = len(_SIGN.sub(" ", text).split())
    return spaced + len(_KANA.findall(text)) / _WORD_OF_KANA + len(_HAN.findall(text)) / _WORD_OF_HAN
