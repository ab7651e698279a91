"""Parts of the map by themselves: its JavaScript as it stands, on a page without a server."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]  # one browser at a time

ASSETS = Path(__file__).parents[2] / "ui/web/assets"
PAGE = """<!doctype html><link rel="stylesheet" href="/colors.css">
<link rel="stylesheet" href="/latent-map.css">
<style>* { box-sizing: border-box }</style>
<body class="gradio-container"><div class="nh-map-host" style="width: 600px; height: 500px"></div>"""

# A map of n points at random, by the names that the page's own tests have for it.
MAP = """async (n) => {
  const [{ LatentMap }, { MapData }] = await Promise.all([import("/latent-map.js"), import("/map-data.js")]);
  const meta = { n, small: false, terms: false, faint: { most: 0 }, clusters: [{ name: "all", count: n }], none: 0 };
  const data = new MapData("none", meta);
  data.x = Float32Array.from({ length: n }, () => Math.random());
  data.y = Float32Array.from({ length: n }, () => Math.random());
  data.cluster = new Uint16Array(n);
  data.trust = new Uint8Array(n).fill(10);
  window.told = [];
  const tell = (name) => (...given) => { told.push([name, ...given]); };
  const names = ["pick", "clear", "point", "lasso", "mode", "move", "settle"];
  const on = Object.fromEntries(names.map((name) => [name, tell(name)]));
  window.map = new LatentMap(document.querySelector(".nh-map-host"), on);
  map.setData(data);
}"""


def _serve(route: Route) -> None:
    path = ASSETS / route.request.url.rsplit("/", 1)[-1]
    if path.is_file():
        route.fulfill(path=path)
    else:
        route.fulfill(body=PAGE, content_type="text/html")


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """An empty page that the map's parts are taken into."""
    with browser.new_context(viewport={"width": 1000, "height": 900}, reduced_motion="reduce") as context:
        context.route("**/*", _serve)
        opened = context.new_page()
        opened.goto("http://map.test/")
        yield opened


def _shown(page: Page, refresh: float, capacity: int, seconds: float) -> list[float]:
    """Return the points of each frame of a screen that shows a frame late when it has more points than it can draw."""
    frames: list[float] = page.evaluate(
        """async ([refresh, capacity, seconds]) => {
          const { Pace } = await import("/pace.js");
          const pace = new Pace(() => {});
          pace.move();
          const drawn = [];
          for (let now = 1000; now < 1000 + 1000 * seconds; now += refresh * Math.ceil(drawn.at(-1) / capacity)) {
            drawn.push(pace.count(1_000_000, now));
          }
          pace.stop();
          return drawn;
        }""",
        [refresh, capacity, seconds],
    )
    return frames


@pytest.mark.parametrize("refresh", [1000 / 60, 1000 / 120, 20], ids=["60 Hz", "120 Hz", "50 Hz"])
def test_while_it_moves_hardly_a_frame_is_missed(page: Page, refresh: float) -> None:
    """As many points are drawn as keep up with the screen, at 48 frames a second or more."""
    settled = _shown(page, refresh, 300_000, 20)[-200:]
    most = 300_000 * max(1, int(21 / refresh))
    assert sum(count > most for count in settled) <= 5
    assert min(settled) > 0.7 * most


def test_a_slow_screen_draws_few(page: Page) -> None:
    """As without a graphics card: no fewer than those that tell what is where."""
    assert _shown(page, 1000 / 60, 5_000, 10)[-1] == 12_000


def test_frames_go_on_until_a_move_has_settled(page: Page) -> None:
    """So that the time between two notches of a wheel is not taken for that of a slow frame."""
    page.evaluate(MAP, 50)
    page.evaluate("""() => new Promise((resolve) => {
      let drawn = 0;
      map.cloud.draw = () => drawn++;
      map.on.settle = () => { window.drawn = drawn; resolve(); };
      map.zoomBy(1.1);
    })""")
    assert page.evaluate("drawn") > 2


def test_its_pixels_are_those_of_the_screen(page: Page) -> None:
    """Nothing is drawn in one size and shown in another."""
    page.evaluate(MAP, 50)
    size = "[map.canvas.width, map.canvas.height, map.overlay.canvas.width, map.camera.width]"
    box = "(({ width, height }) => [width, height])(map.canvas.getBoundingClientRect())"
    width, height = page.evaluate(box)
    assert page.evaluate(size) == [width, height, width, width]


def test_only_the_first_button_presses(page: Page) -> None:
    """Another opens a menu, under which a press ends unseen: the map does not stick to the pointer."""
    page.evaluate(MAP, 50)
    place = page.evaluate(
        "[...map.positionOf(3)].map((at, i) => at + map.canvas.getBoundingClientRect()[i ? 'top' : 'left'])"
    )
    page.mouse.click(*place, button="right")
    page.mouse.click(*place, button="middle")
    picks = "told.filter(([name]) => name === 'pick').length"
    assert page.evaluate(picks) == 0
    page.mouse.click(*place)
    assert page.evaluate(picks) == 1
    was = page.evaluate("[map.camera.x, map.camera.y]")
    page.mouse.down()
    page.evaluate("""() => {
      const move = { pointerId: 1, clientX: 20, clientY: 20, bubbles: true };
      map.overlay.canvas.dispatchEvent(new PointerEvent("pointermove", move));
    }""")
    page.mouse.move(300, 300)
    page.mouse.up()
    assert page.evaluate("[map.camera.x, map.camera.y]") == was


def test_a_map_that_was_moved_stays_there(page: Page) -> None:
    """Whatever its frame's size becomes, as when a phone hides its bar; one that was not is shown whole again."""
    page.evaluate(MAP, 50)
    resize = "(height) => { map.host.style.height = `${height}px`; }"
    resized = "(height) => map.camera.height === height - 2"
    page.evaluate(resize, 460)
    page.wait_for_function(resized, arg=460)
    assert page.evaluate("map.camera.isFit")
    page.evaluate("map.camera.pan(120, 40)")
    assert not page.evaluate("map.camera.isFit")
    was = page.evaluate("[map.camera.x, map.camera.y]")
    page.evaluate(resize, 500)
    page.wait_for_function(resized, arg=500)
    assert page.evaluate("[map.camera.x, map.camera.y]") == was
    page.evaluate("map.fit()")
    assert page.evaluate("map.camera.isFit")


@pytest.mark.parametrize("width", [799, 800, 1000])
def test_a_map_moves_aside_for_its_legend_and_its_buttons(page: Page, width: int) -> None:
    """The same whether it is told before or after its size is known, and wherever the style sheet puts them."""
    page.set_viewport_size({"width": width, "height": 900})
    page.evaluate(MAP, 2_000)
    page.evaluate("map.avoid({ width: 236, height: 400 })")
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => setTimeout(done)))")
    covered, bar = page.evaluate("[map.camera.covered, map.bar]")
    assert covered["left"] > 0
    assert (covered["bottom"] > 0) is (width < 800)
    assert (bar["width"] > 0) is (width >= 800)
    assert page.evaluate("map.camera.isFit")


def test_a_colouring_is_reckoned_once(page: Page) -> None:
    """A map of a million takes each time until it is seen."""
    page.evaluate(MAP, 50)
    page.evaluate("""() => {
      const set = map.cloud.setPaint.bind(map.cloud);
      window.painted = 0;
      map.cloud.setPaint = (...given) => { painted++; set(...given); };
    }""")
    page.evaluate("map.setColoring(map.data.byCluster())")
    assert page.evaluate("painted") == 1
    page.evaluate("map.setData(map.data)")
    assert page.evaluate("painted") == 2


def test_by_keyboard_a_point_is_there_when_it_is_told(page: Page) -> None:
    """So that its text stands beside it, also where the map moves for it and motion is not reduced."""
    page.emulate_media(reduced_motion="no-preference")
    page.evaluate(MAP, 50)
    page.evaluate("map.camera.lookAt(0.5, 0.5, 8)")
    page.evaluate("map.on.point = (index) => { window.place = [...map.positionOf(index)]; window.index = index; }")
    page.locator(".nh-map-host").evaluate("(host) => { host.tabIndex = 0; host.focus(); }")
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    assert page.evaluate("place") == page.evaluate("map.positionOf(index)")
    page.wait_for_timeout(500)
    assert page.evaluate("place") == page.evaluate("map.positionOf(index)")


def test_a_map_with_any_seed_is_drawn_anew(page: Page) -> None:
    """The field takes what a seed may be."""
    wrong = page.evaluate("""async () => {
      const { Fit } = await import("/map-fit.js");
      const fit = new Fit(document.body, {});
      fit.follow("none", { map: { made: "t-SNE", method: "tsne", seed: 2 ** 32 - 3 } });
      return fit.seed.validationMessage;
    }""")
    assert wrong == ""


def test_a_tip_says_of_what_it_counts(page: Page) -> None:
    """True neighbours that are among the nearest on the map, of ten."""
    page.evaluate(MAP, 50)
    page.evaluate("""async () => {
      const { Tip } = await import("/map-tip.js");
      map.data.trust[3] = 1;
      map.data.texts.set(3, Promise.resolve({ text: "heron", source: "birds.txt", cluster: "" }));
      new Tip(map.host, map, map.data, (error) => { throw error; }).show(3, false);
    }""")
    about = page.locator(".nh-map-tip i")
    about.wait_for()
    assert about.inner_text() == "birds.txt · 1 of its 10 true neighbours among the 10 nearest here"


def test_a_map_makes_room_as_its_legend_grows(page: Page) -> None:
    """Also where it is laid over the map only once the window has become wide."""
    page.set_viewport_size({"width": 700, "height": 900})
    page.evaluate(MAP, 2_000)
    page.evaluate("""async () => {
      const { Legend } = await import("/map-legend.js");
      const box = Object.assign(document.createElement("div"), { className: "nh-map-legend" });
      map.host.append(box);
      const legend = new Legend(box, {});
      legend.show(map, map.data);
      legend.details.open = true;
    }""")
    page.wait_for_function("map.avoided.width === 0")
    page.set_viewport_size({"width": 1000, "height": 900})
    page.wait_for_function("map.avoided.width > 220 && map.avoided.height > 0")


def test_a_label_is_written_once(page: Page) -> None:
    """However often it is painted: to write dozens of them takes longer than to draw the points."""
    page.evaluate(MAP, 50)
    page.evaluate("""() => {
      window.written = 0;
      for (const kind of [CanvasRenderingContext2D, OffscreenCanvasRenderingContext2D]) {
        const write = kind.prototype.strokeText;
        kind.prototype.strokeText = function (...given) { written++; write.apply(this, given); };
      }
      map.data.labels = [{ text: "Waders", x: 0.5, y: 0.5, level: 0, point: null }];
      map.overlay.forget();
      map.paintNow();
    }""")
    assert page.evaluate("written") == 1
    page.evaluate("map.camera.pan(0, 60); map.paintNow()")
    assert page.evaluate("written") == 1
    ink = page.evaluate("""() => {
      const [left, top] = map.camera.toScreen(0.5, 0.5);
      const { data } = map.overlay.context.getImageData(left - 20, top - 8, 40, 16);
      return Math.min(...data.filter((value, i) => i % 4 === 0 && data[i + 3] > 200));
    }""")
    assert ink < 80
    page.evaluate("document.documentElement.dataset.theme = 'dark'; map.readColors(); map.paintNow()")
    assert page.evaluate("written") == 2
