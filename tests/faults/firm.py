"""The whole app on a real gunicorn, people of the demo firm who are signed in, and lines that show each packet."""

from __future__ import annotations

import json
import socket
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests
import websocket

from bmu import create_app
from bmu.config import database_url
from bmu.extensions import db
from deploy.cluster.cluster import Cluster
from deploy.cluster.services import forget
from tests import databases
from tests.browser.house import PATIENCE, Server, until
from tests.conftest import SECRET, Colleague, close, config_for

ENGINE = "/socket.io/?EIO=4&transport="
SUBSCRIBE, UPDATED = "subscribe:monthly-tax-data", "monthly-tax-data:updated"
HER = "AC00024"  # the accountant of build 018
__all__ = ["PATIENCE", "House", "Line", "Polling", "until"]


class House:
    """The server, and beside it the app on the same database: people sign in there, and what it commits is a commit
    of another process."""

    def __init__(self, firm: str, folder: Path, **env: str) -> None:
        url = databases.copy(firm, folder)
        self.app = create_app(config_for(url, folder))
        self.server = Server(folder, {"BMU_DATABASE_URL": url, "BMU_SECRET_KEY": SECRET, **env}).start()
        self.url, self.port = self.server.url, self.server.port
        self.lines: list[Line] = []

    def close(self) -> None:
        """Stop the server and let go of the database."""
        self.clear()
        self.server.stop()
        close(self.app)

    def sign_in(self, username: str) -> Colleague:
        """A new session of somebody; the token is as good at the server."""
        return Colleague(self.app, username)

    def line(self, token: str | None, **options: Any) -> Line:
        """A websocket on which Socket.IO has answered; `line.opened` is its answer."""
        self.lines.append(Line(self, {"token": token} if token else None, **options))
        return self.lines[-1]

    def clear(self) -> None:
        """Everybody leaves without a word."""
        for line in self.lines:
            line.drop()
        self.lines.clear()

    def newest(self) -> dict[str, Any]:
        """Build 018 in the newest month, as it is now."""
        found: dict[str, Any] = self.sign_in("admin").get(build="018", limit=1).json["data"][0]
        return found

    def save(self, who: Colleague, record: dict[str, Any], text: str) -> dict[str, Any]:
        """Save a text over HTTP; the record after it."""
        body = {"sourcePage": "taxStatus", "wht_response": text}
        headers = {"Authorization": f"Bearer {who.token}"}
        address = f"{self.url}/api/monthly-tax-data/{record['id']}"
        answer = requests.put(address, json=body, headers=headers, timeout=PATIENCE)
        assert answer.status_code == 200, answer.text
        saved: dict[str, Any] = answer.json()["data"]
        return saved

    def metrics(self) -> dict[str, float]:
        """Everything /metrics says, by name and labels as they are written there."""
        lines = requests.get(f"{self.url}/metrics", timeout=PATIENCE).text.splitlines()
        return {name: float(value) for name, _, value in (one.rpartition(" ") for one in lines if one[0] != "#")}

    def metric(self, name: str) -> float:
        """One number of /metrics; 0 for what was not counted yet."""
        return self.metrics().get(name, 0.0)

    def said(self) -> str:
        """The log so far."""
        return self.server.log.read_text()

    def lives(self) -> bool:
        """Whether it answers, and has never been in trouble."""
        said = self.said()
        assert "Traceback" not in said, said[said.index("Traceback") - 500 :][:4000]
        assert "exception" not in said.lower(), said
        return requests.get(f"{self.url}/readyz", timeout=PATIENCE).ok


class Terrace(House):
    """The same as several processes on PostgreSQL and Redis behind nginx, with a demo firm of its own."""

    def __init__(self, folder: Path, **env: str) -> None:
        folder.chmod(0o755)  # PostgreSQL's user, if we are root, has to pass through
        self.cluster = Cluster(folder, 2, BMU_SECRET_KEY=SECRET, **env)
        self.cluster.postgres.fleeting = True
        self.cluster.start("seed", "demo", "--clients", "40", "--months", "2")
        self.app = create_app(config_for(database_url(self.cluster.postgres.url), folder))
        self.url, self.port = self.cluster.url, self.cluster.nginx.port
        self.lines = []

    def close(self) -> None:
        """Stop everything."""
        self.clear()
        with self.app.app_context():
            db.engine.dispose()
        self.cluster.stop()
        forget(self.cluster.postgres.folder)

    def said(self) -> str:
        """The logs of all processes so far."""
        return "".join(app.log.read_text() for app in self.cluster.apps)


@contextmanager
def opened(firm: str, folder: Path, **env: str) -> Iterator[House]:
    """A house for as long as it is needed."""
    house = House(firm, folder, **env)
    try:
        yield house
    finally:
        house.close()


@contextmanager
def terrace(**env: str) -> Iterator[House]:
    """The second shape for as long as it is needed. In a folder of its own: PostgreSQL cannot enter pytest's."""
    with tempfile.TemporaryDirectory(prefix="bmu-terrace-") as folder:
        house = Terrace(Path(folder), **env)
        try:
            yield house
        finally:
            house.close()


class Line:
    """A websocket of a client that says what it likes."""

    def __init__(self, house: House, auth: Any = None, *, receive: int = 0, **options: Any) -> None:
        small = ((socket.SOL_SOCKET, socket.SO_RCVBUF, receive),) if receive else ()
        url = house.url.replace("http", "ws") + ENGINE + "websocket"
        self.ws = websocket.create_connection(url, timeout=PATIENCE, sockopt=small, **options)
        assert str(self.ws.recv()).startswith("0")
        self.asked, self.heard = 0, list[tuple[str, Any]]()
        self.ws.send("40" + (json.dumps(auth) if auth is not None else ""))
        self.opened = str(self.ws.recv())

    @property
    def is_in(self) -> bool:
        """Whether Socket.IO let it in."""
        return self.opened.startswith("40")

    def send(self, raw: str | bytes) -> None:
        """Send a frame as it is."""
        self.ws.send_binary(raw) if isinstance(raw, bytes) else self.ws.send(raw)

    def say(self, event: Any, *payload: Any) -> int:
        """Send an event that wants an answer; its number."""
        self.asked += 1
        self.ws.send(f"42{self.asked}{json.dumps([event, *payload])}")
        return self.asked

    def ask(self, event: Any, *payload: Any) -> Any:
        """Send an event; its answer. What is heard meanwhile is kept."""
        number = self.say(event, *payload)
        return self.read(lambda packet: _answer(packet, number))

    def subscribe(self, person: str, **more: Any) -> Any:
        """Listen to somebody's records."""
        return self.ask(SUBSCRIBE, {"employeeId": person, **more})

    def wait_for(self, event: str, wanted: Callable[[Any], bool] = lambda _: True) -> Any:
        """The data of the next such event, of those heard already too."""

        def found(_packet: str) -> Any:
            return next((data for name, data in self.heard if name == event and wanted(data)), None)

        data = found("") or self.read(found)
        self.heard = [one for one in self.heard if one != (event, data)]
        return data

    def read(self, wanted: Callable[[str], Any]) -> Any:
        """Read packets until `wanted` finds what it looks for. Raises ConnectionError at the end of the line."""
        while True:
            packet = self._next()
            if packet.startswith("42["):
                name, *data = json.loads(packet[2:])
                self.heard.append((name, data[0] if data else None))
            if (found := wanted(packet)) is not None:
                return found

    def _next(self) -> str:
        try:
            packet = str(self.ws.recv())
        except (websocket.WebSocketConnectionClosedException, OSError) as error:
            raise ConnectionError("the line has ended") from error
        if packet in ("", "1"):
            raise ConnectionError("the line has ended")
        if packet == "2":
            self.ws.send("3")
        return packet

    def ended(self) -> bool:
        """True once the server has ended the line; what came before is kept."""
        try:
            self.read(lambda _: None)
        except ConnectionError:
            return True

    def drop(self) -> None:
        """Leave without a word."""
        self.ws.shutdown()


def _answer(packet: str, number: int) -> Any:
    head = f"43{number}["
    return json.loads(packet[len(head) - 1 :])[0] if packet.startswith(head) else None


class Polling:
    """The same over long polling, raw."""

    def __init__(self, house: House, token: str | None = None) -> None:
        self.url = house.url + ENGINE + "polling"
        self.url += "&sid=" + requests.get(self.url, timeout=PATIENCE).text.split('"')[3]
        if token:
            self.post("40" + json.dumps({"token": token}))
            assert self.poll().startswith("40")

    def post(self, body: str | bytes) -> int:
        """POST a body as it is; the status."""
        data = body.encode() if isinstance(body, str) else body
        return requests.post(self.url, data=data, timeout=PATIENCE).status_code

    def poll(self) -> str:
        """What the next poll brings."""
        return requests.get(self.url, timeout=PATIENCE).text
