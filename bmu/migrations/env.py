"""Alembic's entry: runs the migrations of bmu/migrations/versions on the app's database, in one write transaction."""

from __future__ import annotations

from typing import Literal

from alembic import context
from flask import current_app

from bmu.changes.models import UtcDateTime
from bmu.database import WRITE

migrate = current_app.extensions["migrate"]


def _no_empty_revision(_context: object, _revision: object, directives: list) -> None:
    if getattr(context.config.cmd_opts, "autogenerate", False) and directives[0].upgrade_ops.is_empty():
        directives[:] = []


def _plain_type(kind: str, value: object, _context: object) -> str | Literal[False]:
    """Migrations stand by themselves: they name the column's type, not our class for it."""
    return "sa.DateTime()" if kind == "type" and isinstance(value, UtcDateTime) else False


def run() -> None:
    """Upgrade or downgrade, online only: there is always a database to speak to."""
    options = {"compare_type": True, **migrate.configure_args, "process_revision_directives": _no_empty_revision}
    with migrate.db.engine.execution_options(**{WRITE: True}).begin() as connection:
        context.configure(
            connection=connection, target_metadata=migrate.db.metadata, render_item=_plain_type, **options
        )
        with context.begin_transaction():
            context.run_migrations()


run()
