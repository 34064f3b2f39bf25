"""Employees on a sheet."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import select

from bmu.accounts.models import Employee
from bmu.accounts.staff import FIELDS, ID_FIELD, WORKS_HERE
from bmu.extensions import db
from bmu.i18n import N_
from bmu.papers.rows import Rows
from bmu.papers.sheet import Column, Sheet

E = Employee.__table__.c
SHEET: Final = Sheet(
    "employees",
    N_("พนักงาน"),
    tuple(Column(one.key, one.label, one.kind, one.required) for one in (ID_FIELD, *FIELDS.values())),
)


def everybody() -> list[dict[str, Any]]:
    """All employees by id, as the sheet's columns."""
    found = db.session.execute(select(*(E[column.key] for column in SHEET.columns)).order_by(E.employee_id))
    return [dict(row) for row in found.mappings()]


def importer() -> Rows:
    """Employees from a file, by their ids. Accounts are another matter: nobody signs in because of a file."""
    blank = {"first_name": "", "last_name": "", "nick_name": None, "position": "", "status": WORKS_HERE}
    return Rows(SHEET, Employee, ID_FIELD.key, blank, texts=frozenset({"last_name", "position"}))
