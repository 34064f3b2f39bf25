"""Rows kept for the next who catches up (realtime.rows)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from bmu.changes.work import By, Change, last_seq
from bmu.monthly_tax import queries
from bmu.monthly_tax.models import MonthlyTaxData
from bmu.realtime import rows as module
from bmu.realtime.listeners import PLAIN, Variant
from bmu.realtime.recent import recent
from bmu.realtime.rows import Rows
from tests.realtime.conftest import meanwhile

STATUS = Variant("tax-status", "th")


@pytest.fixture
def rows(app: Flask) -> Iterator[Rows]:
    """An empty memory, where the log's end is known."""
    with app.app_context():
        recent.begin(last_seq())
        yield Rows()
    recent.forget()


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The ids of the records that were read."""
    found: list[str] = []
    read = queries.records
    monkeypatch.setattr(queries, "records", lambda ids, **how: found.extend(ids) or read(ids, **how))
    return found


def test_a_row_is_read_and_drawn_once_for_all(rows: Rows, record: dict[str, Any], asked: list[str]) -> None:
    first, again = (rows.read([record["id"]])[record["id"]] for _ in range(2))
    assert asked == [record["id"]]
    assert rows.form(first, STATUS) is rows.form(again, STATUS)
    assert "html" in rows.form(first, STATUS) and "html" not in rows.form(first, PLAIN)


def test_a_row_that_was_saved_is_read_and_drawn_anew(rows: Rows, record: dict[str, Any], touch: Any) -> None:
    before = rows.read([record["id"]])[record["id"]]
    rows.form(before, STATUS)
    text = meanwhile(touch)["wht_response"]
    after = rows.read([record["id"]])[record["id"]]
    assert after["wht_response"] == text != before["wht_response"]
    assert rows.form(after, STATUS)["wht_response"] == text


def test_what_is_not_in_the_log_shows_after_ten_seconds(
    rows: Rows, record: dict[str, Any], asked: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    now = timedelta(seconds=1000)
    monkeypatch.setattr(module, "monotonic", lambda: now.total_seconds())
    rows.read([record["id"]])
    now += timedelta(seconds=11)
    rows.read([record["id"]])
    assert asked == [record["id"]] * 2


def test_where_the_log_is_another_nothing_is_known(rows: Rows, record: dict[str, Any], asked: list[str]) -> None:
    rows.read([record["id"]])
    recent.begin(recent.frontier)
    rows.read([record["id"]])
    assert asked == [record["id"]] * 2


def test_what_was_told_while_the_database_let_us_wait_is_not_kept(
    rows: Rows, record: dict[str, Any], asked: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    told = (MonthlyTaxData.entity, record["id"], 2, "update", None, By(None), datetime.now(UTC), {})
    read: Callable[..., Any] = queries.records

    def slowly(ids: Any) -> Any:
        found = read(ids)
        recent.note([Change(*told, before=frozenset(), after=frozenset(), seq=recent.frontier + 1)])
        monkeypatch.setattr(queries, "records", read)
        rows.read([])  # somebody else's look at the log, upon which it would not be looked at again
        return found

    monkeypatch.setattr(queries, "records", slowly)
    rows.read([record["id"]])
    rows.read([record["id"]])
    assert asked == [record["id"]] * 2
