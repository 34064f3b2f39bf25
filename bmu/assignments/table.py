"""The grid: a client's month in each row, its five people in the columns."""

from __future__ import annotations

from typing import Final

from bmu.i18n import N_
from bmu.monthly_tax.duties import NO_VAT
from bmu.monthly_tax.fields import PEOPLE, PEOPLE_SHORT, PP30
from bmu.monthly_tax.table import BUILD, COMPANY, PEOPLE_GROUP, TABLES
from bmu.tables.column import Column
from bmu.tables.kinds import Person
from bmu.tables.table import Row, Table

TITLE: Final = N_("จัดงานรายเดือน")


def _anybody(_column: Column, _row: Row) -> tuple[str, ...]:
    """Who assigns is told by their role, not by the row."""
    return ()


def _absent(column: Column, row: Row) -> str:
    """There is no VAT to file; should somebody be its filer all the same, it is shown, to be put right."""
    return NO_VAT if column.key == PP30.filer and not row["is_vat"] and not row[column.key] else ""


GRID: Final = Table(
    "assignments",
    "",
    TITLE,
    (BUILD, COMPANY, *(Column(key, PEOPLE[key], Person(), PEOPLE_SHORT[key], PEOPLE_GROUP) for key in PEOPLE)),
    ((PEOPLE_GROUP, N_("ข้อมูลผู้รับผิดชอบ"), ""),),
    _anybody,
    _absent,
    template="assignments/row.html",
)
# Every table whose rows travel to open pages (decision 0003).
LIVE_TABLES: Final = {**TABLES, GRID.name: GRID}
