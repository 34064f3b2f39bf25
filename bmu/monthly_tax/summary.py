"""The summary figures of the three pages, both sides counted alike (domain §7.3 with its R, §7.4)."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, case, func, select, true

from bmu.extensions import db
from bmu.i18n import N_
from bmu.monthly_tax.applies import AWAY, JOINED, M
from bmu.monthly_tax.catalogue import PENDING
from bmu.monthly_tax.fields import PND, PP30, Side
from bmu.monthly_tax.filters import Clause, Filters
from bmu.monthly_tax.kept import kept
from bmu.monthly_tax.queries import aside
from bmu.monthly_tax.rules import FILING_PAGE, INSPECTION_PAGE, STATUS_PAGE

Summary = dict[str, dict[str, int]]

_DONE = ("received_receipt", "paid", "sent_to_customer", "not_submitted")
_COMPLETED = ("received_receipt", "paid", "sent_to_customer", "draft_completed", "passed")
_WITH_CUSTOMER = ("received_receipt", "paid", "sent_to_customer")


class Figure(NamedTuple):
    """A figure of a page's bar: `key` as `wht.pending`, its Thai label, the key of its total, its tone."""

    key: str
    label: str
    total: str
    tone: str


FIGURES: dict[str, tuple[Figure, ...]] = {
    STATUS_PAGE: (
        Figure("wht.responsible_count", N_("งานที่รับผิดชอบ - WHT"), "wht.total", "wht"),
        Figure("vat.responsible_count", N_("งานที่รับผิดชอบ - VAT"), "vat.total", "vat"),
        Figure("impacts.monthly_tax_impact_count", N_("เปอร์เซ็นสถานะกระทบภาษี"), "impacts.total", "impact"),
        Figure("impacts.bank_impact_count", N_("เปอร์เซ็นสถานะกระทบแบงค์"), "impacts.total", "bank"),
    ),
    INSPECTION_PAGE: (
        Figure("wht.pending", N_("รอตรวจ (WHT)"), "wht.total", "wait"),
        Figure("wht.recheck", N_("รอตรวจอีกครั้ง (WHT)"), "wht.total", "alarm"),
        Figure("wht.completed", N_("ตรวจแล้ว (WHT)"), "wht.total", "done"),
        Figure("vat.pending", N_("รอตรวจ (VAT)"), "vat.total", "wait"),
        Figure("vat.recheck", N_("รอตรวจอีกครั้ง (VAT)"), "vat.total", "alarm"),
        Figure("vat.completed", N_("ตรวจแล้ว (VAT)"), "vat.total", "done"),
    ),
    FILING_PAGE: (
        Figure("wht.draft_ready", N_("รอร่างแบบภาษี (WHT)"), "wht.total", "wait"),
        Figure("wht.passed", N_("สถานะผ่าน (WHT)"), "wht.total", "done"),
        Figure("wht.sent_to_customer", N_("ส่งให้ลูกค้าแล้ว (WHT)"), "wht.total", "sent"),
        Figure("vat.draft_ready", N_("รอร่างแบบภาษี (VAT)"), "vat.total", "wait"),
        Figure("vat.passed", N_("สถานะผ่าน (VAT)"), "vat.total", "done"),
        Figure("vat.sent_to_customer", N_("ส่งให้ลูกค้าแล้ว (VAT)"), "vat.total", "sent"),
    ),
}


def _filer(side: Side, page: str, filters: Filters) -> str | None:
    """Whose rows count for a side: None for everybody's; on the filing page the filer's asked for, "" for nobody's."""
    if page != FILING_PAGE:
        return None
    # Filers asked for by name come first: `anyone` may only be the limit of what one reads.
    filers = {role: who for role, who in filters.people.items() if role in (PND.filer, PP30.filer)}
    if filers:
        return filers.get(side.filer, "")
    return filters.anyone if side.filer in filters.roles else None


def _counted(side: Side, filer: str | None) -> Clause:
    """What does not apply to a client is not counted, neither as done nor as not begun."""
    return and_(~AWAY[side.key], _whose(side, filer))


def _whose(side: Side, filer: str | None) -> Clause:
    return true() if filer is None else getattr(M, side.filer) == filer


def _rules(side: Side, page: str) -> dict[str, Callable[[], Clause]]:
    status: Any = getattr(M, side.status)
    returned: Any = getattr(M, side.returned)

    def completed() -> Clause:
        if page == INSPECTION_PAGE:
            return and_(returned.is_not(None), func.coalesce(status, "").not_in(PENDING))
        return status.in_(_COMPLETED)

    filing = {
        "draft_ready": lambda: status == "draft_ready",
        "passed": lambda: status == "passed",
        "sent_to_customer": lambda: status.in_(_WITH_CUSTOMER),
    }
    return {
        "total": true,
        "responsible_count": lambda: status.in_(_DONE),
        "completed": completed,
        "pending": lambda: status == "pending_review",
        "recheck": lambda: status == "pending_recheck",
        **(filing if page == FILING_PAGE else {}),
    }


def summary(page: str, filters: Filters) -> Summary:
    """The figures over the rows of `filters`' month and people; its other filters do not count (domain §7.4).

    `page`: one of SOURCE_PAGES. Answers {wht, vat, impacts} of §7.3; keys that only the filing page counts are 0
    on the others.
    """
    base = _base(filters)

    def ask() -> dict[str, int]:
        return dict(db.session.execute(_statement(page, base), **aside(base)).one()._mapping)

    month = base.everybodys_month
    return _nested(ask() if month is None else kept().of_month(("figures", page, base), month, ask))


@lru_cache(maxsize=300)
def _statement(page: str, base: Filters) -> Select[*tuple[Any, ...]]:
    """Kept, as are the columns below, because open pages ask it after each save, and making it takes longer."""
    return _counting(page, (_filer(PND, page, base), _filer(PP30, page, base))).where(base.where())


@lru_cache(maxsize=100)
def _counting(page: str, filers: tuple[str | None, str | None]) -> Select[*tuple[Any, ...]]:
    """The statement of a page but for its WHERE."""
    counts: dict[str, ColumnElement[int]] = {}
    for side, filer in zip((PND, PP30), filers, strict=True):
        mine = _counted(side, filer)
        for name, rule in _rules(side, page).items():
            # The rule first: few rows pass it, and what applies takes longer to tell.
            counts[f"{side.key}.{name}"] = _count(and_(rule(), mine))
    counts["impacts.total"] = _count(_whose(PND, filers[0]))
    counts["impacts.monthly_tax_impact_count"] = _count(M.monthly_tax_impact.is_not(None))
    counts["impacts.bank_impact_count"] = _count(M.bank_impact.is_not(None))
    return select(*(column.label(key) for key, column in counts.items())).select_from(JOINED)


def _base(filters: Filters) -> Filters:
    return Filters(
        year=filters.year,
        month=filters.month,
        anyone=filters.anyone,
        roles=filters.roles,
        people=filters.people,
    )


def _count(clause: Clause) -> ColumnElement[int]:
    return func.count(case((clause, 1)))


def _nested(flat: dict[str, int]) -> Summary:
    empty = {"draft_ready": 0, "passed": 0, "sent_to_customer": 0}
    found: Summary = {"wht": dict(empty), "vat": dict(empty), "impacts": {}}
    for key, number in flat.items():
        part, _, name = key.partition(".")
        found[part][name] = int(number)
    return found


def figure(found: Summary, key: str) -> int:
    """The number behind a dotted key such as `wht.pending`."""
    part, _, name = key.partition(".")
    return found[part][name]
