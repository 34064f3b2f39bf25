"""`flask db copy`: the database moves to another one, from SQLite to PostgreSQL when a firm grows, or back."""

from __future__ import annotations

import click
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from bmu.changes.work import last_seq
from bmu.cli import transfer
from bmu.config import BadSetting
from bmu.database import WRITE
from bmu.extensions import db


@click.command("copy")
@click.argument("target")
@with_appcontext
def copy(target: str) -> None:
    """Copy every row into the empty database TARGET (a URL as in BMU_DATABASE_URL), and compare both.

    All or nothing. `db upgrade` makes TARGET's tables first. A password is better kept in ~/.pgpass or PGPASSWORD
    than in the URL. Stop the app before: what is saved meanwhile is not in the copy, and you would be told.
    """
    try:
        engine = transfer.engine_for(current_app.extensions["bmu.config"], target)
        try:
            seq = _copy(engine)
        finally:
            engine.dispose()
    except (SQLAlchemyError, transfer.Unfit, BadSetting) as error:
        raise click.ClickException(f"{transfer.said(error)}; nothing was changed") from None
    if last_seq() != seq:
        raise click.ClickException("something was saved meanwhile and is not in the copy: stop the app, begin anew")
    click.echo("Both hold the same. Now let BMU_DATABASE_URL name the new one, and start the app.")


def _copy(engine: Engine) -> int:
    """Copy in one transaction; the place of the change log at which it stood. Raises Unfit."""
    with transfer.snapshot(db.engine) as source, engine.execution_options(**{WRITE: True}).begin() as target:
        transfer.check_fit(source, target)
        if not transfer.is_empty(target):
            raise transfer.Unfit("the target is not empty")
        with click.progressbar(length=3 * transfer.count(source), label="copy") as bar:
            transfer.pour(source, target, bar.update)
            ours, theirs = transfer.prints(source, bar.update), transfer.prints(target, bar.update)
        for name, found in ours.items():
            click.echo(f"{name:<24} {found.rows:>9,} rows  {found.digest[:16]}")
        if wrong := transfer.differences(ours, theirs):
            raise transfer.Unfit("; ".join(wrong))
        return transfer.place(source)
