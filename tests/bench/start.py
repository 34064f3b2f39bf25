"""From nothing to ready: how long a server takes to start, and what it holds in memory before anybody has come."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from tests.bench.firm import found
from tests.bench.report import Sheet
from tests.bench.server import Server

ROUNDS = 5
WRITTEN = {"PYTHONDONTWRITEBYTECODE": ""}  # whatever is usual where the bench runs: servers keep their bytecode
KINDS = ("first start: no bytecode, no database", "no bytecode, the firm's database", "again, as every restart")


def measure(folder: Path) -> Iterator[Sheet]:
    """The sheet of this part."""
    firm = found(folder / "firm", clients=375, months=12)
    head = ("start", "until /readyz s", "CPU s", "MB worker", "MB with arbiter", "MB after a page")
    sheet = Sheet("Starting, and at rest", head)
    rounds = [_round(folder / str(number), firm.folder, firm.signed_in()["admin"][0]) for number in range(ROUNDS)]
    for kind, started in zip(KINDS, zip(*rounds, strict=True), strict=True):
        sheet.add(kind, *(median(figures) for figures in zip(*started, strict=True)))
    sheet.notes = [
        f"Medians of {ROUNDS}, the three kinds in turn. Worker: resident; with arbiter: what they share once."
    ]
    yield sheet


def _round(fresh: Path, firm: Path, token: str) -> list[tuple[float, ...]]:
    """Each kind of start once. Bytecode is kept apart, so that a start can be without any."""
    fresh.mkdir(parents=True)
    first, other = ({"PYTHONPYCACHEPREFIX": str(fresh / name), **WRITTEN} for name in ("first", "other"))
    return [started(fresh, "", first), started(firm, token, other), started(firm, token, other)]


def started(folder: Path, token: str, env: dict[str, str]) -> tuple[float, ...]:
    """Seconds until it was ready, of processor time until then; MB of the worker, of all, and after a page."""
    began = time.perf_counter()
    server = Server(folder, env=env)
    try:
        server.wait()
        ready = time.perf_counter() - began
        spent, worker, both = server.busy_in_all(), server.memory() / 1024, server.memory_of_both() / 1024
        if token:
            server.get("/tax-status?limit=100", token)
        return ready, spent, worker, both, server.memory() / 1024
    finally:
        server.stop()
