"""`flask import`: clients, employees and assignments from a file, by the same steps as on the page."""

from __future__ import annotations

import getpass
from pathlib import Path

import click
from flask_babel import gettext

from bmu.changes.work import By
from bmu.cli.group import Group
from bmu.papers.importing import Report, run
from bmu.papers.imports import IMPORTS

bring = Group("import", help="Bring in clients, employees or assignments from an .xlsx or CSV file.")
FILE = click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
DRY = click.option("--dry-run", is_flag=True, help="Only say what would be changed.")


def _bring(name: str, file: Path, dry_run: bool, reason: str = "") -> None:
    """Import a file with a progress bar. Faults go to stderr, one a line, with exit code 1; then nothing is changed."""
    by = By(None, f"CLI ({getpass.getuser()})")
    report: Report | None = None
    with click.progressbar(length=100, label=file.name) as bar:
        for step in run(IMPORTS[name].importer(), file.read_bytes(), by, dry=dry_run, reason=reason):
            if isinstance(step, Report):
                report = step
            bar.update((100 if isinstance(step, Report) else step.percent) - bar.pos)
    assert report is not None
    for fault in report.found.faults:
        click.echo(" ".join(part for part in (fault.at, gettext(fault.why), fault.what) if part), err=True)
    if report.found.faults:
        raise click.ClickException("nothing was changed")
    plan, would = report.plan, "" if report.done else "would be "
    click.echo(f"{plan.new} {would}added, {plan.change} {would}changed, {plan.same} the same")


@bring.command("clients")
@FILE
@DRY
def clients(file: Path, dry_run: bool) -> None:
    """Add clients, or change those that are there, by their builds. All or nothing."""
    _bring("clients", file, dry_run)


@bring.command("employees")
@FILE
@DRY
def employees(file: Path, dry_run: bool) -> None:
    """Add employees, or change those that are there, by their ids. No accounts are made. All or nothing."""
    _bring("employees", file, dry_run)


@bring.command("assignments")
@FILE
@DRY
@click.option("--reason", default="flask import assignments", show_default=True, help="Why; the history keeps it.")
def assignments(file: Path, dry_run: bool, reason: str) -> None:
    """Put people in charge of months that are open. All or nothing."""
    _bring("assignments", file, dry_run, reason)
