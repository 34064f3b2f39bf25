"""Who is responsible for a client's month, on a sheet: people by their ids, which do not change with a name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from bmu.assignments.table import GRID
from bmu.clients.fields import BUILD_FIELD
from bmu.i18n import N_, Month
from bmu.monthly_tax import queries
from bmu.monthly_tax.fields import PEOPLE
from bmu.papers.sheet import Column, Sheet
from bmu.tables.kinds import Kind, Person, Text, Unfit

MONTH: Final = "month"


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
