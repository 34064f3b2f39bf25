"""A save, until the last of those who listen has it: 300 open sockets, 20 saves a second, 15 listeners each."""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tests.bench.firm import Firm, found
from tests.bench.report import Bar, Sheet, percentile, said
from tests.bench.server import ROOT, Server, running

SOCKETS_EACH, PEOPLE, RATE, SECONDS = 3, 100, 20, 25
LAST = Bar(50)


@dataclass(frozen=True)
class Load:
    """What the load generator saw, and what the server needed for it."""

    seen: dict[str, Any]
    kilobytes: float
    idle: float
    busy: float


def measure(folder: Path) -> Iterator[Sheet]:
    """The sheets of this part."""
    firm = found(folder / "save", clients=375, months=12)
    head = ("listeners", "PUT p50", "p95", "p99", "last has it p50", "p95", "p99", f"p95 ≤ {LAST.most:.0f}")
    times = Sheet("Save → last listener has it (ms)", head)
    costs = Sheet(
        "What it costs the server",
        ("listeners", "kB a socket", "ms to open one", "CPU idle %", "CPU saving %", "ms a save", "kB an event"),
    )
    for name, page in (("plain JSON", False), ("pages: table and view", True)):
        with running(firm.folder) as server:
            load = _load(server, firm, page)
        _report(name, load, times, costs)
    times.notes = [
        f"{PEOPLE * SOCKETS_EACH} sockets, {RATE} saves/s at random moments for {SECONDS} s, 15 listeners each."
    ]
    times.notes.append(_disk(folder))
    costs.notes = ["CPU of one core; a save's ms include its events to 15 sockets and the settling of the lists shown."]
    yield from (times, costs)


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


def _report(name: str, load: Load, times: Sheet, costs: Sheet) -> None:
    seen, saves = load.seen, len(load.seen["puts"])
    lasts = [percentile(seen["lasts"], percent) for percent in (50, 95, 99)]
    puts = [percentile(seen["puts"], percent) for percent in (50, 95, 99)]
    complete = not seen["missing"] and not seen["refused"]
    verdict = LAST.verdict(lasts[1]) if complete else f"LOST {seen['missing']}, refused {seen['refused']}"
    times.add(name, *puts, *lasts, verdict)
    opened = seen["opened_ms"] / (PEOPLE * SOCKETS_EACH)
    spent = 1000 * (load.busy - load.idle / 3 * SECONDS) / saves
    event = seen["bytes"] / max(1, seen["events"]) / 1000
    costs.add(name, load.kilobytes, opened, 100 * load.idle / 3, 100 * load.busy / SECONDS, spent, event)


def _load(server: Server, firm: Firm, page: bool) -> Load:
    plan = _plan(server, firm, page)
    before = server.memory()
    node = subprocess.Popen(
        ["node", "--", ROOT / "tests/bench/load.mjs"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert node.stdin and node.stdout and node.stderr
    node.stdin.write(json.dumps(plan))
    node.stdin.close()
    marks = []
    for line in node.stderr:
        if line.strip() not in ("open", "save", "done"):
            raise RuntimeError(line + node.stderr.read())
        marks.append((server.memory(), server.busy()))
    (full, opened), (_, began), (_, ended) = marks
    seen = json.loads(node.stdout.read())
    node.wait()
    return Load(seen, (full - before) / len(plan["sockets"]), began - opened, ended - began)


def _plan(server: Server, firm: Firm, page: bool) -> dict[str, Any]:
    guests, teams = firm.crew(PEOPLE)
    tokens = {guest.person: guest.token for guest in guests}
    shown = [asdict(guest) if page else {"person": guest.person, "token": guest.token} for guest in guests]
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
    sockets = shown * SOCKETS_EACH
    settings = {"url": server.url, "since": firm.seq(), "seconds": SECONDS, "rate": RATE, "page": page}
    return settings | {"sockets": sockets, "saves": saves}
