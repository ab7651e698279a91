"""Files become passages, once."""

import csv
import hashlib
import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from ingest.document import Options
from ingest.embed import Budget
from ingest.encoding import decode
from ingest.estimate import estimate
from ingest.readers import READERS
from ingest.report import Report
from ingest.sync import Wish, ingest, sync
from ingest.watch import watch
from search.embedders.base import Embedder, open_embedder
from search.errors import BudgetError, EmbeddingServiceError, InvalidInputError, SourceError
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


def test_files_that_all_fail_leave_no_collection(run: Ingest, store: Store, tmp_path: Path) -> None:
    """There is nothing to search, and nothing that looks so."""
    (tmp_path / "a.txt").write_text("")
    assert run(tmp_path).failed[0].reason == "is empty"
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
    assert report.cached >= 896


def test_a_renamed_file_embeds_nothing(run: Ingest, store: Store, tmp_path: Path) -> None:
    """Its passages follow with new ids, and the old ones are gone."""
    (tmp_path / "old.md").write_text("Rivers carve valleys.")
    run(tmp_path)
    (tmp_path / "old.md").rename(tmp_path / "new.md")
    report = run(tmp_path)
    assert (report.renamed, report.added, report.embedded, report.passages) == (1, 0, 0, 0)
    assert len(store.collection("notes")) == 1
    prefix = hashlib.sha256(str((tmp_path / "new.md").resolve()).encode()).hexdigest()[:16]
    assert store.collection("notes").get(f"{prefix}-0").passage.source == str((tmp_path / "new.md").resolve())


def test_a_moved_folder_embeds_nothing(run: Ingest, tmp_path: Path) -> None:
    """Also where it is named by another path."""
    (tmp_path / "here").mkdir()
    (tmp_path / "here" / "a.md").write_text("Rivers carve valleys.")
    (tmp_path / "here" / "b.md").write_text("Banks lend money.")
    run(tmp_path / "here")
    (tmp_path / "here").rename(tmp_path / "there")
    report = run(tmp_path / "there")
    assert (report.renamed, report.embedded) == (2, 0)


def test_gone_files_leave_only_when_pruned(store: Store, settings: Settings, tmp_path: Path) -> None:
    """And only those under the paths that were named."""
    embedder = open_embedder("local", settings)
    for name in ("in/a.md", "in/b.md", "out/c.md"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(f"text of {name}")
    sync(store, embedder, "notes", Wish([tmp_path]))
    for name in ("in/a.md", "out/c.md"):
        (tmp_path / name).unlink()
    assert sync(store, embedder, "notes", Wish([tmp_path / "in"])).removed == 0
    assert sync(store, embedder, "notes", Wish([tmp_path / "in"], prune=True)).removed == 1
    assert sorted(_texts(store)) == ["text of in/b.md", "text of out/c.md"]


def test_a_folder_that_is_not_there_takes_nothing_along(store: Store, settings: Settings, tmp_path: Path) -> None:
    """It may be on a drive that was taken out; beside another path it is named. A file that was named itself leaves."""
    embedder = open_embedder("local", settings)
    for name in ("drive/notes/a.md", "here/b.md", "c.md"):
        (tmp_path / name).parent.mkdir(exist_ok=True, parents=True)
        (tmp_path / name).write_text(f"text of {name}")
    paths = [tmp_path / "drive" / "notes", tmp_path / "here", tmp_path / "c.md"]
    sync(store, embedder, "notes", Wish(paths))
    (tmp_path / "drive").rename(tmp_path / "away")
    (tmp_path / "c.md").unlink()
    report = sync(store, embedder, "notes", Wish(paths, prune=True))
    assert [(Path(f.source).name, f.reason) for f in report.failed] == [("notes", "there is no such file or folder")]
    assert report.removed == 1
    assert sorted(_texts(store)) == ["text of drive/notes/a.md", "text of here/b.md"]
    with pytest.raises(SourceError, match="no such file or folder"):
        sync(store, embedder, "notes", Wish(paths[:1], prune=True))


def test_a_file_that_became_empty_leaves(run: Ingest, store: Store, tmp_path: Path) -> None:
    """Its old text is not found any more, and the file is named."""
    (tmp_path / "a.md").write_text("old text")
    (tmp_path / "b.md").write_text("other text")
    run(tmp_path)
    (tmp_path / "a.md").write_text("")
    assert run(tmp_path).failed[0].reason == "is empty"
    assert _texts(store) == ["other text"]


def test_a_dry_run_says_what_the_run_then_does(store: Store, settings: Settings, tmp_path: Path) -> None:
    """Counts and tokens are the same, and nothing is written before."""
    embedder = open_embedder("local", settings)
    (tmp_path / "a.txt").write_text("\n".join([f"line {i} about rivers" for i in range(300)] * 2))
    wish = Wish([tmp_path], Options(kind="sentences"))
    expected = estimate(store, embedder, "notes", wish)
    assert store.names() == []
    done = sync(store, embedder, "notes", wish)
    assert (expected.added, expected.passages, expected.new, expected.tokens) == (1, 600, done.embedded, done.tokens)
    assert expected.duplicate == done.cached == 300
    assert expected.seconds is not None
    again = estimate(store, embedder, "notes", wish)
    assert (again.unchanged, again.passages, again.new) == (1, 0, 0)


def test_a_dry_run_times_what_is_on_this_machine(store: Store, settings: Settings, tmp_path: Path) -> None:
    """Any model of it; how fast a service is, nobody can tell."""
    local = open_embedder("local", settings)
    (tmp_path / "a.txt").write_text("some text")
    for name, is_timed in (("hf:other/model", True), ("openai:text-embedding-3-small", False)):
        called = SimpleNamespace(
            id=name,
            dimension=local.dimension,
            max_tokens=local.max_tokens,
            count_tokens=local.count_tokens,
            embed_query=local.embed_query,
            embed_documents=local.embed_documents,
        )
        found = estimate(store, cast("Embedder", called), "notes", Wish([tmp_path]))
        assert (found.seconds is not None) == is_timed


def test_a_dry_run_refuses_what_the_run_would(store: Store, settings: Settings, tmp_path: Path) -> None:
    """A name that no collection may have is told before anything is counted."""
    (tmp_path / "a.txt").write_text("some text")
    with pytest.raises(InvalidInputError, match="cannot be a collection's name"):
        estimate(store, open_embedder("local", settings), "n", Wish([tmp_path]))


def test_texts_over_the_model_s_limit_are_counted(store: Store, settings: Settings, tmp_path: Path) -> None:
    """A line is one passage, however long: what is beyond the limit is not seen."""
    (tmp_path / "a.txt").write_text("short\n" + "long " * 400)
    found = estimate(store, open_embedder("local", settings), "notes", Wish([tmp_path], Options(kind="sentences")))
    assert (found.passages, found.over_limit) == (2, 1)


@pytest.mark.parametrize("budget", [Budget(tokens=5_000), Budget(usd=0.0001)])
def test_a_budget_stops_before_it_is_passed(
    store: Store, openai_settings: Settings, openai_server: OpenAIServer, tmp_path: Path, budget: Budget
) -> None:
    """What was done stays, and a run with more money goes on from there."""
    embedder = open_embedder("openai:text-embedding-3-small@8", openai_settings)
    (tmp_path / "a.txt").write_text("\n".join(f"line {i}" for i in range(3_000)))
    options = Options(kind="sentences")
    with pytest.raises(BudgetError, match="--max-"):
        sync(store, embedder, "notes", Wish([tmp_path], options, budget=budget))
    sent = [text for request in openai_server.requests for text in request.body["input"]]
    assert 0 < len(sent) < 3_000
    report = sync(store, embedder, "notes", Wish([tmp_path], options))
    assert (report.cached, report.embedded) == (len(sent), 3_000 - len(sent))


def _without(word: str) -> Callable[[Any, Any], None]:
    """Refuse every request that has a text with this word."""

    def answer(handler: Any, body: Any) -> None:
        if any(word in text for text in body["input"]):
            handler.answer(400, {"error": {"message": "not this text", "type": "invalid_request_error"}})
        else:
            handler.answer(200, embeddings(body))

    return answer


def test_one_bad_text_is_found_and_named(
    store: Store, openai_settings: Settings, openai_server: OpenAIServer, tmp_path: Path
) -> None:
    """All others are kept; with keep_going the run goes on without it."""
    embedder = open_embedder("openai:text-embedding-3-small@8", openai_settings)
    (tmp_path / "a.txt").write_text("\n".join(f"line {i}" if i != 700 else "poison" for i in range(1_200)))
    openai_server.script(*[_without("poison")] * 100)
    wish = Wish([tmp_path], Options(kind="sentences"))
    with pytest.raises(SourceError, match=r"a.txt: passage 700 cannot be embedded.*--keep-going"):
        sync(store, embedder, "notes", wish)
    report = sync(store, embedder, "notes", replace(wish, keep_going=True))
    assert [f.reason.partition(":")[0] for f in report.failed] == ["passage 700 cannot be embedded"]
    assert len(store.collection("notes")) == 1_199
    assert report.cached >= 895
    # The source's end came in a later window than the text.
    assert list(store.digests(store.collection("notes")).values()) == [None]
    assert (report.added, report.unchanged) == (0, 0)
    openai_server.faults.clear()
    report = sync(store, embedder, "notes", wish)
    assert (report.added, report.embedded, report.failed) == (1, 1, ())
    assert len(store.collection("notes")) == 1_200


def test_what_stood_where_a_bad_text_is_now_goes(
    store: Store, openai_settings: Settings, openai_server: OpenAIServer, tmp_path: Path
) -> None:
    """It would be found, though the file has it no more; and so would what came behind the file's new end."""
    embedder = open_embedder("openai:text-embedding-3-small@8", openai_settings)
    wish = Wish([tmp_path], Options(kind="sentences"), keep_going=True)
    (tmp_path / "a.txt").write_text("first\nsecond\nthird\nfourth\n")
    sync(store, embedder, "notes", wish)
    (tmp_path / "a.txt").write_text("first\npoison\nthird\n")
    openai_server.script(*[_without("poison")] * 20)
    report = sync(store, embedder, "notes", wish)
    assert [failure.reason[:9] for failure in report.failed] == ["passage 1"]
    collection = store.collection("notes")
    numbers = [number for some, _ in collection.blocks() for number in some.tolist()]
    assert sorted(passage.text for passage in collection.read(numbers).values()) == ["first", "third"]


def test_changes_are_taken_in_while_watching(store: Store, settings: Settings, tmp_path: Path) -> None:
    """A new file, a changed one, a renamed one and one that went, each by itself."""
    (tmp_path / "a.md").write_text("Rivers carve valleys.")
    reports: list[Report] = []
    wish = Wish([tmp_path], prune=True)
    rounds = watch(store, open_embedder("local", settings), "notes", wish, reports.append)
    next(rounds)
    steps: list[tuple[Callable[[], object], list[str]]] = [
        (lambda: (tmp_path / "b.md").write_text("Banks lend money."), ["Rivers carve valleys.", "Banks lend money."]),
        (lambda: (tmp_path / "b.md").write_text("Banks fail."), ["Rivers carve valleys.", "Banks fail."]),
        (lambda: (tmp_path / "b.md").rename(tmp_path / "c.md"), ["Rivers carve valleys.", "Banks fail."]),
        ((tmp_path / "c.md").unlink, ["Rivers carve valleys."]),
    ]
    for change, expected in steps:
        before = len(reports)
        change()
        for _ in range(60):
            next(rounds)
            if len(reports) > before and _texts(store) == expected:
                break
        assert _texts(store) == expected
    assert sum(report.embedded for report in reports) == 3


def test_a_folder_that_comes_or_moves_is_taken_in_while_watching(
    store: Store, settings: Settings, tmp_path: Path
) -> None:
    """The system tells of the folder alone, and of nothing in it."""
    watched, deep = tmp_path / "notes", tmp_path / "elsewhere" / "deep"
    watched.mkdir()
    deep.mkdir(parents=True)
    (watched / "a.md").write_text("Rivers carve valleys.")
    (deep / "b.md").write_text("Banks lend money.")
    reports: list[Report] = []
    rounds = watch(store, open_embedder("local", settings), "notes", Wish([watched], prune=True), reports.append)
    next(rounds)
    (tmp_path / "elsewhere").rename(watched / "new")
    for name in ("new", "newer"):
        for _ in range(60):
            if len(_texts(store)) == 2 and any(f"/{name}/" in one for one in store.digests(store.collection("notes"))):
                break
            next(rounds)
        assert sorted(_texts(store)) == ["Banks lend money.", "Rivers carve valleys."]
        if name == "new":
            (watched / "new").rename(watched / "newer")
    assert sum(report.embedded for report in reports) == 2


def test_how_far_it_is_is_told_soon(store: Store, settings: Settings, tmp_path: Path) -> None:
    """The first windows are small, so that a folder of notes is not silent until all of it is done."""
    (tmp_path / "terms.txt").write_text("\n".join(f"term {i}" for i in range(1_000)))
    told: list[tuple[int, int]] = []
    embedder = open_embedder("local", settings)
    ingest(store, embedder, "notes", [tmp_path], "words", lambda p: told.append((p.passages, p.sources)))
    assert told == [(128, 0), (384, 0), (896, 0), (1_000, 1)]


def test_a_file_that_moves_to_where_another_was_broken_off_is_taken_in(
    run: Ingest, store: Store, tmp_path: Path
) -> None:
    """Of the other there is a part under that name."""
    (tmp_path / "a.md").write_text("Rivers carve valleys.")
    (tmp_path / "b.md").write_text("Banks lend money.")
    run(tmp_path)
    store.begin_source(store.collection("notes"), str(tmp_path / "b.md"))
    (tmp_path / "a.md").rename(tmp_path / "b.md")
    report = run(tmp_path)
    assert (report.added, report.renamed, report.embedded) == (1, 0, 0)
    assert store.digests(store.collection("notes"))[str(tmp_path / "b.md")] is not None
    assert _texts(store) == ["Rivers carve valleys."] * 2


def test_watching_says_what_cannot_be_embedded_and_goes_on(
    store: Store, openai_settings: Settings, openai_server: OpenAIServer, tmp_path: Path
) -> None:
    """It is named when it comes, and taken in when it is mended."""
    embedder = open_embedder("openai:text-embedding-3-small@8", openai_settings)
    (tmp_path / "a.txt").write_text("line")
    openai_server.script(*[_without("poison")] * 100)
    reports: list[Report] = []
    rounds = watch(store, embedder, "notes", Wish([tmp_path], Options(kind="sentences")), reports.append)
    next(rounds)
    for text, failed in (("poison", 1), ("mended", 0)):
        before = len(reports)
        (tmp_path / "b.txt").write_text(text)
        for _ in range(60):
            next(rounds)
            if len(reports) > before:
                break
        assert len(reports[-1].failed) == failed
    assert "cannot be embedded" in reports[-2].failed[0].reason
    assert sorted(_texts(store)) == ["line", "mended"]


def test_a_reader_that_fails_fails_one_file(
    run: Ingest, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever nobody thought of, the others go in."""
    (tmp_path / "a.md").write_text("Rivers carve valleys.")
    (tmp_path / "b.html").write_text("<p>Banks lend money.</p>")
    monkeypatch.setitem(READERS.rows, ".html", "tests.ingest.test_sync:failing")
    report = run(tmp_path)
    assert [failure.reason for failure in report.failed] == ["cannot be read (ZeroDivisionError: of a kind)"]
    assert _texts(store) == ["Rivers carve valleys."]


def failing(*_: object) -> Iterator[object]:
    """Read as a reader with a fault of its own."""
    raise ZeroDivisionError("of a kind")
