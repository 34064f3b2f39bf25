"""People at the desk, in their browsers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from tests.browser.colleague import cookies_of
from tests.browser.house import Server, until

PATIENCE_MS = 30_000  # for what must come; costs nothing where it comes


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

    def shows(self, build: str, column: str, value: str, timeout: float = PATIENCE_MS) -> None:
        """Wait until a cell holds the raw `value`."""
        expect(self.cell(build, column)).to_have_attribute("data-value", value, timeout=timeout)

    def figure(self, key: str) -> int:
        """A figure of the summary, such as `wht.pending`."""
        return int(self.page.locator(f'[data-summary="{key}"]').inner_text())

    def builds(self) -> list[str]:
        """The builds listed, in their order."""
        found: list[str] = self.page.eval_on_selector_all(
            "tbody tr[data-id]", "rows => rows.map(row => row.dataset.build)"
        )
        return found

    def column(self, name: str) -> list[str]:
        """The raw values of a column, row by row."""
        script = "cells => cells.map(cell => cell.dataset.value ?? '')"
        found: list[str] = self.page.eval_on_selector_all(f'tbody [data-column="{name}"]', script)
        return found

    def asked(self) -> dict[str, str]:
        """The parameters of the address."""
        return {name: values[0] for name, values in parse_qs(urlsplit(self.page.url).query).items()}

    def here(self) -> str:
        """The address, from the path on."""
        found: str = self.page.evaluate("location.pathname + location.search")
        return found

    def rows(self) -> dict[str, str]:
        """The HTML of every row by its build, in the order of the table."""
        listed = self.page.eval_on_selector_all(
            "tbody tr[data-id]", "rows => rows.map(row => [row.dataset.build, row.outerHTML])"
        )
        return dict(listed)

    def fresh_rows(self) -> dict[str, str]:
        """The same of a page rendered just now for the same address."""
        listed = self.page.evaluate(
            """async () => {
                const text = await (await fetch(location.href, { headers: { Accept: "text/html" } })).text()
                const page = Object.assign(document.createElement("template"), { innerHTML: text })
                const rows = [...page.content.querySelectorAll("tbody tr[data-id]")]
                return rows.map((row) => [row.dataset.build, row.outerHTML])
            }"""
        )
        return dict(listed)

    @property
    def news(self) -> Locator:
        return self.page.locator("#news button")

    @property
    def toast(self) -> Locator:
        return self.page.locator(".toast").last

    def live(self, timeout: float = PATIENCE_MS) -> Desk:
        """Itself, once it hears what happens."""
        self.page.locator("table[data-live=true]").wait_for(timeout=timeout)
        return self

    def state(self, wanted: str, timeout: float = PATIENCE_MS) -> None:
        """Wait until the page says this of its connection: live, slow, reconnecting, offline."""
        expect(self.page.locator("#live")).to_have_attribute("data-state", wanted, timeout=timeout)

    def frames(self) -> list[str]:
        """Every websocket message that comes to this tab from now on. Ask before the page is opened."""
        heard: list[str] = []
        self.page.on("websocket", lambda wire: wire.on("framereceived", lambda frame: heard.append(str(frame))))
        return heard

    def until(self, ask: Callable[[], Any], what: str | Callable[[], str]) -> None:
        """Wait until `ask` answers yes, while messages keep coming in."""
        until(lambda: self.page.wait_for_timeout(30) or ask(), what)

    # -- what one does -------------------------------------------------------------------------------------------

    def stop_clock(self) -> None:
        """From now on the page's timers ring only in `let_pass`, however long the test itself takes.

        In a browser for this test alone: the clock is that of all its pages, those of later tests too.
        """
        self.page.clock.install()
        self.page.clock.pause_at(datetime.now(UTC) + timedelta(seconds=10))

    def let_pass(self, seconds: int) -> None:
        """Turn the page's clock on (`page.clock.install()` came before), one second after another, leaving the
        network time to answer."""
        for _ in range(seconds):
            self.page.clock.run_for(1000)
            self.page.wait_for_timeout(20)

    def open_editor(self, build: str, column: str) -> Locator:
        self.cell(build, column).locator("button").click()
        return self.page.locator(".editor")

    def choose(self, build: str, column: str, code: str) -> None:
        """Choose a status, and wait until it is saved and its toast is up: the push may come before the answer."""
        self.open_editor(build, column)
        self.page.eval_on_selector_all(".toast", "shown => shown.forEach((one) => one.dataset.before = '')")
        self.pick(code)
        self.shows(build, column, code)
        self.page.locator(".toast:not([data-before])").filter(has_text=build).first.wait_for()

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
    page.on(
        "console",
        lambda said: faults.append(f"{said.text} {said.location.get('url', '')}") if said.type == "error" else None,
    )
    return faults


class Browsers:
    """The browsers of everybody on one server: one for each person, in which tests open tabs, and any others."""

    def __init__(self, browser: Browser, server: Server) -> None:
        self.browser, self.server = browser, server
        self._cookies: dict[str, list[dict[str, Any]]] = {}
        self._own: dict[str, BrowserContext] = {}

    def own(self, username: str) -> BrowserContext:
        """The browser that a person uses all day: signed in once, its cache warm."""
        if username not in self._own:
            self._own[username] = self.another(username)
        return self._own[username]

    def another(self, username: str = "", *, fresh: bool = False, **options: Any) -> BrowserContext:
        """A new browser; `username` is signed in, in a session of its own when `fresh`."""
        state = cookies_of(self.server, username) if fresh else self._signed_in(username)
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
        made.set_default_timeout(PATIENCE_MS)
        return made

    def _signed_in(self, username: str) -> list[dict[str, Any]]:
        if username and username not in self._cookies:
            self._cookies[username] = cookies_of(self.server, username)
        return self._cookies.get(username, [])

    def close(self) -> None:
        for context in self._own.values():
            context.close()


class Office:
    """What one test opens. It is closed, and looked at for faults, when the test ends."""

    def __init__(self, browsers: Browsers) -> None:
        self.browsers, self.server = browsers, browsers.server
        self._contexts: list[BrowserContext] = []
        self.desks: list[Desk] = []

    def context(self, username: str = "", **options: Any) -> BrowserContext:
        """A browser for this test alone (`fresh=True`: with a session of its own)."""
        self._contexts.append(self.browsers.another(username, **options))
        return self._contexts[-1]

    def tab(self, context: BrowserContext) -> Desk:
        """An empty tab that is watched."""
        page = context.new_page()
        self.desks.append(Desk(page, watch(page)))
        return self.desks[-1]

    def desk(self, username: str, path: str, *, alone: bool = False, **options: Any) -> Desk:
        """Somebody at a table that is live; in a browser for this test alone when it is treated badly."""
        own = self.context(username, **options) if alone or options else self.browsers.own(username)
        desk = self.tab(own)
        desk.page.goto(path)
        return desk.live()

    def close(self) -> None:
        """Close everything; fail for the faults of any page."""
        for desk in self.desks:
            desk.page.close()
        for context in self._contexts:
            context.close()
        for desk in self.desks:
            desk.check()


# Opens a live table, as Office.desk does: the fixture `desk`.
OpenDesk = Callable[..., Desk]
