"""The demo's monthly records: a year that is done and a month in the middle of its work (design §8, domain §15)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import insert

from bmu.accounts.seed import HEAD, Firm
from bmu.changes.models import Counter
from bmu.changes.work import SEQ, Work
from bmu.clients.rules import VAT as VAT_CLIENT
from bmu.clients.seed import CANCELLED, DEMO_BUILD
from bmu.dice import Dice
from bmu.i18n import Month
from bmu.monthly_tax.fields import VAT, WHT
from bmu.monthly_tax.seed import duties, notices
from bmu.monthly_tax.seed.log import Line, blank, play, write
from bmu.monthly_tax.seed.office import Office, office_of
from bmu.monthly_tax.seed.people import Team, predecessor, teams
from bmu.monthly_tax.seed.sides import Habits, habits
from bmu.monthly_tax.seed.story import Case, Step, story

Client = Mapping[str, Any]
Goals = dict[str, str | None]
Tick = Callable[[], object]

# In the middle of the month: a third waits or is in doubt, a third is on its way to the client, the rest is not begun.
UNDER_WAY: Final[Mapping[str | None, float]] = {
    "pending_review": 12,
    "pending_recheck": 6,
    "needs_correction": 7,
    "inquire_customer": 4,
    "additional_review": 4,
    "passed": 8,
    "draft_ready": 6,
    "draft_completed": 6,
    "sent_to_customer": 6,
    "paid": 4,
    "received_receipt": 3,
    "not_submitted": 5,
    None: 29,
}
DONE: Final[Mapping[str | None, float]] = {
    "received_receipt": 62,
    "paid": 14,
    "sent_to_customer": 9,
    "not_submitted": 14,
    "inquire_customer": 1,
}
_DEMO_GOALS: Final[Goals] = {WHT: "pending_review", VAT: "needs_correction"}
_DEMO_DONE: Final[Goals] = {WHT: "received_receipt", VAT: "received_receipt"}
_DEMO_HABITS = Habits(("pnd_1_40_1", "pnd_3", "pnd_53", "social_security_form"), 42, 24_000, 1)
_HANDED_OVER = 0.05


def plant(
    work: Work, clients: Sequence[Client], firm: Firm, months: Sequence[Month], rng: int, now: datetime, tick: Tick
) -> int:
    """Insert the records of `months` (oldest first; the last one is under way at `now`) with their log.

    `tick` is called after each month. Answers the number of records.
    """
    dice, season = Dice(f"{rng} months"), _Season(clients, firm, months, rng)
    duties.plant(work, season.schedules)
    last, count, lines = 0, 0, list[Line]()
    for month in months:
        lines = list(season.lines(month, office_of(month, now), dice))
        last = write(work, lines, last)
        count += sum(line.values["action"] == "create" for line in lines)
        tick()
    work.session.execute(insert(Counter).values(name=SEQ, value=last))
    names = {client["build"]: client["company_name"] for client in clients}
    notices.plant(work, lines, names, Dice(f"{rng} notices"), now)
    return count


class _Season:
    """What stays the same over the months: each client's people, habits, obligations and last month."""

    def __init__(self, clients: Sequence[Client], firm: Firm, months: Sequence[Month], rng: int) -> None:
        dice = Dice(f"{rng} season")
        self._clients, self._firm, self._names, self._newest = clients, firm, firm.by, months[-1]
        self._teams = teams(clients, firm, dice)
        self._habits = {client["build"]: habits(dice) for client in clients} | {DEMO_BUILD: _DEMO_HABITS}
        self.schedules = duties.schedules(clients, self._habits, months, Dice(f"{rng} duties"))
        # Who has cancelled did so during these months, or before.
        gone = [client["build"] for client in clients if client["company_status"] == CANCELLED]
        self._last = {build: months[-1].plus(-dice.randint(1, len(months))) for build in gone}

    def lines(self, month: Month, office: Office, dice: Dice) -> Iterator[Line]:
        """The log of `month`, client by client."""
        here = [client for client in self._clients if self._is_client(client, month)]
        goals = _goals(here, month == self._newest, dice)
        for client in here:
            build = client["build"]
            usual = replace(self._habits[build], due=duties.due(self.schedules[build], month))
            case = Case(self._teams[build], usual, office, goals[build], dice)
            yield from self._record(build, month, case)

    def _is_client(self, client: Client, month: Month) -> bool:
        began = client["establishment_date"]
        return (began.year, began.month) <= month <= self._last.get(client["build"], month)

    def _record(self, build: str, month: Month, case: Case) -> list[Line]:
        first: Team = dict(case.team)
        opened = case.office.at(0)
        steps = []
        if build != DEMO_BUILD and case.dice.chance(_HANDED_OVER):
            role, person = predecessor(case.team, self._firm, case.dice)
            first[role] = person
            steps = [Step(case.office.at(0.01), HEAD, None, {role: case.team[role]}, "hand_over")]
        steps = [Step(opened, HEAD, None, dict(first), "create"), *steps, *story(case)]
        record = blank(build, month, first, case.dice) | {"created_at": opened}
        return play(record, steps, self._names)


def _goals(clients: Sequence[Client], newest: bool, dice: Dice) -> dict[str, Goals]:
    """The status each side of each client has reached, by build and side. Without VAT there is no VAT side."""
    weights = UNDER_WAY if newest else DONE
    vat = [client["build"] for client in clients if client["tax_registration_status"] == VAT_CLIENT]
    found: dict[str, Goals] = {client["build"]: {} for client in clients}
    for side, builds in ((WHT, list(found)), (VAT, vat)):
        for build, status in zip(builds, dice.deck(weights, len(builds)), strict=True):
            found[build][side] = status
    return found | {DEMO_BUILD: dict(_DEMO_GOALS if newest else _DEMO_DONE)}
