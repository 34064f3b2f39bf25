"""What each client of the demo has to file, and from which month on (decision 0019)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import insert

from bmu.changes.work import Work
from bmu.clients.models import Obligation, obligation_rows
from bmu.clients.obligations import FORMS as ALL
from bmu.clients.obligations import VAT_RETURN, Forms, Schedule, in_force, ordered
from bmu.clients.rules import VAT as VAT_CLIENT
from bmu.clients.seed import DEMO_BUILD
from bmu.dice import Dice
from bmu.i18n import Month
from bmu.monthly_tax.fields import FORMS
from bmu.monthly_tax.seed.sides import Habits

Client = Mapping[str, Any]
_CHANGED: Final = 0.08
# What one has to file beside what one usually files something in: ไม่มียื่น in most months.
_BESIDE: Final = {"pnd_3": 0.7, "pnd_53": 0.9, "pnd_1_40_2": 0.15, "pp_36": 0.2, "student_loan_form": 0.15}


def schedules(
    clients: Sequence[Client], usual: Mapping[str, Habits], months: Sequence[Month], dice: Dice
) -> dict[str, Schedule]:
    """The obligations of each client by build, from the first of `months` on. 018 has all forms to file."""
    found: dict[str, Schedule] = {
        client["build"]: dict(_drawn(client, usual[client["build"]], months, dice)) for client in clients
    }
    return found | {DEMO_BUILD: {str(months[0]): list(ALL)}}


def _drawn(client: Client, usual: Habits, months: Sequence[Month], dice: Dice) -> Iterator[tuple[str, list[str]]]:
    """Now and then one more form from a later month on."""
    beside = [form for form, share in _BESIDE.items() if form not in usual.forms and dice.chance(share)]
    later = dice.choice(months[1:]) if len(months) > 1 and dice.chance(_CHANGED) else None
    due = _due(client, (*usual.forms, *beside))
    if later and beside and set(beside) <= set(due):
        yield str(months[0]), [form for form in due if form != beside[-1]]
        yield str(later), list(due)
    else:
        yield str(months[0]), list(due)


def _due(client: Client, forms: Sequence[str]) -> Forms:
    """Nobody files nothing at all: a branch withholds and files for itself, as its head office does."""
    vat = client["tax_registration_status"] == VAT_CLIENT
    return ordered((*forms, VAT_RETURN) if vat else forms)


def due(schedule: Schedule, month: Month) -> tuple[str, ...]:
    """Those of the ten forms that have to be filed in a month, in the order of the form."""
    forms = in_force(schedule, month) or ()
    return tuple(form for form in FORMS if form in forms)


def plant(work: Work, found: Mapping[str, Schedule]) -> None:
    """Insert what `schedules` found."""
    rows = [{"build": build, **row} for build, one in found.items() for row in obligation_rows(one).values()]
    work.session.execute(insert(Obligation.__table__), rows)
