"""`flask user`: accounts from the command line, by the same verbs as everywhere else."""

from __future__ import annotations

from datetime import UTC, datetime

import click
from flask_babel import gettext

from bmu.accounts import queries, service, staff
from bmu.accounts.queries import Person
from bmu.accounts.rules import ROLES
from bmu.changes.work import By
from bmu.cli.group import Group
from bmu.cli.refusals import refusals
from bmu.i18n import moment_full
from bmu.monthly_tax.fields import PEOPLE
from bmu.people import holdings

BY = By(None, "flask user")

user = Group("user", help="Employees and their accounts: create, role, password, disable, who holds what …")


@user.command("create")
@click.argument("username")
@click.option("--role", required=True, type=click.Choice(ROLES), help="What the account may do.")
@click.option("--employee", "employee_id", help="Whose account it is: an employee id, e.g. AC00024.")
@click.option("--first-name", help="With this, the employee is created too.")
@click.option("--last-name", default="", help="For a new employee.")
@click.option("--nick-name", help="For a new employee.")
@click.option("--position", default="", help="For a new employee.")
def create(
    username: str, role: str, employee_id: str | None, first_name: str | None, nick_name: str | None, **more: str
) -> None:
    """Create the account USERNAME and print its one-time password.

    The password is shown this once and must be changed at the first sign-in.
    """
    if first_name and not employee_id:
        raise click.UsageError("--first-name needs --employee")
    new = (
        Person(employee_id, first_name, more["last_name"], nick_name, more["position"], service.ACTIVE)
        if (employee_id and first_name)
        else None
    )
    with refusals():
        password = service.create_user(BY, username, role, employee_id=employee_id, hire=new)
    _tell_password(username, password)


@user.command("disable")
@click.argument("username")
def disable(username: str) -> None:
    """Close the account USERNAME: ends its sessions, and its open tables within 5 seconds."""
    with refusals():
        ended = service.disable(BY, username)
    click.echo(gettext("ปิดบัญชี %(name)s แล้ว (ออกจากระบบ %(count)s แห่ง)", name=username, count=ended))


@user.command("enable")
@click.argument("username")
def enable(username: str) -> None:
    """Open the closed account USERNAME again, with the password it had."""
    with refusals():
        service.enable(BY, username)
    click.echo(gettext("เปิดบัญชี %(name)s แล้ว", name=username))


@user.command("role")
@click.argument("username")
@click.argument("role", type=click.Choice(ROLES))
def role(username: str, role: str) -> None:
    """Give the account USERNAME another ROLE, from its next request on."""
    with refusals():
        service.set_role(BY, username, role)
    click.echo(gettext("บัญชี %(name)s มีบทบาท %(role)s แล้ว", name=username, role=role))


@user.command("password")
@click.argument("username")
def password(username: str) -> None:
    """Give the account USERNAME a new one-time password and print it; ends its sessions.

    The password is shown this once and must be changed at the next sign-in.
    """
    with refusals():
        issued = service.set_password(BY, username)
    _tell_password(username, issued)


@user.command("hire")
@click.argument("employee_id")
@click.argument("first_name")
@click.option("--last-name", default="")
@click.option("--nick-name", default="")
@click.option("--position", default="")
def hire(employee_id: str, first_name: str, **more: str) -> None:
    """Create the employee EMPLOYEE_ID (such as AC00024) called FIRST_NAME, without an account."""
    with refusals():
        made = staff.hire(BY, {"employee_id": employee_id, "first_name": first_name, **more})
    click.echo(f"{made['employee_id']} {made['name']}")


@user.command("link")
@click.argument("username")
@click.argument("employee")
def link(username: str, employee: str) -> None:
    """Make the account USERNAME that of EMPLOYEE (an id such as AC00024, or `-` for nobody's)."""
    with refusals():
        staff.link(BY, username, None if employee == "-" else employee)
    click.echo(f"{username}: {employee}")


@user.command("holds")
@click.argument("employee")
def holds(employee: str) -> None:
    """Print what EMPLOYEE holds from the current tax month on: role, records, who could take them over."""
    for one in holdings.held(employee, datetime.now(UTC)):
        able = " ".join(other.employee_id for other in one.able)
        click.echo(f"{one.role:<32} {one.count:>5}  {able}")


@user.command("hand-over")
@click.argument("employee")
@click.argument("role", type=click.Choice(tuple(PEOPLE)))
@click.argument("successor")
def hand_over(employee: str, role: str, successor: str) -> None:
    """Give the ROLE that EMPLOYEE holds from the current tax month on to SUCCESSOR. Open tables follow at once."""
    with refusals():
        count = holdings.hand_over(BY, employee, {role: successor}, datetime.now(UTC))
    click.echo(f"{count} records: {employee} → {successor}")


@user.command("list")
def list_users() -> None:
    """Print all accounts: user name, role, status, last sign-in (Bangkok time), name."""
    for account in queries.accounts():
        seen = moment_full(account.last_login_at) if account.last_login_at else "-"
        click.echo(f"{account.username:<20} {account.role:<23} {account.status:<9} {seen:<20} {account.name}")


def _tell_password(username: str, issued: str) -> None:
    click.echo(gettext("รหัสผ่านครั้งแรกของ %(name)s (แสดงครั้งเดียว ต้องเปลี่ยนเมื่อเข้าสู่ระบบ):", name=username))
    click.echo(issued)
