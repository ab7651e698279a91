"""A ledger of an older version is brought up, and loses nothing."""

import sqlite3
from pathlib import Path

import numpy as np

from search.store.ledger import Ledger, Record
from search.types import Passage

VERSION_1 = """
CREATE TABLE collections (
    number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, embedder TEXT NOT NULL, dimension INTEGER NOT NULL,
    index_name TEXT NOT NULL UNIQUE, tokens INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE sources (
    number INTEGER PRIMARY KEY, collection INTEGER NOT NULL REFERENCES collections ON DELETE CASCADE,
    name TEXT NOT NULL, digest TEXT, UNIQUE (collection, name)
);
CREATE TABLE vectors (number INTEGER PRIMARY KEY, key BLOB NOT NULL UNIQUE, vector BLOB NOT NULL);
CREATE TABLE passages (
    number INTEGER PRIMARY KEY, collection INTEGER NOT NULL REFERENCES collections ON DELETE CASCADE,
    source INTEGER NOT NULL REFERENCES sources ON DELETE CASCADE, position INTEGER NOT NULL, id TEXT NOT NULL,
    text TEXT NOT NULL, start INTEGER NOT NULL, stop INTEGER NOT NULL, metadata TEXT NOT NULL,
    vector INTEGER NOT NULL REFERENCES vectors, indexed INTEGER NOT NULL DEFAULT 0, UNIQUE (collection, id)
);
CREATE INDEX passages_of_source ON passages (source, position);
CREATE INDEX passages_pending ON passages (collection) WHERE indexed = 0;
CREATE INDEX passages_by_vector ON passages (vector);
CREATE TABLE removed (
    collection INTEGER NOT NULL REFERENCES collections ON DELETE CASCADE, id TEXT NOT NULL, PRIMARY KEY (collection, id)
);
CREATE TABLE dropped (index_name TEXT PRIMARY KEY);
CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL);
PRAGMA user_version = 1;
INSERT INTO collections VALUES (1, 'old', 'test:2', 2, 'old', 7);
INSERT INTO sources VALUES (1, 1, '/a.txt', 'digest');
INSERT INTO vectors VALUES (1, x'00', x'0000803F00000000');
INSERT INTO passages VALUES (1, 1, 1, 0, 'a-0', 'old text', 0, 8, '{}', 1, 1);
"""


def _old(folder: Path) -> Ledger:
    with sqlite3.connect(folder / "ledger.sqlite") as db:
        db.executescript(VERSION_1)
    db.close()
    return Ledger(folder / "ledger.sqlite")


def test_what_an_older_version_kept_is_there(tmp_path: Path) -> None:
    """With what it had no place for at nothing."""
    ledger = _old(tmp_path)
    (row,) = ledger.collections()
    assert (row.name, row.tokens, row.cost_usd) == ("old", 7, 0)
    assert [text for _, text in ledger.texts(1)] == ["old text"]
    ledger.close()


def test_the_version_grows_with_every_change_of_a_passage(tmp_path: Path) -> None:
    """Coming, changing and going count; being indexed does not."""
    ledger = _old(tmp_path)
    versions = [ledger.collections()[0].version]
    row = {b"k": np.array([0, 1], dtype="<f4").tobytes()}
    for text in ("new", "newer"):
        ledger.put(1, [Record(Passage("a-1", "/a.txt", 1, text, 9, 10), b"k")], row, 1, 0.25)
        versions.append(ledger.collections()[0].version)
    with ledger.transaction() as db:
        db.execute("UPDATE passages SET indexed = 1")
    assert ledger.collections()[0].version == versions[-1]
    with ledger.transaction() as db:
        db.execute("DELETE FROM passages WHERE id = 'a-1'")
    versions.append(ledger.collections()[0].version)
    assert versions == sorted(set(versions))
    assert ledger.collections()[0].cost_usd == 0.5
    ledger.close()
