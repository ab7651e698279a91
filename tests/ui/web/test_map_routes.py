"""What the map's tab fetches."""

import asyncio
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from ingest.sample import WORDS
from ingest.sync import ingest
from search.service import Service
from search.settings import Settings
from ui.serve import build_app


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory, cache: Path) -> Iterator[TestClient]:
    """A browser on this machine, before a store with the bundled words."""
    with Service(Settings(data=tmp_path_factory.mktemp("data"), cache=cache), "test") as service:
        ingest(service.store, service.embedder, "words", [WORDS], "words")

        async def build() -> FastAPI:
            # Without a running loop, Gradio makes loops that it never closes.
            return build_app(service)

        with TestClient(asyncio.run(build()), base_url="http://127.0.0.1:7860") as opened:
            yield opened


def _fitted(client: TestClient) -> dict[str, Any]:
    while client.get("/page/maps/fit", params={"collection": "words"}).json()["state"] == "drawing":
        time.sleep(0.1)
    found: dict[str, Any] = client.get("/page/maps/meta.json", params={"collection": "words"}).json()["map"]
    return found


@pytest.fixture(scope="module")
def edition(client: TestClient) -> str:
    """Of the words' map, which is fitted first."""
    before = client.get("/page/maps/meta.json", params={"collection": "words"}).json()
    assert before["map"] is None
    assert before["passages"] == 49
    assert client.post("/page/maps/fit", params={"collection": "words"}, json={}).status_code == 202
    return str(_fitted(client)["edition"])


def test_numbers_come_in_one_piece(client: TestClient, edition: str) -> None:
    """x, y, cluster and trust: 11 bytes a point, which may be kept, since an edition does not change."""
    reply = client.get("/page/maps/points.bin", params={"collection": "words", "edition": edition})
    assert len(reply.content) == 49 * 11
    assert "immutable" in reply.headers["cache-control"]


def test_what_is_done_is_answered_with_a_list(client: TestClient, edition: str) -> None:
    """And with the way there; a step of it leads back, to the map at last; what is stale or wrong is said."""
    done: dict[str, Any] = {"collection": "words", "kind": "pick", "event": {"edition": edition, "point": 3}, "way": []}
    first = client.post("/page/maps/view", json=done).json()
    near = next(iter(first["focus"]["listed"]))
    second = client.post("/page/maps/view", json=done | {"event": {"id": near}, "way": first["way"]}).json()
    assert second["way"][:1] == first["way"]
    back = client.post("/page/maps/view", json=done | {"kind": "step", "event": {"step": 1}, "way": second["way"]})
    assert back.json()["way"] == first["way"]
    start = client.post("/page/maps/view", json=done | {"kind": "step", "event": {"step": 0}, "way": second["way"]})
    assert (start.json()["focus"], "Clusters" in start.json()["html"]) == (None, True)
    wrong = client.post("/page/maps/view", json=done | {"kind": "choose", "event": {"polygon": "no"}})
    assert "corners" in wrong.json()["html"]
    assert client.post("/page/maps/view", json=done | {"event": {"edition": "1.1.1", "point": 3}}).status_code == 409
    assert client.post("/page/maps/view", json=done | {"kind": "other"}).status_code == 422


def test_passages_are_found_on_the_map(client: TestClient, edition: str) -> None:
    """By their ids, in their order; null for one that is not there."""
    ask = {"collection": "words", "edition": edition}
    done = {"collection": "words", "kind": "pick", "event": {"point": 3}}
    listed = client.post("/page/maps/view", json=done).json()["focus"]["listed"]
    found = client.get("/page/maps/where.json", params={**ask, "id": [*listed, "gone"]}).json()
    assert found == [*listed.values(), None]


def test_a_card_leads_to_its_neighbours(client: TestClient) -> None:
    """And on from there, with the way; a passage that is gone is said."""
    found = client.get("/page/look-up", params={"q": "river", "collection": "words", "k": 2}).text
    first, second = re.findall(r'class="nh-card" data-id="([^"]+)"', found)
    one = client.post("/page/near", json={"collection": "words", "id": first}).json()
    two = client.post("/page/near", json={"collection": "words", "id": second, "way": one["way"]}).json()
    assert [stop[0] for stop in two["way"]] == [first, second]
    assert two["html"].count('class="nh-card"') == 10
    assert "gone" in client.post("/page/near", json={"collection": "words", "id": "gone"}).json()["html"]


def test_colours_come_with_what_they_stand_for(client: TestClient, edition: str) -> None:
    """A group for each point, and a name and a count for each group."""
    query = {"collection": "words", "edition": edition, "by": "trust"}
    legend = client.get("/page/maps/legend.json", params=query).json()
    groups = np.frombuffer(client.get("/page/maps/groups.bin", params=query).content, "<u2")
    assert len(groups) == 49
    assert [group["count"] for group in legend["groups"]] == np.bincount(groups, minlength=5).tolist()


def test_colours_of_a_probe_are_not_kept_by_the_browser(client: TestClient, edition: str) -> None:
    """It may be fitted again under the same name; other colours last as long as the edition."""
    wanted = {"name": "kind", "by": "names", "names": "animal, place"}
    client.post("/page/probes/words", json=wanted)
    query = {"collection": "words", "edition": edition, "by": "probe:kind"}
    while (reply := client.get("/page/maps/groups.bin", params=query)).status_code == 404:
        time.sleep(0.1)
    assert reply.headers["cache-control"] == "no-store"
    other = client.get("/page/maps/groups.bin", params={**query, "by": "source"})
    assert "immutable" in other.headers["cache-control"]


def test_a_point_has_a_text_and_a_name(client: TestClient, edition: str) -> None:
    """Fetched when it is pointed at, or when there is room for it."""
    where: dict[str, Any] = {"collection": "words", "edition": edition}
    text = client.get("/page/maps/text.json", params={**where, "point": 4}).json()
    names = client.get("/page/maps/names.json", params={**where, "point": [4, 5]}).json()
    assert text["source"] == "words.txt"
    assert names["4"] == text["text"]
    assert len(names) == 2


@pytest.mark.parametrize(
    ("path", "query", "status"),
    [
        ("meta.json", {"collection": "gone"}, 404),
        ("points.bin", {"collection": "gone"}, 404),
        ("points.bin", {"edition": "1.2.3"}, 409),
        ("points.bin", {"edition": "../../ledger.sqlite"}, 409),
        ("text.json", {"point": 49}, 404),
        ("text.json", {"point": -1}, 422),
        ("text.json", {"point": "x"}, 422),
        ("names.json", {"point": [0] * 101}, 422),
        ("groups.bin", {"by": "field:<script>"}, 422),
        ("groups.bin", {"by": "probe:../../x"}, 422),
        ("legend.json", {"by": "probe:none"}, 404),
        ("selections/guessed.csv", {}, 404),
    ],
)
def test_what_is_wrong_is_said_in_one_shape(
    client: TestClient, edition: str, path: str, query: dict[str, Any], status: int
) -> None:
    """Collection, edition and point are checked; nothing of a fault of ours is shown."""
    reply = client.get(f"/page/maps/{path}", params={"collection": "words", "edition": edition, **query})
    assert reply.status_code == status
    assert set(reply.json()["error"]) == {"kind", "message"}
    assert "Traceback" not in reply.text


def test_a_map_is_fitted_anew_and_says_how_much_moved(client: TestClient, edition: str) -> None:
    """By another seed, as the next version; the edition before is no longer served."""
    assert client.post("/page/maps/fit", params={"collection": "words"}, json={"seed": 2**32 - 3}).status_code == 202
    meta = _fitted(client)
    assert (meta["version"], meta["seed"]) == (2, 2**32 - 3)
    assert "since version 1 half of the points moved by more than" in meta["made"]
    assert client.get("/page/maps/points.bin", params={"collection": "words", "edition": edition}).status_code == 409


@pytest.mark.parametrize("wish", [{"method": "none"}, {"seed": -1}, {"seed": 2**32}, {"seed": "x"}])
def test_a_bad_wish_is_refused(client: TestClient, wish: dict[str, Any]) -> None:
    """Before anything is drawn."""
    assert client.post("/page/maps/fit", params={"collection": "words"}, json=wish).status_code == 422


def test_a_fit_that_is_cancelled_leaves_the_map_as_it_was(client: TestClient) -> None:
    """It ends at its next step."""
    before = _fitted(client)["version"]
    client.post("/page/maps/fit", params={"collection": "words"}, json={"seed": 4})
    client.delete("/page/maps/fit", params={"collection": "words"})
    assert _fitted(client)["version"] == before
    assert client.get("/page/maps/fit", params={"collection": "words"}).json()["state"] == "cancelled"
