"""Real Chromium against the real server, on a small firm of the demo cast."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.colleague import Colleague
from tests.browser.forms import blank
from tests.browser.house import Server, Stage, copy_of, found
from tests.browser.line import Line
from tests.browser.people import PATIENCE_MS, Browsers, Desk, Office

expect.set_options(timeout=PATIENCE_MS)

CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder needs a browser or its clients."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Debian's Chromium, quiet."""
    return {**browser_type_launch_args, "executable_path": CHROMIUM, "args": FLAGS}


@pytest.fixture(scope="session")
def town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The database of a demo firm of 60 clients × 3 months. Read only: copy it."""
    return found(tmp_path_factory.mktemp("town"), clients=60, months=3)


@pytest.fixture(scope="session")
def open_house(town: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Server]]:
    """Starts servers, each on its own copy of the firm, with further settings of the environment."""
    servers: list[Server] = []

    def start(**env: str) -> Server:
        servers.append(copy_of(town, tmp_path_factory.mktemp("house"), **env))
        return servers[-1].start()

    yield start
    for server in servers:
        server.stop()
    for server in servers:
        assert "Traceback" not in server.log.read_text(), server.log.read_text()


@pytest.fixture(scope="session")
def house(open_house: Callable[..., Server]) -> Server:
    """The server for tests that break nothing. Who signed in for the first of them is still signed in at the last."""
    return open_house(BMU_ACCESS_MINUTES="120")


@pytest.fixture(scope="session")
def stage(house: Server) -> Stage:
    """Records on which to act."""
    return Stage(house)


@pytest.fixture
def build(stage: Stage) -> str:
    """The build of a record of the five, for this test alone."""
    return stage.take()


@pytest.fixture
def record(house: Server, build: str) -> str:
    """The build of one about which nobody has said anything yet."""
    return blank(house, build)


@pytest.fixture(scope="session")
def browsers(browser: Browser, house: Server, stage: Stage) -> Iterator[Browsers]:
    """Everybody's browsers on the one server."""
    made = Browsers(browser, house)
    yield made
    made.close()


@pytest.fixture
def office(browsers: Browsers) -> Iterator[Office]:
    """What this test opens."""
    made = Office(browsers)
    yield made
    made.close()


@pytest.fixture
def office_of(browser: Browser, open_house: Callable[..., Server]) -> Iterator[Callable[..., Office]]:
    """An office on a server of its own, with settings of the environment: `office_of(BMU_ACCESS_MINUTES="1")`."""
    made: list[Office] = []

    def start(**env: str) -> Office:
        made.append(Office(Browsers(browser, open_house(**env))))
        return made[-1]

    yield start
    for one in made:
        one.close()
        one.browsers.close()
        one.server.stop()


@pytest.fixture
def desk(office: Office) -> Callable[..., Desk]:
    """Opens a live table: `desk("AC00024", "/tax-status")`."""
    return office.desk


@pytest.fixture(scope="session")
def _colleagues(house: Server) -> Iterator[Callable[[str], Colleague]]:
    known: dict[str, Colleague] = {}

    def make(username: str) -> Colleague:
        if username not in known:
            known[username] = Colleague(house, username)
        return known[username]

    yield make
    for one in known.values():
        one.http.close()


@pytest.fixture
def colleague(_colleagues: Callable[[str], Colleague]) -> Callable[[str], Colleague]:
    """Somebody who works through the API: `colleague("AC00008").save(build, "/tax-inspection", pnd_status="paid")`."""
    return _colleagues


@pytest.fixture
def line(house: Server) -> Iterator[Line]:
    """A line to the server for this test to cut."""
    made = Line(house.port)
    yield made
    made.close()
