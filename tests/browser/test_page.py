"""The page as people use it: in light and dark, at a desk and on a phone."""

import contextlib
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from ingest.sync import ingest
from search.service import Service
from search.settings import Settings
from tests.browser.conftest import Server, is_fault

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]  # one browser at a time

SIDEWAYS = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
EVIL = "<img src=x onerror=alert(1)>"
CONTRASTS = (Path(__file__).parent / "contrasts.js").read_text(encoding="utf-8")


@dataclass(frozen=True)
class Look:
    """One way to look at the page."""

    name: str
    width: int
    theme: str


LOOKS = [Look("desk", 1280, "light"), Look("desk, dark", 1280, "dark"), Look("phone", 390, "light")]


@pytest.fixture
def tab(browser: Browser) -> Iterator[Page]:
    """A tab of its own."""
    with browser.new_context(color_scheme="light") as context:
        yield context.new_page()


def _choose_words(page: Page) -> None:
    """Choose the words; Gradio passes over a choice that comes before it has bound its events, so choose again."""
    chosen = page.locator(".nh-start b")
    for _ in range(5):
        page.locator("#nh-collection select").select_option("sample-sentences")
        page.locator("#nh-collection select").select_option("sample-words")
        with contextlib.suppress(AssertionError):
            expect(chosen).to_have_text("sample-words", timeout=6_000)
            return
    expect(chosen).to_have_text("sample-words")


@pytest.fixture(params=LOOKS, ids=lambda look: look.name)
def page(request: pytest.FixtureRequest, browser: Browser, server: Server) -> Iterator[Page]:
    """The page with its words chosen; after each test: no error, and nothing asked of another machine."""
    look: Look = request.param
    context = browser.new_context(
        viewport={"width": look.width, "height": 844},
        color_scheme="dark" if look.theme == "dark" else "light",
        reduced_motion="reduce",
    )
    opened = context.new_page()
    wrong: list[str] = []
    opened.on("console", lambda said: wrong.append(said.text) if is_fault(said) else None)
    opened.on("pageerror", lambda error: wrong.append(str(error)))
    opened.on("request", lambda asked: None if _is_ours(asked.url, server) else wrong.append(asked.url))
    opened.on("response", lambda reply: wrong.append(reply.url) if reply.status >= 400 else None)
    opened.goto(server.url)
    _choose_words(opened)
    yield opened
    assert opened.evaluate(SIDEWAYS) <= 0
    context.close()
    assert wrong == []


def _is_ours(url: str, server: Server) -> bool:
    return url.startswith((server.url, "data:", "blob:"))


def _ask(page: Page, text: str) -> None:
    field = page.locator("#nh-query input")
    field.fill(text)
    page.get_by_role("button", name="Search", exact=True).click()
    expect(page.locator("#nh-hits .nh-query")).to_contain_text(text[:20])


def _open_tab(page: Page, name: str) -> None:
    page.get_by_role("tab", name=name).click()


def test_look_up_finds_and_a_card_re_centres(page: Page) -> None:
    """Enter lists the nearest; a card shows its own neighbours, and the trail leads back."""
    _ask(page, "river")
    cards = page.locator("#nh-hits .nh-card")
    expect(cards).to_have_count(10)
    expect(cards.first.locator(".nh-body")).to_have_text("river")
    expect(cards.first.locator(".nh-similarity")).to_have_text("1.000")
    cards.nth(1).click()
    near = page.locator("#nh-near")
    expect(near.locator(".nh-center .nh-body")).to_have_text("riverbank")
    expect(near.locator(".nh-center")).to_be_in_viewport()
    near.locator(".nh-card").nth(2).click()
    expect(near.locator(".nh-trail li")).to_have_count(3)
    near.get_by_role("button", name="Results").click()
    expect(near.locator(".nh-hint")).to_be_visible()


def test_results_follow_what_is_typed_and_say_why(page: Page) -> None:
    """Without Enter; once typing stops, the nearest sentence is marked and each word's share is told."""
    page.locator("#nh-collection select").select_option("sample-notes")
    page.locator("#nh-query input").press_sequentially("why do people run to the bank?", delay=15)
    expect(page.locator("#nh-hits .nh-query")).to_have_text("why do people run to the bank?")
    first = page.locator("#nh-hits .nh-card").first
    expect(first.locator("mark")).not_to_have_count(0)
    expect(page.locator("#nh-look-up-form [role=status]")).not_to_be_empty()
    first.get_by_text("Why it is near").click()
    expect(first.locator(".nh-adds li").first).to_be_visible()
    expect(page.locator("#nh-near .nh-center")).to_have_count(0)
    assert page.evaluate(CONTRASTS) == []


def test_options_are_folded_into_a_line(page: Page) -> None:
    """Mode, number and filter change the list, and the line names them; a bad filter is said in its place."""
    page.locator("#nh-collection select").select_option("sample-notes")
    _ask(page, "money")
    page.locator("#nh-options summary").click()
    page.locator("#nh-options").get_by_text("Meaning", exact=True).click()
    page.locator("#nh-options").get_by_text("5", exact=True).click()
    expect(page.locator("#nh-hits .nh-card")).to_have_count(5)
    expect(page.locator("#nh-hits .nh-how").first).to_contain_text("by meaning ·")
    page.get_by_label("Filter").fill("source contains inflation")
    page.get_by_label("Filter").press("Enter")
    expect(page.locator("#nh-hits .nh-file").first).to_have_text("inflation.md")
    expect(page.locator("#nh-options summary")).to_have_text(
        "Options: by meaning · 5 passages · source contains inflation"
    )
    page.get_by_label("Filter").fill("year >=")
    page.get_by_label("Filter").press("Enter")
    expect(page.locator("#nh-hits .nh-message")).to_contain_text("Cannot read the filter")


def test_a_view_has_an_address(page: Page) -> None:
    """Collection, query, mode and filter stand in it; it can be sent, and back and forward lead through the views."""
    page.locator("#nh-collection select").select_option("sample-notes")
    _ask(page, "money")
    _ask(page, "tokens")
    _open_tab(page, "Probe")
    page.go_back()
    expect(page.locator("#nh-hits .nh-query")).to_have_text("tokens")
    page.go_back()
    expect(page.locator("#nh-hits .nh-query")).to_have_text("money")
    expect(page.locator("#nh-query input")).to_have_value("money")
    page.go_forward()
    expect(page.locator("#nh-hits .nh-query")).to_have_text("tokens")
    address = page.url
    page.goto("about:blank")
    page.goto(f"{address}&mode=lexical")
    expect(page.locator("#nh-hits .nh-query")).to_have_text("tokens")
    expect(page.locator("#nh-hits .nh-how").first).to_contain_text("by words")
    expect(page.locator("#nh-collection select")).to_have_value("sample-notes")
    page.locator("#nh-hits .nh-open").first.click()
    expect(page.locator("#nh-near .nh-center")).to_be_visible()


def test_an_example_is_one_click_away(page: Page) -> None:
    """An empty field offers texts that are surely there."""
    chip = page.locator(".nh-chips button").first
    text = chip.inner_text()
    chip.click()
    expect(page.locator("#nh-query input")).to_have_value(text)
    expect(page.locator("#nh-hits .nh-card .nh-body").first).to_have_text(text)


def test_cards_work_by_keyboard(page: Page) -> None:
    """Slash, arrows, Space and Escape are enough, and the focus can be seen."""
    page.keyboard.press("/")
    page.keyboard.type("money")
    page.keyboard.press("Enter")
    expect(page.locator("#nh-hits .nh-query")).to_have_text("money")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    second = page.locator("#nh-hits .nh-card").nth(1)
    expect(second.locator(".nh-open")).to_be_focused()
    assert second.evaluate("(card) => getComputedStyle(card).outlineStyle") == "solid"
    page.keyboard.press("Space")
    expect(page.locator("#nh-near .nh-center .nh-body")).to_have_text(second.locator(".nh-body").inner_text())
    expect(second).to_have_attribute("data-selected", "")
    page.locator("#nh-near .nh-open").first.focus()
    page.keyboard.press("Escape")
    expect(second.locator(".nh-open")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#nh-query input")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#nh-query input")).to_have_value("")


def test_long_texts_are_clamped_and_open(page: Page) -> None:
    """A passage of many lines shows five, and the rest on demand."""
    page.locator("#nh-collection select").select_option("sample-notes")
    _ask(page, "Why do opposite sentences score high?")
    more = page.locator("#nh-hits .nh-more:visible").first
    body = more.locator("xpath=preceding-sibling::*[1]")
    before = body.evaluate("(element) => element.clientHeight")
    more.click()
    expect(more).to_have_text("less")
    assert body.evaluate("(element) => element.clientHeight") > before
    expect(page.locator("#nh-near .nh-center")).to_have_count(0)


def test_compare_shows_numbers(page: Page) -> None:
    """The lecture's words are there at once; its sentences, with what to beware of, at a click."""
    _open_tab(page, "Compare")
    expect(page.locator(".nh-matrix tbody td")).to_have_count(16)
    page.get_by_role("button", name="Sentences").click()
    expect(page.locator(".nh-pairs")).to_contain_text("role-swap")
    page.locator("#nh-compare textarea").fill("one\ntwo\nthree")
    page.get_by_role("button", name="Compare", exact=True).click()
    expect(page.locator(".nh-matrix tbody td")).to_have_count(9)
    page.locator("#nh-compare textarea").fill("one\ntwo")
    page.locator("#nh-compare textarea").press("Shift+Enter")
    expect(page.locator(".nh-matrix tbody td")).to_have_count(4)
    expect(page.locator("#nh-compare textarea")).to_have_value("one\ntwo")
    assert all(-1 <= float(n.replace("\N{MINUS SIGN}", "-")) <= 1 for n in page.locator("tbody td").all_inner_texts())


def test_tokens_follow_what_is_typed(page: Page) -> None:
    """Ids appear while typing, for the model that is chosen."""
    _open_tab(page, "Tokens")
    page.get_by_label("text-embedding-3-large").check(force=True)
    field = page.locator("#nh-split textarea")
    field.fill("")
    field.press_sequentially("Hello world", delay=20)
    expect(page.locator(".nh-token i")).to_have_text(["9906", "1917"])
    field.fill("🦜")
    expect(page.locator(".nh-token.nh-bytes")).not_to_have_count(0)


def test_a_dropped_file_is_taken_in(page: Page, tmp_path: Path) -> None:
    """The receipt comes first; then the file is in its collection, which is chosen, and can be dropped again."""
    note = tmp_path / f"{EVIL}.md"
    note.write_text("Tea is best when it is hot.", encoding="utf-8")
    _open_tab(page, "Library")
    page.locator(".nh-detail h2").wait_for()
    page.locator("#nh-files").set_input_files(note)
    page.get_by_role("textbox", name="Collection").or_(page.get_by_role("combobox", name="Collection").last).fill(
        "drinks"
    )
    page.get_by_role("button", name="See what it will take").click()
    expect(page.locator(".nh-receipt")).to_contain_text("1 new")
    assert page.evaluate(CONTRASTS) == []
    page.get_by_role("button", name="Take in", exact=True).click()
    expect(page.locator(".nh-receipt")).to_contain_text("1 added")
    expect(page.locator("#nh-collection select")).to_have_value("drinks")
    expect(page.locator(".nh-sources tbody th")).to_contain_text(note.name)
    page.get_by_role("link", name="Look up in it").click()
    expect(page.locator("#nh-query")).to_be_visible()
    # What is asked for at a tab's opening would be refused once the collection is gone.
    with page.expect_response(lambda reply: reply.url.endswith("/page/library/drinks")):
        _open_tab(page, "Library")
    page.get_by_role("button", name="Drop").click()
    page.get_by_role("button", name="Drop", exact=True).click()
    expect(page.locator(".nh-gone")).to_contain_text("drinks is gone")
    expect(page.locator("#nh-collection select")).not_to_have_value("drinks")


def test_what_came_of_something_is_there_after_a_look_elsewhere(page: Page) -> None:
    """At another tab; another collection has its own."""
    _open_tab(page, "Library")
    heading, outcome = page.locator(".nh-detail h2"), page.locator(".nh-outcome")
    page.get_by_role("button", name="Near-duplicates").click()
    expect(outcome.locator("h3")).to_be_visible()
    said, chosen = outcome.inner_text(), heading.inner_text()
    _open_tab(page, "Tokens")
    with page.expect_response(lambda reply: "/page/library/" in reply.url):
        _open_tab(page, "Library")
    # As long as it takes to put in what came.
    page.wait_for_timeout(300)
    expect(outcome).to_have_text(said, use_inner_text=True)
    page.locator(f'.nh-shelf [data-choose]:not([data-choose="{chosen}"])').first.click()
    expect(heading).not_to_have_text(chosen)
    expect(outcome).to_be_empty()
    page.locator(f'.nh-shelf [data-choose="{chosen}"]').click()
    expect(heading).to_have_text(chosen)


def test_a_probe_is_fitted_and_asked(page: Page) -> None:
    """From names alone; the temperature makes its distribution sharper and flatter, and it can be deleted."""
    _open_tab(page, "Probe")
    page.get_by_text("Names alone").click()
    page.get_by_label("Names, with commas").fill("animal, place, feeling")
    page.get_by_label("Name of the probe").fill("kind")
    page.get_by_role("button", name="Fit").click()
    expect(page.locator("[data-probe=kind]")).to_contain_text("3 outcomes")
    page.get_by_label("Text", exact=True).fill("dog")
    first = page.locator(".nh-outcomes li").first
    expect(first.locator("span")).to_have_text("animal")
    slider, value = page.get_by_role("slider", name="Temperature"), first.locator("output")
    at_one = float(value.inner_text())
    slider.press("Home")
    assert float(value.inner_text()) >= at_one
    slider.press("End")
    assert 1 / 3 < float(value.inner_text()) < at_one
    assert page.evaluate(CONTRASTS) == []
    page.get_by_label("Delete the probe kind").dblclick()
    # What comes later is no part of a double click.
    page.wait_for_timeout(700)
    page.get_by_text("Delete?").click()
    expect(page.locator("[data-probe=kind]")).to_have_count(0)


def test_a_form_that_lacks_something_says_so_in_a_line(tab: Page, server: Server) -> None:
    """Nothing is fitted to it."""
    tab.goto(f"{server.url}#probe")
    tab.locator("#nh-probe").get_by_text("Examples", exact=True).click()
    tab.get_by_label("Examples, one a line").fill("praise: good\nbad")
    tab.get_by_role("button", name="Fit").click()
    expect(tab.locator(".nh-fitted")).to_have_text("line 2 should say outcome: text, with both")


def test_the_tour_follows_the_lecture_and_is_skipped_once(page: Page, server: Server) -> None:
    """It begins where the demo leads, with a list; shows what it speaks of; and does not come again by itself."""
    page.goto("about:blank")
    page.goto(f"{server.url}/#tour")
    tour = page.get_by_role("region", name="Tour")
    expect(tour.get_by_role("heading")).to_be_focused()
    expect(page.locator("#nh-hits .nh-card")).to_have_count(10)
    tour.get_by_role("button", name="Show me how").press("Enter")
    seen = [".nh-token", ".nh-matrix", "#nh-hits .nh-card", ".nh-pairs", ".nh-map-host canvas", "#nh-talk"]
    for what in seen:
        expect(page.locator(what).first).to_be_visible()
        assert page.evaluate(SIDEWAYS) <= 0
        tour.get_by_role("button", name="Next").press("Enter")
    expect(page.locator("#nh-probe [name=names]")).to_have_value("animal, place, feeling")
    assert page.evaluate(CONTRASTS) == []
    page.keyboard.press("Escape")
    expect(tour).to_have_count(0)
    page.goto("about:blank")
    page.goto(f"{server.url}/#tour")
    expect(page.locator("#nh-hits .nh-start")).to_be_visible()
    expect(tour).to_have_count(0)
    page.get_by_role("button", name="Tour").click()
    expect(tour).to_be_visible()


def test_the_theme_is_remembered(tab: Page, server: Server) -> None:
    """The button goes from the system's theme to light and dark, and the choice outlives the page."""
    tab.goto(server.url)
    tab.get_by_role("button", name="Theme: system").click()
    tab.get_by_role("button", name="Theme: light").click()
    expect(tab.locator("body")).to_have_class("dark")
    tab.reload()
    expect(tab.get_by_role("button", name="Theme: dark")).to_be_visible()
    assert tab.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(19, 18, 17)"


def test_an_address_leads_to_its_tab(tab: Page, server: Server) -> None:
    """A tab has an address of its own; what is asked there may have a question mark."""
    tab.goto(f"{server.url}#compare")
    expect(tab.get_by_role("tab", name="Compare")).to_have_attribute("aria-selected", "true")
    expect(tab.locator(".nh-matrix")).to_be_visible()
    tab.goto(f"{server.url}#look-up?q=who?&collection=sample-notes")
    expect(tab.locator("#nh-query input")).to_have_value("who?")


def test_an_empty_store_says_what_to_do(tab: Page, tmp_path: Path, cache: Path) -> None:
    """Nobody is left before an empty page."""
    with Server(tmp_path / "data", cache) as server:
        tab.goto(server.url)
        expect(tab.locator("#nh-hits")).to_contain_text("nearhood demo")
        expect(tab.locator("#nh-collection select")).to_be_hidden()
        _open_tab(tab, "Map")
        expect(tab.locator(".nh-map-host")).to_contain_text("nothing to draw")


def test_markup_in_a_text_stays_text(tab: Page, tmp_path: Path, cache: Path) -> None:
    """What a note says is shown, and never run."""
    evil = "<img src=x onerror=\"document.title='run'\"> `${document.title='run'}` {{7*7}} bank"
    (tmp_path / "evil.txt").write_text(evil, encoding="utf-8")
    with Service(Settings(data=tmp_path / "data", cache=cache), "test") as service:
        ingest(service.store, service.embedder, "evil", [tmp_path / "evil.txt"])
    with Server(tmp_path / "data", cache) as server:
        tab.goto(server.url)
        # What the page starts with comes once it is bound, and would come after an answer, too.
        expect(tab.locator("#nh-hits .nh-start")).to_be_visible()
        _ask(tab, "bank")
        expect(tab.locator("#nh-hits .nh-body").first).to_have_text(evil)
        tab.locator("#nh-hits .nh-card").first.click()
        expect(tab.locator("#nh-near .nh-center .nh-body")).to_have_text(evil)
        assert tab.title() == "Nearhood"


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_the_server_stops_while_a_tab_is_open(tab: Page, tmp_path: Path, cache: Path, how: signal.Signals) -> None:
    """A browser that holds its connection does not hold the server."""
    with Server(tmp_path / "data", cache) as server:
        tab.goto(server.url)
        tab.get_by_role("tab", name="Map").wait_for()
        started = time.monotonic()
        assert server.stop(how) == ""
        assert time.monotonic() - started < 4


def test_a_busy_port_is_passed_over(server: Server, tmp_path: Path, cache: Path) -> None:
    """A second server takes the next port that is free."""
    taken = urlsplit(server.url).port or 0
    with Server(tmp_path / "data", cache, taken) as second:
        assert taken < (urlsplit(second.url).port or 0) <= taken + 20


def test_a_question_is_answered_from_the_notes(page: Page) -> None:
    """With its sources; a citation leads to its quote, and a follow-up shows what was searched."""
    page.locator("#nh-collection select").select_option("sample-notes")
    _open_tab(page, "Ask")
    # Who types has seen whom he asks.
    expect(page.locator("#nh-talk .nh-start")).to_contain_text("Ask sample-notes a question")
    field = page.locator("#nh-question textarea, #nh-question input").first
    field.fill("What does a central bank do when inflation is high?")
    field.press("Enter")
    turns = page.locator("#nh-talk .nh-turn:not([aria-busy])")
    expect(turns).to_have_count(1)
    expect(page.locator("#nh-evidence mark").first).to_be_visible()
    turns.first.locator(".nh-cite").first.click()
    expect(page.locator("#nh-evidence li[data-selected]")).to_have_count(1)
    field.fill("And what happens to it then?")
    field.press("Enter")
    expect(turns).to_have_count(2)
    expect(turns.nth(1).locator(".nh-searched")).to_have_count(1)
    turns.first.locator(".nh-cite").first.click()
    expect(page.locator('#nh-evidence li[data-selected][data-turn="0"]')).to_have_count(1)
    assert page.evaluate(CONTRASTS) == []


def test_an_edited_question_can_be_left(page: Page) -> None:
    """What it would take the place of is said until it is left; and deleting asks once more."""
    page.locator("#nh-collection select").select_option("sample-notes")
    _open_tab(page, "Ask")
    # Who types has seen whom he asks.
    expect(page.locator("#nh-talk .nh-start")).to_contain_text("Ask sample-notes a question")
    field = page.locator("#nh-question textarea, #nh-question input").first
    field.fill("What does a central bank do when inflation is high?")
    field.press("Enter")
    turns = page.locator("#nh-talk .nh-turn:not([aria-busy])")
    expect(turns).to_have_count(1)
    turns.first.get_by_text("how far to believe it").click()
    notice = page.locator("#nh-editing [role=status]")
    edit = page.get_by_role("button", name="Edit", exact=True)
    edit.click()
    expect(notice).to_contain_text("Replaces your last question")
    notice.get_by_role("button", name="Cancel").click()
    expect(notice).to_have_count(0)
    expect(field).to_have_value("")
    edit.click()
    expect(field).to_have_value("What does a central bank do when inflation is high?")
    expect(notice).to_have_count(1)
    field.fill("")
    expect(notice).to_have_count(0)
    field.fill("And what happens to it then?")
    field.press("Enter")
    expect(turns).to_have_count(2)
    expect(turns.first.locator(".nh-how details")).to_have_attribute("open", "")
    page.locator("#nh-ask-options").get_by_text("Options").click()
    delete = page.locator("#nh-delete-talk")
    delete.click()
    expect(delete).to_have_text("Delete?")
    field.focus()
    expect(delete).to_have_text("Delete")
    delete.dblclick()
    expect(delete).to_have_text("Delete?")
    expect(turns).to_have_count(2)
    # What comes later is no part of a double click.
    page.wait_for_timeout(700)
    delete.click()
    expect(turns).to_have_count(0)
