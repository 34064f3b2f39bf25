"""The background of a process: reading the log's tail, and showing out sockets whose session has ended.

Other processes commit too (the command line, a second instance). Each process reads what it has not told itself
and tells its own sockets: pushes between processes would be hints, the log is the truth (design §9).
"""

from __future__ import annotations

from datetime import UTC, datetime

import structlog
from flask import Flask

from bmu import background
from bmu.accounts import access
from bmu.changes.work import last_seq
from bmu.extensions import db
from bmu.offload import sleep
from bmu.realtime import broadcast
from bmu.realtime.listeners import Listener, listeners
from bmu.realtime.recent import read, recent

TAIL_EVERY = 0.4
CHECK_EVERY = 2.0
AT_ONCE = 50
log = structlog.get_logger(__name__)


def start(app: Flask) -> None:
    """Start both tasks on this process; called by the worker after its fork."""
    background.start(app, "tail", TAIL_EVERY, Tail().step)
    background.start(app, "doorkeeper", CHECK_EVERY, check_sessions)


class Tail:
    """How far this process has read the log. `seq` None: it begins with what is there now."""

    def __init__(self, seq: int | None = None) -> None:
        self.seq = seq

    def step(self) -> None:
        """Tell what others committed since the last step."""
        if self.seq is None:
            self.seq = last_seq()
            recent.begin(self.seq)
            return
        self.seq = broadcast.already.until(self.seq)  # mostly this is all, and nothing need be read
        newest = last_seq()
        while self.seq < newest:
            self.seq = self._tell(self.seq, newest)
            db.session.rollback()  # whose the next ones are is read as of then, not as of now
            sleep(0)
        broadcast.already.forget_until(self.seq)
        if newest < self.seq:  # a restored backup may lie behind
            self.seq = newest
            broadcast.already.begin(newest)
            recent.forget()
        if not recent.holds(self.seq):
            recent.begin(self.seq)  # the log's end is another than we remember

    @staticmethod
    def _tell(seq: int, newest: int) -> int:
        """Tell the next portion after `seq`; up to where everything is told now."""
        changes = read(seq, AT_ONCE)
        foreign = [change for change in changes if change.seq not in broadcast.already]
        recent.note(changes)
        broadcast.tell(foreign)
        return changes[-1].seq if changes else newest


def check_sessions() -> None:
    """Show out every socket whose token ran out, whose session ended, or whose role changed (within 5 s, design §6)."""
    open_now = listeners.everyone()
    if not open_now:
        return
    good = access.still_good({listener.session for listener in open_now})
    now = datetime.now(UTC)
    for listener in open_now:
        reason = _unwelcome(listener, good, now)
        if reason:
            log.info("socket_expired", user=listener.actor.username, reason=reason)
            broadcast.expire(listener.sid, reason)


def _unwelcome(listener: Listener, good: dict[str, access.Actor], now: datetime) -> str:
    actor = good.get(listener.session)
    if actor is None:
        return "signed_out"
    if (actor.role, actor.employee_id) != (listener.actor.role, listener.actor.employee_id):
        return "role_changed"
    return "expired" if listener.expires_at <= now else ""
