"""How each kind of the plan is done to the running processes, and undone."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Mapping

from deploy.cluster.cluster import App
from deploy.cluster.part import until
from tests.faults.ledger import Done
from tests.faults.models import Node
from tests.faults.plan import Point
from tests.faults.shapes import Shape
from tests.faults.wires import SOCKETS, WEBSOCKETS, Wire

LATE = 0.2


class Trouble:
    """Does the points of a plan to `shape`, to lines and to desks. Each call returns when all is well again."""

    def __init__(self, shape: Shape, wires: Mapping[str, Wire], desks: Mapping[str, Node]) -> None:
        self.shape, self.wires, self.desks = shape, wires, desks

    def do(self, point: Point) -> Done:
        """Break what the point says, for as long as it says. Raises CannotStart when something does not come back."""
        time.sleep(point.after)
        done = Done(point, time.time())
        if point.target in self.wires:
            self._line(point, self.wires[point.target])
        elif point.target in self.desks:
            self._sleep(point)
        else:
            getattr(self, f"_{point.kind}")(point)
        return done

    # -- clients -------------------------------------------------------------------------------------------------

    @staticmethod
    def _line(point: Point, wire: Wire) -> None:
        begin: dict[str, Callable[[], None]] = {
            "cut": wire.cut,
            "hold": wire.hold,
            "hold_and_cut": wire.hold,
            "down": wire.down,
            "slow": lambda: wire.slow(LATE),
            "no_websockets": lambda: wire.refuse(WEBSOCKETS),
            "no_sockets": lambda: wire.refuse(SOCKETS),
        }
        begin[point.kind]()
        time.sleep(point.lasts)
        if point.kind == "hold_and_cut":
            wire.cut()
        wire.heal()

    def _sleep(self, point: Point) -> None:
        desk = self.desks[point.target]
        desk.freeze()
        time.sleep(point.lasts)
        if point.kind == "sleep_and_cut":
            for name, wire in self.wires.items():
                if name.startswith(point.target):
                    wire.cut()
        desk.thaw()

    # -- servers -------------------------------------------------------------------------------------------------

    def _app(self, point: Point) -> App:
        return self.shape.apps[point.number % len(self.shape.apps)]

    def _kill_worker(self, point: Point) -> None:
        app = self._app(point)
        os.kill(app.worker, signal.SIGKILL)
        time.sleep(0.2)
        until(app.ready, "a new worker")

    def _kill_server(self, point: Point) -> None:
        self.shape.restart(self._app(point), signal.SIGKILL)

    def _restart(self, point: Point) -> None:
        self.shape.restart(self._app(point))

    def _reload(self, point: Point) -> None:
        app = self._app(point)
        before, process = app.worker, app.process
        assert process is not None
        process.send_signal(signal.SIGHUP)
        until(lambda: not os.path.exists(f"/proc/{before}"), "the old worker to end")
        until(app.ready, "the new worker")

    def _stall(self, point: Point) -> None:
        self._freeze(self._app(point).worker, point.lasts)

    @staticmethod
    def _freeze(pid: int, seconds: float) -> None:
        os.kill(pid, signal.SIGSTOP)
        time.sleep(seconds)
        os.kill(pid, signal.SIGCONT)

    def _renew(self, _point: Point) -> None:
        self.shape.renew()

    def _redis_away(self, point: Point) -> None:
        assert self.shape.cluster
        self.shape.cluster.redis.stop()
        time.sleep(point.lasts)
        self.shape.cluster.redis.start()

    def _redis_hangs(self, point: Point) -> None:
        assert self.shape.cluster and self.shape.cluster.redis.process
        self._freeze(self.shape.cluster.redis.process.pid, point.lasts)

    def _postgres_restart(self, point: Point) -> None:
        self._postgres(point, signal.SIGINT)

    def _postgres_crash(self, point: Point) -> None:
        self._postgres(point, signal.SIGQUIT)

    def _postgres(self, point: Point, sign: signal.Signals) -> None:
        assert self.shape.cluster
        self.shape.cluster.postgres.stop(sign)
        time.sleep(point.lasts)
        self.shape.cluster.postgres.start()
        until(lambda: all(app.ready() for app in self.shape.apps), "the instances to find their database")

    def _nginx_restart(self, point: Point) -> None:
        assert self.shape.cluster
        self.shape.cluster.nginx.stop()
        time.sleep(point.lasts)
        self.shape.cluster.nginx.start()
