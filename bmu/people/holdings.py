"""What somebody still holds, from the current tax month on, and handing it over. Earlier months stay as they were."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext
from sqlalchemy import ColumnElement, func, select, tuple_

from bmu.accounts.queries import names, workers
from bmu.accounts.rules import Worker
from bmu.assignments import rules, service
from bmu.assignments.queries import choices
from bmu.changes.work import By
from bmu.clients.rules import VAT
from bmu.errors import Invalid
from bmu.extensions import db
from bmu.i18n import Month, tax_month
from bmu.monthly_tax.applies import JOINED, C, M
from bmu.monthly_tax.fields import PEOPLE


@dataclass(frozen=True)
class Holding:
    """A role that somebody holds in `count` records of `months`; `able`: who could take them over, and `lightest`:
    whoever of these does such work and holds the fewest (None: nobody could)."""

    role: str
    label: str
    count: int
    months: tuple[Month, ...]
    able: tuple[Worker, ...]
    lightest: str | None


def held(employee_id: str, now: datetime) -> list[Holding]:
    """What `employee_id` holds from the tax month at `now` (aware) on, in the order of the roles."""
    able = choices(workers().values())
    found = []
    for role, label in PEOPLE.items():
        months = _months(role, employee_id, now)
        if months:
            others = tuple(one for one in able[role] if one.employee_id != employee_id)
            months_held = tuple(sorted(months))
            found.append(Holding(role, label, sum(months.values()), months_held, others, _lightest(role, others, now)))
    return found


def _months(role: str, employee_id: str, now: datetime) -> dict[Month, int]:
    counted = select(M.tax_year, M.tax_month, func.count()).where(M[role] == employee_id, _from_now_on(now))
    rows = db.session.execute(counted.group_by(M.tax_year, M.tax_month))
    return {Month(year, month): count for year, month, count in rows}


def _from_now_on(now: datetime) -> ColumnElement[bool]:
    since: ColumnElement[bool] = tuple_(M.tax_year, M.tax_month) >= tuple_(*tax_month(now))
    return since


def _lightest(role: str, able: tuple[Worker, ...], now: datetime) -> str | None:
    counted = select(M[role], func.count()).where(_from_now_on(now)).group_by(M[role])
    loads: dict[str, int] = dict(db.session.execute(counted).all())
    # Who does such work already comes before who could: an administrator may keep books too.
    return min(
        (one.employee_id for one in able), key=lambda who: (who not in loads, loads.get(who, 0), who), default=None
    )


def hand_over(by: By, employee_id: str, successors: Mapping[str, str], now: datetime) -> int:
    """Give what `employee_id` holds to others: role column → their employee id. Answers how many records changed.

    The VAT filer of a client without VAT goes without a successor. Raises Invalid by role.
    """
    _refuse_unable(employee_id, successors)
    cells = [
        service.Cell(record_id, role, who if rules.needed(role, is_vat=is_vat) else None, employee_id)
        for role, who in successors.items()
        for record_id, is_vat in _records(role, employee_id, now)
    ]
    person = names([employee_id]).get(employee_id)
    reason = gettext("ส่งมอบงานของ %(name)s", name=person.display_name if person else employee_id)
    changed: set[str] = set()
    for start in range(0, len(cells), service.MOST):
        changed.update(service.assign(by, cells[start : start + service.MOST], reason, now))
    return len(changed)


def _records(role: str, employee_id: str, now: datetime) -> list[tuple[str, bool]]:
    mine = select(M.id, C.tax_registration_status).select_from(JOINED).where(M[role] == employee_id, _from_now_on(now))
    return [(record_id, registration == VAT) for record_id, registration in db.session.execute(mine)]


def _refuse_unable(employee_id: str, successors: Mapping[str, str]) -> None:
    known = workers()
    errors = {role: rules.fault(role, known.get(who), is_vat=True) for role, who in successors.items()}
    errors |= {role: rules.UNABLE for role, who in successors.items() if who == employee_id}
    if any(errors.values()):
        raise Invalid(errors={role: [gettext(why)] for role, why in errors.items() if why})
