"""What a browser sees: bytes and requests of a page, and time to the first row (another's save: paint.py)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from playwright.sync_api import Browser, BrowserContext

from tests.bench.firm import found
from tests.bench.report import Bar, Sheet
from tests.bench.server import Server, running
from tests.bench.tabs import FIRST_ROW, Wire, chromium, open_page, signed_in

ROUNDS = 5
COLD = Bar(150)
TABLES, ROWS = ("tax-status", "tax-inspection", "tax-filing"), (20, 100)


@dataclass(frozen=True)
class Visit:
    """One load of a page: its wire, and milliseconds until a row was painted and until the table was live."""

    wire: Wire
    row: float
    live: float


def measure(folder: Path) -> Iterator[Sheet]:
    """The sheets of this part."""
    firm = found(folder / "browser", clients=375, months=12)
    with running(firm.folder) as server, chromium() as browser:
        yield _loads(browser, server, firm.signed_in()["admin"][0])


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
    with signed_in(browser, server.url, token) as context:
        return _visit(context, url), _visit(context, url)


def _visit(context: BrowserContext, url: str) -> Visit:
    page = context.new_page()
    page.add_init_script(FIRST_ROW)
    wire = Wire()
    wire.listen(context.new_cdp_session(page))
    open_page(page, url)
    live = page.evaluate("performance.now()")
    page.wait_for_timeout(300)  # what comes late counts too
    visit = Visit(wire, page.evaluate("window.firstRow"), live)
    page.close()
    return visit
