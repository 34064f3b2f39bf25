"""The drive: people at their tables, others who save, a plan of what breaks; after each round all must agree."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field

from tests.faults.crew import CLERK, Crew
from tests.faults.ledger import MISSED, OTHER, Broken, Done, Ledger
from tests.faults.models import Judged, Node, judge
from tests.faults.oracle import EVERYBODY, Oracle
from tests.faults.pages import DESKS, Pages, opened
from tests.faults.plan import ALONE, CLUSTER, PAGE, Point, Targets, rounds
from tests.faults.shapes import Shape
from tests.faults.trouble import Trouble
from tests.faults.wires import Wire, Wires
from tests.faults.writer import Writer

PATIENCE = 60.0  # seconds after which what is not right counts as never right
BAR_MS = 2000.0  # a table is right so long after its connection's return
RATE = 20.0
PARTS = "abcd"  # the lines of a desk


@dataclass(frozen=True)
class Size:
    """How much: points of the plan, processes of clients, tables in each, pages in Chromium."""

    points: int
    desks: int = 4
    tables: int = 8
    pages: int = 3


@dataclass
class Found:
    """What a drive found. `broken`: promises that were; `slow`: returns over the bar."""

    broken: list[Broken] = field(default_factory=list)
    ledger: Ledger = field(default_factory=Ledger)
    slow: list[str] = field(default_factory=list)
    judged: Judged = field(default_factory=Judged)
    points: int = 0
    rounds: int = 0
    saves: int = 0
    retried: int = 0
    statuses: dict[int, int] = field(default_factory=dict)


class Drive:
    """Everything that runs beside the servers. `say` is told, a line each, what is done and found."""

    def __init__(self, shape: Shape, wires: Wires, seed: int, size: Size, say: Callable[[str], None]) -> None:
        self.shape, self.seed, self.size, self.say = shape, seed, size, say
        self.crew = Crew(shape)
        self.desks = {f"desk-{number}": Node("models.mjs") for number in range(size.desks)}
        names = [f"{desk}-{part}" for desk in self.desks for part in PARTS] + ["hands-a", "hands-b"]
        self.pages_on = list(DESKS)[: size.pages]
        self.wires = {name: wires.to(shape.port) for name in (*names, *self.pages_on)}
        self.writer = Writer(self.crew, self._call, RATE, seed)
        self.oracle = Oracle(shape.database, self.crew.month)
        self.trouble = Trouble(shape, self.wires, self.desks)
        self.found = Found()

    def _call(self, hand: int) -> str:
        return self.wires["hands-a" if hand % 2 else "hands-b"].url

    def open_tables(self) -> None:
        """Everybody sits down. A desk in four knows only long polling."""
        people = [EVERYBODY, *self.crew.of_role("accounting_responsible"), *self.crew.of_role(CLERK)]
        for place, (desk, node) in enumerate(self.desks.items()):
            tables = [self._table(desk, place, number, people) for number in range(self.size.tables)]
            node.say({"open": tables})
        for node in self.desks.values():
            node.hear()

    def _table(self, desk: str, place: int, number: int, people: list[str]) -> dict[str, object]:
        person = people[(place + number * len(self.desks)) % len(people)]
        line = f"{desk}-{PARTS[number % len(PARTS)]}"
        return {
            "name": f"{line} {number} of {person}",
            "url": self.wires[line].url,
            "token": self.crew.tokens["admin" if person == EVERYBODY else person],
            "person": person,
            "route": f"bmu_route={desk}-{number}",
            "transports": ["polling"] if place % 4 == 3 else ["websocket", "polling"],
            "month": {"year": self.crew.month.year, "month": self.crew.month.month},
        }

    def run(self, pages: Pages | None) -> Found:
        """The whole plan."""
        servers = CLUSTER if self.shape.cluster else ALONE
        lines = list(self.wires)
        targets = Targets(lines, list(self.desks), self.pages_on, servers)
        for points in rounds(targets, self.size.points, self.seed):
            self._round(points, pages)
        self.found.saves, self.found.statuses = len(self.writer.acknowledged), dict(self.writer.statuses)
        self.found.retried = self.writer.retried
        return self.found

    def _round(self, points: list[Point], pages: Pages | None) -> None:
        saves, began = len(self.writer.acknowledged), time.monotonic()
        done, broken = self._break(points, pages)
        mended = time.monotonic()
        judged, wrong = self._look(pages)
        broken += wrong
        self.found.broken += broken
        saved = [one.at for one in self.writer.acknowledged[saves:]]
        self.found.ledger.add(done, saved, broken, judged.caught)
        self._tell(points, broken, f"{mended - began:.1f} s, looked at for {time.monotonic() - mended:.1f} s")

    def _break(self, points: list[Point], pages: Pages | None) -> tuple[list[Done], list[Broken]]:
        """Do the points of a round while people save and hand over; return when all is mended and nobody saves."""
        self.writer.resume()
        with self._handing_over(points[0].number), ThreadPoolExecutor(len(points)) as pool:
            begun = [pool.submit(self.trouble.do, point) for point in points if point.kind not in PAGE]
            clocks = [point for point in points if point.kind in PAGE]
            for point in clocks:
                if pages:
                    pages.wrong_clock(point.target, point.number)
            done = [Done(point, time.time()) for point in clocks] + [one.result() for one in begun]
        if self.writer.pause(PATIENCE):
            return done, []
        return done, [Broken(OTHER, f"saves that were not acknowledged within {PATIENCE:.0f} s")]

    @contextmanager
    def _handing_over(self, number: int) -> Iterator[None]:
        dice, enough = random.Random(self.seed * 100_000 + number), threading.Event()

        def work() -> None:
            while not enough.wait(0.7):
                self.crew.hand_over(dice)

        thread = threading.Thread(target=work)
        thread.start()
        try:
            yield
        finally:
            enough.set()
            thread.join()

    def _look(self, pages: Pages | None) -> tuple[Judged, list[Broken]]:
        """Ask everybody whether it is right; what was found, and what is broken."""
        truth = self.oracle.truth()
        judged = judge(list(self.desks.values()), truth, Oracle.of(truth), PATIENCE)
        broken = [Broken(MISSED, text) for text in judged.wrong]
        self.found.slow += [f"{one.name}: {one.ms:.0f} ms ({one.how})" for one in judged.caught if one.ms > BAR_MS]
        for what in ("caught", "late", "notes"):
            getattr(self.found.judged, what).extend(getattr(judged, what))
        broken += self.oracle.faults(self.writer.acknowledged) + self.writer.faults
        self.writer.faults.clear()
        if pages:
            broken += [Broken(MISSED, text) for text in pages.wrong(truth, PATIENCE)]
            broken += [Broken(OTHER, text) for text in pages.threw()]
        return judged, broken

    def _tell(self, points: list[Point], broken: list[Broken], took: str) -> None:
        self.found.points += len(points)
        self.found.rounds += 1
        for point in points:
            self.say(f"  {point}")
        verdict = "BROKEN" if broken else "all agree"
        self.say(f"round {self.found.rounds}: {len(self.writer.acknowledged)} saves; {took}; {verdict}")
        for one in broken[:10]:
            self.say(f"  ! {one.what}: {one.text}")

    def close(self) -> None:
        """Everybody goes home."""
        self.writer.stop()
        for node in self.desks.values():
            node.close()
        self.oracle.close()


def drive(shape: Shape, seed: int, size: Size, say: Callable[[str], None]) -> Found:
    """Break a running shape as the seed says, and see what holds."""
    wires = Wires()
    driven = Drive(shape, wires, seed, size, say)
    try:
        driven.open_tables()
        with opened(driven.crew, {name: driven.wires[name] for name in driven.pages_on}) as pages:
            return driven.run(pages)
    finally:
        driven.close()
        wires.close()


__all__ = ["Drive", "Found", "Size", "Wire", "drive"]
