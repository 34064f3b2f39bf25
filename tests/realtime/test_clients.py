"""A client's name and VAT state stand in its records: a change of them reaches whoever sees these (design §6)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from bmu.changes.work import By
from bmu.clients import service
from bmu.clients.rules import NOT_VAT
from bmu.realtime import broadcast, views
from bmu.realtime.subscriptions import SUBSCRIBE
from bmu.realtime.tail import Tail
from tests.conftest import FIVE, MONTH, STRANGER, Colleague, events
from tests.realtime.conftest import elsewhere

SignIn = Callable[[str], Colleague]
Record = dict[str, Any]
NAME = "บริษัท ชื่อใหม่ จำกัด"
Edit = Callable[..., None]


@pytest.fixture
def edit(app: Flask) -> Edit:
    """Edits client 018."""

    def save(**values: Any) -> None:
        with app.app_context():
            service.edit(By("tests", "ผู้ทดสอบ"), "018", values)

    return save


def names(socket: Any, record: Record) -> list[str]:
    return [data["company_name"] for name, data in events(socket) if data["id"] == record["id"]]


def test_everybody_responsible_hears_of_the_new_name_and_nobody_else(
    sign_in: SignIn, record: Record, edit: Edit
) -> None:
    sockets = {who: sign_in(who).listen() for who in (*FIVE.values(), STRANGER)}
    everybody = sign_in("admin").listen(employeeId="*")
    edit(company_name=NAME)
    assert {who: names(socket, record) for who, socket in sockets.items()} == {who: [NAME] for who in FIVE.values()} | {
        STRANGER: []
    }
    assert names(everybody, record) == [NAME]


def test_records_of_all_months_are_told_as_updated_with_the_version_they_have(
    sign_in: SignIn, record: Record, edit: Edit
) -> None:
    socket = sign_in("AC00024").listen()
    edit(tax_registration_status=NOT_VAT)
    told = events(socket)
    assert {name for name, _ in told} == {"monthly-tax-data:updated"}
    assert len({data["tax_month"] for _, data in told}) == 2
    assert [data["version"] for _, data in told if data["id"] == record["id"]] == [record["version"]]


def test_the_row_in_an_open_table_is_that_of_a_fresh_page(sign_in: SignIn, record: Record, edit: Edit) -> None:
    who = sign_in("AC00024")
    socket = who.listen(table="tax-status", lang="th")
    edit(tax_registration_status=NOT_VAT)
    [row] = [data["html"] for _, data in events(socket) if data["id"] == record["id"]]
    assert row in who.get("/tax-status", month=str(MONTH), q="018").text


def test_who_worked_for_the_client_in_another_month_hears_only_of_that(
    sign_in: SignIn, record: Record, edit: Edit, hand_over: Any
) -> None:
    hand_over(record, accounting_responsible=STRANGER)
    new, old = sign_in(STRANGER).listen(), sign_in("AC00024").listen()
    edit(company_name=NAME)
    assert [data["id"] for _, data in events(new)] == [record["id"]]
    told = events(old)
    assert told and record["id"] not in {data["id"] for _, data in told}


def test_the_vat_list_settles(app: Flask, sign_in: SignIn, record: Record, edit: Edit) -> None:
    who = sign_in("AC00024")
    socket = who.listen(table="tax-status", lang="th", view=f"month={MONTH}&scope=mine&mode=vat")
    edit(tax_registration_status=NOT_VAT)
    with app.app_context():
        for key in list(views._views):
            views.settle(key)
    assert [data["left"] for name, data in events(socket) if name == "table:settled"] == [[record["id"]]]


def test_what_was_missed_comes_with_the_next_subscription(sign_in: SignIn, record: Record, edit: Edit) -> None:
    seq = sign_in("AC00024").get("changes", since=0).json["data"]["seq"]
    edit(company_name=NAME)
    for who, asked in (("AC00024", {}), ("admin", {"employeeId": "*"})):
        socket = sign_in(who).socket()
        query = {"employeeId": who, "since": seq} | asked
        missed = socket.emit(SUBSCRIBE, query, callback=True)["missed"]
        assert NAME in [item["company_name"] for item in missed if item["id"] == record["id"]]
    stranger = sign_in(STRANGER).socket().emit(SUBSCRIBE, {"employeeId": STRANGER, "since": seq}, callback=True)
    assert stranger["missed"] == []


def test_a_change_of_another_process_is_told_by_the_tail(
    app: Flask, sign_in: SignIn, record: Record, edit: Edit
) -> None:
    socket = sign_in("AC00024").listen()
    tail = Tail()
    with app.app_context():
        tail.step()
    with elsewhere():
        edit(company_name=NAME)
    assert names(socket, record) == []
    with app.app_context():
        tail.step()
    assert names(socket, record) == [NAME]


def test_an_open_form_is_drawn_anew(sign_in: SignIn, record: Record, edit: Edit) -> None:
    socket = sign_in("AC00024").listen(table="tax-status")
    asked = {"id": record["id"], "page": "taxStatus"}
    before = socket.emit("form:open", asked, callback=True)["form"]
    asked |= {"version": before["version"], "shape": before["shape"]}
    assert "form" not in socket.emit("form:open", asked, callback=True)
    events(socket)
    edit(company_size="XL")
    [told] = [data for name, data in events(socket) if name == "form:updated"]
    assert (told["version"], told["shape"] != before["shape"]) == (before["version"], True)
    assert socket.emit("form:open", asked, callback=True)["form"]["shape"] == told["shape"]


def test_more_records_than_are_told_at_once_are_all_told(
    monkeypatch: pytest.MonkeyPatch, sign_in: SignIn, edit: Edit
) -> None:
    monkeypatch.setattr(broadcast, "AT_ONCE", 1)
    socket = sign_in("AC00024").listen()
    edit(company_name=NAME)
    assert [data["company_name"] for _, data in events(socket)] == [NAME, NAME]
