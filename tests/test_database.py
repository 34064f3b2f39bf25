"""How connections to SQLite begin and wait."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Connection, text
from sqlalchemy.exc import IntegrityError, OperationalError

from bmu import database
from bmu.changes import bulk
from bmu.changes.work import By, transaction
from bmu.clients.models import Client
from bmu.config import Config
from bmu.extensions import db
from tests.databases import sqlite_only

pytestmark = sqlite_only


def pragma(name: str) -> Any:
    return db.session.execute(text(f"PRAGMA {name}")).scalar_one()


def test_a_connection_is_safe_and_never_waits_in_c(reading: Flask) -> None:
    with reading.app_context():
        assert pragma("journal_mode") == "wal"
        assert pragma("busy_timeout") == 0
        assert pragma("foreign_keys") == 1
        assert pragma("synchronous") == 2


def test_what_refers_to_nothing_is_refused(app: Flask) -> None:
    with app.app_context(), pytest.raises(IntegrityError), transaction() as work:
        work.session.execute(text("UPDATE monthly_tax_data SET accounting_responsible = 'XX99999'"))


def test_readers_read_while_somebody_writes(app: Flask, record: dict[str, Any]) -> None:
    with app.app_context(), transaction() as work:
        work.session.execute(text("UPDATE monthly_tax_data SET wht_response = 'ยังไม่เสร็จ'"))
        with db.engine.connect() as other:
            seen = other.execute(text("SELECT wht_response FROM monthly_tax_data WHERE id = :id"), {"id": record["id"]})
            assert seen.scalar_one() == record["wht_response"]


def test_a_second_writer_waits_for_the_first(app: Flask) -> None:
    order: list[str] = []
    begun = threading.Event()

    def first() -> None:
        with app.app_context(), transaction():
            begun.set()
            time.sleep(0.05)
            order.append("first")

    thread = threading.Thread(target=first)
    thread.start()
    begun.wait()
    with app.app_context(), transaction():
        order.append("second")
    thread.join()
    assert order == ["first", "second"]


def test_a_database_that_stays_busy_is_given_up(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "BUSY_SECONDS", 0.02)
    with (
        app.app_context(),
        transaction(),
        db.engine.connect() as other,
        pytest.raises(OperationalError, match="locked"),
    ):
        other.execution_options(**{database.WRITE: True}).execute(text("SELECT 1"))


def test_a_transaction_reads_anew_what_was_read_before(app: Flask, record: dict[str, Any]) -> None:
    """Check and write under one lock: nothing decided on an old reading."""
    query = text("SELECT version FROM monthly_tax_data WHERE id = :id")
    with app.app_context():
        before = db.session.execute(query, {"id": record["id"]}).scalar_one()
        with db.engine.begin() as other:
            other.execute(text("UPDATE monthly_tax_data SET version = version + 1"))
        with transaction() as work:
            assert work.session.execute(query, {"id": record["id"]}).scalar_one() == before + 1


def test_postgresql_is_asked_whether_it_is_still_there(tmp_path: Any) -> None:
    config = Config("postgresql+psycopg://h/d", tmp_path, "x" * 32)
    assert database.engine_options(config)["pool_pre_ping"] is True


def test_the_disk_is_waited_for_beside_the_event_loop(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Decision 0007: nobody waits inside C, not even for a slow disk to keep a save."""
    waited: list[str] = []

    def aside(fn: Any, statement: str, parameters: Any) -> None:
        waited.append(statement)
        fn(statement, parameters)

    monkeypatch.setattr(database, "wait_aside", aside)
    with app.app_context():
        with transaction() as work:
            work.session.execute(text("UPDATE monthly_tax_data SET version = 77"))
        assert waited == ["COMMIT"]
        assert db.session.execute(text("SELECT DISTINCT version FROM monthly_tax_data")).scalar_one() == 77


def test_what_the_disk_does_not_keep_is_an_error_and_not_saved(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(database, "wait_aside", full)
    with app.app_context():
        with pytest.raises(OperationalError, match="full"), transaction() as work:
            work.session.execute(text("UPDATE monthly_tax_data SET version = 77"))
        assert db.session.execute(text("SELECT max(version) FROM monthly_tax_data")).scalar_one() < 77
        monkeypatch.undo()
        with transaction() as work:  # and the writer's place is free again
            work.session.execute(text("UPDATE monthly_tax_data SET version = 78"))


def test_rows_that_are_laid_down_for_an_import_are_no_work_for_the_disk(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A COMMIT of somebody else's would wait for them (docs/performance.md, papers)."""
    kept: list[int] = []

    @contextmanager
    def laid(connection: Connection, _bulk: bulk.Bulk) -> Iterator[None]:
        kept.append(_temp_store(connection))
        if kept:
            raise KeyError("enough")
        yield

    monkeypatch.setattr(bulk, "_laid", laid)
    with app.app_context():
        with pytest.raises(KeyError, match="enough"):
            next(bulk.Bulk(Client, []).write(By("x")))
        with db.engine.connect() as connection:
            kept.append(_temp_store(connection))
    assert kept == [2, 0]  # SQLite's numbers for memory and for its default, a file


def _temp_store(connection: Connection) -> int:
    return int(connection.exec_driver_sql("PRAGMA temp_store").scalar_one())
