"""What is tidied up, how often, by one process of all (bmu/background.py holds the lock)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from flask import Flask

from bmu import background
from bmu.accounts import sessions, throttle
from bmu.background import Chore, Chores
from bmu.changes import horizon, idempotency
from bmu.changes.work import Work, transaction
from bmu.config import Config
from bmu.notifications import service as notifications

# Rows a transaction lets go of: some milliseconds, in which other writers wait and, on SQLite, the event loop.
PORTION = 200
HOUR = 3600.0


def _portion(forget: Callable[[Work, int], int]) -> Callable[[], int]:
    """`forget` on a portion, in a transaction of its own."""

    def step() -> int:
        with transaction() as work:
            return forget(work, PORTION)

    return step


def of(config: Config) -> Chores:
    """The chores of an app. The change log is kept whole unless BMU_LOG_DAYS says for how long."""
    steps = {
        "sessions": sessions.forget_old,
        "sign_in_attempts": throttle.forget_old_tries,
        "known_devices": throttle.forget_old_devices,
        "idempotent_answers": idempotency.forget_old,
        "notifications": notifications.forget_old,
    }
    if config.log_kept:
        kept: timedelta = config.log_kept
        steps["change_log"] = lambda work, most: horizon.trim(work, work.now - kept, most)
    return Chores([Chore(name, HOUR, _portion(forget)) for name, forget in steps.items()])


def init_app(app: Flask, config: Config) -> None:
    """List the chores among the background work that the worker starts after its fork (stack trap 22)."""
    mine = of(config)
    app.extensions["bmu.chores"] = mine
    app.extensions["bmu.background"].append(lambda: background.start(app, "chores", background.LOOK_EVERY, mine.step))
