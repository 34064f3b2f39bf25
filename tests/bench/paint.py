"""Somebody else's save in Chromium: from the PUT's answer to the changed badge on the screens; and what rest costs."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import requests
from playwright.sync_api import Browser, Page

from tests.bench.firm import Firm, Team, found
from tests.bench.report import Bar, Sheet, percentile
from tests.bench.server import Server, running
from tests.bench.tabs import Wire, chromium, open_page, signed_in

VIEWERS = {  # who has which page open
    "tax-status": "accounting_responsible",
    "tax-inspection": "tax_inspection_responsible",
    "tax-filing": "wht_filer_current_employee_id",
}
SAVES, WARM_UP, PAUSE, REST = 100, 5, 0.25, 20.0
HALF, LAST, ASKED, IDLE = Bar(40), Bar(100), Bar(0), Bar(5)  # IDLE: half a percent of a core
# Notes when a row's changed badge has been painted, by the machine's clock: after the frame that follows the change.
PAINTED = """record => {
  window.painted = {}
  const note = (version) => requestAnimationFrame(() => setTimeout(() => {
    window.painted[version] ??= performance.timeOrigin + performance.now()
  }))
  const row = document.querySelector(`tr[data-id="${record}"]`)
  const look = (all) => all.some(({ target }) => target === row) && note(row.dataset.version)
  new MutationObserver(look).observe(row, { childList: true, attributeFilter: ["data-version"] })
}"""


class Viewer:
    """A tab in a browser profile of its own, on which a record is shown."""

    def __init__(self, page: Page, table: str, record: str) -> None:
        self.page, self.table, self.wire = page, table, Wire()
        page.evaluate(PAINTED, record)

    def painted(self) -> dict[int, float]:
        """When each version of the record was painted, ms of the machine's clock."""
        return {int(version): at for version, at in self.page.evaluate("window.painted").items()}


def measure(folder: Path) -> Iterator[Sheet]:
    """The sheets of this part."""
    firm = found(folder / "paint", clients=375, months=12)
    head = ("viewers, page", "p50 ms", "p95", "p99", "from PUT sent p50", "requests", "p50", "p99", "requests")
    sheet = Sheet("PUT answered → changed badge painted, in Chromium", head)
    idle = Sheet("An open page at rest", ("page", "CPU ms a second", "requests", "CPU"))
    with running(firm.folder) as server, chromium() as browser:
        for each in (1, 5):
            _watched(sheet, browser, server, firm, each)
        _rested(idle, browser, server, firm)
    sheet.notes = [f"{SAVES} saves, one every {PAUSE} s, by somebody who is no viewer; every viewer in a profile of"]
    sheet.notes.append("its own. A negative time: painted before the saver had the answer. Bars: 40 ms, 100 ms, 0.")
    idle.notes = [
        f"Processor time of the page's renderer, {REST:.0f} s after it was live; a tab in front, nobody saves."
    ]
    yield from (sheet, idle)


def _watched(sheet: Sheet, browser: Browser, server: Server, firm: Firm, each: int) -> None:
    known, (_, teams) = firm.signed_in(), firm.crew(100)
    team = teams[0]
    with ExitStack() as stack:
        viewers = []
        for table, role in VIEWERS.items():
            for _ in range(each):
                context = stack.enter_context(signed_in(browser, server.url, known[team.people[role]][0]))
                page = context.new_page()
                open_page(page, f"{server.url}/{table}?limit=100")
                viewers.append(Viewer(page, table, team.record))
                viewers[-1].wire.listen(context.new_cdp_session(page))
        sent, answered = _saves(server, team, known["admin"][0])
        viewers[0].page.wait_for_timeout(500)
        for table in VIEWERS:
            mine = [viewer for viewer in viewers if viewer.table == table]
            _report(sheet, f"{3 * each}, /{table}", mine, sent, answered)


def _report(sheet: Sheet, name: str, viewers: list[Viewer], sent: dict[int, float], answered: dict[int, float]) -> None:
    painted = [viewer.painted() for viewer in viewers]
    waits = [seen[version] - at for seen in painted for version, at in answered.items()]
    whole = [seen[version] - at for seen in painted for version, at in sent.items()]
    p50, p95, p99 = (percentile(waits, percent) for percent in (50, 95, 99))
    asked = sum(viewer.wire.asked for viewer in viewers)
    verdicts = HALF.verdict(p50), LAST.verdict(p99), ASKED.verdict(asked)
    sheet.add(name, p50, p95, p99, percentile(whole, 50), asked, *verdicts)


def _saves(server: Server, team: Team, token: str) -> tuple[dict[int, float], dict[int, float]]:
    """Save a new status again and again: when each version was sent, and when answered (ms of the machine's clock)."""
    sent, answered = {}, {}
    with requests.Session() as client:
        client.headers["Authorization"] = f"Bearer {token}"
        for turn in range(WARM_UP + SAVES):
            time.sleep(PAUSE)
            before, version, after = _save(client, server, team, turn)
            if turn >= WARM_UP:
                sent[version], answered[version] = before, after
    return sent, answered


def _save(client: requests.Session, server: Server, team: Team, turn: int) -> tuple[float, int, float]:
    body: dict[str, Any] = {"sourcePage": "taxStatus", "pnd_status": ("passed", "draft_ready")[turn % 2]}
    before = time.time() * 1000
    answer = client.put(f"{server.url}/api/monthly-tax-data/{team.record}", json=body, timeout=30)
    after = time.time() * 1000
    answer.raise_for_status()
    return before, answer.json()["data"]["version"], after


def _rested(sheet: Sheet, browser: Browser, server: Server, firm: Firm) -> None:
    known, (_, teams) = firm.signed_in(), firm.crew(100)
    with browser.new_context() as context:
        context.new_page()
        sheet.add("an empty page, to compare", _spent(browser), 0, "")
    for table, role in VIEWERS.items():
        with signed_in(browser, server.url, known[teams[0].people[role]][0]) as context:
            page = context.new_page()
            open_page(page, f"{server.url}/{table}?limit=100")
            page.wait_for_timeout(10_000)  # what loading left to do is done
            wire = Wire()
            wire.listen(context.new_cdp_session(page))
            spent = _spent(browser)
            page.wait_for_timeout(10)  # what went over the wire is told only now
            sheet.add(f"/{table}, 100 rows", spent, wire.asked, IDLE.verdict(spent))


def _spent(browser: Browser) -> float:
    """Milliseconds of processor time a second of the pages that are open, while nothing happens."""
    before = _renderers(browser)
    time.sleep(REST)  # not by the page, which would have to count
    return 1000 * (_renderers(browser) - before) / REST


def _renderers(browser: Browser) -> float:
    """Seconds of processor time of all processes that draw pages."""
    line = browser.new_browser_cdp_session()
    told = line.send("SystemInfo.getProcessInfo")["processInfo"]
    line.detach()
    return float(sum(one["cpuTime"] for one in told if one["type"] == "renderer"))
