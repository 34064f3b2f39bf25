"""What opening a tax month takes: which clients lack a record, and who worked on each of them last."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import exists, select, tuple_

from bmu.accounts.rules import Worker
from bmu.assignments import rules
from bmu.changes.work import Work
from bmu.clients.models import Client
from bmu.clients.seed import CANCELLED
from bmu.i18n import Month
from bmu.monthly_tax.creation import blank
from bmu.monthly_tax.fields import PEOPLE
from bmu.monthly_tax.models import MonthlyTaxData


def missing(work: Work, month: Month) -> Sequence[Client]:
    """The active clients without a record in `month`, in the order of their builds."""
    here = (MonthlyTaxData.build == Client.build, MonthlyTaxData.tax_year == month.year)
    taken = exists().where(*here, MonthlyTaxData.tax_month == month.month)
    active = (Client.company_status != CANCELLED, Client.archived_at.is_(None))
    return work.session.scalars(select(Client).where(*active, ~taken).order_by(Client.build_order)).all()


def newest_people(work: Work, month: Month) -> dict[str, rules.People]:
    """Who is responsible in each client's newest month before `month`, by build."""
    earlier = tuple_(MonthlyTaxData.tax_year, MonthlyTaxData.tax_month) < tuple_(month.year, month.month)
    columns = [getattr(MonthlyTaxData, role) for role in PEOPLE]
    statement = select(MonthlyTaxData.build, *columns).where(earlier)
    rows = work.session.execute(statement.order_by(MonthlyTaxData.tax_year, MonthlyTaxData.tax_month))
    return {build: dict(zip(PEOPLE, people, strict=True)) for build, *people in rows}


def add(
    work: Work, client: Client, month: Month, people: Mapping[str, rules.People], known: Mapping[str, Worker]
) -> None:
    """The record of `client` in `month`, untouched, with the people of its newest earlier month who still work here.
    Without an earlier month nobody is responsible yet."""
    before = people.get(client.build, dict.fromkeys(PEOPLE))
    record = blank(client.build, month, rules.carried(before, known, is_vat=client.is_vat))
    work.add(record, record.people())
