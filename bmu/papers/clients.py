"""Clients on a sheet."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import asc, desc, select

from bmu.clients.fields import BUILD_FIELD, FIELDS
from bmu.clients.models import Client
from bmu.clients.queries import SORTS, Filters
from bmu.clients.rules import STATUSES, settled
from bmu.extensions import db
from bmu.i18n import N_
from bmu.papers.rows import Rows
from bmu.papers.sheet import Column, Sheet

C = Client.__table__.c
SHEET: Final = Sheet(
    "clients",
    N_("ข้อมูลลูกค้า"),
    tuple(Column(one.key, one.label, one.kind, one.required) for one in (BUILD_FIELD, *FIELDS.values())),
)
COLUMNS: Final = [C[column.key] for column in SHEET.columns]


def ids(filters: Filters, sort: str, descending: bool) -> list[str]:
    """The ids of the clients of a list, in its order (`sort`: a key of clients.queries.SORTS)."""
    first = (desc if descending else asc)(SORTS[sort]).nulls_last()
    found = select(C.id).where(filters.where()).order_by(first, C.build_order, C.build)
    return list(db.session.scalars(found))


def values(some: Sequence[str]) -> list[dict[str, Any]]:
    """The clients of these ids, in this order, as the sheet's columns."""
    found = db.session.execute(select(C.id, *COLUMNS).where(C.id.in_(some))).mappings()
    rows = {row["id"]: dict(row) for row in found}
    return [rows[one] for one in some if one in rows]


def importer() -> Rows:
    """Clients from a file, by their builds."""
    blank = dict.fromkeys(FIELDS) | {"company_status": STATUSES[0]}
    return Rows(SHEET, Client, BUILD_FIELD.key, blank, lambda changed, current: settled(changed, current))
