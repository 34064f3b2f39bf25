"""The verbs: keep one, read, read all, read those of a record, delete, prune.

A notification is written in the transaction of the change that it tells. Reading is not logged: it changes nothing
but one's own list. After the commit `seen` is sent, so that the person's other tabs count alike.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Any

from blinker import Signal
from sqlalchemy import ColumnElement, bindparam, select, update
from sqlalchemy.dialects import postgresql, sqlite

from bmu.accounts.models import User
from bmu.accounts.rules import Actor
from bmu.changes.work import Work, delete_some, transaction
from bmu.errors import NotFound
from bmu.extensions import db
from bmu.notifications import queries
from bmu.notifications.models import KEY, UNREAD, Notification
from bmu.notifications.queries import IS_UNREAD, N, Stored

seen = Signal("somebody read or deleted notifications: sender is the user id; sent after the commit")
KEPT = timedelta(days=60)
PORTION = 500
_TABLE, _USERS = Notification.__table__, User.__table__.c
# Made once: every other writer waits while a save keeps its notices.
_ACTIVE = select(_USERS.employee_id, _USERS.id).where(
    _USERS.employee_id.in_(bindparam("employees", expanding=True)), _USERS.status == "active"
)


@dataclass(frozen=True, slots=True)
class Row:
    """What happened: `seq` is the change's place in the log, `entity` and `entity_id` name the row that changed."""

    seq: int
    entity: str
    entity_id: str


@dataclass(frozen=True, slots=True)
class Notice:
    """What an employee is to be told: which event about which topic, with its facts (JSON values)."""

    employee_id: str
    event: str
    topic: str
    facts: Mapping[str, Any]


def keep(work: Work, row: Row, notices: Collection[Notice]) -> None:
    """Write notices in the transaction of their change, after `work.number()`.

    To the active accounts of those employees; without one nobody is told (domain §11). Where the person has not yet
    read the last one about the same, the new one takes its place.
    """
    accounts = _accounts(work, {notice.employee_id for notice in notices}) if notices else {}
    told = [
        {
            "id": str(uuid.uuid4()),
            "user_id": user_id,
            "entity": row.entity,
            "entity_id": row.entity_id,
            "topic": notice.topic,
            "event": notice.event,
            "seq": row.seq,
            "facts": dict(notice.facts),
            "created_at": work.now,
        }
        for notice in notices
        for user_id in accounts.get(notice.employee_id, ())
    ]
    if told:
        work.session.execute(_keeping(work.session.get_bind().dialect.name), told)


def _accounts(work: Work, employees: Iterable[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for employee_id, user_id in work.session.execute(_ACTIVE, {"employees": sorted(employees)}):
        found.setdefault(employee_id, []).append(user_id)
    return found


@cache
def _keeping(dialect: str) -> Any:
    """Insert, or replace what is there unread about the same: the database's own unique index says what that is."""
    adding = (postgresql if dialect == "postgresql" else sqlite).insert(_TABLE)
    news = {name: adding.excluded[name] for name in ("seq", "facts", "created_at")}
    return adding.on_conflict_do_update(index_elements=KEY, index_where=UNREAD, set_=news)


def read(actor: Actor, notification_id: str) -> Stored:
    """Mark one of one's own as read; it may be already. Answers it as it is then.

    Raises NotFound: others' are not there.
    """
    _own(actor, notification_id)
    _mark(actor, "read_at", N.id == notification_id, IS_UNREAD)
    return _own(actor, notification_id)


def read_all(actor: Actor) -> int:
    """Mark all of one's own as read. Answers how many were not."""
    return _mark(actor, "read_at", IS_UNREAD)


def read_record(actor: Actor, record_id: str) -> int:
    """Mark one's own about a record as read, because one looks at it now. Answers how many were not.

    One SELECT by an index when there is nothing to do. Otherwise a transaction: what the session has read is stale
    then, so call it before reading the record.
    """
    about = (N.user_id == actor.id, N.entity_id == record_id, IS_UNREAD)
    if db.session.execute(select(N.id).where(*about).limit(1)).first() is None:
        return 0
    return _mark(actor, "read_at", N.entity_id == record_id, IS_UNREAD)


def remove(actor: Actor, notification_id: str) -> None:
    """Take one of one's own off the list for good. Raises NotFound."""
    _own(actor, notification_id)
    _mark(actor, "deleted_at", N.id == notification_id)


def _own(actor: Actor, notification_id: str) -> Stored:
    found = queries.one(actor.id, notification_id)
    if found is None:
        raise NotFound()
    return found


def _mark(actor: Actor, column: str, *which: ColumnElement[bool]) -> int:
    with transaction(actor.by) as work:
        done: Any = work.session.execute(update(_TABLE).where(N.user_id == actor.id, *which).values({column: work.now}))
        count = int(done.rowcount)
    if count:
        seen.send(actor.id)
    return count


def forget_old(work: Work, most: int, kept: timedelta = KEPT) -> int:
    """Delete at most `most` of those older than `kept`, read or not (domain §11, R). Answers how many went."""
    return delete_some(work, Notification, N.created_at < work.now - kept, most)


def prune(kept: timedelta = KEPT) -> int:
    """Delete all that are older than `kept`, in portions between which others write. Answers how many went."""
    total = 0
    while True:
        with transaction() as work:
            total += (gone := forget_old(work, PORTION, kept))
        if gone < PORTION:
            return total
