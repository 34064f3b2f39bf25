"""Reading who is responsible for what in a month: the grid's rows, and how much each person has."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from markupsafe import Markup
from sqlalchemy import Select, select, tuple_

from bmu.accounts.queries import workers
from bmu.accounts.rules import Worker
from bmu.assignments import rules
from bmu.assignments.plan import Plan
from bmu.assignments.table import GRID
from bmu.clients.rules import VAT
from bmu.extensions import db
from bmu.i18n import Month
from bmu.monthly_tax import queries
from bmu.monthly_tax.applies import JOINED, C, M
from bmu.monthly_tax.fields import PEOPLE
from bmu.offload import sleep
from bmu.tables.render import row_html

DRAWN_AT_ONCE = 25
_FIVE = [M[role] for role in PEOPLE]


@dataclass
class Load:
    """What one person has in a month: per role how many records of VAT clients, and of others."""

    person: Worker
    roles: dict[str, list[int]] = field(default_factory=lambda: {role: [0, 0] for role in PEOPLE})

    def total(self) -> list[int]:
        """Over all roles: of VAT clients, of others. A record on which one has two roles counts twice: it is two
        pieces of work."""
        return [sum(counts[place] for counts in self.roles.values()) for place in (0, 1)]


@dataclass(frozen=True)
class Statistics:
    """A month in numbers: its records, those of VAT clients, those that want somebody, and each person's load."""

    records: int
    vat: int
    gaps: int
    loads: list[Load]


def rows(plan: Plan) -> list[queries.Values]:
    """The rows of the grid, in its order."""
    found = queries.records(queries.ids(plan.filters, plan.sort), table=GRID)
    return [row for row in found if rules.gaps(row, is_vat=row["is_vat"])] if plan.gaps else found


def drawn(found: list[queries.Values], lang: str) -> list[Markup]:
    """The rows as HTML. A firm's whole month takes longer than anybody may wait: others run in between."""
    html = []
    for place, row in enumerate(found):
        if place % DRAWN_AT_ONCE == DRAWN_AT_ONCE - 1:
            sleep(0)
        html.append(row_html(GRID, row, lang))
    return html


def row_json(row: queries.Values) -> dict[str, Any]:
    """A row as the API gives it."""
    people = {role: _named(row, row[role]) for role in PEOPLE}
    known = {key: row[key] for key in ("id", "version", "build", "company_name", "tax_year", "tax_month", "is_vat")}
    return known | {"people": people, "gaps": list(rules.gaps(row, is_vat=row["is_vat"]))}


def _named(row: queries.Values, who: str | None) -> dict[str, str] | None:
    return {"employee_id": who, "name": row["names"].get(who, who)} if who else None


def statistics(month: Month) -> Statistics:
    """The month in numbers, whatever the grid's filters show."""
    known = workers()
    loads: dict[str, Load] = {}
    records = vat = wanting = 0
    for registration, *five in db.session.execute(_of_month(month, C.tax_registration_status)):
        people, is_vat = dict(zip(PEOPLE, five, strict=True)), registration == VAT
        records, vat = records + 1, vat + is_vat
        wanting += bool(rules.gaps(people, is_vat=is_vat))
        for role, who in people.items():
            if who in known:
                loads.setdefault(who, Load(known[who])).roles[role][0 if is_vat else 1] += 1
    return Statistics(records, vat, wanting, [loads[who] for who in sorted(loads)])


def _of_month(month: Month, *beside: Any) -> Select[Any]:
    where = tuple_(M.tax_year, M.tax_month) == tuple_(month.year, month.month)
    return select(*beside, *_FIVE).select_from(JOINED).where(where)


def people_of(month: Month) -> dict[str, rules.People]:
    """The five of every record of a month, by build."""
    found = db.session.execute(_of_month(month, M.build))
    return {build: dict(zip(PEOPLE, five, strict=True)) for build, *five in found}


def choices(known: Iterable[Worker]) -> dict[str, list[Worker]]:
    """Who may be given each of the roles, by employee id."""
    everybody = list(known)
    return {role: [one for one in everybody if rules.able(role, one)] for role in PEOPLE}
