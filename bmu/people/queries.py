"""Reading people as an administrator sees them: an employee and the accounts that are theirs, as one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from bmu.accounts.models import Employee, User
from bmu.changes.work import plain
from bmu.clients.rules import normal_search
from bmu.extensions import db

NO_ACCOUNT = "none"
_USER_KEYS = ("id", "username", "role", "status", "employee_id", "must_change_password", "last_login_at", "version")


@dataclass(frozen=True)
class Somebody:
    """An employee (None for an account that is nobody's) with the accounts that are theirs."""

    employee: Employee | None
    users: tuple[User, ...]

    @property
    def key(self) -> str:
        """By what the page's address names them: the employee id, or the user name."""
        return self.employee.employee_id if self.employee else self.users[0].username

    @property
    def name(self) -> str:
        """As people call them."""
        return self.employee.display_name if self.employee else self.users[0].username

    @property
    def works_here(self) -> bool:
        """Whether anything of theirs is open: an employee at work, or an account."""
        return bool(self.employee and self.employee.status == "active") or any(u.status == "active" for u in self.users)

    def has(self, words: str) -> bool:
        """Whether what was typed in the search is a part of their names."""
        texts = [user.username for user in self.users]
        if self.employee:
            one = self.employee
            texts += [one.employee_id, f"{one.first_name} {one.last_name}", one.nick_name or "", one.position]
        return any(words in text.lower() for text in texts)


def everybody() -> list[Somebody]:
    """Everybody, by employee id; accounts that are nobody's come last. Two queries."""
    users = list(db.session.scalars(select(User).order_by(User.username)))
    theirs: dict[str | None, list[User]] = {}
    for user in users:
        theirs.setdefault(user.employee_id, []).append(user)
    employees = db.session.scalars(select(Employee).order_by(Employee.employee_id))
    found = [Somebody(one, tuple(theirs.get(one.employee_id, ()))) for one in employees]
    return found + [Somebody(None, (user,)) for user in theirs.get(None, ())]


def find(key: str) -> Somebody | None:
    """Somebody by employee id, or by the name of an account that is nobody's; None when there is none."""
    employee = db.session.scalar(select(Employee).where(Employee.employee_id == key))
    if employee:
        mine = select(User).where(User.employee_id == key).order_by(User.username)
        return Somebody(employee, tuple(db.session.scalars(mine)))
    user = user_of(key)
    return Somebody(None, (user,)) if user and user.employee_id is None else None


def user_of(username: str) -> User | None:
    """The account of this exact name, or None."""
    return db.session.scalar(select(User).where(User.username == username))


def chosen(people: Iterable[Somebody], search: str = "", role: str = "", status: str = "") -> list[Somebody]:
    """Those whom the list's filters let through. `role`: or NO_ACCOUNT; `status`: active, resigned or empty."""
    words = normal_search(search).lower()
    return [
        one
        for one in people
        if one.has(words)
        and (not role or (not one.users if role == NO_ACCOUNT else any(user.role == role for user in one.users)))
        and (not status or one.works_here == (status == "active"))
    ]


def user_json(user: User) -> dict[str, Any]:
    """An account as the API carries it: never its password."""
    name = user.employee.display_name if user.employee else user.username
    return {key: plain(getattr(user, key)) for key in _USER_KEYS} | {"name": name}
