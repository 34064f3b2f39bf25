"""What a browser sees: bytes and requests of a page, time to the first row, and what somebody else's save costs it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

import requests
from playwright.sync_api import Browser, BrowserContext, CDPSession, Page, sync_playwright

from tests.bench.firm import Firm, Team, found
from tests.bench.report import Bar, Sheet, percentile
from tests.bench.server import Server, running

CHROMIUM = "/usr/bin/chromium"
QUIET = ("disable-gpu", "disable-dev-shm-usage", "disable-quic", "disable-background-networking", "disable-sync")
ROUNDS, SAVES = 5, 20
COLD, PER_EVENT = Bar(150), Bar(0)
TABLES, ROWS = ("tax-status", "tax-inspection", "tax-filing"), (20, 100)
# Notes when the first row has been painted: the frame after the one that had it.
FIRST_ROW = """
const look = () => requestAnimationFrame(() => {
  if (document.querySelector("tr[data-id]")) requestAnimationFrame(() => { window.firstRow = performance.now() })
  else look()
})
look()
"""
# Notes when a changed row has been painted, by the clock of the machine.
PAINTED = """() => {
  window.painted = []
  const note = () => requestAnimationFrame(() => setTimeout(() => window.painted.push(Date.now())))
  const rows = document.querySelector("table[data-table] tbody")
  new MutationObserver(note).observe(rows, { childList: true, subtree: true })
}"""


@dataclass
class Wire:
    """What went over the line of one tab. `received`: kB of HTTP; `frames`: kB of the socket."""

    asked: int = 0
    received: float = 0
    frames: float = 0
    _cached: set[str] = field(default_factory=set)

    def listen(self, line: CDPSession) -> None:
        """Count from now on. What comes out of the browser's cache does not count."""
        line.send("Network.enable")
        line.on("Network.requestServedFromCache", lambda told: self._cached.add(told["requestId"]))
        line.on("Network.responseReceived", self._answered)
        line.on("Network.loadingFinished", self._finished)
        line.on("Network.webSocketFrameReceived", self._frame)

    def _answered(self, told: dict[str, Any]) -> None:
        if told["response"].get("fromDiskCache"):
            self._cached.add(told["requestId"])

    def _finished(self, told: dict[str, Any]) -> None:
        if told["requestId"] not in self._cached:
            self.asked += 1
            self.received += told["encodedDataLength"] / 1000

    def _frame(self, told: dict[str, Any]) -> None:
        self.frames += len(told["response"]["payloadData"].encode()) / 1000


@dataclass(frozen=True)
class Visit:
    """One load of a page: its wire, and milliseconds until a row was painted and until the table was live."""

    wire: Wire
    row: float
    live: float


def measure(folder: Path) -> Iterator[Sheet]:
    """The sheets of this part."""
    firm = found(folder / "browser", clients=375, months=12)
    with running(firm.folder) as server, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", *(f"--{one}" for one in QUIET)]
        )
        token = firm.signed_in()["admin"][0]
        yield _loads(browser, server, token)
        yield _events(browser, server, firm)
        browser.close()


def _loads(browser: Browser, server: Server, token: str) -> Sheet:
    head = (
        "",
        "cold kB",
        "requests",
        "first row ms",
        "live ms",
        "warm kB",
        "requests",
        "first row ms",
        "live ms",
        "cold kB",
    )
    sheet = Sheet("A page in Chromium", head)
    for table in TABLES:
        for rows in ROWS:
            url = f"{server.url}/{table}?limit={rows}"
            pairs = [_pair(browser, server, token, url) for _ in range(ROUNDS)]
            cold, warm = ([pair[place] for pair in pairs] for place in (0, 1))
            received = _middle(cold)[0]
            sheet.add(f"/{table}, {rows} rows", *_middle(cold), *_middle(warm), COLD.verdict(received))
    sheet.notes = [
        f"Medians of {ROUNDS}, 1440 × 900; kB received with headers, fonts included; live: subscribed and caught up."
    ]
    return sheet


def _middle(visits: list[Visit]) -> list[float]:
    received, asked = median(visit.wire.received for visit in visits), median(visit.wire.asked for visit in visits)
    return [received, int(asked), median(visit.row for visit in visits), median(visit.live for visit in visits)]


def _pair(browser: Browser, server: Server, token: str, url: str) -> tuple[Visit, Visit]:
    """A page as a new browser loads it, and once more in a new tab."""
    with _signed_in(browser, server, token) as context:
        return _visit(context, url), _visit(context, url)


@contextmanager
def _signed_in(browser: Browser, server: Server, token: str) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="th-TH")
    context.add_cookies([{"name": "access_token_cookie", "value": token, "url": server.url}])
    yield context
    context.close()


def _visit(context: BrowserContext, url: str) -> Visit:
    page = context.new_page()
    page.add_init_script(FIRST_ROW)
    wire = Wire()
    wire.listen(context.new_cdp_session(page))
    _open(page, url)
    live = page.evaluate("performance.now()")
    page.wait_for_timeout(300)  # what comes late counts too
    visit = Visit(wire, page.evaluate("window.firstRow"), live)
    page.close()
    return visit


def _open(page: Page, url: str) -> None:
    page.goto(url, wait_until="commit")
    page.wait_for_selector("table[data-live=true]", state="attached", timeout=30_000)


def _events(browser: Browser, server: Server, firm: Firm) -> Sheet:
    """Somebody else's saves, seen by a filer whose list shows the record."""
    _, teams = firm.crew(100)
    known = firm.signed_in()
    team, filer = teams[0], teams[0].people["wht_filer_current_employee_id"]
    wire, sent = Wire(), []
    with _signed_in(browser, server, known[filer][0]) as context:
        page = context.new_page()
        _open(page, f"{server.url}/tax-filing?limit=100")
        page.evaluate(PAINTED)
        page.wait_for_timeout(500)
        wire.listen(context.new_cdp_session(page))
        for turn in range(SAVES):
            sent.append(_save(server, team, known[team.people["accounting_responsible"]][0], turn))
            page.wait_for_timeout(800)  # the figures follow by themselves
        painted = page.evaluate("window.painted")
    waits = [at - before for at, before in zip(painted, sent, strict=True)]
    sheet = Sheet("Somebody else's save in Chromium", ("", "p50", "p95", "bar"))
    sheet.add("PUT sent → changed cell painted, ms", percentile(waits, 50), percentile(waits, 95), "")
    sheet.add("HTTP requests of the viewer", wire.asked, "", PER_EVENT.verdict(wire.asked))
    sheet.add("kB over the socket for each save", wire.frames / SAVES, "", "")
    return sheet


def _save(server: Server, team: Team, token: str, turn: int) -> float:
    """Save a new status; answers when it was sent (ms of the machine's clock)."""
    status = [status for status in ("passed", "draft_ready", "paid") if status != team.pnd_status][turn % 2]
    body = {"sourcePage": "taxStatus", "pnd_status": status}
    sent = time.time() * 1000
    url = f"{server.url}/api/monthly-tax-data/{team.record}"
    requests.put(url, json=body, headers={"Authorization": f"Bearer {token}"}, timeout=30).raise_for_status()
    return sent
