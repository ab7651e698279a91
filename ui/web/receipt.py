"""What taking things in would do, and what it did, as HTML in which every text is escaped."""

from collections.abc import Iterable, Mapping
from html import escape
from pathlib import PurePath
from urllib.parse import urlencode

from ingest.estimate import HERE, Estimate
from ingest.report import Failure, Progress, Report
from ui.text import passed_over

MOST_FAILURES = 100
_KILO = 1024
_MINUTE = 60


def receipt(found: Estimate, collection: str) -> str:
    """Return what would be done and what it would cost, to be agreed to."""
    files = found.added + found.changed + found.renamed
    if not files:
        same = f"All {many(found.unchanged, 'file')} are there already, unchanged." if found.unchanged else ""
        return _sheet("Nothing to take in", same or "No file can be read.", _failures(found.failed), done=True)
    rows = {
        "Files": _of(files, {"new": found.added, "changed": found.changed, "renamed": found.renamed}),
        "Passages": _of(found.passages, {"to embed": found.new, "known already": found.cached + found.duplicate}),
        "Tokens": _tokens(found),
        "Price": _price(found),
        "Time": "as long as the service takes" if found.seconds is None else duration(found.seconds, "about "),
        "On disk": f"about {size(found.bytes)}",
    }
    if found.unchanged:
        rows["Unchanged"] = many(found.unchanged, "file")
    buttons = (
        '<button type="button" class="primary" data-act="begin">Take in</button>'
        '<button type="button" class="nh-chip" data-act="cancel">Cancel</button>'
    )
    lead = f"Into <b>{escape(collection)}</b>. Nothing is embedded or joins it yet."
    return _sheet("What it will take", lead, f"{_rows(rows)}{_failures(found.failed)}", buttons)


def report(done: Report, collection: str, embedder: str) -> str:
    """Return what was done, by an embedder."""
    changes = {"added": done.added, "changed": done.changed, "renamed": done.renamed, "removed": done.removed}
    rows = {
        "Files": ", ".join(f"{count:,} {what}" for what, count in changes.items() if count) or "none changed",
        "Passages": _of(done.passages, {"embedded": done.embedded, "known already": done.cached}),
        "Spent": f"{done.tokens:,} tokens, {spent(done.cost_usd, embedder)}, {duration(done.seconds)}",
    }
    if done.unchanged:
        rows["Unchanged"] = many(done.unchanged, "file")
    if done.skipped:
        rows["Passed over"] = escape(passed_over(done.skipped))
    head = "Taken in, but not all of it" if done.failed else "Taken in"
    lead = f"<b>{escape(collection)}</b> is level with these files."
    notes = _failures(done.warnings, "Taken in with a remark")
    return _sheet(head, lead, f"{_rows(rows)}{_failures(done.failed)}{notes}", _onward(collection), done=True)


def _onward(collection: str) -> str:
    """Return where one may want to go with what is there now."""
    where = escape(urlencode({"collection": collection}))
    ways = {"look-up": "Look up in it", "ask": "Ask it", "map": "See its map"}
    return "".join(f'<a class="nh-chip" href="#{tab}?{where}">{words}</a>' for tab, words in ways.items())


def stopped(progress: Progress | None) -> str:
    """Return that it was cancelled, and what stays."""
    stays = f"{many(progress.passages, 'passage')} that were done stay." if progress and progress.passages else ""
    return _sheet("Stopped", stays or "Nothing was taken in.", done=True)


def failed(why: str) -> str:
    """Return why it could not be done."""
    return _sheet("It could not be taken in", escape(why), done=True)


def many(count: int, what: str) -> str:
    """Return a number with its noun."""
    return f"{count:,} {what if count == 1 else what + 's'}"


def dollars(usd: float) -> str:
    """Return a price as people read it."""
    if usd == 0:
        return "free"
    return "under $0.01" if usd < 0.01 else f"${usd:,.2f}"  # noqa: PLR2004 - a cent


def spent(usd: float, embedder: str) -> str:
    """Return what was paid, as far as prices are known."""
    return dollars(usd) if usd or embedder.startswith(HERE) else "no price known"


def _price(found: Estimate) -> str:
    model = found.embedder.partition(":")[2].partition("@")[0]
    if found.tokens and not found.embedder.startswith(HERE) and model not in found.prices_usd:
        return f"not known: no price of {escape(model)} is listed"
    return f"{dollars(found.cost_usd)}{_elsewhere(found)}"


def duration(seconds: float, about: str = "") -> str:
    """Return a time as people say it."""
    if seconds < 1:
        return "under a second"
    return f"{about}{seconds:.0f} s" if seconds < 2 * _MINUTE else f"{about}{seconds / _MINUTE:.0f} minutes"


def size(count: int) -> str:
    """Return so many bytes as people say it."""
    value = float(count)
    for unit in ("bytes", "KB", "MB", "GB"):
        if value < _KILO or unit == "GB":
            break
        value /= _KILO
    return f"{value:.0f} {unit}" if value >= 10 or unit == "bytes" else f"{value:.1f} {unit}"  # noqa: PLR2004


def _tokens(found: Estimate) -> str:
    over = f", {many(found.over_limit, 'passage')} longer than the model sees" if found.over_limit else ""
    return f"{found.tokens:,}{over}"


def _elsewhere(found: Estimate) -> str:
    is_here = found.embedder.startswith(HERE)
    if not is_here or found.cost_usd or not found.prices_usd or not found.tokens:
        return ""
    model, usd = min(found.prices_usd.items(), key=lambda item: item[1])
    return f", on this machine; {escape(model)} would take {dollars(usd)}"


def _of(total: int, parts: Mapping[str, int]) -> str:
    named = [f"{count:,} {what}" for what, count in parts.items() if count]
    if len(named) <= 1:
        return named[0] if named else f"{total:,}"
    return f"{total:,}: {', '.join(named)}"


def _rows(rows: Mapping[str, str]) -> str:
    return f'<dl class="nh-facts">{"".join(f"<dt>{name}</dt><dd>{value}</dd>" for name, value in rows.items())}</dl>'


def _failures(failures: Iterable[Failure], head: str = "Could not be taken in") -> str:
    found = list(failures)
    if not found:
        return ""
    rows = "".join(
        f'<li><span class="nh-file" title="{escape(one.source)}">{escape(PurePath(one.source).name)}</span>'
        f" {escape(one.reason)}</li>"
        for one in found[:MOST_FAILURES]
    )
    more = f"<li>and {len(found) - MOST_FAILURES:,} more</li>" if len(found) > MOST_FAILURES else ""
    return f'<h3>{head}</h3><ul class="nh-failures">{rows}{more}</ul>'


def _sheet(head: str, lead: str, body: str = "", buttons: str = "", *, done: bool = False) -> str:
    more = '<button type="button" class="nh-chip" data-act="more">Take in more</button>'
    row = f'<div class="nh-buttons">{buttons}{more if done else ""}</div>'
    words = f"<p>{lead}</p>" if lead else ""
    return (
        f'<section class="nh-sheet"{" data-done" if done else ""} aria-label="{head}">'
        f'<h2 tabindex="-1">{head}</h2>{words}{body}{row}</section>'
    )
