"""The clients that programs use, JavaScript's own and Python's, on each transport."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable, Iterator
from queue import Empty, Queue
from threading import Thread
from typing import Any

import pytest
import socketio

from tests.browser.colleague import INSPECTION, STATUS, Cast
from tests.browser.house import PATIENCE, ROOT, Server

SUBSCRIBE, UPDATED, REMOVED = "subscribe:monthly-tax-data", "monthly-tax-data:updated", "monthly-tax-data:removed"
TRANSPORTS = ["", "websocket", "polling"]


class Listener:
    """What a client is told, in order."""

    def __init__(self) -> None:
        self.told: Queue[list[Any]] = Queue()

    def next(self, event: str) -> Any:
        """What comes with the next `event`; what comes before it is passed over."""
        while True:
            try:
                name, *data = self.told.get(timeout=PATIENCE)
            except Empty:
                pytest.fail(f"waited {PATIENCE:.0f} s for {event}")
            if name == event:
                return data[0] if data else None


class JavaScript(Listener):
    """The official client in Node."""

    def __init__(self, server: Server, token: str, employee: str, transports: str = "", since: str = "") -> None:
        super().__init__()
        node = shutil.which("node")
        assert node and (ROOT / "tests/js/node_modules/socket.io-client").is_dir(), "run deploy/test-needs first"
        words = [node, "tests/js/listen.mjs", server.url, token, employee, transports, since]
        self.process = subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        self._reader = Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.told.put(json.loads(line))

    def close(self) -> None:
        self.process.kill()
        self.process.wait(PATIENCE)
        self._reader.join(PATIENCE)
        assert self.process.stdout is not None
        self.process.stdout.close()


class Python(Listener):
    """python-socketio's client."""

    def __init__(self, server: Server, token: str, employee: str, transports: str = "", since: str = "") -> None:
        super().__init__()
        self.client = socketio.Client(reconnection_delay=1)
        asked = {"employeeId": employee, **({"since": int(since)} if since else {})}

        @self.client.event  # type: ignore[untyped-decorator]
        def connect() -> None:
            self.told.put(["connect", self.client.transport()])
            self.client.emit(SUBSCRIBE, asked, callback=lambda answer: self.told.put(["subscribed", answer]))

        @self.client.on("*")  # type: ignore[untyped-decorator]
        def anything(event: str, data: Any = None) -> None:
            self.told.put([event, data])

        @self.client.event  # type: ignore[untyped-decorator]
        def connect_error(data: Any) -> None:
            self.told.put(["connect_error", data.get("data", data)])

        chosen = transports.split(",") if transports else None
        try:
            self.client.connect(server.url, auth={"token": token}, transports=chosen, wait_timeout=int(PATIENCE))
        except socketio.exceptions.ConnectionError:
            self.told.put(["disconnect", "refused"])

    def close(self) -> None:
        self.client.disconnect()
        self.client.eio.http and self.client.eio.http.close()


@pytest.fixture(params=[JavaScript, Python], ids=["javascript", "python"])
def listen(request: pytest.FixtureRequest, house: Server) -> Iterator[Callable[..., Listener]]:
    """Starts a client of either kind: `listen(token, "AC00008", "polling", since)`."""
    started: list[Any] = []

    def start(*words: str) -> Listener:
        started.append(request.param(house, *words))
        return started[-1]  # type: ignore[no-any-return]

    yield start
    for one in started:
        one.close()


@pytest.mark.parametrize("transports", TRANSPORTS)
def test_a_program_subscribes_hears_and_catches_up(
    listen: Callable[..., Listener], colleague: Cast, build: str, transports: str
) -> None:
    token = colleague("AC00008").token
    listener = listen(token, "AC00008", transports)
    assert listener.next("connect") in (transports or "websocket,polling")
    answer = listener.next("subscribed")
    assert answer["ok"] and answer["room"] == "monthly-tax-data:AC00008" and answer["missed"] == []
    saved = colleague("AC00024").save(build, STATUS, pnd_status="paid")
    told = listener.next(UPDATED)
    assert told == colleague("AC00008").record(build)
    assert (told["version"], told["seq"], told["updated_by"]) == (saved["version"], saved["seq"], "AC00024")
    assert "html" not in told
    later = listen(token, "AC00008", transports, str(answer["seq"]))
    missed = later.next("subscribed")["missed"]
    assert [one["id"] for one in missed] == [told["id"]] and missed[0] == told


def test_a_program_hears_that_a_record_is_gone_and_nothing_more_of_it(
    listen: Callable[..., Listener], house: Server, colleague: Cast, build: str
) -> None:
    listener = listen(colleague("AC00024").token, "AC00024")
    listener.next("subscribed")
    record = colleague("AC00024").record(build)
    house.hand_over(build, "accounting_responsible", "AC00040")
    gone = listener.next(REMOVED)
    assert gone.keys() == {"id", "seq"} and gone["id"] == record["id"]
    colleague("AC00008").save(build, INSPECTION, pnd_status="passed")
    colleague("AC00024").save("018", STATUS, pnd_status=_another(colleague("AC00024").record("018")))
    assert listener.next(UPDATED)["build"] == "018"


def _another(record: dict[str, Any]) -> str:
    return "paid" if record["pnd_status"] != "paid" else "passed"


def test_a_program_without_a_good_token_is_refused(listen: Callable[..., Listener]) -> None:
    listener = listen("no-token-of-ours", "AC00008")
    assert listener.next("connect_error")["code"] == "unauthorized"


def test_a_program_may_not_listen_for_somebody_else(listen: Callable[..., Listener], colleague: Cast) -> None:
    answer = listen(colleague("AC00040").token, "AC00008").next("subscribed")
    assert (answer["ok"], answer["error"]["code"]) == (False, "forbidden")
