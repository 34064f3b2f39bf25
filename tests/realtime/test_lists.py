"""Who has a list open hears that it changed; who may not open it hears nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from bmu.accounts import staff
from bmu.changes.work import By, last_seq
from bmu.clients import service
from bmu.realtime.lists import CHANGED, WATCH
from tests.conftest import Colleague, events

SignIn = Callable[[str], Colleague]
BY = By("AC00001", "x")


def watch(who: Colleague, name: Any, since: Any = 0) -> tuple[Any, Any]:
    socket = who.socket()
    return socket, socket.emit(WATCH, {"list": name, "since": since}, callback=True)


def change(app: Flask, name: str) -> None:
    with app.app_context():
        if name == "clients":
            service.edit(BY, "018", {"note": "ใหม่"})
        else:
            staff.edit(BY, "AC00024", {"position": "ใหม่"})


@pytest.mark.parametrize(("name", "other"), [("clients", "people"), ("people", "clients")])
def test_an_open_list_hears_of_its_own_changes_and_of_no_other(
    app: Flask, sign_in: SignIn, name: str, other: str
) -> None:
    socket, answer = watch(sign_in("admin"), name)
    assert answer["ok"] and answer["expires_at"]
    change(app, other)
    assert events(socket) == []
    change(app, name)
    assert events(socket) == [(CHANGED, {"list": name})]


def test_what_came_before_one_listened_is_told_in_the_answer(app: Flask, sign_in: SignIn) -> None:
    with app.app_context():
        seq = last_seq()
    assert watch(sign_in("admin"), "clients", seq)[1]["changed"] is False
    change(app, "clients")
    assert watch(sign_in("admin"), "clients", seq)[1]["changed"] is True
    assert watch(sign_in("admin"), "people", seq)[1]["changed"] is False


@pytest.mark.parametrize(
    ("username", "name", "since"),
    [
        ("AC00024", "clients", 0),
        ("AC00008", "people", 0),
        ("admin", "tax-status", 0),
        ("admin", ["clients"], 0),
        ("admin", "clients", "x"),
    ],
)
def test_who_may_not_open_a_list_hears_nothing_of_it(
    app: Flask, sign_in: SignIn, username: str, name: Any, since: Any
) -> None:
    socket, answer = watch(sign_in(username), name, since)
    assert not answer["ok"]
    change(app, "clients")
    assert CHANGED not in [event for event, _ in events(socket)]
