"""What the notices of a record say, in the reader's language, and where they lead (domain §11.1)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from bmu.accounts.rules import Actor
from bmu.i18n import N_, Month, month_text, translate
from bmu.monthly_tax import notices as n
from bmu.monthly_tax.catalogue import STATUS
from bmu.monthly_tax.fields import PEOPLE, SIDES
from bmu.monthly_tax.rules import FILING_PAGE, INSPECTION_PAGE, STATUS_PAGE, roles_of
from bmu.monthly_tax.table import BY_PAGE, TABLES
from bmu.notifications.queries import Stored
from bmu.notifications.words import Said

HIGH, MEDIUM = "high", "medium"
_REVIEW, _RECHECK, _INSPECTED = "tax_review_pending", "tax_review_pending_recheck", "tax_inspection_completed"
_UPDATED, _ASSIGNMENT = "tax_data_updated", "work_assignment_updated"


@dataclass(frozen=True, slots=True)
class Kind:
    """How an event is told. `page`: the sourcePage on which its reader works; "" for that of their role.
    `many`: its title where it is about several records."""

    type: str
    priority: str
    page: str
    title: str
    many: str = ""


_GIVEN_UP, _GIVEN_UP_MANY = N_("คุณไม่ได้เป็น%(role)sของรายการนี้แล้ว"), N_("คุณไม่ได้เป็น%(role)sของ %(n)s รายการแล้ว")
KINDS: Final = {
    n.REVIEW: Kind(_REVIEW, HIGH, INSPECTION_PAGE, N_("มีข้อมูล%(tax)s ส่งรอตรวจ")),
    n.RECHECK: Kind(_RECHECK, HIGH, INSPECTION_PAGE, N_("มีข้อมูล%(tax)s ส่งรอตรวจอีกครั้ง")),
    n.RESPONSE: Kind(_UPDATED, MEDIUM, INSPECTION_PAGE, N_("ผู้ทำบัญชีตอบกลับเรื่อง%(tax)s")),
    n.INSPECTED: Kind(_INSPECTED, HIGH, STATUS_PAGE, N_("ผู้ตรวจได้ตรวจสอบข้อมูล%(tax)s แล้ว")),
    n.INQUIRY: Kind(_UPDATED, MEDIUM, STATUS_PAGE, N_("ผู้ตรวจสอบถามเพิ่มเติมเรื่อง%(tax)s")),
    n.SENT: Kind(_UPDATED, MEDIUM, STATUS_PAGE, N_("%(tax)s ส่งลูกค้าแล้ว")),
    n.REPLY: Kind(_UPDATED, MEDIUM, STATUS_PAGE, N_("ผู้ยื่นภาษีตอบกลับเรื่อง%(tax)s")),
    n.READY: Kind(_UPDATED, MEDIUM, FILING_PAGE, N_("%(tax)s พร้อมให้ยื่นภาษี")),
    n.COMMENT: Kind(_UPDATED, MEDIUM, FILING_PAGE, N_("มีความเห็นส่งงานยื่นภาษี %(tax)s")),
    n.ASSIGNED: Kind(_ASSIGNMENT, MEDIUM, "", N_("คุณเป็น%(role)sของรายการนี้แล้ว"), N_("คุณเป็น%(role)sของ %(n)s รายการแล้ว")),
    n.EMPTIED: Kind(_UPDATED, HIGH, "", N_("ข้อมูลภาษีของรายการนี้ถูกล้างแล้ว")),
    n.UNASSIGNED: Kind(_ASSIGNMENT, MEDIUM, "", _GIVEN_UP, _GIVEN_UP_MANY),
}
WHERE, WHICH = N_("%(company)s (%(build)s) - %(tax)s เดือน %(month)s"), N_("%(company)s (%(build)s) เดือน %(month)s")
WHICH_MORE = N_("%(company)s (%(build)s) และอีก %(more)s รายการ เดือน %(month)s")
REACHED, INSPECTOR, BY = N_("สถานะ: %(status)s"), N_("ผู้ตรวจ: %(who)s"), N_("โดย %(who)s")
_SIDES = {key: side for side in SIDES for key in (side.key, side.filer)}
_PAGES = {role: page for page in (STATUS_PAGE, INSPECTION_PAGE, FILING_PAGE) for role in roles_of(page)}


def say(stored: Stored, reader: Actor, lang: str) -> Said:
    """The words of a notification about a record. What it knows of the reader: which pages their role opens."""
    kind, facts = KINDS[stored.event], stored.facts
    side, month = _SIDES.get(stored.topic), Month(facts["tax_year"], facts["tax_month"])
    places = {
        "tax": translate(side.name, lang) if side else "",
        "role": translate(PEOPLE.get(stored.topic, ""), lang),
        "company": facts["company_name"],
        "build": facts["build"],
        "month": month_text(month, lang),
        "status": STATUS.text(facts.get("status"), lang),
        "who": facts.get("by", ""),
        "more": facts.get("more", ""),
        "n": facts.get("more", 0) + 1,
    }
    metadata = {name: facts[name] for name in ("build", "company_name", "tax_year", "tax_month")}
    return Said(
        kind.type,
        "tax",
        kind.priority,
        translate((places["more"] and kind.many) or kind.title, lang) % places,
        "\n".join(_lines(stored, places, lang)),
        link(stored.event, stored.topic, reader, f"?month={month}" if places["more"] else f"/{facts['build']}/{month}"),
        metadata | {"tax_type": side.key if side else None},
    )


def _lines(stored: Stored, places: dict[str, Any], lang: str) -> Iterator[str]:
    yield translate(WHICH_MORE if places["more"] else WHERE if places["tax"] else WHICH, lang) % places
    told = [REACHED] if "status" in stored.facts else []
    if places["who"]:
        told.append(INSPECTOR if stored.event == n.INSPECTED else BY)
    if told:
        yield " · ".join(translate(line, lang) % places for line in told)
    if text := stored.facts.get("text"):
        yield text


def link(event: str, topic: str, reader: Actor, place: str) -> str | None:
    """Where `reader` finds the record at `place` (`/build/YYYY-MM`, or `?month=YYYY-MM` for several): on the page of
    their part in it, else on the first that their role opens. None where there is none, and for who gave it up and
    reads only their own."""
    if event == n.UNASSIGNED and not reader.reads_all:
        return None
    page = KINDS[event].page or _PAGES.get(topic, "")
    wanted = BY_PAGE[page].name if page else ""
    name = wanted if reader.opens(wanted) else next(filter(reader.opens, TABLES), None)
    return f"/{name}{place}" if name else None
