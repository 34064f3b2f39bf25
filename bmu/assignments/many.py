"""Thousands of records handed over at once, as an import does: the rules and notices of `service.assign`, done by the
bulk of the database (changes.bulk), so that nobody waits for it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from flask_babel import gettext
from sqlalchemy import Select, select, union_all

from bmu.accounts.queries import workers
from bmu.assignments import rules, service
from bmu.changes.bulk import Bulk, Row
from bmu.changes.work import By, Work
from bmu.errors import Conflict, Invalid
from bmu.i18n import Month, tax_month
from bmu.monthly_tax import notices
from bmu.monthly_tax.fields import ORIGINALS, PEOPLE
from bmu.monthly_tax.models import MonthlyTaxData

SEEN: Final = (*PEOPLE, *ORIGINALS.values())
FACTS: Final = ("build", "tax_year", "tax_month", "company_name")


@dataclass(frozen=True, slots=True)
class Handed:
    """A record as it was read (`id`, SEEN, FACTS), and who is wanted: role → employee id, or None for nobody."""

    record: Mapping[str, Any]
    people: rules.People


def assign(by: By, handed: Sequence[Handed], reason: str, now: datetime) -> Iterator[float]:
    """Put people in charge of records, all or none; yields the share that is done. `now`: aware; what month has begun.

    Who may hold which role was asked when the records were read (rules.fault); before the commit it is asked again.
    Raises Invalid (`reason`), Conflict where somebody else has assigned one of the records since it was read, or where
    a person may no longer.
    """
    why = service.reason_of(reason)
    _refuse_without_reason(handed, why, tax_month(now))
    facts = {one.record["id"]: {key: one.record[key] for key in FACTS} for one in handed}

    def finish(work: Work) -> None:
        _refuse_who_may_no_longer(handed)
        notices.tell_many(work, facts)

    rows = Bulk(MonthlyTaxData, [_row(one) for one in handed], _heard, "hand_over")
    yield from rows.write(by, why, finish)


def _refuse_without_reason(handed: Sequence[Handed], reason: str, current: Month) -> None:
    months = ((one, Month(one.record["tax_year"], one.record["tax_month"])) for one in handed)
    if not reason and any(rules.asks_why(one.record, one.people, month, current) for one, month in months):
        raise Invalid(errors={"reason": [gettext(service.WHY)]})


def _refuse_who_may_no_longer(handed: Sequence[Handed]) -> None:
    known = workers()
    wanted = {(role, who) for one in handed for role, who in one.people.items() if who and who != one.record[role]}
    if any(rules.fault(role, known.get(who), is_vat=True) for role, who in wanted):
        raise Conflict()


def _row(one: Handed) -> Row:
    """The record with its people exchanged; who held a role first is kept, as in `handover.hand_over`."""
    seen = {key: one.record[key] for key in SEEN}
    first = {ORIGINALS[role]: who for role, who in one.people.items() if seen[ORIGINALS[role]] is None}
    values = {**seen, **one.people, **first}
    said = {key: [seen[key], value] for key, value in values.items() if value != seen[key]}
    before, after = ({row[role] for role in PEOPLE if row[role]} for row in (seen, values))
    return Row(one.record["id"], values, said, seen, frozenset(before), frozenset(after))


def _heard(laid: Any) -> Select[Any]:
    """The five before and after."""
    columns = [laid[f"{when}_{role}"] for when in ("seen", "new") for role in PEOPLE]
    return union_all(*(select(one.label("employee_id"), laid.place).where(one.is_not(None)) for one in columns))  # type: ignore[return-value]
