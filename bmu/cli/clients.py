"""`flask client`: the firm's clients from the command line, by the same verbs as everywhere else."""

from __future__ import annotations

import getpass
from typing import Any

import click

from bmu.changes.work import By
from bmu.cli.group import Group
from bmu.cli.refusals import refusals
from bmu.clients import queries, service
from bmu.clients.fields import FIELDS

client = Group("client", help="Client companies: create, edit, archive, restore, show, list. Open pages hear of it.")


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
    found = queries.find(build)
    if found is None:
        raise click.ClickException(f"no client {build}")
    for name, value in queries.to_json(found).items():
        if value is not None:
            click.echo(f"{name}: {value}")


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
