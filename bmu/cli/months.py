"""`flask month`: who is responsible for a company's month, from the command line. Open pages hear of it."""

from __future__ import annotations

import getpass

import click

from bmu.changes.work import By
from bmu.cli.group import Group
from bmu.clients.rules import normal_build
from bmu.errors import DeskError
from bmu.i18n import Month
from bmu.monthly_tax import queries, service
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


month = Group("month", help="The records of a tax month.")


@month.command("assign")
@click.argument("build")
@click.argument("when", type=MonthType())
@click.argument("role", type=click.Choice(tuple(PEOPLE)))
@click.argument("employee")
def assign(build: str, when: Month, role: str, employee: str) -> None:
    """Put EMPLOYEE (an id such as AC00024, or `-` for nobody) in charge of ROLE for BUILD's month WHEN.

    The tax data stay as they are; the row leaves one screen and reaches the other at once.
    """
    try:
        record_id = queries.id_of(normal_build(build), *when)
    except ValueError:
        raise click.BadParameter(f"{build!r} is no build such as 018 or 122.1", param_hint="BUILD") from None
    if record_id is None:
        raise click.ClickException(f"no record for {build} in {when}")
    try:
        service.hand_over(
            By(None, f"CLI ({getpass.getuser()})"), record_id, {role: None if employee == "-" else employee}
        )
    except DeskError as error:
        said = "; ".join(text for texts in error.errors.values() for text in texts)
        raise click.ClickException(said or error.said()) from None
    click.echo(f"{build} {when}: {role} = {employee}")
