"""People who work through the API, as programs do; and signing in without a browser."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import requests

from tests.browser.house import PATIENCE, Server
from tests.conftest import MONTH, PASSWORD

STATUS, INSPECTION, FILING = "/tax-status", "/tax-inspection", "/tax-filing"
PAGE_OF = {STATUS: "taxStatus", INSPECTION: "taxInspection", FILING: "taxFiling"}


class Colleague:
    """Somebody who works through the API with a bearer token."""

    def __init__(self, server: Server, username: str) -> None:
        self.server, self.username = server, username
        self.http = requests.Session()
        who = {"username": username, "password": PASSWORD}
        answer = self.http.post(f"{server.url}/api/auth/login", json=who, timeout=PATIENCE)
        self.token: str = answer.json()["data"]["access_token"]
        self.http.headers["Authorization"] = f"Bearer {self.token}"

    def call(self, method: str, path: str, **options: Any) -> Any:
        """The JSON that the API answers; `path` below /api/monthly-tax-data."""
        address = f"{self.server.url}/api/monthly-tax-data{path}"
        return self.http.request(method, address, timeout=PATIENCE, **options).json()

    def record(self, build: str) -> dict[str, Any]:
        """The record of a build in the month of the tests."""
        found: dict[str, Any] = self.call("GET", f"/{build}/{MONTH.year}/{MONTH.month}")["data"]
        return found

    def save(self, build: str, page: str, **values: Any) -> dict[str, Any]:
        """Save `values` on the record as it is now, from the page at path `page`; the record after it."""
        answer = self.put(self.record(build), page, **values)
        assert answer["success"], answer
        saved: dict[str, Any] = answer["data"]
        return saved

    def put(self, seen: dict[str, Any], page: str, **values: Any) -> Any:
        """Try to save `values` on the record as it was `seen`; the answer, whatever it is."""
        body = {"sourcePage": PAGE_OF[page], "version": seen["version"], **values}
        return self.call("PUT", f"/{seen['id']}", json=body)


# Gives a colleague by username: the fixture `colleague`.
Cast = Callable[[str], Colleague]


def cookies_of(server: Server, username: str) -> list[dict[str, Any]]:
    """The cookies of a new sign-in by the sign-in page, as Playwright wants them."""
    with requests.Session() as http:
        form = http.get(f"{server.url}/login", timeout=PATIENCE).text
        token = re.search(r'name="csrf_token" value="([^"]+)"', form)
        assert token is not None
        sent = {"username": username, "password": PASSWORD, "csrf_token": token[1]}
        answer = http.post(f"{server.url}/login", data=sent, timeout=PATIENCE, allow_redirects=False)
        assert answer.status_code == 303, answer.status_code
        return [
            {
                "name": one.name,
                "value": one.value or "",
                "domain": "127.0.0.1",
                "path": one.path,
                "expires": one.expires or -1,
                "httpOnly": one.has_nonstandard_attr("HttpOnly"),
                "secure": False,
                "sameSite": "Lax",
            }
            for one in http.cookies
        ]
