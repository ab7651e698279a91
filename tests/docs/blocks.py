"""The blocks of code on a page, and what is said of them beside them."""

import re
from dataclasses import dataclass
from pathlib import Path

from markdown_it import MarkdownIt

ROOT = Path(__file__).parents[2]
_MADE = {"reference", "_build"}
PAGES = (ROOT / "README.md", *sorted(p for p in (ROOT / "docs").rglob("*.md") if not _MADE & set(p.parts)))
_NUMBER = re.compile(r"-?\d*\.\d+")
_NOTE = re.compile(r"<!-- test: (.+?) -->\s*$")


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block."""

    line: int
    """Of its fence in the file, from 1 on."""
    language: str
    text: str
    note: str = ""
    """What the comment `<!-- test: ... -->` before it says."""
    shown: str | None = None
    """The block of text that follows it with nothing between: what it prints."""

    @property
    def session(self) -> bool:
        """Whether it shows commands behind `$ `, each with its output."""
        return self.text.startswith("$ ")


def blocks(page: Path) -> list[Block]:
    """Return the blocks of a page, those that are another's output with that one."""
    found: list[Block] = []
    note, after = "", False
    for token in MarkdownIt().parse(page.read_text()):
        if token.type == "html_block" and (match := _NOTE.match(token.content)):
            note = match[1]
        elif token.type == "fence" and token.map:
            language = token.info.split(" ")[0]
            if after and language == "text" and not token.content.startswith("$ ") and not note:
                found[-1] = _with_output(found[-1], token.content)
            else:
                found.append(Block(token.map[0] + 1, language, token.content, note))
            note, after = "", language in {"sh", "python"}
        elif token.level == 0:
            note, after = "", False
    return found


def commands(block: Block) -> list[tuple[str, str]]:
    """Return the commands of a session, each with the output that is shown for it."""
    parts = re.split(r"^\$ ", block.text, flags=re.MULTILINE)[1:]
    return [(command, output.rstrip("\n")) for command, _, output in (part.partition("\n") for part in parts)]


def same(shown: str, printed: str, tolerance: float = 0.0) -> bool:
    """Return whether an output is as shown: `...` stands for anything, and so does a line of it for any lines.

    :param tolerance: How far numbers with a point may be off, where they depend on the machine.
    """
    pieces = re.split(r"(\.\.\.|-?\d*\.\d+)", _plain(shown))
    found = re.fullmatch("".join(map(_pattern, pieces)), _plain(printed), re.DOTALL)
    if not found:
        return False
    numbers = [float(piece) for piece in pieces if _NUMBER.fullmatch(piece)]
    return all(abs(a - float(b)) <= tolerance + 1e-9 for a, b in zip(numbers, found.groups(), strict=True))


def _pattern(piece: str) -> str:
    if piece == "...":
        return ".*?"
    if _NUMBER.fullmatch(piece):
        return r"(-?\d*\.\d+)"
    return r"\s+".join(map(re.escape, re.split(r"\s+", piece)))


def _plain(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.strip().splitlines())


def _with_output(block: Block, shown: str) -> Block:
    return Block(block.line, block.language, block.text, block.note, shown)
