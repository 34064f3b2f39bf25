"""People who work on a cluster: each speaks to one address, a process's own or nginx's, and may listen there."""

from __future__ import annotations

from typing import Any

import requests
import socketio

from tests.browser.house import PATIENCE, until
from tests.conftest import MONTH, PASSWORD

SUBSCRIBE, UPDATED, EXPIRED = "subscribe:monthly-tax-data", "monthly-tax-data:updated", "auth:expired"


class Person:
    """Somebody with a bearer token, which is good at every process."""

    def __init__(self, url: str, username: str, token: str = "") -> None:
        self.url, self.username = url, username
        self.token = token or self._sign_in()

    def _sign_in(self) -> str:
        sent = {"username": self.username, "password": PASSWORD}
        answer = requests.post(f"{self.url}/api/auth/login", json=sent, timeout=PATIENCE)
        token: str = answer.json()["data"]["access_token"]
        return token

    def at(self, url: str) -> Person:
        """The same person, signed in as before, at another address."""
        return Person(url, self.username, self.token)

    def call(self, method: str, path: str, headers: dict[str, str] | None = None, **options: Any) -> requests.Response:
        """The answer; `path` below /api."""
        known = {"Authorization": f"Bearer {self.token}", **(headers or {})}
        return requests.request(method, f"{self.url}/api{path}", headers=known, timeout=PATIENCE, **options)

    def record(self, build: str = "018") -> dict[str, Any]:
        """A record in the month of the tests."""
        path = f"/monthly-tax-data/{build}/{MONTH.year}/{MONTH.month}"
        found: dict[str, Any] = self.call("GET", path).json()["data"]
        return found

    def save(self, seen: dict[str, Any], key: str = "", page: str = "taxStatus", **values: Any) -> requests.Response:
        """Save `values` on a record as it was `seen`; without its version, the last writer wins."""
        body = {"sourcePage": page, **({"version": seen["version"]} if "version" in seen else {}), **values}
        headers = {"Idempotency-Key": key} if key else {}
        return self.call("PUT", f"/monthly-tax-data/{seen['id']}", headers, json=body)

    def listen(self, *transports: str, route: str = "") -> Listener:
        """Listen to one's own records."""
        return Listener(self, list(transports) or None, route)


class Listener:
    """A program with the official Python client. Comes back by itself, and asks for what it missed."""

    def __init__(self, person: Person, transports: list[str] | None, route: str = "") -> None:
        self.person, self.told, self.seq, self.connects = person, list[tuple[str, Any]](), 0, 0
        browser = requests.Session()
        if route:
            browser.cookies.set("bmu_route", route)
        self.io = socketio.Client(reconnection_delay=0.1, reconnection_delay_max=1, http_session=browser)
        self.io.on("connect", self._connected)
        self.io.on("*", lambda event, data=None: self.told.append((event, data)))
        self.io.connect(person.url, auth={"token": person.token}, transports=transports, wait_timeout=PATIENCE)
        until(lambda: self.connects, "the first subscription")

    def _connected(self) -> None:
        asked = {"employeeId": self.person.username, **({"since": self.seq} if self.seq else {})}
        self.io.emit(SUBSCRIBE, asked, callback=self._subscribed)

    def _subscribed(self, answer: Any) -> None:
        assert answer["ok"], answer
        self.told += [(UPDATED, row) for row in answer["missed"]]
        self.seq, self.connects = answer["seq"], self.connects + 1

    def hears(self, text: str) -> None:
        """Return when it was told of a record whose `wht_response` is `text`."""
        until(lambda: any((data or {}).get("wht_response") == text for _, data in list(self.told)), f"news of {text}")

    def close(self) -> None:
        """Leave."""
        self.io.disconnect()
