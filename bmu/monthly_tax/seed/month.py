"""Opening a tax month: the records that are missing, with the people of each client's newest earlier month."""

from __future__ import annotations

from sqlalchemy import Select, exists, select, tuple_

from bmu.changes.work import Work
from bmu.clients.models import Client
from bmu.clients.seed import CANCELLED
from bmu.i18n import Month
from bmu.monthly_tax.fields import PEOPLE
from bmu.monthly_tax.models import MonthlyTaxData
from bmu.monthly_tax.service import blank


def open_month(work: Work, month: Month) -> int:
    """Add the missing records of `month` for every active client; existing ones stay as they are (domain §1.5 R).

    A client without an earlier month gets a record nobody is responsible for yet. Answers how many were added.
    """
    builds = work.session.scalars(_missing(month)).all()
    people = _newest_people(work, month)
    for build in builds:
        record = blank(build, month, people.get(build, dict.fromkeys(PEOPLE)))
        work.add(record, record.people())
    return len(builds)


def _missing(month: Month) -> Select[str]:
    here = (MonthlyTaxData.build == Client.build, MonthlyTaxData.tax_year == month.year)
    taken = exists().where(*here, MonthlyTaxData.tax_month == month.month)
    active = (Client.company_status != CANCELLED, Client.archived_at.is_(None))
    return select(Client.build).where(*active, ~taken).order_by(Client.build_order)


def _newest_people(work: Work, month: Month) -> dict[str, dict[str, str | None]]:
    """Who is responsible in each client's newest month before `month`, by build."""
    earlier = tuple_(MonthlyTaxData.tax_year, MonthlyTaxData.tax_month) < tuple_(month.year, month.month)
    columns = [getattr(MonthlyTaxData, role) for role in PEOPLE]
    statement = select(MonthlyTaxData.build, *columns).where(earlier)
    rows = work.session.execute(statement.order_by(MonthlyTaxData.tax_year, MonthlyTaxData.tax_month))
    return {build: dict(zip(PEOPLE, people, strict=True)) for build, *people in rows}
