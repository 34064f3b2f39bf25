"""The three tables of the desk (domain §9 in the layout of look/look.md): which columns, in which order."""

from __future__ import annotations

from bmu.i18n import N_
from bmu.monthly_tax.duties import word
from bmu.monthly_tax.fields import FIELDS, PEOPLE, PEOPLE_SHORT, PND, PP30, VAT, WHT, Side
from bmu.monthly_tax.rules import FILING_PAGE, INSPECTION_PAGE, STATUS_PAGE, writers
from bmu.tables.column import Column
from bmu.tables.kinds import Person, Text
from bmu.tables.table import Row, Table

PEOPLE_GROUP = "people"
GROUPS = (
    (WHT, N_("ภ.ง.ด."), WHT),
    (VAT, N_("ภ.พ.30"), VAT),
    (PEOPLE_GROUP, N_("ข้อมูลผู้รับผิดชอบ"), ""),
)
BUILD = Column("build", "Build", Text(10))
COMPANY = Column("company_name", N_("ชื่อบริษัท"), Text(500))


def _date(key: str, head: str) -> Column:
    field = FIELDS[key]
    return Column(key, field.label, field.kind, head, field.side, field.side)


def _sent(side: Side) -> Column:
    return _date(side.sent, N_("ส่งตรวจ"))


def _returned(side: Side) -> Column:
    return _date(side.returned, N_("ส่งตรวจคืน"))


def _customer(side: Side) -> Column:
    return _date(side.customer, N_("ส่งลูกค้า"))


def _status(side: Side, label: str = "") -> Column:
    field = FIELDS[side.status]
    return Column(side.status, label or field.label, field.kind, group=side.key, side=side.key, editor="status")


def _payment(editor: str) -> tuple[Column, ...]:
    status, amount = FIELDS["pp30_payment_status"], FIELDS["pp30_payment_amount"]
    return (
        Column(status.key, status.label, status.kind, N_("ยอดชำระ"), VAT, VAT, editor),
        Column(amount.key, amount.label, amount.kind, N_("จำนวนเงิน"), VAT, VAT, editor),
    )


def _people(own: tuple[str, ...], *others: str) -> tuple[Column, ...]:
    return tuple(
        Column(key, PEOPLE[key], Person(), PEOPLE_SHORT[key], PEOPLE_GROUP, own=key in own) for key in (*own, *others)
    )


def _absent(column: Column, row: Row) -> str:
    return word(column.side, row)


def _table(name: str, page: str, title: str, *columns: Column) -> Table:
    def may_write(column: Column, row: Row) -> tuple[str, ...]:
        return writers(page, FIELDS[column.key], row)

    return Table(name, page, title, (BUILD, COMPANY, *columns), GROUPS, may_write, _absent)


TAX_STATUS = _table(
    "tax-status",
    STATUS_PAGE,
    N_("สถานะยื่นภาษี"),
    *(_sent(PND), _returned(PND), _customer(PND), _status(PND)),
    *(_sent(PP30), _returned(PP30), _customer(PP30), _status(PP30), *_payment("payment")),
    *_people(
        ("accounting_responsible",),
        "tax_inspection_responsible",
        "document_entry_responsible",
        "wht_filer_current_employee_id",
        "vat_filer_current_employee_id",
    ),
)
TAX_INSPECTION = _table(
    "tax-inspection",
    INSPECTION_PAGE,
    N_("รายการตรวจภาษี"),
    *(_sent(PND), _status(PND)),
    *(_sent(PP30), _status(PP30, N_("แบบ ภ.พ.30")), *_payment("")),
    *_people(
        ("tax_inspection_responsible",),
        "document_entry_responsible",
        "wht_filer_current_employee_id",
        "vat_filer_current_employee_id",
        "accounting_responsible",
    ),
)
TAX_FILING = _table(
    "tax-filing",
    FILING_PAGE,
    N_("ยื่นภาษี"),
    *(_returned(PND), _status(PND)),
    *(_returned(PP30), _status(PP30), *_payment("payment")),
    *_people(
        (),
        "tax_inspection_responsible",
        "accounting_responsible",
        "wht_filer_current_employee_id",
        "vat_filer_current_employee_id",
    ),
)
TABLES = {table.name: table for table in (TAX_STATUS, TAX_INSPECTION, TAX_FILING)}
BY_PAGE = {table.page: table for table in TABLES.values()}
MENU_TITLES = {
    "tax-status": N_("สถานะยื่นภาษี"),
    "tax-inspection": N_("ตรวจภาษี"),
    "tax-filing": N_("ยื่นภาษี"),
}
