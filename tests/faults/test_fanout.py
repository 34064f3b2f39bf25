"""Every client hears everything, once and in order, whichever way it is sent (decision 0022)."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.browser.test_official_clients import JavaScript, Listener, Python
from tests.faults.fanout_app import AT_ONCE
from tests.faults.firm import Line, Polling
from tests.faults.server import PATIENCE, Server

pytestmark = pytest.mark.faults
ALL = list(range(AT_ONCE))


@pytest.fixture(scope="module", params=["direct", "library"])
def server(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[Server]:
    """A server that sends the one way or the other."""
    folder: Path = tmp_path_factory.mktemp(request.param)
    env = {**os.environ, "BMU_INSTANCE": str(folder), "BMU_FANOUT": request.param}
    # Not SQLite, so that no migration runs; the app opens no database.
    env |= {"BMU_DATABASE_URL": "postgresql://nowhere", "PSYCOPG_WAIT_FUNC": "wait_selector"}
    one = Server(folder / "log", env, app="tests.faults.fanout_app:app").ready()
    assert one.state()["direct"] is (request.param == "direct")
    yield one
    one.stop()
    assert "Traceback" not in one.said()


def tell(server: Server, room: str, count: int, size: int) -> None:
    assert requests.post(f"{server.url}/tell/{room}/{count}/{size}", timeout=PATIENCE).ok


def numbers(listener: Listener, count: int) -> list[int]:
    """What the next `count` messages say. Python's client hears each in a thread of its own, in whatever order."""
    heard = [listener.next("told")["n"] for _ in range(count)]
    return sorted(heard) if isinstance(listener, Python) else heard


@pytest.mark.parametrize("transports", ["polling,websocket", "websocket", "polling"])
@pytest.mark.parametrize("client", [JavaScript, Python], ids=["javascript", "python"])
def test_an_official_client_hears_all_once_and_in_order(server: Server, client: Any, transports: str) -> None:
    """The messages begin while the client, where it may, changes from polling to a websocket."""
    room = f"{client.__name__}-{transports}"
    listener = client(server, "", room, "" if "," in transports else transports)
    try:
        assert numbers(listener, AT_ONCE) == ALL
        tell(server, room, 50, 4000)  # more than Python's client takes from a poll
        assert numbers(listener, 50) == list(range(AT_ONCE, AT_ONCE + 50))
    finally:
        listener.close()


def test_who_reads_late_hears_all_once_and_in_order(server: Server) -> None:
    """More than the network holds, less than the bound: the first part of a frame went out, the rest waits."""
    line = Line(server, receive=4096)
    line.subscribe("late")
    count = AT_ONCE
    while server.state()["waiting"] < 20:
        tell(server, "late", 100, 4000)
        count += 100
    tell(server, "late", 100, 4000)
    with ThreadPoolExecutor() as aside:  # and more comes while it reads
        more = [aside.submit(tell, server, "late", 100, 40) for _ in range(3)]
        heard = [line.wait_for("told")["n"] for _ in range(count + 400)]
        [one.result() for one in more]
    assert heard == list(range(count + 400))
    line.drop()


def test_who_is_silent_for_long_is_asked_and_hears_on(server: Server) -> None:
    """Nothing is said but pings and their answers."""
    line = Line(server)
    line.subscribe("quiet")
    line.read(lambda packet: (f'"n":{AT_ONCE - 1},' in packet) or None)
    asked = 0
    while asked < 5:
        asked += line.read(lambda packet: packet == "2" or None)
    line.heard.clear()
    tell(server, "quiet", 1, 10)
    assert line.wait_for("told")["n"] == AT_ONCE
    line.drop()


def test_who_does_not_answer_is_let_go(server: Server) -> None:
    line = Line(server)
    line.ws.send = lambda *_: 0  # its answers are lost
    assert line.ended()
    line.drop()


def test_half_an_upgrade_loses_nothing(server: Server) -> None:
    """The websocket was tried and left: what was said meanwhile comes by polling."""
    import websocket

    polling = Polling(server)  # type: ignore[arg-type]
    polling.post("40")
    assert polling.poll().startswith("40")
    half = websocket.create_connection(
        polling.url.replace("http", "ws", 1).replace("transport=polling", "transport=websocket"), timeout=PATIENCE
    )
    half.send("2probe")
    assert half.recv() == "3probe"
    polling.post('421["subscribe:monthly-tax-data",{"employeeId":"half"}]')
    half.shutdown()
    told = ""
    while f'"n":{AT_ONCE - 1},' not in told:
        told += polling.poll()
        polling.post("3")
    assert [told.index(f'"n":{n},') for n in ALL] == sorted(told.index(f'"n":{n},') for n in ALL)
    assert told.count('"n":') == AT_ONCE
