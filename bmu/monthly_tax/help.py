"""What the choices of the form mean, in words that open at the label (domain §2.4–2.11)."""

from __future__ import annotations

from typing import Final, NamedTuple

from bmu.i18n import N_


class Help(NamedTuple):
    """`lead`: what the field is for; `choices`: what choosing a code says, by code. Thai sources."""

    lead: str
    choices: dict[str, str]


HELP: Final[dict[str, Help]] = {
    "document_status": Help(
        N_("เอกสารประจำเดือนของลูกค้ามาถึงเราแค่ไหนแล้ว"),
        {
            "received": N_("ได้เอกสารของเดือนนี้ครบทุกรายการ"),
            "requesting": N_("ขอไปแล้วและลูกค้ากำลังจัดส่ง"),
            "late": N_("ลูกค้าส่งช้ากว่าที่นัดไว้"),
            "no_response": N_("ตามแล้วแต่ลูกค้ายังไม่ตอบ"),
        },
    ),
    "accounting_record_status": Help(
        N_("บันทึกบัญชีใน Peak ถึงเดือนไหน"),
        {
            "more_than_month": N_("ค้างบันทึกเกินหนึ่งเดือน เช่น ลูกค้าไม่ส่งเอกสาร"),
            "completed": N_("บันทึกครบทุกเดือนจนถึงเดือนนี้"),
            "missing_docs": N_("ค้างเฉพาะเดือนนี้ เพราะเอกสารบางรายการยังไม่มา"),
        },
    ),
    "bank_statement_status": Help(
        N_("ได้รายการเดินบัญชีธนาคารของลูกค้าครบหรือยัง"),
        {
            "received": N_("ได้ครบทุกเดือน"),
            "requesting": N_("ยังไม่ได้ของเดือนนี้ กำลังขอ"),
            "no_bank": N_("บริษัทยังไม่มีบัญชีธนาคาร"),
            "no_response": N_("ตามแล้วแต่ลูกค้ายังไม่ตอบ"),
        },
    ),
    "monthly_tax_impact": Help(
        N_("กระทบยอดภาษีของแต่ละเดือนกับที่บันทึกไว้"),
        {
            "impacted": N_("กระทบยอดแล้วทุกเดือนจนถึงเดือนนี้"),
            "partial": N_("กระทบยอดแล้วเพียงบางเดือน"),
        },
    ),
    "bank_impact": Help(
        N_("ยอดใน Peak ตรงกับรายการเดินบัญชีหรือไม่"),
        {
            "all_match": N_("ตรงกันทุกเดือน"),
            "partial": N_("ตรงกันบางเดือน"),
            "no_bank": N_("บริษัทยังไม่มีบัญชีธนาคาร"),
            "no_docs": N_("ตามแล้วแต่ลูกค้ายังไม่ส่งรายการเดินบัญชี"),
        },
    ),
    "income_confirmed": Help(
        N_("ลูกค้ายืนยันรายได้ของเดือนนี้แล้วหรือยัง"),
        {"customer_request_change": N_("ลูกค้าแจ้งว่ารายได้ขาดหรือเกินหลังจากส่งตรวจแล้ว")},
    ),
}
