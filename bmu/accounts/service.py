"""What is done to accounts: created, disabled, enabled, given another role or password. Ends sessions where it must."""

from __future__ import annotations

import uuid

import structlog
from flask_babel import gettext
from sqlalchemy import func, select

from bmu.accounts import passwords, sessions, throttle
from bmu.accounts.models import Employee, User
from bmu.accounts.queries import Person
from bmu.accounts.rules import ADMIN, ROLES, Actor, good_username
from bmu.accounts.tokens import Tokens
from bmu.changes.work import By, Work, transaction
from bmu.errors import Conflict, Invalid, NotFound, Unauthorized
from bmu.extensions import db
from bmu.i18n import LANGUAGES

log = structlog.get_logger(__name__)
ACTIVE, DISABLED = "active", "inactive"


def create_user(by: By, username: str, role: str, *, employee_id: str | None = None, hire: Person | None = None) -> str:
    """Create an account; answer its one-time password, which must be changed at the first sign-in.

    `employee_id`: whose account it is; `hire`: an employee to be created with it. Raises Invalid by field, Conflict.
    """
    password = passwords.one_time()
    hashed = passwords.hash_password(password)
    with transaction(by) as work:
        if hire:
            _hire(work, hire)
            employee_id = hire.employee_id
        _check_new(work, username, role, employee_id)
        user = User(
            id=str(uuid.uuid4()),
            username=username,
            password_hash=hashed,
            employee_id=employee_id,
            role=role,
            status=ACTIVE,
            must_change_password=True,
        )
        work.add(user, {"username": username, "role": role, "employee_id": employee_id})
    return password


def _hire(work: Work, person: Person) -> None:
    if _employee_exists(work, person.employee_id):
        raise Conflict(gettext("มีรหัสพนักงานนี้แล้ว"))
    values = {
        "employee_id": person.employee_id,
        "first_name": person.first_name,
        "last_name": person.last_name,
        "nick_name": person.nick_name,
        "position": person.position,
        "status": person.status,
    }
    work.add(Employee(id=str(uuid.uuid4()), **values), values)
    work.session.flush()


def _check_new(work: Work, username: str, role: str, employee_id: str | None) -> None:
    errors = {}
    if not good_username(username):
        errors["username"] = [gettext("ใช้ตัวอักษรอังกฤษ ตัวเลข . _ - อย่างน้อย 2 ตัว")]
    if role not in ROLES:
        errors["role"] = [gettext("ไม่มีบทบาทนี้")]
    if employee_id is not None and not _employee_exists(work, employee_id):
        errors["employee_id"] = [gettext("ไม่พบพนักงาน")]
    if errors:
        raise Invalid(errors=errors)
    if _lookup(work, username):
        raise Conflict(gettext("มีชื่อผู้ใช้นี้แล้ว"))


def _employee_exists(work: Work, employee_id: str) -> bool:
    return work.session.scalar(select(Employee.id).where(Employee.employee_id == employee_id)) is not None


def _lookup(work: Work, username: str) -> User | None:
    return work.session.scalar(select(User).where(func.lower(User.username) == username.lower()))


def load_user(work: Work, username: str) -> User:
    """An account by its name, in whatever case. Raises NotFound."""
    user = _lookup(work, username)
    if user is None:
        raise NotFound(gettext("ไม่พบผู้ใช้"))
    return user


def disable(by: By, username: str) -> int:
    """Close an account and everything open under it; answer how many sessions that ended. Raises NotFound, Conflict."""
    with transaction(by) as work:
        user = load_user(work, username)
        _keep_an_admin(work, user)
        work.edit(user, {"status": DISABLED}, action="disable")
        ended = sessions.end_in(work, user.id, "disabled")
    sessions.announce(ended)
    return len(ended)


def enable(by: By, username: str) -> None:
    """Open a closed account again. Raises NotFound."""
    with transaction(by) as work:
        work.edit(load_user(work, username), {"status": ACTIVE}, action="enable")


def set_role(by: By, username: str, role: str) -> None:
    """Give an account another role; it counts from the next request, and open sockets learn of it within 5 s.

    Raises NotFound, Invalid, and Conflict for the last administrator.
    """
    if role not in ROLES:
        raise Invalid(errors={"role": [gettext("ไม่มีบทบาทนี้")]})
    with transaction(by) as work:
        user = load_user(work, username)
        if role != ADMIN:
            _keep_an_admin(work, user)
        work.edit(user, {"role": role}, action="role")


def _keep_an_admin(work: Work, user: User) -> None:
    """Refuse to take the last active administrator away: nobody could undo it from inside."""
    others = select(User.id).where(User.role == ADMIN, User.status == ACTIVE, User.id != user.id).limit(1)
    if user.role == ADMIN and user.status == ACTIVE and work.session.scalar(others) is None:
        raise Conflict(gettext("ต้องมีผู้ดูแลระบบที่ใช้งานได้อย่างน้อยหนึ่งคน"))


def set_password(by: By, username: str) -> str:
    """Give an account a one-time password and answer it; ends its sessions and forgets its devices. Raises NotFound."""
    password = passwords.one_time()
    hashed = passwords.hash_password(password)
    with transaction(by) as work:
        user = load_user(work, username)
        _put_password(work, user, hashed, must_change=True)
        throttle.forget_devices(work, user.id)
        ended = sessions.end_in(work, user.id, "password")
    sessions.announce(ended)
    return password


def change_own_password(actor: Actor, current: str, new: str, address: str) -> Tokens:
    """Change one's own password; ends all other sessions and answers fresh tokens for this one.

    Raises TooMany after many wrong tries, Invalid by field (current_password, new_password).
    """
    attempt = throttle.admit(throttle.password_try(actor.session, actor.username, address))
    hashed = db.session.scalar(select(User.password_hash).where(User.id == actor.id)) or passwords.NOBODY
    if not passwords.verify(hashed, current):
        throttle.refuse(attempt)
        log.warning("access_refused", reason="current_password", user=actor.username, address=address)
        raise Invalid(errors={"current_password": [gettext("รหัสผ่านปัจจุบันไม่ถูกต้อง")]})
    faults = passwords.faults(new, actor.username)
    if not faults and passwords.verify(hashed, new):
        faults = [gettext("รหัสผ่านใหม่ต้องไม่เหมือนรหัสเดิม")]
    if not faults:
        return _exchange(actor, attempt, hashed, passwords.hash_password(new))
    with transaction() as work:
        throttle.settle(work, attempt)
    raise Invalid(errors={"new_password": faults})


def _exchange(actor: Actor, attempt: str, old: str, new: str) -> Tokens:
    with transaction(actor.by) as work:
        user = work.session.get(User, actor.id, with_for_update={"of": User})
        # Hashing takes a while and is done outside: an administrator may have been faster.
        if user is None or user.password_hash != old or actor.session is None:
            raise Unauthorized()
        throttle.settle(work, attempt)
        _put_password(work, user, new, must_change=False)
        ended = sessions.end_in(work, user.id, "password", except_session=actor.session)
        fresh = sessions.renew(work, actor.session)
    sessions.announce(ended)
    return fresh


def _put_password(work: Work, user: User, hashed: str, *, must_change: bool) -> None:
    user.password_hash = hashed  # set beside the log: hashes do not belong into it
    work.edit(user, {"password_changed_at": work.now, "must_change_password": must_change}, action="password")


def set_language(actor: Actor, language: str) -> None:
    """Keep the language somebody chose. Raises Invalid."""
    if language not in LANGUAGES:
        raise Invalid(errors={"language": [gettext("ไม่มีภาษานี้")]})
    with transaction(actor.by) as work:
        work.edit(work.session.get_one(User, actor.id), {"language": language}, action="language")
