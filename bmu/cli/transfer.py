"""Whole databases as rows: from SQLite to PostgreSQL and back, with a proof that nothing was lost on the way.

Copy, backup and restore stand on this. A database is read in one snapshot, so that what is copied is one moment of
it, however much is saved meanwhile; and compared by the values that the app sees, not by how a database keeps them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Engine, Table, create_engine, func, insert, inspect, select, text

from bmu.changes.models import Counter
from bmu.changes.work import SEQ
from bmu.config import Config, database_url
from bmu.database import engine_options
from bmu.extensions import db

AT_ONCE = 1000
Tick = Callable[[int], object]


class Unfit(Exception):
    """A database that cannot be copied from or into; the text says why."""


def said(error: Exception) -> str:
    """What an error says, in a line: a database goes on with the statement and where to read about it."""
    return str(error).partition("\n")[0]


@dataclass(frozen=True, slots=True)
class Print:
    """What a table holds: how many rows, and a hash of all of them in whatever order."""

    rows: int
    digest: str


def tables() -> list[Table]:
    """All tables of the app, each after those it refers to."""
    return list(db.metadata.sorted_tables)


def engine_for(config: Config, url: str) -> Engine:
    """An engine for another database than the app's, written as in BMU_DATABASE_URL. Raises BadSetting."""
    other = replace(config, database_url=database_url(url))
    return create_engine(other.database_url, **engine_options(other))


@contextmanager
def snapshot(engine: Engine) -> Iterator[Connection]:
    """A connection that sees one moment of the database, however long it reads and whatever is saved meanwhile."""
    sqlite = engine.dialect.name == "sqlite"
    with engine.connect() as connection:
        if not sqlite:
            connection = connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        # The moment is chosen by the first question, which has to be one about the database.
        connection.execute(text("SELECT count(*) FROM sqlite_master" if sqlite else "SELECT 1"))
        yield connection


def revision(connection: Connection) -> str | None:
    """The migration at which a database is; None without tables."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()


def make_tables(target: Connection, migration: str | None) -> None:
    """Make all tables in an empty database, as if the migrations had; a contract test holds that they agree."""
    db.metadata.create_all(target)
    target.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)"))
    target.execute(text("INSERT INTO alembic_version VALUES (:migration)"), {"migration": migration})


def hold(target: Connection) -> None:
    """Let others read but not write until this transaction ends. SQLite's one writer does so anyway."""
    if target.dialect.name == "postgresql":
        names = ", ".join(table.name for table in tables())
        target.execute(text(f"LOCK TABLE {names} IN EXCLUSIVE MODE"))


def is_empty(connection: Connection) -> bool:
    """Whether there is no row in any table."""
    return not any(connection.execute(select(table).limit(1)).first() for table in tables())


def check_fit(source: Connection, target: Connection) -> None:
    """Raises Unfit unless both have their tables, of the same migration."""
    theirs, ours = revision(source), revision(target)
    if ours is None:
        raise Unfit("the target has no tables yet: run `flask --app wsgi db upgrade` on it first")
    if theirs != ours:
        raise Unfit(f"the source is at migration {theirs}, the target at {ours}: run `db upgrade` on the older one")


def place(connection: Connection) -> int:
    """The newest place of the change log."""
    seq = Counter.__table__.c
    return connection.scalar(select(seq.value).where(seq.name == SEQ)) or 0


def count(connection: Connection) -> int:
    """How many rows there are in all tables."""
    return sum(connection.scalar(select(func.count()).select_from(table)) or 0 for table in tables())


def portions(connection: Connection, table: Table) -> Iterator[list[dict[str, Any]]]:
    """All rows of a table with the values that the app sees, AT_ONCE at a time."""
    found = connection.execute(select(table), execution_options={"yield_per": AT_ONCE})
    return ([dict(row) for row in some] for some in found.mappings().partitions(AT_ONCE))


def pour(source: Connection, target: Connection, tick: Tick = lambda _rows: None) -> None:
    """Insert all rows of `source` into the empty tables of `target`, in the transaction that `target` is in."""
    for table in tables():
        for some in portions(source, table):
            target.execute(insert(table), some)
            tick(len(some))


def wipe(target: Connection) -> None:
    """Delete every row of every table, in the transaction that `target` is in."""
    for table in reversed(tables()):
        target.execute(table.delete())


def prints(connection: Connection, tick: Tick = lambda _rows: None) -> dict[str, Print]:
    """What each table holds, to be compared with another database's."""
    return {table.name: _print(portions(connection, table), tick) for table in tables()}


def _print(found: Iterable[list[dict[str, Any]]], tick: Tick) -> Print:
    """Hashes of rows are added up: databases give rows, and sort texts, in orders of their own."""
    count = total = 0
    for some in found:
        total += sum(map(_number_of, some))
        count += len(some)
        tick(len(some))
    return Print(count, f"{total % 2**256:064x}")


def _number_of(row: dict[str, Any]) -> int:
    line = json.dumps(row, default=_plain, sort_keys=True, ensure_ascii=False)
    return int.from_bytes(hashlib.sha256(line.encode()).digest())


def _plain(value: object) -> str:
    """A value that JSON does not know; 1.5 and 1.50 are one amount."""
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if isinstance(value, datetime | date):
        return value.isoformat()
    raise TypeError(f"no column holds a {type(value).__name__}")


def differences(one: dict[str, Print], other: dict[str, Print]) -> list[str]:
    """The tables that do not hold the same, in words."""
    return [
        f"{name}: {one[name].rows} and {other[name].rows} rows"
        + (", with other values" if one[name].rows == other[name].rows else "")
        for name in one
        if one[name] != other[name]
    ]
