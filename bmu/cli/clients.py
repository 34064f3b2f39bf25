"""`flask client`: the firm's clients from the command line, by the same verbs as everywhere else."""

from __future__ import annotations

import getpass
from datetime import UTC, datetime
from typing import Any

import click

from bmu.changes.work import By
from bmu.cli.group import Group
from bmu.cli.months import MonthType
from bmu.cli.refusals import refusals
from bmu.clients import obliging, queries, service
from bmu.clients.fields import FIELDS
from bmu.clients.models import Client
from bmu.clients.obligations import FORMS
from bmu.i18n import Month

client = Group(
    "client", help="Client companies: create, edit, obligations, archive, restore, show, list. Open pages hear of it."
)


def _by() -> By:
    return By(None, f"CLI ({getpass.getuser()})")


def _pairs(_ctx: click.Context, _param: click.Parameter, given: tuple[str, ...]) -> dict[str, str]:
    """FIELD=VALUE, several times."""
    found = {}
    for one in given:
        name, equals, value = one.partition("=")
        if not equals or name not in FIELDS:
            raise click.BadParameter(f"{one!r} is not FIELD=VALUE; fields: {', '.join(FIELDS)}")
        found[name] = value
    return found


@client.command("create")
@click.argument("build")
@click.argument("name")
@click.option("--set", "values", metavar="FIELD=VALUE", multiple=True, callback=_pairs, help="Another field.")
def create(build: str, name: str, values: dict[str, str]) -> None:
    """Create the client BUILD (18 becomes 018; branches have a dot: 122.1) called NAME.

    For example: flask client create 412 'บริษัท ตัวอย่าง จำกัด' --set tax_registration_status=จดภาษีมูลค่าเพิ่ม
    """
    with refusals():
        made = service.create(_by(), {"build": build, "company_name": name, **values})
    _tell(made)


@client.command("edit")
@click.argument("build")
@click.option(
    "--set", "values", metavar="FIELD=VALUE", multiple=True, required=True, callback=_pairs, help="Empty to clear."
)
def edit(build: str, values: dict[str, str]) -> None:
    """Change fields of the client BUILD. Its name and VAT state change in open tables at once."""
    with refusals():
        saved = service.edit(_by(), build, values)
    _tell(saved)


@client.command("obligations")
@click.argument("build")
@click.option("--from", "since", metavar="YYYY-MM", type=MonthType(), help="The tax month from which --forms hold.")
@click.option("--forms", metavar="FORM,FORM,…", help=f"What has to be filed, - for nothing: {', '.join(FORMS)}.")
@click.option("--forget", metavar="YYYY-MM", type=MonthType(), help="Take back what was said from that month on.")
def obligations(build: str, since: Month | None, forms: str | None, forget: Month | None) -> None:
    """Print which forms the client BUILD has to file, and from which month on; or change it.

    For example: flask client obligations 018 --from 2026-09 --forms pnd_3,pnd_53,pp30
    """
    if (since is None) != (forms is None):
        raise click.UsageError("--from and --forms belong together")
    with refusals():
        if since is not None:
            obliging.oblige(_by(), build, {"since": str(since), "forms": forms})
        if forget is not None:
            obliging.release(_by(), build, str(forget))
    for period in obliging.shown(_found(build), datetime.now(UTC))["obligations"]:
        click.echo(f"{period['since']}  {', '.join(period['forms']) or '-'}")


@client.command("archive")
@click.argument("build")
def archive(build: str) -> None:
    """Take the client BUILD out of the lists of later months. What was stays readable."""
    with refusals():
        _tell(service.archive(_by(), build))


@client.command("restore")
@click.argument("build")
def restore(build: str) -> None:
    """Bring the archived client BUILD back."""
    with refusals():
        _tell(service.restore(_by(), build))


@client.command("show")
@click.argument("build")
def show(build: str) -> None:
    """Print every field of the client BUILD."""
    found = _found(build)
    for name, value in queries.to_json(found).items():
        if value is not None:
            click.echo(f"{name}: {value}")


def _found(build: str) -> Client:
    found = queries.find(build)
    if found is None:
        raise click.ClickException(f"no client {build}")
    return found


@client.command("list")
@click.option("--search", default="", help="Part of the build, the name or the 13 digits.")
@click.option("--archived", is_flag=True, help="Those that are archived instead.")
def list_clients(search: str, archived: bool) -> None:
    """Print the clients: build, VAT or not, company status, name."""
    filters = queries.Filters(search, archived=queries.ARCHIVED if archived else queries.ACTIVE)
    for found in queries.page(filters, "build", False, 1, 100_000)[0]:
        vat = "VAT" if found.is_vat else "-"
        click.echo(f"{found.build:<10} {vat:<4} {found.company_name} · {found.company_status}")


def _tell(saved: dict[str, Any]) -> None:
    away = " (archived)" if saved["archived_at"] else ""
    click.echo(f"{saved['build']} {saved['company_name']}: version {saved['version']}{away}")
