"""Fan-out against Node: one event to everybody who listens, ours and an Express + Socket.IO server in the same run.

Both have the same doors: a JWT is verified when a socket comes in, a PUT tells rooms of a record that lies in memory
(fanapp.py, peer/server.mjs). The rounds go in turn, ours and the peer's: a slow moment of the machine is both's.
"""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bmu.extensions import db
from bmu.monthly_tax import queries
from bmu.monthly_tax.models import MonthlyTaxData
from tests.bench.crowd import Crowd, Heard
from tests.bench.firm import SECRET, Firm, found
from tests.bench.report import Bar, Sheet, percentile
from tests.bench.server import ROOT, Server

SIZES = (100, 300, 1000, 3000)
TEAM = 15  # people in a small room
MESSAGES = 30_000  # of one size and shape, at least
PEER = ROOT / "tests" / "bench" / "peer"
WANTED = Bar(1.0)


@dataclass
class Side:
    """One of those compared: its process, who listens there, and what was measured."""

    name: str
    pid: int
    crowd: Crowd
    opened: float = 0.0
    kilobytes: float = 0.0
    busy: dict[str, float] = field(default_factory=dict)
    heard: dict[str, list[Heard]] = field(default_factory=dict)

    def fill(self, rooms: list[str]) -> None:
        """Everybody comes in; what that took, and what they cost while nothing happens."""
        before = _memory(self.pid)
        self.opened = len(rooms) / self.crowd.open(rooms)
        self.crowd.rest(0.5)
        self.kilobytes = (_memory(self.pid) - before) / len(rooms)
        self.crowd.join("ALL")

    def tell(self, shape: str, rooms: list[str], version: int) -> None:
        """One round, and the processor time of it."""
        before = _busy(self.pid)
        asked: dict[str, object] = {"rooms": rooms, "version": version}
        self.heard.setdefault(shape, []).append(self.crowd.put("/bench/record", asked))
        time.sleep(0.005)  # what it does after the last has heard is its cost as well
        self.busy[shape] = self.busy.get(shape, 0.0) + _busy(self.pid) - before

    def figures(self, shape: str, sockets: int) -> list[float]:
        """µs a message; ms to the last receiver p50, p95; ms to the answer of the PUT p50."""
        heard = self.heard[shape]
        lasts = [one.last for one in heard]
        spent = 1e6 * self.busy[shape] / (len(heard) * sockets)
        return [spent, percentile(lasts, 50), percentile(lasts, 95), percentile([one.answered for one in heard], 50)]


def measure(folder: Path) -> Iterator[Sheet]:
    """The sheets of this part."""
    yield from compare(folder, SIZES, library={"BMU_FANOUT": "library"})
    yield saves(folder)


def compare(folder: Path, sizes: tuple[int, ...], **others: dict[str, str]) -> Iterator[Sheet]:
    """Ours against the peer for each of `sizes`; `others`: further servers of ours by name, with their environment."""
    _install()
    firm = found(folder / "fanout", clients=15, months=1)
    record = folder / "record.json"
    record.write_text(json.dumps(_record(firm), ensure_ascii=False))
    head = ("sockets, rooms", "server", "µs a message", "last has it p50 ms", "p95", "PUT answered p50")
    costs = Sheet("One event to everybody", (*head, "µs ≤ 1.0×", "last p50 ≤ 1.0×"))
    idle = Sheet("Coming in and being there", ("sockets", "server", "come in a second", "kB a socket"))
    for size in sizes:
        with ExitStack() as stack:
            sides = [stack.enter_context(side) for side in _sides(firm, record, others)]
            _rounds(sides, size)
            _report(sides, size, costs, idle)
    costs.notes = [
        f"An event of {len(_event(record)):,} bytes; each PUT tells every socket once: in one room, or in rooms of"
        f" {TEAM}. CPU of the server's process with the PUT; × is ours to Node's in the same run."
    ]
    idle.notes = ["Coming in: websocket, token verified, subscribed; ours looks its session up and reads the log."]
    yield from (costs, idle)


def saves(folder: Path, sockets: int = SIZES[-1], rounds: int = 40) -> Sheet:
    """A real save, with its answer behind the sending: the short way out against the library's."""
    head = ("sends", "PUT answered p50 ms", "p95", "last has it p50 ms", "p95")
    sheet = Sheet(f"A save that {sockets:,} hear of", head)
    with ExitStack() as stack:
        sides = []
        for way in ("direct", "library"):
            firm = found(folder / way, clients=15, months=1)  # its own: each hears of all saves in its database
            record = _record(firm)
            side = stack.enter_context(_ours(way, firm, None, {"BMU_FANOUT": way}))
            side.crowd.open(["*"] * sockets)
            sides.append((side, f"/api/monthly-tax-data/{record['id']}"))
        for turn in range(rounds):
            for side, path in sides if turn % 2 else sides[::-1]:
                body: dict[str, object] = {"sourcePage": "taxStatus", "wht_response": f"save {turn}"}
                side.heard.setdefault("save", []).append(side.crowd.put(path, body, f'"save {turn}"'))
                side.crowd.rest(0.05)
        for side, _ in sides:
            answered, lasts = zip(*((one.answered, one.last) for one in side.heard["save"]), strict=True)
            both = [percentile(times, percent) for times in (answered, lasts) for percent in (50, 95)]
            sheet.add(side.name, *both)
    sheet.notes = ["The event is sent before the PUT is answered: with all that Engine.IO puts aside for later, later."]
    return sheet


def _rounds(sides: list[Side], size: int) -> None:
    teams = [f"T{number // TEAM:04d}" for number in range(size)]
    for side in sides:
        side.fill(teams)
    for turn in range(max(12, MESSAGES // size)):
        for shape, rooms in (("one room", ["ALL"]), (f"rooms of {TEAM}", sorted(set(teams)))):
            for side in sides if turn % 2 else sides[::-1]:
                side.tell(shape, rooms, turn)
                for other in sides:
                    other.crowd.rest(0)


def _report(sides: list[Side], size: int, costs: Sheet, idle: Sheet) -> None:
    peer = sides[-1]
    for shape in peer.heard:
        theirs = peer.figures(shape, size)
        for side in sides:
            spent, last, late, answered = side.figures(shape, size)
            ratios = [spent / theirs[0], last / theirs[1]]
            said = ["", ""] if side is peer else [f"{one:.2f} {WANTED.verdict(one)}" for one in ratios]
            costs.add(f"{size:,}, {shape}", side.name, spent, last, late, answered, *said)
    for side in sides:
        idle.add(f"{size:,}", side.name, side.opened, side.kilobytes)


def _sides(firm: Firm, record: Path, others: dict[str, dict[str, str]]) -> Iterator[object]:
    for name, env in {"ours": {}, **others}.items():
        yield _ours(name, firm, record, env)
    yield _peer(firm, record)


@contextmanager
def _ours(name: str, firm: Firm, record: Path | None, env: dict[str, str]) -> Iterator[Side]:
    more = {"BENCH_RECORD": str(record or os.devnull), "GUNICORN_CMD_ARGS": "--worker-connections 4000", **env}
    server = Server(firm.folder, app="tests.bench.fanapp:app", env=more)
    try:
        server.wait()
        yield from _side(name, server.worker, server.port, firm)
    finally:
        server.stop()


@contextmanager
def _peer(firm: Firm, record: Path) -> Iterator[Side]:
    env = {**os.environ, "SECRET": SECRET, "RECORD": str(record), "NODE_ENV": "production"}
    node = subprocess.Popen(["node", PEER / "server.mjs"], env=env, stdout=subprocess.PIPE, text=True)
    assert node.stdout
    try:
        yield from _side("Node", node.pid, int(node.stdout.readline()), firm)
    finally:
        node.terminate()
        node.wait(30)
        node.stdout.close()


def _side(name: str, pid: int, port: int, firm: Firm) -> Iterator[Side]:
    token = firm.signed_in()["admin"][0]
    crowd = Crowd(port, token, firm.seq())
    try:
        yield Side(name, pid, crowd)
    finally:
        crowd.close()


def _record(firm: Firm) -> dict[str, object]:
    """A record as the API gives it."""
    with firm.open():
        first = db.session.query(MonthlyTaxData.id).order_by(MonthlyTaxData.build).limit(1).scalar()
        data: dict[str, object] = json.loads(
            json.dumps(queries.to_json(dict(queries.records([first])[0])), default=str)
        )
    return data


def _event(record: Path) -> bytes:
    return f'42["monthly-tax-data:updated",{record.read_text()}]'.encode()


def _install() -> None:
    """Get the peer's packages, at the versions of its lock; nothing when they are there."""
    stamp, lock = PEER / "node_modules" / ".locked", (PEER / "package-lock.json").read_text()
    if not stamp.exists() or stamp.read_text() != lock:
        command = ["npm", "ci", "--prefix", PEER, "--ignore-scripts", "--no-audit", "--no-fund", "--silent"]
        subprocess.run(command, check=True)
        stamp.write_text(lock)


def _memory(pid: int) -> float:
    """What a process holds in memory, kB."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return float(next(line for line in lines if line.startswith("VmRSS:")).split()[1])


def _busy(pid: int) -> float:
    """Seconds of processor time that all threads of a process have used, to the nanosecond."""
    tasks = Path(f"/proc/{pid}/task").glob("*/schedstat")
    return sum(int(task.read_text().split()[0]) for task in tasks) / 1e9
