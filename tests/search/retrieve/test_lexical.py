"""BM25 over a collection: level with it, kept on disk, and gone with it."""

from collections.abc import Sequence
from pathlib import Path

import bm25s
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.document import Options
from ingest.sync import Wish, sync
from search.retrieve.lexical import lexical
from search.service import Service
from search.settings import Settings
from search.store.purge import purge


def _take_in(settings: Settings, folder: Path, *lines: str) -> None:
    with Service(settings, "test") as service:
        _bring(service, folder, lines)


def _bring(service: Service, folder: Path, lines: Sequence[str]) -> None:
    file = folder / "lines.txt"
    file.write_text("\n".join(lines))
    sync(service.store, service.embedder, "lines", Wish([file], Options(kind="sentences")))


def _scores(settings: Settings, query: str) -> list[float]:
    # Opened anew, it remembers nothing but what is on disk.
    with Service(settings, "test") as service:
        return _scored(service, query)


def _scored(service: Service, query: str) -> list[float]:
    return [round(float(s), 3) for s in lexical(service.store.collection("lines")).scores(query)]


def test_stems_count_and_stop_words_do_not(settings: Settings, tmp_path: Path) -> None:
    """'runners' meets 'running', and 'the' meets nothing."""
    _take_in(settings, tmp_path, "running is healthy", "the sea", "the mountain")
    first, sea, mountain = _scores(settings, "the run")
    assert first > 0
    assert sea == mountain == 0


def test_a_query_without_known_words_scores_nothing(settings: Settings, tmp_path: Path) -> None:
    """Neither does one whose words no passage has."""
    _take_in(settings, tmp_path, "the sea", "a mountain")
    assert _scores(settings, "zebra") == _scores(settings, "!?") == [0, 0]


def test_passages_without_words_are_no_obstacle(settings: Settings, tmp_path: Path) -> None:
    """A collection of nothing but signs has an index, too."""
    _take_in(settings, tmp_path, "+", "= = =")
    assert _scores(settings, "sea") == [0, 0]


def test_the_index_is_level_after_every_change(settings: Settings, tmp_path: Path) -> None:
    """What was added is found, and what was removed is not."""
    _take_in(settings, tmp_path, "the sea", "a mountain")
    assert len(_scores(settings, "forest")) == 2
    _take_in(settings, tmp_path, "the sea", "a mountain", "a forest")
    assert _scores(settings, "forest")[2] > 0
    _take_in(settings, tmp_path, "the sea", "a mountain")
    assert _scores(settings, "forest") == [0, 0]


def test_the_index_is_kept_on_disk(settings: Settings, tmp_path: Path) -> None:
    """It is read and not made again, until the collection changes, or a byte of it."""
    _take_in(settings, tmp_path, "the sea", "a mountain")
    expected = _scores(settings, "sea")
    with Service(settings, "test") as service:
        folder = service.store.collection("lines").derived.words
    stamp = (folder / "facts.json").stat().st_mtime_ns
    assert _scores(settings, "sea") == expected
    assert (folder / "facts.json").stat().st_mtime_ns == stamp
    for file in folder.iterdir():
        whole = file.read_bytes()
        file.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
        assert _scores(settings, "sea") == expected
        file.write_bytes(whole[: len(whole) // 2])
        assert _scores(settings, "sea") == expected


def _oracle(texts: Sequence[str], query: str) -> list[float]:
    """Return what bm25s makes of texts whose words are all taken as they are."""
    index = bm25s.BM25()
    index.index([text.split() for text in texts], show_progress=False)
    known = [word for word in query.split() if word in index.vocab_dict]
    return [round(float(score), 3) for score in index.get_scores(known)] if known else [0.0] * len(texts)


WORDS = ("amber", "brick", "cobalt", "drum", "fern", "glass", "harp")
LINES = st.lists(st.lists(st.sampled_from(WORDS), min_size=1, max_size=6).map(" ".join), min_size=1, max_size=12)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ages=st.lists(LINES, min_size=1, max_size=4))
def test_what_comes_and_goes_leaves_the_scores_of_an_index_made_anew(
    settings: Settings, tmp_path: Path, ages: list[list[str]]
) -> None:
    """Whatever was there before; and they are bm25s' scores."""
    query = "amber glass drum glass"
    with Service(settings, "test") as service:
        for lines in ages:
            _bring(service, tmp_path, lines)
            texts = [text for _, text in service.store.collection("lines").texts()]
            assert _scored(service, query) == pytest.approx(_oracle(texts, query), abs=0.002)


def test_purging_takes_the_words_with_it(settings: Settings, tmp_path: Path) -> None:
    """No file of the data folder has them any more."""
    _take_in(settings, tmp_path, "the xylophone plays", "a mountain")
    assert _scores(settings, "xylophone")[0] > 0
    with Service(settings, "test") as service:
        purge(service.store, str(tmp_path / "lines.txt"))
    assert not [path for path in settings.data.rglob("*") if path.is_file() and b"xylophon" in path.read_bytes()]


def test_dropping_a_collection_drops_its_index(settings: Settings, tmp_path: Path) -> None:
    """A new one of the same name starts from nothing."""
    _take_in(settings, tmp_path, "the sea")
    _scores(settings, "sea")
    with Service(settings, "test") as service:
        folder = service.store.collection("lines").derived.words
        service.store.drop("lines")
    assert not folder.exists()
    _take_in(settings, tmp_path, "a mountain")
    assert _scores(settings, "sea") == [0]


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("caf\u00e9", "the cafe\u0301 by the river"),
        ("हिन्दी", "यह हिन्दी है"),
        ("通膨", "中央銀行對抗通膨"),
        ("ドル", "円とドルの為替"),
        ("שָׁלוֹם", "שָׁלוֹם לך"),
    ],
)
def test_words_of_other_scripts_are_words(settings: Settings, tmp_path: Path, query: str, text: str) -> None:
    """Accents in either way of writing them, vowels that are marks, and signs without a space between."""
    _take_in(settings, tmp_path, text, "a mountain", "الجبل")
    found, *others = _scores(settings, query)
    assert found > 0
    assert others == [0, 0]
