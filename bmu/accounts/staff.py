"""What is done to employees: hired, edited, linked to an account. Accounts themselves: accounts.service."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from bmu.accounts.models import Employee, User
from bmu.accounts.service import load_user
from bmu.changes.history import since
from bmu.changes.work import By, Work, plain, transaction
from bmu.errors import Conflict, Invalid, NotFound
from bmu.i18n import N_
from bmu.tables.fieldset import Field, parsed
from bmu.tables.kinds import Choice, Kind, Option, Text, Unfit

Values = dict[str, Any]
WORKS_HERE, HAS_LEFT = "active", "resigned"
STATUS = Choice((Option(WORKS_HERE, N_("ทำงานอยู่")), Option(HAS_LEFT, N_("ลาออกแล้ว"), tone="not_submitted")))


@dataclass(frozen=True)
class EmployeeId(Kind):
    """What an employee is known by everywhere: up to 20 Latin letters, digits and dashes, such as AC00024."""

    def parse(self, raw: Any) -> str:
        text = str(raw).strip()
        if not (text.isascii() and text.replace("-", "").isalnum() and len(text) <= 20):
            raise Unfit(N_("ใช้ตัวอักษรอังกฤษ ตัวเลข และ - ไม่เกิน 20 ตัว เช่น AC00024"))
        return text


ID_FIELD = Field("employee_id", N_("รหัสพนักงาน"), EmployeeId(), required=True)
FIELDS = {
    field.key: field
    for field in (
        Field("first_name", N_("ชื่อ"), Text(100), required=True),
        Field("last_name", N_("นามสกุล"), Text(100)),
        Field("nick_name", N_("ชื่อเล่น"), Text(50)),
        Field("position", N_("ตำแหน่ง"), Text(100)),
        Field("status", N_("สถานะพนักงาน"), STATUS, required=True),
    )
}
_NEVER_NULL = ("last_name", "position")


def to_json(employee: Employee) -> Values:
    """An employee as the API carries one."""
    keys = ("id", ID_FIELD.key, *FIELDS, "version", "updated_at", "updated_by")
    return {key: plain(getattr(employee, key)) for key in keys} | {"name": employee.display_name}


def hire(by: By, values: Mapping[str, Any]) -> Values:
    """A new employee from raw values; answers them as JSON. Raises Invalid by field, Conflict when the id is taken."""
    given = {"status": WORKS_HERE, "last_name": None, "position": None, **values}
    fields = _parsed(given, FIELDS | {ID_FIELD.key: ID_FIELD}, (ID_FIELD.key, "first_name"))
    with transaction(by) as work:
        employee = Employee(id=str(uuid.uuid4()), **fields)
        try:
            work.add(employee, fields)
            work.session.flush()
        except IntegrityError:
            taken = gettext("มีรหัสพนักงานนี้แล้ว")
            raise Conflict(taken, errors={ID_FIELD.key: [taken]}) from None
        return to_json(employee)


def _parsed(values: Mapping[str, Any], known: Mapping[str, Field], missing: tuple[str, ...] = ()) -> Values:
    found = parsed(values, known, missing)
    return found | {key: found[key] or "" for key in _NEVER_NULL if key in found}


def edit(by: By, employee_id: str, values: Mapping[str, Any], version: int | None = None) -> Values:
    """Write those of the raw values that differ; answer the employee as JSON.

    With `version`, what the person saw: raises Conflict with both values for fields that somebody else has changed
    since. Raises NotFound, Invalid by field.
    """
    with transaction(by) as work:
        employee = load(work, employee_id)
        asked = {k: v for k, v in _parsed(values, FIELDS).items() if v != getattr(employee, k)}
        later = since(work, employee, version)
        changed = {key: value for key, value in asked.items() if not later.untouched(key, value)}
        disputes = later.disputes(employee, changed)
        if disputes:
            raise Conflict(conflicts=disputes, data=to_json(employee))
        work.edit(employee, changed)
        return to_json(employee)


def load(work: Work, employee_id: str) -> Employee:
    """An employee, locked for writing. Raises NotFound."""
    found = select(Employee).where(Employee.employee_id == employee_id).with_for_update()
    employee = work.session.execute(found).scalar_one_or_none()
    if employee is None:
        raise NotFound(gettext("ไม่พบพนักงาน"))
    return employee


def link(by: By, username: str, employee_id: str | None) -> None:
    """Make an account somebody's (None: nobody's). It counts from the next request; open sockets learn of it within
    5 s. Raises NotFound, Invalid (`employee_id`: no such employee, or one who has an account)."""
    with transaction(by) as work:
        user = load_user(work, username)
        if employee_id is not None:
            _may_have(work, user, employee_id)
        work.edit(user, {"employee_id": employee_id}, action="link")


def _may_have(work: Work, user: User, employee_id: str) -> None:
    if work.session.scalar(select(Employee.id).where(Employee.employee_id == employee_id)) is None:
        raise Invalid(errors={"employee_id": [gettext("ไม่พบพนักงาน")]})
    others = select(User.id).where(User.employee_id == employee_id, User.id != user.id).limit(1)
    if work.session.scalar(others) is not None:
        raise Invalid(errors={"employee_id": [gettext("พนักงานคนนี้มีบัญชีแล้ว")]})
