"""One save (design §5): what is touched, what is accepted, what is refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from bmu.monthly_tax.fields import FIELDS, FORM_STATUSES
from tests.conftest import FIVE, MONTH, Colleague

SignIn = Callable[[str], Colleague]
Record = dict[str, Any]
# What any save changes besides the fields it names.
TRACES = {"version", "seq", "updated_at", "updated_by", "updated_by_name"}


@pytest.fixture(scope="module")
def reader(reading: Flask) -> Colleague:
    """The accountant, where nothing is saved."""
    return Colleague(reading, "AC00024")


def differing(before: Record, after: Record) -> set[str]:
    return {name for name in after if after[name] != before.get(name)}


def test_only_the_given_fields_are_touched(sign_in: SignIn, record: Record) -> None:
    """TRAP: in the original a field absent from the body became NULL (domain §7.8)."""
    saved = sign_in("AC00024").save(record, "taxStatus", wht_response="ตอบแล้ว", bank_impact="no_docs").json["data"]
    assert differing(record, saved) - TRACES == {"wht_response", "bank_impact"}
    assert sign_in("AC00024").get(record["id"]).json["data"] == saved


def test_a_save_says_who_and_when_and_counts_on(sign_in: SignIn, record: Record) -> None:
    saved = sign_in("AC00024").save(record, "taxStatus", wht_response="ตอบแล้ว").json["data"]
    assert saved["version"] == record["version"] + 1
    assert saved["seq"] > record["seq"]
    assert (saved["updated_by"], saved["updated_at"] > record["updated_at"]) == ("AC00024", True)
    assert saved["updated_by_name"] == saved["accounting_responsible_name"]


def test_one_status_does_not_move_the_other(sign_in: SignIn, record: Record) -> None:
    """BUG-129: both statuses and their dates changed although one was edited."""
    code = "paid" if record["pnd_status"] != "paid" else "passed"
    saved = sign_in("AC00024").save(record, "taxStatus", pnd_status=code).json["data"]
    assert differing(record, saved) - TRACES == {"pnd_status"}


def test_the_people_are_not_changed_by_a_save(sign_in: SignIn, record: Record) -> None:
    """BUG-109: responsible people were wiped by a save from the form."""
    saved = sign_in("AC00024").save(record, "taxStatus", wht_response="ตอบแล้ว").json["data"]
    assert {role: saved[role] for role in FIVE} == FIVE


@pytest.mark.parametrize("at", ["taxStatus", "taxInspection", "taxFiling"])
def test_the_whole_record_sent_back_is_accepted_and_changes_nothing(sign_in: SignIn, record: Record, at: str) -> None:
    """A value equal to the stored one is always accepted, also where it may not be written."""
    worker = {"taxStatus": "AC00024", "taxInspection": "AC00008", "taxFiling": "AC00015"}[at]
    answer = sign_in(worker).put(record["id"], {"sourcePage": at, **record})
    assert answer.status_code == 200, answer.text
    assert answer.json["data"] == record


def test_the_whole_record_with_one_change_saves_that_one(sign_in: SignIn, record: Record) -> None:
    changed = record | {"purchase_document_count": 77}
    saved = sign_in("AC00024").put(record["id"], {"sourcePage": "taxStatus", **changed}).json["data"]
    assert differing(record, saved) - TRACES == {"purchase_document_count"}


def test_a_status_the_page_does_not_offer_may_stay(sign_in: SignIn, record: Record) -> None:
    sign_in("AC00024").put(record["id"], {"sourcePage": "taxStatus", "pnd_status": "draft_ready"})
    body = {"sourcePage": "taxInspection", "pnd_status": "draft_ready", "wht_inquiry": "ครบไหม"}
    assert sign_in("AC00008").put(record["id"], body).status_code == 200


def test_a_value_written_in_another_way_is_the_same_value(sign_in: SignIn, record: Record) -> None:
    who = sign_in("AC00024")
    first = {"pp30_payment_status": "has_payment", "pp30_payment_amount": 1250.5, "purchase_document_count": 12}
    dated = {"document_received_date": "2024-02-29", "wht_response": "ก\nข"}
    saved = who.put(record["id"], {"sourcePage": "taxStatus", **first, **dated}).json["data"]
    again = {"pp30_payment_amount": "1,250.50", "purchase_document_count": "12", "wht_response": "  ก\r\nข "}
    answer = who.put(record["id"], {"sourcePage": "taxStatus", **again, "document_received_date": "29/02/2567"})
    assert answer.json["data"] == saved


def test_an_empty_save_changes_nothing(sign_in: SignIn, record: Record) -> None:
    assert sign_in("AC00024").put(record["id"], {"sourcePage": "taxStatus"}).json["data"] == record


def test_unknown_fields_are_named(sign_in: SignIn, record: Record) -> None:
    strange = ("pp30_form", "deleted_at", "ids", "names", "values", "is_vat", "ผ่าน")
    body = {"sourcePage": "taxStatus", "wht_response": "x", **dict.fromkeys(strange, "1")}
    answer = sign_in("AC00024").put(record["id"], body)
    assert (answer.status_code, set(answer.json["errors"])) == (422, set(strange))
    assert sign_in("AC00024").get(record["id"]).json["data"] == record


@pytest.mark.parametrize("field", [one.key for one in FIELDS.values() if one.kind.macro == "moment"])
def test_nobody_sends_a_date_of_a_transition(sign_in: SignIn, record: Record, field: str) -> None:
    """domain §4.4: the client never sends a date except วันที่รับเอกสาร."""
    for value in ("2026-11-01T00:00:00.000Z", None, "", "x"):
        same = (record[field] or "") == (value or "") and record[field] is None and value is None
        answer = sign_in("admin").put(record["id"], {"sourcePage": "taxStatus", field: value})
        assert answer.status_code == (200 if same else 403), value


BAD = {
    "pnd_status": ["edit", "not_started", "ผ่าน", "PASSED", 1, True, [], {}],
    "document_status": ["late ", "no_bank", 0],
    "purchase_document_count": [-1, 1.5, "x", True, [], 1_000_001, "9" * 5000, "١٢"],
    "pp30_payment_amount": ["x", -1, 0.001, "NaN", "Infinity", "1e400", 10**13, True, [], {}],
    "document_received_date": ["x", "31/02/2567", "30/02/2026", "2026-13-01", "1/1/99999999999", 5, [], "1/1/1"],
    "wht_response": [1, True, [], {}, "x" * 4001, "a\x00b", "\x1b[0m"],
}


@pytest.mark.parametrize(
    ("field", "value"),
    [(name, value) for name, all_ in BAD.items() for value in all_],
    ids=lambda one: str(one)[:20].encode("unicode_escape").decode(),
)
def test_a_value_that_does_not_fit_is_refused_at_its_field(reader: Colleague, field: str, value: Any) -> None:
    record = reader.get(limit=1, build="018").json["data"][0]
    answer = reader.put(record["id"], {"sourcePage": "taxStatus", field: value})
    assert (answer.status_code, set(answer.json["errors"])) == (422, {field})
    assert answer.json["errors"][field][0]


@pytest.mark.parametrize(
    "where",
    [
        '{"sourcePage": "taxStatus", "wht_response": "%s"}',
        '{"sourcePage": "%s"}',
        '{"sourcePage": "taxStatus", "%s": 1}',
        '{"sourcePage": "taxStatus", "version": "%s"}',
    ],
)
def test_half_a_surrogate_pair_is_refused(sign_in: SignIn, record: Record, where: str) -> None:
    """JSON can say what UTF-8 can not: no database, no answer can hold it."""
    headers = {"Idempotency-Key": "half a pair"}
    answer = sign_in("AC00024").call(
        "PUT", record["id"], data=where % "\\ud800", content_type="application/json", headers=headers
    )
    assert answer.status_code == 422, answer.text
    assert "Idempotency-Key" not in answer.json["errors"]


def test_every_field_can_be_emptied_again_by_the_accountant(app: Flask, sign_in: SignIn, record: Record) -> None:
    """TRAP: income_confirmed could never be cleared (domain §14.1 12)."""
    writable = [one.key for one in FIELDS.values() if one.state("taxStatus") == "E"]
    sign_in("AC00024").put(record["id"], {"sourcePage": "taxStatus", "pp30_status": None, "pnd_status": None})
    answer = sign_in("AC00024").put(record["id"], {"sourcePage": "taxStatus", **dict.fromkeys(writable)})
    assert answer.status_code == 200, answer.text
    assert {answer.json["data"][name] for name in writable} == {None}


def test_a_status_change_does_not_erase_a_reply(sign_in: SignIn, record: Record) -> None:
    """TRAP: choosing a PP30 status other than paid erased what the filer wrote (domain §4.2)."""
    filer = sign_in("AC00015")
    filer.put(record["id"], {"sourcePage": "taxFiling", "pp30_filing_response": "ยื่นแล้วค่ะ"})
    saved = sign_in("admin").put(record["id"], {"sourcePage": "taxFiling", "pp30_status": "sent_to_customer"})
    assert saved.json["data"]["pp30_filing_response"] == "ยื่นแล้วค่ะ"


def test_document_status_is_stored(sign_in: SignIn, record: Record) -> None:
    """TRAP: it was on the form and lost on save (domain §2.4)."""
    sign_in("AC00024").put(record["id"], {"sourcePage": "taxStatus", "document_status": "late"})
    assert sign_in("AC00008").get(record["id"]).json["data"]["document_status"] == "late"


def test_a_received_date_is_a_day_and_does_not_drift(sign_in: SignIn, record: Record) -> None:
    """TRAP: it moved seven hours at every save by anybody (domain §6)."""
    sign_in("AC00024").put(record["id"], {"sourcePage": "taxStatus", "document_received_date": "2026-11-01"})
    for username, at in (("AC00008", "taxInspection"), ("AC00012", "taxFiling")):
        now = sign_in(username).get(record["id"]).json["data"]
        assert sign_in(username).put(record["id"], {"sourcePage": at, **now}).status_code == 200
    assert sign_in("AC00024").get(record["id"]).json["data"]["document_received_date"] == "2026-11-01"


def test_no_attachments_is_a_number(sign_in: SignIn, record: Record) -> None:
    """BUG-107: a stored 0 was shown wrongly."""
    body = {"sourcePage": "taxStatus", "pnd_2_status": "not_submitted", "pnd_2_attachment_count": 0}
    assert sign_in("AC00024").put(record["id"], body).json["data"]["pnd_2_attachment_count"] == 0


def test_times_are_utc_with_z_and_dates_are_dates(sign_in: SignIn, record: Record) -> None:
    for name, value in record.items():
        kind = FIELDS[name].kind.macro if name in FIELDS else ""
        if value is not None and (kind == "moment" or name in ("created_at", "updated_at")):
            assert value.endswith("Z") and len(value) == 24, name
        if value is not None and kind == "day":
            assert len(value) == 10
    assert record["tax_year"] == MONTH.year


def test_amounts_are_numbers_with_two_decimals(sign_in: SignIn, record: Record) -> None:
    body = {"sourcePage": "taxStatus", "pp30_payment_status": "has_payment", "pp30_payment_amount": "1234567890123.45"}
    assert sign_in("AC00024").put(record["id"], body).json["data"]["pp30_payment_amount"] == 1234567890123.45


def test_the_ten_forms_are_saved_one_by_one(sign_in: SignIn, record: Record) -> None:
    for form in FORM_STATUSES:
        code = "paid" if record[form] != "paid" else "passed"
        saved = sign_in("AC00024").put(record["id"], {"sourcePage": "taxStatus", form: code}).json["data"]
        assert differing(record, saved) - TRACES == {form}
        record = saved


def test_no_address_says_that_a_save_failed_when_it_was_saved(sign_in: SignIn, record: Record) -> None:
    """BUG-149: 500 although the row was saved. A table one may not open, or that is none, gets no row."""
    for table in ("tax-inspection", "clients", "", "x" * 300):
        text = f"ใหม่ [{table}]"
        answer = sign_in("AC00024").save(record, "taxStatus", headers={"X-Table": table}, version=0, wht_response=text)
        assert (answer.status_code, "html" in answer.json["data"]) == (200, False)
        assert sign_in("AC00024").get(record["id"]).json["data"]["wht_response"] == text
