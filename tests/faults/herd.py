"""The herd: all open pages of a firm lose their connection at once, and come back while people save."""

from __future__ import annotations

import os
import signal
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from math import isfinite

import requests

from bmu.monthly_tax.desk import open_desk
from bmu.monthly_tax.table import TABLES
from deploy.cluster.cluster import App
from tests.faults.crew import Crew
from tests.faults.models import Node
from tests.faults.shapes import Shape
from tests.faults.writer import Writer

PROCESSES = 2
RATE = 20.0
QUIET = 3.0  # seconds of saving before and after
_TICK = os.sysconf("SC_CLK_TCK")


@dataclass
class Herd:
    """What was seen. Times in seconds; `away`: until the servers answered again; `right`: of each socket that was lost,
    from then on (inf: never); `saves`: how long each answered try took that was begun between then and the last of
    these; `before`: and before anything broke; `statuses`, `errors`: of saves begun since the return, and of sockets;
    `processor`: what the workers used from their start until all were right; `held`: the longest that any of them held
    its event loop."""

    sockets: int
    away: float
    right: list[float]
    saves: list[float]
    before: list[float]
    statuses: Counter[int]
    errors: Counter[str]
    processor: float
    held: float

    @property
    def failures(self) -> int:
        """Answers with 5xx, to saves and to sockets."""
        polls = sum(number for text, number in self.errors.items() if " 5" in text)
        return polls + sum(number for status, number in self.statuses.items() if status >= 500)

    @property
    def never(self) -> int:
        """Sockets that did not come back, or were never gone."""
        return self.sockets - sum(isfinite(one) for one in self.right)


def guests(shape: Shape, crew: Crew, sockets: int) -> list[dict[str, object]]:
    """So many open pages: of everybody in turn, each with a table that they may open."""
    now = datetime.now(UTC)
    with crew.open():
        known = [
            {
                "token": crew.tokens[name],
                "person": actor.employee_id,
                "table": table,
                "view": open_desk(table, {}, actor, now).view,
            }
            for name, actor in sorted(crew.actors.items())
            for table in TABLES
            if actor.employee_id and actor.opens(table)
        ]
    routes = ({"url": shape.url, "route": f"bmu_route=guest-{number}"} for number in range(sockets))
    return [known[number % len(known)] | route for number, route in enumerate(routes)]


def stampede(shape: Shape, crew: Crew, sockets: int, seed: int, patience: float = 120.0, rate: float = RATE) -> Herd:
    """Open so many pages, kill all workers, and watch everybody come back, while `rate` saves a second are made."""
    writer = Writer(crew, lambda _hand: shape.url, rate, seed)
    nodes = [Node("herd.mjs") for _ in range(PROCESSES)]
    try:
        _open(nodes, guests(shape, crew, sockets))
        return _watch(shape, writer, nodes, sockets, patience)
    finally:
        writer.stop()
        for node in nodes:
            node.close()


def _open(nodes: list[Node], plans: list[dict[str, object]]) -> None:
    for number, node in enumerate(nodes):
        node.say({"open": plans[number :: len(nodes)]})
    for node in nodes:
        node.hear(300)


def _watch(shape: Shape, writer: Writer, nodes: list[Node], sockets: int, patience: float) -> Herd:
    for node in nodes:
        node.say({"watch": {"patience": patience}})
        node.hear()
    writer.resume()
    time.sleep(QUIET)
    killed = time.monotonic()
    for app in shape.apps:
        os.kill(app.worker, signal.SIGKILL)
    _until_all(shape.apps, _healthy)
    up, clock = time.monotonic(), time.time()
    answers = [node.hear(patience + 30) for node in nodes]
    right = [(at / 1000 - clock) if at else float("inf") for answer in answers for at in answer["right"]]
    end = time.monotonic()
    processor, held = sum(map(busy, shape.apps)), max(map(_held, shape.apps))
    time.sleep(QUIET)
    writer.pause(patience)
    errors: Counter[str] = Counter()
    for answer in answers:
        errors.update(answer["errors"])
    tries = list(writer.tries)
    return Herd(
        sockets=sockets,
        away=up - killed,
        right=sorted(right),
        saves=sorted(one.took for one in tries if up <= one.began <= end and one.status),
        before=sorted(one.took for one in tries if one.began + one.took < killed),
        statuses=Counter(one.status for one in tries if one.began >= up),
        errors=errors,
        processor=processor,
        held=held,
    )


def _until_all(apps: list[App], ask: Callable[[App], bool]) -> None:
    while not all(ask(app) for app in apps):
        time.sleep(0.02)


def _healthy(app: App) -> bool:
    try:
        return requests.get(f"http://127.0.0.1:{app.port}/healthz", timeout=30).ok
    except requests.RequestException:
        return False


def busy(app: App) -> float:
    """The seconds of processor time that an instance's worker has used."""
    with open(f"/proc/{app.worker}/stat") as stat:
        fields = stat.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICK


def _held(app: App) -> float:
    """The longest that an instance's event loop came late within the last minute, s, as it says itself."""
    said = requests.get(f"http://127.0.0.1:{app.port}/metrics", timeout=30).text
    return float(next(line for line in said.splitlines() if line.startswith("bmu_hub_lag_worst_seconds ")).split()[1])
