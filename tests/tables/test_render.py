"""Rows of pages: drawn once for the values they show, and never anything but what the one macro draws."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from bmu.monthly_tax import queries
from bmu.monthly_tax.filters import Filters
from bmu.monthly_tax.queries import Sort
from bmu.monthly_tax.table import TABLES
from bmu.tables import render
from bmu.tables.render import row_html, rows_html
from bmu.tables.table import Table
from tests.conftest import MONTH

STATUS = TABLES["tax-status"]
Row = dict[str, Any]


@pytest.fixture(autouse=True)
def nothing_drawn() -> Iterator[None]:
    render._drawn.clear()
    yield
    render._drawn.clear()


@pytest.fixture
def rows(reading: Flask) -> Iterator[list[Row]]:
    with reading.app_context():
        yield queries.records(queries.ids(Filters(*MONTH), Sort())[:10], table=STATUS)


def test_a_row_kept_is_the_row_drawn(rows: list[Row]) -> None:
    for table in TABLES.values():
        for lang in ("th", "en", "th"):
            found = queries.records([row["id"] for row in rows], table=table)
            assert rows_html(table, found, lang) == [row_html(table, row, lang) for row in found]


def test_a_row_is_drawn_once_for_its_values(rows: list[Row], monkeypatch: pytest.MonkeyPatch) -> None:
    first = rows_html(STATUS, rows, "th")
    monkeypatch.setattr(Table, "cells", None)  # whoever draws now needs them
    again = queries.records([row["id"] for row in rows], table=STATUS)
    assert rows_html(STATUS, again, "th") == first


@pytest.mark.parametrize("key", ["pnd_status", "pp30_status", "version", "company_name", "build", "tax_month"])
def test_another_value_is_another_row(rows: list[Row], key: str) -> None:
    [before] = rows_html(STATUS, rows[:1], "th")
    new = {"version": 99, "tax_month": 3}.get(key, "passed")
    changed = {**rows[0], key: new}
    assert rows_html(STATUS, [changed], "th") == [row_html(STATUS, changed, "th")] != [before]


def test_another_name_is_another_row(rows: list[Row]) -> None:
    [before] = rows_html(STATUS, rows[:1], "th")
    renamed = {**rows[0], "names": {rows[0]["accounting_responsible"]: "คนใหม่"}}
    [after] = rows_html(STATUS, [renamed], "th")
    assert "คนใหม่" in after and "คนใหม่" not in before


def test_no_more_rows_are_kept_than_is_said(rows: list[Row], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(render, "KEPT", 4)
    assert len(rows_html(STATUS, rows, "th")) == 10
    assert 0 < len(render._drawn) <= 4
