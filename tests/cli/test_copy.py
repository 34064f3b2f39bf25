"""`flask db copy`: everything moves to another database, and both are compared."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import text

from bmu import create_app
from bmu.cli import transfer
from bmu.extensions import db
from tests import databases
from tests.cli.test_backup import run
from tests.conftest import Colleague, close, config_for


@pytest.fixture
def new(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """An app on a database that has its tables and nothing in them."""
    folder = tmp_path_factory.mktemp("new")
    made = create_app(config_for(databases.empty(folder), folder))
    with made.app_context():
        upgrade()
    yield made
    close(made)


def url(app: Flask) -> str:
    return str(app.config["SQLALCHEMY_DATABASE_URI"])


def prints(app: Flask) -> dict[str, transfer.Print]:
    with app.app_context(), db.engine.connect() as connection:
        return transfer.prints(connection)


def test_the_new_database_holds_the_same(app: Flask, new: Flask) -> None:
    done = run(app, "db", "copy", url(new))
    assert done.exit_code == 0, done.output
    assert prints(app) == prints(new)
    assert prints(new)["change_log"].rows > 100


def test_people_stay_signed_in_and_their_tables_catch_up(app: Flask, new: Flask, record: dict[str, Any]) -> None:
    who = Colleague(app, "AC00024")
    assert run(app, "db", "copy", url(new)).exit_code == 0
    who.http = new.test_client()
    caught_up = who.get("changes", since=record["seq"] - 1).json["data"]
    assert record["id"] in {row["id"] for row in caught_up["missed"]} and "reset" not in caught_up
    assert who.save(record, "taxStatus", wht_response="ที่ใหม่").status_code == 200


def test_a_database_in_use_is_not_written_into(app: Flask, new: Flask) -> None:
    assert run(app, "db", "copy", url(new)).exit_code == 0
    before = prints(new)
    again = run(app, "db", "copy", url(new))
    assert again.exit_code == 1 and "not empty" in again.output
    assert prints(new) == before


def test_a_database_without_tables_is_told_what_it_lacks(app: Flask, tmp_path: Path) -> None:
    done = run(app, "db", "copy", f"sqlite:///{tmp_path / 'nothing.sqlite'}")
    assert done.exit_code == 1 and "db upgrade" in done.output


@pytest.mark.parametrize("target", ["mysql://x/y", "postgresql://127.0.0.1:1/none", "nonsense"])
def test_a_target_that_cannot_be_is_said_in_a_line(app: Flask, target: str) -> None:
    done = run(app, "db", "copy", target)
    assert done.exit_code == 1 and "Traceback" not in done.output and done.output.count("\n") == 1


def test_a_value_lost_on_the_way_undoes_the_copy(app: Flask, new: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    pour = transfer.pour

    def lossy(source: Any, target: Any, tick: Any) -> None:
        pour(source, target, tick)
        target.execute(text("UPDATE clients SET company_name = company_name || ' ' WHERE build = '018'"))

    monkeypatch.setattr(transfer, "pour", lossy)
    done = run(app, "db", "copy", url(new))
    assert done.exit_code == 1 and "clients" in done.output
    assert not any(one.rows for one in prints(new).values())


def test_what_is_saved_meanwhile_is_told(
    app: Flask, new: Flask, record: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    prints = transfer.prints

    def slow(*args: Any) -> Any:
        who.save(record, "taxStatus", wht_response="ระหว่างคัดลอก")
        return prints(*args)

    who = Colleague(app, "AC00024")
    monkeypatch.setattr(transfer, "prints", slow)
    done = run(app, "db", "copy", url(new))
    assert done.exit_code == 1 and "saved meanwhile" in done.output
