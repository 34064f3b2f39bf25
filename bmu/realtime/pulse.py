"""How long the event loop keeps everybody waiting.

A green thread asks to be woken every few hundredths of a second; how much later it wakes is how long whoever was
busy meanwhile held up all others: every page, every save, every message.
"""

from __future__ import annotations

from collections import deque
from time import monotonic

import structlog
from flask import Flask
from prometheus_client import Gauge, Histogram

from bmu import background

EVERY = 0.05
TOLD_FROM = 0.25  # seconds; longer than this is worth a line in the log
MINUTE = 60.0
log = structlog.get_logger(__name__)
BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
lag = Histogram("bmu_hub_lag_seconds", "By how much the event loop came late", buckets=BUCKETS)
worst = Gauge("bmu_hub_lag_worst_seconds", "The longest that the event loop came late within the last minute")


class Pulse:
    """When it beat last, and the latest beats of the last minute: each later than all that follow it."""

    def __init__(self) -> None:
        self._last: float | None = None
        self._late: deque[tuple[float, float]] = deque()

    def beat(self, now: float) -> None:
        """`now`: seconds, monotonic. To be called every EVERY seconds, as well as the loop can."""
        last, self._last = self._last, now
        if last is None:
            return
        late = max(0.0, now - last - EVERY)
        lag.observe(late)
        worst.set(self._worst(now, late))
        if late >= TOLD_FROM:
            log.warning("held_up", ms=round(1000 * late))

    def _worst(self, now: float, late: float) -> float:
        while self._late and self._late[-1][1] <= late:
            self._late.pop()
        self._late.append((now, late))
        while self._late[0][0] < now - MINUTE:
            self._late.popleft()
        return self._late[0][1]


def start(app: Flask) -> None:
    """Begin to feel the pulse of this process; called by the worker after its fork."""
    pulse = Pulse()
    background.start(app, "pulse", EVERY, lambda: pulse.beat(monotonic()))
