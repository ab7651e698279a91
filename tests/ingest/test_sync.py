"""Files become passages, once."""

import csv
import hashlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ingest.encoding import decode
from ingest.sync import Report, ingest
from search.embedders.base import open_embedder
from search.errors import EmbeddingServiceError, SourceError
from search.settings import Settings
from search.store.store import Store
from tests.openai_server import OpenAIServer, embeddings, status

Ingest = Callable[..., Report]


@pytest.fixture
def store(settings: Settings) -> Iterator[Store]:
    """An empty store."""
    with Store(settings.data, settings.exact_bytes, "test") as store:
        yield store


@pytest.fixture
def run(store: Store, settings: Settings) -> Ingest:
    """Ingest into the collection `notes` with the local model."""
    embedder = open_embedder("local", settings)
    return lambda *paths, kind=None: ingest(store, embedder, "notes", paths, kind)


def _texts(store: Store) -> list[str]:
    collection = store.collection("notes")
    numbers = [n for block, _ in collection.blocks() for n in block.tolist()]
    return [p.text for p in collection.read(numbers).values()]


def test_word_lists_are_a_term_a_line(run: Ingest, store: Store, tmp_path: Path) -> None:
    """Blank lines and spaces around a term are left out."""
    words = tmp_path / "words.txt"
    words.write_text("river\n\n  bank  \r\nmoney")
    assert run(words, kind="words").passages == 3
    assert _texts(store) == ["river", "bank", "money"]


def test_a_csv_gives_its_first_column(run: Ingest, store: Store, tmp_path: Path) -> None:
    """Quoted cells are read as CSV has them."""
    with (tmp_path / "terms.csv").open("w", newline="") as file:
        csv.writer(file).writerows([["ice cream", 1], ['the "bank", old', 2]])
    run(tmp_path / "terms.csv")
    assert _texts(store) == ["ice cream", 'the "bank", old']


def test_notes_are_exact_slices_within_the_model_s_limit(
    run: Ingest, store: Store, tmp_path: Path, settings: Settings
) -> None:
    """Every passage is its source's text from start to end, and nothing is cut off in embedding."""
    note = tmp_path / "note.md"
    note.write_text(
        "# Café ☕\n\n" + "\n\n".join(f"## Part {i}\n\n" + "Sentence ünïcode 😀 here. " * 60 for i in range(5))
    )
    run(tmp_path)
    embedder = open_embedder("local", settings)
    collection = store.collection("notes")
    passages = list(collection.read([n for b, _ in collection.blocks() for n in b.tolist()]).values())
    assert len(passages) > 10
    for p in passages:
        assert note.read_text()[p.start : p.end] == p.text
        assert embedder.count_tokens(p.text) <= embedder.max_tokens


def test_a_second_run_embeds_nothing(run: Ingest, tmp_path: Path) -> None:
    """Unchanged files are left alone."""
    (tmp_path / "a.md").write_text("Rivers carve valleys.")
    assert run(tmp_path).added == 1
    second = run(tmp_path)
    assert (second.added, second.unchanged, second.embedded, second.passages) == (0, 1, 0, 0)


def test_a_changed_file_embeds_what_changed(run: Ingest, store: Store, tmp_path: Path) -> None:
    """Lines that stay have their vectors already; lines that went are gone."""
    file = tmp_path / "sentences.txt"
    file.write_text("One is here.\nTwo is here.\nThree is here.")
    run(file, kind="sentences")
    file.write_text("One is here.\nFour is here.")
    report = run(file, kind="sentences")
    assert (report.changed, report.embedded, report.cached) == (1, 1, 1)
    assert _texts(store) == ["One is here.", "Four is here."]


def test_equal_texts_are_embedded_once(run: Ingest, store: Store, tmp_path: Path) -> None:
    """They stay two passages that share a vector."""
    (tmp_path / "a.txt").write_text("same words\nsame words")
    report = run(tmp_path / "a.txt", kind="sentences")
    assert (report.passages, report.embedded, report.cached) == (2, 1, 1)
    assert store.collection("notes").info().vectors == 1


def test_ids_come_from_source_and_position(run: Ingest, store: Store, tmp_path: Path) -> None:
    """The same file has the same ids in any run and any store."""
    (tmp_path / "a.txt").write_text("one\ntwo")
    run(tmp_path / "a.txt", kind="words")
    prefix = hashlib.sha256(str((tmp_path / "a.txt").resolve()).encode()).hexdigest()[:16]
    assert store.collection("notes").get(f"{prefix}-1").passage.text == "two"


def test_folders_are_walked_past_what_is_hidden(run: Ingest, tmp_path: Path) -> None:
    """Hidden files and folders and loops of links are passed over, files without a reader too."""
    for name in ("a.md", "deep/b.txt", ".hidden/c.md", "node_modules/d.md", "picture.png"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(f"text of {name}")
    (tmp_path / "deep" / "loop").symlink_to(tmp_path)
    report = run(tmp_path)
    assert (report.added, report.failed) == (2, ())


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "is empty"),
        (b" \n\n", "is empty"),
        (b"\x00\x01\x02\xff" * 50, "is not text"),
        (b"\xff\xfe\x00", "is not text"),
    ],
)
def test_bad_files_are_named_and_the_rest_goes_in(run: Ingest, tmp_path: Path, content: bytes, reason: str) -> None:
    """One line for each file, and no other file suffers."""
    (tmp_path / "bad.txt").write_bytes(content)
    (tmp_path / "good.txt").write_text("good text")
    report = run(tmp_path)
    assert [(Path(f.source).name, f.reason) for f in report.failed] == [("bad.txt", reason)]
    assert report.added == 1


@pytest.mark.skipif(os.getuid() == 0, reason="root may read everything")
def test_an_unreadable_file_is_named(run: Ingest, tmp_path: Path) -> None:
    """Missing rights are a reason, not a crash."""
    (tmp_path / "secret.txt").write_text("x")
    (tmp_path / "secret.txt").chmod(0)
    assert "cannot be read" in run(tmp_path).failed[0].reason


def test_encodings_are_found(run: Ingest, store: Store, tmp_path: Path) -> None:
    """A byte order mark decides, then UTF-8, then what the bytes look like."""
    text = "Les élèves étudient près de la forêt, où l'été a été très chaud."
    (tmp_path / "a.txt").write_bytes(text.encode("utf-16"))
    (tmp_path / "b.txt").write_bytes(text.encode("utf-8-sig"))
    (tmp_path / "c.txt").write_bytes(text.encode("cp1252"))
    assert run(tmp_path).failed == ()
    assert set(_texts(store)) == {text}


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("It cost £15.8m, and the club has been paying for it ever since that summer.", "cp1252"),
        ("Příliš žluťoučký kůň. Město leží na řece a jeho obyvatelé chodí rádi do lesa na houby.", "cp1250"),
        ("Русский текст о том, как вода течёт к морю.", "cp1251"),
        ("日本語の文章です。川は海に流れます。", "shift_jis"),
    ],
)
def test_old_encodings_are_recognised(text: str, encoding: str) -> None:
    """Without a mark, the bytes have to tell."""
    assert decode(text.encode(encoding)) == text


def test_a_path_without_files_is_an_error(run: Ingest, store: Store, tmp_path: Path) -> None:
    """Nothing is made for it, not even the collection."""
    with pytest.raises(SourceError, match="no such file"):
        run(tmp_path / "missing")
    with pytest.raises(SourceError, match="no file that can be read"):
        run(tmp_path)
    assert store.names() == []


def test_one_missing_path_among_others_is_reported(run: Ingest, tmp_path: Path) -> None:
    """The others are taken in."""
    (tmp_path / "a.md").write_text("text")
    report = run(tmp_path / "a.md", tmp_path / "missing.md")
    assert report.added == 1
    assert "no such file" in report.failed[0].reason


def test_what_was_embedded_before_a_failure_is_kept(
    store: Store, openai_settings: Settings, openai_server: OpenAIServer, tmp_path: Path
) -> None:
    """A run that an embedding service breaks off resumes where it stood, and embeds nothing twice."""
    embedder = open_embedder("openai:text-embedding-3-small@8", openai_settings)
    (tmp_path / "a.txt").write_text("\n".join(f"line {i}" for i in range(1_500)))
    well = lambda handler, body: handler.answer(200, embeddings(body))  # noqa: E731
    openai_server.script(well, well, well, well, status(401))
    with pytest.raises(EmbeddingServiceError):
        ingest(store, embedder, "notes", [tmp_path / "a.txt"], "sentences")
    report = ingest(store, embedder, "notes", [tmp_path / "a.txt"], "sentences")
    assert (report.added, report.passages) == (1, 1_500)
    assert report.embedded + report.cached == 1_500
    assert report.cached >= 1_024
