"""What comes late, and what is meant for another collection: neither takes the page from what is wanted now."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, FilePayload, Page, Route, expect

from tests.browser import tabs
from tests.browser.conftest import Server

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]  # one browser at a time

TEA = "Tea is best\nMilk is cold\nCoffee is strong\nWater is clear\nJuice is sweet\nBeer is bitter"


@pytest.fixture
def page(browser: Browser, server: Server) -> Iterator[Page]:
    """The page with the words of the sample chosen; after each test: no error of the page's own."""
    with browser.new_context(viewport={"width": 1280, "height": 900}, reduced_motion="reduce") as context:
        opened = context.new_page()
        wrong: list[str] = []
        opened.on("pageerror", lambda error: wrong.append(str(error)))
        opened.goto(f"{server.url}#library?collection=sample-words")
        expect(opened.locator(".nh-detail h2")).to_have_text("sample-words")
        # A choice that was made before Gradio was bound is told once more.
        opened.wait_for_timeout(900)
        yield opened
        assert wrong == []


def _open_tab(page: Page, name: str) -> None:
    page.get_by_role("tab", name=name).click()


def _chosen(page: Page, name: str) -> None:
    expect(page.locator("#nh-collection select")).to_have_value(name)


@contextmanager
def _late(page: Page, address: str, *, many: int = 1_000, lost: bool = False) -> Iterator[None]:
    """Hold the replies of an address back until the block ends.

    :param many: How many, of the first that are asked for.
    :param lost: That they never come.
    """
    held: list[Route] = []

    def hold(route: Route) -> None:
        if len(held) < many:
            held.append(route)
        else:
            route.continue_()

    page.route(address, hold)
    yield
    # On a slow machine, what was done in the block may not have led to a request yet.
    for _ in range(100):
        if not held:
            page.wait_for_timeout(100)
    assert held
    for route in held:
        if lost:
            route.abort()
        else:
            route.continue_()
    page.unroute(address, hold)


def _take_in(page: Page, collection: str, text: str) -> None:
    """Take a file of lines in, as the tab Library does, into a collection."""
    if page.locator("[data-act=more]").count():
        page.locator("[data-act=more]").click()
    lines: FilePayload = {"name": "drinks.txt", "mimeType": "text/plain", "buffer": text.encode()}
    page.locator("#nh-files").set_input_files(lines)
    page.locator(".nh-intake [name=collection]").fill(collection)
    page.locator(".nh-kinds").get_by_text("Sentences", exact=True).first.click()
    page.get_by_role("button", name="See what it will take").click()
    page.get_by_role("button", name="Take in", exact=True).click()
    expect(page.locator(".nh-receipt h2")).to_have_text("Taken in")


def test_a_file_that_was_mended_leads_to_its_collection(page: Page) -> None:
    """As many passages as before are another collection's choice all the same, and the receipt's ways lead to it."""
    _take_in(page, "mended", TEA)
    _chosen(page, "mended")
    page.locator("[data-choose=sample-words]").click()
    _chosen(page, "sample-words")
    _take_in(page, "mended", TEA.replace("best", "better"))
    _chosen(page, "mended")
    expect(page.locator(".nh-detail h2")).to_have_text("mended")
    page.locator("[data-choose=sample-words]").click()
    _chosen(page, "sample-words")
    page.get_by_role("link", name="Look up in it").click()
    _chosen(page, "mended")
    page.go_back()
    _chosen(page, "sample-words")
    page.get_by_role("link", name="See its map").click()
    _chosen(page, "mended")
    expect(page.locator(".nh-map-reading")).to_contain_text("6 passages")


def test_a_collection_of_today_is_there_after_a_reload(page: Page, server: Server) -> None:
    """Though the page was made before it; one that was dropped meanwhile is named, and another one is shown."""
    _take_in(page, "today", TEA)
    _chosen(page, "today")
    page.reload()
    _chosen(page, "today")
    # Later than what is told once more.
    page.wait_for_timeout(900)
    _chosen(page, "today")
    page.goto("about:blank")
    page.goto(f"{server.url}#look-up?q=tea&collection=today")
    expect(page.locator("#nh-hits .nh-card").first).to_contain_text("Tea is best")
    assert "collection=today" in page.url
    assert page.evaluate("fetch('/page/library/today', { method: 'DELETE' }).then((reply) => reply.ok)")
    page.reload()
    said = page.locator("#nh-collection [role=status]")
    expect(said).to_have_text("There is no collection today any more.")
    page.evaluate("location.hash = 'look-up?q=tea&collection=sample-words'")
    _chosen(page, "sample-words")
    expect(said).to_be_empty()


def test_what_was_mended_is_drawn_anew(page: Page) -> None:
    """Where its collection is shown, though it has as many passages as before."""
    _take_in(page, "anew", TEA)
    _chosen(page, "anew")
    _open_tab(page, "Look up")
    page.locator("#nh-query input").fill("tea")
    first = page.locator("#nh-hits .nh-card .nh-body").first
    expect(first).to_have_text("Tea is best")
    _open_tab(page, "Library")
    _take_in(page, "anew", TEA.replace("best", "better"))
    _open_tab(page, "Look up")
    expect(first).to_have_text("Tea is better")


def _fit_names(page: Page, names: str, called: str = "") -> None:
    page.locator(".nh-new").evaluate("(form) => (form.open = true)")
    page.locator("#nh-probe label").get_by_text("Names alone").click()
    page.get_by_label("Names, with commas").fill(names)
    page.get_by_label("Name of the probe").fill(called)
    page.get_by_role("button", name="Fit").click()


def test_a_probe_that_is_fitted_again_is_shown(page: Page) -> None:
    """By the name that it got, whatever field the form has, and whether there was one of that name before."""
    _open_tab(page, "Probe")
    page.locator("#nh-collection select").select_option("sample-notes")
    expect(page.locator("#nh-probe [name=field]")).to_have_value("folder")
    for outcomes in (2, 3):
        _fit_names(page, "animal, place, feeling" if outcomes == 3 else "animal, place")
        expect(page.locator("[data-probe=probe]")).to_contain_text(f"{outcomes} outcomes")
        expect(page.get_by_label("Text", exact=True)).to_be_focused()
        expect(page.locator("li[aria-current=true] [data-probe]")).to_have_attribute("data-probe", "probe")
        expect(page.locator(".nh-worth")).to_contain_text("Nobody knows")
    expect(page.locator(".nh-fitted")).to_be_empty()


def test_a_fit_leaves_another_collection_alone(page: Page) -> None:
    """Who has gone to another one meanwhile is not brought to a probe that it does not have."""
    _open_tab(page, "Probe")
    with _late(page, "**/page/jobs/*"):
        _fit_names(page, "animal, place", "left")
        page.wait_for_timeout(500)
        page.locator("#nh-collection select").select_option("sample-sentences")
        expect(page.locator(".nh-saved")).to_contain_text("There is none yet")
        page.get_by_label("Names, with commas").focus()
    expect(page.get_by_role("button", name="Fit")).to_be_enabled()
    page.wait_for_timeout(300)
    expect(page.get_by_label("Names, with commas")).to_be_focused()
    expect(page.locator(".nh-probe-right")).to_be_hidden()
    expect(page.locator(".nh-fitted")).to_be_empty()
    page.locator("#nh-collection select").select_option("sample-words")
    expect(page.locator("[data-probe=left]")).to_be_visible()


@pytest.mark.parametrize("lost", [False, True])
def test_how_good_a_probe_is_is_said_of_that_one(page: Page, lost: bool) -> None:  # noqa: FBT001
    """A reply that comes late, or never, does not stand under another collection's probe of the same name."""
    _open_tab(page, "Probe")
    select = page.locator("#nh-collection select")
    worth = page.locator(".nh-worth")
    for collection, names in (("sample-words", "animal, place, feeling"), ("sample-sentences", "dog, man")):
        select.select_option(collection)
        _fit_names(page, names, "same")
        expect(page.get_by_label("Text", exact=True)).to_be_focused()
        expect(worth).to_contain_text("Nobody knows")
    with _late(page, "**/page/probes/sample-words/same", lost=lost):
        select.select_option("sample-words")
        expect(page.locator("[data-probe=same]")).to_contain_text("3 outcomes")
        page.locator("[data-probe=same]").click()
        expect(page.locator("li[aria-current=true] [data-probe=same]")).to_be_visible()
        select.select_option("sample-sentences")
        expect(page.locator("[data-probe=same]")).to_contain_text("2 outcomes")
        expect(worth).to_contain_text("Nobody knows")
        worth.evaluate("(worth) => worth.append('of the sentences')")
    page.wait_for_timeout(500)
    expect(worth).to_contain_text("of the sentences")


def test_a_look_that_failed_late_does_not_replace_the_next(page: Page) -> None:
    """Of two cards that are chosen, the newer one is shown, whatever becomes of the other."""
    _open_tab(page, "Look up")
    page.locator("#nh-query input").fill("river")
    cards = page.locator("#nh-hits .nh-card")
    expect(page.locator("#nh-hits .nh-query")).to_have_text("river")
    expect(cards).to_have_count(10)
    with _late(page, "**/page/near", many=1, lost=True):
        with page.expect_request("**/page/near"):
            cards.nth(1).click()
        cards.nth(2).click()
        center = page.locator("#nh-near .nh-center .nh-body")
        expect(center).to_have_text(cards.nth(2).locator(".nh-body").inner_text())
    page.wait_for_timeout(300)
    expect(center).to_be_visible()
    expect(page.locator("#nh-near .nh-message")).to_have_count(0)


def test_the_fields_of_a_filter_are_those_of_the_collection(page: Page) -> None:
    """Not of the one before, though they may come later."""
    _open_tab(page, "Look up")
    fields = page.locator("#nh-options small")
    with _late(page, "**/page/fields?collection=sample-words"):
        page.locator("#nh-options summary").click()
        page.wait_for_timeout(200)
        page.locator("#nh-collection select").select_option("sample-notes")
        expect(fields).to_contain_text("Fields:")
        fields.evaluate("(fields) => fields.append(' of the notes')")
    page.wait_for_timeout(300)
    expect(fields).to_contain_text("of the notes")


def test_tokens_are_those_of_what_stands_in_the_field(page: Page) -> None:
    """Though the reply to what stood there before comes last; and what fails is asked for again."""
    _open_tab(page, "Tokens")
    field, numbers = page.locator("#nh-split textarea"), page.locator(".nh-token i")
    expect(numbers).not_to_have_count(0)
    page.get_by_label("text-embedding-3-large").check(force=True)
    with _late(page, "**/page/tokens", many=1):
        with page.expect_request("**/page/tokens"):
            field.fill("Goodbye")
        field.fill("Hello world")
        expect(numbers).to_have_text(["9906", "1917"])
    page.wait_for_timeout(300)
    expect(numbers).to_have_text(["9906", "1917"])
    said = page.locator("#nh-split [role=alert]")
    with _late(page, "**/page/tokens", many=1, lost=True):
        field.fill("Goodbye")
    expect(said).to_contain_text("The server does not answer")
    _open_tab(page, "Compare")
    _open_tab(page, "Tokens")
    expect(numbers).not_to_have_count(0)


def test_a_table_is_that_of_the_texts_beside_it(page: Page) -> None:
    """Though what the tab opens with comes last."""
    with _late(page, "**/page/compare", many=1):
        with page.expect_request("**/page/compare"):
            _open_tab(page, "Compare")
        tabs.compare(page)
    page.wait_for_timeout(300)
    expect(page.locator(".nh-pairs")).to_be_visible()
    expect(page.locator("#nh-compare textarea")).to_have_value(re.compile("The man bites the dog"))


def _acts(page: Page, name: str) -> None:
    page.locator(".nh-acts").get_by_role("button", name=name).click()


def test_one_thing_at_a_time_is_done_to_a_collection(page: Page) -> None:
    """What is under way keeps its place, at another collection, too; who reads or writes elsewhere keeps the focus."""
    outcome, name = page.locator(".nh-outcome"), page.locator(".nh-intake [name=collection]")
    with _late(page, "**/page/library/sample-words/duplicates"):
        _acts(page, "Near-duplicates")
        expect(outcome.locator("progress")).to_be_visible()
        for act in ("drop", "card"):
            button = page.locator(f".nh-acts [data-act={act}]")
            expect(button).to_have_attribute("aria-disabled", "true")
            button.dispatch_event("click")
        page.wait_for_timeout(300)
        expect(outcome.locator("h3")).to_have_count(0)
        page.locator("[data-choose=sample-notes]").click()
        expect(page.locator(".nh-detail h2")).to_have_text("sample-notes")
        expect(outcome).to_be_empty()
        _acts(page, "Drop")
        outcome.get_by_role("button", name="Keep it").click()
        page.locator("[data-choose=sample-words]").click()
        expect(outcome.locator("progress")).to_be_visible()
        name.focus()
    expect(outcome.locator("h3")).to_have_text("Near-duplicates")
    expect(name).to_be_focused()
    _acts(page, "Drop")
    expect(outcome.locator("h3")).to_be_focused()


def test_what_takes_a_while_can_be_stopped(page: Page) -> None:
    """Then there is nothing of it; and a stop that fails is said beside it."""
    outcome = page.locator(".nh-outcome")
    asked = "**/page/library/sample-words/duplicates"
    with _late(page, asked):
        with page.expect_request(asked):
            _acts(page, "Near-duplicates")
        outcome.get_by_role("button", name="Stop").press("Enter")
        expect(outcome).to_be_empty()
        expect(page.locator(".nh-detail h2")).to_be_focused()
    page.locator("[data-choose=sample-notes]").click()
    expect(page.locator(".nh-detail h2")).to_have_text("sample-notes")
    with _late(page, "**/page/jobs/*"):
        page.route("**/page/jobs/*", _no_delete)
        _acts(page, "Report card")
        outcome.get_by_role("button", name="Stop").click()
        expect(outcome.get_by_role("alert")).to_contain_text("The server does not answer")
        expect(outcome.locator("progress")).to_be_visible()
        page.wait_for_timeout(500)
        page.unroute("**/page/jobs/*", _no_delete)
    expect(outcome.locator("h3")).to_have_text("Report card")


def _no_delete(route: Route) -> None:
    if route.request.method == "DELETE":
        route.abort()
    else:
        route.fallback()


def test_a_look_that_fails_is_no_end_of_a_job(page: Page) -> None:
    """It is looked at again, and what came of it is shown."""
    missed: list[Route] = []

    def miss(route: Route) -> None:
        if len(missed) < 2:
            missed.append(route)
            route.abort()
        else:
            route.continue_()

    page.route("**/page/jobs/*", miss)
    _acts(page, "Reindex")
    expect(page.locator(".nh-outcome")).to_contain_text("is written anew")
    assert len(missed) == 2


def test_a_drop_of_nothing_says_so(page: Page) -> None:
    """A folder of nothing that can be read, and an entry that cannot be; of many files all can be left out."""
    drop = """(entry) => {
        const event = new Event("drop", { bubbles: true, cancelable: true });
        const items = [{ webkitGetAsEntry: () => entry }];
        event.dataTransfer = { items, files: [] };
        document.querySelector(".nh-drop").dispatchEvent(event);
    }"""
    said = page.locator(".nh-receipt [role=alert]")
    empty = "{ name: 'a', isDirectory: true, createReader: () => ({ readEntries: (read) => read([]) }) }"
    page.evaluate(f"({drop})({empty})")
    expect(said).to_contain_text("no file in it")
    page.evaluate(f"({drop})({{ name: 'a', isFile: true, file: (_, failed) => failed(new Error('gone')) }})")
    expect(said).to_contain_text("cannot be read")
    files: list[FilePayload] = [{"name": f"{n}.txt", "mimeType": "text/plain", "buffer": b"Tea."} for n in range(20)]
    page.locator("#nh-files").set_input_files(files)
    expect(page.locator(".nh-picked")).to_contain_text("and 12 more")
    page.get_by_role("button", name="Remove all").click()
    expect(page.locator(".nh-picked")).to_be_empty()


def test_a_drop_keeps_the_focus_and_leaves_an_ingest_alone(page: Page) -> None:
    """By keyboard: that it is gone is said in a place of its own, which has the focus."""
    _take_in(page, "dropped", TEA)
    expect(page.locator(".nh-detail h2")).to_have_text("dropped")
    page.locator(".nh-acts").get_by_role("button", name="Drop").press("Enter")
    page.locator(".nh-outcome").get_by_role("button", name="Drop", exact=True).press("Enter")
    said = page.locator(".nh-gone")
    expect(said.locator("h2")).to_have_text("dropped is gone")
    expect(page.locator(".nh-detail h2")).not_to_have_text("dropped")
    expect(said.locator("h2")).to_be_focused()
    expect(page.locator(".nh-receipt h2")).to_have_text("Taken in")
    said.get_by_role("button", name="Close").press("Enter")
    expect(said).to_be_empty()
    expect(page.locator(".nh-detail h2")).to_be_focused()


def _see_map(page: Page, more: str = "") -> None:
    with page.expect_response("**/page/maps/colorings.json**"):
        page.evaluate("(hash) => (location.hash = hash)", f"map?collection=sample-words{more}")
        tabs.see_map(page)
    page.wait_for_timeout(100)


def test_of_two_colourings_the_newer_one_wins(page: Page) -> None:
    """Though the other comes later."""
    _see_map(page)
    by, groups = page.get_by_label("Colour by"), page.locator(".nh-map-groups")
    with _late(page, "**/page/maps/legend.json?**by=trust**", many=1):
        by.select_option("trust")
        page.wait_for_timeout(200)
        by.select_option("source")
        expect(groups).to_have_attribute("aria-label", "Show only, by Source")
    page.wait_for_timeout(500)
    expect(groups).to_have_attribute("aria-label", "Show only, by Source")
    expect(by).to_have_value("source")


def test_colours_that_fail_leave_those_that_were(page: Page) -> None:
    """The list of colourings names what the map has, as after one by a probe that was deleted."""
    _see_map(page)
    by = page.get_by_label("Colour by")
    by.select_option("trust")
    expect(page.locator(".nh-map-groups")).to_have_attribute("aria-label", "Show only, by Trust")
    by.evaluate("(select) => select.add(new Option('Probe gone', 'probe:gone'))")
    by.select_option("probe:gone")
    expect(page.locator(".nh-map-fault")).to_contain_text("gone")
    expect(by).to_have_value("trust")


def test_a_bookmark_of_a_cluster_that_is_gone_says_so(page: Page) -> None:
    """And lists those that there are."""
    _see_map(page, "&cluster=called%20otherwise")
    beside = page.locator("#nh-map-near")
    expect(beside).to_contain_text("There is no such cluster any more.")
    expect(beside.locator("[data-cluster]").first).to_be_visible()
    page.wait_for_function("!location.hash.includes('cluster=')")


def test_what_one_map_offers_is_not_offered_of_another(page: Page) -> None:
    """Its colourings may come when another collection's map is there."""
    _open_tab(page, "Map")
    tabs.see_map(page)
    with _late(page, "**/page/maps/colorings.json?collection=sample-words**"):
        page.locator("#nh-collection select").select_option("sample-notes")
        # Until then, what is offered is that of the words, which may have come before it was held back.
        expect(page.locator(".nh-map-reading")).to_contain_text(re.compile(r"(?<!49) passages"))
        offered = page.locator(".nh-map-legend option")
        expect(offered).not_to_have_count(3)
        notes = offered.all_inner_texts()
        with page.expect_request("**/page/maps/colorings.json?collection=sample-words**"):
            page.locator("#nh-collection select").select_option("sample-words")
            expect(page.locator(".nh-map-reading")).to_contain_text("49 passages")
        page.locator("#nh-collection select").select_option("sample-notes")
        expect(page.locator(".nh-map-reading")).not_to_contain_text("49 passages")
        expect(offered).to_have_count(len(notes))
        offered.first.evaluate("(option) => option.after(new Option('of the notes', 'own'))")
    page.wait_for_timeout(500)
    assert "of the notes" in offered.all_inner_texts()


def test_a_fit_that_cannot_be_cancelled_says_so(page: Page) -> None:
    """Below the map."""
    _see_map(page)
    page.locator(".nh-map-how summary").click()
    page.get_by_label("Seed").fill("7")

    def slow(route: Route) -> None:
        if route.request.method == "DELETE":
            route.abort()
        elif route.request.method == "GET":
            route.fulfill(json={"state": "drawing", "stage": "Placing", "part": 0.5})
        else:
            route.continue_()

    page.route("**/page/maps/fit?**", slow)
    page.get_by_role("button", name="Draw anew").click()
    page.get_by_role("button", name="Cancel").click()
    expect(page.locator(".nh-map-fault")).to_contain_text("The server does not answer")
    page.unroute("**/page/maps/fit?**", slow)
