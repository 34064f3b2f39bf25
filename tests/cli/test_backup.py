"""`flask backup`: a whole copy of the database in one SQLite file, while saving goes on."""

from __future__ import annotations

import importlib
import sqlite3
import threading
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from bmu import create_app
from bmu.changes.work import By, transaction
from bmu.cli import transfer
from bmu.config import Config
from bmu.extensions import db
from bmu.monthly_tax.models import MonthlyTaxData
from tests.conftest import SECRET, Colleague
from tests.databases import sqlite_only

BROKEN = """SELECT id FROM monthly_tax_data m WHERE seq <> 0 AND NOT EXISTS
    (SELECT 1 FROM change_log l WHERE l.seq = m.seq AND l.entity_id = m.id AND l.version = m.version)"""


def run(app: Flask, *words: str) -> Any:
    return app.test_cli_runner().invoke(args=[*words])


def asked(file: Path, statement: str, *values: Any) -> list[Any]:
    with closing(sqlite3.connect(file)) as database:
        return database.execute(statement, values).fetchall()


def test_the_copy_holds_everything_that_was_saved(app: Flask, record: dict[str, Any], tmp_path: Path) -> None:
    saved = Colleague(app, "AC00024").save(record, "taxStatus", wht_response="ก่อนสำรอง").json["data"]
    done = run(app, "backup", str(tmp_path / "copy.sqlite"))
    assert done.exit_code == 0 and "integrity ok" in done.output
    rows = asked(
        tmp_path / "copy.sqlite", "SELECT version, wht_response FROM monthly_tax_data WHERE id = ?", record["id"]
    )
    assert rows == [(saved["version"], "ก่อนสำรอง")]


def test_the_copy_is_the_database_row_by_row(app: Flask, tmp_path: Path) -> None:
    assert run(app, "backup", str(tmp_path / "copy")).exit_code == 0
    other = transfer.engine_for(app.extensions["bmu.config"], f"sqlite:///{tmp_path / 'copy'}")
    with app.app_context(), db.engine.connect() as ours, other.connect() as theirs:
        assert transfer.prints(ours) == transfer.prints(theirs)
        assert transfer.revision(ours) == transfer.revision(theirs)
    other.dispose()


def test_the_copy_is_one_file_that_only_its_owner_reads(app: Flask, tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()
    assert run(app, "backup", str(folder / "copy")).exit_code == 0
    assert [(file.name, oct(file.stat().st_mode & 0o777)) for file in folder.iterdir()] == [("copy", "0o600")]
    assert asked(folder / "copy", "PRAGMA journal_mode") == [("delete",)]


def test_a_copy_made_while_others_save_is_of_one_moment(app: Flask, record: dict[str, Any], tmp_path: Path) -> None:
    stop, saved = threading.Event(), threading.Event()

    def save() -> None:
        turn = 0
        while not stop.is_set():
            with app.app_context(), transaction(By("AC00024")) as work:
                work.edit(work.session.get_one(MonthlyTaxData, record["id"]), {"wht_response": f"{(turn := turn + 1)}"})
            saved.set()

    writer = threading.Thread(target=save)
    writer.start()
    try:
        for number in range(4):
            saved.clear()
            assert saved.wait(30)
            assert run(app, "backup", str(tmp_path / str(number))).exit_code == 0
    finally:
        stop.set()
        writer.join()
    for number in range(4):
        assert asked(tmp_path / str(number), BROKEN) == []
        assert asked(tmp_path / str(number), "SELECT max(seq) - (SELECT value FROM counters) FROM change_log") == [(0,)]


@sqlite_only
def test_a_save_does_not_make_the_copy_begin_anew(
    app: Flask, record: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Or, on a day on which somebody saves every moment, it would never end."""
    module, steps = importlib.import_module("bmu.cli.backup"), list[int]()

    def save_meanwhile(left: int, _of: int) -> int:
        if len(steps) < 3:
            with app.app_context(), transaction(By("AC00024")) as work:
                work.edit(work.session.get_one(MonthlyTaxData, record["id"]), {"wht_response": f"ระหว่าง {left}"})
        steps.append(left)
        return 0

    monkeypatch.setattr(module, "PAGES", 20)
    monkeypatch.setattr(module, "_percent", save_meanwhile)
    assert run(app, "backup", str(tmp_path / "copy")).exit_code == 0
    assert len(steps) > 4 and steps == sorted(steps, reverse=True)
    assert asked(tmp_path / "copy", "SELECT max(version) FROM monthly_tax_data WHERE id = ?", record["id"]) == [
        (record["version"],)
    ]


def test_a_file_that_is_there_is_not_written_over(app: Flask, tmp_path: Path) -> None:
    (tmp_path / "old").write_text("precious")
    done = run(app, "backup", str(tmp_path / "old"))
    assert done.exit_code == 1 and (tmp_path / "old").read_text() == "precious"


def test_a_database_that_is_away_leaves_no_file(tmp_path: Path) -> None:
    app = create_app(Config("postgresql+psycopg://127.0.0.1:1/none", tmp_path, SECRET, testing=True))
    done = run(app, "backup", str(tmp_path / "copy"))
    assert done.exit_code == 1 and "Traceback" not in done.output and done.output.count("\n") == 1
    assert not list(tmp_path.glob("copy*"))


@pytest.mark.parametrize("path", ["/nowhere/at/all/copy", ""])
def test_a_place_that_cannot_be_written_is_said_in_a_line(app: Flask, path: str) -> None:
    done = run(app, "backup", path)
    assert done.exit_code != 0 and "Error" in done.output and "Traceback" not in done.output
