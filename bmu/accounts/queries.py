"""Reading people: names for tables, lists for pickers, accounts for administrators."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, select

from bmu.accounts.models import Employee, User
from bmu.accounts.rules import Worker, display_name, duties_of
from bmu.extensions import db

# The columns of the table, not of the model: names are read at every row of every page, as plain values.
E = Employee.__table__.c
_PEOPLE: Select[*tuple[Any, ...]] = select(E.employee_id, E.first_name, E.last_name, E.nick_name, E.position, E.status)
_NAMED = _PEOPLE.where(E.employee_id.in_(bindparam("ids", expanding=True)))  # made once: see E


@dataclass(frozen=True, slots=True)
class Person:
    """An employee as others see one."""

    employee_id: str
    first_name: str
    last_name: str
    nick_name: str | None
    position: str
    status: str

    @property
    def display_name(self) -> str:
        """`ชื่อ(ชื่อเล่น)` (domain §1.3)."""
        return display_name(self.first_name, self.nick_name)


@dataclass(frozen=True, slots=True)
class Account:
    """A user account as administrators see one. `name`: the employee's, else the user name."""

    username: str
    role: str
    status: str
    employee_id: str | None
    name: str
    must_change_password: bool
    last_login_at: datetime | None


def _people(*conditions: ColumnElement[bool]) -> list[Person]:
    return [Person(*row) for row in db.session.execute(_PEOPLE.where(*conditions).order_by(E.employee_id))]


def names(employee_ids: Collection[str]) -> dict[str, Person]:
    """The employees of these ids, by id; unknown ids are left out. One query, none for no ids."""
    if not employee_ids:
        return {}
    found = (Person(*row) for row in db.session.execute(_NAMED, {"ids": list(employee_ids)}))
    return {person.employee_id: person for person in found}


def active_employees() -> list[Person]:
    """Who works here now, by employee id, for pickers."""
    return _people(E.status == "active")


def employees() -> list[Person]:
    """Everybody who works or worked here, by employee id."""
    return _people()


def workers() -> dict[str, Worker]:
    """Everybody the firm ever employed, by employee id, with what they may be given now. Two queries."""
    roles: dict[str | None, set[str]] = {}
    open_accounts = select(User.__table__.c.employee_id, User.__table__.c.role).where(
        User.__table__.c.status == "active"
    )
    for employee_id, role in db.session.execute(open_accounts):
        roles.setdefault(employee_id, set()).add(role)
    return {one.employee_id: _worker(one, roles.get(one.employee_id, set())) for one in _people()}


def _worker(person: Person, roles: set[str]) -> Worker:
    here = person.status == "active"
    return Worker(person.employee_id, person.display_name, here, duties_of(roles) if here else frozenset())


def accounts(*usernames: str) -> list[Account]:
    """All accounts, or those of these exact user names, by user name."""
    statement = select(User).order_by(User.username)
    if usernames:
        statement = statement.where(User.username.in_(usernames))
    return [_account(user) for user in db.session.scalars(statement)]


def _account(user: User) -> Account:
    return Account(
        user.username,
        user.role,
        user.status,
        user.employee_id,
        user.employee.display_name if user.employee else user.username,
        user.must_change_password,
        user.last_login_at,
    )
