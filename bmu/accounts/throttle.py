"""Slows down guessing of passwords, without a way to lock a colleague out (ASVS 6.3.1).

A try counts against a bucket: a known device of the account; or else the account as tried from that network, and
that network over all accounts. So a stranger's failures delay strangers at the same place, never somebody at a
device that has signed in before, nor somebody elsewhere.
"""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

import structlog
from flask_babel import gettext
from sqlalchemy import ColumnElement, delete, func, select, update

from bmu.accounts.models import KnownDevice, SignInAttempt
from bmu.accounts.rules import FREE_TRIES_OF_ADDRESS, delay, network
from bmu.changes.work import Work, delete_some, transaction
from bmu.errors import TooMany
from bmu.extensions import db

log = structlog.get_logger(__name__)
PENDING, REFUSED, INACTIVE, DONE = "pending", "refused", "inactive", "done"
DEVICE_SECONDS = 400 * 24 * 3600  # the longest that browsers keep a cookie
# How many tries of a bucket with no failure may be under way, and after how long one of them counts as a failure.
_AT_ONCE, _ABANDONED = 50, timedelta(seconds=30)
_MEMORY = timedelta(days=1)
_MEMORY_OF_ADDRESS = timedelta(hours=1)
_KEPT = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Caller:
    """Where a try comes from. `device`: the secret of the browser's device cookie, "" without one."""

    address: str = ""
    agent: str = ""
    device: str = ""


@dataclass(frozen=True, slots=True)
class Try:
    """What a try counts against; `network` is "" when it counts against no address."""

    bucket: str
    network: str
    address: str
    username: str


def sign_in_try(typed: str, user_id: str | None, caller: Caller) -> Try:
    """A try to sign in as `typed` (`user_id`: the account of that name, if there is one)."""
    known_name = typed if user_id else ""
    if user_id and _is_known(user_id, caller.device):
        return Try(f"device:{_hash(user_id + caller.device)}", "", caller.address, known_name)
    place = network(caller.address)
    return Try(f"account:{_hash(typed.lower())}@{place}", place, caller.address, known_name)


def password_try(session_id: str | None, username: str, address: str) -> Try:
    """A try of the current password by somebody signed in; by session, so that a stolen one delays nobody else."""
    return Try(f"password:{session_id}", "", address, username)


def admit(attempt: Try) -> str:
    """Let a try through and note it; answer its id, for `settle` or `refuse`. Raises TooMany with the seconds to wait.

    It is noted before the password is looked at, so that a thousand tries at once are a thousand tries.
    """
    with transaction() as work:
        _one_at_a_time(work, attempt.network or attempt.bucket)
        wait = _wait(work, attempt)
        attempt_id = _note(work, attempt) if not wait else ""
    if wait:
        log.warning("sign_in_refused", reason="throttled", user=attempt.username, address=attempt.address, wait=wait)
        raise TooMany(wait, gettext("ลองผิดหลายครั้งแล้ว กรุณารอ %(wait)s แล้วลองใหม่", wait=in_words(wait)))
    return attempt_id


def settle(work: Work, attempt_id: str) -> None:
    """Write down, with what it opened, that a try succeeded: it forgives the failures of its bucket."""
    _end(work, attempt_id, DONE)


def refuse(attempt_id: str, outcome: str = REFUSED) -> None:
    """Write down that a try failed."""
    with transaction() as work:
        _end(work, attempt_id, outcome)


def _end(work: Work, attempt_id: str, outcome: str) -> None:
    work.session.execute(update(SignInAttempt).where(SignInAttempt.id == attempt_id).values(outcome=outcome))


def in_words(seconds: int) -> str:
    """How long to wait, for a person: seconds below a minute, then minutes rounded up."""
    if seconds < 60:
        return gettext("%(count)s วินาที", count=seconds)
    return gettext("%(count)s นาที", count=ceil(seconds / 60))


def remember_device(work: Work, user_id: str, device: str) -> None:
    """Know a device by which its user has signed in. Only the hash of its secret is kept."""
    key = (user_id, _hash(device))
    known = work.session.get(KnownDevice, key)
    if known is None:
        known = KnownDevice(user_id=user_id, device_hash=key[1])
        work.session.add(known)
    known.seen_at = work.now


def forget_devices(work: Work, user_id: str) -> None:
    """Make strangers of all devices of a user."""
    work.session.execute(delete(KnownDevice).where(KnownDevice.user_id == user_id))


def forget_old_tries(work: Work, most: int) -> int:
    """Delete at most `most` tries that are too old to matter; how many went."""
    return delete_some(work, SignInAttempt, SignInAttempt.at < work.now - _KEPT, most)


def forget_old_devices(work: Work, most: int) -> int:
    """Delete at most `most` devices whose cookie no browser keeps any more; how many went."""
    long_gone = work.now - timedelta(seconds=DEVICE_SECONDS)
    return delete_some(work, KnownDevice, KnownDevice.seen_at < long_gone, most)


def _is_known(user_id: str, device: str) -> bool:
    return bool(device) and db.session.get(KnownDevice, (user_id, _hash(device))) is not None


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


def _one_at_a_time(work: Work, key: str) -> None:
    # SQLite has one writer anyway. On PostgreSQL two tries could each miss the other's count.
    if work.session.get_bind().dialect.name == "postgresql":
        work.session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(key, 0))))


def _note(work: Work, attempt: Try) -> str:
    row = SignInAttempt(
        id=str(uuid.uuid4()),
        at=work.now,
        username=attempt.username,
        address=attempt.address[:45],
        bucket=attempt.bucket,
        network=attempt.network,
        outcome=PENDING,
    )
    work.session.add(row)
    return row.id


def _wait(work: Work, attempt: Try) -> int:
    """Seconds until a try is heard; 0 when it is heard now."""
    wait = _wait_of_bucket(work, attempt.bucket)
    if attempt.network:
        wait = max(wait, _wait_of_network(work, attempt.network))
    return wait


def _wait_of_bucket(work: Work, bucket: str) -> int:
    """By the failures of a day since the bucket was last let in. After a first failure, what is under way counts as
    failed too: guesses sent side by side gain nothing."""
    mine = (SignInAttempt.bucket == bucket) & (SignInAttempt.at > work.now - _MEMORY)
    let_in = select(func.max(SignInAttempt.at)).where(mine, SignInAttempt.outcome == DONE).scalar_subquery()
    mine &= SignInAttempt.at > func.coalesce(let_in, work.now - _MEMORY)
    under_way = (SignInAttempt.outcome == PENDING) & (SignInAttempt.at > work.now - _ABANDONED)
    failures, last_failure = _count(work, mine & (SignInAttempt.outcome != DONE) & ~under_way)
    running, last_start = _count(work, mine & under_way)
    if not failures:
        return 1 if running >= _AT_ONCE else 0
    return _left(work, delay(failures + running), last_failure, last_start)


def _wait_of_network(work: Work, place: str) -> int:
    """By the failures of an hour. A success does not wash a network clean: one's own account would do for that."""
    here = (SignInAttempt.network == place) & (SignInAttempt.at > work.now - _MEMORY_OF_ADDRESS)
    failures, last = _count(work, here & SignInAttempt.outcome.in_((REFUSED, INACTIVE)))
    return _left(work, delay(failures, FREE_TRIES_OF_ADDRESS), last)


def _count(work: Work, which: ColumnElement[bool]) -> tuple[int, datetime | None]:
    """How many tries there are, and when the last of them was."""
    count, last = work.session.execute(select(func.count(), func.max(SignInAttempt.at)).where(which)).one()
    return count, last


def _left(work: Work, seconds: int, *since: datetime | None) -> int:
    """What is left of a delay since the latest of some times."""
    latest = max((time for time in since if time), default=work.now)
    return max(0, ceil((latest + timedelta(seconds=seconds) - work.now).total_seconds())) if seconds else 0
