"""The figures by which `make bench-check` knows whether something got worse. Less is better, of each of them.

Absolute times are not stable on a shared machine. What costs time is told as a ratio: the server's processor time for
one of a kind, over that of the yardstick, which runs right before and right after it. Counts and sizes are stable by
themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median

import requests

from tests.bench import queries
from tests.bench.firm import Firm, found
from tests.bench.herd import PEOPLE, come_back
from tests.bench.save import Pace, load
from tests.bench.server import Server, running
from tests.bench.start import WRITTEN
from tests.bench.yardstick import stick

ROUNDS, TIMES, HERD = 3, 30, 3
SAVING = Pace(page=True, rate=10, seconds=1, writers=4, flat=5, rest=0.5)
PATHS = {
    "page of 20 rows": "/tax-status?limit=20",
    "page of 100 rows": "/tax-status?limit=100",
    "API list of 100": "/api/monthly-tax-data?limit=100",
    "figures": "/api/monthly-tax-data/summary",
    "assignments": "/assignments",
}
Figures = dict[str, float]


def measured(folder: Path) -> Figures:
    """Every figure by its name. Takes some two minutes."""
    firm = found(folder / "firm", clients=375, months=2)
    rounds = [dict(_round(firm)) for _ in range(ROUNDS)]
    return _statements(folder) | {name: median(figures[name] for figures in rounds) for name in rounds[0]}


def _statements(folder: Path) -> Figures:
    [sheet] = queries.measure(folder)
    return {f"statements: {name}": float(told[-1]) for name, *told in sheet.rows}


def _round(firm: Firm) -> Iterator[tuple[str, float]]:
    """Each figure once."""
    token, before = firm.signed_in()["admin"][0], stick()
    bytecode = {"PYTHONPYCACHEPREFIX": str(firm.folder / "bytecode"), **WRITTEN}  # the first round makes it
    with running(firm.folder, env=bytecode) as server:
        yield "start", server.busy_in_all() / _mean(before)
        yield "MB at rest", server.memory() / 1024
        for name, path in PATHS.items():
            yield f"kB: {name}", _kilobytes(server, path, token)
            yield name, _cost(server, lambda path=path: _ask(server, path, token))
        before = stick()
        _, spent = come_back(server, firm, "socket", firm.seq(), each=HERD)
        yield "client who catches up", spent / (HERD * PEOPLE) / _mean(before)
    with running(firm.folder) as server:  # a fresh one: what it holds for a socket is felt only once
        yield from _saved(server, firm)


def _saved(server: Server, firm: Firm) -> Iterator[tuple[str, float]]:
    """What a save costs that 15 of 300 open pages hear of, and what a page costs."""
    before = stick()
    done = load(server, firm, SAVING)
    yield "save that 15 pages hear", done.flat / len(done.seen["flat"]["puts"]) / _mean(before)
    yield "kB an open page", done.kilobytes
    yield "kB an event", done.seen["bytes"] / done.seen["events"] / 1000


def _mean(before: float) -> float:
    """The yardstick around what was just measured: what it took before, and takes now."""
    return (before + stick()) / 2


def _cost(server: Server, ask: Callable[[], object]) -> float:
    """The server's processor time for one of TIMES, in yardsticks. The first one is not counted."""
    ask()
    before, began = stick(), server.busy()
    for _ in range(TIMES):
        ask()
    return (server.busy() - began) / TIMES / _mean(before)


def _ask(server: Server, path: str, token: str) -> bytes:
    """What the server sends for a path, as it goes over the line."""
    headers = {"Authorization": f"Bearer {token}", "Accept-Encoding": "gzip"}
    with requests.get(server.url + path, headers=headers, stream=True, timeout=60) as answer:
        answer.raise_for_status()
        return answer.raw.read()


def _kilobytes(server: Server, path: str, token: str) -> float:
    return len(_ask(server, path, token)) / 1000
