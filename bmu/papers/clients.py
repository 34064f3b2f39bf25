"""Clients on a sheet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, asc, delete, desc, insert, select, true, union_all

from bmu.changes.bulk import Row
from bmu.changes.work import Work
from bmu.clients.fields import BUILD_FIELD, FIELDS
from bmu.clients.models import Client, Obligation, obligation_rows
from bmu.clients.obligations import FormsKind, MonthKind, Schedule, in_force, with_month
from bmu.clients.obliging import KEPT
from bmu.clients.queries import SORTS, Filters
from bmu.clients.rules import STATUSES, settled
from bmu.extensions import db
from bmu.i18n import N_, Month, tax_month
from bmu.monthly_tax.fields import PEOPLE
from bmu.monthly_tax.models import MonthlyTaxData
from bmu.papers.importing import Plan
from bmu.papers.reading import Found, Line
from bmu.papers.rows import Known, Rows, Values
from bmu.papers.sheet import Column, Sheet

C, M, O = Client.__table__.c, MonthlyTaxData.__table__.c, Obligation.__table__.c  # noqa: E741
NO_FORMS = N_("กรุณาระบุแบบที่ต้องยื่นด้วย")
FORMS, SINCE = "obligation_forms", "obligation_since"
_KEPT: Final = tuple(Column(one.key, one.label, one.kind, one.required) for one in (BUILD_FIELD, *FIELDS.values()))
SHEET: Final = Sheet(
    "clients",
    N_("ข้อมูลลูกค้า"),
    (
        *_KEPT,
        Column(FORMS, N_("แบบที่ต้องยื่น"), FormsKind()),
        Column(SINCE, N_("มีผลตั้งแต่เดือนภาษี"), MonthKind()),
    ),
)
COLUMNS: Final = [C[column.key] for column in _KEPT]


def ids(filters: Filters, sort: str, descending: bool) -> list[str]:
    """The ids of the clients of a list, in its order (`sort`: a key of clients.queries.SORTS)."""
    first = (desc if descending else asc)(SORTS[sort]).nulls_last()
    found = select(C.id).where(filters.where()).order_by(first, C.build_order, C.build)
    return list(db.session.scalars(found))


def values(some: Sequence[str]) -> list[dict[str, Any]]:
    """The clients of these ids, in this order, as the sheet's columns: of their obligations those said last."""
    found = db.session.execute(select(C.id, *COLUMNS).where(C.id.in_(some))).mappings()
    rows = {row["id"]: dict(row) for row in found}
    known = schedules(O.build.in_([row["build"] for row in rows.values()]))
    for row in rows.values():
        schedule = known.get(row["build"], {})
        last = max(schedule, default=None)
        row |= {SINCE: last, FORMS: schedule[last] if last else None}
    return [rows[one] for one in some if one in rows]


def schedules(which: ColumnElement[bool]) -> dict[str, dict[str, list[str]]]:
    """The obligations of clients, by build."""
    found: dict[str, dict[str, list[str]]] = {}
    for row in db.session.execute(select(O.build, O.since, O.forms).where(which).order_by(O.since)):
        month = Month(row.since // 100, row.since % 100)
        found.setdefault(row.build, {})[str(month)] = row.forms.split(",") if row.forms else []
    return found


@dataclass(frozen=True)
class ClientRows(Rows):
    """Clients with their obligations, which are kept beside them. An empty cell leaves these as they are."""

    def known(self) -> Known:
        found, kept = Rows.known(replace(self, sheet=self.sheet.without((FORMS, SINCE)))), schedules(true())
        for build, row in found.rows.items():
            row |= {KEPT: kept.get(build, {}), FORMS: None, SINCE: None}
        return found

    def compare(self, line: Line, known: Known, plan: Plan, found: Found) -> None:
        if line.values.get(SINCE) and line.values.get(FORMS) is None:
            return found.blame(line.cells[SINCE], NO_FORMS)
        super().compare(line, known, plan, found)

    def _new(self, given: Values) -> Row:
        plain = {key: value for key, value in given.items() if key not in (FORMS, SINCE)}
        row, schedule = super()._new(plain), _schedule(given, {})
        return replace(row, fields=row.fields | {KEPT: [{}, schedule]}) if schedule else row

    def _columns(self, values: Values) -> Values:
        return super()._columns({key: value for key, value in values.items() if key not in (FORMS, SINCE, KEPT)})


def importer() -> Rows:
    """Clients from a file, by their builds."""
    blank = dict.fromkeys(FIELDS) | {"company_status": STATUSES[0]}
    return ClientRows(SHEET, Client, BUILD_FIELD.key, blank, _settled, audience=_five, beside=_oblige)


def _settled(changed: Values, current: Values) -> Values:
    found = {key: value for key, value in changed.items() if key not in (FORMS, SINCE)}
    kept = current.get(KEPT, {})
    schedule = _schedule(changed, kept)
    return settled(found, current) | ({KEPT: schedule} if schedule != kept else {})


def _schedule(given: Values, kept: Schedule) -> Schedule:
    """What a line makes of a schedule: without a month it holds from the current tax month on."""
    forms = given.get(FORMS)
    since = given.get(SINCE) or tax_month(datetime.now(UTC))
    return kept if forms is None or in_force(kept, since) == forms else with_month(kept, since, forms)


def _oblige(work: Work, rows: Sequence[Row]) -> None:
    """Write the schedules that the changes say, for rows whose clients are written by now."""
    said = {row.values["build"]: row.fields[KEPT][1] for row in rows if KEPT in row.fields}
    fresh = [{"build": build, **row} for build, one in said.items() for row in obligation_rows(one).values()]
    if said:
        work.session.execute(delete(Obligation.__table__).where(O.build.in_(said)))
        work.session.execute(insert(Obligation.__table__), fresh)


def _five(laid: Any) -> Select[Any]:
    """Whoever is responsible for any record of a changed client: `monthly_tax.queries.people_of` for many at once."""
    of_client = and_(M.build == laid.new_build, ~laid.fresh)
    each = (select(M[role].label("employee_id"), laid.place).where(of_client, M[role].is_not(None)) for role in PEOPLE)
    return union_all(*each)  # type: ignore[return-value]
