"""One file a format: each makes parts of a file."""

from search.registry import Table

READERS = Table(
    "reader",
    "nearhood.readers",
    {
        ".csv": "ingest.readers.table:read",
        ".docx": "ingest.readers.docx:read",
        ".epub": "ingest.readers.epub:read",
        ".htm": "ingest.readers.html:read",
        ".html": "ingest.readers.html:read",
        ".ipynb": "ingest.readers.notebook:read",
        ".json": "ingest.readers.jsonfile:read",
        ".jsonl": "ingest.readers.jsonfile:read",
        ".markdown": "ingest.readers.markdown:read",
        ".md": "ingest.readers.markdown:read",
        ".ndjson": "ingest.readers.jsonfile:read",
        ".parquet": "ingest.readers.parquet:read",
        ".pdf": "ingest.readers.pdf:read",
        ".tab": "ingest.readers.table:read",
        ".tsv": "ingest.readers.table:read",
        ".txt": "ingest.readers.text:read",
        ".xhtml": "ingest.readers.html:read",
        ".xlsm": "ingest.readers.excel:read",
        ".xlsx": "ingest.readers.excel:read",
    },
)
"""By file suffix, in lower case."""
