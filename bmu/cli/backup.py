"""`flask backup`: the whole database in one SQLite file, made while saving goes on, from SQLite and PostgreSQL alike.

One format for both: a backup can be looked at with any SQLite tool, is restored into either, and needs no program
that has to match a server's version. For very large PostgreSQL databases pg_dump is quicker (docs/operations.md).
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import click
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from bmu.cli import transfer
from bmu.config import Config
from bmu.database import WRITE
from bmu.extensions import db
from bmu.health import newest_migration

PAGES = 2000  # between two signs of progress


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@with_appcontext
def backup(file: Path) -> None:
    """Write a whole copy of the database to FILE, which must not be there yet.

    Saving goes on meanwhile; the copy is the database of one moment. FILE holds everything, password hashes and
    clients' figures included: keep it where the database itself might lie.
    """
    config: Config = current_app.extensions["bmu.config"]
    if file.exists():
        raise click.ClickException(f"{file} is there already")
    part = file.with_name(f"{file.name}.part")
    part.unlink(missing_ok=True)
    try:
        part.touch(mode=0o600)
        (_from_sqlite if config.is_sqlite else _from_postgres)(config, part)
        _seal(part)
    except (sqlite3.Error, OSError, SQLAlchemyError, transfer.Unfit) as error:
        part.unlink(missing_ok=True)
        raise click.ClickException(f"{file}: {transfer.said(error)}") from None
    part.rename(file)
    click.echo(f"{file}: {file.stat().st_size:,} bytes, integrity ok")


def _from_sqlite(config: Config, file: Path) -> None:
    """Page by page, in one read transaction: without it the copy would begin anew after each save of others, and on
    a busy day never end. Raises sqlite3.Error."""
    source = make_url(config.database_url).database or ""
    with closing(sqlite3.connect(source, isolation_level=None)) as live, closing(sqlite3.connect(file)) as copy:
        live.execute("BEGIN")
        live.execute("SELECT count(*) FROM sqlite_master").fetchone()
        with click.progressbar(length=100, label="backup") as bar:
            live.backup(copy, pages=PAGES, progress=lambda _s, left, of: bar.update(_percent(left, of) - bar.pos))


def _percent(left: int, of: int) -> int:
    return 100 if of == 0 else (of - left) * 100 // of


def _from_postgres(config: Config, file: Path) -> None:
    """Row by row, out of one snapshot. Raises Unfit when the database is not at our migration."""
    copy = transfer.engine_for(config, f"sqlite:///{file}")
    try:
        with transfer.snapshot(db.engine) as live, copy.execution_options(**{WRITE: True}).begin() as target:
            transfer.make_tables(target, newest_migration())
            transfer.check_fit(live, target)
            with click.progressbar(length=transfer.count(live), label="backup") as bar:
                transfer.pour(live, target, bar.update)
    finally:
        copy.dispose()


def _seal(file: Path) -> None:
    """One file that is complete by itself and on the disk. Raises Unfit when SQLite finds fault with it."""
    with closing(sqlite3.connect(file)) as copy:
        copy.execute("PRAGMA journal_mode = DELETE")
        sound = copy.execute("PRAGMA integrity_check").fetchone()[0]
    if sound != "ok":
        raise transfer.Unfit(f"the copy is damaged: {sound}")
    handle = os.open(file, os.O_RDONLY)
    os.fsync(handle)
    os.close(handle)
