"""What goes wrong is told in one shape, in the person's language, and without the house's secrets."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.exc import OperationalError

from bmu.errors import Conflict, DeskError, Forbidden, Invalid, NotFound, TooMany
from bmu.monthly_tax import queries
from tests.conftest import Colleague
from tests.databases import sqlite_only

SignIn = Callable[[str], Colleague]


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/api/nothing", 404, "not_found"),
        ("POST", "/api/nothing", 404, "not_found"),
        ("DELETE", "/api/monthly-tax-data", 405, "method_not_allowed"),
        ("PUT", "/api/auth/login", 405, "method_not_allowed"),
    ],
)
def test_the_api_answers_in_its_envelope(app: Flask, method: str, path: str, status: int, code: str) -> None:
    answer = app.test_client().open(path, method=method)
    assert (answer.status_code, answer.mimetype) == (status, "application/json")
    assert answer.json["success"] is False and answer.json["code"] == code
    assert set(answer.json) == {"success", "message", "code"}
    assert any("ก" <= sign <= "๛" for sign in answer.json["message"])


def test_405_says_what_is_allowed(app: Flask) -> None:
    assert app.test_client().delete("/login").headers["Allow"]


def test_a_page_is_told_as_a_page_with_a_way_back(app: Flask, sign_in: SignIn) -> None:
    answer = sign_in("AC00024").get("/nothing/here")
    assert (answer.status_code, answer.mimetype) == (404, "text/html")
    assert 'href="/"' in answer.text


def test_who_asks_a_page_for_json_is_told_in_json(app: Flask) -> None:
    answer = app.test_client().get("/nothing/here", headers={"Accept": "application/json"})
    assert (answer.status_code, answer.json["code"]) == (404, "not_found")


def test_messages_follow_the_language(app: Flask) -> None:
    client = app.test_client()
    client.set_cookie("bmu_language", "en")
    assert client.get("/api/nothing").json["message"].isascii()


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> Callable[[Exception], None]:
    """Makes reading a record fail."""

    def fail_with(error: Exception) -> None:
        def fail(*_: Any) -> Any:
            raise error

        monkeypatch.setattr(queries, "record", fail)

    return fail_with


def test_a_fault_of_ours_says_a_number_and_nothing_else(
    sign_in: SignIn, record: dict[str, Any], broken: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    broken(ZeroDivisionError("the secret recipe"))
    answer = sign_in("AC00024").get(record["id"])
    assert (answer.status_code, answer.json["code"]) == (500, "error")
    assert answer.json["reference"] == answer.headers["X-Request-ID"]
    assert "secret" not in answer.text and "Traceback" not in answer.text and "Zero" not in answer.text
    logged = [line for line in capsys.readouterr().out.splitlines() if answer.json["reference"] in line]
    assert any("the secret recipe" in line and "Traceback" in line for line in logged)


def test_a_fault_on_a_page_says_the_number_too(sign_in: SignIn, broken: Any) -> None:
    from tests.conftest import MONTH

    broken(ZeroDivisionError("the secret recipe"))
    answer = sign_in("AC00024").get(f"/tax-status/018/{MONTH}")
    assert (answer.status_code, answer.mimetype) == (500, "text/html")
    assert answer.headers["X-Request-ID"] in answer.text and "secret" not in answer.text


def test_a_database_that_is_away_is_503(sign_in: SignIn, record: dict[str, Any], broken: Any) -> None:
    broken(OperationalError("SELECT 1", None, Exception("the server closed the connection")))
    answer = sign_in("AC00024").get(record["id"])
    assert (answer.status_code, answer.json["code"]) == (503, "unavailable")
    assert "SELECT" not in answer.text


@sqlite_only
def test_a_busy_database_is_503_and_the_save_may_come_again(
    app: Flask, sign_in: SignIn, record: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    import sqlite3

    from bmu import database

    who = sign_in("AC00024")
    monkeypatch.setattr(database, "BUSY_SECONDS", 0.05)
    other = sqlite3.connect(app.config["SQLALCHEMY_DATABASE_URI"].removeprefix("sqlite:///"))
    other.execute("BEGIN IMMEDIATE")
    body, key = {"sourcePage": "taxStatus", "wht_response": "x"}, {"Idempotency-Key": "again"}
    assert who.put(record["id"], body, key).status_code == 503
    assert who.get(record["id"]).status_code == 200
    other.rollback()
    other.close()
    assert who.put(record["id"], body, key).status_code == 200


def test_waiting_is_told_in_seconds(app: Flask) -> None:
    @app.get("/api/slow-down")
    def slow_down() -> None:
        raise TooMany(7)

    answer = app.test_client().get("/api/slow-down")
    assert (answer.status_code, answer.headers["Retry-After"], answer.json["code"]) == (429, "7", "too_many")


@pytest.mark.parametrize(
    ("error", "status"),
    [(NotFound(), 404), (Forbidden(), 403), (Conflict(), 409), (Invalid(), 422), (DeskError(), 500)],
)
def test_every_error_has_its_status(error: DeskError, status: int) -> None:
    assert error.status == status


def test_every_request_has_an_id_and_a_good_one_is_kept(app: Flask) -> None:
    client = app.test_client()
    first, second = (client.get("/healthz").headers["X-Request-ID"] for _ in range(2))
    assert first != second and len(first) == 16
    given = client.get("/healthz", headers={"X-Request-ID": "proxy-0123456789"})
    assert given.headers["X-Request-ID"] == "proxy-0123456789"
    for bad in ("short", "x" * 65, "a b c d e f g", "<script>alert(1)</script>", '"; rm -rf'):
        assert client.get("/healthz", headers={"X-Request-ID": bad}).headers["X-Request-ID"] != bad


def test_the_log_has_one_line_per_request_and_one_per_commit(
    sign_in: SignIn, record: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    import json

    who = sign_in("AC00024")
    capsys.readouterr()
    answer = who.put(record["id"], {"sourcePage": "taxStatus", "wht_response": "ความลับของลูกค้า"})
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    commit, request = lines
    assert (commit["event"], commit["seq"], commit["actor"]) == ("commit", answer.json["data"]["seq"], "AC00024")
    assert commit["fields"] == ["wht_response"]
    assert (request["event"], request["status"], request["user"]) == ("request", 200, "AC00024")
    assert commit["request_id"] == request["request_id"] == answer.headers["X-Request-ID"]
    assert "ความลับ" not in json.dumps(lines, ensure_ascii=False), "what clients pay is not for the log"


def test_no_name_of_the_last_request_stays_in_the_next_line(
    app: Flask, sign_in: SignIn, capsys: pytest.CaptureFixture[str]
) -> None:
    """stack trap 8: user=anna logged for the next request."""
    import json

    sign_in("AC00024").get("/api/auth/me")
    capsys.readouterr()
    app.test_client().get("/login")
    [line] = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert "user" not in line
