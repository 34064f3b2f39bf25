"""`flask month`: opening a month, and who is responsible, from the command line."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from tests.conftest import MONTH, STRANGER, Colleague, events

SignIn = Callable[[str], Colleague]
ROLE = "accounting_responsible"


@pytest.fixture
def assign(app: Flask) -> Callable[..., Any]:
    return lambda *words: app.test_cli_runner().invoke(args=["month", "assign", *map(str, words)])


def test_it_puts_somebody_in_charge_and_keeps_the_tax_data(
    sign_in: SignIn, record: dict[str, Any], assign: Any
) -> None:
    """TRAP: updating an assignment wiped the month's tax data (domain §14.1 10)."""
    done = assign("018", MONTH, ROLE, STRANGER)
    assert done.exit_code == 0, done.output
    now = sign_in(STRANGER).get(record["id"]).json["data"]
    changed = {name for name in now if now[name] != record[name]}
    traces = {"version", "seq", "updated_at", "updated_by", "updated_by_name"}
    assert {name for name in changed - traces if not name.startswith(ROLE)} == set()
    assert now[ROLE] == STRANGER and now["original_accounting_responsible"] == record["original_accounting_responsible"]


def test_it_says_in_the_log_who_did_it(sign_in: SignIn, record: dict[str, Any], assign: Any) -> None:
    assign("18", MONTH, ROLE, STRANGER)
    newest = sign_in("admin").get(f"{record['id']}/history").json["data"][0]
    assert newest["action"] == "hand_over" and newest["by_name"].startswith("CLI (")
    assert newest["fields"] == {ROLE: ["AC00024", STRANGER]}


def test_open_pages_hear_of_it(sign_in: SignIn, assign: Any) -> None:
    socket = sign_in("AC00024").listen()
    assign("018", MONTH, ROLE, "-")
    assert [name for name, _ in events(socket)] == ["monthly-tax-data:removed"]


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("999", MONTH, ROLE, STRANGER), 1),
        (("018", "2001-01", ROLE, STRANGER), 1),
        (("018", MONTH, ROLE, "XX99999"), 1),
        (("nonsense", MONTH, ROLE, STRANGER), 2),
        (("018", "2026-13", ROLE, STRANGER), 2),
        (("018", MONTH, "boss", STRANGER), 2),
    ],
    ids=str,
)
def test_what_cannot_be_is_said_in_a_line(assign: Any, words: Any, code: int) -> None:
    done = assign(*words)
    assert done.exit_code == code
    assert "Traceback" not in done.output and "Error" in done.output


def test_it_gives_nobody_a_role_that_their_account_may_not_hold(
    sign_in: SignIn, record: dict[str, Any], assign: Any
) -> None:
    done = assign("018", MONTH, "tax_inspection_responsible", STRANGER)
    assert done.exit_code == 1 and "Error" in done.output
    assert sign_in("admin").get(record["id"]).json["data"] == record


def test_it_keeps_the_reason_that_it_is_given(sign_in: SignIn, record: dict[str, Any], assign: Any) -> None:
    assign("018", MONTH, ROLE, STRANGER, "--reason", "ลาคลอด")
    assert sign_in("admin").get(f"{record['id']}/history").json["data"][0]["reason"] == "ลาคลอด"


def test_opening_a_month_adds_what_is_missing_and_may_run_again(app: Flask, sign_in: SignIn) -> None:
    socket = sign_in("AC00024").listen()
    run = app.test_cli_runner()
    first, second = (run.invoke(args=["month", "open", str(MONTH.plus(1))]) for _ in range(2))
    assert (first.exit_code, second.exit_code) == (0, 0), first.output
    assert "records added" in first.output and ": 0 records added" not in first.output
    assert ": 0 records added" in second.output
    assert {name for name, _ in events(socket)} == {"monthly-tax-data:updated"}


def test_a_far_future_is_refused_in_a_line(app: Flask) -> None:
    done = app.test_cli_runner().invoke(args=["month", "open", "2199-01"])
    assert done.exit_code == 1 and "Traceback" not in done.output


def test_the_command_explains_itself(app: Flask) -> None:
    told = app.test_cli_runner().invoke(args=["month", "open", "--help"]).output
    assert "YYYY-MM" in told and "What is there stays" in " ".join(told.split())
