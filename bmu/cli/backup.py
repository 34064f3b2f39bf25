"""`flask backup`: a copy of the SQLite database that is whole, made while saving goes on."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import click
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy.engine import make_url

from bmu.config import Config


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@with_appcontext
def backup(file: Path) -> None:
    """Write a whole copy of the database to FILE, which must not be there yet. PostgreSQL: use pg_dump."""
    config: Config = current_app.extensions["bmu.config"]
    if not config.is_sqlite:
        raise click.ClickException("this database is PostgreSQL: use pg_dump -Fc")
    if file.exists():
        raise click.ClickException(f"{file} is there already")
    source = make_url(config.database_url).database or ""
    try:
        sound = _copy(source, file)
    except sqlite3.Error as error:
        raise click.ClickException(f"{file}: {error}") from None
    if sound != "ok":
        raise click.ClickException(f"the copy is damaged: {sound}")
    click.echo(f"{file}: {file.stat().st_size:,} bytes, integrity ok")


def _copy(source: str, file: Path) -> str:
    """Copy the database `source` to `file`; answers what SQLite says of the copy. Raises sqlite3.Error."""
    with closing(sqlite3.connect(source)) as live, closing(sqlite3.connect(file)) as copy:
        with click.progressbar(length=100, label="backup") as bar:
            live.backup(copy, pages=2000, progress=lambda _s, left, of: bar.update(_percent(left, of) - bar.pos))
        sound: str = copy.execute("PRAGMA integrity_check").fetchone()[0]
    return sound


def _percent(left: int, of: int) -> int:
    return 100 if of == 0 else (of - left) * 100 // of
