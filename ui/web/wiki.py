"""What Obsidian and other wikis add to Markdown, as people read it: links between pages, and boxes."""

import re

# [[page#heading|label]], and what stands between backticks, where it is no link.
_LINK = re.compile(r"(?<!`)`[^`\n]+`(?!`)|(!?)\[\[([^\[\]|#\n]*)((?:#[^\[\]|\n]*)?)(?:\|([^\[\]\n]*))?\]\]")
# How large a picture is to be drawn stands where a label would.
_SIZE = re.compile(r"\d+(x\d+)?")
# What cites a source, in the answers of some models.
_CITATION = re.compile(r"\d{1,3}")
# A file that is no note has no headings.
_FILE = re.compile(r"\.(?!md$)\w{2,5}$")
_BOX = re.compile(r"\[!([\w-]+)(?:\|[^\]\n]*)?\][-+]?[ \t]*(.*)")


def without_links(text: str) -> str:
    """Return a text with what readers see of a link or an embed: its label, else the page and the heading there."""
    return _LINK.sub(_label, text)


def box(line: str) -> str | None:
    """Return what stands over a box that a line begins, `[!tip]- Title`: its title or its kind; None for other lines.

    :param line: Without the mark of a quotation.
    """
    found = _BOX.fullmatch(line)
    return found and (found[2] or found[1].replace("-", " ").capitalize())


def _label(link: re.Match[str]) -> str:
    embeds, page, anchor, label = link[1], *((part or "").rstrip("\\").strip() for part in link.group(2, 3, 4))
    if label and not (embeds and _SIZE.fullmatch(label)):
        return label
    if _CITATION.fullmatch(page):
        return link[0]
    # Ids of blocks say nothing to who reads, nor does what a file is to be opened with: page=3.
    headings = [part.strip() for part in anchor.split("#") if part and not part.startswith("^") and "=" not in part]
    return " › ".join(filter(None, [page, *([] if _FILE.search(page) else headings)])) or link[0]
