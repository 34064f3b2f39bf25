"""`flask user`: the same verbs from the command line."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from tests.accounts.cast import Browser, user_of


def run(app: Flask, *words: str) -> Any:
    return app.test_cli_runner().invoke(args=["user", *words])


def test_create_prints_a_password_that_works_once_and_must_be_changed(app: Flask, visitor: Browser) -> None:
    done = run(app, "create", "AC00099", "--role", "service", "--employee", "AC00099", "--first-name", "มานี")
    assert done.exit_code == 0, done.output
    user = visitor.tokens("AC00099", done.output.splitlines()[-1])["user"]
    assert (user["name"], user["must_change_password"]) == ("มานี", True)


def test_password_prints_a_new_one_and_ends_sessions(app: Flask, visitor: Browser) -> None:
    token = visitor.tokens()["access_token"]
    done = run(app, "password", "AC00024")
    assert visitor.call(token).status_code == 401
    assert visitor.login(password=done.output.splitlines()[-1]).status_code == 200


def test_disable_and_enable(app: Flask, visitor: Browser) -> None:
    visitor.tokens()
    assert run(app, "disable", "AC00024").exit_code == 0
    assert visitor.login().status_code == 403
    assert run(app, "enable", "AC00024").exit_code == 0
    assert visitor.login().status_code == 200


def test_role(app: Flask) -> None:
    assert run(app, "role", "AC00024", "audit").exit_code == 0
    assert user_of(app).role == "audit"


def test_list_names_everybody_and_no_hash(app: Flask) -> None:
    listed = run(app, "list").output
    assert all(name in listed for name in ("AC00024", "admin", "วิภา(ภา)", "service"))
    assert "argon2" not in listed


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["disable", "nobody"], 1),
        (["disable", "admin"], 1),
        (["create", "AC00024", "--role", "service"], 1),
        (["create", "สมชาย", "--role", "service"], 1),
        (["create", "new", "--role", "king"], 2),
        (["create", "new", "--role", "hr", "--first-name", "มานี"], 2),
        (["create"], 2),
    ],
)
def test_a_refusal_has_an_exit_code_and_a_reason(app: Flask, words: list[str], code: int) -> None:
    done = run(app, *words)
    assert done.exit_code == code
    assert "Error: " in done.output and "Traceback" not in done.output
