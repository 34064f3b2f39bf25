"""The choices of the monthly tax work: codes, Thai labels, order (domain §2). Hues live in static/css/tones.css."""

from __future__ import annotations

from bmu.i18n import N_
from bmu.tables.kinds import Choice, Option

NOT_STARTED = N_("ยังไม่ดำเนินการ")

# domain §2.1, in the catalogue's order, which is also the order of sorting.
STATUS = Choice(
    (
        Option("received_receipt", N_("รับใบเสร็จ"), N_("รับใบเสร็จแล้ว")),
        Option("paid", N_("ชำระแล้ว")),
        Option("sent_to_customer", N_("ส่งลูกค้าแล้ว")),
        Option("draft_completed", N_("ร่างแบบเสร็จแล้ว")),
        Option("passed", N_("ผ่าน")),
        Option("pending_review", N_("รอตรวจ")),
        Option("pending_recheck", N_("รอตรวจอีกครั้ง")),
        Option("draft_ready", N_("ร่างแบบได้")),
        Option("needs_correction", N_("แก้ไข")),
        Option("inquire_customer", N_("สอบถามลูกค้าเพิ่มเติม")),
        Option("additional_review", N_("ตรวจสอบเพิ่มเติม")),
        Option("not_submitted", N_("ไม่มียื่น")),
    ),
    absent=NOT_STARTED,
)
PENDING = frozenset({"pending_review", "pending_recheck"})
# The filter's thirteenth choice: no status yet (domain §8.1).
UNSET = "not_started"

GOOD, WARN, BAD, BUSY = "good", "warn", "bad", "busy"

DOCUMENT = Choice(
    (
        Option("received", N_("รับครบแล้ว"), tone=GOOD),
        Option("requesting", N_("อยู่ระหว่างการขอ"), tone=WARN),
        Option("late", N_("ลูกค้าส่งเอกสารล่าช้า"), tone=BAD),
        Option("no_response", N_("ลูกค้าไม่ตอบสนอง"), tone=BAD),
    )
)
ACCOUNTING_RECORD = Choice(
    (
        Option("more_than_month", N_("เหลือมากกว่า 1 เดือน"), tone=WARN),
        Option("completed", N_("บันทึกครบแล้ว"), tone=GOOD),
        Option("missing_docs", N_("ขาดเอกสารบางรายการ"), tone=BUSY),
    )
)
BANK_STATEMENT = Choice(
    (
        Option("received", N_("รับครบแล้ว"), tone=GOOD),
        Option("requesting", N_("อยู่ระหว่างการขอ"), tone=WARN),
        Option("no_bank", N_("ลูกค้ายังไม่เปิดธนาคาร"), tone=BAD),
        Option("no_response", N_("ไม่ตอบสนอง"), tone=BAD),
    )
)
TAX_IMPACT = Choice((Option("impacted", N_("กระทบแล้ว"), tone=GOOD), Option("partial", N_("กระทบบางส่วน"), tone=BAD)))
BANK_IMPACT = Choice(
    (
        Option("all_match", N_("แบงค์ตรงทุกรายการ"), tone=GOOD),
        Option("partial", N_("กระทบแล้วบางส่วน"), tone=WARN),
        Option("no_bank", N_("ลูกค้ายังไม่เปิดธนาคาร"), tone=BAD),
        Option("no_docs", N_("ลูกค้าไม่ส่งเอกสาร"), tone=BAD),
    )
)
INCOME = Choice(
    (
        Option("customer_confirmed", N_("ลูกค้าคอนเฟิร์ม"), tone=GOOD),
        Option("no_confirmation_needed", N_("ไม่ต้องคอนเฟิร์มลูกค้า"), tone=BUSY),
        Option("waiting_customer", N_("รอลูกค้าคอนเฟิร์ม"), tone=WARN),
        Option("customer_request_change", N_("ลูกค้าให้แก้รายได้"), tone=BAD),
    )
)
EXPENSES = Choice(
    (
        Option("confirm_expense", N_("ลูกค้าคอนเฟิร์มค่าใช้จ่าย"), tone=GOOD),
        Option("customer_request_additional_docs", N_("ลูกค้าแจ้งเพิ่มเอกสาร"), tone=WARN),
    )
)
PAYMENT = Choice(
    (
        Option("has_payment", N_("มียอดชำระ"), tone="owes"),
        Option("no_payment", N_("ไม่มียอดชำระ"), tone="clear"),
    )
)
