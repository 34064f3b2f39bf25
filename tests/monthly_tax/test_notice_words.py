"""What the notices of a record say to whom, and where they lead."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from bmu.accounts.rules import Actor
from bmu.monthly_tax.catalogue import STATUS
from bmu.monthly_tax.fields import PEOPLE
from bmu.monthly_tax.notice_words import KINDS, say
from bmu.notifications.queries import Stored
from bmu.notifications.words import Said

FACTS = {"build": "018", "company_name": "บริษัท สยามตัวอย่าง จำกัด", "tax_year": 2026, "tax_month": 10}
TOPICS = {**dict.fromkeys(KINDS, "wht"), "assigned": "accounting_responsible", "unassigned": "accounting_responsible"}


def reader(role: str) -> Actor:
    return Actor("u", "AC00099", role, "AC00099", "ก")


def said(event: str, topic: str = "", *, role: str = "admin", lang: str = "th", **facts: Any) -> Said:
    now = datetime(2026, 11, 23, tzinfo=UTC)
    stored = Stored("i", "u", 1, event, topic or TOPICS[event], "monthly_tax_data", "r", FACTS | facts, now, None)
    return say(stored, reader(role), lang)


def test_sent_for_review_says_what_the_original_said() -> None:
    found = said("review", status="pending_review", by="วิภา(ภา)")
    assert (found.type, found.category, found.priority) == ("tax_review_pending", "tax", "high")
    assert found.title == "มีข้อมูลภ.ง.ด. ส่งรอตรวจ"
    assert found.message == "บริษัท สยามตัวอย่าง จำกัด (018) - ภ.ง.ด. เดือน ตุลาคม 2569\nสถานะ: รอตรวจ · โดย วิภา(ภา)"


def test_a_verdict_names_the_inspector_and_shows_the_question() -> None:
    found = said("inspected", "vat", status="needs_correction", by="ปกรณ์(กร)", text="ขอเอกสารเพิ่ม 2 ใบ")
    assert found.type == "tax_inspection_completed"
    assert found.message.split("\n")[1:] == ["สถานะ: แก้ไข · ผู้ตรวจ: ปกรณ์(กร)", "ขอเอกสารเพิ่ม 2 ใบ"]
    assert "ภ.พ.30" in found.title and "ภ.พ.30" in found.message


@pytest.mark.parametrize("code", STATUS.codes)
def test_no_status_appears_as_its_code(code: str) -> None:
    """TRAP: six statuses appeared as raw codes."""
    assert code not in said("inspected", status=code).message


@pytest.mark.parametrize("event", KINDS)
@pytest.mark.parametrize("lang", ["th", "en"])
def test_every_event_has_words_and_what_it_is_about(event: str, lang: str) -> None:
    found = said(event, lang=lang)
    assert found.title and "%(" not in found.title + found.message and "018" in found.message
    tax = None if TOPICS[event] in PEOPLE else "wht"
    assert found.metadata == FACTS | {"tax_type": tax}


def test_who_is_given_a_filers_role_knows_the_tax() -> None:
    found = said("assigned", "vat_filer_current_employee_id")
    assert found.metadata["tax_type"] == "vat" and PEOPLE["vat_filer_current_employee_id"] in found.title


@pytest.mark.parametrize("event", ["assigned", "unassigned"])
def test_a_title_of_many_says_how_many(event: str) -> None:
    assert "400 รายการ" in said(event, more=399).title
    assert "รายการนี้" in said(event).title


@pytest.mark.parametrize(
    ("event", "topic", "role", "page"),
    [
        ("review", "wht", "audit", "tax-inspection"),
        ("response", "vat", "audit", "tax-inspection"),
        ("review", "wht", "service", "tax-status"),  # an inspector whose role opens no inspection
        ("inspected", "wht", "service", "tax-status"),
        ("sent_to_customer", "wht", "service", "tax-status"),  # TRAP: it led to a page the accountant may not open
        ("ready", "vat", "data_entry_and_service", "tax-filing"),
        ("ready", "vat", "service", "tax-status"),
        ("assigned", "tax_inspection_responsible", "audit", "tax-inspection"),
        ("assigned", "wht_filer_current_employee_id", "data_entry_and_service", "tax-filing"),
        ("assigned", "document_entry_responsible", "data_entry_and_service", "tax-status"),
        ("assigned", "document_entry_responsible", "data_entry", None),
        ("unassigned", "accounting_responsible", "service", None),
        ("unassigned", "accounting_responsible", "audit", "tax-status"),
        ("inspected", "wht", "hr", None),
    ],
)
def test_it_leads_to_a_page_the_reader_may_open(event: str, topic: str, role: str, page: str | None) -> None:
    assert said(event, topic, role=role).url == (page and f"/{page}/018/2026-10")
