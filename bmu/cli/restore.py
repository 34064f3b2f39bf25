"""`flask restore`: a backup becomes the database again, on SQLite or PostgreSQL, and no page believes it is newer."""

from __future__ import annotations

import getpass
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import click
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy import Connection, update
from sqlalchemy.exc import SQLAlchemyError

from bmu.accounts import sessions
from bmu.changes import horizon
from bmu.changes.models import Counter
from bmu.changes.work import SEQ, By, Work, last_seq, transaction
from bmu.cli import transfer

# How far the log's places leap: further than any page can have seen since the backup was made, so that a place from
# before the restore is never taken for one after it. There are nine trillion million of them.
LEAP = 1_000_000


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--replace", is_flag=True, help="Give up what is in the database now.")
@with_appcontext
def restore(file: Path, replace: bool) -> None:
    """Put the backup FILE into the database: all of it, or nothing.

    The database must be at the backup's migration, and empty unless --replace is given. Everybody signs in again:
    sessions that were ended since the backup must not come back to life.
    """
    try:
        with _opened(file) as source, transaction(By(None, f"CLI ({getpass.getuser()})")) as work:
            _put(work, source, replace)
            place = _leap(work)
            sessions.end_all(work, "restored")
    except (sqlite3.Error, OSError, SQLAlchemyError, transfer.Unfit) as error:
        raise click.ClickException(f"{file}: {transfer.said(error)}; nothing was changed") from None
    click.echo(f"restored; the change log goes on after {place}, and everybody signs in again")


@contextmanager
def _opened(file: Path) -> Iterator[Connection]:
    """The backup, read from a copy: opening a database writes beside it. Raises Unfit when it is damaged."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(shutil.copy(file, Path(folder) / "backup.sqlite"))
        with closing(sqlite3.connect(copy)) as database:
            sound = database.execute("PRAGMA integrity_check").fetchone()[0]
        if sound != "ok":
            raise transfer.Unfit(f"damaged: {sound}")
        engine = transfer.engine_for(current_app.extensions["bmu.config"], f"sqlite:///{copy}")
        try:
            with transfer.snapshot(engine) as connection:
                yield connection
        finally:
            engine.dispose()


def _put(work: Work, source: Connection, replace: bool) -> None:
    """All rows of `source`, and the proof that they have arrived. Raises Unfit."""
    target = work.session.connection()
    transfer.hold(target)
    transfer.check_fit(source, target)
    kept = last_seq()
    if replace:
        transfer.wipe(target)
    elif not transfer.is_empty(target):
        raise transfer.Unfit("the database is not empty: --replace gives up what is in it")
    with click.progressbar(length=3 * transfer.count(source), label="restore") as bar:
        transfer.pour(source, target, bar.update)
        wrong = transfer.differences(transfer.prints(source, bar.update), transfer.prints(target, bar.update))
    if wrong:
        raise transfer.Unfit("; ".join(wrong))
    work.session.execute(update(Counter).where(Counter.name == SEQ, Counter.value < kept).values(value=kept))


def _leap(work: Work) -> int:
    """Begin the log's next place far ahead, and let nobody catch up from before it (changes.horizon)."""
    ahead = update(Counter).where(Counter.name == SEQ).values(value=Counter.value + LEAP)
    place: int = work.session.execute(ahead.returning(Counter.value)).scalar_one_or_none() or 0
    if place:
        horizon.raise_to(work, place)
    return place
