"""`flask seed`: a demo firm for an empty database, and the opening of a tax month."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

import click
from sqlalchemy import exists, inspect, select

from bmu.accounts import seed as accounts
from bmu.accounts.models import Employee, User
from bmu.changes.work import By, transaction
from bmu.cli.group import Group
from bmu.cli.months import MonthType, open_at_once
from bmu.clients import seed as clients
from bmu.clients.models import Client
from bmu.dice import Dice
from bmu.extensions import db
from bmu.i18n import Month, tax_month
from bmu.monthly_tax import seed as monthly_tax
from bmu.monthly_tax.models import MonthlyTaxData

KEPT = (Employee, User, Client, MonthlyTaxData)
UPGRADE = "flask --app wsgi db upgrade"

seed = Group("seed", help="Fill the database: a demo firm, or the records of a new tax month.")


class Refused(click.ClickException):
    """The command will not do what was asked; nothing was changed."""

    exit_code = 2


class NotEmpty(Exception):
    """There are data already. Demo data never mix with real ones."""


@dataclass(frozen=True)
class Size:
    """How big a demo is: `clients`, `months` up to the default tax month, `employees`; `rng` chooses among many."""

    clients: int = 375
    months: int = 12
    employees: int = 40
    rng: int = 1

    @property
    def ticks(self) -> int:
        """How often `sow` says that it has come further."""
        return self.months + 1


def is_empty() -> bool:
    """Whether nobody and nothing of the firm is in the database."""
    return not any(db.session.scalar(select(exists().where(model.id.is_not(None)))) for model in KEPT)


def sow(size: Size, now: datetime, tick: Callable[[], object] = lambda: None) -> int:
    """Fill an empty database with the demo as it stands at `now` (aware). Answers the number of records.

    The same size draws the same data; their times follow the default tax month at `now`. Raises NotEmpty.
    """
    newest = tax_month(now)
    months = [newest.plus(-ago) for ago in reversed(range(size.months))]
    firm = accounts.firm(size.employees)
    companies = clients.companies(size.clients, newest, Dice(f"{size.rng} clients"))
    since = monthly_tax.office_of(months[0], now).at(0)
    with transaction(By(accounts.HEAD)) as work:
        if not is_empty():
            raise NotEmpty()
        accounts.plant(work, firm.people, Dice(f"{size.rng} people"), since)
        clients.plant(work, companies, since)
        tick()
        return monthly_tax.plant(work, companies, firm, months, size.rng, now, tick)


@seed.command("demo")
@click.option("--clients", default=Size.clients, type=click.IntRange(20, 3000), show_default=True)
@click.option("--months", default=Size.months, type=click.IntRange(1, 60), show_default=True)
@click.option("--employees", default=Size.employees, type=click.IntRange(7, 500), show_default=True)
@click.option("--rng", default=Size.rng, show_default=True, help="Another number, another demo.")
@click.option("--if-empty", is_flag=True, help="Do nothing when there are data already.")
def demo(if_empty: bool, **numbers: int) -> None:
    """Fill an empty database with a demo firm.

    Its people sign in with their employee id and the password bmu-demo-2569. The same numbers make the same firm;
    the newest month is the default tax month, in the middle of its work.
    """
    _require_tables()
    size = Size(**numbers)
    if if_empty and not is_empty():
        return
    try:
        with click.progressbar(length=size.ticks, label="demo data") as bar:
            count = sow(size, datetime.now(UTC), partial(bar.update, 1))
    except NotEmpty:
        raise Refused("the database is not empty: demo data are only for an empty one") from None
    click.echo(f"{size.employees} people, {size.clients} clients, {count} records")


@seed.command("month")
@click.argument("when", metavar="YYYY-MM", type=MonthType())
def month(when: Month) -> None:
    """The same as `month open`: add the records that the tax month YYYY-MM still lacks.

    One for every active client, with the five people of its newest earlier month. What is there stays as it is.
    """
    _require_tables()
    click.echo(f"{when}: {open_at_once(when)} records added")


def _require_tables() -> None:
    """Raises Refused when the schema is not there yet."""
    if not set(db.metadata.tables) <= set(inspect(db.engine).get_table_names()):
        raise Refused(f"the database has no tables yet: {UPGRADE}")
