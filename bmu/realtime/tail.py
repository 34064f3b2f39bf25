"""The background of a process: reading the log's tail, and showing out sockets whose session has ended.

Other processes commit too (the command line, a second instance). Each process reads what it has not told itself
and tells its own sockets: pushes between processes would be hints, the log is the truth (design §9).
"""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime

import structlog
from flask import Flask
from sqlalchemy import select

from bmu import background
from bmu.accounts import access
from bmu.changes.models import ChangeAudience, ChangeLog
from bmu.changes.work import By, Change, last_seq
from bmu.extensions import db
from bmu.offload import sleep
from bmu.realtime import broadcast
from bmu.realtime.listeners import Listener, listeners

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
            return
        self.seq = broadcast.already.until(self.seq)  # mostly this is all, and nothing need be read
        newest = last_seq()
        while self.seq < newest:
            changes = _read(self.seq)
            foreign = [change for change in changes if change.seq not in broadcast.already.seqs]
            broadcast.tell(foreign)
            self.seq = changes[-1].seq if changes else newest
            db.session.rollback()  # whose the next ones are is read as of then, not as of now
            sleep(0)
        broadcast.already.forget_until(self.seq)
        self.seq = min(self.seq, newest)  # a restored backup may lie behind


def _read(since: int) -> list[Change]:
    """The next places of the log, with who was to hear of them."""
    lines = list(
        db.session.execute(
            select(ChangeLog.seq, ChangeLog.entity, ChangeLog.entity_id, ChangeLog.version, ChangeLog.action)
            .where(ChangeLog.seq > since)
            .order_by(ChangeLog.seq)
            .limit(AT_ONCE)
        )
    )
    if not lines:
        return []
    heard: defaultdict[int, set[str]] = defaultdict(set)
    audience = select(ChangeAudience.seq, ChangeAudience.employee_id).where(
        ChangeAudience.seq > since, ChangeAudience.seq <= lines[-1].seq
    )
    for seq, person in db.session.execute(audience):
        heard[seq].add(person)
    now = datetime.now(UTC)
    return [
        Change(
            *(line.entity, line.entity_id, line.version, line.action, None, By(None), now, {}),
            before=frozenset(heard[line.seq]),
            after=frozenset(),
            seq=line.seq,
        )
        for line in lines
    ]


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
