"""Signing in and out for programs."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from tests.accounts.cast import PASSWORD, Browser, session_of, user_of

NEW = "แมวสามตัวกินปลา"


def change(visitor: Browser, token: str, current: str = PASSWORD, new: str = NEW) -> Any:
    body = {"current_password": current, "new_password": new}
    return visitor.call(token, "/api/auth/change-password", "POST", json=body)


def test_signing_in_sets_no_token_cookies(visitor: Browser) -> None:
    assert visitor.login().status_code == 200
    assert visitor.access == visitor.refresh == ""
    assert visitor.cookie("bmu_device")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"username": "AC00024"}, "password"),
        ({"username": "AC00024", "password": 7}, "password"),
        ({"username": "AC00024", "password": "x", "admin": True}, "admin"),
        ({"username": "x" * 201, "password": "x"}, "username"),
    ],
)
def test_a_body_of_another_shape_is_refused_by_field(visitor: Browser, body: dict[str, Any], field: str) -> None:
    answer = visitor.client.post("/api/auth/login", json=body)
    assert answer.status_code == 422
    assert list(answer.get_json()["errors"]) == [field]


def test_broken_json_and_forms_are_refused(visitor: Browser) -> None:
    broken = visitor.client.post("/api/auth/login", data="{", content_type="application/json")
    assert broken.status_code == 400
    assert visitor.post("/api/auth/login", {"username": "AC00024", "password": PASSWORD}).status_code == 415


def test_me_is_who_asks(visitor: Browser) -> None:
    tokens = visitor.tokens("admin")
    me = visitor.call(tokens["access_token"], "/api/auth/me").get_json()["data"]
    assert me == tokens["user"]
    assert (me["username"], me["employee_id"], me["role"]) == ("admin", "AC00001", "admin")


def test_logout_voids_both_tokens(app: Flask, visitor: Browser) -> None:
    tokens = visitor.tokens()
    assert visitor.call(tokens["access_token"], "/api/auth/logout", "POST").status_code == 200
    assert visitor.call(tokens["access_token"]).status_code == 401
    assert visitor.call(tokens["refresh_token"], "/api/auth/refresh", "POST").status_code == 401
    assert session_of(app).end_reason == "logout"


def test_logout_by_cookie_clears_the_cookies(signed_in: Browser) -> None:
    assert signed_in.post("/api/auth/logout").status_code == 403
    answer = signed_in.post("/api/auth/logout", headers={"X-CSRF-TOKEN": signed_in.csrf})
    assert answer.status_code == 200
    assert signed_in.access == signed_in.refresh == signed_in.csrf == ""


def test_a_new_password_ends_the_other_sessions_and_keeps_this_one(app: Flask, visitor: Browser) -> None:
    other, mine = Browser(app).tokens(), visitor.tokens()
    fresh = change(visitor, mine["access_token"]).get_json()["data"]
    assert visitor.call(other["access_token"]).status_code == 401
    assert visitor.call(fresh["access_token"]).status_code == 200
    assert visitor.call(mine["refresh_token"], "/api/auth/refresh", "POST").status_code == 401
    assert visitor.login().status_code == 401
    assert visitor.login(password=NEW).status_code == 200


def test_a_new_password_by_cookie_keeps_the_browser_signed_in(signed_in: Browser) -> None:
    body = {"current_password": PASSWORD, "new_password": NEW}
    headers = {"X-CSRF-TOKEN": signed_in.csrf}
    answer = signed_in.client.post("/api/auth/change-password", json=body, headers=headers)
    assert list(answer.get_json()["data"]) == ["expires_in"]
    assert signed_in.get("/api/door").status_code == 200
    assert signed_in.post("/api/auth/refresh", headers={"X-CSRF-TOKEN": signed_in.csrf}).status_code == 200


@pytest.mark.parametrize(
    ("current", "new", "field"),
    [
        ("wrong", NEW, "current_password"),
        (PASSWORD, "short", "new_password"),
        (PASSWORD, "password123", "new_password"),
        (PASSWORD, PASSWORD, "new_password"),
    ],
)
def test_a_poor_change_is_refused_at_its_field(visitor: Browser, current: str, new: str, field: str) -> None:
    token = visitor.tokens()["access_token"]
    answer = change(visitor, token, current, new)
    assert answer.status_code == 422
    assert list(answer.get_json()["errors"]) == [field]
    assert visitor.login().status_code == 200


def test_guessing_the_current_password_gets_slow(visitor: Browser) -> None:
    token = visitor.tokens()["access_token"]
    for _ in range(5):
        assert change(visitor, token, "guess").status_code == 422
    assert change(visitor, token, "guess").status_code == 429
    assert visitor.login().status_code == 200


def test_poor_new_passwords_are_not_guesses(visitor: Browser) -> None:
    token = visitor.tokens()["access_token"]
    assert {change(visitor, token, new="short").status_code for _ in range(7)} == {422}


def test_no_hash_and_no_password_reaches_the_log(
    app: Flask, visitor: Browser, capsys: pytest.CaptureFixture[str]
) -> None:
    from bmu.changes.models import ChangeLog
    from bmu.extensions import db

    change(visitor, visitor.tokens()["access_token"])
    with app.app_context():
        line = db.session.query(ChangeLog).order_by(ChangeLog.seq.desc()).first()
        assert line.action == "password" and "password_hash" not in line.fields
        assert "argon2" not in str(line.fields)
    said = capsys.readouterr().out
    assert "commit" in said and PASSWORD not in said and NEW not in said and "argon2" not in said


def test_a_language_is_kept_and_spoken(app: Flask, visitor: Browser) -> None:
    token = visitor.tokens()["access_token"]
    answer = visitor.call(token, "/api/auth/language", "PUT", json={"language": "en"})
    assert answer.get_json()["data"] == {"language": "en"}
    assert user_of(app).language == "en"
    assert visitor.call(token, "/api/auth/language", "PUT", json={"language": "de"}).status_code == 422
