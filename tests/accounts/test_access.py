"""Every door: pages, API and sockets refuse whom they must, and know whom they let in."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import timedelta

import jwt as pyjwt
import pytest
from flask import Flask
from structlog.testing import capture_logs

from bmu.accounts import access, sessions
from bmu.errors import Unauthorized
from tests.accounts.cast import Browser, ago, forged, session_of, set_session, set_user, user_of

Spoil = Callable[[Flask, dict[str, str]], str]


def other_key(app: Flask, tokens: dict[str, str]) -> str:
    claims = pyjwt.decode(tokens["access_token"], options={"verify_signature": False})
    return pyjwt.encode(claims, "another key that is long enough to sign")


def without_signature(app: Flask, tokens: dict[str, str]) -> str:
    claims = pyjwt.decode(tokens["access_token"], options={"verify_signature": False})
    return pyjwt.encode(claims, None, "none")


def after_logout(app: Flask, tokens: dict[str, str]) -> str:
    Browser(app).call(tokens["access_token"], "/api/auth/logout", "POST")
    return tokens["access_token"]


def with_user(**values: str) -> Spoil:
    def spoil(app: Flask, tokens: dict[str, str]) -> str:
        set_user(app, **values)
        return tokens["access_token"]

    return spoil


def with_session(**spans: float) -> Spoil:
    def spoil(app: Flask, tokens: dict[str, str]) -> str:
        set_session(app, created_at=ago(**spans), seen_at=ago(**spans))
        return tokens["access_token"]

    return spoil


BAD: dict[str, Spoil] = {
    "junk": lambda app, tokens: "junk",
    "three parts of junk": lambda app, tokens: "a.b.c",
    "not even text of ours": lambda app, tokens: "é.é.é",
    "a refresh token": lambda app, tokens: tokens["refresh_token"],
    "expired": lambda app, tokens: forged(app, expires=timedelta(seconds=-1)),
    "another key": other_key,
    "no signature": without_signature,
    "another audience": lambda app, tokens: forged(app, aud="others"),
    "another issuer": lambda app, tokens: forged(app, iss="others"),
    "an unknown session": lambda app, tokens: forged(app, sid=str(uuid.uuid4())),
    "no session": lambda app, tokens: forged(app, sid=None),
    "another user's session": lambda app, tokens: forged(app, sub=user_of(app, "admin").id),
    "logged out": after_logout,
    "inactive user": with_user(status="inactive"),
    "idle for too long": with_session(hours=2, seconds=1),
    "too old": with_session(hours=14, seconds=1),
}
each_bad_token = pytest.mark.parametrize("spoil", BAD.values(), ids=BAD.keys())


@each_bad_token
def test_the_api_refuses(app: Flask, visitor: Browser, spoil: Spoil) -> None:
    tokens = visitor.tokens()
    assert visitor.call(tokens["access_token"]).status_code == 200
    answer = visitor.call(spoil(app, tokens).encode().decode("latin-1"))
    assert answer.status_code == 401
    assert answer.get_json()["success"] is False
    assert answer.headers["WWW-Authenticate"] == "Bearer"


@each_bad_token
def test_a_page_sends_to_the_sign_in(app: Flask, visitor: Browser, spoil: Spoil) -> None:
    visitor.client.set_cookie("access_token_cookie", spoil(app, visitor.tokens()))
    answer = visitor.get("/door/tax-status?month=2026-10", follow_redirects=True)
    assert (answer.status_code, answer.request.path) == (200, "/login")
    assert answer.request.args["next"] == "/door/tax-status?month=2026-10"


@each_bad_token
def test_a_socket_is_refused(app: Flask, visitor: Browser, spoil: Spoil) -> None:
    tokens = visitor.tokens()
    with app.test_request_context():
        assert access.authenticate_socket(tokens["access_token"]).actor.username == "AC00024"
    token = spoil(app, tokens)
    with app.test_request_context(), pytest.raises(Unauthorized):
        access.authenticate_socket(token)


def test_a_visitor_is_refused_at_every_door(app: Flask, visitor: Browser) -> None:
    assert visitor.get("/api/door").status_code == 401
    assert visitor.post("/api/door").status_code == 401
    assert visitor.client.options("/api/door").status_code == 401
    assert visitor.get("/door/tax-status").headers["Location"] == "/login?next=/door/tax-status"
    with app.test_request_context(), pytest.raises(Unauthorized):
        access.authenticate_socket(None)


@pytest.mark.parametrize("token", ["", "\ud800", 7, {}, ["x"]])
def test_a_socket_that_sends_no_token_at_all_is_refused(app: Flask, token: object) -> None:
    with app.test_request_context(), pytest.raises(Unauthorized):
        access.authenticate_socket(token)  # type: ignore[arg-type]


def test_a_socket_is_known_by_the_cookie_or_header_of_its_handshake(app: Flask, visitor: Browser) -> None:
    token = visitor.tokens()["access_token"]
    for headers in ({"Cookie": f"access_token_cookie={token}"}, {"Authorization": f"Bearer {token}"}):
        with app.test_request_context(headers=headers):
            found = access.authenticate_socket(None)
        assert (found.actor.name, found.session_id) == ("วิภา(ภา)", session_of(app).id)
        assert ago() < found.expires_at < ago(minutes=-31)


def test_a_socket_given_a_bad_token_is_not_saved_by_its_cookie(app: Flask, visitor: Browser) -> None:
    cookie = f"access_token_cookie={visitor.tokens()['access_token']}"
    with app.test_request_context(headers={"Cookie": cookie}), pytest.raises(Unauthorized):
        access.authenticate_socket("junk")


def test_a_role_opens_its_page_and_no_other(signed_in: Browser) -> None:
    assert signed_in.get("/door/tax-status").text == "AC00024"
    with capture_logs() as logs:
        assert signed_in.get("/door/tax-inspection").status_code == 403
    assert [line["reason"] for line in logs if line["event"] == "access_refused"] == ["role"]


def test_another_role_counts_from_the_next_request(app: Flask, signed_in: Browser) -> None:
    assert signed_in.get("/door/tax-inspection").status_code == 403
    set_user(app, role="audit")
    assert signed_in.get("/door/tax-inspection").status_code == 200
    set_user(app, role="hr")
    assert signed_in.get("/door/tax-status").status_code == 403


def test_cookies_need_the_csrf_value_to_write(signed_in: Browser) -> None:
    assert signed_in.get("/api/door").status_code == 200
    with capture_logs() as logs:
        answer = signed_in.post("/api/door")
    assert (answer.status_code, answer.get_json()["code"]) == (403, "csrf_failed")
    assert any(line.get("reason") == "csrf" for line in logs)


@pytest.mark.parametrize("value", ["", "wrong", "ผิด", "6f0c2a3e-5d1b-4c1f-9a57-0d6a3b1e8c42"])
def test_a_wrong_csrf_value_is_refused(signed_in: Browser, value: str) -> None:
    header = {"X-CSRF-TOKEN": value.encode().decode("latin-1")}
    assert signed_in.post("/api/door", headers=header).status_code in (401, 403)
    assert signed_in.post("/door/tax-status", {"csrf_token": value}).status_code in (302, 403)


def test_the_right_csrf_value_is_heard_in_a_header_and_in_a_form(signed_in: Browser) -> None:
    assert signed_in.post("/api/door", headers={"X-CSRF-TOKEN": signed_in.csrf}).status_code == 200
    assert signed_in.post("/door/tax-status", {"csrf_token": signed_in.csrf}).status_code == 200


def test_a_bearer_needs_no_csrf_value(visitor: Browser) -> None:
    assert visitor.call(visitor.tokens()["access_token"], method="POST").status_code == 200


def test_another_persons_csrf_value_is_refused(app: Flask, signed_in: Browser) -> None:
    other = Browser(app)
    other.sign_in("AC00040")
    assert other.csrf != signed_in.csrf
    assert signed_in.post("/api/door", headers={"X-CSRF-TOKEN": other.csrf}).status_code == 403


def test_nothing_is_parsed_for_whom_we_do_not_know(visitor: Browser) -> None:
    answer = visitor.client.post("/api/auth/change-password", data="{", content_type="application/json")
    assert answer.status_code == 401


def test_who_must_change_the_password_reaches_nothing_else(app: Flask, visitor: Browser) -> None:
    set_user(app, must_change_password=True)
    assert visitor.sign_in().headers["Location"] == "/account"
    assert visitor.get("/door/tax-status").headers["Location"] == "/account"
    answer = visitor.get("/api/door")
    assert (answer.status_code, answer.get_json()["code"]) == (403, "password_change_required")
    with app.test_request_context(), pytest.raises(Unauthorized):
        access.authenticate_socket(visitor.access)
    assert visitor.get("/account").status_code == 200
    assert visitor.get("/api/auth/me").get_json()["data"]["must_change_password"] is True


def test_every_request_asks_the_database_once(app: Flask, signed_in: Browser) -> None:
    from sqlalchemy import event

    from bmu.extensions import db

    asked: list[str] = []
    with app.app_context():
        event.listen(db.engine, "before_cursor_execute", lambda *args: asked.append(args[2]))
    assert signed_in.get("/api/door").status_code == 200
    assert len([one for one in asked if one.startswith("SELECT")]) == 1


def test_the_reaper_learns_in_one_go_who_is_still_good(app: Flask, visitor: Browser) -> None:
    visitor.tokens("AC00024")
    visitor.tokens("AC00008")
    mine, theirs = session_of(app).id, session_of(app, "AC00008").id
    set_user(app, "AC00008", role="service")
    with app.app_context():
        good = access.still_good([mine, theirs, "no such session"])
        assert {one: actor.role for one, actor in good.items()} == {mine: "service", theirs: "service"}
        sessions.end_sessions(user_of(app).id, "logout")
        assert set(access.still_good([mine, theirs])) == {theirs}
        assert access.still_good([]) == {}


def test_the_language_a_person_chose_is_the_language_of_errors(app: Flask, signed_in: Browser) -> None:
    set_user(app, language="en")
    assert 'lang="en"' in signed_in.get("/account").text
    set_user(app, language="th")
    assert 'lang="th"' in signed_in.get("/account").text


def test_a_later_request_does_not_inherit_who_asked_before(app: Flask, signed_in: Browser) -> None:
    with app.app_context():
        assert signed_in.get("/api/door").status_code == 200
        assert Browser(app).get("/api/door").status_code == 401
