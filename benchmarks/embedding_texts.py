"""The texts that embedders are timed with."""

from benchmarks.report import TESTDATA
from search.embedders.local import load_tokenizer


def texts() -> dict[str, list[str]]:
    """Return words, sentences of 12 tokens as dictionary glosses have them, and chunks of 200 tokens."""
    notes = " ".join(p.read_text() for p in sorted((TESTDATA / "notes-rustbook" / "src").glob("ch*.md")))
    words = list(dict.fromkeys(w for w in notes.lower().split() if w.isalpha() and len(w) > 2))[:2_000]
    tokenizer = load_tokenizer()
    offsets = tokenizer.encode(notes[:700_000], add_special_tokens=False).offsets

    def cut(size: int, count: int) -> list[str]:
        starts = range(0, count * size, size)
        return [notes[offsets[s][0] : offsets[s + size - 1][1]] for s in starts]

    return {"words": words, "glosses": cut(10, 1_000), "chunks": cut(198, 60)}
