"""The import of rows that have a key of their own: clients by build, employees by id."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from bmu.changes.work import By, Fresh, Work, transaction
from bmu.errors import Conflict, Invalid
from bmu.extensions import db
from bmu.offload import sleep
from bmu.papers.importing import BATCH, TWICE, Plan
from bmu.papers.reading import Found, Line
from bmu.papers.sheet import Sheet

Values = dict[str, Any]
# Each is asked who hears of it while all other writers wait.
MOST_CHANGES = 1000


@dataclass(frozen=True)
class New:
    """A row to be added, with its values."""

    values: Values


@dataclass(frozen=True)
class Change:
    """A row to be changed: its id, the version that was compared with, the new values."""

    id: str
    version: int
    values: Values


@dataclass(frozen=True)
class Known:
    """The rows there are, by their keys, and the keys that the file has named so far."""

    rows: dict[str, Values]
    named: set[str] = field(default_factory=set)


@dataclass(frozen=True)
class Rows:
    """`key`: the column that names a row. `blank`: what a new row begins with. `settle(changed, current)`: what
    follows from a change, by the feature's own rules. `texts`: columns that are empty, never NULL."""

    sheet: Sheet
    model: Any
    key: str
    blank: Mapping[str, Any]
    settle: Callable[[Values, Values], Values] = lambda changed, _current: changed
    texts: frozenset[str] = frozenset()

    def known(self) -> Known:
        """All rows: a firm has thousands of them, not millions."""
        columns = self.model.__table__.c
        wanted = [columns.id, columns.version, *(columns[column.key] for column in self.sheet.columns)]
        found: dict[str, Values] = {}
        rows = db.session.execute(select(*wanted), execution_options={"yield_per": BATCH}).mappings()
        for some in rows.partitions():
            found.update((row[self.key], dict(row)) for row in some)
            sleep(0)
        return Known(found)

    def compare(self, line: Line, known: Known, plan: Plan, found: Found) -> None:
        """A new row, a changed one, or one that stays as it is."""
        name = line.values.get(self.key)
        if name is None:
            return
        if name in known.named:
            return found.blame(line.cells[self.key], TWICE, name)
        known.named.add(name)
        given = {key: "" if value is None and key in self.texts else value for key, value in line.values.items()}
        current = known.rows.get(name)
        if current is None:
            fresh = {**self.blank, **given}
            plan.work.append(New(fresh | self.settle(fresh, dict(self.blank))))
            plan.new += 1
            return
        changed = self.settle({key: value for key, value in given.items() if value != current[key]}, current)
        plan.change, plan.same = plan.change + bool(changed), plan.same + (not changed)
        if changed:
            plan.work.append(Change(current["id"], current["version"], changed))

    def write(self, by: By, plan: Plan, _reason: str) -> None:
        """One transaction. Raises Conflict when somebody was faster, Invalid for too many changes at once."""
        changes = [one for one in plan.work if isinstance(one, Change)]
        if len(changes) > MOST_CHANGES:
            raise Invalid(errors={"": [gettext("แก้ไขได้ครั้งละไม่เกิน %(most)s รายการ", most=MOST_CHANGES)]})
        fresh = self._fresh([one for one in plan.work if isinstance(one, New)])
        try:
            with transaction(by) as work:
                work.add_many(fresh)
                for start in range(0, len(changes), BATCH):
                    self._change(work, changes[start : start + BATCH])
        except IntegrityError:
            raise Conflict() from None

    def _fresh(self, added: Sequence[New]) -> list[Fresh]:
        """Made ready before the transaction, which others wait for."""
        found = []
        for number, one in enumerate(added):
            found.append(Fresh.of(self.model(id=str(uuid.uuid4()), **one.values), one.values))
            if number % BATCH == 0:
                sleep(0)
        return found

    def _change(self, work: Work, some: Sequence[Change]) -> None:
        wanted = {one.id: one for one in some}
        locked = select(self.model).where(self.model.id.in_(wanted)).order_by(self.model.id).with_for_update()
        found = list(work.session.scalars(locked))
        if len(found) < len(wanted) or any(row.version != wanted[row.id].version for row in found):
            raise Conflict()
        for row in found:
            work.edit(row, wanted[row.id].values)
        work.session.flush()
        sleep(0)
