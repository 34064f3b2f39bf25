"""Other people in charge of records, of one or of many at once. Tax data stay as they are (domain §1.5 R)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from flask_babel import gettext

from bmu.accounts.queries import names
from bmu.changes.work import Work
from bmu.errors import Invalid
from bmu.monthly_tax.fields import ORIGINALS, PEOPLE
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


def real_people(people: Mapping[str, str | None]) -> dict[str, str | None]:
    """`people`, when they are employees in roles that there are. Raises Invalid."""
    known = names({person for person in people.values() if person})
    errors = {role: [gettext("ไม่พบพนักงาน")] for role, person in people.items() if person and person not in known}
    errors |= {role: [gettext("ไม่รู้จักช่องนี้")] for role in people if role not in PEOPLE}
    if errors:
        raise Invalid(errors=errors)
    return dict(people)
