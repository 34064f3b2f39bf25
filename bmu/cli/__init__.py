"""The firm's commands: `flask --app wsgi seed | month | user | backup …`."""

from __future__ import annotations

from flask import Flask

from bmu.cli.backup import backup
from bmu.cli.months import month
from bmu.cli.notifications import notifications
from bmu.cli.seed import seed
from bmu.cli.users import user


def init_app(app: Flask) -> None:
    """Register the groups."""
    for group in (seed, month, user, notifications, backup):
        app.cli.add_command(group)
