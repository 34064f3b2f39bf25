"""People at the desk: through the API as programs do, and in a browser as everybody else does."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import Any

import requests
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from tests.browser.house import Server
from tests.conftest import MONTH, PASSWORD

STATUS, INSPECTION, FILING = "/tax-status", "/tax-inspection", "/tax-filing"
PAGE_OF = {STATUS: "taxStatus", INSPECTION: "taxInspection", FILING: "taxFiling"}
EVENTS = "monthly-tax-data:updated", "monthly-tax-data:removed", "table:settled"


class Colleague:
    """Somebody who works through the API with a bearer token."""

    def __init__(self, server: Server, username: str) -> None:
        self.server, self.username = server, username
        self.http = requests.Session()
        answer = self.http.post(f"{server.url}/api/auth/login", json={"username": username, "password": PASSWORD})
        self.token: str = answer.json()["data"]["access_token"]
        self.http.headers["Authorization"] = f"Bearer {self.token}"

    def call(self, method: str, path: str, **options: Any) -> Any:
        """The JSON that the API answers; `path` below /api/monthly-tax-data."""
        return self.http.request(method, f"{self.server.url}/api/monthly-tax-data{path}", timeout=10, **options).json()

    def record(self, build: str) -> dict[str, Any]:
        """The record of a build in the month of the tests."""
        found: dict[str, Any] = self.call("GET", f"/{build}/{MONTH.year}/{MONTH.month}")["data"]
        return found

    def save(self, build: str, page: str, *, lenient: bool = False, **values: Any) -> dict[str, Any]:
        """Save `values` on the record as it is now, from the page at path `page`; the answer's record."""
        seen = self.record(build)
        body = {"sourcePage": PAGE_OF[page], "version": seen["version"], **values}
        answer = self.call("PUT", f"/{seen['id']}", json=body)
        assert lenient or answer["success"], answer
        return answer.get("data") or {}


def cookies_of(server: Server, username: str) -> list[dict[str, Any]]:
    """The cookies of a new sign-in by the sign-in page, as Playwright wants them."""
    with requests.Session() as http:
        form = http.get(f"{server.url}/login", timeout=10).text
        token = re.search(r'name="csrf_token" value="([^"]+)"', form)
        assert token is not None
        sent = {"username": username, "password": PASSWORD, "csrf_token": token[1]}
        answer = http.post(f"{server.url}/login", data=sent, timeout=10, allow_redirects=False)
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


class Desk:
    """A tab of a browser at one of the three pages."""

    def __init__(self, page: Page, faults: list[str]) -> None:
        self.page = page
        self.faults = faults
        self.forgiven: list[str] = []

    # -- what is to be seen --------------------------------------------------------------------------------------

    @property
    def table(self) -> Locator:
        return self.page.locator("table[data-table]")

    def row(self, build: str) -> Locator:
        return self.page.locator(f'tbody tr[data-build="{build}"]')

    def cell(self, build: str, column: str) -> Locator:
        return self.row(build).locator(f'[data-column="{column}"]')

    def shows(self, build: str, column: str, value: str, timeout: float = 5000) -> None:
        """Wait until a cell holds the raw `value`."""
        expect(self.cell(build, column)).to_have_attribute("data-value", value, timeout=timeout)

    def figure(self, key: str) -> int:
        """A figure of the summary, such as `wht.pending`."""
        return int(self.page.locator(f'[data-summary="{key}"]').inner_text())

    def builds(self) -> list[str]:
        """The builds listed, in their order."""
        found: list[str] = self.page.eval_on_selector_all("tbody tr", "rows => rows.map(row => row.dataset.build)")
        return found

    def rows(self) -> dict[str, str]:
        """The HTML of every row by its build, in the order of the table."""
        listed = self.page.eval_on_selector_all("tbody tr", "rows => rows.map(row => [row.dataset.build, row.outerHTML])")
        return dict(listed)

    def fresh_rows(self) -> dict[str, str]:
        """The same of a page rendered just now for the same address."""
        listed = self.page.evaluate(
            """async () => {
                const text = await (await fetch(location.href, { headers: { Accept: "text/html" } })).text()
                const page = new DOMParser().parseFromString(text, "text/html")
                return [...page.querySelectorAll("tbody tr")].map((row) => [row.dataset.build, row.outerHTML])
            }"""
        )
        return dict(listed)

    @property
    def news(self) -> Locator:
        return self.page.locator("#news button")

    @property
    def toast(self) -> Locator:
        return self.page.locator(".toast").last

    def live(self, timeout: float = 10000) -> Desk:
        """Itself, once it hears what happens."""
        self.page.locator("table[data-live=true]").wait_for(timeout=timeout)
        return self

    def state(self, wanted: str, timeout: float = 10000) -> None:
        """Wait until the page says this of its connection: live, slow, reconnecting, offline."""
        expect(self.page.locator("#live")).to_have_attribute("data-state", wanted, timeout=timeout)

    # -- what one does -------------------------------------------------------------------------------------------

    def open_editor(self, build: str, column: str) -> Locator:
        self.cell(build, column).locator("button").click()
        return self.page.locator(".editor")

    def choose(self, build: str, column: str, code: str) -> None:
        """Choose a status, and wait until it is saved."""
        self.open_editor(build, column)
        self.pick(code)
        self.shows(build, column, code)

    def pick(self, code: str) -> None:
        """Click on a status of the open list."""
        self.page.locator(f'.editor [data-code="{code}"]').click()

    def forgive(self, *patterns: str) -> None:
        """What this test provokes: console messages with one of these words are no faults."""
        self.forgiven += patterns

    def check(self) -> None:
        """No fault but the forgiven ones."""
        unforgiven = [one for one in self.faults if not any(word in one for word in self.forgiven)]
        assert not unforgiven, "\n".join(unforgiven)


def watch(page: Page) -> list[str]:
    """The errors of a page from now on: what its scripts throw, and what its console calls an error."""
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(f"{error.message}\n{error.stack or ''}"))
    page.on("console", lambda said: faults.append(f"{said.text} {said.location.get('url', '')}") if said.type == "error" else None)
    return faults


class Office:
    """Everybody's browsers on one server. What was opened is closed, and looked at, when the test ends."""

    def __init__(self, browser: Browser, server: Server, cookies: Callable[[str], list[dict[str, Any]]]) -> None:
        self.browser, self.server, self._cookies = browser, server, cookies
        self._contexts: list[BrowserContext] = []
        self.desks: list[Desk] = []

    def context(self, username: str = "", *, fresh: bool = False, **options: Any) -> BrowserContext:
        """A browser of its own, in which `username` is signed in (in a session of its own when `fresh`)."""
        state = (cookies_of(self.server, username) if fresh else self._cookies(username)) if username else []
        made = self.browser.new_context(
            **{
                "base_url": self.server.url,
                "locale": "th-TH",
                "timezone_id": "Asia/Bangkok",
                "viewport": {"width": 1440, "height": 900},
                "storage_state": {"cookies": state, "origins": []},
                **options,
            }
        )
        made.set_default_timeout(8000)
        self._contexts.append(made)
        return made

    def tab(self, context: BrowserContext) -> Desk:
        """An empty tab that is watched."""
        page = context.new_page()
        self.desks.append(Desk(page, watch(page)))
        return self.desks[-1]

    def desk(self, username: str, path: str, *, fresh: bool = False, **options: Any) -> Desk:
        """Somebody at a table that is live."""
        desk = self.tab(self.context(username, fresh=fresh, **options))
        desk.page.goto(path)
        return desk.live()

    def close(self) -> None:
        """Close everything; fail for the faults of any page."""
        for context in self._contexts:
            context.close()
        for desk in self.desks:
            desk.check()


def frames_of(page: Page, seconds: float = 0) -> list[str]:
    """The websocket frames that this page receives from now on (open the page afterwards)."""
    heard: list[str] = []
    page.on("websocket", lambda wire: wire.on("framereceived", lambda frame: heard.append(str(frame))))
    time.sleep(seconds)
    return heard
