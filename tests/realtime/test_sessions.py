"""Signing out, closing an account, another role: open sockets are shown out within seconds (design §6)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import update

from bmu.accounts import service, sessions
from bmu.accounts.models import User
from bmu.changes.work import By, transaction
from bmu.realtime import tail
from bmu.realtime.listeners import listeners
from tests.conftest import STRANGER, Colleague, events

SignIn = Callable[[str], Colleague]
EXPIRED = "auth:expired"


@pytest.fixture
def check(app: Flask) -> Callable[[], None]:
    """What the doorkeeper does every two seconds."""

    def run() -> None:
        with app.app_context():
            tail.check_sessions()

    return run


def reasons(socket: Any) -> list[str]:
    return [data["reason"] for name, data in events(socket) if name == EXPIRED]


def test_every_few_seconds() -> None:
    assert tail.CHECK_EVERY < 5


def test_who_may_stay_stays(sign_in: SignIn, check: Any, touch: Any) -> None:
    socket = sign_in("AC00024").listen()
    check()
    touch()
    assert [name for name, _ in events(socket)] == ["monthly-tax-data:updated"]


def test_signing_out_closes_all_sockets_of_the_session_at_once(sign_in: SignIn, touch: Any) -> None:
    """TRAP: who had signed out kept hearing (domain §14.1 14)."""
    hers = [sign_in("AC00024").listen(), sign_in("AC00024").listen(table="tax-status")]
    other = sign_in("AC00008").listen()
    assert sign_in("AC00024").call("POST", "/api/auth/logout").status_code == 200
    assert [reasons(socket) for socket in hers] == [["signed_out"]] * 2
    touch()
    assert not any(socket.is_connected() or events(socket) for socket in hers)
    assert len(events(other)) == 1


def test_another_session_of_the_same_person_goes_on(app: Flask, sign_in: SignIn, touch: Any) -> None:
    here, there = sign_in("AC00024").listen(), Colleague(app, "AC00024").listen()
    sign_in("AC00024").call("POST", "/api/auth/logout")
    touch()
    assert (here.is_connected(), len(events(there))) == (False, 1)


def test_an_account_closed_elsewhere_is_shown_out(app: Flask, sign_in: SignIn, check: Any, touch: Any) -> None:
    """By another process: only the database tells."""
    socket = sign_in("AC00024").listen()
    with app.app_context(), transaction() as work:
        work.session.execute(update(User).where(User.username == "AC00024").values(status="inactive"))
    check()
    assert reasons(socket) == ["signed_out"]
    touch()
    assert not socket.is_connected() and not events(socket)


def test_closing_an_account_here_closes_its_sockets(app: Flask, sign_in: SignIn) -> None:
    socket = sign_in("AC00024").listen()
    with app.app_context():
        service.disable(By("admin"), "AC00024")
    assert reasons(socket) == ["signed_out"]


def test_a_session_ended_elsewhere_is_shown_out(app: Flask, sign_in: SignIn, check: Any) -> None:
    socket = sign_in("AC00024").listen()
    with app.app_context(), transaction() as work:
        work.session.execute(update(sessions.UserSession).values(ended_at=work.now))
    check()
    assert reasons(socket) == ["signed_out"]


def test_an_idle_session_is_shown_out(app: Flask, sign_in: SignIn, check: Any) -> None:
    socket = sign_in("AC00024").listen()
    with app.app_context(), transaction() as work:
        long_ago = work.now - timedelta(hours=3)
        work.session.execute(update(sessions.UserSession).values(seen_at=long_ago))
    check()
    assert reasons(socket) == ["signed_out"]


@pytest.mark.parametrize("change", [{"role": "service"}, {"employee_id": STRANGER}], ids=str)
def test_another_role_takes_effect_on_open_sockets(
    app: Flask, sign_in: SignIn, check: Any, touch: Any, change: dict[str, str]
) -> None:
    """TRAP: a role change took effect only at the next sign-in (domain §14.1 14)."""
    socket = sign_in("AC00008").listen(employeeId="*")
    with app.app_context(), transaction() as work:
        work.session.execute(update(User).where(User.username == STRANGER).values(employee_id=None))
        work.session.execute(update(User).where(User.username == "AC00008").values(change))
    check()
    assert reasons(socket) == ["role_changed"]
    touch()
    assert not events(socket) and not listeners.everyone()


def test_a_token_that_ran_out_is_shown_out(sign_in: SignIn, check: Any) -> None:
    socket = sign_in("AC00024").listen()
    [listener] = listeners.everyone()
    listener.expires_at -= timedelta(hours=1)
    check()
    assert reasons(socket) == ["expired"]


def test_one_who_is_shown_out_takes_nobody_along(app: Flask, sign_in: SignIn, check: Any, touch: Any) -> None:
    out, stay = sign_in("AC00024").listen(), sign_in("AC00008").listen()
    with app.app_context(), transaction() as work:
        work.session.execute(update(User).where(User.username == "AC00024").values(status="inactive"))
    check()
    touch()
    assert (out.is_connected(), len(events(stay))) == (False, 1)


def test_with_nobody_there_nothing_is_asked(app: Flask, check: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_sessions: Any) -> Any:
        raise AssertionError("asked the database for nobody")

    monkeypatch.setattr(tail.access, "still_good", fail)
    check()
