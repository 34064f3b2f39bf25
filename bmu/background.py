"""Work that goes on beside the requests: what every process does, and what one of them does for all.

`repeat` runs a step for ever. `Chores` are steps that one process does at a time, whoever holds the lock: on
PostgreSQL an advisory lock that lives as long as its connection, so that it is free again the moment its holder
dies; on SQLite there is one process, which holds it by being there (design §9).
"""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import structlog
from flask import Flask
from prometheus_client import Counter, Gauge
from sqlalchemy import Connection, text
from sqlalchemy.exc import SQLAlchemyError

from bmu.extensions import db, socketio
from bmu.offload import sleep

LOOK_EVERY = 5.0
PAUSE = 0.2  # between two portions of one chore: others save meanwhile
log = structlog.get_logger(__name__)
beats = Gauge("bmu_background_beat", "When a background task last ran (Unix time)", ["task"])
_last = Gauge("bmu_chore_last_run", "When this process last did a chore (Unix time)", ["chore"])
_took = Gauge("bmu_chore_seconds", "How long a chore took the last time", ["chore"])
_rows = Counter("bmu_chore_rows_total", "Rows that chores of this process let go of", ["chore"])
_errors = Counter("bmu_chore_errors_total", "Chores of this process that failed", ["chore"])
_mine = Gauge("bmu_chores_mine", "1 in the one process that does the chores")
_holder = Gauge("bmu_chores_holder", "Who does the chores, as this process sees it", ["holder"])


def start(app: Flask, name: str, every: float, step: Callable[[], object]) -> None:
    """Run `step` every `every` seconds, for ever, as the background task `name` of this process."""
    socketio.start_background_task(_repeat, app, name, every, step)


def _repeat(app: Flask, name: str, every: float, step: Callable[[], object]) -> None:
    """Whatever `step` raises is logged and it is tried again."""
    while True:
        try:
            with app.app_context():
                step()
            beats.labels(name).set_to_current_time()
        except Exception:
            log.exception("background_failed", task=name)
        sleep(every)


@dataclass(slots=True)
class Chore:
    """Something to tidy up. `step` lets go of at most a portion of rows in a transaction of its own, short enough
    for the event loop, and answers how many; it is asked again until it answers 0. `every`: seconds."""

    name: str
    every: float
    step: Callable[[], int]
    due: float = field(default=0.0)

    def run(self) -> None:
        """Do it now, to the end, and write down how it went. An error is logged; the next time comes as usual."""
        began, self.due = time.perf_counter(), time.monotonic() + self.every
        try:
            with _failures_of(self.name):
                while rows := self.step():
                    _rows.labels(self.name).inc(rows)
                    sleep(PAUSE)
        finally:
            _last.labels(self.name).set_to_current_time()
            _took.labels(self.name).set(time.perf_counter() - began)


@contextmanager
def _failures_of(name: str) -> Iterator[None]:
    try:
        yield
    except Exception:
        _errors.labels(name).inc()
        log.exception("chore_failed", chore=name)
        db.session.rollback()


class Lock:
    """The right to do the chores of a database. One process holds it at a time."""

    # Any number will do as long as nothing else on this database locks it; this is the word "chores".
    KEY = int.from_bytes(b"chores")
    _HOLDER = text(
        "SELECT a.application_name FROM pg_locks l JOIN pg_stat_activity a USING (pid) "
        "WHERE l.locktype = 'advisory' AND l.granted AND a.datname = current_database() "
        "AND (l.classid::bigint << 32 | l.objid::bigint) = :key"
    )

    def __init__(self) -> None:
        self.me = f"bmu chores {socket.gethostname()[:40]}:{os.getpid()}"
        self._connection: Connection | None = None
        self._mine = False

    def held(self) -> bool:
        """Whether it is ours, taking it if it is free. Asked of the database anew each time, because a connection
        that broke took the lock with it. Raises SQLAlchemyError when the database cannot be asked."""
        if db.engine.dialect.name == "sqlite":
            return True
        try:
            self._connection = self._connection or self._connect()
            # Taken twice it would have to be given back twice: once it is ours, only see that the line still stands.
            ask = text("SELECT true") if self._mine else text("SELECT pg_try_advisory_lock(:key)")
            self._mine = bool(self._connection.scalar(ask, {} if self._mine else {"key": self.KEY}))
        except SQLAlchemyError:
            self.release()
            raise
        return self._mine

    def _connect(self) -> Connection:
        """A connection for the lock alone. Autocommit: an open transaction would keep PostgreSQL from cleaning up.

        The server must notice within a minute when our machine is gone without a word: its own default is two hours.
        """
        connection = db.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        settings = {"application_name": self.me, "tcp_keepalives_idle": "20", "tcp_keepalives_interval": "10"}
        for name, value in {**settings, "tcp_keepalives_count": "3"}.items():
            connection.execute(text("SELECT set_config(:name, :value, false)"), {"name": name, "value": value})
        return connection

    def holder(self) -> str:
        """Who holds it now, as host and process; "" when nobody does."""
        if self._connection is None:
            return self.me
        return self._connection.scalar(self._HOLDER, {"key": self.KEY}) or ""

    def release(self) -> None:
        """Let go of it. The connection is closed for good: back in the pool it would keep the lock.

        The lock is given back in so many words: the server sees a closed connection only some time later.
        """
        connection, mine, self._connection, self._mine = self._connection, self._mine, None, False
        if connection is None:
            return
        try:
            if mine and not connection.invalidated:
                connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": self.KEY})
        except SQLAlchemyError:
            log.info("chores_lock_lost")  # with its connection: it is free anyhow
        finally:
            if not connection.invalidated:
                connection.detach()
            connection.close()


class Chores:
    """All chores of the app, and the lock that keeps them to one process."""

    def __init__(self, chores: list[Chore]) -> None:
        self.chores, self.lock = chores, Lock()

    def step(self) -> None:
        """Do what is due, if they are ours to do; asked again before each, since the lock may be lost meanwhile."""
        mine = self.lock.held()
        self._show(mine)
        for chore in self.chores:
            if chore.due <= time.monotonic() and mine and (mine := self.lock.held()):
                chore.run()

    def _show(self, mine: bool) -> None:
        _mine.set(mine)
        _holder.clear()
        _holder.labels(self.lock.holder()).set(1)
