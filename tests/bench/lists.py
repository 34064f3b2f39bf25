"""What lists and pages cost the server, at the firm's size and at twenty times as much, asked side by side."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import requests

from bmu.i18n import tax_month
from tests.bench.firm import NOW, found
from tests.bench.report import Bar, Sheet, percentile
from tests.bench.server import Server, running

ROUNDS, WARM_UP = 25, 4
PAGE = Bar(40)
MONTH = tax_month(NOW)
API = "/api/monthly-tax-data"
IN_MONTH = f"year={MONTH.year}&month={MONTH.month}"
# Asked by the administrator, who sees everybody's; but for the last two.
PATHS = {
    "/tax-status, 20 rows": "/tax-status?limit=20",
    "/tax-status, 50 rows": "/tax-status?limit=50",
    "/tax-status, 100 rows": "/tax-status?limit=100",
    "/tax-inspection, 100 rows": "/tax-inspection?limit=100",
    "/tax-filing, 100 rows": "/tax-filing?limit=100",
    "… sorted by status": "/tax-status?limit=100&sort=pnd_status",
    "… page 3": "/tax-status?limit=100&page=3",
    "… searched": "/tax-status?limit=100&q=สยาม",
    "API list of a month, 20": f"{API}?{IN_MONTH}&limit=20",
    "API list of a month, 100": f"{API}?{IN_MONTH}&limit=100",
    "API list of all, 20": f"{API}?limit=20",
    "API summary": f"{API}/summary?{IN_MONTH}",
    "own /tax-status (service)": "/tax-status?limit=100",
    "own API list, 20": f"{API}?limit=20",
}
_numbers = count(1)


def measure(folder: Path) -> Iterator[Sheet]:
    """The sheets of this part."""
    firms = found(folder / "small", clients=375, months=12), found(folder / "large", clients=2810, months=2, copies=34)
    sizes = [f"{firm.count():,}" for firm in firms]
    head = ("", *(f"{size} {what}" for size in sizes for what in ("p50", "p95")), "ratio", f"p50 ≤ {PAGE.most}")
    sheet = Sheet("Pages and lists: the server's milliseconds", head)
    with running(firms[0].folder) as small, running(firms[1].folder) as large:
        known = [firm.signed_in() for firm in firms]
        for name, path in PATHS.items():
            who = "AC00024" if name.startswith("own") else "admin"
            asked = [(server, people[who][0]) for server, people in zip((small, large), known, strict=True)]
            one, other = _times(asked, path)
            verdict = PAGE.verdict(percentile(one, 50)) if "100 rows" in name else ""
            middle = percentile(one, 50), percentile(other, 50)
            ratio = middle[1] / middle[0]
            sheet.add(name, middle[0], percentile(one, 95), middle[1], percentile(other, 95), ratio, verdict)
    sheet.notes = [
        f"From the request log, gzip included; {ROUNDS} rounds in turn on both; the bar is for the firm's size."
    ]
    yield sheet


def _times(asked: list[tuple[Server, str]], path: str) -> list[list[float]]:
    """The milliseconds that each server spent on `path`, asked in turn so that both see the same machine."""
    ids: list[list[str]] = [[] for _ in asked]
    with requests.Session() as client:
        for _ in range(WARM_UP + ROUNDS):
            for (server, token), mine in zip(asked, ids, strict=True):
                mine.append(_ask(client, server, token, path))
    spent = [server.spent() for server, _ in asked]
    return [[known[one] for one in mine[WARM_UP:]] for mine, known in zip(ids, spent, strict=True)]


def _ask(client: requests.Session, server: Server, token: str, path: str) -> str:
    headers: dict[str, Any] = {"Authorization": f"Bearer {token}", "X-Request-ID": f"bench-{next(_numbers):06d}"}
    client.get(server.url + path, headers=headers, timeout=60).raise_for_status()
    return str(headers["X-Request-ID"])
