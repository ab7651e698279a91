"""Parts of the map by themselves: its JavaScript as it stands, on a page without a server."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]  # one browser at a time

ASSETS = Path(__file__).parents[2] / "ui/web/assets"
PAGE = """<!doctype html><link rel="stylesheet" href="/colors.css"><link rel="stylesheet" href="/latent-map.css">
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
