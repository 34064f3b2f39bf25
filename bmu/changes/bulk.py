"""Many new and changed rows in one transaction, in which next to nothing is left to do.

A database has one place for writers (SQLite), or one counter that they wait for (PostgreSQL): ten thousand rows sent
one after the other would keep everybody from saving for seconds. So the rows are first laid down in a temporary table,
which only this connection sees and for which nobody waits; the transaction is a handful of statements that take them
over.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Integer,
    MetaData,
    Select,
    String,
    Table,
    case,
    func,
    insert,
    literal,
    select,
    update,
)
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Session

from bmu.changes.models import ChangeAudience, ChangeLog
from bmu.changes.work import By, Change, Work, transaction
from bmu.database import ASIDE, WRITE, tables_in_memory
from bmu.errors import Conflict
from bmu.extensions import db
from bmu.offload import sleep

PORTION: Final = 6  # rows; few, because whoever saves meanwhile waits for some of these turns
_LOG, _AUDIENCE = ChangeLog.__table__, ChangeAudience.__table__
NOBODY: Final[frozenset[str]] = frozenset()


@dataclass(frozen=True, slots=True)
class Row:
    """A row to be: its id, the columns to write, what the log says ({field: [old, new]}, JSON values).

    `seen`: of a row that is there, the columns that must still hold what they held when the rest was decided; None for
    a new row. `before`, `after`: its audience around the change, where it is known beforehand.
    """

    id: str
    values: Mapping[str, Any]
    fields: dict[str, list[Any]]
    seen: Mapping[str, Any] | None = None
    before: frozenset[str] = NOBODY
    after: frozenset[str] = NOBODY


# The employees who hear of rows: columns `employee_id` and `place`, from the laid-down rows (`id`, `place`, `new_…`,
# `seen_…`), asked after the rows were written.
Audience = Callable[[Any], Select[Any]]


@dataclass(frozen=True)
class Bulk:
    """Rows of one `model`, all with the same columns in `values`, the changed ones with the same in `seen`.
    `action`: what the log calls a change of a row that is there."""

    model: Any
    rows: Sequence[Row]
    audience: Audience | None = None
    action: str = "update"

    def write(self, by: By, reason: str = "", then: Callable[[Work], object] = lambda work: None) -> Iterator[float]:
        """One transaction, all or nothing. Yields the share (0 to 1) of what is done before it; then it is done.

        `then` is called in it, when the changes have their places in the log. Nothing is yielded while the database is
        held: a slow listener must not hold up everybody's saves. Raises Conflict where a row is not as it was seen, or
        is gone; sqlalchemy.exc.IntegrityError where a new one is there already.
        """
        with db.engine.connect() as connection, tables_in_memory(connection), _laid(connection, self) as staged:
            changes: list[Change] = []
            for start in range(0, len(self.rows), PORTION):
                connection.execute(insert(staged), self._lines(start))
                connection.commit()
                changes += [self._change(one, by) for one in self.rows[start : start + PORTION]]
                yield min(1.0, (start + PORTION) / len(self.rows))
                sleep(0)
            moved = self._moved(connection, staged.c)
            connection.commit()
            with transaction(by, reason, Session(connection)) as work:
                _Taking(self, staged.c, moved, work).take(changes)
                work.changes += changes
                then(work)

    def _change(self, one: Row, by: By) -> Change:
        """What will be told of a row; its version, time and place come with the transaction."""
        action, at = "create" if one.seen is None else self.action, datetime.now(UTC)
        return Change(self.model.entity, one.id, 0, action, None, by, at, one.fields, one.before, one.after)

    def _lines(self, start: int) -> list[dict[str, Any]]:
        return [
            {"place": place, "id": one.id, "fresh": one.seen is None, "fields": one.fields}
            | {f"new_{key}": value for key, value in one.values.items()}
            | {f"seen_{key}": (one.seen or {}).get(key) for key in self.seen}
            for place, one in enumerate(self.rows[start : start + PORTION], start + 1)
        ]

    def _moved(self, connection: Connection, laid: Any) -> list[str]:
        """The columns that some row changes: an index is written anew for each row that names its column, be it with
        the value it has, and others wait meanwhile. Read before the transaction, which refuses rows that are no longer
        as they were seen."""
        if not (self.seen and self.columns):
            return []
        known = self.model.__table__.c
        moved = [func.max(case((known[key].is_distinct_from(laid[f"new_{key}"]), 1), else_=0)) for key in self.columns]
        there = select(*moved).where(known.id == laid.id, ~laid.fresh)
        found = connection.execute(there, execution_options={ASIDE: True}).one()
        return [key for key, differs in zip(self.columns, found, strict=True) if differs]

    @property
    def columns(self) -> tuple[str, ...]:
        """What is written."""
        return tuple(self.rows[0].values)

    @property
    def seen(self) -> tuple[str, ...]:
        """What must still be as it was."""
        return tuple(next((one.seen for one in self.rows if one.seen is not None), ()))


@contextmanager
def _laid(connection: Connection, bulk: Bulk) -> Iterator[Table]:
    """The temporary table for the rows, gone at the end: the connection goes back to the pool."""
    known = bulk.model.__table__.c
    staged = Table(
        f"laid_{bulk.model.__tablename__}",
        MetaData(),
        Column("place", Integer, primary_key=True, autoincrement=False),
        Column("id", String(36), nullable=False),
        Column("fresh", Boolean, nullable=False),
        Column("fields", JSON, nullable=False),
        *(Column(f"new_{key}", known[key].type) for key in bulk.columns),
        *(Column(f"seen_{key}", known[key].type) for key in bulk.seen),
        prefixes=["TEMPORARY"],
    )
    staged.create(connection)
    connection.commit()
    try:
        yield staged
    finally:
        connection.rollback()
        staged.drop(connection.execution_options(**{WRITE: False}))
        connection.commit()


class _Taking:
    """What the transaction does: see that all is as it was, number, write the rows, the log and who hears of it."""

    def __init__(self, bulk: Bulk, laid: Any, moved: Sequence[str], work: Work) -> None:
        self.bulk, self.laid, self.moved, self.work = bulk, laid, moved, work
        self.table = bulk.model.__table__
        self.connection = work.session.connection()

    def take(self, changes: Sequence[Change]) -> None:
        """Write it, and give the changes their versions and places in the log. Raises Conflict."""
        self._lock()
        first = self.work.places(len(self.bulk.rows)) - len(self.bulk.rows)
        versions = self._update(first)
        self._insert(first)
        self._log(first)
        for seq, change in enumerate(changes, first + 1):
            change.seq, change.at, change.version = seq, self.work.now, versions.get(change.entity_id, 1)

    def _run(self, statement: Any) -> Any:
        return self.connection.execute(statement, execution_options={ASIDE: True})

    def _as_seen(self) -> list[Any]:
        c, laid = self.table.c, self.laid
        seen = (c[key].is_not_distinct_from(laid[f"seen_{key}"]) for key in self.bulk.seen)
        return [c.id == laid.id, ~laid.fresh, *seen]

    def _lock(self) -> None:
        """Rows are locked in one order by everybody, and before the counter: two who held the one and wanted the other
        would wait for ever. Whoever writes on SQLite is alone."""
        if self.bulk.seen and self.connection.dialect.name != "sqlite":
            there = select(self.table.c.id).where(*self._as_seen()).order_by(self.table.c.id)
            self.connection.execute(there.with_for_update(of=self.table))

    def _update(self, first: int) -> dict[str, int]:
        """Change the rows that are there; their versions now, by id."""
        if not self.bulk.seen:
            return {}
        c = self.table.c
        new = {key: self.laid[f"new_{key}"] for key in self.moved} | self._mark(first) | {"version": c.version + 1}
        changed = update(self.table).where(*self._as_seen()).values(new).returning(c.id, c.version)
        found: dict[str, int] = dict(self._run(changed).all())
        if len(found) < sum(one.seen is not None for one in self.bulk.rows):
            raise Conflict()
        return found

    def _insert(self, first: int) -> None:
        laid, at = self.laid, literal(self.work.now, self.table.c.created_at.type)
        new = {key: laid[f"new_{key}"] for key in self.bulk.columns} | self._mark(first)
        new |= {"id": laid.id, "version": literal(1), "created_at": at}
        self._run(insert(self.table).from_select(list(new), select(*new.values()).where(laid.fresh)))

    def _mark(self, first: int) -> dict[str, Any]:
        """What every written row says of this change."""
        c, work = self.table.c, self.work
        at, by = literal(work.now, c.updated_at.type), literal(work.by.id, c.updated_by.type)
        return {"seq": self.laid.place + first, "updated_at": at, "updated_by": by}

    def _log(self, first: int) -> None:
        c, laid, work = self.table.c, self.laid, self.work
        said = {
            "seq": laid.place + first,
            "at": literal(work.now, _LOG.c.at.type),
            "entity": literal(self.bulk.model.entity),
            "entity_id": laid.id,
            "version": c.version,
            "action": case((laid.fresh, "create"), else_=self.bulk.action),
            "actor": literal(work.by.id, String),
            "actor_name": literal(work.by.name, String),
            "fields": laid.fields,
            "reason": literal(work.reason, String),
        }
        self._run(insert(_LOG).from_select(list(said), select(*said.values()).where(c.id == laid.id)))
        if self.bulk.audience:
            heard = self.bulk.audience(laid).subquery()
            hears = select(heard.c.employee_id, heard.c.place + first).distinct()
            self._run(insert(_AUDIENCE).from_select(["employee_id", "seq"], hears))
