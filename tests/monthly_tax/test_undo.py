"""Taking back one's own last save (decision 0004)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import update

from bmu.changes.models import ChangeLog
from bmu.changes.work import By, transaction
from bmu.monthly_tax import service
from bmu.monthly_tax.fields import FIELDS
from bmu.monthly_tax.undo import UNDO_FOR
from tests.conftest import STRANGER, Colleague, events

SignIn = Callable[[str], Colleague]
Record = dict[str, Any]


def take_back(who: Colleague, record: Record, version: int | None = None) -> Any:
    return who.call("POST", f"{record['id']}/undo", json={"version": version or record["version"]})


@pytest.fixture
def drafted(sign_in: SignIn, record: Record) -> Record:
    """Build 018 after the WHT filer drafted it: a status, a date and a reply."""
    body = {"sourcePage": "taxFiling", "pnd_status": "draft_completed", "wht_filing_response": "ร่างแล้ว"}
    first = sign_in("AC00024").put(record["id"], {"sourcePage": "taxStatus", "pnd_status": "passed"}).json["data"]
    saved: Record = sign_in("AC00012").put(record["id"], body | {"version": first["version"]}).json["data"]
    return saved | {"before": first}


def test_it_restores_every_field_of_the_save_its_dates_included(sign_in: SignIn, drafted: Record) -> None:
    answer = take_back(sign_in("AC00012"), drafted)
    assert answer.status_code == 200
    data, before = answer.json["data"], drafted["before"]
    assert {name: data[name] for name in FIELDS} == {name: before[name] for name in FIELDS}
    assert drafted["wht_draft_completed_date"] != before["wht_draft_completed_date"]
    assert data["version"] == drafted["version"] + 1


def test_the_matrix_does_not_stop_it(sign_in: SignIn, drafted: Record) -> None:
    """The filer may not choose ผ่าน, yet that is what it was."""
    assert take_back(sign_in("AC00012"), drafted).json["data"]["pnd_status"] == "passed"


def test_the_log_keeps_the_save_and_its_reversal(sign_in: SignIn, drafted: Record) -> None:
    take_back(sign_in("AC00012"), drafted)
    newest, one_before = sign_in("AC00012").get(f"{drafted['id']}/history").json["data"][:2]
    assert (newest["action"], one_before["action"]) == ("undo", "update")
    assert newest["fields"]["pnd_status"] == ["draft_completed", "passed"]
    assert newest["fields"].keys() == one_before["fields"].keys()


def test_the_others_hear_of_it(sign_in: SignIn, drafted: Record) -> None:
    socket = sign_in("AC00024").listen()
    take_back(sign_in("AC00012"), drafted)
    [(name, data)] = events(socket)
    assert (name, data["pnd_status"]) == ("monthly-tax-data:updated", "passed")


def test_somebody_elses_save_is_not_ones_own(sign_in: SignIn, drafted: Record) -> None:
    for username in ("AC00024", "AC00015", "admin"):
        assert take_back(sign_in(username), drafted).status_code == 403, username
    assert take_back(sign_in(STRANGER), drafted).status_code == 404


def test_only_within_a_minute(app: Flask, sign_in: SignIn, drafted: Record) -> None:
    with app.app_context(), transaction() as work:
        late = work.now - UNDO_FOR - timedelta(seconds=1)
        work.session.execute(update(ChangeLog).where(ChangeLog.seq == drafted["seq"]).values(at=late))
    assert take_back(sign_in("AC00012"), drafted).status_code == 403


def test_not_when_somebody_has_changed_it_since(sign_in: SignIn, drafted: Record) -> None:
    now = sign_in("AC00024").save(drafted, "taxStatus", pnd_status="paid").json["data"]
    answer = take_back(sign_in("AC00012"), drafted)
    assert (answer.status_code, set(answer.json["conflicts"])) == (409, {"pnd_status"})
    conflict = answer.json["conflicts"]["pnd_status"]
    assert (conflict["yours"], conflict["theirs"], conflict["by"]) == ("passed", "paid", "AC00024")
    assert answer.json["data"] == now


def test_a_change_of_other_fields_does_not_stop_it(sign_in: SignIn, drafted: Record) -> None:
    sign_in("AC00024").save(drafted, "taxStatus", pp30_response="ตอบ")
    data = take_back(sign_in("AC00012"), drafted).json["data"]
    assert (data["pnd_status"], data["pp30_response"]) == ("passed", "ตอบ")


def test_not_twice_and_not_what_was_no_save(app: Flask, sign_in: SignIn, drafted: Record) -> None:
    undone = take_back(sign_in("AC00012"), drafted).json["data"]
    assert take_back(sign_in("AC00012"), drafted).status_code == 409
    assert take_back(sign_in("AC00012"), undone).status_code == 403
    with app.app_context():
        handed = service.hand_over(By("AC00012"), drafted["id"], {"document_entry_responsible": "AC00033"}).data
    assert take_back(sign_in("AC00012"), handed).status_code == 403
    assert take_back(sign_in("AC00012"), drafted, handed["version"] + 5).status_code == 403


def test_not_by_who_has_lost_the_role_since(app: Flask, sign_in: SignIn, drafted: Record) -> None:
    with app.app_context():
        service.hand_over(By("tests"), drafted["id"], {"wht_filer_current_employee_id": "AC00040"})
    assert take_back(sign_in("AC00012"), drafted).status_code == 404


@pytest.mark.parametrize(
    "values",
    [
        {"document_received_date": "2024-02-29", "bank_impact": "no_docs", "purchase_document_count": 0},
        {"pp30_payment_status": "has_payment", "pp30_payment_amount": 1250.5},
        {"wht_response": "หลาย\nบรรทัด", "pnd_3_attachment_count": 5},
        {"pp30_payment_status": "no_payment"},
    ],
    ids=lambda values: next(iter(values)),
)
def test_every_kind_of_value_comes_back_as_it_was(sign_in: SignIn, record: Record, values: Record) -> None:
    who = sign_in("AC00024")
    fixed = {"pp30_payment_status": "has_payment", "pp30_payment_amount": 99.25, "document_received_date": "2026-11-02"}
    before = who.put(record["id"], {"sourcePage": "taxStatus", **fixed}).json["data"]
    saved = who.put(record["id"], {"sourcePage": "taxStatus", **values}).json["data"]
    assert saved["version"] > before["version"]
    data = take_back(who, saved).json["data"]
    assert {name: data[name] for name in FIELDS} == {name: before[name] for name in FIELDS}


@pytest.mark.parametrize("version", [None, 0, 1, "x", 10**30])
def test_a_version_that_made_nothing_is_refused(sign_in: SignIn, record: Record, version: Any) -> None:
    answer = sign_in("AC00024").call("POST", f"{record['id']}/undo", json={"version": version})
    assert (answer.status_code, set(answer.json["errors"])) == (422, {"version"})
