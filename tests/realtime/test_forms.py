"""Open forms: who may have a record's form open, and who of them hears of a save."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from bmu.realtime import broadcast, forms
from bmu.realtime.forms import CLOSE, OPEN
from bmu.realtime.tail import Tail
from tests.conftest import FIVE, STRANGER, events
from tests.realtime.conftest import elsewhere
from tests.realtime.formsockets import WORKERS, Record, SignIn, ask, open_form, page_of, told

# Opening


@pytest.mark.parametrize(("at", "username"), WORKERS.items())
def test_who_opens_a_form_gets_it_as_it_is(sign_in: SignIn, record: Record, at: str, username: str) -> None:
    answer = ask(sign_in(username).socket(), record, at)
    assert answer == {"ok": True, "form": sign_in(username).get(f"{record['id']}/form", page=at).json["data"]}


def test_who_has_this_version_gets_none(sign_in: SignIn, record: Record, touch: Any) -> None:
    socket = sign_in("AC00024").socket()
    assert ask(socket, record, "taxStatus", version=record["version"]) == {"ok": True}
    touch()
    assert [one["version"] for one in told(socket)] == [record["version"] + 1]
    assert ask(socket, record, "taxStatus", version=record["version"])["form"]["version"] == record["version"] + 1


def test_a_record_one_may_not_know_of_is_not_found(sign_in: SignIn, record: Record, touch: Any) -> None:
    stranger = sign_in(STRANGER).socket()
    for record_id in (record["id"], "nobody", "x" * 36):
        assert ask(stranger, {"id": record_id}, "taxStatus")["error"]["code"] == "not_found"
    reader = open_form(sign_in("AC00024"), record)
    touch()
    assert told(reader) and not events(stranger)


@pytest.mark.parametrize(("username", "at"), [("AC00024", "taxInspection"), ("AC00012", "taxInspection")])
def test_a_page_that_ones_role_does_not_open_is_refused(
    sign_in: SignIn, record: Record, touch: Any, username: str, at: str
) -> None:
    socket, reader = sign_in(username).socket(), open_form(sign_in("AC00008"), record, at)
    assert ask(socket, record, at)["error"]["code"] == "forbidden"
    touch()
    assert told(reader) and not events(socket)


@pytest.mark.parametrize(
    "junk",
    [
        *(None, 1, "x", [], {}, {"page": "taxStatus"}, {"id": None, "page": "taxStatus"}),
        *({"id": 7, "page": "taxStatus"}, {"id": ["x"], "page": "taxStatus"}, {"id": {}, "page": "taxStatus"}),
        *({"id": "x" * 37, "page": "taxStatus"}, {"id": "x", "page": "tax-status"}, {"id": "x", "page": None}),
        *({"id": "x", "page": ["taxStatus"]}, {"id": "x", "page": {}}, {"id": "x", "page": 1}),
    ],
)
def test_junk_is_answered(sign_in: SignIn, junk: Any) -> None:
    answer = sign_in("AC00024").socket().emit(OPEN, junk, callback=True)
    assert (answer["ok"], answer["error"]["code"]) == (False, "invalid"), answer
    assert answer["error"]["message"]


@pytest.mark.parametrize("version", ["x", "", -1, 2**53, None, 1.5, False])
def test_a_version_that_is_none_is_no_version(sign_in: SignIn, record: Record, version: Any) -> None:
    assert "form" in ask(sign_in("AC00024").socket(), record, "taxStatus", version=version)


def test_who_is_refused_another_form_hears_of_none(sign_in: SignIn, record: Record, touch: Any) -> None:
    socket = open_form(sign_in("AC00024"), record)
    assert ask(socket, {"id": "nobody"}, "taxStatus")["ok"] is False
    touch()
    assert not events(socket)


# Who hears


def test_all_who_have_it_open_hear_once_and_nobody_else(sign_in: SignIn, record: Record, touch: Any) -> None:
    opened = [open_form(sign_in(username), record, at) for at, username in WORKERS.items()]
    opened += [open_form(sign_in("AC00024"), record), open_form(sign_in("admin"), record, "taxFiling")]
    both = sign_in("AC00008").listen(employeeId="*", table="tax-inspection")
    ask(both, record, "taxInspection")
    ask(both, record, "taxInspection")
    silent = [sign_in(FIVE["document_entry_responsible"]).listen(), sign_in("AC00012").socket()]
    silent.append(sign_in(STRANGER).listen())
    saved = touch()
    assert [[one["seq"] for one in told(socket)] for socket in (*opened, both)] == [[saved["seq"]]] * 6
    assert not any(told(socket) for socket in silent)


def test_each_hears_in_the_form_of_their_page(sign_in: SignIn, record: Record, touch: Any) -> None:
    sockets = {at: open_form(sign_in(username), record, at) for at, username in WORKERS.items()}
    touch()
    for at, username in WORKERS.items():
        assert told(sockets[at]) == [sign_in(username).get(f"{record['id']}/form", page=at).json["data"]]


def test_another_record_is_not_told(sign_in: SignIn, record: Record) -> None:
    socket, who = open_form(sign_in("AC00024"), record), sign_in("admin")
    other = next(row for row in who.get(accounting_responsible="AC00024").json["data"] if row["id"] != record["id"])
    for one in (other, record):
        assert who.save(one, "taxStatus", version=0, wht_response="ข่าวใหม่").status_code == 200
    assert [one["id"] for one in told(socket)] == [record["id"]]


def test_a_form_opened_after_another_takes_its_place(sign_in: SignIn, record: Record, touch: Any) -> None:
    who = sign_in("AC00024")
    socket = open_form(who, record)
    other = next(row for row in who.get().json["data"] if row["id"] != record["id"])
    assert ask(socket, other, "taxStatus")["ok"]
    touch()
    assert not events(socket)


def test_nothing_is_heard_after_closing(sign_in: SignIn, record: Record, touch: Any) -> None:
    socket = open_form(sign_in("AC00024"), record)
    touch()
    assert told(socket)
    assert socket.emit(CLOSE, {}, callback=True) == {"ok": True}
    assert socket.emit(CLOSE, {}, callback=True) == {"ok": True}, "twice is no fault"
    touch()
    assert not events(socket)
    assert not forms.is_open(record["id"])


def test_who_lost_the_record_hears_nothing_of_it(sign_in: SignIn, record: Record, hand_over: Any, touch: Any) -> None:
    """The hand-over itself already tells them nothing but that it is gone, where they listen."""
    lost, kept = open_form(sign_in("AC00024"), record), open_form(sign_in("AC00012"), record, "taxFiling")
    hand_over(record, accounting_responsible=STRANGER)
    touch()
    assert len(told(kept)) == 2 and not events(lost)
    hand_over(record, accounting_responsible="AC00024")
    assert len(told(lost)) == 1, "it is open, and theirs again"


def test_a_hand_over_changes_the_shape(sign_in: SignIn, record: Record, hand_over: Any, touch: Any) -> None:
    """By it a form knows that who may do what has changed, and is drawn anew."""
    socket = open_form(sign_in("AC00024"), record)
    touch()
    hand_over(record, vat_filer_current_employee_id="AC00012")
    touch()
    before, handed, after = (one["shape"] for one in told(socket))
    assert before != handed == after
    assert f'data-shape="{after}"' in page_of(sign_in("AC00024"), record, "taxStatus")


def test_what_another_process_saved_is_told_too(app: Flask, sign_in: SignIn, record: Record, touch: Any) -> None:
    socket, tail = open_form(sign_in("AC00024"), record), Tail(record["seq"])
    with elsewhere():
        saved = touch()
    assert not events(socket)
    with app.app_context():
        tail.step()
    assert [one["seq"] for one in told(socket)] == [saved["seq"]]


def test_a_form_that_cannot_be_told_keeps_no_other_from_it(
    sign_in: SignIn, record: Record, touch: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad, good = open_form(sign_in("AC00008"), record, "taxInspection"), open_form(sign_in("AC00024"), record)
    table, draw, touched = sign_in("AC00024").listen(), forms.snapshot, []

    def fail(at: str, *rest: Any) -> Any:
        if at == "taxInspection":
            raise RuntimeError("no ink")
        return draw(at, *rest)

    monkeypatch.setattr(forms, "snapshot", fail)
    monkeypatch.setattr(broadcast.views, "touch", lambda *_: touched.append(True))
    touch()
    assert not told(bad) and told(good) and events(table) and touched
