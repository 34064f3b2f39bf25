"""A save, until the last of those who listen has it: 300 open sockets, 20 saves a second, 15 listeners each; then as
many saves as eight writers can make. On SQLite and on PostgreSQL."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from deploy.cluster.lend import postgres
from tests.bench.firm import Firm, found
from tests.bench.generator import run
from tests.bench.report import Bar, Sheet, percentile, said
from tests.bench.server import Server, running

SOCKETS_EACH, PEOPLE = 3, 100
LAST = Bar(50)


@dataclass(frozen=True)
class Pace:
    """`rate` saves a second at random moments for `seconds`, then `writers` without a pause for `flat` seconds.

    `rest`: seconds without anything before the first save. `page`: every socket wants the row and the list of its
    table, and the savers' pages theirs; else plain JSON.
    """

    page: bool
    rate: float = 20
    seconds: float = 20
    writers: int = 8
    flat: float = 8
    rest: float = 3


@dataclass(frozen=True)
class Load:
    """What the load generator saw, and what the server needed for it: kB a socket, seconds of processor time."""

    pace: Pace
    seen: dict[str, Any]
    kilobytes: float
    idle: float
    busy: float
    flat: float


def measure(folder: Path) -> Iterator[Sheet]:
    """The sheets of this part."""
    head = ("listeners", "PUT p50", "p95", "p99", "last has it p50", "p95", "p99", f"p95 ≤ {LAST.most:.0f}")
    times = Sheet("Save → last listener has it (ms)", head)
    head = ("listeners", "saves/s", "PUT p50 ms", "p99", "CPU %", "CPU ms a save")
    flat = Sheet("Eight writers who save without a pause", head)
    head = ("listeners", "kB a socket", "ms to open one", "CPU idle %", "CPU saving %", "ms a save", "kB an event")
    costs = Sheet("What it costs the server", head)
    for database in ("SQLite", "PostgreSQL"):
        with firm_on(database, folder) as firm:
            for pace in (Pace(page=False), Pace(page=True)):
                with running(firm.folder, firm.database) as server:
                    done = load(server, firm, pace)
                _report(f"{database}, {'pages' if pace.page else 'plain JSON'}", done, times, flat, costs)
    times.notes = [
        f"{PEOPLE * SOCKETS_EACH} sockets, {pace.rate} saves/s at random moments for {pace.seconds} s, 15 listeners",
        "each. Pages: each event with the row of the listener's table, and the lists shown settle. " + _disk(folder),
    ]
    flat.notes = ["The same sockets and listeners; the load generator shares the cores."]
    costs.notes = ["CPU of one core; a save's ms include its events to 15 sockets and the settling of the lists shown."]
    yield from (times, flat, costs)


@contextmanager
def firm_on(database: str, folder: Path) -> Iterator[Firm]:
    """A firm of 375 clients on "SQLite", or on a "PostgreSQL" that keeps what it acknowledged, as SQLite does."""
    size = {"clients": 375, "months": 12}
    if database == "SQLite":
        yield found(folder / database, **size)
        return
    with postgres(fleeting=False) as server:
        yield found(folder / database, **size, database=server.url)


def _disk(folder: Path, tries: int = 300) -> str:
    """What a save waits for whatever the program does: the disk that keeps it (SQLite's synchronous=FULL)."""
    spent = []
    with (folder / "disk").open("wb", buffering=0) as file:
        for _ in range(tries):
            file.write(os.urandom(24_000))
            began = time.perf_counter()
            os.fsync(file.fileno())
            spent.append(1000 * (time.perf_counter() - began))
            time.sleep(0.02)
    p50, p99, most = percentile(spent, 50), percentile(spent, 99), max(spent)
    return f"The disk alone, asked to keep 24 kB: p50 {said(p50)} ms, p99 {said(p99)} ms, at most {said(most)} ms."


def _report(name: str, load: Load, times: Sheet, flat: Sheet, costs: Sheet) -> None:
    seen, pace = load.seen, load.pace
    puts, lasts = seen["random"]["puts"], seen["random"]["lasts"]
    complete = not seen["missing"] and not seen["refused"]
    missed = f"LOST {seen['missing']}, refused {seen['refused']}"
    verdict = LAST.verdict(percentile(lasts, 95)) if complete else missed
    times.add(name, *_percentiles(puts, 50, 95, 99), *_percentiles(lasts, 50, 95, 99), verdict)
    flats, seconds = seen["flat"]["puts"], seen["flat"]["ms"] / 1000
    busy = 100 * load.flat / seconds
    flat.add(name, len(flats) / seconds, *_percentiles(flats, 50, 99), busy, 1000 * load.flat / len(flats))
    opened = seen["opened_ms"] / (PEOPLE * SOCKETS_EACH)
    spent = 1000 * (load.busy - load.idle / pace.rest * pace.seconds) / len(puts)
    event = seen["bytes"] / max(1, seen["events"]) / 1000
    idle, saving = 100 * load.idle / pace.rest, 100 * load.busy / pace.seconds
    costs.add(name, load.kilobytes, opened, idle, saving, spent, event)


def _percentiles(values: list[float], *wanted: int) -> list[float]:
    return [percentile(values, percent) for percent in wanted]


def load(server: Server, firm: Firm, pace: Pace) -> Load:
    """Let the load generator save and listen at `pace`."""
    plan = _plan(server, firm, pace)
    before = server.memory()
    seen, at = run("load.mjs", plan, lambda: (server.memory(), server.busy()))
    memory = (at["open"][0] - before) / len(plan["sockets"])
    busy = {mark: seconds for mark, (_, seconds) in at.items()}
    idle, saving, flat = busy["save"] - busy["open"], busy["done"] - busy["save"], busy["flat"] - busy["done"]
    return Load(pace, seen, memory, idle, saving, flat)


def _plan(server: Server, firm: Firm, pace: Pace) -> dict[str, Any]:
    guests, teams = firm.crew(PEOPLE)
    tokens = {guest.person: guest.token for guest in guests}
    shown = [asdict(guest) if pace.page else {"person": guest.person, "token": guest.token} for guest in guests]
    saves = [
        {
            "id": team.record,
            "version": team.version,
            "pnd_status": team.pnd_status,
            "token": tokens[team.people["accounting_responsible"]],
            "people": list(team.people.values()),
        }
        for team in teams
    ]
    return asdict(pace) | {"url": server.url, "since": firm.seq(), "sockets": shown * SOCKETS_EACH, "saves": saves}
