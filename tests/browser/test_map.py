"""The map as people use it: what is drawn, and what is done on it, by mouse, touch and keyboard."""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, Request, Route, expect

from ingest.sync import ingest
from search.service import Service
from search.settings import Settings
from tests.browser.conftest import Server, barriers, is_fault

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]  # one browser at a time

MAP = """() => {
  const page = [...document.querySelectorAll("#nh-map *")].find((each) => each.mapPage)?.mapPage;
  window.page = page;
  window.map = page?.map;
  return Boolean(page?.map?.hasPainted && page.data.labels.length);
}"""
PLACE = """(index) => {
  const [left, top] = map.positionOf(index);
  const box = map.canvas.getBoundingClientRect();
  return [box.left + left, box.top + top];
}"""
# The colour of a canvas at points' places, as it was painted this moment: [r, g, b, a] each.
PIXELS = """(indices) => {
  map.paintNow();
  const { gl } = map.cloud;
  return indices.map((index) => {
    const [left, top] = map.positionOf(index);
    const pixel = new Uint8Array(4);
    gl.readPixels(left * map.ratio, map.canvas.height - top * map.ratio, 1, 1, gl.RGBA, gl.UNSIGNED_BYTE, pixel);
    return [...pixel];
  });
}"""
SHARE_PAINTED = """() => {
  map.paintNow();
  const { gl } = map.cloud;
  const pixels = new Uint8Array(4 * map.canvas.width * map.canvas.height);
  gl.readPixels(0, 0, map.canvas.width, map.canvas.height, gl.RGBA, gl.UNSIGNED_BYTE, pixels);
  return pixels.filter((value, i) => i % 4 === 3 && value > 0).length / (pixels.length / 4);
}"""
COLOR_OF = "(index) => map.colorOf(map.coloring.of[index]).match(/\\d+/g).map(Number)"


@dataclass(frozen=True)
class Look:
    """One way to look at the page."""

    name: str
    width: int
    theme: str


LOOKS = [Look("desk", 1440, "light"), Look("phone, dark", 390, "dark")]


@pytest.fixture(scope="module")
def mapped(sample: Path, cache: Path) -> Path:
    """The sample, with maps of the words and the notes."""
    with Service(Settings(data=sample, cache=cache), "test") as service:
        for name in ("sample-words", "sample-notes"):
            service.keep_map(name)
    return sample


@pytest.fixture(scope="module")
def server(browser: Browser, mapped: Path, cache: Path) -> Iterator[Server]:
    """It, served."""
    with Server(mapped, cache) as running:
        yield running


@pytest.fixture(params=LOOKS, ids=lambda look: look.name)
def page(request: pytest.FixtureRequest, browser: Browser, server: Server) -> Iterator[Page]:
    """The map of the words; after each test: no error, and nothing asked of another machine."""
    look: Look = request.param
    context = browser.new_context(
        viewport={"width": look.width, "height": 900},
        color_scheme="dark" if look.theme == "dark" else "light",
        reduced_motion="reduce",
        has_touch=look.width < 800,
    )
    context.add_init_script("localStorage.setItem('nearhood-collection', 'sample-words')")
    opened = context.new_page()
    wrong: list[str] = []
    opened.on("console", lambda said: wrong.append(said.text) if is_fault(said) else None)
    opened.on("pageerror", lambda error: wrong.append(str(error)))
    opened.on("request", lambda asked: None if asked.url.startswith(server.url) else wrong.append(asked.url))
    opened.on("response", lambda reply: wrong.append(reply.url) if reply.status >= 400 else None)
    opened.goto(f"{server.url}#map")
    opened.wait_for_function(MAP, timeout=60_000)
    expect(_list(opened)).to_contain_text("Clusters")
    yield opened
    assert opened.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
    context.close()
    assert [each for each in wrong if not each.startswith(("data:", "blob:"))] == []


def _list(page: Page) -> Locator:
    return page.locator("#nh-map-near")


def _click(page: Page, index: int) -> None:
    page.locator(".nh-map-host").scroll_into_view_if_needed()
    page.mouse.click(*page.evaluate(PLACE, index))
    page.wait_for_function("(index) => map.focus?.point === index", arg=index)


def _seen(page: Page) -> Image.Image:
    return Image.open(io.BytesIO(page.locator(".nh-map-host").screenshot())).convert("RGB")


def test_points_are_painted_where_they_stand(page: Page) -> None:
    """In their colour, all of them, and nothing between; a blank canvas would be quick, too."""
    count = page.evaluate("map.size")
    assert count == 49
    pixels = page.evaluate(PIXELS, list(range(count)))
    alike = 0
    for index, (*rgb, alpha) in enumerate(pixels):
        assert alpha > 60, index
        straight = [255 * part / alpha for part in rgb]
        alike += straight == pytest.approx(page.evaluate(COLOR_OF, index), abs=30)
    # Some lie beneath the edge of another.
    assert alike >= 40
    assert 0.002 < page.evaluate(SHARE_PAINTED) < 0.06


def test_points_of_little_trust_are_faded(page: Page) -> None:
    """The legend says how many, and what that means; pressed, it hides them."""
    page.evaluate("""() => {
      map.data.trust.fill(10);
      map.data.trust[5] = 0;
      map.setFilter(new Set(), false);
    }""")
    (*_, faint), (*_, firm) = page.evaluate(PIXELS, [5, 6])
    assert 0.2 < faint / firm < 0.5
    page.evaluate("map.setFilter(new Set(), true)")
    assert page.evaluate(PIXELS, [5])[0][3] < faint / 2
    assert page.evaluate("map.isShown(5)") is False


def test_a_point_leads_to_its_true_neighbours(page: Page) -> None:
    """Ten cards, those that the map puts elsewhere marked as such, and the rest of the points dimmed to 30 %."""
    before = _seen(page)
    _click(page, 3)
    expect(_list(page).locator(".nh-card")).to_have_count(10)
    focus = page.evaluate("({near: map.focus.near, point: map.focus.point})")
    assert focus["point"] == 3
    expect(_list(page).locator(".nh-remark")).to_have_count(sum(away for _, away in focus["near"]))
    rest = [i for i in range(49) if i not in {3, *(index for index, _ in focus["near"])}]
    places = np.rint(page.evaluate("(rest) => rest.map((index) => map.positionOf(index))", rest)).astype(int)
    card = np.array(page.evaluate("map.overlay.colors.card"))
    # Lines and names lie over a few of them.
    was, now = (np.abs(np.asarray(seen)[*places.T[::-1]] - card).max(axis=1) for seen in (before, _seen(page)))
    assert np.median(now / was) == pytest.approx(0.3, abs=0.06)
    center = _list(page).locator(".nh-center .nh-body").inner_text()
    _list(page).locator(".nh-card").first.click()
    expect(_list(page).locator(".nh-center .nh-body")).not_to_have_text(center)
    page.locator(".nh-map-host").focus()
    page.keyboard.press("Escape")
    expect(_list(page)).to_contain_text("Clusters")


def test_points_are_not_drawn_again_for_what_stands_above_them(page: Page) -> None:
    """Of a million, that takes a processor a quarter of a second: with each point passed over, and each picked."""
    page.evaluate("""() => {
      map.paintNow();
      map.drawn = 0;
      const draw = map.cloud.draw.bind(map.cloud);
      map.cloud.draw = (...given) => { map.drawn++; draw(...given); };
    }""")
    for index in (3, 5, 8):
        page.mouse.move(*page.evaluate(PLACE, index))
        _click(page, index)
    expect(_list(page).locator(".nh-card")).to_have_count(10)
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    assert page.evaluate("map.drawn") == 0
    page.evaluate("map.zoomBy(1.5)")
    page.wait_for_function("map.drawn > 0")


def test_it_works_by_keyboard(page: Page) -> None:
    """Arrows go from point to point and say its text, Enter picks, plus and 0 zoom, V selects what is in view."""
    page.locator(".nh-map-host").focus()
    page.keyboard.press("ArrowRight")
    tip = page.locator(".nh-map-tip span")
    expect(tip).to_be_visible()
    first = tip.inner_text()
    page.keyboard.press("ArrowDown")
    expect(tip).not_to_have_text(first)
    pointed = tip.inner_text()
    expect(page.locator(".nh-map-host [aria-live]")).to_contain_text(pointed)
    page.keyboard.press("Enter")
    expect(_list(page).locator(".nh-center .nh-body")).to_have_text(pointed)
    page.keyboard.press("+")
    assert page.evaluate("map.camera.zoom") > 1.3
    page.keyboard.press("0")
    assert page.evaluate("map.camera.zoom") == pytest.approx(1)
    page.keyboard.press("v")
    expect(_list(page).locator("h2")).to_have_text("49 passages")


def test_a_lasso_selects(page: Page) -> None:
    """What it goes around, and no more; the selection can be saved as a table."""
    page.locator(".nh-map-host").scroll_into_view_if_needed()
    box = page.locator(".nh-map-host").bounding_box()
    assert box is not None
    left, top = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.get_by_role("button", name="Select with a lasso").click()
    corners = [(left - 70, top - 70), (left + 70, top - 70), (left + 70, top + 70), (left - 70, top + 70)]
    page.mouse.move(*corners[0])
    page.mouse.down()
    for corner in [*corners[1:], corners[0]]:
        page.mouse.move(*corner, steps=5)
    page.mouse.up()
    within = page.evaluate(
        """([left, top]) => [...Array(map.size).keys()].filter((i) => {
          const [x, y] = map.positionOf(i);
          const box = map.canvas.getBoundingClientRect();
          return Math.abs(box.left + x - left) < 69 && Math.abs(box.top + y - top) < 69;
        })""",
        [left, top],
    )
    expect(_list(page).locator("h2")).to_contain_text("passage")
    assert within
    assert set(within) <= set(page.evaluate("map.lit"))
    count = len(page.evaluate("map.lit"))
    expect(_list(page).locator(".nh-picks li")).to_have_count(count)
    with page.expect_download() as download:
        _list(page).get_by_role("link", name="CSV").click()
    assert len(Path(download.value.path()).read_text().splitlines()) == count + 1


def test_the_legend_counts_and_filters(page: Page) -> None:
    """A group that is pressed stays; the others are no more than a shadow, and cannot be pointed at."""
    if page.locator(".nh-map-legend details:not([open])").count():
        page.locator(".nh-map-legend summary").click()
    groups = page.locator(".nh-map-groups button")
    counts = [int(text) for text in groups.locator("b").all_inner_texts()]
    none = [i for i, name in enumerate(groups.locator("span").all_inner_texts()) if name.startswith("faded")]
    assert sum(count for i, count in enumerate(counts) if i not in none) == 49
    groups.first.click()
    expect(groups.first).to_have_attribute("aria-pressed", "true")
    shown = page.evaluate("[...Array(map.size).keys()].filter((i) => map.isShown(i))")
    assert len(shown) == counts[0]
    out = next(i for i in range(49) if i not in shown)
    assert page.evaluate(PIXELS, [out])[0][3] < 40
    page.locator(".nh-map-legend select").select_option("trust")
    expect(groups.first).to_contain_text("0 or 1 of 10")
    assert page.evaluate("map.isShown(0) && map.coloring.by === 'trust'")


def test_a_text_is_placed_with_its_error(page: Page) -> None:
    """A circle for how far off it may be, in the map's own units; what does not belong is off the map."""
    field = page.get_by_label("Place a text on the map")
    field.fill("puppy")
    field.press("Enter")
    expect(_list(page).locator(".nh-card")).to_have_count(10)
    assert page.evaluate("map.focus.place.error") > 0
    assert page.evaluate("map.focus.place.off") is False
    field.fill("quantum chromodynamics")
    field.press("Enter")
    expect(_list(page)).to_contain_text("off the map")
    assert page.evaluate("map.focus.place.off") is True


def test_the_list_is_a_way_to_all_of_it(page: Page) -> None:
    """A cluster is chosen there, its passages are listed, and one of them leads to its neighbours: by keyboard."""
    _list(page).locator("[data-cluster]").first.focus()
    page.keyboard.press("Enter")
    picks = _list(page).locator(".nh-picks .nh-open")
    expect(picks.first).to_be_visible()
    expect(picks).to_have_count(page.evaluate("map.lit.length"))
    picks.first.focus()
    page.keyboard.press("Enter")
    expect(_list(page).locator(".nh-card")).to_have_count(10)


def test_what_is_looked_at_has_an_address(page: Page) -> None:
    """Place, zoom and what was chosen: back and forward lead through it, and who is sent it sees the same."""
    _click(page, 3)
    page.evaluate("map.zoomBy(2)")
    page.wait_for_function("location.hash.includes('at=') && location.hash.includes('point=')")
    page.locator(".nh-map-host").focus()
    page.keyboard.press("v")
    page.wait_for_function("location.hash.includes('within=')")
    lit, sent = page.evaluate("map.lit.length"), page.url
    page.go_back()
    page.wait_for_function("map.focus?.point === 3")
    page.go_back()
    expect(_list(page)).to_contain_text("Clusters")
    assert page.evaluate("[map.focus, map.camera.isFit]") == [None, True]
    page.go_forward()
    page.go_forward()
    page.wait_for_function("(count) => map.lit.length === count", arg=lit)
    assert page.url == sent
    page.reload()
    page.wait_for_function(MAP)
    expect(_list(page).locator("h2")).to_have_text(f"{lit} passages")
    assert page.evaluate("map.camera.zoom") == pytest.approx(2, abs=0.01)
    assert page.evaluate("map.lit.length") == lit


def test_hits_and_sources_are_shown_on_the_map(page: Page) -> None:
    """A button in Look up leads to the map, where the hits are numbered, and the query stands with its error."""
    page.get_by_role("tab", name="Look up").click()
    page.locator("#nh-query input").fill("money")
    page.get_by_role("button", name="Search", exact=True).click()
    page.locator("#nh-hits").get_by_role("button", name="Show on the map").click()
    expect(_list(page)).to_contain_text("Marked on the map")
    expect(_list(page).locator(".nh-picks li")).to_have_count(10)
    assert page.evaluate("map.focus.numbered && map.focus.place.error > 0")
    assert page.evaluate("map.focus.near.length") == 10


def test_another_theme_is_another_paint(page: Page) -> None:
    """At once, and in the colours of that theme."""
    before = page.evaluate(PIXELS, [3])[0]
    was_dark = page.evaluate("map.overlay.isDark")
    page.evaluate("document.documentElement.dataset.theme = map.overlay.isDark ? 'light' : 'dark'")
    page.wait_for_function("(before) => map.overlay.isDark !== before", arg=was_dark)
    after = page.evaluate(PIXELS, [3])[0]
    assert before[:3] != after[:3]
    assert page.evaluate(COLOR_OF, 3) == pytest.approx([255 * part / after[3] for part in after[:3]], abs=30)


def test_a_context_that_is_lost_comes_back(page: Page) -> None:
    """The browser may take it away at any time."""
    page.evaluate("""() => new Promise((resolve) => {
      const lost = map.cloud.gl.getExtension("WEBGL_lose_context");
      map.canvas.addEventListener("webglcontextrestored", () => setTimeout(resolve, 100));
      map.canvas.addEventListener("webglcontextlost", () => setTimeout(() => lost.restoreContext(), 50));
      lost.loseContext();
    })""")
    assert page.evaluate(PIXELS, [3])[0][3] > 60


def test_the_zoom_has_an_end(page: Page) -> None:
    """So that what lies around is not lost."""
    for _ in range(40):
        page.evaluate("map.zoomBy(2)")
    assert page.evaluate("map.camera.zoom") == pytest.approx(12)


def test_what_is_wrong_with_graphics_is_said(browser: Browser, server: Server) -> None:
    """Without WebGL2 the list is still there, and says what is on the map."""
    with browser.new_context() as context:
        context.add_init_script("HTMLCanvasElement.prototype.getContext = ((real) => function (kind, ...rest) {"
                                "return kind === 'webgl2' ? null : real.call(this, kind, ...rest); })"
                                "(HTMLCanvasElement.prototype.getContext)")  # fmt: skip
        context.add_init_script("localStorage.setItem('nearhood-collection', 'sample-words')")
        opened = context.new_page()
        opened.goto(f"{server.url}#map")
        expect(opened.locator(".nh-map-host")).to_contain_text("no WebGL2")
        expect(_list(opened)).to_contain_text("Clusters")


def test_a_collection_without_a_map_gets_one(browser: Browser, server: Server) -> None:
    """With what is being done meanwhile, and a way to stop it."""
    with browser.new_context() as context:
        context.add_init_script("localStorage.setItem('nearhood-collection', 'sample-sentences')")
        opened = context.new_page()
        opened.goto(f"{server.url}#map")
        opened.wait_for_function(MAP)
        expect(opened.locator(".nh-map-reading")).to_contain_text("passages")
        opened.locator(".nh-map-how summary").click()
        opened.get_by_label("Seed").fill("5")
        opened.get_by_role("button", name="Draw anew").click()
        expect(opened.locator(".nh-map-how summary")).to_contain_text("seed 5, version 2; since version 1 half of")


def test_markup_on_the_map_stays_text(browser: Browser, tmp_path: Path, cache: Path) -> None:
    """In texts, names of files and labels of clusters."""
    evil = '<img src=x onerror="window.hurt = 1">'
    folder = tmp_path / "<b onmouseover=hurt()>folder"
    folder.mkdir()
    lines = "\n".join(f"{evil} {'river otter' if i % 2 else 'stock market'} {i}" for i in range(60))
    (folder / "<img src=x onerror=hurt()>.txt").write_text(lines)
    with Service(Settings(data=tmp_path / "data", cache=cache), "test") as service:
        ingest(service.store, service.embedder, "evil", [folder], "words")
        service.keep_map("evil")
    with Server(tmp_path / "data", cache) as server, browser.new_context() as context:
        opened = context.new_page()
        opened.goto(f"{server.url}#map")
        opened.wait_for_function(MAP)
        opened.mouse.move(*opened.evaluate(PLACE, 3))
        expect(opened.locator(".nh-map-tip")).to_contain_text("onerror")
        opened.mouse.click(*opened.evaluate(PLACE, 3))
        expect(_list(opened).locator(".nh-card")).to_have_count(10)
        opened.locator(".nh-map-host").focus()
        opened.keyboard.press("v")
        expect(_list(opened).locator("h2")).to_have_text("60 passages")
        opened.locator(".nh-map-legend select").select_option("source")
        assert opened.evaluate("window.hurt") is None
        assert opened.locator("#nh-map-tab img, #nh-map-tab [onmouseover]").count() == 0


def test_what_fails_is_said_below_the_map(browser: Browser, server: Server) -> None:
    """A place that is never found looks like a map that does nothing; the next one that is found takes it back."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, color_scheme="dark")
    context.add_init_script("localStorage.setItem('nearhood-collection', 'sample-words')")
    page = context.new_page()
    page.goto(f"{server.url}#map")
    page.wait_for_function(MAP, timeout=60_000)
    expect(_list(page)).to_contain_text("Clusters")
    fault, field = page.locator(".nh-map-fault"), page.get_by_label("Place a text on the map")
    expect(fault).to_be_empty()

    page.route("**/page/maps/view**", lambda route: route.abort())
    field.fill("a boat on the river")
    field.press("Enter")
    expect(fault).to_have_text("The server does not answer: it may have been stopped.")
    expect(fault).to_have_attribute("role", "alert")
    assert barriers(page, ".nh-map-foot") == []

    page.unroute("**/page/maps/view**")
    field.press("Enter")
    expect(fault).to_be_empty()
    expect(_list(page)).to_contain_text("a boat on the river")
    context.close()


@pytest.fixture
def desk(browser: Browser, server: Server) -> Iterator[Page]:
    """The map of the words on a wide screen; requests may fail."""
    with browser.new_context(viewport={"width": 1440, "height": 900}, reduced_motion="reduce") as context:
        context.add_init_script("localStorage.setItem('nearhood-collection', 'sample-words')")
        yield context.new_page()


def _open(page: Page, server: Server) -> None:
    page.goto(f"{server.url}#map")
    page.wait_for_function(MAP, timeout=60_000)
    expect(_list(page)).to_contain_text("Clusters")


def test_a_map_that_failed_is_tried_again(desk: Page, server: Server) -> None:
    """By a button, and by coming back to it; one lost answer is no reason to load the page anew."""
    desk.route("**/page/maps/points.bin**", lambda route: route.abort())
    desk.goto(f"{server.url}#map")
    again = desk.get_by_role("button", name="Try again")
    expect(again).to_be_visible()
    desk.get_by_role("tab", name="Look up").click()
    desk.unroute("**/page/maps/points.bin**")
    desk.get_by_role("tab", name="Map").click()
    desk.wait_for_function(MAP, timeout=60_000)


def test_the_map_can_be_coloured_by_a_probe_that_was_just_made(desk: Page, server: Server) -> None:
    """Which the list says; and what comes of it is said even after another click."""
    _open(desk, server)
    _list(desk).locator("[data-cluster]").first.click()
    _list(desk).locator("summary", has_text="Probe").click()
    _list(desk).get_by_label("What they are").fill("chosen")
    _list(desk).locator('form[data-verb="probe"] button').click()
    expect(_list(desk).locator(".nh-done")).to_contain_text("The probe chosen is there")
    desk.locator(".nh-map-legend select").select_option("probe:chosen")
    desk.wait_for_function("() => map.coloring.by === 'probe:chosen'")


def test_what_was_made_is_said_after_another_click(desk: Page, server: Server) -> None:
    """It may take long, and says so; nobody has to wait before the list."""
    _open(desk, server)
    _list(desk).locator("[data-cluster]").first.click()
    _list(desk).locator("summary", has_text="New collection").click()
    _list(desk).get_by_label("Its name").fill("sample-words")
    desk.evaluate("""() => {
      const real = window.fetch;
      window.fetch = async (path, options) => {
        const isVerb = String(options?.body).includes('"verb"');
        if (isVerb) await new Promise((resolve) => { window.goOn = resolve; });
        return real(path, options);
      };
    }""")
    make = _list(desk).locator('form[data-verb="collection"] button')
    make.click()
    expect(make).to_have_text("Being made …")
    expect(make).to_be_disabled()
    _list(desk).locator("[data-step]").first.click()
    expect(_list(desk)).to_contain_text("Clusters")
    desk.evaluate("goOn()")
    expect(desk.locator(".nh-map-fault")).to_contain_text("sample-words")
    expect(_list(desk)).to_contain_text("Clusters")


def test_a_text_is_placed_on_the_map_that_came_meanwhile(desk: Page, server: Server) -> None:
    """A map that has changed since is drawn anew, and what was asked of the one before is asked of it."""
    _open(desk, server)
    desk.evaluate("page.data.meta.edition = '1.1.1'")
    field = desk.get_by_label("Place a text on the map")
    field.fill("a boat on the river")
    field.press("Enter")
    expect(_list(desk)).to_contain_text("a boat on the river")
    desk.wait_for_function(MAP)
    desk.wait_for_function("() => map.focus?.place")


def test_a_point_is_picked_on_the_map_that_came_meanwhile(desk: Page, server: Server) -> None:
    """No point of one that has grown has moved; of one that was drawn anew it is said."""
    _open(desk, server)
    desk.evaluate("page.data.meta.edition = '1.1.1'")
    desk.mouse.click(*desk.evaluate(PLACE, 7))
    desk.wait_for_function("() => page.data?.meta.edition !== '1.1.1' && page.map?.focus?.point === 7")
    desk.wait_for_function(MAP)
    desk.evaluate("page.data.meta.edition = '1.1.1'; page.data.x[3] += 1")
    desk.mouse.click(*desk.evaluate(PLACE, 3))
    expect(desk.locator(".nh-map-fault")).to_contain_text("choose the point again")
    expect(_list(desk)).to_contain_text("Clusters")


def test_what_one_looks_at_stays_when_passages_come_in(desk: Page, server: Server) -> None:
    """A point with its neighbours, where it is looked at, and the colours."""
    _open(desk, server)
    _click(desk, 7)
    desk.locator(".nh-map-legend select").select_option("source")
    desk.wait_for_function("() => map.coloring.by === 'source'")
    desk.evaluate("map.camera.lookAt(map.data.x[7], map.data.y[7], 3); map.draw()")
    desk.evaluate("page.data.meta.edition = '1.1.1'; window.before = page.map; page.load()")
    desk.wait_for_function("() => page.map && page.map !== before && page.map.focus?.point === 7")
    desk.wait_for_function(MAP)
    assert desk.evaluate("[map.coloring.by, Math.round(map.camera.zoom)]") == ["source", 3]
    expect(_list(desk).locator(".nh-center")).to_be_visible()


def test_passages_that_come_in_are_waited_for(desk: Page, server: Server) -> None:
    """Ever longer, and in words: each part of an ingest changes the map that is asked for."""
    asked: list[str] = []

    def stale(route: Route) -> None:
        asked.append(route.request.url)
        route.fulfill(status=409, json={"error": {"kind": "stale", "message": "changed"}})

    desk.route("**/page/maps/points.bin**", stale)
    desk.goto(f"{server.url}#map")
    expect(desk.locator(".nh-map-host")).to_contain_text("Passages are coming in")
    desk.wait_for_timeout(2_000)
    assert len(asked) <= 4
    desk.unroute("**/page/maps/points.bin**")
    desk.wait_for_function(MAP, timeout=60_000)


def test_a_lost_answer_does_not_end_a_fit(desk: Page, server: Server) -> None:
    """It goes on, and so does what is said of it."""
    _open(desk, server)
    lost: list[str] = []

    def lose_two(route: Route) -> None:
        if route.request.method == "GET" and len(lost) < 2:
            lost.append(route.request.url)
            route.abort()
        else:
            route.continue_()

    desk.route("**/page/maps/fit**", lose_two)
    desk.locator(".nh-map-how summary").click()
    desk.get_by_label("Seed").fill("8")
    desk.get_by_role("button", name="Draw anew").click()
    expect(desk.locator(".nh-map-how summary")).to_contain_text("seed 8")
    assert len(lost) == 2


def test_the_list_keeps_its_place_by_keyboard(desk: Page, server: Server) -> None:
    """From a cluster to a passage and on: the focus stays in the list, and Escape leads back to the map."""
    _open(desk, server)
    _list(desk).locator("[data-cluster]").first.focus()
    desk.keyboard.press("Enter")
    expect(_list(desk).locator(".nh-picks .nh-open").first).to_be_visible()
    desk.wait_for_function("() => document.activeElement.closest('#nh-map-near')")
    _list(desk).locator(".nh-picks .nh-open").first.focus()
    desk.keyboard.press("Enter")
    expect(_list(desk).locator(".nh-center .nh-body")).to_be_visible()
    desk.wait_for_function("() => document.activeElement.closest('#nh-map-near')")
    desk.keyboard.press("Escape")
    expect(desk.locator(".nh-map-host")).to_be_focused()


def test_a_text_without_a_map_has_neighbours_all_the_same(browser: Browser, server: Server) -> None:
    """Where nothing can be drawn, the list says what is near."""
    with browser.new_context() as context:
        context.add_init_script("HTMLCanvasElement.prototype.getContext = () => null")
        context.add_init_script("localStorage.setItem('nearhood-collection', 'sample-words')")
        opened = context.new_page()
        opened.goto(f"{server.url}#map")
        expect(opened.locator(".nh-map-host")).to_contain_text("no WebGL2")
        field = opened.get_by_label("Place a text on the map")
        field.fill("a boat on the river")
        field.press("Enter")
        expect(_list(opened)).to_contain_text("a boat on the river")


def test_what_colours_stand_for_is_asked_before_the_colours(desk: Page, server: Server) -> None:
    """Both are of one colouring, which may take long to make and would be made twice."""
    _open(desk, server)
    heard: list[str] = []

    def name(asked: Request) -> str:
        return asked.url.partition("?")[0].rpartition("/")[2]

    desk.on("request", lambda asked: heard.append(name(asked)))
    desk.on("requestfinished", lambda asked: heard.append(f"answered {name(asked)}"))
    desk.locator(".nh-map-legend select").select_option("source")
    desk.wait_for_function("() => map.coloring.by === 'source'")
    assert heard.index("answered legend.json") < heard.index("groups.bin")
