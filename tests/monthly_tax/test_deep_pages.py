"""A list over all months, page by page: whole, in order, and without putting in order what comes before."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, insert, select

from bmu.changes.work import transaction
from bmu.clients.models import Client
from bmu.extensions import db
from bmu.monthly_tax import queries
from bmu.monthly_tax.filters import Filters
from bmu.monthly_tax.models import MonthlyTaxData
from bmu.monthly_tax.sorting import Sort
from tests.conftest import MONTH

TABLE = MonthlyTaxData.__table__
GAP = 5  # months ago there is nothing


@pytest.fixture
def years(app: Flask) -> Iterator[list[dict[str, Any]]]:
    """Two years more of history with a month missing; all records, the newest month first, then by build."""
    with app.app_context():
        newest = select(TABLE).where(TABLE.c.tax_year == MONTH.year, TABLE.c.tax_month == MONTH.month)
        rows = [dict(row) for row in db.session.execute(newest).mappings()]
        with transaction() as work:
            for ago in (one for one in range(2, 26) if one != GAP):
                then = MONTH.plus(-ago)
                month = {"tax_year": then.year, "tax_month": then.month}
                work.session.execute(insert(TABLE), [row | month | {"id": f"{ago:08d}{row['id'][8:]}"} for row in rows])
        places = dict(db.session.execute(select(Client.build, Client.build_order)).all())
        found = [dict(row) for row in db.session.execute(select(TABLE)).mappings()]
        yield sorted(found, key=lambda row: (-row["tax_year"], -row["tax_month"], places[row["build"]]))


def pages(filters: Filters, sort: Sort, limit: int) -> list[str]:
    """The ids of all pages of a list, one after the other."""
    _, total = queries.page(filters, sort, 1, limit)
    numbers = range(1, -(-total // limit) + 2)  # one beyond the last
    return [row["id"] for number in numbers for row in queries.page(filters, sort, number, limit)[0]]


@pytest.mark.parametrize("limit", [17, 100])
@pytest.mark.parametrize(
    "filters",
    [
        Filters(),
        Filters(anyone="AC00024"),
        Filters(year=MONTH.year - 1),
        Filters(build="018"),
        Filters(search="ไม่มีที่ไหน"),
    ],
    ids=["all", "own", "a year", "a client", "nothing"],
)
def test_pages_hold_every_record_once_and_in_order(years: list[dict[str, Any]], filters: Filters, limit: int) -> None:
    wanted = [
        row["id"]
        for row in years
        if filters.year in (None, row["tax_year"])
        and (not filters.build or row["build"] == filters.build)
        and (not filters.anyone or queries.holds_any(row, filters.anyone))
        and not filters.search
    ]
    assert pages(filters, Sort("tax_year", True), limit) == wanted


def test_the_oldest_month_comes_first_the_other_way_round(years: list[dict[str, Any]]) -> None:
    months = {(row["tax_year"], row["tax_month"]) for row in years}
    found = pages(Filters(), Sort("tax_year"), 90)
    known = {row["id"]: (row["tax_year"], row["tax_month"]) for row in years}
    assert len(found) == len(years)
    assert list(dict.fromkeys(known[one] for one in found)) == sorted(months)


def test_no_page_puts_more_than_its_months_in_order(years: list[dict[str, Any]]) -> None:
    """What comes before a page is counted only."""
    ordered: list[str] = []

    def heard(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if "ORDER BY" in statement and "build_order" in statement:
            ordered.append(statement)

    event.listen(db.engine, "before_cursor_execute", heard)
    queries.page(Filters(), Sort("tax_year", True), 40, 20)
    event.remove(db.engine, "before_cursor_execute", heard)
    assert 1 <= len(ordered) <= 2
    assert all("tax_year = " in one and "tax_month = " in one for one in ordered)


def test_an_empty_firm_has_an_empty_list(app: Flask) -> None:
    with app.app_context():
        with transaction() as work:
            work.session.execute(TABLE.delete())
        assert queries.page(Filters(), Sort("tax_year", True), 1, 20) == ([], 0)
