"""One unit of work: rows, their log and all that belongs to them in one transaction; then one signal.

The only commit() in the tree. The world is told after it, and a listener that fails cannot undo a save.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from typing import Any

import structlog
from blinker import Signal
from sqlalchemy import ColumnElement, bindparam, delete, insert, select, text, tuple_, update
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from bmu import database
from bmu.changes.models import ChangeAudience, ChangeLog, Counter, Logged
from bmu.extensions import db
from bmu.i18n import iso
from bmu.offload import sleep

log = structlog.get_logger(__name__)
committed = Signal("changes committed: sender is the list of Change, in order")
SEQ = "seq"
AT_ONCE = 50
# Tables, not models: all writers wait for these statements, and the ORM would take twice the time for them.
_LOG, _AUDIENCE = ChangeLog.__table__, ChangeAudience.__table__
_LAST = select(Counter.__table__.c.value).where(Counter.__table__.c.name == SEQ)
# One statement that also makes the counter: of two first saves at once, the second would find it made meanwhile.
_STEP = text(
    "INSERT INTO counters (name, value) VALUES (:name, :count) "
    "ON CONFLICT (name) DO UPDATE SET value = counters.value + excluded.value RETURNING value"
)


@dataclass(frozen=True, slots=True)
class By:
    """Who does it, as the log keeps it: employee id (or user name) and the name people know."""

    id: str | None
    name: str | None = None


@dataclass(slots=True)
class Change:
    """One logged change. `before`, `after`: the employee ids of the row's audience around the change."""

    entity: str
    entity_id: str
    version: int
    action: str
    page: str | None
    by: By
    at: datetime
    fields: dict[str, list[Any]]
    before: frozenset[str]
    after: frozenset[str]
    seq: int = 0
    row: Logged | None = field(default=None, repr=False)
    shown: Any = field(default=None, repr=False)  # the row as its readers see it, where the saver has read it anyway


def plain(value: Any) -> Any:
    """A column's value as JSON carries it: times in ISO 8601 with Z, dates ISO, decimals as numbers."""
    if isinstance(value, datetime):
        return iso(value)
    if isinstance(value, date):
        return value.isoformat()
    return float(value) if isinstance(value, Decimal) else value


class Work:
    """What one transaction changes. `now` is its one time (aware UTC); `reason`: what the log keeps as the reason of
    all of it, where somebody gave one."""

    def __init__(self, session: Session, by: By, reason: str | None = None) -> None:
        self.session, self.by, self.reason = session, by, reason
        self.now = datetime.now(UTC)
        self.changes: list[Change] = []

    def add(self, row: Logged, fields: Mapping[str, Any], *, action: str = "create", page: str | None = None) -> Change:
        """Insert `row` as version 1; `fields` are the values worth a line in the log."""
        row.version, row.created_at, row.updated_at, row.updated_by = 1, self.now, self.now, self.by.id
        self.session.add(row)
        news = {key: [None, plain(value)] for key, value in fields.items() if value is not None}
        return self._log(row, action, page, news, frozenset())

    def edit(
        self, row: Logged, values: Mapping[str, Any], *, action: str = "update", page: str | None = None
    ) -> Change | None:
        """Set those of `values` that differ from `row`'s, and log just them. None when nothing differs."""
        before = row.audience()
        news: dict[str, list[Any]] = {}
        for key, value in values.items():
            old = getattr(row, key)
            if old != value:
                news[key] = [plain(old), plain(value)]
                setattr(row, key, value)
        if not news:
            return None
        row.version += 1
        row.updated_at, row.updated_by = self.now, self.by.id
        return self._log(row, action, page, news, before)

    def _log(
        self, row: Logged, action: str, page: str | None, fields: dict[str, list[Any]], before: frozenset[str]
    ) -> Change:
        change = Change(
            row.entity, row.id, row.version, action, page, self.by, self.now, fields, before, row.audience(), row=row
        )
        self.changes.append(change)
        return change

    def number(self) -> None:
        """Give the changes that have none their places in the log. Late, because the counter's lock makes later
        writers wait for us: from here to the commit two saves exclude each other, on PostgreSQL too, and that is
        what makes the order of `seq` the order of commits (design §6)."""
        # Rows before the counter: two who held the one and wanted the other would wait for ever.
        self.session.flush()
        fresh = [change for change in self.changes if not change.seq]
        if not fresh:
            return
        last = self.places(len(fresh))
        for place, change in enumerate(fresh, last - len(fresh) + 1):
            change.seq = place
        self._place({change.row: change.seq for change in fresh if change.row is not None})
        self.session.execute(insert(_LOG), [_line(change) | {"reason": self.reason} for change in fresh])
        heard = [
            {"employee_id": person, "seq": change.seq}
            for change in fresh
            for person in sorted(change.before | change.after)
        ]
        if heard:
            self.session.execute(insert(_AUDIENCE), heard)

    def _place(self, places: Mapping[Logged, int]) -> None:
        """Rows keep the place of their last change."""
        models: set[Any] = {type(row) for row in places}
        for model in models:
            theirs = [{"row": row.id, "place": seq} for row, seq in places.items() if type(row) is model]
            self.session.connection().execute(_placing(model), theirs)
        for row, seq in places.items():
            set_committed_value(row, "seq", seq)

    def places(self, count: int) -> int:
        """Take the next `count` places in the log; answers the last of them. Later writers wait for us from here on."""
        last: int = self.session.connection().execute(_STEP, {"name": SEQ, "count": count}).scalar_one()
        return last


@cache
def _placing(model: Any) -> Any:
    table = model.__table__
    return update(table).where(table.c.id == bindparam("row")).values(seq=bindparam("place"))


def _line(change: Change) -> dict[str, Any]:
    return {
        "seq": change.seq,
        "at": change.at,
        "entity": change.entity,
        "entity_id": change.entity_id,
        "version": change.version,
        "action": change.action,
        "page": change.page,
        "actor": change.by.id,
        "actor_name": change.by.name,
        "fields": change.fields,
    }


@contextmanager
def transaction(by: By | None = None, reason: str | None = None, session: Session | None = None) -> Iterator[Work]:
    """One write transaction around the block: commits at its end, rolls back when it raises.

    `reason`: kept in the log with each of its changes. `session`: another than the request's own (changes.bulk).

    Whatever was read before in this session is read anew inside, under the writer's lock (check and write in
    one transaction). After the commit `committed` is sent once; what its receivers raise is logged.
    Raises sqlalchemy.exc.OperationalError when the database cannot be written (busy for 10 s, disk full, away).
    """
    own = db.session()
    own.rollback()
    session = own if session is None else session
    session.connection(execution_options={database.WRITE: True})
    work = Work(session, by or By(None), reason or None)
    try:
        yield work
        work.number()
        database.keep(session)
        session.commit()
    except BaseException:
        session.rollback()
        raise
    if session is not own:
        own.rollback()  # what it has read meanwhile is from before the commit
    _tell(work.changes)


def _tell(changes: list[Change]) -> None:
    for place, change in enumerate(changes, 1):
        if place % AT_ONCE == 0:
            sleep(0)  # a line for each of many takes a while, and others run meanwhile
        log.info(
            "commit",
            seq=change.seq,
            actor=change.by.id,
            entity=change.entity,
            id=change.entity_id,
            action=change.action,
            fields=sorted(change.fields),
        )
    for receiver in committed.receivers_for(changes) if changes else ():
        try:
            receiver(changes)
        except Exception:
            # The save is done and true. Browsers repair themselves from the log (design §6).
            log.exception("told_badly", seqs=[change.seq for change in changes])


def last_seq() -> int:
    """The newest place in the change log that this session can see; 0 when nothing ever happened."""
    return db.session.execute(_LAST).scalar_one_or_none() or 0


def delete_some(work: Work, model: type[Any], which: ColumnElement[bool], most: int) -> int:
    """Delete at most `most` of the rows that `which` describes, so that nobody waits long; how many went."""
    key = model.__mapper__.primary_key
    some = select(*key).where(which).limit(most)
    gone = delete(model).where(tuple_(*key).in_(some)).returning(key[0])
    return len(work.session.scalars(gone, execution_options={"synchronize_session": False}).all())
