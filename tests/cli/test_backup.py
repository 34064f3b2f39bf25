"""`flask backup`: a whole copy of the database, while saving goes on."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from bmu import create_app
from bmu.config import Config
from tests.conftest import SECRET, Colleague
from tests.databases import sqlite_only


@sqlite_only
def test_the_copy_holds_everything_that_was_saved(app: Flask, record: dict[str, Any], tmp_path: Path) -> None:
    saved = Colleague(app, "AC00024").save(record, "taxStatus", wht_response="ก่อนสำรอง").json["data"]
    done = app.test_cli_runner().invoke(args=["backup", str(tmp_path / "copy.sqlite")])
    assert done.exit_code == 0 and "integrity ok" in done.output
    with closing(sqlite3.connect(tmp_path / "copy.sqlite")) as copy:
        row = copy.execute(
            "SELECT version, wht_response FROM monthly_tax_data WHERE id = ?", (record["id"],)
        ).fetchone()
    assert row == (saved["version"], "ก่อนสำรอง")


@sqlite_only
def test_a_file_that_is_there_is_not_written_over(app: Flask, tmp_path: Path) -> None:
    (tmp_path / "old").write_text("precious")
    done = app.test_cli_runner().invoke(args=["backup", str(tmp_path / "old")])
    assert done.exit_code == 1 and (tmp_path / "old").read_text() == "precious"


def test_postgresql_has_its_own_tool(tmp_path: Path) -> None:
    app = create_app(Config("postgresql+psycopg://localhost/none", tmp_path, SECRET, testing=True))
    done = app.test_cli_runner().invoke(args=["backup", str(tmp_path / "copy")])
    assert done.exit_code == 1 and "pg_dump" in done.output


@sqlite_only
@pytest.mark.parametrize("path", ["/nowhere/at/all/copy", ""])
def test_a_place_that_cannot_be_written_is_said_in_a_line(app: Flask, path: str) -> None:
    done = app.test_cli_runner().invoke(args=["backup", path])
    assert done.exit_code != 0 and "Error" in done.output and "Traceback" not in done.output
