"""Emptying a record: its data go, its people and its history stay."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from bmu.assignments import service
from bmu.errors import Conflict, Forbidden, Invalid
from bmu.monthly_tax.fields import FIELDS, ORIGINALS, PEOPLE
from tests.assignments.conftest import WHY, newest, told
from tests.conftest import Colleague, actor

SignIn = Callable[[str], Colleague]


def test_a_reset_empties_the_data_and_keeps_people_and_history(
    app: Flask, sign_in: SignIn, record: dict[str, Any]
) -> None:
    since = newest(app)
    with app.app_context():
        service.reset(actor(app, "admin"), record["id"], record["version"], "018", WHY)
    now = sign_in("admin").get(record["id"]).json["data"]
    assert any(record[key] is not None for key in FIELDS)
    assert all(now[key] is None for key in FIELDS)
    assert all(now[key] == record[key] for key in (*PEOPLE, *ORIGINALS.values()))
    line = sign_in("admin").get(f"{record['id']}/history").json["data"][0]
    assert (line["action"], line["reason"]) == ("reset", WHY)
    assert {name: old for name, (old, _) in line["fields"].items()} == {
        key: record[key] for key in FIELDS if record[key] is not None
    }
    assert {topic for topic, event, _ in told(app, since) if event == "emptied"} == set(PEOPLE)


@pytest.mark.parametrize(
    ("username", "confirm", "reason", "later", "error"),
    [
        ("admin", "", WHY, 0, Invalid),
        ("admin", "019", WHY, 0, Invalid),
        ("admin", "018", "", 0, Invalid),
        ("admin", "018", WHY, -1, Conflict),
        ("AC00008", "018", WHY, 0, Forbidden),
        ("AC00024", "018", WHY, 0, Forbidden),
    ],
)
def test_a_reset_is_confirmed_explained_and_an_administrators(
    app: Flask,
    sign_in: SignIn,
    record: dict[str, Any],
    username: str,
    confirm: str,
    reason: str,
    later: int,
    error: Any,
) -> None:
    with app.app_context(), pytest.raises(error):
        service.reset(actor(app, username), record["id"], record["version"] + later, confirm, reason)
    assert sign_in("admin").get(record["id"]).json["data"] == record


def test_a_reset_cannot_be_undone_as_a_save_could(app: Flask, sign_in: SignIn, record: dict[str, Any]) -> None:
    with app.app_context():
        service.reset(actor(app, "admin"), record["id"], record["version"], "018", WHY)
    answer = sign_in("admin").call("POST", f"{record['id']}/undo", json={"version": record["version"] + 1})
    assert answer.status_code == 403
