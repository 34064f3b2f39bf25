"""Catching up: a thousand clients who come back at the same moment, after a hundred saves that they missed; and a
thousand open pages whose server was killed, while people save."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import requests

from tests.bench.firm import Firm, Team, found
from tests.bench.generator import run
from tests.bench.report import Bar, Sheet, percentile
from tests.bench.server import Server, running
from tests.faults import shapes
from tests.faults.crew import Crew
from tests.faults.herd import Herd, stampede

PEOPLE, EACH, MISSED = 100, 10, 100
PAGES, RATE = 1000, 10.0
FIRM = ("--clients", "375", "--months", "2", "--employees", "180")
BACK, LONGEST, HELD = Bar(10), Bar(250), Bar(50)
WAYS = {"socket": "sockets, subscribing anew", "http": "no socket passes: HTTP, 100 connections"}


def measure(folder: Path) -> Iterator[Sheet]:
    """The sheets of this part."""
    yield _after_a_restart()
    yield _after_saves(folder)


def _after_a_restart() -> Sheet:
    with shapes.running("sqlite", *FIRM) as shape:
        herd = stampede(shape, Crew(shape), PAGES, seed=1, rate=RATE)
    head = (
        "sockets",
        "all right s",
        "p50 s",
        "save p50 ms",
        "p95",
        "longest",
        "5xx",
        "refused",
        "ms a socket",
        "held ms",
    )
    bars = ("right", "longest save", "5xx, refused", "held")
    sheet = Sheet(f"{PAGES:,} open pages whose server was killed, while people save", head + bars)
    sheet.add(*_restart(herd))
    sheet.notes = [
        f"From the new server's first answer on; {RATE:.0f} saves a second. Refused: tries of sockets that failed,",
        "or never came back. ms: the server's processor, with its start and the saves. Held: the longest that its",
        "event loop came late, as it says itself.",
    ]
    return sheet


def _restart(herd: Herd) -> list[float | int | str]:
    """The cells of a herd's row."""
    right, saves = herd.right, [1000 * one for one in herd.saves]
    refused = herd.never + sum(herd.errors.values())
    last, longest, held = max(right), max(saves), 1000 * herd.held
    figures = [herd.sockets, last, percentile(right, 50), percentile(saves, 50), percentile(saves, 95), longest]
    costs = [herd.failures, refused, 1000 * herd.processor / herd.sockets, held]
    none = Bar(0).verdict(herd.failures + refused)
    return [*figures, *costs, BACK.verdict(last), LONGEST.verdict(longest), none, HELD.verdict(held)]


def _after_saves(folder: Path) -> Sheet:
    firm = found(folder / "herd", clients=375, months=12)
    head = ("way", "requests", "all have it s", "p50 s", "CPU ms a client", "kB a client", "records a client", "lost")
    sheet = Sheet(f"{PEOPLE * EACH:,} clients come back at once", head)
    for way, name in WAYS.items():
        with running(firm.folder) as server:
            since = firm.seq()
            missing = _saves(server, firm)
            seen, spent = come_back(server, firm, way, since)
            expected = sum(missing.values()) * EACH
            lost = expected - sum(seen["missed"]) if way == "socket" else 0
            sheet.add(name, *_cells(seen, spent), expected / (PEOPLE * EACH), int(lost))
    sheet.notes = [f"Each was away during {MISSED} saves; a client shows one of the three tables and wants its rows."]
    return sheet


def come_back(server: Server, firm: Firm, way: str, since: int, each: int = EACH) -> tuple[dict[str, Any], float]:
    """What the herd saw, and the seconds of processor time it cost the server. `way`: a key of WAYS."""
    guests, _ = firm.crew(PEOPLE)
    plan = {"url": server.url, "since": since, "way": way, "clients": [asdict(guest) for guest in guests] * each}
    seen, busy = run("herd.mjs", plan, server.busy)
    return seen, busy["done"] - busy["begin"]


def _cells(seen: dict[str, Any], spent: float) -> list[float]:
    clients = len(seen["waits"])
    times = seen["ms"] / 1000, percentile(seen["waits"], 50) / 1000
    return [seen["asked"], *times, 1000 * spent / clients, seen["bytes"] / clients / 1000]


def _saves(server: Server, firm: Firm) -> dict[str, int]:
    """Save MISSED times, each record in its turn: how many different records each person missed."""
    guests, teams = firm.crew(PEOPLE)
    tokens = {guest.person: guest.token for guest in guests}
    with requests.Session() as client:
        for turn in range(MISSED):
            team = teams[turn % len(teams)]
            _save(client, server, team, tokens[team.people["accounting_responsible"]], turn)
    saved = teams[:MISSED]
    return {guest.person: sum(guest.person in team.people.values() for team in saved) for guest in guests}


def _save(client: requests.Session, server: Server, team: Team, token: str, turn: int) -> None:
    body = {"sourcePage": "taxStatus", "wht_response": f"ครั้งที่ {turn}"}
    url = f"{server.url}/api/monthly-tax-data/{team.record}"
    client.put(url, json=body, headers={"Authorization": f"Bearer {token}"}, timeout=30).raise_for_status()
