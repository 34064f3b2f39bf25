"""Real pages in Chromium, each by a line of its own, that must show what a page rendered just now would show."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from playwright.sync_api import Browser, Error, sync_playwright

from tests.browser.conftest import CHROMIUM, FLAGS
from tests.browser.people import Desk, watch
from tests.faults.crew import Crew
from tests.faults.oracle import Truth
from tests.faults.wires import Wire

# Those of the cast whose lists nobody's hand-over changes: rows that enter are offered, not put in.
DESKS = {
    "page-0": ("AC00024", "/tax-status"),
    "page-1": ("AC00008", "/tax-inspection?scope=all"),
    "page-2": ("AC00012", "/tax-filing"),
}


class Pages:
    """The open pages by the names of their lines. All from one thread: that of Playwright."""

    def __init__(self, browser: Browser, crew: Crew, wires: Mapping[str, Wire]) -> None:
        self.desks = {name: _open(browser, crew, name, wire) for name, wire in wires.items()}

    def wrong_clock(self, name: str, number: int) -> None:
        """Set a page's clock wrong by hours, to either side."""
        hours = 30 if number % 2 else -30
        self.desks[name].page.clock.set_system_time(datetime.now(UTC) + timedelta(hours=hours))

    def wrong(self, truth: Truth, patience: float) -> list[str]:
        """What is not as it should be, a line each; waits up to `patience` seconds for all to be right."""
        end = time.monotonic() + patience
        while True:
            found = [f"{name}: {what}" for name, desk in self.desks.items() if (what := _wrong(desk, truth))]
            if not found or time.monotonic() > end:
                return found
            next(iter(self.desks.values())).page.wait_for_timeout(100)

    def threw(self) -> list[str]:
        """What the pages' scripts threw since the last look. Consoles also complain of what we broke: not asked."""
        found = [f"{name}: {fault}" for name, desk in self.desks.items() for fault in desk.faults if "\n" in fault]
        for desk in self.desks.values():
            desk.faults.clear()
        return found


def _open(browser: Browser, crew: Crew, name: str, wire: Wire) -> Desk:
    person, path = DESKS[name]
    context = browser.new_context(base_url=wire.url, locale="th-TH", timezone_id="Asia/Bangkok")
    context.add_cookies([{"name": "access_token_cookie", "value": crew.tokens[person], "url": wire.url}])
    page = context.new_page()
    page.clock.install()
    desk = Desk(page, watch(page))
    page.goto(path)
    return desk.live(60_000)


def _wrong(desk: Desk, truth: Truth) -> str:
    state = desk.page.locator("#live").get_attribute("data-state")
    if state != "live":
        return f"is {state}"
    try:
        has, should = desk.rows(), desk.fresh_rows()
    except Error as error:
        return f"cannot be read: {error.message[:200]}"
    if list(has) != list(should):
        return f"lists {len(has)} rows, a fresh page {len(should)}"
    for build, row in should.items():
        if row != has[build]:
            return f"build {build} is\n    {has[build]}\n  fresh\n    {row}"
    versions = desk.page.eval_on_selector_all(
        "tbody tr", "rows => rows.map(row => [row.dataset.id, row.dataset.version])"
    )
    stale = [record for record, version in versions if int(version) != truth[record]["version"]]
    return f"stale versions of {stale}" if stale else ""


@contextmanager
def opened(crew: Crew, wires: Mapping[str, Wire]) -> Iterator[Pages | None]:
    """The pages, for the block; None when there is no line for any."""
    if not wires:
        yield None
        return
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        try:
            yield Pages(browser, crew, wires)
        finally:
            browser.close()
