"""Against what it replaces: the predecessor's figures (measured on such a machine on 2026-11-23), and ours beside them.

Its own best case counts too: a log without a line in it, or the answer out of its cache of 30 seconds, which every
save by anybody empties.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from playwright.sync_api import BrowserContext

from bmu.i18n import tax_month
from tests.bench.firm import NOW, Firm, found
from tests.bench.generator import run
from tests.bench.report import Sheet, percentile
from tests.bench.server import Server, running
from tests.bench.tabs import FIRST_ROW, Wire, chromium, open_page, signed_in

API = "/api/monthly-tax-data"
MONTH = tax_month(NOW)
IN_MONTH = f"year={MONTH.year}&month={MONTH.month}"
ROUNDS, TIMES, SECONDS = 3, 60, 3.0


@dataclass(frozen=True)
class Figures:
    """p50 and p99 of requests one after the other (ms), and how many a second over several connections."""

    p50: float
    p99: float
    rate: float


@dataclass(frozen=True)
class Case:
    """A kind of request. `year`: the predecessor with a year's log; `best`: in its best case (None: not measured)."""

    name: str
    path: str
    year: Figures
    best: Figures | None = None
    connections: int = 16


SMALL = (
    Case("list of 20", f"{API}?{IN_MONTH}&limit=20", Figures(109, 177, 16), Figures(3.3, 12, 1055)),
    Case("list of 100", f"{API}?{IN_MONTH}&limit=100", Figures(503, 646, 2), Figures(7.7, 14, 362)),
    Case("list of all, 20", f"{API}?limit=20", Figures(106, 187, 14), Figures(2.4, 27, 1377)),
    Case("search, 20", f"{API}?{IN_MONTH}&limit=20&search=สยาม", Figures(60, 78, 38), Figures(6.7, 13, 306)),
    Case("figures", f"{API}/summary?{IN_MONTH}", Figures(4.5, 14, 494), Figures(0.9, 4, 4285)),
    Case("save", f"{API}/…", Figures(8.9, 20, 192), Figures(7.9, 17, 219), connections=8),
)
LARGE = (
    Case("list of 20, 48,000 records", f"{API}?{IN_MONTH}&limit=20", Figures(3672, 4120, 0.3), Figures(7.7, 19, 328)),
    Case(
        "list of 100, 48,000 records", f"{API}?{IN_MONTH}&limit=100", Figures(19452, 19452, 0.1), Figures(17, 26, 103)
    ),
    Case("list of all, 20, 48,000 records", f"{API}?limit=20", Figures(3460, 4193, 0.3), Figures(37, 68, 79)),
    Case("figures, 48,000 records", f"{API}/summary?{IN_MONTH}", Figures(7.9, 27, 418), Figures(3.9, 10, 492)),
    Case("save, 48,000 records", f"{API}/…", Figures(9.0, 22, 209), Figures(9.6, 17, 210), connections=8),
)
# Rows painted in Chromium: (page, rows): cold ms, warm ms. Requests and kB cold and warm were the same for all.
PAINTED = {
    ("tax-status", 20): (1791, 841),
    ("tax-status", 100): (2783, 1483),
    ("tax-inspection", 20): (1790, 862),
    ("tax-inspection", 100): (2208, 1224),
    ("tax-filing", 20): (1683, 761),
    ("tax-filing", 100): (1854, 921),
}
# Heap (MB) and nodes of /tax-status with 20 and 100 rows.
HELD = {20: (9.3, 2447), 100: (16.5, 9442)}


def measure(folder: Path) -> Iterator[Sheet]:
    """The sheets of this part."""
    head = ("", "its p50 ms", "ours", "times", "its p99", "ours", "its req/s", "ours", "times", "its best p50", "req/s")
    sheet = Sheet("HTTP, beside the predecessor", head)
    small = found(folder / "small", clients=121, months=12)
    large = found(folder / "large", clients=2000, months=2, copies=22)
    for firm, cases in ((small, SMALL), (large, LARGE)):
        with running(firm.folder) as server:
            _asked(sheet, server, firm, cases)
    sheet.notes = [f"{small.count():,} and {large.count():,} records; {TIMES} requests in turn, then 16 connections"]
    sheet.notes.append("(8 for saves). Best: an empty log, or out of its cache. Times: how many times better ours is.")
    yield sheet
    with running(small.folder) as server:
        yield from _pages(server, small.signed_in()["admin"][0])


def _asked(sheet: Sheet, server: Server, firm: Firm, cases: tuple[Case, ...]) -> None:
    _, teams = firm.crew(100)
    plan = {"url": server.url, "token": firm.signed_in()["admin"][0], "times": TIMES, "seconds": SECONDS}
    records = [f"{API}/{team.record}" for team in teams]
    seen, _ = run("rest.mjs", plan | {"cases": [_plan(case, records) for case in cases]}, lambda: None)
    for case in cases:
        alone, rate, its = seen[case.name]["alone"], seen[case.name]["rate"], case.year
        p50, p99 = percentile(alone, 50), percentile(alone, 99)
        best = (case.best.p50, case.best.rate) if case.best else ("", "")
        sheet.add(case.name, its.p50, p50, its.p50 / p50, its.p99, p99, its.rate, rate, rate / its.rate, *best)


def _plan(case: Case, records: list[str]) -> dict[str, Any]:
    """A save goes to one record after the other, and changes something each time."""
    asked: dict[str, Any] = {"name": case.name, "connections": case.connections}
    if not case.name.startswith("save"):
        return asked | {"method": "GET", "paths": [case.path], "bodies": []}
    texts = [{"sourcePage": "taxStatus", "wht_response": f"ครั้งที่ {turn}"} for turn in range(997)]
    return asked | {"method": "PUT", "paths": records, "bodies": texts}


def _pages(server: Server, token: str) -> Iterator[Sheet]:
    head = ("", "its cold ms", "ours", "times", "its warm ms", "ours", "times", "requests", "ours", "kB", "ours")
    painted = Sheet("Rows painted in Chromium, beside the predecessor", head)
    held = Sheet("An open page, beside the predecessor", ("", "its heap MB", "ours", "its nodes", "ours"))
    with chromium() as browser:
        for (table, rows), (cold, warm) in PAINTED.items():
            url = f"{server.url}/{table}?limit={rows}"
            visits = []
            for _ in range(ROUNDS):
                with signed_in(browser, server.url, token) as context:
                    visits.append((_visit(context, url), _visit(context, url)))
            first, again = (
                [median(figures) for figures in zip(*kind, strict=True)] for kind in zip(*visits, strict=True)
            )
            wire = 117, int(first[1]), 1241, first[2]
            painted.add(
                f"/{table}, {rows} rows", cold, first[0], cold / first[0], warm, again[0], warm / again[0], *wire
            )
            if table == "tax-status":
                held.add(f"/{table}, {rows} rows", HELD[rows][0], first[3], HELD[rows][1], int(first[4]))
    painted.notes = [
        f"Medians of {ROUNDS} (5 of the predecessor); 1440 × 900; requests and kB of the cold load, in all."
    ]
    yield from (painted, held)


def _visit(context: BrowserContext, url: str) -> tuple[float, ...]:
    """ms until the first row was painted, requests, kB, MB of heap, nodes."""
    page = context.new_page()
    page.add_init_script(FIRST_ROW)
    wire, line = Wire(), context.new_cdp_session(page)
    wire.listen(line)
    open_page(page, url)
    page.wait_for_timeout(300)  # what comes late counts too
    line.send("Performance.enable")
    told = {one["name"]: one["value"] for one in line.send("Performance.getMetrics")["metrics"]}
    visit = page.evaluate("window.firstRow"), wire.asked, wire.received, told["JSHeapUsedSize"] / 1e6, told["Nodes"]
    page.close()
    return visit
