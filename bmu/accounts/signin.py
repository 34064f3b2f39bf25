"""Signing in: name and password to a session, the same path and the same time for names nobody has."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import NamedTuple

import structlog
from flask_babel import gettext
from sqlalchemy import func, select

from bmu.accounts import passwords, sessions, throttle
from bmu.accounts.models import User
from bmu.accounts.rules import good_username
from bmu.accounts.throttle import Caller
from bmu.accounts.tokens import Tokens
from bmu.changes.work import transaction
from bmu.errors import Forbidden, Unauthorized
from bmu.extensions import db
from bmu.i18n import N_

log = structlog.get_logger(__name__)


class WrongPassword(Unauthorized):
    """The name or the password is wrong; which of them is nobody's business."""

    code, message = "wrong_password", N_("ชื่อผู้ใช้หรือรหัสผ่านไม่ถูกต้อง")


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A session just opened. `device`: what the browser's device cookie shall hold."""

    session: sessions.Living
    tokens: Tokens
    device: str


class _Account(NamedTuple):
    id: str | None
    username: str
    password_hash: str
    active: bool


_NOBODY = _Account(None, "", passwords.NOBODY, False)


def sign_in(typed: str, password: str, caller: Caller) -> SignedIn:
    """Open a session for the account called `typed`.

    Raises TooMany (try later), WrongPassword, Forbidden (right password, but the account is disabled).
    """
    name = typed.strip()
    account = _account(name)
    attempt = throttle.admit(throttle.sign_in_try(account.username or name, account.id, caller))
    right = passwords.verify(account.password_hash, password)
    if account.id is None or not right:
        throttle.refuse(attempt)
        raise _refused("wrong", account, caller, WrongPassword())
    if not account.active:
        throttle.refuse(attempt, throttle.INACTIVE)
        told = Forbidden(gettext("บัญชีนี้ถูกปิดใช้งาน กรุณาติดต่อผู้ดูแลระบบ"))
        raise _refused("inactive", account, caller, told)
    return _welcome(account.id, account.password_hash, password, caller, attempt)


def _account(name: str) -> _Account:
    if not good_username(name):
        return _NOBODY
    columns = select(User.id, User.username, User.password_hash, User.status == "active")
    row = db.session.execute(columns.where(func.lower(User.username) == name.lower())).one_or_none()
    return _Account(*row) if row else _NOBODY


def _refused(reason: str, account: _Account, caller: Caller, error: Exception) -> Exception:
    log.warning("sign_in_refused", reason=reason, user=account.username, address=caller.address)
    return error


def _welcome(user_id: str, hashed: str, password: str, caller: Caller, attempt: str) -> SignedIn:
    """Everything that a successful sign-in writes, in one transaction; no hashing inside it (stack trap 6)."""
    device = caller.device or secrets.token_urlsafe(32)
    rehashed = passwords.hash_password(password) if passwords.outdated(hashed) else hashed
    with transaction() as work:
        user = work.session.get(User, user_id, with_for_update={"of": User})
        # The password was looked at outside of the transaction: has it been changed or the account closed since?
        if user is None or user.status != "active" or user.password_hash != hashed:
            raise WrongPassword()
        user.password_hash, user.last_login_at = rehashed, work.now
        session_id, fresh = sessions.open_session(work, user_id, caller.address, caller.agent)
        throttle.settle(work, attempt)
        throttle.remember_device(work, user_id, device)
    session = sessions.living(session_id)
    if session is None:
        raise WrongPassword()
    log.info("sign_in", user=session.actor.username, address=caller.address, session=session_id)
    return SignedIn(session, fresh, device)
