"""What a browser sees: bytes and requests of a page, time to the first row, what moves, what holds it up (another's
save: paint.py)."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from threading import Thread
from typing import Any

import requests
from playwright.sync_api import Browser, BrowserContext

from tests.bench.firm import Firm, Team, found
from tests.bench.report import Bar, Sheet
from tests.bench.server import Server, running
from tests.bench.tabs import FIRST_ROW, Wire, chromium, open_page, signed_in

How = tuple[tuple[str, dict[str, Any]], ...]

ROUNDS, SAVES, EVERY = 5, 100, 0.05
# The word of the live state grows shorter when it is live: a ten-thousandth, which nobody sees.
COLD, ASKED, FIRST, LONG, SHIFT = Bar(120), Bar(12), Bar(300), Bar(50), Bar(0.001)
TABLES, ROWS = ("tax-status", "tax-inspection", "tax-filing"), (20, 100)
# How a line or a machine is made slow, by what Chromium's own tools offer.
SLOW: dict[str, How] = {
    "as it is": (),
    "processor 4 × slower": (("Emulation.setCPUThrottlingRate", {"rate": 4}),),
    "50 ms round trip": (
        (
            "Network.emulateNetworkConditions",
            {"offline": False, "latency": 50, "downloadThroughput": -1, "uploadThroughput": -1},
        ),
    ),
}
# What moved by itself, and what kept the page from answering, ms.
WATCH = """
window.shift = 0; window.long = [0]
new PerformanceObserver((list) => {
  for (const one of list.getEntries()) if (!one.hadRecentInput) window.shift += one.value
}).observe({ type: "layout-shift", buffered: true })
new PerformanceObserver((list) => {
  for (const one of list.getEntries()) window.long.push(one.duration)
}).observe({ type: "longtask", buffered: true })
"""


@dataclass(frozen=True)
class Visit:
    """One load of a page: its wire, milliseconds until a row was painted and until the table was live, layout shift."""

    wire: Wire
    row: float
    live: float
    shift: float


def measure(folder: Path) -> Iterator[Sheet]:
    """The sheets of this part."""
    firm = found(folder / "browser", clients=375, months=12)
    with running(firm.folder) as server, chromium() as browser:
        token = firm.signed_in()["admin"][0]
        yield _loads(browser, server, token)
        yield _slow(browser, server, token)
        yield _busy(browser, server, firm)


def _loads(browser: Browser, server: Server, token: str) -> Sheet:
    head = (
        "",
        *("cold kB", "requests", "first row ms", "live ms"),
        *("warm kB", "requests", "first row ms", "live ms"),
    )
    sheet = Sheet("A page in Chromium", (*head, "cold kB", "requests", "first row", "CLS"))
    for table in TABLES:
        for rows in ROWS:
            url = f"{server.url}/{table}?limit={rows}"
            pairs = [_pair(browser, server, token, url) for _ in range(ROUNDS)]
            cold, warm = ([pair[place] for pair in pairs] for place in (0, 1))
            [received, asked, row, _], shift = _middle(cold), max(visit.shift for visit in cold + warm)
            verdicts = COLD.verdict(received), ASKED.verdict(asked), FIRST.verdict(row), SHIFT.verdict(shift)
            sheet.add(f"/{table}, {rows} rows", *_middle(cold), *_middle(warm), *verdicts)
    sheet.notes = [
        f"Medians of {ROUNDS}, 1440 × 900; kB received with headers, fonts included; live: subscribed and caught up."
    ]
    return sheet


def _slow(browser: Browser, server: Server, token: str) -> Sheet:
    sheet = Sheet("First row on slow machines and lines, ms", ("", "cold", "live", "warm", "live"))
    for name, how in SLOW.items():
        pairs = [_pair(browser, server, token, f"{server.url}/tax-status", how) for _ in range(ROUNDS)]
        cold, warm = (_middle([pair[place] for pair in pairs]) for place in (0, 1))
        sheet.add(name, *cold[2:], *warm[2:])
    sheet.notes = ["/tax-status, 50 rows."]
    return sheet


def _busy(browser: Browser, server: Server, firm: Firm) -> Sheet:
    """A desk of 100 rows on which twenty changes arrive each second."""
    _, teams = firm.crew(100)
    known = firm.signed_in()
    sheet = Sheet("While 20 events arrive each second", ("", "longest task ms", "over 50 ms", "CLS", "task", "CLS"))
    for table in TABLES:
        with signed_in(browser, server.url, known["admin"][0]) as context:
            page = context.new_page()
            page.add_init_script(WATCH)
            open_page(page, f"{server.url}/{table}?limit=100&scope=all")
            page.wait_for_timeout(500)
            page.evaluate("window.long = [0]; window.shift = 0")
            saving = Thread(target=_save, args=(server, teams[:20], known))
            saving.start()
            while saving.is_alive():
                page.wait_for_timeout(100)
            page.wait_for_timeout(500)
            long, shift = page.evaluate("[window.long, window.shift]")
        sheet.add(
            f"/{table}",
            max(long),
            sum(one > LONG.most for one in long),
            shift,
            LONG.verdict(max(long)),
            SHIFT.verdict(shift),
        )
    sheet.notes = [
        f"{SAVES} saves of 20 records, 100 rows shown; a task is long from 50 ms on, shorter ones are not told."
    ]
    return sheet


def _save(server: Server, teams: list[Team], known: dict[str, tuple[str, Any]]) -> None:
    """SAVES saves, one every EVERY seconds."""
    began = time.monotonic()
    with requests.Session() as client:
        for turn in range(SAVES):
            team = teams[turn % len(teams)]
            status = ("draft_ready", "not_submitted")[turn // len(teams) % 2]
            token = known[team.people["accounting_responsible"]][0]
            client.put(
                f"{server.url}/api/monthly-tax-data/{team.record}",
                json={"sourcePage": "taxStatus", "pnd_status": status},
                headers={"Authorization": f"Bearer {token}"},
                timeout=30,
            ).raise_for_status()
            time.sleep(max(0.0, began + (turn + 1) * EVERY - time.monotonic()))


def _middle(visits: list[Visit]) -> list[float]:
    received, asked = median(visit.wire.received for visit in visits), median(visit.wire.asked for visit in visits)
    return [received, int(asked), median(visit.row for visit in visits), median(visit.live for visit in visits)]


def _pair(browser: Browser, server: Server, token: str, url: str, how: How = ()) -> tuple[Visit, Visit]:
    """A page as a new browser loads it, and once more in a new tab; `how` either is made slow."""
    with signed_in(browser, server.url, token) as context:
        return _visit(context, url, how), _visit(context, url, how)


def _visit(context: BrowserContext, url: str, how: How) -> Visit:
    page = context.new_page()
    page.add_init_script(FIRST_ROW)
    page.add_init_script(WATCH)
    wire, line = Wire(), context.new_cdp_session(page)
    wire.listen(line)
    for command, options in how:
        line.send(command, options)
    open_page(page, url)
    live = page.evaluate("performance.now()")
    page.wait_for_timeout(300)  # what comes late counts too
    visit = Visit(wire, page.evaluate("window.firstRow"), live, page.evaluate("window.shift"))
    page.close()
    return visit
