"""How long a text is where no spaces say it."""

import pytest

from search.signs import length


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", 0),
        ("the rate of interest", 4),
        ("光合作用", 2),
        ("サンフランシスコ", 2),
        ("Chroma 向量 store", 3),
        ("今天银行提高了利率", 4.5),
    ],
)
def test_a_text_has_about_so_many_words(text: str, words: float) -> None:
    """Two Chinese characters or four of kana are about one word; what stands between spaces is one."""
    assert length(text) == words
