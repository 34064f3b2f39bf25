"""`flask notifications`: letting go of old ones."""

from __future__ import annotations

from datetime import timedelta

import click

from bmu.cli.group import Group
from bmu.notifications import service

notifications = Group("notifications", help="What people were told of changes.")


@notifications.command("prune")
@click.option("--days", default=service.KEPT.days, type=click.IntRange(0, 3650), show_default=True)
def prune(days: int) -> None:
    """Delete notifications older than DAYS days, read or not. The change log keeps what happened."""
    count = service.prune(timedelta(days=days))
    click.echo(f"{count} notifications older than {days} days deleted")
