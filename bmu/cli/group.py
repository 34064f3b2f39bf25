"""Groups of commands: inside an application context, and quiet on the terminal but for warnings."""

from __future__ import annotations

from typing import Any

import click
from flask.cli import AppGroup

from bmu.logs import configure


class Group(AppGroup):
    """A group whose commands have an application context. The server logs a line per commit; a person at the
    terminal reads the command's own words."""

    def invoke(self, ctx: click.Context) -> Any:
        configure("WARNING")
        return super().invoke(ctx)
