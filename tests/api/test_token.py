"""With a token, nothing answers without it; the page asks a person for it."""

import socket
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from search.service import Service
from search.settings import Settings
from tests.api.conftest import Running, Serving, app
from tests.api.walk import routes
from tests.process import Run
from ui.access import GUESS_SECONDS, GUESSES, OPEN, SESSION_SECONDS, Access

TOKEN = "t0ken-with-some-length"
BEARER = {"Authorization": f"Bearer {TOKEN}"}


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, cache: Path) -> Iterator[Service]:
    """Nothing but a token."""
    settings = Settings(data=tmp_path_factory.mktemp("data"), cache=cache, token=TOKEN)
    with Service(settings, "test") as opened:
        yield opened


@pytest.fixture
def browser(url: str) -> Iterator[httpx.Client]:
    """What sends cookies back and follows redirects."""
    with httpx.Client(base_url=url, follow_redirects=True, headers={"Accept": "text/html"}) as opened:
        yield opened


def test_every_route_asks_for_the_token(client: httpx.Client, service: Service) -> None:
    """Those of the page, of Gradio, of files and of what is not there, too; on loopback as anywhere."""
    found = {route for route in routes(app(service).routes) if route[1] not in OPEN}
    assert {path for _, path in found} >= {"/", "/openapi.json", "/api/search", "/v1/models", "/page/x", "/config"}
    assert {path for _, path in found} >= {"/gradio_api/queue/join", "/static/x", "/gradio_api/upload", "/api/x"}
    for method, path in sorted(found):
        for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": f"Basic {TOKEN}"}, {"Cookie": "x=y"}):
            reply = client.request(method, path, headers=headers)
            assert reply.status_code == 401, (method, path, headers)
            assert reply.headers["www-authenticate"].startswith("Bearer")
            if method != "HEAD":
                assert reply.json()["error"]["kind"] == "unauthorized"


def test_what_is_open(client: httpx.Client) -> None:
    """Whether the server is up, and the form; names that only look like them are not."""
    assert client.get("/health").status_code == 200
    assert client.get("/login").status_code == 401
    for path in ("/health/", "//health", "/health/../api/collections", "/Health", "/health%00", "/login/x"):
        assert client.get(path).status_code == 401, path


def test_who_has_the_token_comes_in(client: httpx.Client) -> None:
    """By the header that OpenAI's clients send; not by the address, where it would be logged."""
    assert client.get("/api/collections", headers=BEARER).json() == {"collections": []}
    assert client.get("/openapi.json", headers={"Authorization": f"bearer  {TOKEN}"}).status_code == 200
    assert client.get("/", headers=BEARER).status_code == 200
    assert client.get("/api/collections", params={"token": TOKEN}).status_code == 401
    assert client.post("/api/search", headers={**BEARER, "Origin": "https://evil.example"}).status_code == 403


def test_a_browser_logs_in_and_out(browser: httpx.Client) -> None:
    """Its cookie is out of reach for scripts and other sites, does not hold the token, and ends with the session."""
    assert 'name="token"' in browser.get("/").text
    inside = browser.post("/login", data={"token": f" {TOKEN}\n"})
    assert (inside.status_code, inside.url.path) == (200, "/")
    assert "Log out" in inside.text
    (cookie,) = inside.history[0].headers.get_list("set-cookie")
    assert {"httponly", "samesite=strict", "path=/"} <= {part.strip().lower() for part in cookie.split(";")}
    assert TOKEN not in cookie
    assert browser.get("/api/collections").status_code == 200
    assert browser.post("/api/search", headers={"Origin": "https://evil.example"}, json={}).status_code == 403
    kept = {"Cookie": "; ".join(f"{name}={value}" for name, value in browser.cookies.items())}
    assert 'name="token"' in browser.post("/logout").text
    assert browser.get("/api/collections", headers=kept).status_code == 401


def test_a_wrong_token_says_so(browser: httpx.Client) -> None:
    """In the form, and never repeats what was tried."""
    reply = browser.post("/login", data={"token": "<b>guess</b>"})
    assert reply.status_code == 401
    assert 'role="alert"' in reply.text
    assert "guess" not in reply.text
    assert browser.post("/login", data={"token": TOKEN}, headers={"Origin": "http://localhost:1"}).status_code == 403
    assert browser.post("/login").status_code == 401


def test_guessing_is_slow(service: Service) -> None:
    """By the form and by the header, the right one included; sessions go on."""
    with Running(service) as url, httpx.Client(base_url=url) as inside, httpx.Client(base_url=url) as outside:
        assert inside.post("/login", data={"token": TOKEN}).status_code == 303
        assert outside.post("/login", data={"token": "a guess"}).status_code == 401
        for number in range(GUESSES - 1):
            guess = {"Authorization": f"Bearer {number}"}
            assert outside.get("/api/jobs", headers=guess).status_code == 401
        refused = outside.get("/api/jobs", headers=BEARER)
        assert refused.status_code == 429
        assert 0 < int(refused.headers["retry-after"]) <= GUESS_SECONDS + 1
        assert outside.post("/login", data={"token": TOKEN}).status_code == 429
        assert inside.get("/api/jobs").status_code == 200


def test_an_access_forgets_in_time() -> None:
    """Sessions end, guesses are forgiven, and the same wrong token again is no other guess."""
    now = [0.0]
    access = Access(TOKEN, lambda: now[0])
    session = access.begin()
    for _ in range(3 * GUESSES):
        access.is_token("an old token", "192.0.2.1")
    assert access.wait("192.0.2.1") == 0
    for number in range(GUESSES):
        access.is_token(str(number), f"2001:db8::{number}")
    assert access.wait("2001:db8::ffff") > 0
    assert access.wait("192.0.2.2") == 0
    now[0] += GUESS_SECONDS + 1
    assert access.wait("2001:db8::ffff") == 0
    assert access.has(session)
    now[0] += SESSION_SECONDS
    assert not access.has(session)


def test_the_token_is_in_no_repr(service: Service) -> None:
    """Settings are printed now and then."""
    assert TOKEN not in repr(service.settings)
    assert TOKEN not in repr(replace(service.settings, threads=2))


def test_beyond_this_machine_it_starts_with_a_token_alone(run: Run, tmp_path: Path, cache: Path) -> None:
    """Bound to all addresses, it refuses in one line; with one, it asks for it at the machine's own address."""
    everywhere = ("serve", "--host", "0.0.0.0", "--port", "0")
    refused = run(*everywhere)
    assert (refused.returncode, refused.stdout, refused.stderr.count("\n")) == (2, "", 1)
    assert "set NEARHOOD_TOKEN" in refused.stderr
    with Serving(tmp_path / "far", cache, *everywhere[1:], NEARHOOD_TOKEN=TOKEN) as url:
        own = f"http://{_own_address()}:{httpx.URL(url).port}"
        assert httpx.get(f"{own}/health").status_code == 200
        assert httpx.get(f"{own}/api/collections").status_code == 401
        assert httpx.get(f"{own}/api/collections", headers=BEARER).json() == {"collections": []}


def _own_address() -> str:
    """Return the address that others reach this machine at, or loopback's where it has no network."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        try:
            # Nothing is sent: the kernel only says from where it would be.
            sender.connect(("192.0.2.1", 9))
        except OSError:
            return "127.0.0.1"
        return str(sender.getsockname()[0])
