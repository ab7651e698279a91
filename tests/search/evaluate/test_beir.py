"""A folder is read as it stands, or refused in one line that says where."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from search.errors import SourceError
from search.evaluate.beir import MOST_RELEVANT, read
from tests.search.evaluate.folders import DOCUMENTS, QUERIES, write


def test_a_folder_is_read(tmp_path: Path) -> None:
    """Title and text are one; queries without an answer and documents without a text are known as such."""
    found = read(write(tmp_path / "tiny"))
    assert found.name == "tiny"
    assert found.documents[0].text == "The grey heron It stands in shallow water and waits for fish."
    assert [document.id for document in found.documents if not document.text] == ["void"]
    assert [query.id for query in found.queries] == ["1", "2", "3"]
    assert found.relevant == {"1": {"heron": 2, "otter": 1}, "2": {"bread": 1}, "3": {"loan": 1}}
    assert found.unjudged == 1


def test_a_query_brings_its_conversation(tmp_path: Path) -> None:
    """History, rewrite and whether there is an answer at all."""
    history = [{"role": "user", "content": "tell me of otters"}, {"role": "assistant", "content": "They swim."}]
    more = {"history": history, "rewrite": "what do otters eat", "answerable": True}
    query = read(write(tmp_path / "f", queries=[QUERIES[0] | more, *QUERIES[1:]])).queries[0]
    assert [(turn.role, turn.content) for turn in query.history] == [tuple(turn.values()) for turn in history]
    assert (query.rewrite, query.answerable) == ("what do otters eat", True)


def test_files_may_come_from_anywhere(tmp_path: Path) -> None:
    """With a byte order mark, Windows' line ends, empty lines, numbers as ids, and scores with a point."""
    folder = write(tmp_path / "f", [{"_id": 7, "text": "seven"}], [{"_id": 1, "text": "number"}], [("1", "7", "1.0")])
    for file in folder.rglob("*.*"):
        if file.is_file():
            file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes().replace(b"\n", b"\r\n\r\n"))
    assert read(folder).relevant == {"1": {"7": 1}}


Spoil = Callable[[Path], object]


def _line(name: str, value: object) -> Spoil:
    text = value if isinstance(value, str) else json.dumps(value)

    def add(folder: Path) -> None:
        file = folder / name
        file.write_text(file.read_text() + f"{text}\n")

    return add


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda folder: (folder / "corpus.jsonl").unlink(), "corpus.jsonl: cannot be read"),
        (lambda folder: (folder / "queries.jsonl").unlink(), "queries.jsonl: cannot be read"),
        (lambda folder: (folder / "qrels/test.tsv").unlink(), "test.tsv: cannot be read"),
        (lambda folder: (folder / "corpus.jsonl").write_bytes(b"{\xff}"), "is not UTF-8"),
        (lambda folder: (folder / "corpus.jsonl").write_text(""), "line 2 names 'heron', which corpus.jsonl"),
        (lambda folder: (folder / "qrels/test.tsv").write_text(""), "no query has a relevant document"),
        (lambda folder: (folder / "qrels/test.tsv").write_text("1\theron\t1\n"), "line 1 should be the header"),
        (_line("corpus.jsonl", '{"_id": "x", '), "corpus.jsonl: line 6 is not JSON"),
        (_line("corpus.jsonl", "[" * 100_000), "line 6 is not JSON"),
        (_line("corpus.jsonl", [1]), "line 6 is no JSON object"),
        (_line("corpus.jsonl", {"text": "no id"}), "line 6 has no '_id'"),
        (_line("corpus.jsonl", {"_id": True, "text": "x"}), "line 6 has no '_id'"),
        (_line("corpus.jsonl", {"_id": "heron", "text": "x"}), "line 6 has the _id 'heron' of line 1"),
        (_line("corpus.jsonl", {"_id": "x", "text": 5}), "line 6 has a 'text' that is no text"),
        (_line("corpus.jsonl", {"_id": "x", "text": "\ud800"}), "line 6 has half a character"),
        (_line("queries.jsonl", {"_id": "x", "text": " "}), "queries.jsonl: line 5 has no text"),
        (_line("queries.jsonl", {"_id": "x", "text": "y", "history": "z"}), "line 5 has a 'history' that is no list"),
        (_line("queries.jsonl", {"_id": "x", "text": "y", "history": [{"role": "user"}]}), "not all"),
        (_line("queries.jsonl", {"_id": "x", "text": "y", "answerable": "no"}), "neither true nor false"),
        (_line("qrels/test.tsv", "nobody\theron\t1"), "test.tsv: line 8 names 'nobody', which queries.jsonl"),
        (_line("qrels/test.tsv", "1\tnothing\t1"), "line 8 names 'nothing', which corpus.jsonl does not have"),
        (_line("qrels/test.tsv", "1\theron"), "line 8 should be query-id"),
        (_line("qrels/test.tsv", "1\theron\tnan"), "line 8 has the score 'nan'"),
        (_line("qrels/test.tsv", "1\theron\t0.5"), "line 8 has the score '0.5'"),
        (_line("qrels/test.tsv", f"1\theron\t{MOST_RELEVANT + 1}"), "at most 1,000"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, spoil: Spoil, says: str) -> None:
    """File and line, and nothing else."""
    folder = write(tmp_path / "f")
    spoil(folder)
    with pytest.raises(SourceError) as refused:
        read(folder)
    assert says in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("documents", "judgements", "says"),
    [
        ([{"_id": "heron", "text": ""}], [("1", "heron", 1)], "no document has a text"),
        (DOCUMENTS, [("1", "heron", 0), ("2", "bread", -1)], "no query has a relevant document"),
    ],
)
def test_nothing_to_judge_is_said(tmp_path: Path, documents: Any, judgements: Any, says: str) -> None:
    """Rather than zeros printed."""
    with pytest.raises(SourceError, match=says):
        read(write(tmp_path / "f", documents, QUERIES, judgements))
