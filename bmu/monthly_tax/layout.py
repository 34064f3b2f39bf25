"""Where the fields of the monthly form stand: tabs, sections, and what their controls say (domain §10.3, §10.4)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from bmu.i18n import N_
from bmu.monthly_tax.fields import FIELDS, FORMS, GENERAL, PND, PP30, VAT, WHT, Side
from bmu.monthly_tax.talks import TALKS
from bmu.tables.kinds import Choice, Count, Day, Money, Text

CHOOSE, CHOOSE_STATUS = N_("— เลือก —"), N_("— เลือกสถานะ —")
NOTHING_TO_FILE = "not_submitted"


@dataclass(frozen=True)
class Section:
    """A heading and the fields below it. `layout`: how they stand: facts, dates, forms (a line each: status and
    count), talk (texts with the thread of the talk named by `talk`)."""

    title: str
    keys: tuple[str, ...]
    layout: str = "facts"
    talk: str = ""


@dataclass(frozen=True)
class Tab:
    """A tab: `key` is the side its fields stand on."""

    key: str
    title: str
    sections: tuple[Section, ...]
    short: str = ""


def _dates(side: Side) -> Section:
    return Section(N_("วันที่ของสถานะ"), (side.sent, side.returned, side.customer, side.draft), "dates")


def _talks(side: Side) -> tuple[Section, ...]:
    return tuple(Section(talk.title, talk.fields, "talk", talk.key) for talk in TALKS if talk.side == side.key)


TABS: Final = (
    Tab(
        GENERAL,
        N_("ข้อมูลเกี่ยวกับการรับเอกสารและบริษัท"),
        (
            Section(N_("เอกสาร"), ("document_received_date", "document_status")),
            Section(
                N_("ข้อมูลกระทบยอด"),
                ("accounting_record_status", "bank_statement_status", "monthly_tax_impact", "bank_impact"),
            ),
        ),
        N_("เอกสารและบริษัท"),
    ),
    Tab(
        WHT,
        N_("ยื่นแบบภาษีหัก ณ ที่จ่าย (WHT)"),
        (
            _dates(PND),
            Section(N_("แบบฟอร์มภาษีหัก ณ ที่จ่าย"), (PND.status,)),
            Section("", tuple(f"{form}_{part}" for form in FORMS for part in ("status", "attachment_count")), "forms"),
            *_talks(PND),
        ),
        N_("ภ.ง.ด. (WHT)"),
    ),
    Tab(
        VAT,
        N_("ยื่นแบบภาษีมูลค่าเพิ่ม (VAT)"),
        (
            _dates(PP30),
            Section(
                N_("แบบฟอร์มภาษีมูลค่าเพิ่ม"),
                (
                    *(PP30.status, "purchase_document_count", "income_confirmed", "expenses_confirmed"),
                    *("pp30_payment_status", "pp30_payment_amount"),
                ),
            ),
            *_talks(PP30),
        ),
        N_("ภ.พ.30 (VAT)"),
    ),
)
# Labels with a star (domain §3.2): on every page, and on TaxStatus besides.
STARRED = {PND.status, PP30.status}
STARRED_STATUS = {*(f"{form}_status" for form in FORMS), "purchase_document_count", "income_confirmed"}
PLACEHOLDERS = {
    "document_received_date": N_("เลือกหรือกรอกวันที่"),
    "purchase_document_count": "0",
    "pp30_payment_amount": "0.00",
    "wht_inquiry": N_("กรอกคำถามเพิ่มเติมเกี่ยวกับ ภ.ง.ด..."),
    "pp30_inquiry": N_("กรอกคำถามเพิ่มเติมเกี่ยวกับ ภ.พ.30..."),
    "wht_response": N_("กรอกคำตอบสำหรับการสอบถาม ภ.ง.ด."),
    "pp30_response": N_("กรอกคำตอบสำหรับการสอบถาม ภ.พ.30"),
    "wht_submission_comment": N_("กรอกความเห็นเกี่ยวกับการส่งงานยื่นภาษี..."),
    "pp30_submission_comment": N_("กรอกความเห็นเกี่ยวกับการส่งงานยื่นภาษี..."),
    "wht_filing_response": N_("กรอกคำตอบสำหรับการตอบกลับงานยื่นภาษี..."),
    "pp30_filing_response": N_("กรอกคำตอบสำหรับการตอบกลับงานยื่นภาษี..."),
}
CONTROLS = {Choice: "select", Text: "text", Count: "number", Money: "amount", Day: "day"}
WHEN = {"pp30_payment_amount": "pp30_payment_status=has_payment"}
assert {key for tab in TABS for section in tab.sections for key in section.keys} == set(FIELDS)
