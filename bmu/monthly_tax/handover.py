"""Other people in charge of records, of one or of many at once. Tax data stay as they are (domain §1.5 R)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from bmu.changes.work import Work
from bmu.monthly_tax.fields import ORIGINALS
from bmu.monthly_tax.models import MonthlyTaxData

People = Mapping[str, str | None]


def hand_over(work: Work, record: MonthlyTaxData, people: People) -> bool:
    """Put `people` (role column → employee id or None) in charge; whether that changed anything.

    Who held a role first stays in `original_…`; where nobody ever did, the new one is the first.
    """
    first = {ORIGINALS[role]: who for role, who in people.items() if getattr(record, ORIGINALS[role]) is None}
    return work.edit(record, {**people, **first}, action="hand_over") is not None


def hand_over_many(work: Work, handed: Iterable[tuple[MonthlyTaxData, People]]) -> list[MonthlyTaxData]:
    """The same for many, sent to the database; answers the records that changed."""
    changed = [record for record, people in handed if hand_over(work, record, people)]
    work.session.flush()
    return changed
