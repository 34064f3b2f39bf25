"""A save, until the last of those who listen has it: 300 open sockets, 20 saves a second, 15 listeners each; then as
many saves as eight writers can make. On SQLite and on PostgreSQL."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any

from deploy.cluster.lend import postgres
from tests.bench.firm import Firm, found
from tests.bench.generator import run
from tests.bench.report import Bar, Sheet, percentile, said
from tests.bench.server import Server, running

SOCKETS_EACH, PEOPLE = 3, 100
LAST = Bar(50)
# Runs of 20 s differ widely on a shared machine. On SQLite, which carries the bar, three in turn: their medians are
# shown, and the bar holds where it holds in each of them.
ROUNDS = {"SQLite": 3, "PostgreSQL": 1}


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

    @property
    def complete(self) -> bool:
        """Whether every save was accepted, and every listener heard of every save."""
        return not (self.seen["missing"] or self.seen["refused"])


def measure(folder: Path) -> Iterator[Sheet]:
    """The sheets of this part."""
    head: tuple[str, ...] = (
        "listeners",
        "PUT p50",
        "p95",
        "p99",
        "last has it p50",
        "p95",
        "p99",
        f"p95 ≤ {LAST.most:.0f}",
        "each p95",
    )
    times = Sheet("Save → last listener has it (ms)", head)
    head = ("listeners", "saves/s", "PUT p50 ms", "p99", "CPU %", "CPU ms a save")
    flat = Sheet("Eight writers who save without a pause", head)
    head = ("listeners", "kB a socket", "ms to open one", "CPU idle %", "CPU saving %", "ms a save", "kB an event")
    costs = Sheet("What it costs the server", head)
    paces = (Pace(page=False), Pace(page=True))
    for database, rounds in ROUNDS.items():
        with firm_on(database, folder) as firm:
            done: dict[Pace, list[Load]] = {pace: [] for pace in paces}
            for pace in paces * rounds:
                with running(firm.folder, firm.database) as server:
                    done[pace].append(load(server, firm, pace))
        for pace, loads in done.items():
            _report(f"{database}, {'pages' if pace.page else 'plain JSON'}", loads, times, flat, costs)
    times.notes = [
        f"{PEOPLE * SOCKETS_EACH} sockets, {Pace.rate} saves/s at random moments for {Pace.seconds} s, 15 listeners",
        "each. Pages: each event with the row of the listener's table, and the lists shown settle. On SQLite the",
        "medians of three runs, plain and pages in turn. " + _disk(folder),
    ]
    flat.notes = ["The same sockets and listeners; the load generator shares the cores."]
    costs.notes = ["CPU of one core; a save's ms include its events to 15 sockets and the settling of the lists shown."]
    yield from (times, flat, costs)


@contextmanager
def firm_on(database: str, folder: Path) -> Iterator[Firm]:
    """A firm of 375 clients on "SQLite", or on a "PostgreSQL" that keeps what it acknowledged, as SQLite does."""
    size: dict[str, Any] = {"clients": 375, "months": 12}
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


def _report(name: str, loads: list[Load], times: Sheet, flat: Sheet, costs: Sheet) -> None:
    """A row for each sheet: the medians of `loads`; the verdict is on the worst of them."""
    lasts = [percentile(one.seen["random"]["lasts"], 95) for one in loads]
    missed = [f"LOST {one.seen['missing']}, refused {one.seen['refused']}" for one in loads if not one.complete]
    verdict = missed[0] if missed else LAST.verdict(max(lasts))
    times.add(name, *_medians(loads, _waits), verdict, " ".join(map(said, lasts)))
    flat.add(name, *_medians(loads, _flat))
    costs.add(name, *_medians(loads, _costs))


def _medians(loads: list[Load], figures: Callable[[Load], list[float]]) -> list[float]:
    return [median(column) for column in zip(*map(figures, loads), strict=True)]


def _waits(load: Load) -> list[float]:
    kept = load.seen["random"]
    return [percentile(kept[key], percent) for key in ("puts", "lasts") for percent in (50, 95, 99)]


def _flat(load: Load) -> list[float]:
    puts, seconds = load.seen["flat"]["puts"], load.seen["flat"]["ms"] / 1000
    waits = percentile(puts, 50), percentile(puts, 99)
    return [len(puts) / seconds, *waits, 100 * load.flat / seconds, 1000 * load.flat / len(puts)]


def _costs(load: Load) -> list[float]:
    seen, pace = load.seen, load.pace
    opened = seen["opened_ms"] / (PEOPLE * SOCKETS_EACH)
    spent = 1000 * (load.busy - load.idle / pace.rest * pace.seconds) / len(seen["random"]["puts"])
    event = seen["bytes"] / max(1, seen["events"]) / 1000
    idle, saving = 100 * load.idle / pace.rest, 100 * load.busy / pace.seconds
    return [load.kilobytes, opened, idle, saving, spent, event]


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
