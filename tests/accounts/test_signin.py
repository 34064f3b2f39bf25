"""Name and password to a session."""

from __future__ import annotations

import pytest
from argon2 import PasswordHasher
from flask import Flask

from bmu.accounts import passwords
from tests.accounts.cast import PASSWORD, Browser, ago, session_of, set_user, user_of


def test_the_right_password_opens_a_session(app: Flask, visitor: Browser) -> None:
    data = visitor.tokens()
    assert data["user"] == {
        "id": user_of(app).id,
        "username": "AC00024",
        "employee_id": "AC00024",
        "name": "วิภา(ภา)",
        "role": "service",
        "language": None,
        "pages": ["tax-status"],
        "must_change_password": False,
    }
    assert data["expires_in"] == pytest.approx(1800, abs=5)
    assert session_of(app).address == "10.0.0.1"
    assert user_of(app).last_login_at > ago(minutes=1)


@pytest.mark.parametrize("typed", ["ac00024", " AC00024 "])
def test_the_case_of_a_user_name_does_not_matter(visitor: Browser, typed: str) -> None:
    assert visitor.tokens(typed)["user"]["username"] == "AC00024"


def test_an_unknown_user_is_answered_like_a_wrong_password(visitor: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    looked_at: list[str] = []
    real = passwords.verify
    monkeypatch.setattr(passwords, "verify", lambda hashed, text: looked_at.append(hashed) or real(hashed, text))
    wrong = visitor.login("AC00024", "wrong")
    unknown = visitor.login("AC99999", "wrong")
    strange = visitor.login("ใครก็ไม่รู้", "wrong")
    assert wrong.status_code == unknown.status_code == strange.status_code == 401
    assert wrong.get_json() == unknown.get_json() == strange.get_json()
    assert len(looked_at) == 3 and looked_at[1] == looked_at[2] == passwords.NOBODY


@pytest.mark.parametrize("name", [r"\ud800", r"\u0000", r"%", r"' or 1=1 --"])
def test_strange_names_are_simply_wrong(visitor: Browser, name: str) -> None:
    body = f'{{"username": "{name}", "password": "x"}}'
    answer = visitor.client.post("/api/auth/login", data=body, content_type="application/json")
    assert answer.status_code == (422 if "ud800" in name else 401)


def test_an_unknown_user_has_to_wait_like_any_other(visitor: Browser) -> None:
    for _ in range(5):
        assert visitor.login("AC99999", "wrong").status_code == 401
    assert visitor.login("AC99999", "wrong").status_code == 429


def test_a_disabled_account_is_told_so_only_with_the_right_password(app: Flask, visitor: Browser) -> None:
    set_user(app, status="inactive")
    assert visitor.login(password="wrong").status_code == 401
    answer = visitor.login()
    assert answer.status_code == 403
    assert "ผู้ดูแลระบบ" in answer.get_json()["message"]


def test_a_hash_of_older_parameters_is_renewed_at_sign_in(app: Flask, visitor: Browser) -> None:
    set_user(app, password_hash=PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1).hash(PASSWORD))
    visitor.tokens()
    assert not passwords.outdated(user_of(app).password_hash)
    assert visitor.login().status_code == 200


def test_a_password_changed_while_it_was_looked_at_lets_nobody_in(
    app: Flask, visitor: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slow(hashed: str, text: str) -> bool:
        set_user(app, password_hash="another")
        return True

    monkeypatch.setattr(passwords, "verify", slow)
    assert visitor.login().status_code == 401


def test_every_sign_in_is_a_session_of_its_own(app: Flask, visitor: Browser) -> None:
    first, second = visitor.tokens(), Browser(app).tokens()
    assert visitor.call(first["access_token"], "/api/auth/logout", "POST").status_code == 200
    assert visitor.call(first["access_token"]).status_code == 401
    assert visitor.call(second["access_token"]).status_code == 200
