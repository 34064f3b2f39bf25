"""What lists are sorted by, and how: no two records tie."""

from __future__ import annotations

from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, UnaryExpression, asc, case, desc, select

from bmu.accounts.models import Employee
from bmu.monthly_tax.applies import AWAY, C, M
from bmu.monthly_tax.fields import FIELDS, PEOPLE, PND, PP30
from bmu.tables.kinds import Choice

EMPLOYEES = Employee.__table__.c


class Sort(NamedTuple):
    """What a list is sorted by: a key of SORTS, and whether it descends."""

    key: str = "build"
    descending: bool = False


def _choice_place(column: Any, kind: Choice) -> ColumnElement[Any]:
    places = {code: place for place, code in enumerate(kind.codes)}
    return case(places, value=column)


def _person_name(column: Any) -> ColumnElement[Any]:
    return select(EMPLOYEES.first_name).where(EMPLOYEES.employee_id == column).scalar_subquery()


def _sorts() -> dict[str, ColumnElement[Any]]:
    """Every key one may sort by. Statuses sort by the catalogue, people by name, builds as people count (§8.3 R)."""
    found: dict[str, Any] = {
        key: _choice_place(M[key], field.kind) if isinstance(field.kind, Choice) else M[key]
        for key, field in FIELDS.items()
    }
    found |= {role: _person_name(M[role]) for role in PEOPLE}
    found |= {key: M[key] for key in ("tax_year", "tax_month", "created_at", "updated_at")}
    return found | {"build": C.build_order, "company_name": C.company_sort}


SORTS = _sorts()


def order(sort: Sort) -> list[UnaryExpression[Any]]:
    """ORDER BY: the key (what is empty comes last, either way; what does not apply, behind it), then build and month,
    then id: no two rows tie."""
    way = desc if sort.descending else asc
    month = (M["tax_year"], M["tax_month"])
    first = [way(column) for column in month] if sort.key == "tax_year" else [way(SORTS[sort.key])]
    first += [asc(AWAY[side.key]) for side in (PND, PP30) if side.status == sort.key]
    rest = [asc(C.build_order), asc(M.build), *(desc(column) for column in month), asc(M.id)]
    return [*(part.nulls_last() for part in first), *rest]
