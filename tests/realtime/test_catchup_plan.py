"""Catching up costs what was missed, however long the log has become."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event

from bmu.extensions import db
from bmu.realtime import catchup
from bmu.realtime.listeners import EVERYONE
from tests.databases import sqlite_only


@sqlite_only
@pytest.mark.parametrize(("person", "way"), [(EVERYONE, "INTEGER PRIMARY KEY (rowid>?)"), ("AC00024", "AND seq>?")])
def test_the_log_is_read_from_where_one_left_off(app: Flask, person: str, way: str) -> None:
    asked: list[tuple[str, Any]] = []
    with app.app_context():
        event.listen(db.engine, "before_cursor_execute", lambda _c, _k, sql, values, *_: asked.append((sql, values)))
        assert catchup._lines(person, 1)
        [(sql, values)] = [one for one in asked if "change_log" in one[0]]
        steps = db.session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", values).all()
    assert way in steps[0][3], steps
    assert not any("TEMP B-TREE" in step[3] for step in steps), steps
