"""Who may open a socket (design §6): decided once, at the handshake."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask_jwt_extended import create_access_token
from socketio.exceptions import ConnectionRefusedError
from sqlalchemy import update

from bmu.accounts import sessions
from bmu.accounts.models import User
from bmu.changes.work import transaction
from bmu.extensions import socketio
from bmu.realtime import sockets
from bmu.realtime.listeners import listeners
from tests.conftest import STRANGER, Colleague

SignIn = Callable[[str], Colleague]


def opened(app: Flask, auth: Any = None, **kwargs: Any) -> bool:
    return bool(socketio.test_client(app, auth=auth, **kwargs).is_connected())


def test_an_access_token_opens_a_socket(app: Flask, sign_in: SignIn) -> None:
    assert opened(app, {"token": sign_in("AC00024").token})
    assert [one.actor.username for one in listeners.everyone()] == ["AC00024"]


def test_a_pages_cookie_opens_a_socket(app: Flask, sign_in: SignIn) -> None:
    assert opened(app, flask_test_client=sign_in("AC00024").browser())


def test_a_bearer_header_opens_a_socket(app: Flask, sign_in: SignIn) -> None:
    assert opened(app, headers={"Authorization": f"Bearer {sign_in('AC00024').token}"})


NONE = [None, {}, "x", [], 5, True, *({"token": one} for one in (None, "", 1, {"a": 1}, "\x00", "ก"))]
NONE += [{"token": "junk"}, {"token": "a.b.c"}, {"token": "x" * 10_000}]


@pytest.mark.parametrize("auth", NONE, ids=lambda auth: ascii(auth)[:20])
def test_without_a_token_of_ours_nobody_comes_in(app: Flask, auth: Any) -> None:
    assert not opened(app, auth)
    assert not listeners.everyone()


def test_a_refresh_token_opens_nothing(app: Flask, sign_in: SignIn) -> None:
    assert not opened(app, {"token": sign_in("AC00024").refresh_token})


def test_an_expired_token_opens_nothing(app: Flask, sign_in: SignIn) -> None:
    who = sign_in("AC00024")
    claims = {"sid": who.session, "csrf": who.csrf}
    with app.app_context():
        good = create_access_token(who.user_id, additional_claims=claims)
        old = create_access_token(who.user_id, additional_claims=claims, expires_delta=timedelta(seconds=-1))
    assert opened(app, {"token": good}) and not opened(app, {"token": old})


def test_a_token_of_somebody_else_s_session_opens_nothing(app: Flask, sign_in: SignIn) -> None:
    with app.app_context():
        mixed = create_access_token(sign_in(STRANGER).user_id, additional_claims={"sid": sign_in("AC00024").session})
    assert not opened(app, {"token": mixed})


def test_after_signing_out_the_token_opens_nothing(app: Flask, sign_in: SignIn) -> None:
    """TRAP: a token remained valid after logout (domain §14.1 14)."""
    who = sign_in("AC00024")
    assert who.call("POST", "/api/auth/logout").status_code == 200
    assert not opened(app, {"token": who.token})


@pytest.mark.parametrize("change", [{"status": "inactive"}, {"must_change_password": True}], ids=str)
def test_a_closed_account_opens_nothing(app: Flask, sign_in: SignIn, change: dict[str, Any]) -> None:
    who = sign_in("AC00024")
    with app.app_context(), transaction() as work:
        work.session.execute(update(User).where(User.id == who.user_id).values(change))
    assert not opened(app, {"token": who.token})


def test_a_bad_token_does_not_fall_back_to_a_good_cookie(app: Flask, sign_in: SignIn) -> None:
    assert not opened(app, {"token": "junk"}, flask_test_client=sign_in("AC00024").browser())


def test_an_idle_session_opens_nothing(app: Flask, sign_in: SignIn) -> None:
    who = sign_in("AC00024")
    with app.app_context(), transaction() as work:
        long_ago = work.now - timedelta(hours=3)
        work.session.execute(update(sessions.UserSession).values(seen_at=long_ago))
    assert not opened(app, {"token": who.token})


def test_the_refusal_says_why_in_the_persons_language(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Scripts read `error.data.code`: without it they would ask again for ever."""
    refusals: list[Any] = []
    monkeypatch.setattr(sockets, "ConnectionRefusedError", _noted(refusals))
    assert not opened(app, {"token": "junk"}, headers={"Cookie": "bmu_language=en"})
    [said] = refusals
    assert said["data"] == {"code": "unauthorized"}
    assert said["message"].isascii()


def _noted(refusals: list[Any]) -> Any:
    def make(*said: Any) -> Exception:
        error = ConnectionRefusedError(*said)
        refusals.append(error.error_args)
        return error

    return make


@pytest.mark.parametrize(
    ("origin", "welcome"),
    [
        ("http://localhost", True),
        ("https://localhost", False),
        ("http://evil.example", False),
        ("http://localhost.evil.example", False),
        ("https://other.example", True),
        ("null", False),
        ("", False),
    ],
)
def test_only_our_own_origin_and_those_of_the_configuration(origin: str, welcome: bool) -> None:
    allowed = sockets._origin_check(("https://other.example",))
    assert allowed(origin, {"HTTP_HOST": "localhost", "wsgi.url_scheme": "http"}) is welcome


def test_closing_forgets_the_socket(sign_in: SignIn) -> None:
    socket = sign_in("AC00024").listen(table="tax-status", view="month=2026-10")
    assert len(listeners.everyone()) == 1
    socket.disconnect()
    assert not listeners.everyone() and not listeners.hearing(["AC00024"])
