"""Looks at what a Chroma server has, before anything is written there."""

from functools import partial

from search.errors import IndexServerError
from search.store.index import Index
from search.store.indexer import STATE, SUSPECT
from search.store.ledger import SHARED, CollectionRow, Ledger
from search.store.pending import Pending
from search.store.site import Site

SITE = "index site"
"""The fact that says where the index was written."""
LOOKING = "index looked at"
"""The fact that names what was being compared: a torn graph may end its server."""


def look(ledger: Ledger, pending: Pending, site: Site, *, probe: bool) -> bool:
    """Compare a server with the ledger, have what differs written anew under another name, and return whether any did.

    What was closed in good order is only counted.

    :param probe: Compare in any case.
    :raises IndexServerError: When it does not answer.
    """
    index = Index(site)
    if ledger.fact(SITE) != site.name or ledger.fact(STATE) == SUSPECT:
        return _move_all(ledger, pending, site)
    doubtful = probe or ledger.fact(STATE) != site.name
    torn = ledger.fact(LOOKING)
    gone = [row for row in ledger.collections() if row.index_name == torn or _differs(ledger, index, row, doubtful)]
    for row in gone:
        pending.move(row)
    ledger.clear_fact(LOOKING)
    index.close()
    return bool(gone)


def _move_all(ledger: Ledger, pending: Pending, site: Site) -> bool:
    ledger.set_fact(SHARED, "1")
    pending.forget_index()
    for row in ledger.collections():
        pending.move(row)
    if ledger.fact(SITE) != site.name:
        # What is to be deleted elsewhere is not there.
        for name in pending.dropped():
            pending.clear_dropped(name)
    ledger.set_fact(SITE, site.name)
    return True


def _differs(ledger: Ledger, index: Index, row: CollectionRow, doubtful: bool) -> bool:  # noqa: FBT001 - one of two
    pending = Pending(ledger)
    indexed, _ = pending.counts(row.number)
    if not doubtful and index.count(row.index_name) == indexed:
        return False
    ledger.set_fact(LOOKING, row.index_name)
    try:
        agrees = index.sound(row.index_name, partial(pending.expected, row.number)) == indexed
    except IndexServerError:
        # Raises again where it is the server that is gone, and the fact says why it may be.
        index.published()
        return True
    ledger.clear_fact(LOOKING)
    return not agrees
