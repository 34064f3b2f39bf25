"""A new record for a client's month: administrators only."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from tests.conftest import FIVE, MONTH, STRANGER, Colleague, events

SignIn = Callable[[str], Colleague]
NEXT = MONTH.plus(1)
BODY: dict[str, Any] = {"build": "018", "tax_year": NEXT.year, "tax_month": NEXT.month, **FIVE}


def create(who: Colleague, **change: Any) -> Any:
    return who.call("POST", "", json=BODY | change)


def test_it_is_there_with_its_people_and_their_originals(sign_in: SignIn) -> None:
    answer = create(sign_in("admin"))
    assert answer.status_code == 201
    data = answer.json["data"]
    assert {role: data[role] for role in FIVE} == FIVE
    assert data["original_accounting_responsible"] == "AC00024"
    assert data["original_wht_filer_employee_id"] == "AC00012"
    assert (data["version"], data["pnd_status"], data["pp30_status"]) == (1, None, None)
    path = f"018/{NEXT.year}/{NEXT.month}"
    assert sign_in("AC00024").get(path).json["data"] == data
    assert sign_in(STRANGER).get(path).status_code == 404


def test_the_responsible_people_hear_of_it(sign_in: SignIn) -> None:
    sockets = {name: sign_in(name).listen() for name in (*FIVE.values(), STRANGER)}
    everybody = sign_in("admin").listen(employeeId="*")
    data = create(sign_in("admin")).json["data"]
    told = {name: [one["id"] for _, one in events(socket)] for name, socket in sockets.items()}
    assert told == {name: [data["id"]] for name in FIVE.values()} | {STRANGER: []}
    assert len(events(everybody)) == 1


def test_fields_may_come_along_and_are_held_to_the_rules(sign_in: SignIn) -> None:
    data = create(sign_in("admin"), values={"document_status": "requesting", "pnd_status": "draft_completed"})
    assert data.json["data"]["document_status"] == "requesting"
    assert data.json["data"]["wht_draft_completed_date"] == data.json["data"]["updated_at"]


def test_a_field_that_does_not_hold_leaves_no_record(sign_in: SignIn) -> None:
    for values in ({"pp30_status": "passed"}, {"nothing": 1}, {"purchase_document_count": -1}):
        assert create(sign_in("admin"), values=values).status_code == 422
    assert create(sign_in("admin"), values={"wht_inquiry": "ของผู้ตรวจ"}).status_code == 403
    assert sign_in("admin").get(f"018/{NEXT.year}/{NEXT.month}").status_code == 404


def test_an_archived_client_gets_no_month_that_begins_later(sign_in: SignIn) -> None:
    admin, later = sign_in("admin"), MONTH.plus(3)
    assert admin.call("PUT", "/api/clients/018/archive").status_code == 200
    refused = create(admin, tax_year=later.year, tax_month=later.month)
    assert refused.status_code == 422 and "เก็บเข้าคลัง" in refused.json["errors"]["build"][0]
    assert create(admin).status_code == 201, "the month of its archiving is one of those that were"
    assert admin.call("DELETE", "/api/clients/018/archive").status_code == 200
    assert create(admin, tax_year=later.year, tax_month=later.month).status_code == 201


@pytest.mark.parametrize("username", [*FIVE.values(), STRANGER])
def test_only_administrators_create(sign_in: SignIn, username: str) -> None:
    assert create(sign_in(username)).status_code == 403


def test_a_month_there_is_is_a_conflict(sign_in: SignIn) -> None:
    answer = create(sign_in("admin"), tax_year=MONTH.year, tax_month=MONTH.month)
    assert (answer.status_code, answer.json["message"]) == (409, "มีข้อมูลภาษีของเดือนนี้อยู่แล้ว")


def test_of_two_who_create_it_at_once_one_is_told(app: Flask, sign_in: SignIn) -> None:
    admin, answers, start = sign_in("admin"), [], threading.Barrier(4)

    def send() -> None:
        start.wait()
        headers = {"Authorization": f"Bearer {admin.token}"}
        answers.append(app.test_client().post("/api/monthly-tax-data", json=BODY, headers=headers).status_code)

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [201, 409, 409, 409]


def test_a_client_there_is_not_is_not_found(sign_in: SignIn) -> None:
    assert create(sign_in("admin"), build="999").status_code == 404


def test_a_build_may_be_written_short(sign_in: SignIn) -> None:
    assert create(sign_in("admin"), build="18").json["data"]["build"] == "018"


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"tax_month": 13}, "tax_month"),
        ({"tax_month": 0}, "tax_month"),
        ({"tax_month": None}, "tax_month"),
        ({"tax_year": 2569}, "tax_year"),
        ({"build": "x"}, "build"),
        ({"build": None}, "build"),
        ({"accounting_responsible": "XX99999"}, "accounting_responsible"),
        ({"wht_filer_current_employee_id": "x" * 21}, "wht_filer_current_employee_id"),
        ({"original_accounting_responsible": "AC00024"}, "original_accounting_responsible"),
        ({"pnd_status": "paid"}, "pnd_status"),
    ],
    ids=str,
)
def test_what_cannot_be_is_refused_by_name(sign_in: SignIn, change: dict[str, Any], named: str) -> None:
    answer = create(sign_in("admin"), **change)
    assert (answer.status_code, set(answer.json["errors"])) == (422, {named})


def test_required_fields_are_named(sign_in: SignIn) -> None:
    answer = sign_in("admin").call("POST", "", json={})
    assert (answer.status_code, set(answer.json["errors"])) == (422, {"build", "tax_year", "tax_month"})


def test_nobody_need_be_responsible_yet(sign_in: SignIn) -> None:
    data = create(sign_in("admin"), **dict.fromkeys(FIVE)).json["data"]
    assert {data[role] for role in FIVE} == {None}
