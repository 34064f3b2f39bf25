"""What lists and pages cost the server, at the firm's size."""

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
PAGE = Bar(20)
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
    """The sheets of this part. What becomes of them as the firm grows is another part's (growth.py)."""
    firm = found(folder / "lists", clients=375, months=12)
    sheet = Sheet("Pages and lists: the server's milliseconds", ("", "p50", "p95", "kB", f"p50 ≤ {PAGE.most}"))
    with running(firm.folder) as server:
        known = firm.signed_in()
        for name, path in PATHS.items():
            token = known["AC00024" if name.startswith("own") else "admin"][0]
            [spent] = times([(server, token, path)])
            verdict = PAGE.verdict(percentile(spent, 50)) if "100 rows" in name else ""
            sheet.add(name, percentile(spent, 50), percentile(spent, 95), _kilobytes(server, token, path), verdict)
    sheet.notes = [f"{firm.count():,} records; from the request log, brotli included; {ROUNDS} rounds after {WARM_UP}."]
    yield sheet


def times(asked: list[tuple[Server, str, str]]) -> list[list[float]]:
    """The milliseconds that each server spent on a path, (server, token, path) asked in turn, so that all see the
    same machine."""
    ids: list[list[str]] = [[] for _ in asked]
    with requests.Session() as client:
        for _ in range(WARM_UP + ROUNDS):
            for (server, token, path), mine in zip(asked, ids, strict=True):
                mine.append(_ask(client, server, token, path))
    spent = [server.spent() for server, _, _ in asked]
    return [[known[one] for one in mine[WARM_UP:]] for mine, known in zip(ids, spent, strict=True)]


def _kilobytes(server: Server, token: str, path: str) -> float:
    """What an answer takes on the wire."""
    headers = {"Authorization": f"Bearer {token}", "Accept-Encoding": "br"}
    return (
        float(requests.get(server.url + path, headers=headers, timeout=60, stream=True).headers["Content-Length"])
        / 1000
    )


def _ask(client: requests.Session, server: Server, token: str, path: str) -> str:
    headers: dict[str, Any] = {
        "Authorization": f"Bearer {token}",
        "Accept-Encoding": "br",
        "X-Request-ID": f"bench-{next(_numbers):06d}",
    }
    client.get(server.url + path, headers=headers, timeout=60).raise_for_status()
    return str(headers["X-Request-ID"])
