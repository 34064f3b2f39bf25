"""The import of rows that have a key of their own: clients by build, employees by id."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from bmu.changes.bulk import Audience, Bulk, Row
from bmu.changes.work import By, Work, plain
from bmu.errors import Conflict
from bmu.extensions import db
from bmu.offload import sleep
from bmu.papers.importing import BATCH, TWICE, Plan
from bmu.papers.reading import Found, Line
from bmu.papers.sheet import Sheet

Values = dict[str, Any]


def _nothing(_work: Work, _rows: Sequence[Row]) -> None:
    pass


@dataclass(frozen=True)
class Known:
    """The rows there are, by their keys, and the keys that the file has named so far."""

    rows: dict[str, Values]
    named: set[str] = field(default_factory=set)


@dataclass(frozen=True)
class Rows:
    """`key`: the column that names a row. `blank`: what a new row begins with. `settle(changed, current)`: what
    follows from a change, by the feature's own rules. `texts`: columns that are empty, never NULL. `audience`: who
    hears of a row. `beside(work, rows)`: what else is written in the transaction."""

    sheet: Sheet
    model: Any
    key: str
    blank: Mapping[str, Any]
    settle: Callable[[Values, Values], Values] = lambda changed, _current: changed
    texts: frozenset[str] = frozenset()
    audience: Audience | None = None
    beside: Callable[[Work, Sequence[Row]], object] = _nothing

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
            plan.work.append(partial(self._new, given))
            plan.new += 1
            return
        changed = self.settle({key: value for key, value in given.items() if value != current[key]}, current)
        plan.change, plan.same = plan.change + bool(changed), plan.same + (not changed)
        if changed:
            plan.work.append(partial(self._changed, current, changed))

    def _new(self, given: Values) -> Row:
        fresh = {**self.blank, **given}
        fresh |= self.settle(fresh, dict(self.blank))
        said = {key: [None, plain(value)] for key, value in fresh.items() if value is not None}
        return Row(str(uuid.uuid4()), self._columns(fresh), said)

    def _changed(self, current: Values, changed: Values) -> Row:
        said = {key: [plain(current[key]), plain(value)] for key, value in changed.items()}
        kept = {column.key: current[column.key] for column in self.sheet.columns}
        return Row(current["id"], self._columns(kept | changed), said, seen={"version": current["version"]})

    def _columns(self, values: Values) -> Values:
        """The table's columns of these values, with those that the model derives from them."""
        known = self.model.__table__.c
        return {key: value for key, value in vars(self.model(**values)).items() if key in known}

    def write(self, by: By, plan: Plan, _reason: str) -> Iterator[float]:
        """One transaction. Raises Conflict when somebody was faster."""
        rows: list[Row] = []
        for number, make in enumerate(plan.work):  # only now: a preview needs none
            rows.append(make())
            if number % BATCH == 0:
                yield number / len(plan.work) / 2
                sleep(0)
        bulk = Bulk(self.model, rows, self.audience)
        try:
            for share in bulk.write(by, then=lambda work: self.beside(work, rows)):
                yield (1 + share) / 2
        except IntegrityError:
            raise Conflict() from None
