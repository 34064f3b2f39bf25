"""Reading notifications: a page of somebody's, how many are unread, and what is to be pushed."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, bindparam, func, select

from bmu.extensions import db
from bmu.notifications.models import Notification

# The columns of the table: read at every page's bell, as plain values.
N = Notification.__table__.c
IS_UNREAD = N.read_at.is_(None) & N.deleted_at.is_(None)
_STORED = (N.id, N.user_id, N.seq, N.event, N.topic, N.entity, N.entity_id, N.facts, N.created_at, N.read_at)

# Made once: each save asks how many its readers have not read, and each page how many its own.
_THEIRS = Notification.__table__.alias("theirs").c
_UNREAD_OF_READER = (
    select(func.count())
    .where(_THEIRS.user_id == N.user_id, _THEIRS.read_at.is_(None), _THEIRS.deleted_at.is_(None))
    .scalar_subquery()
)
_OF_CHANGES = (
    select(*_STORED, _UNREAD_OF_READER)
    .where(N.seq.in_(bindparam("seqs", expanding=True)), IS_UNREAD)
    .order_by(N.seq, N.id)
)
_UNREAD = select(func.count()).where(N.user_id == bindparam("user_id"), IS_UNREAD)


@dataclass(frozen=True, slots=True)
class Stored:
    """A notification as it is kept. Times are aware UTC."""

    id: str
    user_id: str
    seq: int
    event: str
    topic: str
    entity: str
    entity_id: str
    facts: Mapping[str, Any]
    created_at: datetime
    read_at: datetime | None


def page(user_id: str, is_read: bool | None, number: int, limit: int) -> tuple[list[Stored], int]:
    """Page `number` (from 1) of somebody's notifications, newest first, and how many there are.

    `is_read`: only the read ones, only the unread ones, or (None) all.
    """
    where: list[ColumnElement[bool]] = [N.user_id == user_id, N.deleted_at.is_(None)]
    if is_read is not None:
        where.append(N.read_at.is_not(None) if is_read else N.read_at.is_(None))
    total = db.session.execute(select(func.count()).select_from(Notification).where(*where)).scalar_one()
    newest = select(*_STORED).where(*where).order_by(N.created_at.desc(), N.seq.desc(), N.id)
    return _stored(newest.limit(limit).offset((number - 1) * limit)), total


def one(user_id: str, notification_id: str) -> Stored | None:
    """One of somebody's notifications, unless they deleted it."""
    mine = (N.id == notification_id, N.user_id == user_id, N.deleted_at.is_(None))
    return next(iter(_stored(select(*_STORED).where(*mine))), None)


def told_of(user_id: str, entity_id: str) -> bool:
    """Whether somebody was told of this row, read or deleted since or not: they know that it is there."""
    about = (N.user_id == user_id, N.entity_id == entity_id)
    return db.session.execute(select(N.id).where(*about).limit(1)).first() is not None


def of_changes(seqs: Iterable[int], users: Collection[str]) -> list[tuple[Stored, int]]:
    """The unread notifications of these users that the changes at these places of the log caused, oldest first, each
    with how many unread ones its reader has.

    Asked by place alone: with the users SQLite would rather read all that these were ever told.
    """
    found = db.session.execute(_OF_CHANGES, {"seqs": list(seqs)})
    return [(Stored(*one), unread) for *one, unread in found if one[1] in users]


def unread(user_id: str) -> int:
    """How many unread notifications somebody has, counted by the database."""
    return db.session.execute(_UNREAD, {"user_id": user_id}).scalar_one()


def _stored(statement: Any) -> list[Stored]:
    return [Stored(*row) for row in db.session.execute(statement)]
