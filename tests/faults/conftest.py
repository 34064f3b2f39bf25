"""Servers to look at and servers to break; ended when the tests are done."""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.faults.firm import HER, UPDATED, House, opened
from tests.faults.server import Server


@pytest.fixture(scope="module")
def start(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Server]]:
    """Starts servers, with gunicorn's options and further environment; ends them after the last test."""
    servers: list[Server] = []

    def start_one(*options: str, **env: str) -> Server:
        folder = tmp_path_factory.mktemp("server")
        # Not SQLite, so that no migration runs; the small app opens no database.
        known = {"BMU_DATABASE_URL": "postgresql://nowhere", "SMALL_APP_MODE": "eventlet", **env}
        # Importing bmu in pytest leaves this behind; here the worker must set it by itself.
        inherited = {name: value for name, value in os.environ.items() if name != "PSYCOPG_WAIT_FUNC"}
        servers.append(Server(folder / "log", {**inherited, "PYTHONWARNINGS": "default", **known}, options))
        return servers[-1]

    yield start_one
    for server in servers:
        server.stop()


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder whose files the small app serves; in it `big`, 5 MB that do not repeat."""
    folder = tmp_path_factory.mktemp("files")
    (folder / "big").write_bytes(os.urandom(5_000_000))
    return folder


@pytest.fixture(scope="module")
def server(start: Callable[..., Server], files: Path) -> Server:
    """A server for tests that leave it as they found it."""
    return start(SMALL_APP_FILES=str(files)).ready()


@pytest.fixture
def fresh(start: Callable[..., Server]) -> Iterator[Server]:
    """A server to break."""
    server = start().ready()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def house(firm: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """The app, which must live through all that a module does to it, and has nothing to say of it."""
    with opened(firm, tmp_path_factory.mktemp("house")) as one:
        yield one
        assert one.lives()


@pytest.fixture
def leaving(house: House) -> Iterator[None]:
    """Whoever came for a test leaves after it."""
    yield
    house.clear()


@pytest.fixture
def build(house: House) -> dict[str, Any]:
    """Build 018 as it is now."""
    return house.newest()


@pytest.fixture
def watcher(house: House, build: dict[str, Any]) -> Callable[[], None]:
    """Asserts that somebody else, who came before, hears of a save as ever."""
    admin = house.sign_in("admin")
    line = house.line(house.sign_in(HER).token)
    line.subscribe(HER)

    def hears() -> None:
        saved = house.save(admin, build, random.randbytes(4).hex())
        line.wait_for(UPDATED, lambda data: data["version"] == saved["version"])

    return hears
