"""Of whose presence one may know: of those at records that one reads, as long as one does."""

from __future__ import annotations

from typing import Any

import pytest

from bmu.realtime import presence
from bmu.realtime.presence import CHECK_AFTER, GONE, HERE
from bmu.realtime.subscriptions import SUBSCRIBE
from tests.conftest import STRANGER, events
from tests.realtime.formsockets import Record, SignIn
from tests.realtime.standing import FIELD, Clock, here, leave, told

pytestmark = pytest.mark.usefixtures("clock")


def test_nobody_else_hears(sign_in: SignIn, record: Record) -> None:
    stranger, reader = sign_in(STRANGER).listen(), sign_in("AC00024").listen()
    form = sign_in("AC00008").socket()
    here(form, record, FIELD)
    leave(form, record)
    assert len(told(reader)) == 2, "nothing was told: this test would not notice a leak"
    assert not events(stranger)


@pytest.mark.parametrize("known", [True, False])
def test_a_record_that_is_none_of_ones_business_is_refused(sign_in: SignIn, record: Record, known: bool) -> None:
    watching, stranger = sign_in("AC00024").listen(), sign_in(STRANGER).socket()
    answer = here(stranger, record if known else {"id": "no-such-record"}, FIELD)
    assert (answer["ok"], answer["error"]["code"], set(answer)) == (False, "not_found", {"ok", "error"})
    assert not events(watching) and not events(stranger) and not presence.is_open(record["id"])


@pytest.mark.parametrize("record_id", [None, 1, "", [], "x" * 65], ids=str)
def test_an_id_that_is_none_is_refused(sign_in: SignIn, record_id: Any) -> None:
    assert here(sign_in("AC00008").socket(), {"id": record_id})["error"]["code"] == "invalid"


@pytest.mark.parametrize("field", ["salary", "", "x" * 65, 1, True, ["pnd_status"], {"a": 1}], ids=str)
def test_a_field_that_is_none_is_refused(sign_in: SignIn, record: Record, field: Any) -> None:
    watching, form = sign_in("AC00024").listen(), sign_in("AC00008").socket()
    answer = here(form, record, field)
    assert (answer["ok"], answer["error"]["code"]) == (False, "invalid")
    assert not events(watching)


@pytest.mark.parametrize("payload", [None, 1, "x", [], [1], True, 1.5, {}, {"id": {}}, {"id": None}], ids=str)
@pytest.mark.parametrize("name", [HERE, GONE])
def test_junk_is_answered(sign_in: SignIn, record: Record, name: str, payload: Any) -> None:
    form = sign_in("AC00008").socket()
    here(form, record)
    answer = form.emit(name, payload, callback=True)
    assert (answer["ok"], answer["error"]["code"]) == (False, "invalid")
    assert presence.is_open(record["id"])


def test_whoever_is_taken_off_the_record_is_neither_shown_nor_told(
    sign_in: SignIn, record: Record, hand_over: Any
) -> None:
    watching, form = sign_in("AC00024").listen(), sign_in("AC00012").listen()
    here(form, record, FIELD)
    hand_over(record, wht_filer_current_employee_id=STRANGER)
    assert told(watching) == [[("AC00012", FIELD)], []]
    events(form)
    colleague = sign_in("AC00015").socket()
    here(colleague, record)
    assert told(watching) == [[("AC00015", None)]]
    assert not events(form)
    assert here(form, record)["error"]["code"] == "not_found"


def test_nobody_need_listen_for_that(sign_in: SignIn, record: Record, hand_over: Any) -> None:
    form = sign_in("AC00012").socket()
    here(form, record)
    hand_over(record, wht_filer_current_employee_id=STRANGER)
    assert not presence.is_open(record["id"])


def test_whoever_is_put_on_the_record_hears_who_is_there(sign_in: SignIn, record: Record, hand_over: Any) -> None:
    watching, form = sign_in(STRANGER).listen(), sign_in("AC00024").socket()
    here(form, record)
    assert not events(watching)
    hand_over(record, wht_filer_current_employee_id=STRANGER)
    assert told(watching) == [[("AC00024", None)]]


def test_what_a_signal_missed_is_found_a_few_beats_later(
    sign_in: SignIn, record: Record, hand_over: Any, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    watching, form = sign_in("AC00024").listen(), sign_in("AC00012").socket()
    here(form, record)
    with monkeypatch.context() as patch:
        patch.setattr(presence, "read_by", lambda *_: None)
        hand_over(record, wht_filer_current_employee_id=STRANGER)
    assert here(form, record)["ok"]
    clock.now += CHECK_AFTER + 1
    assert here(form, record)["error"]["code"] == "not_found"
    assert told(watching) == [[("AC00012", None)], []]


@pytest.mark.parametrize("who", ["AC00024", "admin"])
def test_a_subscription_is_answered_with_who_is_there(sign_in: SignIn, record: Record, who: str) -> None:
    person = "*" if who == "admin" else who
    here(sign_in("AC00008").socket(), record, FIELD)
    people = [{"id": "AC00008", "name": "กร", "field": FIELD}]
    answer = sign_in(who).socket().emit(SUBSCRIBE, {"employeeId": person}, callback=True)
    assert answer["presence"] == [{"id": record["id"], "people": people}]
    asked = {"since": answer["seq"], **({"everybody": "true"} if person == "*" else {})}
    assert sign_in(who).get("changes", **asked).json["data"]["presence"] == answer["presence"]


def test_where_nobody_is_an_answer_says_nothing(sign_in: SignIn, record: Record) -> None:
    form = sign_in("AC00008").socket()
    here(form, record)
    stranger = sign_in(STRANGER)
    asked = {"employeeId": STRANGER}
    assert "presence" not in stranger.socket().emit(SUBSCRIBE, asked, callback=True)
    assert "presence" not in stranger.get("changes", since=0).json["data"]
    leave(form, record)
    asked = {"employeeId": "AC00024"}
    assert "presence" not in sign_in("AC00024").socket().emit(SUBSCRIBE, asked, callback=True)
