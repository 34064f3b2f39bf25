"""`flask restore`: a backup becomes the database again, and nobody believes that it is newer than it is."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import select

from bmu import create_app
from bmu.changes.horizon import horizon
from bmu.changes.models import ChangeLog
from bmu.changes.work import last_seq
from bmu.cli import transfer
from bmu.extensions import db
from bmu.monthly_tax.models import MonthlyTaxData
from bmu.realtime import tail
from tests import databases
from tests.cli.test_backup import asked, run
from tests.conftest import Colleague, close, config_for, events

Record = dict[str, Any]
SignIn = Callable[[str], Colleague]
# What a restore changes on purpose.
CHANGED = {"counters", "user_sessions"}


@pytest.fixture
def backup(app: Flask, tmp_path: Path) -> Path:
    """A backup of the firm as it is now."""
    assert run(app, "backup", str(tmp_path / "backup")).exit_code == 0
    return tmp_path / "backup"


@pytest.fixture
def changed(app: Flask, backup: Path, sign_in: SignIn, record: Record) -> Record:
    """The record, saved once more after the backup."""
    saved: Record = sign_in("AC00024").save(record, "taxStatus", wht_response="หลังสำรอง").json["data"]
    return saved


def test_the_database_is_again_what_it_was(app: Flask, backup: Path, changed: Record, record: Record) -> None:
    with app.app_context(), db.engine.connect() as connection:
        assert (
            connection.scalar(select(MonthlyTaxData.version).where(MonthlyTaxData.id == record["id"]))
            == (changed["version"])
        )
    done = run(app, "restore", "--replace", str(backup))
    assert done.exit_code == 0, done.output
    other = transfer.engine_for(app.extensions["bmu.config"], f"sqlite:///{backup}")
    with app.app_context(), db.engine.connect() as ours, other.connect() as theirs:
        found = {name for name, one in transfer.prints(ours).items() if one != transfer.prints(theirs)[name]}
        assert found <= CHANGED
        assert db.session.get_one(MonthlyTaxData, record["id"]).wht_response == record["wht_response"]
    other.dispose()


def test_it_goes_into_a_new_database_elsewhere(backup: Path, changed: Record, tmp_path_factory: Any) -> None:
    folder = tmp_path_factory.mktemp("elsewhere")
    elsewhere = create_app(config_for(databases.empty(folder), folder))
    with elsewhere.app_context():
        upgrade()
    done = run(elsewhere, "restore", str(backup))
    assert done.exit_code == 0, done.output
    with elsewhere.app_context():
        assert db.session.get_one(MonthlyTaxData, changed["id"]).version == changed["version"] - 1
    close(elsewhere)


def test_what_is_in_the_database_is_not_given_up_unasked(app: Flask, backup: Path, changed: Record) -> None:
    done = run(app, "restore", str(backup))
    assert done.exit_code == 1 and "--replace" in done.output
    with app.app_context():
        assert db.session.get_one(MonthlyTaxData, changed["id"]).version == changed["version"]


def test_a_page_that_has_seen_what_is_undone_reads_anew(
    app: Flask, backup: Path, changed: Record, sign_in: SignIn
) -> None:
    """Even when later saves have passed the place up to which it has read."""
    assert run(app, "restore", "--replace", str(backup)).exit_code == 0
    again = Colleague(app, "AC00024")
    behind = again.get("changes", since=changed["seq"]).json
    assert behind["data"]["reset"] is True
    fresh = again.save(again.get(changed["id"]).json["data"], "taxStatus", wht_response="ใหม่").json["data"]
    caught_up = again.get("changes", since=behind["data"]["seq"]).json["data"]
    assert [row["id"] for row in caught_up["missed"]] == [fresh["id"]] and "reset" not in caught_up
    assert again.get("changes", since=changed["seq"]).json["data"]["reset"] is True


def test_places_are_never_given_twice(app: Flask, backup: Path, changed: Record) -> None:
    assert run(app, "restore", "--replace", str(backup)).exit_code == 0
    with app.app_context():
        assert last_seq() == horizon() > changed["seq"]
        assert db.session.scalar(select(ChangeLog.seq).where(ChangeLog.seq == changed["seq"])) is None


def test_everybody_signs_in_again(app: Flask, sign_in: SignIn, request: pytest.FixtureRequest) -> None:
    """A session that was open when the backup was made, and ended since, must not come back to life."""
    who = sign_in("AC00024")
    made: Path = request.getfixturevalue("backup")
    assert who.get().status_code == 200
    assert run(app, "restore", "--replace", str(made)).exit_code == 0
    assert who.get().status_code == 401


def test_an_open_table_is_shown_out_within_seconds(app: Flask, sign_in: SignIn, request: pytest.FixtureRequest) -> None:
    socket = sign_in("AC00024").listen()
    made: Path = request.getfixturevalue("backup")
    assert run(app, "restore", "--replace", str(made)).exit_code == 0
    with app.app_context():
        tail.check_sessions()
    assert events(socket) == [("auth:expired", {"reason": "signed_out"})]


def test_a_damaged_backup_changes_nothing(app: Flask, backup: Path, changed: Record) -> None:
    size = backup.stat().st_size
    with backup.open("r+b") as file:
        file.seek(size // 2)
        file.write(b"\xff" * 8192)
    done = run(app, "restore", "--replace", str(backup))
    assert done.exit_code == 1 and "nothing was changed" in done.output
    with app.app_context():
        assert db.session.get_one(MonthlyTaxData, changed["id"]).version == changed["version"]


def test_a_backup_of_another_migration_is_refused(app: Flask, backup: Path) -> None:
    with closing(sqlite3.connect(backup)) as file, file:
        file.execute("UPDATE alembic_version SET version_num = '0001'")
    done = run(app, "restore", "--replace", str(backup))
    assert done.exit_code == 1 and "0001" in done.output and "db upgrade" in done.output


def test_the_backup_itself_is_left_as_it_is(app: Flask, backup: Path) -> None:
    before = backup.read_bytes()
    assert run(app, "restore", "--replace", str(backup)).exit_code == 0
    assert backup.read_bytes() == before
    assert asked(backup, "PRAGMA journal_mode") == [("delete",)]
