"""The ledger's tables."""

SCHEMA_VERSION = 4
SCHEMA = """
CREATE TABLE collections (
    number INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    embedder TEXT NOT NULL,
    dimension INTEGER NOT NULL,
    index_name TEXT NOT NULL UNIQUE,
    tokens INTEGER NOT NULL DEFAULT 0,
    cost_usd REAL NOT NULL DEFAULT 0,
    version INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE sources (
    number INTEGER PRIMARY KEY,
    collection INTEGER NOT NULL REFERENCES collections ON DELETE CASCADE,
    name TEXT NOT NULL,
    digest TEXT,
    UNIQUE (collection, name)
);
CREATE TABLE vectors (
    number INTEGER PRIMARY KEY,
    key BLOB NOT NULL UNIQUE,
    vector BLOB NOT NULL
);
CREATE TABLE passages (
    number INTEGER PRIMARY KEY,
    collection INTEGER NOT NULL REFERENCES collections ON DELETE CASCADE,
    source INTEGER NOT NULL REFERENCES sources ON DELETE CASCADE,
    position INTEGER NOT NULL,
    id TEXT NOT NULL,
    text TEXT NOT NULL,
    start INTEGER NOT NULL,
    stop INTEGER NOT NULL,
    metadata TEXT NOT NULL,
    vector INTEGER NOT NULL REFERENCES vectors,
    indexed INTEGER NOT NULL DEFAULT 0,
    UNIQUE (collection, id)
);
CREATE INDEX passages_of_source ON passages (source, position);
CREATE INDEX passages_pending ON passages (collection) WHERE indexed = 0;
CREATE INDEX passages_by_vector ON passages (vector);
CREATE TABLE removed (
    collection INTEGER NOT NULL REFERENCES collections ON DELETE CASCADE,
    id TEXT NOT NULL,
    PRIMARY KEY (collection, id)
);
CREATE TABLE dropped (index_name TEXT PRIMARY KEY);
CREATE TABLE parts (index_name TEXT PRIMARY KEY, of TEXT NOT NULL, first INTEGER NOT NULL);
CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL);
"""
TRIGGERS = """
CREATE TRIGGER passage_came AFTER INSERT ON passages
    BEGIN UPDATE collections SET version = version + 1 WHERE number = NEW.collection; END;
CREATE TRIGGER passage_went AFTER DELETE ON passages
    BEGIN UPDATE collections SET version = version + 1 WHERE number = OLD.collection; END;
CREATE TRIGGER passage_changed AFTER UPDATE OF id, text, start, stop, metadata, vector ON passages
    BEGIN UPDATE collections SET version = version + 1 WHERE number = NEW.collection; END;
"""
"""A collection's version grows with every change of what it holds, so that what follows from it knows its age."""
CONVERSATIONS = """
CREATE TABLE conversations (
    number INTEGER PRIMARY KEY,
    collection INTEGER NOT NULL REFERENCES collections ON DELETE CASCADE,
    title TEXT NOT NULL,
    changed TEXT NOT NULL
);
CREATE TABLE turns (
    conversation INTEGER NOT NULL REFERENCES conversations ON DELETE CASCADE,
    position INTEGER NOT NULL,
    question TEXT NOT NULL,
    answer TEXT NOT NULL,
    PRIMARY KEY (conversation, position)
);
"""
"""A turn is a question with its answer, as JSON with all that it rests on."""
UPGRADES = {
    1: """
ALTER TABLE collections ADD COLUMN cost_usd REAL NOT NULL DEFAULT 0;
ALTER TABLE collections ADD COLUMN version INTEGER NOT NULL DEFAULT 0;
"""
    + TRIGGERS,
    2: CONVERSATIONS,
    3: "CREATE TABLE parts (index_name TEXT PRIMARY KEY, of TEXT NOT NULL, first INTEGER NOT NULL);",
}
"""From each version to the next."""
