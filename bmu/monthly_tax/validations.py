"""What keeps a record from being saved as it would stand (domain §10.5 with its R). Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from bmu.i18n import N_
from bmu.monthly_tax.catalogue import PENDING
from bmu.monthly_tax.fields import FORMS, PP30
from bmu.monthly_tax.rules import STATUS_PAGE

CHOOSE_STATUS = N_("กรุณาเลือกสถานะสำหรับ: %(labels)s")
COUNT_SHEETS = N_('กรุณากรอกจำนวนใบแนบสำหรับแบบฟอร์มที่เลือกสถานะ "รอตรวจ": %(labels)s')
COUNT_PURCHASES = N_('กรุณากรอกจำนวนเอกสารภาษีซื้อ เมื่อสถานะ ภ.พ.30 ไม่ใช่ "ไม่มียื่น"')
CONFIRM_INCOME = N_('กรุณาเลือกคอนเฟิร์มรายได้ เมื่อสถานะ ภ.พ.30 ไม่ใช่ "ไม่มียื่น"')
ENTER_AMOUNT = N_('กรุณากรอกจำนวนยอดชำระเมื่อเลือก "มียอดชำระ"')
POSITIVE_AMOUNT = N_("จำนวนยอดชำระต้องเป็นตัวเลขที่มากกว่า 0")
AMOUNT_WITHOUT_PAYMENT = N_('กรอกจำนวนยอดชำระได้เมื่อเลือก "มียอดชำระ" เท่านั้น')

Values = Mapping[str, Any]
# {field: (message with %(labels)s or without, labels)}: said in the reader's language by the caller.
Faults = dict[str, tuple[str, tuple[str, ...]]]


def faults(page: str, changed: Iterable[str], record: Values, due: Collection[str] = FORMS) -> Faults:
    """What keeps the record from being saved as it now stands.

    `changed`: the fields of this save; `record`: all values after it; `due`: those of the ten forms that the client
    has to file. Only rules that this save touches are asked, so that nobody is stopped by somebody else's gap.
    """
    touched = set(changed)
    found: Faults = {}
    if page == STATUS_PAGE:
        found |= _forms(touched, record, due)
        found |= _purchases(touched, record)
    if touched & {"pp30_payment_status", "pp30_payment_amount"}:
        found |= _amount(record)
    return found


def _forms(touched: set[str], record: Values, due: Collection[str]) -> Faults:
    """Rules 1 and 2: ภ.ง.ด. goes to review only with a status for each form that is due (of the ten, those that the
    client has to file); a form รอตรวจ needs its sheets."""
    found: Faults = {}
    goes_to_review = "pnd_status" in touched and record["pnd_status"] in PENDING
    if goes_to_review:
        empty = [form for form in FORMS if form in due and not record[f"{form}_status"]]
        labels = tuple(FORMS[form] for form in empty)
        found |= {f"{form}_status": (CHOOSE_STATUS, labels) for form in empty}
    bare = [
        form
        for form in FORMS
        if record[f"{form}_status"] == "pending_review"
        and not record[f"{form}_attachment_count"]
        and (goes_to_review or touched & {f"{form}_status", f"{form}_attachment_count"})
    ]
    labels = tuple(FORMS[form] for form in bare)
    return found | {f"{form}_attachment_count": (COUNT_SHEETS, labels) for form in bare}


def _purchases(touched: set[str], record: Values) -> Faults:
    """Rules 3 and 4: with a PP30 to file, the purchase documents are counted (0 counts) and income is confirmed."""
    files = record[PP30.status] not in (None, "not_submitted")
    found: Faults = {}
    if files and touched & {PP30.status, "purchase_document_count"} and record["purchase_document_count"] is None:
        found["purchase_document_count"] = (COUNT_PURCHASES, ())
    if files and touched & {PP30.status, "income_confirmed"} and not record["income_confirmed"]:
        found["income_confirmed"] = (CONFIRM_INCOME, ())
    return found


def _amount(record: Values) -> Faults:
    """Rules 5 and 6: มียอดชำระ has an amount above 0; nothing else has one."""
    amount = record["pp30_payment_amount"]
    if record["pp30_payment_status"] != "has_payment":
        return {} if amount is None else {"pp30_payment_amount": (AMOUNT_WITHOUT_PAYMENT, ())}
    if amount is None:
        return {"pp30_payment_amount": (ENTER_AMOUNT, ())}
    return {} if amount > 0 else {"pp30_payment_amount": (POSITIVE_AMOUNT, ())}
