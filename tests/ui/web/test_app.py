"""The page without a browser: its handlers on a real store, and its routes."""

import asyncio
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from ingest.sample import NOTES, SENTENCES, WORDS
from ingest.sync import ingest
from search.service import Service
from search.settings import Settings
from ui.serve import build_app
from ui.web.examples import examples
from ui.web.header import choices, usual
from ui.web.tabs.compare import comparison
from ui.web.tabs.look_up import ranking, refined
from ui.web.tabs.tokens import split_text
from ui.web.trail import arrive


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, cache: Path) -> Iterator[Service]:
    """The bundled sample in a store of its own."""
    with Service(Settings(data=tmp_path_factory.mktemp("data"), cache=cache), "test") as opened:
        ingest(opened.store, opened.embedder, "sample-words", [WORDS], "words")
        ingest(opened.store, opened.embedder, "sample-sentences", [SENTENCES], "sentences")
        ingest(opened.store, opened.embedder, "sample-notes", [NOTES], "notes")
        yield opened


@pytest.fixture(scope="module")
def client(service: Service) -> Iterator[TestClient]:
    """A browser on this machine, as far as a server can tell."""

    async def build() -> FastAPI:
        # Without a running loop, Gradio makes loops that it never closes.
        return build_app(service)

    with TestClient(asyncio.run(build()), base_url="http://127.0.0.1:7860") as opened:
        yield opened


def test_look_up_lists_the_nearest(service: Service) -> None:
    """The nearest word to river is river itself, then what is like it."""
    html = ranking(service, "river", "sample-words", 5)
    assert html.count('class="nh-card"') == 5
    assert html.index(">river<") < html.index(">riverbank<")


def test_look_up_starts_with_texts_of_the_collection(service: Service) -> None:
    """An empty field offers something that is surely found."""
    html = ranking(service, " ", "sample-words", 5)
    offered = examples(service, "sample-words")
    assert 3 <= len(offered) <= 6
    assert all(f'data-example="{text}"' in html for text in offered)
    assert all(len(text) <= 60 for text in examples(service, "sample-notes"))


def test_a_filter_that_leaves_nothing_is_not_an_empty_collection(service: Service) -> None:
    """Nobody is sent to the library for it."""
    html = ranking(service, "river", "sample-words", 5, refined("", "source = nowhere", why=False))
    assert "No passage fits the filter." in html
    assert "empty" not in html


def test_nothing_torn_is_offered(service: Service, tmp_path: Path) -> None:
    """A passage that begins amid a sentence or a list is no question."""
    whole = ["A whole sentence stands here", "# a heading of four"]
    (tmp_path / "torn.txt").write_text("\n".join([", one for mobile", "• a point of a list", ".NET", *whole]))
    ingest(service.store, service.embedder, "torn", [tmp_path / "torn.txt"], "sentences")
    assert {", one for mobile", "• a point of a list"}.isdisjoint(offered := examples(service, "torn"))
    assert {".NET", "A whole sentence stands here"} <= set(offered)


def test_look_up_says_what_is_wrong(service: Service, settings: Settings) -> None:
    """A user's error is a sentence in its place, and an empty store says what to do."""
    assert "No collection &#x27;gone&#x27;" in ranking(service, "bank", "gone", 5)
    with Service(settings, "test") as empty:
        assert usual(empty) is None
        assert choices(empty) == []
        assert "nearhood demo" in ranking(empty, "bank", None, 5)


def test_a_passage_leads_to_its_neighbours_and_back(service: Service) -> None:
    """Each step adds to the trail, and a place where one has been cuts it."""
    first, second = (hit.id for hit in service.search("bank", "sample-words", 2).hits)
    one = arrive(service, first, "sample-words", 5, (), "Results")
    two = arrive(service, second, "sample-words", 5, one.way, "Results")
    assert [stop.id for stop in two.way] == [first, second]
    assert first not in one.neighbours
    assert arrive(service, first, "sample-words", 5, two.way, "Results").way == one.way


def test_compare_needs_two_texts(service: Service) -> None:
    """One line is a hint, not an error; empty lines do not count."""
    assert "at least two" in comparison(service, "bank\n\n")
    assert "role-swap" in comparison(service, "The dog chased the man\nThe man chased the dog")


def test_tokens_are_those_of_the_model(service: Service) -> None:
    """The ids of a text that everyone knows."""
    html = split_text(service, "Hello world", "text-embedding-3-large")
    assert "<i>9906</i>" in html
    assert "<i>1917</i>" in html
    assert "Unknown model &#x27;none&#x27;" in split_text(service, "Hello", "none")


def test_models_stand_side_by_side_with_their_prices(service: Service) -> None:
    """The same text, its tokens for each model, and what embedding it would cost."""
    html = split_text(service, "Hello world", "gpt-4o-mini")
    assert '<th scope="row">text-embedding-3-large</th><td>2</td><td>100,277</td><td>$0.0000003</td>' in html
    assert '<th scope="row">text-embedding-3-small</th><td>2</td><td>100,277</td><td>under $0.0000001</td>' in html
    assert "<td>free</td>" in html
    assert "<td>not an embedder</td>" in html
    assert "nh-models" not in split_text(service, "Hello " * 1_000, "gpt-4o-mini")


def test_the_selector_lists_collections_with_their_sizes(service: Service) -> None:
    """One of them is shown first."""
    assert {choice["name"]: choice["passages"] for choice in choices(service)}["sample-words"] == 49
    assert usual(service) in {choice["name"] for choice in choices(service)}


def test_a_mended_text_makes_another_edition(service: Service, tmp_path: Path) -> None:
    """As many passages as before are no sign that nothing has changed."""
    file = tmp_path / "mended.txt"
    seen = []
    for text in ("tee", "tea"):
        file.write_text(text)
        ingest(service.store, service.embedder, "mended", [file], "words")
        seen.append(next(choice for choice in choices(service) if choice["name"] == "mended"))
    before, after = seen
    assert before["passages"] == after["passages"] == 1
    assert before["edition"] != after["edition"]


def test_health(client: TestClient) -> None:
    """A monitor sees that it is well, and which version it is."""
    reply = client.get("/health")
    assert reply.status_code == 200
    assert reply.json()["status"] == "ok"


def test_the_page_brings_its_own_style_before_the_first_paint(client: TestClient) -> None:
    """Gradio adds to the head only once it runs, which flickers."""
    reply = client.get("/")
    assert reply.status_code == 200
    head = reply.text.partition("</head>")[0]
    assert "/page/colors.css" in head
    assert "frame-ancestors 'none'" in reply.headers["content-security-policy"]


def test_no_part_of_the_page_is_of_another_version(client: TestClient) -> None:
    """Scripts and styles are asked for anew, and mostly there is nothing new."""
    reply = client.get("/page/cards.js")
    assert reply.headers["cache-control"] == "no-cache"
    again = client.get("/page/cards.js", headers={"if-none-match": reply.headers["etag"]})
    assert (again.status_code, again.headers["cache-control"]) == (304, "no-cache")


def test_what_is_too_long_for_an_address_is_looked_up_all_the_same(client: TestClient) -> None:
    """A character of some scripts takes nine there."""
    long = "猫" * 2_000
    assert client.get("/page/look-up", params={"q": long}).status_code == 414
    wanted = {"q": long, "collection": "sample-words", "k": 5}
    assert client.post("/page/look-up", json=wanted).text.count("nh-card") >= 5
    short = {"q": "bank", "collection": "sample-words", "k": "5", "why": "true"}
    both = client.get("/page/look-up", params=short), client.post("/page/look-up", json={**short, "k": 5})
    listed, posted = (re.sub(r"\d+ ms", "", reply.text) for reply in both)
    assert listed == posted


def test_the_page_fetches_its_table(client: TestClient) -> None:
    """Of lines that are not empty."""
    table = client.post("/page/compare", json={"texts": "The dog chased the man\n\nThe man chased the dog"}).text
    assert "role-swap" in table
    assert "at least two" in client.post("/page/compare", json={"texts": "one"}).text
    assert client.post("/page/compare", json={"texts": "a" * 100_001}).status_code == 422


def test_the_page_fetches_tokens_while_one_types(client: TestClient) -> None:
    """Of a text of any length that the field takes."""
    reply = client.post("/page/tokens", json={"text": "Hello world", "model": "text-embedding-3-large"})
    assert "<i>9906</i>" in reply.text
    assert "Unknown model" in client.post("/page/tokens", json={"text": "Hello", "model": "none"}).text
    assert client.post("/page/tokens", json={"text": "a" * 100_001, "model": "gpt-4o-mini"}).status_code == 422


@pytest.mark.parametrize("host", ["evil.example", "evil.example:7860", "127.0.0.1.evil.example", "", "localhost@evil"])
@pytest.mark.parametrize("path", ["/", "/health", "/page/maps/meta.json?collection=x", "/gradio_api/info", "/config"])
def test_another_name_for_this_machine_is_refused(client: TestClient, host: str, path: str) -> None:
    """A name that a site points at 127.0.0.1 must not read what is here."""
    reply = client.get(path, headers={"host": host})
    assert reply.status_code == 421
    assert reply.json()["error"]["kind"] == "wrong-host"


@pytest.mark.parametrize("host", ["localhost", "localhost:7861", "127.0.0.1", "[::1]:7860", "LOCALHOST"])
def test_the_names_of_this_machine_are_served(client: TestClient, host: str) -> None:
    """Any port, and both families of addresses."""
    assert client.get("/health", headers={"host": host}).status_code == 200


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://localhost.evil.example", "http://[bad"])
def test_another_site_may_not_post(client: TestClient, origin: str) -> None:
    """A form on another site reaches this server with its own Origin."""
    reply = client.post("/gradio_api/run/predict", json={"data": []}, headers={"origin": origin})
    assert reply.status_code == 403
    assert reply.json()["error"]["kind"] == "wrong-origin"


def test_another_site_may_not_load_behind_the_scenes(client: TestClient) -> None:
    """An image or script tag brings no Origin, but says where it is; a link to the page that is followed is fine."""
    from_there = {"sec-fetch-site": "cross-site"}
    assert client.get("/health", headers={**from_there, "sec-fetch-mode": "no-cors"}).status_code == 403
    followed = {**from_there, "sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}
    assert client.get("/", headers=followed).status_code == 200
    # A frame would have the whole store copied and downloaded, again and again; and so would a link.
    assert client.get("/", headers={**followed, "sec-fetch-dest": "iframe"}).status_code == 403
    assert client.get("/api/backup", headers=followed).status_code == 403


def test_a_request_has_a_limit(client: TestClient) -> None:
    """Announced or not, too much is refused."""

    def pieces() -> Iterator[bytes]:
        for _ in range(5):
            yield b"x" * 2**20

    many: dict[str, Any] = {"content": b"x" * 5 * 2**20}
    assert client.post("/gradio_api/run/predict", **many).status_code == 413
    assert client.post("/gradio_api/run/predict", content=pieces()).status_code == 413


@pytest.mark.parametrize("path", ["/monitoring", "/monitoring/summary"])
def test_gradio_watches_nobody(client: TestClient, path: str) -> None:
    """Gradio's view of who asked what stays shut."""
    assert client.get(path).status_code in {403, 404}


def test_nothing_can_be_uploaded(client: TestClient) -> None:
    """The page takes no files."""
    assert client.post("/gradio_api/upload", files={"files": ("a.txt", b"x")}).status_code == 404


def test_no_handler_is_part_of_an_api(client: TestClient) -> None:
    """The page's own wires are not a contract."""
    named = client.get("/gradio_api/info").json()["named_endpoints"]
    assert named == {}


def test_the_page_names_all_that_the_map_needs_to_begin(client: TestClient) -> None:
    """A browser finds what a module imports only once it has the module, one round trip after the other."""
    named = re.findall(r'<link rel="modulepreload" href="([^"]+)">', client.get("/").text)
    assert "/page/map-page.js" in named
    for path in named:
        reply = client.get(path)
        assert reply.status_code == 200
        assert {f"/page/{name}" for name in re.findall(r'from "\./([\w-]+\.js)"', reply.text)} <= set(named)
