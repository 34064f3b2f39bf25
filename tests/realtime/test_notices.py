"""Pushing notifications: to every socket of their reader's account, from whatever process, and to nobody else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, update

from bmu.accounts.models import User
from bmu.changes.work import transaction
from bmu.extensions import db
from bmu.notifications import service
from bmu.realtime import notices as realtime
from bmu.realtime import wire
from bmu.realtime.tail import Tail
from tests.conftest import FIVE, STRANGER, Colleague, actor, events, notices
from tests.realtime.conftest import elsewhere

SignIn = Callable[[str], Colleague]
Record = dict[str, Any]
NEW, COUNT = realtime.NEW, realtime.COUNT


@pytest.fixture
def ask(sign_in: SignIn, record: Record) -> Callable[..., Record]:
    """The inspector asks the accountant something."""
    count = 0

    def save() -> Record:
        nonlocal count
        count += 1
        answer = sign_in("AC00008").save(record, "taxInspection", version=0, wht_inquiry=f"คำถาม {count}")
        assert answer.status_code == 200, answer.text
        data: Record = answer.json["data"]
        return data

    return save


def test_it_is_pushed_to_its_reader_without_any_subscription(sign_in: SignIn, ask: Any) -> None:
    first, second = sign_in("AC00024").socket(), sign_in("AC00024").socket()
    unread = sign_in("AC00024").get("/api/notifications").json["unread_count"]
    ask()
    [(name, told)] = notices(first)
    newest = sign_in("AC00024").get("/api/notifications").json
    html = told.pop("html")
    assert name == NEW and told == newest["data"][0] | {"unread": newest["unread_count"]}
    assert told["unread"] == unread + 1 and told["title"] in html and f'data-id="{told["id"]}"' in html
    assert len(notices(second)) == 1


def test_nobody_hears_of_anothers(sign_in: SignIn, ask: Any) -> None:
    others = [who for who in (*FIVE.values(), STRANGER, "admin") if who != "AC00024"]
    sockets = [sign_in(who).listen() for who in others] + [sign_in("admin").listen(employeeId="*")]
    hers = sign_in("AC00024").listen()
    ask()
    assert notices(hers) and not any(notices(socket) for socket in sockets)


@pytest.mark.parametrize("asked", ["user:{id}", "{id}", "*"])
def test_no_subscription_opens_anothers_room(app: Flask, sign_in: SignIn, ask: Any, asked: str) -> None:
    stranger, hers = sign_in(STRANGER).socket(), sign_in("AC00024").socket()
    room = asked.format(id=actor(app, "AC00024").id)
    for message in ("subscribe:monthly-tax-data", "join", "user"):
        stranger.emit(message, {"employeeId": room, "room": room})
    ask()
    assert notices(hers) and not notices(stranger)


def test_who_saves_is_not_told_of_it(sign_in: SignIn, ask: Any) -> None:
    inspector, accountant = sign_in("AC00008").socket(), sign_in("AC00024").socket()
    ask()
    assert notices(accountant) and not notices(inspector)


def test_it_is_said_in_the_language_of_the_account(app: Flask, sign_in: SignIn, ask: Any) -> None:
    with app.app_context(), transaction() as work:
        work.session.execute(update(User).where(User.username == "AC00024").values(language="en"))
    socket = sign_in("AC00024").socket()
    ask()
    [(_, told)] = notices(socket)
    assert "2569" not in told["message"] and "2026" in told["message"]


def test_a_save_by_another_process_is_pushed_by_the_tail(app: Flask, sign_in: SignIn, ask: Any) -> None:
    tail, socket = Tail(), sign_in("AC00024").socket()
    with app.app_context():
        tail.step()
    with elsewhere():
        ask()
    assert not notices(socket)
    with app.app_context():
        tail.step()
        [(name, _)] = notices(socket)
        tail.step()
    assert name == NEW and not notices(socket)


def test_only_the_newest_of_a_kind_is_pushed_later(app: Flask, sign_in: SignIn, ask: Any) -> None:
    tail, socket = Tail(), sign_in("AC00024").socket()
    with app.app_context():
        tail.step()
    with elsewhere():
        ask(), ask()
    with app.app_context():
        tail.step()
    [(_, told)] = notices(socket)
    assert told["message"].endswith("คำถาม 2")


def test_the_other_tabs_count_alike_when_one_reads(app: Flask, sign_in: SignIn, ask: Any) -> None:
    ask()
    tabs = [sign_in("AC00024").socket() for _ in range(2)]
    other = sign_in("AC00008").socket()
    who = sign_in("AC00024")
    before = who.get("/api/notifications").json
    newest = before["data"][0]["id"]
    who.call("PUT", f"/api/notifications/{newest}/read")
    wanted = [(COUNT, {"unread": before["unread_count"] - 1})]
    assert [notices(tab) for tab in tabs] == [wanted, wanted] and not notices(other)
    who.call("PUT", f"/api/notifications/{newest}/read")
    assert not notices(tabs[0]), "nothing changed, and yet it was told"
    who.call("DELETE", f"/api/notifications/{newest}")
    assert notices(tabs[0]) == wanted


def test_a_record_that_is_looked_at_counts_in_every_tab(app: Flask, sign_in: SignIn, ask: Any) -> None:
    record = ask()
    tab = sign_in("AC00024").socket()
    with app.app_context():
        read = service.read_record(actor(app, "AC00024"), record["id"])
    [(name, told)] = notices(tab)
    assert read and name == COUNT
    assert told["unread"] == sign_in("AC00024").get("/api/notifications").json["unread_count"]


def test_connecting_again_tells_the_count(sign_in: SignIn, ask: Any) -> None:
    ask()
    answer = sign_in("AC00024").socket().emit("subscribe:monthly-tax-data", {"employeeId": "AC00024"}, callback=True)
    assert answer["unread"] == sign_in("AC00024").get("/api/notifications").json["unread_count"] > 0


def test_a_failing_push_fails_no_save_and_no_row(sign_in: SignIn, ask: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    emit = wire.emit

    def fails(name: str, *rest: Any, **more: Any) -> None:
        if name == NEW:
            raise OSError("no wire")
        emit(name, *rest, **more)

    monkeypatch.setattr(wire, "emit", fails)
    socket = sign_in("AC00024").listen()
    saved = ask()
    assert [data["version"] for _, data in events(socket)] == [saved["version"]]
    assert not notices(socket) and sign_in("AC00024").get("/api/notifications").json["unread_count"]


def test_a_save_of_which_nobody_here_is_told_asks_nothing(app: Flask, sign_in: SignIn, ask: Any) -> None:
    asked: list[str] = []
    with app.app_context():
        event.listen(db.engine, "before_cursor_execute", lambda *args: asked.append(args[2]))
    sign_in(STRANGER).socket()
    ask()
    by_place = [one for one in asked if "notifications.seq IN" in one]
    assert asked and not by_place
    sign_in("AC00024").socket()
    ask()
    assert len([one for one in asked if "notifications.seq IN" in one]) == 1


def test_of_two_who_are_told_the_one_who_is_here_is_pushed_to(
    sign_in: SignIn, record: Record, capsys: pytest.CaptureFixture[str]
) -> None:
    socket = sign_in("AC00024").socket()
    sign_in("AC00008").save(record, "taxInspection", version=0, pnd_status="passed")
    assert [name for name, _ in notices(socket)] == [NEW]
    assert sign_in("AC00012").get("/api/notifications", is_read="false").json["data"], "the filer was told nothing"
    assert "push_failed" not in capsys.readouterr().out
