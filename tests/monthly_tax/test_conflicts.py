"""Two people save the same record: nobody's work is overwritten unseen (design §5)."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from bmu.errors import Conflict
from bmu.monthly_tax import service
from bmu.monthly_tax.service import Save
from tests.conftest import Colleague, actor

SignIn = Callable[[str], Colleague]
Record = dict[str, Any]


def test_a_field_changed_since_is_a_conflict_that_shows_both_values(sign_in: SignIn, record: Record) -> None:
    hers = sign_in("AC00024").save(record, "taxStatus", pnd_status="pending_recheck").json
    if not hers["success"]:  # the record stood there already
        hers = sign_in("AC00024").save(record, "taxStatus", pnd_status="draft_ready").json
    answer = sign_in("AC00008").save(record, "taxInspection", pnd_status="needs_correction")
    assert (answer.status_code, answer.json["code"]) == (409, "conflict")
    now = hers["data"]
    assert answer.json["conflicts"] == {
        "pnd_status": {
            "yours": "needs_correction",
            "theirs": now["pnd_status"],
            "by": "AC00024",
            "by_name": now["accounting_responsible_name"],
            "at": now["updated_at"],
        }
    }
    assert answer.json["data"] == now


def test_a_conflict_changes_nothing_and_tells_nobody(sign_in: SignIn, record: Record) -> None:
    sign_in("AC00024").save(record, "taxStatus", wht_response="หนึ่ง", bank_impact="no_docs")
    before = sign_in("AC00024").get(record["id"]).json["data"]
    socket = sign_in("AC00024").listen()
    refused = sign_in("admin").save(record, "taxStatus", wht_response="สอง", pnd_2_attachment_count=9)
    assert (refused.status_code, set(refused.json["conflicts"])) == (409, {"wht_response"})
    assert sign_in("AC00024").get(record["id"]).json["data"] == before
    assert not socket.get_received()


def test_changes_of_other_fields_merge(sign_in: SignIn, record: Record) -> None:
    """TRAP: the inspector's save carried the accountant's old values with it (domain §14.1 1)."""
    first = sign_in("AC00024").save(record, "taxStatus", wht_response="ตอบ")
    second = sign_in("AC00008").save(record, "taxInspection", wht_inquiry="ถาม")
    third = sign_in("AC00015").save(record, "taxFiling", pp30_filing_response="ยื่น")
    assert [one.status_code for one in (first, second, third)] == [200, 200, 200]
    data = third.json["data"]
    assert (data["wht_response"], data["wht_inquiry"], data["pp30_filing_response"]) == ("ตอบ", "ถาม", "ยื่น")
    assert data["version"] == record["version"] + 3


def test_the_same_value_twice_is_no_conflict(sign_in: SignIn, record: Record) -> None:
    first = sign_in("AC00024").save(record, "taxStatus", wht_response="เหมือนกัน")
    second = sign_in("admin").save(record, "taxStatus", wht_response="เหมือนกัน")
    assert (second.status_code, second.json["data"]) == (200, first.json["data"])


def test_without_a_version_the_last_writer_wins(sign_in: SignIn, record: Record) -> None:
    sign_in("AC00024").save(record, "taxStatus", wht_response="ก่อน")
    answer = sign_in("admin").save(record, "taxStatus", version=0, wht_response="หลัง")
    assert (answer.status_code, answer.json["data"]["wht_response"]) == (200, "หลัง")


def test_the_version_after_the_conflict_saves(sign_in: SignIn, record: Record) -> None:
    """The dialog's "use mine"."""
    sign_in("AC00024").save(record, "taxStatus", wht_response="ก่อน")
    refused = sign_in("admin").save(record, "taxStatus", wht_response="หลัง")
    again = sign_in("admin").save(refused.json["data"], "taxStatus", wht_response="หลัง")
    assert (again.status_code, again.json["data"]["wht_response"]) == (200, "หลัง")


def test_who_changed_it_last_is_named(sign_in: SignIn, record: Record) -> None:
    first = sign_in("AC00024").save(record, "taxStatus", wht_response="หนึ่ง").json["data"]
    sign_in("admin").save(first, "taxStatus", wht_response="สอง")
    conflict = sign_in("AC00024").save(record, "taxStatus", wht_response="สาม").json["conflicts"]["wht_response"]
    assert (conflict["theirs"], conflict["by"]) == ("สอง", "AC00001")


def test_a_value_changed_and_changed_back_is_still_a_conflict_for_who_did_not_see_it(
    sign_in: SignIn, record: Record
) -> None:
    original = record["wht_response"]
    first = sign_in("admin").save(record, "taxStatus", wht_response="ชั่วคราว").json["data"]
    sign_in("admin").save(first, "taxStatus", wht_response=original)
    assert sign_in("AC00024").save(record, "taxStatus", wht_response="ใหม่").status_code == 409


def test_clearing_the_payment_does_not_overwrite_an_amount_one_has_not_seen(sign_in: SignIn, record: Record) -> None:
    """Choosing ไม่มียอดชำระ empties the amount: that is a change of the amount too."""
    start = (
        sign_in("AC00024")
        .save(record, "taxStatus", pp30_payment_status="has_payment", pp30_payment_amount=100)
        .json["data"]
    )
    sign_in("AC00015").save(start, "taxFiling", pp30_payment_amount=250)
    answer = sign_in("AC00024").save(start, "taxStatus", pp30_payment_status="no_payment")
    assert (answer.status_code, set(answer.json["conflicts"])) == (409, {"pp30_payment_amount"})
    assert answer.json["conflicts"]["pp30_payment_amount"]["theirs"] == 250


def test_a_hand_over_in_between_is_no_conflict(app: Flask, sign_in: SignIn, record: Record) -> None:
    from bmu.changes.work import By

    with app.app_context():
        service.hand_over(By("tests"), record["id"], {"document_entry_responsible": "AC00033"})
    assert sign_in("AC00024").save(record, "taxStatus", wht_response="ใหม่").status_code == 200


@pytest.mark.parametrize("version", [0, -1, 1.5, "x", [], {}])
def test_a_version_that_is_none_is_refused(sign_in: SignIn, record: Record, version: Any) -> None:
    answer = sign_in("AC00024").put(record["id"], {"sourcePage": "taxStatus", "version": version})
    assert (answer.status_code, set(answer.json["errors"])) == (422, {"version"})


def test_two_who_save_at_once_lose_nothing(app: Flask, record: Record) -> None:
    """Twenty threads, each its own field of the same record, all from the same version."""
    fields = [f"{form}_attachment_count" for form in ("pnd_3", "pnd_53", "pnd_2", "pnd_54", "pt_40")]
    fields += ["wht_response", "pp30_response", "wht_submission_comment", "pp30_submission_comment"]
    admin, failed = actor(app, "admin"), []
    start = threading.Barrier(len(fields))

    def write(field: str) -> None:
        value = 41 if "count" in field else f"ข้อความ {field}"
        with app.app_context():
            start.wait()
            try:
                service.save(admin, record["id"], Save("taxStatus", record["version"], {field: value}))
            except Exception as error:
                failed.append(error)

    _all([threading.Thread(target=write, args=(field,)) for field in fields])
    assert not failed
    after = Colleague(app, "admin").get(record["id"]).json["data"]
    assert after["version"] == record["version"] + len(fields)
    assert {field: after[field] for field in fields} == {
        field: 41 if "count" in field else f"ข้อความ {field}" for field in fields
    }


def test_of_two_who_change_the_same_field_at_once_one_is_told(app: Flask, record: Record) -> None:
    admin, saved, told = actor(app, "admin"), [], []
    start = threading.Barrier(6)

    def write(number: int) -> None:
        with app.app_context():
            start.wait()
            wanted = Save("taxStatus", record["version"], {"wht_response": f"คนที่ {number}"})
            try:
                saved.append(service.save(admin, record["id"], wanted).data["wht_response"])
            except Conflict as conflict:
                told.append(conflict.extra["conflicts"]["wht_response"])

    _all([threading.Thread(target=write, args=(number,)) for number in range(6)])
    assert (len(saved), len(told)) == (1, 5)
    assert {one["theirs"] for one in told} == set(saved)


def _all(threads: list[threading.Thread]) -> None:
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
