"""The rules of the monthly tax work as pure functions of plain values, with the clock passed in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bmu.i18n import N_
from bmu.monthly_tax.catalogue import PENDING, STATUS
from bmu.monthly_tax.duties import Duties
from bmu.monthly_tax.fields import (
    ABSENT,
    EDIT,
    FIELDS,
    GENERAL,
    READ,
    SIDES,
    SOURCE_PAGES,
    VAT,
    WHT,
    Field,
    Side,
)

ACCOUNTANT, INSPECTOR = "accounting_responsible", "tax_inspection_responsible"
STATUS_PAGE, INSPECTION_PAGE, FILING_PAGE = SOURCE_PAGES

# Which status may be chosen on which page (domain §3.1).
_INSPECTOR_CODES = frozenset(
    {
        "received_receipt",
        "paid",
        "passed",
        "needs_correction",
        "inquire_customer",
        "additional_review",
        "not_submitted",
    }
)
_FILER_CODES = frozenset({"received_receipt", "paid", "sent_to_customer", "draft_completed"})
STATUS_CODES: Mapping[str, frozenset[str]] = {
    STATUS_PAGE: frozenset(STATUS.codes),
    INSPECTION_PAGE: _INSPECTOR_CODES,
    FILING_PAGE: _FILER_CODES,
}
# What an inspector's change to one of these returns to the accountant (domain §4.4).
_VERDICTS = frozenset({"passed", "needs_correction", "inquire_customer", "additional_review"})

NOT_YOURS = N_("คุณไม่มีสิทธิ์แก้ไขช่องนี้ในหน้านี้")
NOT_HERE = N_("เลือกสถานะนี้ในหน้านี้ไม่ได้")
ONLY_VAT = N_("คุณเป็นผู้รับผิดชอบในการยื่น VAT เท่านั้น ไม่สามารถเข้าถึงแถบ WHT ได้")
ONLY_WHT = N_("คุณเป็นผู้รับผิดชอบในการยื่น WHT เท่านั้น ไม่สามารถเข้าถึงแถบ VAT ได้")
NOT_FILER = N_("คุณไม่ได้เป็นผู้รับผิดชอบในการยื่นของรายการนี้")

People = Mapping[str, str | None]
Values = Mapping[str, Any]


def roles_of(page: str, side: str | None = None) -> tuple[str, ...]:
    """The responsible columns whose holders work on `page`; on TaxFiling those of `side` (None: either)."""
    if page == STATUS_PAGE:
        return (ACCOUNTANT,)
    if page == INSPECTION_PAGE:
        return (INSPECTOR,)
    return tuple(tax.filer for tax in SIDES if side in (None, tax.key))


def holds(page: str, people: People, employee_id: str | None) -> bool:
    """Whether `employee_id` holds the role of `page` on a record with these `people`."""
    return employee_id is not None and any(people[role] == employee_id for role in roles_of(page))


def writers(page: str, field: Field, people: People) -> tuple[str, ...]:
    """The employee ids that may write `field` on `page`; empty when nobody of the five may (domain §3.2)."""
    if field.state(page) != EDIT:
        return ()
    side = field.side if field.side in (WHT, VAT) else None
    found = (people[role] for role in roles_of(page, side))
    return tuple(dict.fromkeys(person for person in found if person))


@dataclass(frozen=True, slots=True)
class Hand:
    """Whose hand would write a record: `any_person` is the administrator's, who has the rights of the page used,
    whoever is responsible (domain §3.2); `duties`: what of the record applies to its client."""

    page: str
    employee_id: str | None
    people: People
    duties: Duties
    any_person: bool = False


def access(hand: Hand, field: Field) -> tuple[str, str]:
    """What one may do with `field`: its letter of domain §3.2, and why where that is less than the page's.

    The one definition of who writes what: the form draws by it, and a save is refused by it.
    """
    state = field.state(hand.page)
    if state != EDIT:
        return state, NOT_YOURS
    if why := hand.duties.why_not(field):
        return READ, why
    if hand.any_person or hand.employee_id in writers(hand.page, field, hand.people):
        return EDIT, ""
    return READ, NOT_YOURS


def refused(hand: Hand, values: Values) -> dict[str, str]:
    """Which of the changed `values` may not be written, and why."""
    found: dict[str, str] = {}
    for key, value in values.items():
        field = FIELDS.get(key)
        state, why = access(hand, field) if field else (ABSENT, NOT_YOURS)
        if state != EDIT:
            found[key] = why
        elif field and field.kind is STATUS and not selectable(hand.page, value):
            found[key] = NOT_HERE
    return found


def closed(hand: Hand, side: str, *, reads_all: bool = False) -> str:
    """Why the tab of `side` is closed, or "" (domain §10.3): a side that does not apply to the client; on TaxFiling one
    that one does not file. Who reads everybody's records may look at either."""
    if why := hand.duties.closed.get(side):
        return why
    if side == GENERAL or hand.page != FILING_PAGE or hand.any_person or reads_all:
        return ""
    mine = {tax.key for tax in SIDES if hand.employee_id and hand.people[tax.filer] == hand.employee_id}
    if side in mine:
        return ""
    return (ONLY_VAT if side == WHT else ONLY_WHT) if mine else NOT_FILER


def selectable(page: str, code: str | None) -> bool:
    """Whether a status may be chosen on `page`. Taking a status back to none is the accountant's."""
    return page == STATUS_PAGE if code is None else code in STATUS_CODES[page]


def menu(page: str) -> tuple[tuple[str, bool], ...]:
    """The twelve statuses as `page` offers them: (code, allowed), allowed first, each in catalogue order (§3.1)."""
    codes = [(code, selectable(page, code)) for code in STATUS.codes]
    return tuple(sorted(codes, key=lambda entry: not entry[1]))


def stamps(page: str, old: Values, new: Values, now: datetime) -> dict[str, datetime]:
    """The dates that a save sets: on a change of status only, never cleared (domain §4.4).

    `old`, `new`: values before and after for at least the two status fields; `now` aware UTC.
    """
    found: dict[str, datetime] = {}
    for side in SIDES:
        before, after = old.get(side.status), new.get(side.status, old.get(side.status))
        if before != after and (date := _stamp(page, side, before, after)):
            found[date] = now
    return found


def returns(page: str, before: str | None, after: str | None) -> bool:
    """Whether a change of status is the inspector's verdict, which gives the work back (domain §4.4, §11.1 N3)."""
    return page == INSPECTION_PAGE and (after in _VERDICTS or (before in PENDING and after not in PENDING))


def _stamp(page: str, side: Side, before: str | None, after: str | None) -> str | None:
    if page == INSPECTION_PAGE:
        return side.returned if returns(page, before, after) else None
    if after in PENDING:
        return side.sent if page == STATUS_PAGE else None
    return {"draft_completed": side.draft, "sent_to_customer": side.customer}.get(after or "")


def settled(values: Values, current: Values) -> dict[str, Any]:
    """`values` with what follows from them: without มียอดชำระ there is no amount (domain §2.11, §4.2)."""
    amount = current.get("pp30_payment_amount")
    clears = values.get("pp30_payment_status", "has_payment") != "has_payment"
    if clears and amount is not None and values.get("pp30_payment_amount") in (None, amount):
        return {**values, "pp30_payment_amount": None}
    return dict(values)
