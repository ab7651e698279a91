"""What docker-compose.yml promises of its services; that Docker takes it is seen by `docker compose config`."""

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[1]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())


def test_chroma_can_be_reached_by_the_app_alone() -> None:
    """It has no authentication: no port, and a network of two that leads nowhere."""
    services, networks = COMPOSE["services"], COMPOSE["networks"]
    assert "ports" not in services["chroma"]
    assert services["chroma"]["networks"] == ["index"]
    assert networks["index"]["internal"] is True
    assert [name for name, one in services.items() if "index" in one["networks"]] == ["app", "chroma"]


def test_the_app_has_few_rights() -> None:
    """It is no root, writes to its volume alone, is published to this machine, and asks for a token."""
    app = COMPOSE["services"]["app"]
    assert (app["read_only"], app["cap_drop"], app["user"].split(":")[0]) == (True, ["ALL"], "10001")
    assert all(port.startswith("127.0.0.1:") for port in app["ports"])
    assert app["environment"]["NEARHOOD_TOKEN"].startswith("${NEARHOOD_TOKEN:?")
    assert "HEALTHCHECK" in (ROOT / "Dockerfile").read_text()


def test_the_model_server_comes_only_when_it_is_asked_for() -> None:
    """By its profile, for `app` alone: no port of it is published."""
    ollama = COMPOSE["services"]["ollama"]
    assert (ollama["profiles"], ollama["networks"], "ports" in ollama) == (["ollama"], ["front"], False)


@pytest.mark.skipif(shutil.which("docker-compose") is None, reason="needs docker-compose")
@pytest.mark.parametrize("profile", ["", "ollama"])
def test_it_can_be_read(profile: str) -> None:
    """With a token, and not without one."""
    for token, code in (("x", 0), ("", 1)):
        env = {**os.environ, "COMPOSE_PROFILES": profile, "NEARHOOD_TOKEN": token}
        done = subprocess.run(["docker-compose", "config"], cwd=ROOT, env=env, capture_output=True, check=False)
        assert done.returncode == code, done.stderr


def test_images_are_pinned() -> None:
    """Nothing is `latest`, and Chroma is the one that the lock has."""
    images = [one["image"] for name, one in COMPOSE["services"].items() if name != "app"]
    assert all(image.rpartition(":")[2][0].isdigit() for image in images)
    lock = (ROOT / "requirements.lock").read_text()
    assert f"chromadb=={COMPOSE['services']['chroma']['image'].rpartition(':')[2]}" in lock
