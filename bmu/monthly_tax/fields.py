"""Every field of the record: its label, its kind, and who may do what with it on which page (domain §3.2).

One definition for the model's checks, the API, the form and the tables.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from bmu.i18n import N_
from bmu.monthly_tax import catalogue as c
from bmu.tables.kinds import Count, Day, Kind, Moment, Money, Person, Text

SOURCE_PAGES: Final = ("taxStatus", "taxInspection", "taxFiling")
GENERAL, WHT, VAT = "general", "wht", "vat"
EDIT, READ, ABSENT, DISABLED = "E", "R", "-", "D"


@dataclass(frozen=True)
class Field:
    """A field of the record. `on` holds one letter per page of SOURCE_PAGES: E editable, R read-only,
    - not shown, D shown disabled. `side` is the tab it stands on, and on TaxFiling the filer who writes it."""

    key: str
    label: str
    kind: Kind
    side: str
    on: str = "RRR"

    def state(self, page: str) -> str:
        """The letter for `page` (one of SOURCE_PAGES)."""
        return self.on[SOURCE_PAGES.index(page)]


@dataclass(frozen=True)
class Side:
    """One of the two taxes of a record, and the names of its fields."""

    key: str
    name: str
    status: str
    sent: str
    returned: str
    customer: str
    draft: str
    filer: str


PND = Side(
    WHT,
    N_("ภ.ง.ด."),
    "pnd_status",
    "pnd_sent_for_review_date",
    "pnd_review_returned_date",
    "pnd_sent_to_customer_date",
    "wht_draft_completed_date",
    "wht_filer_current_employee_id",
)
PP30 = Side(
    VAT,
    N_("ภ.พ.30"),
    "pp30_status",
    "pp30_sent_for_review_date",
    "pp30_review_returned_date",
    "pp30_sent_to_customer_date",
    "vat_draft_completed_date",
    "vat_filer_current_employee_id",
)
SIDES: Final = (PND, PP30)

# The ten forms of the WHT tab in the order of the form's two columns (domain §10.4).
FORMS: Final = {
    "pnd_1_40_1": N_("แบบ ภ.ง.ด.1 40(1)"),
    "pnd_1_40_2": N_("แบบ ภ.ง.ด.1 40(2)"),
    "pnd_3": N_("แบบ ภ.ง.ด.3"),
    "pnd_53": N_("แบบ ภ.ง.ด.53"),
    "pp_36": N_("แบบ ภ.พ.36"),
    "pnd_54": N_("แบบ ภ.ง.ด.54"),
    "social_security_form": N_("แบบ ประกันสังคม"),
    "student_loan_form": N_("แบบ กยศ."),
    "pt_40": N_("แบบ ภ.ธ.40"),
    "pnd_2": N_("แบบ ภ.ง.ด.2"),
}
SHEETS: Final = {
    "pnd_1_40_1": N_("จำนวนใบแนบ แบบ ภ.ง.ด.1 40(1)"),
    "pnd_1_40_2": N_("จำนวนใบแนบ แบบ ภ.ง.ด.1 40(2)"),
    "pnd_3": N_("จำนวนใบแนบ แบบ ภ.ง.ด.3"),
    "pnd_53": N_("จำนวนใบแนบ แบบ ภ.ง.ด.53"),
    "pp_36": N_("จำนวนใบแนบ แบบ ภ.พ.36"),
    "pnd_54": N_("จำนวนใบแนบ แบบ ภ.ง.ด.54"),
    "social_security_form": N_("จำนวนใบแนบ แบบ ประกันสังคม"),
    "student_loan_form": N_("จำนวนใบแนบ แบบ กยศ."),
    "pt_40": N_("จำนวนใบแนบ แบบ ภ.ธ.40"),
    "pnd_2": N_("จำนวนใบแนบ แบบ ภ.ง.ด.2"),
}
FORM_STATUSES: Final = tuple(f"{form}_status" for form in FORMS)

# The five people of a record (design §4), in the order of the work.
PEOPLE: Final = {
    "accounting_responsible": N_("ผู้ทำบัญชี"),
    "tax_inspection_responsible": N_("ผู้ตรวจภาษี"),
    "document_entry_responsible": N_("พนักงานที่รับผิดชอบในการคีย์"),
    "wht_filer_current_employee_id": N_("พนักงานที่ยื่น WHT"),
    "vat_filer_current_employee_id": N_("พนักงานที่ยื่น VAT"),
}
# Where there is little room for their names.
PEOPLE_SHORT: Final = {
    "accounting_responsible": N_("ผู้ทำบัญชี"),
    "tax_inspection_responsible": N_("ผู้ตรวจภาษี"),
    "document_entry_responsible": N_("คีย์เอกสาร"),
    "wht_filer_current_employee_id": N_("ยื่น WHT"),
    "vat_filer_current_employee_id": N_("ยื่น VAT"),
}
ORIGINALS: Final = {
    "accounting_responsible": "original_accounting_responsible",
    "tax_inspection_responsible": "original_tax_inspection_responsible",
    "document_entry_responsible": "original_document_entry_responsible",
    "wht_filer_current_employee_id": "original_wht_filer_employee_id",
    "vat_filer_current_employee_id": "original_vat_filer_employee_id",
}


def _dates(side: Side, sent: str, returned: str, customer: str, draft: str) -> tuple[Field, ...]:
    keys = (side.sent, side.returned, side.customer, side.draft)
    return tuple(
        Field(key, label, Moment(), side.key)
        for key, label in zip(keys, (sent, returned, customer, draft), strict=True)
    )


def _form(form: str, label: str) -> tuple[Field, ...]:
    return (
        Field(f"{form}_status", label, c.STATUS, WHT, "EEE"),
        Field(f"{form}_attachment_count", SHEETS[form], Count(), WHT, "ERE"),
    )


LONG = Text(many_lines=True)

FIELDS: Final[dict[str, Field]] = {
    field.key: field
    for field in (
        Field("document_received_date", N_("วันที่รับเอกสาร"), Day(), GENERAL, "ERR"),
        Field("document_status", N_("สถานะเอกสาร"), c.DOCUMENT, GENERAL, "ERR"),
        Field("accounting_record_status", N_("สถานะบันทึกบัญชี"), c.ACCOUNTING_RECORD, GENERAL, "ERR"),
        Field("bank_statement_status", N_("สถานะสเตทเม้นท์ธนาคาร"), c.BANK_STATEMENT, GENERAL, "ERR"),
        Field("monthly_tax_impact", N_("กระทบภาษีประจำเดือน"), c.TAX_IMPACT, GENERAL, "ERR"),
        Field("bank_impact", N_("กระทบแบงค์"), c.BANK_IMPACT, GENERAL, "ERR"),
        *_dates(
            PND,
            N_("วันที่ส่งตรวจ ภ.ง.ด."),
            N_("วันที่ส่งตรวจคืน ภ.ง.ด."),
            N_("วันที่ส่งลูกค้า ภ.ง.ด."),
            N_("วันที่ร่างแบบเสร็จแล้ว ภ.ง.ด."),
        ),
        Field("pnd_status", N_("สถานะ ภ.ง.ด."), c.STATUS, WHT, "EEE"),
        *(field for form, label in FORMS.items() for field in _form(form, label)),
        Field("wht_inquiry", N_("สอบถามเพิ่มเติม ภ.ง.ด."), LONG, WHT, "RE-"),
        Field("wht_response", N_("ตอบกลับ ภ.ง.ด."), LONG, WHT, "ER-"),
        Field("wht_submission_comment", N_("ความเห็นส่งงานยื่นภาษี ภ.ง.ด."), LONG, WHT, "E-R"),
        Field("wht_filing_response", N_("ตอบกลับงานยื่นภาษี ภ.ง.ด."), LONG, WHT, "R-E"),
        *_dates(
            PP30,
            N_("วันที่ส่งตรวจ ภ.พ. 30"),
            N_("วันที่ส่งตรวจคืน ภ.พ. 30"),
            N_("วันที่ส่งลูกค้า ภ.พ. 30"),
            N_("วันที่ร่างแบบเสร็จแล้ว ภ.พ.30"),
        ),
        Field("pp30_status", N_("สถานะ ภ.พ.30"), c.STATUS, VAT, "EEE"),
        Field("purchase_document_count", N_("จำนวนเอกสารภาษีซื้อ"), Count(), VAT, "ERR"),
        Field("income_confirmed", N_("คอนเฟิร์มรายได้"), c.INCOME, VAT, "ERR"),
        Field("expenses_confirmed", N_("คอนเฟิร์มค่าใช้จ่าย"), c.EXPENSES, VAT, "ERR"),
        Field("pp30_payment_status", N_("สถานะยอดชำระ ภ.พ.30"), c.PAYMENT, VAT, "EDE"),
        Field("pp30_payment_amount", N_("จำนวนยอดชำระ"), Money(), VAT, "EDE"),
        Field("pp30_inquiry", N_("สอบถามเพิ่มเติม ภ.พ.30"), LONG, VAT, "RE-"),
        Field("pp30_response", N_("ตอบกลับ ภ.พ.30"), LONG, VAT, "ER-"),
        Field("pp30_submission_comment", N_("ความเห็นส่งงานยื่นภาษี ภ.พ.30"), LONG, VAT, "E-R"),
        Field("pp30_filing_response", N_("ตอบกลับงานยื่นภาษี ภ.พ.30"), LONG, VAT, "R-E"),
    )
}
PERSON_FIELDS: Final = {key: Field(key, label, Person(), GENERAL) for key, label in PEOPLE.items()}


def label_of(key: str) -> str:
    """The Thai label of any field or person column; the key itself when it has none."""
    found = FIELDS.get(key) or PERSON_FIELDS.get(key)
    return found.label if found else key


def options_for_filter() -> tuple[tuple[str, str], ...]:
    """The 13 choices of the status filters: the catalogue with its filter labels, then not started (domain §8.1)."""
    listed = tuple((option.code, option.filter_label or option.label) for option in c.STATUS.options)
    return (*listed, (c.UNSET, N_("สถานะยังไม่ดำเนินการ")))
