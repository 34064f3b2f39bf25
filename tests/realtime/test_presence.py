"""Who has a record's form open, and in which field: told to its readers, on change, and gone when they are."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event

from bmu.extensions import db
from bmu.realtime import broadcast, presence
from bmu.realtime.listeners import listeners
from bmu.realtime.presence import ASK, CHANGED, CHECK_AFTER, SILENT_AFTER
from bmu.realtime.subscriptions import SUBSCRIBE
from tests.conftest import FIVE, STRANGER, events
from tests.realtime.formsockets import Record, SignIn
from tests.realtime.standing import FIELD, OTHER_FIELD, Clock, here, leave, told

pytestmark = pytest.mark.usefixtures("clock")


def test_who_opens_a_form_is_shown_to_its_readers_by_nickname(sign_in: SignIn, record: Record) -> None:
    watching = sign_in("AC00024").listen()
    answer = here(sign_in("AC00008").socket(), record)
    people = [{"id": "AC00008", "name": "กร", "field": None}]
    assert answer == {"ok": True, "people": people}
    assert events(watching) == [(CHANGED, {"id": record["id"], "people": people})]


def test_each_of_the_five_and_who_reads_all_hears_once_in_whatever_form(sign_in: SignIn, record: Record) -> None:
    sockets = [sign_in(name).listen() for name in FIVE.values() if name != "AC00012"]
    sockets += [sign_in("admin").listen(employeeId="*", table="tax-filing")]
    sockets += [sign_in("AC00024").listen(table="tax-status", lang=lang) for lang in ("th", "en")]
    both = sign_in("AC00008").listen(employeeId="*")
    both.emit(SUBSCRIBE, {"employeeId": "AC00024"}, callback=True)
    here(sign_in("AC00012").socket(), record, FIELD)
    assert [told(one) for one in (*sockets, both)] == [[[("AC00012", FIELD)]]] * (len(sockets) + 1)


def test_moving_to_another_field_is_told(sign_in: SignIn, record: Record) -> None:
    watching, form = sign_in("AC00024").listen(), sign_in("AC00008").socket()
    for field in (FIELD, OTHER_FIELD, None):
        here(form, record, field)
    assert told(watching) == [[("AC00008", field)] for field in (FIELD, OTHER_FIELD, None)]


def test_a_beat_without_change_tells_nobody(sign_in: SignIn, record: Record, later: Any) -> None:
    watching, form = sign_in("AC00024").listen(), sign_in("AC00008").socket()
    here(form, record, FIELD)
    assert told(watching)
    for _ in range(5):
        later(4)
        here(form, record, FIELD)
    assert not events(watching)


def test_a_beat_asks_the_database_nothing(app: Flask, sign_in: SignIn, record: Record, clock: Clock) -> None:
    form = sign_in("AC00008").socket()
    statements: list[str] = []
    with app.app_context():
        event.listen(db.engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
    here(form, record)
    assert statements, "not even the first beat asked: this test would not notice a statement"
    statements.clear()
    for field in (None, FIELD, OTHER_FIELD):
        clock.now += CHECK_AFTER / 4
        assert here(form, record, field)["ok"]
    assert not statements


def test_whoever_closes_the_form_is_gone_at_once(sign_in: SignIn, record: Record) -> None:
    watching, form = sign_in("AC00024").listen(), sign_in("AC00008").socket()
    here(form, record)
    assert leave(form, record) == {"ok": True}
    assert told(watching) == [[("AC00008", None)], []]
    assert leave(form, record) == {"ok": True}
    assert not told(watching)


def test_a_goodbye_to_another_record_is_none(sign_in: SignIn, record: Record) -> None:
    """The next form was opened before the last one's goodbye came."""
    watching, form = sign_in("AC00024").listen(), sign_in("AC00008").socket()
    here(form, record)
    leave(form, {"id": "another"})
    assert told(watching) == [[("AC00008", None)]]


def test_whoever_disconnects_is_gone_at_once(sign_in: SignIn, record: Record) -> None:
    watching, form = sign_in("AC00024").listen(), sign_in("AC00008").socket()
    here(form, record)
    form.disconnect()
    assert told(watching) == [[("AC00008", None)], []]


def test_whoever_is_shown_out_is_gone_at_once(sign_in: SignIn, record: Record) -> None:
    watching, who = sign_in("AC00024").listen(), sign_in("AC00008")
    here(who.socket(), record)
    assert who.call("POST", "/api/auth/logout").status_code == 200
    assert told(watching) == [[("AC00008", None)], []]


def test_the_silent_are_asked_and_gone_after_eight_seconds(sign_in: SignIn, record: Record, later: Any) -> None:
    watching, form = sign_in("AC00024").listen(), sign_in("AC00008").socket()
    here(form, record)
    later(SILENT_AFTER / 2 + 1)
    assert [name for name, _ in events(form)] == [CHANGED, ASK]
    assert told(watching) == [[("AC00008", None)]]
    later(SILENT_AFTER / 2)
    assert told(watching) == [[]]
    later(SILENT_AFTER)
    assert not events(watching) and not events(form)[1:]


def test_who_answers_stays(sign_in: SignIn, record: Record, later: Any) -> None:
    watching, form = sign_in("AC00024").listen(), sign_in("AC00008").socket()
    for _ in range(10):
        here(form, record)
        later(SILENT_AFTER - 1)
    assert told(watching) == [[("AC00008", None)]]


def test_a_person_in_two_tabs_is_shown_once_where_they_moved_last(sign_in: SignIn, record: Record) -> None:
    watching, tabs = sign_in("AC00024").listen(), [sign_in("AC00008").socket() for _ in range(2)]
    here(tabs[0], record, FIELD)
    here(tabs[1], record)
    assert told(watching) == [[("AC00008", FIELD)]], "a tab in no field is no news"
    here(tabs[1], record, OTHER_FIELD)
    here(tabs[0], record, FIELD)
    assert told(watching) == [[("AC00008", OTHER_FIELD)]], "a beat is no move"
    here(tabs[0], record, "pp_36_status")
    leave(tabs[0], record)
    tabs[1].disconnect()
    assert told(watching) == [[("AC00008", "pp_36_status")], [("AC00008", OTHER_FIELD)], []]


def test_two_people_are_two(sign_in: SignIn, record: Record) -> None:
    forms = [sign_in(name).socket() for name in ("AC00024", "AC00008")]
    answers = [here(form, record, FIELD)["people"] for form in forms]
    assert [[one["id"] for one in people] for people in answers] == [["AC00024"], ["AC00008", "AC00024"]]
    assert told(forms[0]) == [[("AC00024", FIELD)], [("AC00008", FIELD), ("AC00024", FIELD)]], "the form hears too"


def test_a_socket_is_at_one_record(app: Flask, sign_in: SignIn, record: Record) -> None:
    who = sign_in("AC00008")
    watching, form = sign_in("AC00024").listen(), who.socket()
    other = next(row for row in who.get(limit=100).json["data"] if row["id"] != record["id"])
    here(form, record)
    here(form, other)
    assert told(watching)[:2] == [[("AC00008", None)], []]
    assert list(presence.present.at(other["id"])) and not presence.is_open(record["id"])


def test_a_save_is_no_news_of_who_is_there(sign_in: SignIn, record: Record, touch: Any) -> None:
    watching, form = sign_in("AC00024").listen(), sign_in("AC00008").socket()
    here(form, record)
    touch()
    assert [name for name, _ in events(watching)] == [CHANGED, broadcast.UPDATED]


def test_nothing_is_kept_of_those_who_left(sign_in: SignIn, record: Record) -> None:
    form = sign_in("AC00008").socket()
    here(form, record, FIELD)
    form.disconnect()
    kept = presence.present
    assert not kept.readers and not kept._here and not kept._told and not listeners.everyone()


def test_an_emit_that_fails_fails_neither_beat_nor_save(
    sign_in: SignIn, record: Record, hand_over: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    sign_in("AC00024").listen()
    form = sign_in("AC00012").socket()

    def fail(*_: Any, **__: Any) -> None:
        raise RuntimeError("no line")

    monkeypatch.setattr(presence.wire, "emit", fail)
    assert here(form, record)["ok"]
    hand_over(record, wht_filer_current_employee_id=STRANGER)
    assert not presence.is_open(record["id"])
