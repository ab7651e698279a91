"""What the commands do that look after a data folder."""

from argparse import Namespace
from dataclasses import asdict

from search.service import Service
from search.settings import folder
from search.store.doctor import Check
from ui.text import ProgressBar, show

DONE, PROBLEM = 0, 1


def doctor(service: Service, given: Namespace) -> int:
    """Print what was looked at, whether it is well, and what to do where it is not."""
    checks = service.checks(embed=given.embed)
    ok = all(check.ok for check in checks)
    value = {"ok": ok, "checks": [asdict(check) for check in checks]}
    show(given, value, lambda: "\n".join(map(_line, checks)))
    return DONE if ok else PROBLEM


def purge(service: Service, given: Namespace) -> int:
    """Remove a source from every file of the data folder."""
    gone = service.purge(given.source, given.collection)
    show(
        given,
        asdict(gone),
        lambda: (
            f"purged {gone.source}: {gone.passages:,} passages and {gone.vectors:,} vectors are gone from every file"
        ),
    )
    return DONE


def backup(service: Service, given: Namespace) -> int:
    """Write the whole store into one file."""
    made = service.back_up(folder(given.file))
    say = f"{made.file} has {made.passages:,} passages: to restore, put it as ledger.sqlite into an empty data folder"
    show(given, asdict(made), lambda: say)
    return DONE


def export(service: Service, given: Namespace) -> int:
    """Write a collection with its vectors into a file."""
    done = service.export(folder(given.file), given.collection)
    show(given, asdict(done), lambda: f"{done.file} has {done.passages:,} passages of {done.collection}")
    return DONE


def import_(service: Service, given: Namespace) -> int:
    """Take a file that was exported into a collection."""
    done = service.import_(folder(given.file), given.collection)
    show(given, asdict(done), lambda: f"{done.collection} has {done.passages:,} passages")
    return DONE


def reindex(service: Service, given: Namespace) -> int:
    """Write a collection anew, with the configured embedder."""
    with ProgressBar() as bar:
        done = service.reindex(given.collection, bar.show_part, fresh=given.fresh)
    say = f"{done.collection} is with {done.embedder}: {done.passages:,} passages, {done.embedded:,} texts embedded"
    show(given, asdict(done), lambda: say)
    return DONE


def _line(check: Check) -> str:
    advice = f"\n          {check.advice}" if check.advice else ""
    return f"{'ok' if check.ok else 'PROBLEM':<8}  {check.name}: {check.found}{advice}"
