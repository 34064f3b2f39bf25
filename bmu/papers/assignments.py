"""Who is responsible for a client's month, on a sheet: people by their ids, which do not change with a name."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import select

from bmu.accounts.queries import workers
from bmu.accounts.rules import Worker
from bmu.assignments import many, rules
from bmu.assignments.table import GRID
from bmu.changes.work import By
from bmu.clients.fields import BUILD_FIELD
from bmu.clients.rules import VAT
from bmu.extensions import db
from bmu.i18n import N_, Month
from bmu.monthly_tax import queries
from bmu.monthly_tax.applies import JOINED, C, M
from bmu.monthly_tax.fields import PEOPLE
from bmu.offload import sleep
from bmu.papers.importing import BATCH, TWICE, Plan
from bmu.papers.reading import Found, Line
from bmu.papers.sheet import Column, Sheet
from bmu.tables.kinds import Kind, Person, Text, Unfit

MONTH: Final = "month"
NO_RECORD = N_("ลูกค้ารายนี้ไม่มีรายการในเดือนนั้น กรุณาเปิดเดือนก่อน")


@dataclass(frozen=True)
class MonthKind(Kind):
    """A tax month, `2026-10`."""

    def parse(self, raw: Any) -> Month | None:
        if raw is None or raw == "":
            return None
        try:
            return Month.parse(str(raw).strip())
        except ValueError:
            raise Unfit(N_("เดือนภาษีต้องเขียนเป็น ปี ค.ศ.-เดือน เช่น 2026-10")) from None


SHEET: Final = Sheet(
    "assignments",
    GRID.title,
    (
        Column(BUILD_FIELD.key, BUILD_FIELD.label, BUILD_FIELD.kind, required=True),
        Column(MONTH, N_("เดือนภาษี"), MonthKind(), required=True),
        Column("company_name", N_("ชื่อบริษัท"), Text(500), said_only=True),
        *(Column(key, label, Person()) for key, label in PEOPLE.items()),
    ),
)


def values(ids: Sequence[str]) -> list[dict[str, Any]]:
    """The records of these ids as the sheet's columns."""
    found = queries.records(ids, table=GRID)
    return [{**row, MONTH: Month(row["tax_year"], row["tax_month"])} for row in found]


@dataclass(frozen=True)
class Known:
    """The records by build and month, whoever may be given work, and which records the file has named so far."""

    rows: dict[tuple[str, Month], dict[str, Any]]
    workers: dict[str, Worker]
    named: set[str] = field(default_factory=set)


@dataclass(frozen=True)
class Assignments:
    """People from a file, put in charge by the same rules as in the grid, with the same notices."""

    sheet: Sheet = SHEET

    def known(self) -> Known:
        """Every record's five people: a few columns of a few thousand rows."""
        columns = (M.id, M.build, M.tax_year, M.tax_month, C.company_name, C.tax_registration_status)
        columns += tuple(M[key] for key in many.SEEN)
        statement = select(*columns).select_from(JOINED)
        found: dict[tuple[str, Month], dict[str, Any]] = {}
        for some in db.session.execute(statement, execution_options={"yield_per": BATCH}).mappings().partitions():
            found.update(((row["build"], Month(row["tax_year"], row["tax_month"])), dict(row)) for row in some)
            sleep(0)
        return Known(found, workers())

    def compare(self, line: Line, known: Known, plan: Plan, found: Found) -> None:
        """The places of a record that would change hands."""
        build, month = line.values.get(BUILD_FIELD.key), line.values.get(MONTH)
        if build is None or month is None:
            return
        row = known.rows.get((build, month))
        if row is None:
            return found.blame(line.cells[BUILD_FIELD.key], NO_RECORD, f"{build} {month}")
        if row["id"] in known.named:
            return found.blame(line.cells[BUILD_FIELD.key], TWICE, build)
        known.named.add(row["id"])
        changed = [role for role in PEOPLE if role in line.values and line.values[role] != row[role]]
        for role in changed:
            who = line.values[role]
            is_vat = row["tax_registration_status"] == VAT
            why = who and rules.fault(role, known.workers.get(who), is_vat=is_vat)
            if why:
                found.blame(line.cells[role], why, who)
        plan.change, plan.same = plan.change + bool(changed), plan.same + (not changed)
        if changed:
            plan.work.append(many.Handed(row, {role: line.values[role] for role in changed}))

    def write(self, by: By, plan: Plan, reason: str) -> Iterator[float]:
        """All of them, or none."""
        return many.assign(by, plan.work, reason, datetime.now(UTC))


def importer() -> Assignments:
    """Who does what, from a file."""
    return Assignments()
