"""How connections begin and wait. SQLite: WAL, one writer at a time, nobody waits inside C.

SQLite's own busy handler sleeps in C and would freeze every green thread of the process (stack trap 6).
So its timeout is 0, writers begin with BEGIN IMMEDIATE, and a busy database is asked again after a
sleep that lets the others run. synchronous=FULL: a save that was acknowledged survives a power cut; the commit that
waits for the disk does so in a real thread, because a disk that others use may need half a second.
"""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from sqlalchemy import Connection, Engine, event
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from bmu.config import Config
from bmu.offload import offload, wait_aside

WRITE, ASIDE, COMMIT = "bmu_write", "bmu_aside", "COMMIT"
BUSY_SECONDS = 10.0
_PAUSE = 0.003


def engine_options(config: Config) -> dict[str, Any]:
    """Pool settings for SQLALCHEMY_ENGINE_OPTIONS: sized for many green threads (stack §3)."""
    pool: dict[str, Any] = {"pool_size": 20, "max_overflow": 20, "pool_timeout": 10}
    pool["json_serializer"] = partial(json.dumps, ensure_ascii=False, separators=(",", ":"))
    if config.is_sqlite:
        return {**pool, "connect_args": {"timeout": 0}}
    return {**pool, "pool_pre_ping": True, "connect_args": {"connect_timeout": 5}}


@event.listens_for(Engine, "connect")
def _prepare(connection: Any, _record: Any) -> None:
    if not isinstance(connection, sqlite3.Connection):
        return
    connection.isolation_level = None  # pysqlite must not begin for us: see _begin
    cursor = connection.cursor()
    cursor.execute("PRAGMA busy_timeout = 5000")  # only while another process switches the journal
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA busy_timeout = 0")
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.execute("PRAGMA cache_size = -32000")
    cursor.close()


@event.listens_for(Engine, "begin")
def _begin(connection: Connection) -> None:
    if connection.dialect.name != "sqlite":
        return
    if connection.get_execution_options().get(WRITE):
        _begin_immediate(connection)
    else:
        connection.exec_driver_sql("BEGIN")


def _begin_immediate(connection: Connection) -> None:
    """Take the one writer's place, or wait for it without holding up the other green threads.

    Raises OperationalError ("database is locked") when it stays taken for BUSY_SECONDS.
    """
    until = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            return
        except OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > until:
                raise
        time.sleep(_PAUSE)  # green under the worker: the hub runs meanwhile


@event.listens_for(Engine, "do_execute")
def _beside_the_loop(cursor: Any, statement: str, parameters: Any, context: Any) -> bool:
    """Run a statement marked ASIDE in a real thread: SQLite works, and sorts, inside C for as long as it takes.

    Only for reading what may be much, for COMMIT, and for writing much at once. The rows are fetched here afterwards,
    so it has to be one that SQLite finishes before the first row: sorted, or counted.
    """
    if not (context.execution_options.get(ASIDE) and isinstance(cursor, sqlite3.Cursor)):
        return False
    # Who holds the writer's place keeps others waiting: it takes no turn behind whoever computes.
    run = wait_aside if context.execution_options.get(WRITE) else offload
    run(cursor.execute, statement, parameters)
    return True


def keep(session: Session) -> None:
    """To be called just before the commit: on SQLite it is done here, without holding up the event loop while the
    disk takes its time, and leaves `commit()` nothing to wait for.

    Raises OperationalError when it cannot be kept (disk full): nothing was saved then.
    """
    if session.get_bind().dialect.name == "sqlite":
        session.flush()
        session.connection().exec_driver_sql(COMMIT, execution_options={ASIDE: True})


@contextmanager
def tables_in_memory(connection: Connection) -> Iterator[None]:
    """Meanwhile SQLite keeps this connection's temporary tables in memory. To be entered outside of a transaction.

    In a file they seem to be among what the disk writes before it has kept anybody else's next COMMIT: saves beside an
    import waited for less without it (docs/performance.md).
    """
    if connection.dialect.name != "sqlite":
        yield
        return
    raw: Any = connection.connection.driver_connection
    raw.execute("PRAGMA temp_store = MEMORY")
    try:
        yield
    finally:
        connection.rollback()  # SQLite refuses it inside a transaction that failed half-way
        raw.execute("PRAGMA temp_store = DEFAULT")
