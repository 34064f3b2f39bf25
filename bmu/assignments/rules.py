"""Who may be given which part of a client's month (domain §1.5). Pure.

There are no assignments beside the record: the five people of a month are five of its columns (decision 0016).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from bmu.accounts.rules import FILE, INSPECT, KEEP_BOOKS, KEY_IN, Worker
from bmu.i18n import N_, Month
from bmu.monthly_tax.fields import PEOPLE, PP30

DUTIES: Final = {
    "accounting_responsible": KEEP_BOOKS,
    "tax_inspection_responsible": INSPECT,
    "document_entry_responsible": KEY_IN,
    "wht_filer_current_employee_id": FILE,
    "vat_filer_current_employee_id": FILE,
}
YEARS_AHEAD = 2

UNKNOWN = N_("ไม่พบพนักงาน")
LEFT = N_("พนักงานคนนี้ไม่ได้ทำงานที่นี่แล้ว")
UNABLE = N_("สิทธิ์ของพนักงานคนนี้ไม่ครอบคลุมหน้าที่นี้")
NO_VAT = N_("บริษัทนี้ยังไม่จดภาษีมูลค่าเพิ่ม จึงไม่มีผู้ยื่น VAT")
NO_ROLE = N_("ไม่รู้จักหน้าที่นี้")

People = Mapping[str, str | None]


def needed(role: str, *, is_vat: bool) -> bool:
    """Whether somebody must hold `role` on a client's month: the VAT filer only where the client files VAT."""
    return is_vat or role != PP30.filer


def gaps(people: People, *, is_vat: bool) -> tuple[str, ...]:
    """The roles that still want somebody."""
    return tuple(role for role in PEOPLE if needed(role, is_vat=is_vat) and not people[role])


def able(role: str, worker: Worker) -> bool:
    """Whether the person may be given `role`: they work here, and their account's role allows it."""
    return DUTIES[role] in worker.duties


def fault(role: str, worker: Worker | None, *, is_vat: bool) -> str:
    """Why `worker` (None: nobody knows them) may not be given `role`; "" when they may. Thai source."""
    if role not in DUTIES:
        return NO_ROLE
    if not needed(role, is_vat=is_vat):
        return NO_VAT
    if worker is None:
        return UNKNOWN
    if not worker.works_here:
        return LEFT
    return "" if able(role, worker) else UNABLE


def may_stay(role: str, worker: Worker | None, *, is_vat: bool) -> bool:
    """Whether who held `role` last month goes on. Milder than `fault`: a firm makes exceptions, and keeps them."""
    return worker is not None and worker.works_here and needed(role, is_vat=is_vat)


def carried(people: People, workers: Mapping[str, Worker], *, is_vat: bool) -> dict[str, str | None]:
    """The five of one month as the next one begins with them."""
    return {
        role: who if who and may_stay(role, workers.get(who), is_vat=is_vat) else None for role, who in people.items()
    }


def copied(own: People, before: People, *, replace: bool) -> dict[str, str | None]:
    """What a month takes over from the one before: into its empty places, with `replace` into all of them.
    An empty place is never copied."""
    return {role: who for role, who in before.items() if who and own[role] != who and (replace or own[role] is None)}


def asks_why(own: People, wanted: People, month: Month, current: Month) -> bool:
    """Whether a reason must be given: somebody is taken off a month that has begun. Plans may change without."""
    return month <= current and any(own[role] and own[role] != who for role, who in wanted.items())


def may_open(month: Month, current: Month) -> bool:
    """Whether a month may be opened: not in a far future that somebody mistyped (domain §1.5: two years)."""
    return month.year <= current.year + YEARS_AHEAD
