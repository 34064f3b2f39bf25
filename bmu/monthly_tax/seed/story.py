"""How a month's work on one client went: the saves of the five people, in order.

Statuses move along the way of the desk (domain §0), each chosen by the one who may, on the page that offers it: every
step is a save that the service would have accepted.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from bmu.dice import Dice
from bmu.i18n import BANGKOK
from bmu.monthly_tax.catalogue import PENDING
from bmu.monthly_tax.fields import PND, SIDES, VAT, WHT, Side
from bmu.monthly_tax.rules import FILING_PAGE, INSPECTION_PAGE, STATUS_PAGE, roles_of
from bmu.monthly_tax.seed.office import Office
from bmu.monthly_tax.seed.people import ACCOUNTING, Team
from bmu.monthly_tax.seed.sides import AGAIN, DOUBTS, NOTHING, SENT, Habits, Values, Vat, Wht
from bmu.monthly_tax.seed.texts import FILING, INQUIRY, RESPONSE, SUBMISSION, written

_FORWARD: Final = (
    *(SENT, "passed", "draft_ready", "draft_completed"),
    *("sent_to_customer", "paid", "received_receipt"),
)
_PAGE: Final[Mapping[str, str]] = {
    **dict.fromkeys((*PENDING, "draft_ready", NOTHING), STATUS_PAGE),
    **dict.fromkeys(("passed", *DOUBTS), INSPECTION_PAGE),
    **dict.fromkeys(("draft_completed", "sent_to_customer", "paid", "received_receipt"), FILING_PAGE),
}
# Which text goes along with a status, and how often one is written.
_TEXTS: Final[Mapping[str, tuple[str, float]]] = {
    **dict.fromkeys(DOUBTS, (INQUIRY, 0.95)),
    AGAIN: (RESPONSE, 0.9),
    "draft_ready": (SUBMISSION, 0.7),
    "sent_to_customer": (FILING, 0.5),
}
_PLAYS: Final[Mapping[str, type[Wht] | type[Vat]]] = {WHT: Wht, VAT: Vat}
_MISSING: Final = {"requesting": 5, "late": 3, "no_response": 2}


@dataclass(frozen=True, slots=True)
class Step:
    """A save: who changed what, when (aware UTC) and on which page (None: not on one of the three)."""

    at: datetime
    actor: str
    page: str | None
    values: Values
    action: str = "update"


@dataclass(frozen=True, slots=True)
class Case:
    """A client's month. `goals`: the status each side has reached, by side; without VAT there is one side."""

    team: Team
    usual: Habits
    office: Office
    goals: Mapping[str, str | None]
    dice: Dice

    def holder(self, role: str) -> str:
        """Who holds `role`. Only a client without VAT lacks one, and there nobody asks for it."""
        person = self.team[role]
        assert person is not None
        return person


def story(case: Case) -> list[Step]:
    """The saves in the order of time. Documents come first, then both sides go their own ways."""
    arrival = case.dice.uniform(0.02, 0.25)
    steps = list(_documents(case, arrival))
    for side in SIDES:
        if goal := case.goals.get(side.key):
            # Drawn in any case, so that what a client has to file changes nothing for the others.
            drawn = list(_side(case, side, goal, arrival))
            steps += drawn if side is not PND or case.usual.due else []
    return sorted(steps, key=lambda step: step.at)


def _documents(case: Case, arrival: float) -> Iterator[Step]:
    """The accountant's part before anything is sent: what has come, and what has been reconciled."""
    dice, begun, done = case.dice, any(case.goals.values()), _finished(case)
    if begun or dice.chance(0.55):
        yield _accountants(case, arrival, _received(case, arrival))
        if done or dice.chance(0.6):
            yield _accountants(case, dice.uniform(arrival, 0.6) + 0.01, _reconciled(dice, done))
    elif dice.chance(0.6):
        yield _accountants(case, arrival + 0.2, {"document_status": _one(dice, _MISSING)})


def _accountants(case: Case, place: float, values: Values) -> Step:
    return Step(case.office.at(place), case.holder(ACCOUNTING), STATUS_PAGE, values)


def _finished(case: Case) -> bool:
    return all(goal == NOTHING or goal in _FORWARD[4:] for goal in case.goals.values())


def _received(case: Case, arrival: float) -> Values:
    day = case.office.at(arrival).astimezone(BANGKOK).date() - timedelta(days=case.dice.randint(0, 2))
    bank = {"received": 70, "requesting": 20, "no_response": 6, "no_bank": 4}
    return {
        "document_received_date": day,
        "document_status": "received",
        "bank_statement_status": "received" if _finished(case) else _one(case.dice, bank),
    }


def _reconciled(dice: Dice, done: bool) -> Values:
    books = {"completed": 70, "missing_docs": 20, "more_than_month": 10}
    bank = {"all_match": 55, "partial": 30, "no_docs": 10, "no_bank": 5}
    return {
        "accounting_record_status": "completed" if done else _one(dice, books),
        "monthly_tax_impact": "impacted" if done or dice.chance(0.7) else "partial",
        "bank_impact": _one(dice, {"all_match": 9, "partial": 1} if done else bank),
    }


def _one(dice: Dice, weights: Mapping[str, int]) -> str:
    return dice.choices(list(weights), list(weights.values()))[0]


def _way(goal: str, dice: Dice) -> tuple[str, ...]:
    """The statuses up to `goal`, now and then with a round of corrections."""
    if goal == NOTHING:
        return (NOTHING,)
    if goal in DOUBTS:
        return (SENT, goal)
    if goal == AGAIN:
        return (SENT, dice.choice(DOUBTS), AGAIN)
    way = _FORWARD[: _FORWARD.index(goal) + 1]
    corrected = len(way) > 1 and dice.chance(0.3)
    return (SENT, dice.choice(DOUBTS), AGAIN, *way[1:]) if corrected else way


def _side(case: Case, side: Side, goal: str, arrival: float) -> Iterator[Step]:
    """One step a status. Each has its stretch of the time that is left, so that their order is certain."""
    play, way = _PLAYS[side.key](case.usual, goal, case.dice), _way(goal, case.dice)
    begin = arrival + 0.02
    for number, status in enumerate(way):
        place = begin + (1 - begin) * (number + case.dice.uniform(0.05, 0.95)) / len(way)
        page = _PAGE[status]
        actor = case.holder(roles_of(page, side.key)[0])
        values: dict[str, Any] = {side.status: status} | play.values(status) | _text(status, side, case.dice)
        yield Step(case.office.at(place), actor, page, values)


def _text(status: str, side: Side, dice: Dice) -> dict[str, str]:
    what, share = _TEXTS.get(status, ("", 0.0))
    return written(side.key, what, dice) if dice.chance(share) else {}
