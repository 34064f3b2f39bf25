"""What will be broken, when, and for how long: drawn once from a seed, so that a run can be repeated."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

# On a line between clients and the server, at a desk (a process of clients), at a page (Chromium), at the servers.
LINE = ("cut", "hold", "hold_and_cut", "down", "slow", "no_websockets", "no_sockets")
DESK = ("sleep", "sleep_and_cut")
PAGE = ("wrong_clock",)
ALONE = ("kill_worker", "kill_server", "restart", "reload", "stall")
CLUSTER = (*ALONE, "renew", "redis_away", "redis_hangs", "postgres_restart", "postgres_crash", "nginx_restart")
WORDS = {
    "cut": "the line is cut without a goodbye",
    "hold": "a black hole, then what was sent arrives late",
    "hold_and_cut": "a black hole, then the connections are forgotten",
    "down": "nobody gets through",
    "slow": "everything takes 0.2 s each way",
    "no_websockets": "websockets are refused: long polling",
    "no_sockets": "Socket.IO is refused altogether",
    "sleep": "the laptops sleep and wake",
    "sleep_and_cut": "the laptops sleep, and wake without their connections",
    "wrong_clock": "the page's clock is set wrong",
    "kill_worker": "kill -9 of a worker",
    "kill_server": "kill -9 of arbiter and worker, and a new start",
    "restart": "SIGTERM and a new start",
    "reload": "SIGHUP: gunicorn replaces its worker",
    "stall": "a worker stands still",
    "renew": "one instance after the other is restarted",
    "redis_away": "Redis stops and comes back",
    "redis_hangs": "Redis stands still",
    "postgres_restart": "PostgreSQL is restarted",
    "postgres_crash": "PostgreSQL dies and recovers",
    "nginx_restart": "nginx is restarted",
}
SERVER = "server"  # the target of what is done to servers
CLIENTS = (3, 7)  # points at clients in a round, beside the one at the servers
LATEST, SHORT, LONG = 1.0, 0.2, 2.0  # seconds


@dataclass(frozen=True)
class Point:
    """One thing that breaks: `kind` (of WORDS) at `target`, `after` seconds, for `lasts` seconds."""

    number: int
    kind: str
    target: str
    after: float
    lasts: float

    def __str__(self) -> str:
        return f"#{self.number} {self.target}: {WORDS[self.kind]} ({self.after:.1f} s on, {self.lasts:.1f} s long)"


@dataclass(frozen=True)
class Targets:
    """The names of what can be broken. `servers`: kinds of what can happen to them."""

    lines: Sequence[str]
    desks: Sequence[str]
    pages: Sequence[str]
    servers: Sequence[str]


def rounds(targets: Targets, points: int, seed: int) -> Iterator[list[Point]]:
    """`points` points in rounds: in each one thing at the servers, and several at different clients.

    Every kind is dealt once before any is dealt twice, in an order that the seed shuffles.
    """
    dice = random.Random(seed)
    servers, clients = _Deck(targets.servers, dice), _Deck(_client_kinds(targets), dice)
    number = 0
    while number < points:
        kinds = [servers.draw(), *(clients.draw() for _ in range(dice.randint(*CLIENTS)))]
        drawn = list(_placed(kinds[: points - number], targets, dice, number))
        number += len(drawn)
        yield drawn


def _placed(kinds: list[str], targets: Targets, dice: random.Random, number: int) -> Iterator[Point]:
    taken: set[str] = set()
    for place, kind in enumerate(kinds, number + 1):
        target = _place(kind, targets, taken, dice)
        taken.add(target)
        yield Point(place, kind, target, dice.uniform(0, LATEST), dice.uniform(SHORT, LONG))


class _Deck:
    """Draws without putting back, until all are drawn."""

    def __init__(self, cards: Sequence[str], dice: random.Random) -> None:
        self._cards, self._dice = list(cards), dice
        self._left: list[str] = []

    def draw(self) -> str:
        if not self._left:
            self._left = self._dice.sample(self._cards, len(self._cards))
        return self._left.pop()


def _client_kinds(targets: Targets) -> list[str]:
    return [*LINE, *(DESK if targets.desks else ()), *(PAGE if targets.pages else ())]


def _place(kind: str, targets: Targets, taken: set[str], dice: random.Random) -> str:
    if kind in targets.servers:
        return SERVER
    known = targets.desks if kind in DESK else targets.pages if kind in PAGE else targets.lines
    # With all of them broken already, one is broken twice.
    return dice.choice([one for one in known if one not in taken] or list(known))
