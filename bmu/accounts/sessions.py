"""Sign-ins as the server keeps them: opened, seen, renewed, ended. A token is only as good as its session.

Every check asks the database anew, so that an ended session, a disabled user and another role count at once.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog
from blinker import Signal
from flask import current_app
from sqlalchemy import Select, bindparam, select, update
from sqlalchemy.exc import SQLAlchemyError

from bmu.accounts import tokens
from bmu.accounts.models import Employee, User, UserSession
from bmu.accounts.rules import Actor, device_name, display_name
from bmu.accounts.tokens import Tokens
from bmu.changes.work import Work, delete_some, transaction
from bmu.config import Config
from bmu.errors import Unauthorized
from bmu.extensions import db

log = structlog.get_logger(__name__)
sessions_ended = Signal("sessions ended: sent after the commit, with their ids as `sessions`")

SEEN_EVERY = timedelta(minutes=1)
# Two tabs that renew at the same moment, or an answer that got lost on its way (rotate).
GRACE = timedelta(seconds=10)
KEPT = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Living:
    """A session that is alive, with its user as of now. Times are aware UTC; `ends_at` is the absolute limit."""

    id: str
    actor: Actor
    seen_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Place:
    """Where somebody is signed in, for their own eyes."""

    id: str
    device: str
    address: str
    created_at: datetime
    seen_at: datetime


def _config() -> Config:
    config: Config = current_app.extensions["bmu.config"]
    return config


# Columns of tables, not of models: each request asks for its session, and the ORM would take twice the time.
S, U, E = UserSession.__table__.c, User.__table__.c, Employee.__table__.c
# Neither ended, nor idle for too long, nor too old.
_IS_ALIVE = S.ended_at.is_(None) & (S.seen_at > bindparam("seen_after")) & (S.created_at > bindparam("created_after"))
_LIVING: Select[*tuple[Any, ...]] = (
    select(
        *(S.id.label("session"), S.created_at, S.seen_at),
        *(U.id, U.username, U.role, U.employee_id, U.language, U.must_change_password),
        *(E.first_name, E.nick_name),
    )
    .select_from(UserSession.__table__)
    .join(User.__table__, U.id == S.user_id)
    .outerjoin(Employee.__table__, E.employee_id == U.employee_id)
    .where(S.id.in_(bindparam("ids", expanding=True)), _IS_ALIVE, U.status == "active")
)


def _limits() -> dict[str, datetime]:
    """The parameters of _IS_ALIVE as of now."""
    config, now = _config(), datetime.now(UTC)
    return {"seen_after": now - config.refresh_idle, "created_after": now - config.session_lifetime}


def _living(row: Any) -> Living:
    actor = Actor(
        id=row.id,
        username=row.username,
        role=row.role,
        employee_id=row.employee_id,
        name=display_name(row.first_name, row.nick_name) if row.first_name else row.username,
        language=row.language,
        session=row.session,
        must_change_password=row.must_change_password,
    )
    return Living(row.session, actor, row.seen_at, row.created_at + _config().session_lifetime)


def living(session_id: str) -> Living | None:
    """The session if it is alive and its user active: one query."""
    row = db.session.execute(_LIVING, {"ids": [session_id], **_limits()}).one_or_none()
    return _living(row) if row else None


def still_good(session_ids: Collection[str]) -> dict[str, Actor]:
    """Those of the sessions that are alive, with their users as of now: one query on a connection of its own, so
    that a reader which goes on for hours never looks at an old snapshot."""
    if not session_ids:
        return {}
    with db.engine.connect() as connection:
        rows = connection.execute(_LIVING, {"ids": list(session_ids), **_limits()}).all()
    return {row.session: _living(row).actor for row in rows}


def places(user_id: str) -> list[Place]:
    """Where a user is signed in now, the latest seen first."""
    mine = select(UserSession).where(UserSession.user_id == user_id, _IS_ALIVE)
    rows = db.session.scalars(mine.order_by(UserSession.seen_at.desc()), _limits())
    return [Place(row.id, device_name(row.agent), row.address, row.created_at, row.seen_at) for row in rows]


def open_session(work: Work, user_id: str, address: str, agent: str) -> tuple[str, Tokens]:
    """Begin a session inside a transaction; answer its id and tokens."""
    row = UserSession(
        id=str(uuid.uuid4()),
        user_id=user_id,
        refresh_jti=str(uuid.uuid4()),
        created_at=work.now,
        seen_at=work.now,
        address=address[:45],
        agent=agent[:200],
    )
    work.session.add(row)
    return row.id, _tokens(row)


def _tokens(row: UserSession) -> Tokens:
    return tokens.mint(row.user_id, row.id, row.refresh_jti, row.created_at + _config().session_lifetime)


def touch(session: Living) -> None:
    """Note that somebody is there; written once a minute at most. A page is shown even when this cannot be written."""
    now = datetime.now(UTC)
    if now - session.seen_at < SEEN_EVERY:
        return
    seen = update(UserSession).where(UserSession.id == session.id).values(seen_at=now)
    try:
        with transaction() as work:
            work.session.execute(seen)
    except SQLAlchemyError as error:
        log.warning("not_seen", session=session.id, error=type(error).__name__)


def rotate(session_id: str, jti: str) -> Tokens:
    """Fresh tokens for the one good refresh token `jti` of a session; it is used up by this.

    The token used last is answered for GRACE with the same tokens that replaced it (a second tab, a lost answer).
    Any other was used before: it has been copied, so the session ends for whoever holds it. Raises Unauthorized.
    """
    reused: list[str] = []
    with transaction() as work:
        row = work.session.get(UserSession, session_id, with_for_update=True)
        if row is None or row.ended_at:
            raise Unauthorized()
        if jti == row.refresh_jti:
            _turn(row, work.now)
        elif jti != row.previous_jti or row.rotated_at is None or work.now - row.rotated_at > GRACE:
            reused = end_in(work, row.user_id, "reused", only=row.id)
        fresh = _tokens(row)
    if reused:
        log.warning("access_refused", reason="refresh_reused", session=session_id)
        announce(reused)
        raise Unauthorized()
    return fresh


def _turn(row: UserSession, now: datetime) -> None:
    row.previous_jti, row.refresh_jti, row.rotated_at = row.refresh_jti, str(uuid.uuid4()), now


def renew(work: Work, session_id: str) -> Tokens:
    """Fresh tokens for a session whose old refresh tokens shall not be heard again."""
    row = work.session.get_one(UserSession, session_id, with_for_update=True)
    _turn(row, work.now)
    row.previous_jti = None
    return _tokens(row)


def end_in(
    work: Work, user_id: str, reason: str, *, only: str | None = None, except_session: str | None = None
) -> list[str]:
    """End a user's sessions inside a transaction; answer their ids, to be announced after the commit."""
    ended = update(UserSession).where(UserSession.user_id == user_id, UserSession.ended_at.is_(None))
    if only is not None:
        ended = ended.where(UserSession.id == only)
    if except_session is not None:
        ended = ended.where(UserSession.id != except_session)
    done = ended.values(ended_at=work.now, end_reason=reason).returning(UserSession.id)
    return list(work.session.scalars(done.execution_options(synchronize_session=False)))


def end_sessions(user_id: str, reason: str, *, only: str | None = None, except_session: str | None = None) -> list[str]:
    """End a user's sessions (all, `only` one, or all but `except_session`) and their sockets; answer their ids."""
    with transaction() as work:
        ended = end_in(work, user_id, reason, only=only, except_session=except_session)
    announce(ended)
    return ended


def announce(ended: list[str]) -> None:
    """Tell whoever keeps sockets open. A listener that fails changes nothing: the sessions are over."""
    for receiver in sessions_ended.receivers_for(None) if ended else ():
        try:
            receiver(None, sessions=ended)
        except Exception:
            log.exception("told_badly", sessions=ended)


def end_all(work: Work, reason: str) -> None:
    """End everybody's sessions; open sockets of all processes follow within seconds."""
    work.session.execute(
        update(UserSession).where(UserSession.ended_at.is_(None)).values(ended_at=work.now, end_reason=reason)
    )


def forget_old(work: Work, most: int) -> int:
    """Delete at most `most` sessions that began KEPT ago; how many went."""
    return delete_some(work, UserSession, UserSession.created_at < work.now - KEPT, most)
