"""One file a format: each makes parts of a file."""

from search.registry import Table

READERS = Table(
    "reader",
    "nearhood.readers",
    {
        ".csv": "ingest.readers.table:read",
        ".markdown": "ingest.readers.markdown:read",
        ".md": "ingest.readers.markdown:read",
        ".txt": "ingest.readers.text:read",
    },
)
"""By file suffix, in lower case."""
