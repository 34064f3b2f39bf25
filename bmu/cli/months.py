"""`flask month`: who is responsible for a company's month, from the command line. Open pages hear of it."""

from __future__ import annotations

import getpass
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import click

from bmu.assignments import service
from bmu.changes.work import By
from bmu.cli.group import Group
from bmu.clients.rules import normal_build
from bmu.errors import DeskError
from bmu.i18n import Month
from bmu.monthly_tax import queries
from bmu.monthly_tax.fields import PEOPLE


class MonthType(click.ParamType):
    """YYYY-MM, Gregorian."""

    name = "YYYY-MM"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> Month:
        """The tax month, or the usage error."""
        try:
            return value if isinstance(value, Month) else Month.parse(str(value))
        except ValueError:
            self.fail(f"{value!r} is not a month such as 2026-10", param, ctx)


month = Group("month", help="The records of a tax month: open, assign.")


def _by() -> By:
    """How the log names whoever sits at the terminal."""
    return By(None, f"CLI ({getpass.getuser()})")


@contextmanager
def _refusals() -> Iterator[None]:
    """What the service refuses, as one line on stderr and exit code 1."""
    try:
        yield
    except DeskError as error:
        said = "; ".join(text for texts in error.errors.values() for text in texts)
        raise click.ClickException(said or error.said()) from None


def open_at_once(when: Month) -> int:
    """Open a month, as `month open` does; how many records were added."""
    with _refusals():
        return service.open_month(_by(), when, datetime.now(UTC))


@month.command("open")
@click.argument("when", metavar="YYYY-MM", type=MonthType())
def open_(when: Month) -> None:
    """Add the records that the tax month YYYY-MM still lacks. Open pages hear of them.

    One for every active client, with the people of its newest earlier month who still work here. What is there stays
    as it is, so the command may run every night.
    """
    click.echo(f"{when}: {open_at_once(when)} records added")


@month.command("assign")
@click.argument("build")
@click.argument("when", type=MonthType())
@click.argument("role", type=click.Choice(tuple(PEOPLE)))
@click.argument("employee")
@click.option("--reason", default="flask month assign", show_default=True, help="Why; the history keeps it.")
def assign(build: str, when: Month, role: str, employee: str, reason: str) -> None:
    """Put EMPLOYEE (an id such as AC00024, or `-` for nobody) in charge of ROLE for BUILD's month WHEN.

    Only somebody whose account may hold that role. The tax data stay as they are; the row leaves one screen and
    reaches the other at once, and both people are told.
    """
    try:
        record_id = queries.id_of(normal_build(build), *when)
    except ValueError:
        raise click.BadParameter(f"{build!r} is no build such as 018 or 122.1", param_hint="BUILD") from None
    if record_id is None:
        raise click.ClickException(f"no record for {build} in {when}")
    with _refusals():
        cell = service.Cell(record_id, role, None if employee == "-" else employee)
        service.assign(_by(), [cell], reason, datetime.now(UTC))
    click.echo(f"{build} {when}: {role} = {employee}")
