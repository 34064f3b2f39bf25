"""What keeps a record from being saved as it stands (domain §10.5 with its R), each rule with its message."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import update

from bmu.changes.work import By, transaction
from bmu.clients import obliging
from bmu.monthly_tax.fields import FORMS
from bmu.monthly_tax.models import MonthlyTaxData
from tests.conftest import MONTH, Colleague

SignIn = Callable[[str], Colleague]
Record = dict[str, Any]
EMPTY: Record = {
    **{f"{form}_status": None for form in FORMS},
    **{f"{form}_attachment_count": None for form in FORMS},
    **dict.fromkeys(("pnd_status", "pp30_status", "purchase_document_count", "income_confirmed")),
    **dict.fromkeys(("pp30_payment_status", "pp30_payment_amount")),
}
CHOSEN = {f"{form}_status": "not_submitted" for form in FORMS}


@pytest.fixture
def empty(app: Flask, record: Record) -> Record:
    """Build 018 with nothing filled in."""
    with app.app_context(), transaction() as work:
        work.session.execute(update(MonthlyTaxData).where(MonthlyTaxData.id == record["id"]).values(EMPTY))
    return record


@pytest.fixture
def save(sign_in: SignIn, empty: Record) -> Callable[..., Any]:
    """Saves on TaxStatus as the accountant."""
    return lambda **values: sign_in("AC00024").put(empty["id"], {"sourcePage": "taxStatus", **values})


def faults(answer: Any) -> set[str]:
    assert answer.status_code in (200, 422), answer.text
    return set(answer.json.get("errors", {}))


@pytest.mark.parametrize("code", ["pending_review", "pending_recheck"])
def test_to_review_only_with_all_ten_forms_chosen(save: Any, code: str) -> None:
    refused = save(pnd_status=code)
    assert faults(refused) == set(CHOSEN)
    message = refused.json["errors"]["pnd_3_status"][0]
    assert message.startswith("กรุณาเลือกสถานะสำหรับ: แบบ ภ.ง.ด.1 40(1), ")
    assert faults(save(pnd_status=code, **{**CHOSEN, "pt_40_status": None})) == {"pt_40_status"}
    assert faults(save(pnd_status=code, **CHOSEN)) == set()


def test_to_review_asks_only_for_the_forms_that_the_client_files(save: Any, app: Flask) -> None:
    with app.app_context():
        obliging.oblige(By(None), "018", {"since": str(MONTH), "forms": ["pnd_3", "pnd_53", "pp30"]})
    assert faults(save(pnd_status="pending_review", pnd_3_status="not_submitted")) == {"pnd_53_status"}
    both = dict.fromkeys(("pnd_3_status", "pnd_53_status"), "not_submitted")
    assert faults(save(pnd_status="pending_review", **both)) == set()


def test_what_is_taken_back_on_the_way_is_not_asked_for_again(save: Any, app: Flask) -> None:
    """A form outside the client's obligations in which somebody had entered something."""
    save(pt_40_status="paid")
    with app.app_context():
        obliging.oblige(By(None), "018", {"since": str(MONTH), "forms": ["pnd_3"]})
    assert faults(save(pnd_status="pending_review", pnd_3_status="not_submitted", pt_40_status=None)) == set()
    assert save(pt_40_status="paid").status_code == 403


@pytest.mark.parametrize("code", ["draft_ready", "paid", "not_submitted", "passed"])
def test_any_other_status_does_not_ask_for_the_forms(save: Any, code: str) -> None:
    assert faults(save(pnd_status=code)) == set()


def test_a_form_to_review_needs_its_sheets(save: Any) -> None:
    refused = save(pnd_3_status="pending_review", pnd_53_status="pending_review", pnd_53_attachment_count=0)
    assert faults(refused) == {"pnd_3_attachment_count", "pnd_53_attachment_count"}
    assert "แบบ ภ.ง.ด.3, แบบ ภ.ง.ด.53" in refused.json["errors"]["pnd_3_attachment_count"][0]
    assert faults(save(pnd_3_status="pending_review", pnd_3_attachment_count=1)) == set()
    assert faults(save(pnd_3_attachment_count=None)) == {"pnd_3_attachment_count"}


def test_nobody_is_stopped_by_somebody_elses_gap(save: Any, app: Flask, empty: Record, sign_in: SignIn) -> None:
    """A gap that this save does not touch is not its matter (TRAP: rule 1 asked always, domain §10.5)."""
    with app.app_context(), transaction() as work:
        gaps = {"pnd_3_status": "pending_review", "pp30_status": "passed", "pnd_status": "pending_review"}
        gaps |= {"pp30_payment_status": "has_payment"}
        work.session.execute(update(MonthlyTaxData).where(MonthlyTaxData.id == empty["id"]).values(gaps))
    assert faults(save(wht_response="x", pnd_2_status="paid", bank_impact="no_docs")) == set()
    inspector = sign_in("AC00008").put(empty["id"], {"sourcePage": "taxInspection", "pp30_status": "paid"})
    assert faults(inspector) == set()


def test_a_pp30_to_file_needs_its_documents_counted_and_the_income_confirmed(save: Any) -> None:
    assert faults(save(pp30_status="passed")) == {"purchase_document_count", "income_confirmed"}
    assert faults(save(pp30_status="passed", purchase_document_count=4)) == {"income_confirmed"}
    fine = {"purchase_document_count": 4, "income_confirmed": "waiting_customer"}
    assert faults(save(pp30_status="passed", **fine)) == set()
    assert faults(save(income_confirmed=None)) == {"income_confirmed"}


def test_a_client_without_purchases_counts_none(save: Any) -> None:
    """TRAP: rule 3 blocked clients with zero purchase documents."""
    fine = {"purchase_document_count": 0, "income_confirmed": "no_confirmation_needed"}
    assert faults(save(pp30_status="pending_review", **fine)) == set()


def test_no_pp30_to_file_asks_for_neither(save: Any) -> None:
    assert faults(save(pp30_status="not_submitted")) == set()
    assert faults(save(pp30_status=None)) == set()


def test_a_payment_has_an_amount_above_zero(save: Any) -> None:
    assert faults(save(pp30_payment_status="has_payment")) == {"pp30_payment_amount"}
    for wrong in (0, "0.00", "-0"):
        assert faults(save(pp30_payment_status="has_payment", pp30_payment_amount=wrong)) == {"pp30_payment_amount"}
    assert faults(save(pp30_payment_status="has_payment", pp30_payment_amount=0.01)) == set()
    assert faults(save(pp30_payment_amount=None)) == {"pp30_payment_amount"}


def test_an_amount_goes_with_a_payment_only(save: Any) -> None:
    """TRAP: a leftover amount with no status could be stored (domain §2.11)."""
    assert faults(save(pp30_payment_amount=100)) == {"pp30_payment_amount"}
    assert faults(save(pp30_payment_status="no_payment", pp30_payment_amount=100)) == {"pp30_payment_amount"}


@pytest.mark.parametrize("status", ["no_payment", None])
def test_without_a_payment_the_amount_is_emptied(save: Any, status: str | None) -> None:
    save(pp30_payment_status="has_payment", pp30_payment_amount=100)
    assert save(pp30_payment_status=status).json["data"]["pp30_payment_amount"] is None


def test_the_rules_of_the_payment_hold_for_the_filer_too(sign_in: SignIn, empty: Record) -> None:
    body = {"sourcePage": "taxFiling", "pp30_payment_status": "has_payment"}
    assert faults(sign_in("AC00015").put(empty["id"], body)) == {"pp30_payment_amount"}


def test_the_messages_are_those_the_people_know(save: Any) -> None:
    """domain §10.5; two of them say ไม่มียื่น, as the status is called."""
    said = {
        "pp30_payment_amount": 'กรุณากรอกจำนวนยอดชำระเมื่อเลือก "มียอดชำระ"',
        "income_confirmed": 'กรุณาเลือกคอนเฟิร์มรายได้ เมื่อสถานะ ภ.พ.30 ไม่ใช่ "ไม่มียื่น"',
    }
    refused = save(pp30_payment_status="has_payment", pp30_status="passed").json["errors"]
    assert {name: refused[name][0] for name in said} == said
    zero = save(pp30_payment_status="has_payment", pp30_payment_amount=0).json["errors"]
    assert zero["pp30_payment_amount"] == ["จำนวนยอดชำระต้องเป็นตัวเลขที่มากกว่า 0"]


def test_messages_come_in_the_persons_language(sign_in: SignIn, empty: Record) -> None:
    english = sign_in("AC00024").speaking("en")
    refused = english.put(empty["id"], {"sourcePage": "taxStatus", "pnd_status": "pending_review"})
    said = refused.json["errors"]["pnd_3_status"][0] + refused.json["message"]
    assert not any("ก" <= sign <= "๛" for sign in said), said


def test_a_refused_save_saves_nothing_of_it(save: Any, sign_in: SignIn, empty: Record) -> None:
    before = sign_in("AC00024").get(empty["id"]).json["data"]
    assert faults(save(wht_response="x", pp30_status="passed"))
    assert sign_in("AC00024").get(empty["id"]).json["data"] == before
