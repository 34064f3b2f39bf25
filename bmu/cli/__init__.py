"""The firm's commands: `flask --app wsgi seed | month | client | user | backup | restore …`."""

from __future__ import annotations

from flask import Flask
from flask_migrate.cli import db as migrations  # type: ignore[import-not-found]

from bmu.cli.backup import backup
from bmu.cli.clients import client
from bmu.cli.copy import copy
from bmu.cli.imports import bring
from bmu.cli.months import month
from bmu.cli.notifications import notifications
from bmu.cli.restore import restore
from bmu.cli.seed import seed
from bmu.cli.users import user


def init_app(app: Flask) -> None:
    """Register the groups."""
    # `flask db` is Flask-Migrate's; copying a database belongs beside its upgrade.
    migrations.add_command(copy)
    for group in (seed, month, client, user, bring, notifications, backup, restore):
        app.cli.add_command(group)
