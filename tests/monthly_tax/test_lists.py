"""Filter × sort × page of the API against a count in plain Python."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st

from bmu.monthly_tax.sorting import SORTS
from tests.conftest import FIVE, MONTH, Colleague
from tests.monthly_tax import oracle
from tests.monthly_tax.conftest import DAY

Row = dict[str, Any]
CODES = ("pending_review", "passed", "paid", "needs_correction", "draft_ready", "not_submitted", "not_started")
groups = st.lists(st.sampled_from(CODES), max_size=4).map(",".join)
days = st.none() | st.integers(-3, 3).map(lambda n: DAY.date() + timedelta(days=n))
people = st.none() | st.sampled_from([*FIVE.values(), "AC00032", "AC00040"])
queries = st.fixed_dictionaries(
    {"sortBy": st.sampled_from(sorted(SORTS)), "sortOrder": st.sampled_from(["asc", "desc"])},
    optional={
        "year": st.sampled_from([MONTH.year, MONTH.plus(-1).year]),
        "month": st.sampled_from([MONTH.month, MONTH.plus(-1).month, 1]),
        "search": st.sampled_from(["1", "18", "0", ".", "จำกัด", "100", "100%", "_", "%", "\\", "/", "abc", "ABC", "ก"]),
        "build": st.sampled_from(["18", "018", "122.1", "999"]),
        "pnd_status": groups,
        "pp30_status": groups,
        "pp30_payment_status": st.sampled_from(["has_payment", "no_payment", "not_started", "no_payment,not_started"]),
        "filterMode": st.sampled_from(["all", "wht", "vat"]),
        "dateFrom": days,
        "dateTo": days,
        "tax_registration_status": st.sampled_from([oracle.VAT, "ยังไม่จดภาษีมูลค่าเพิ่ม"]),
        "accounting_responsible": people,
        "tax_inspection_responsible": people,
        "document_entry_responsible": people,
        "wht_filer_employee_id": people,
        "vat_filer_current_employee_id": people,
        "limit": st.sampled_from([1, 7, 20, 100]),
        "page": st.integers(1, 6),
    },
)


def matches(row: Row, asked: Row) -> bool:
    """Whether a list that is asked for like this holds the row (domain §7.2, §8.2)."""
    filers = {
        "wht_filer_current_employee_id": asked.get("wht_filer_employee_id"),
        "vat_filer_current_employee_id": asked.get("vat_filer_current_employee_id"),
    }
    wanted = [row[role] == who for role, who in filers.items() if who]
    roles = ("accounting_responsible", "tax_inspection_responsible", "document_entry_responsible")
    return (
        asked.get("year", row["tax_year"]) == row["tax_year"]
        and asked.get("month", row["tax_month"]) == row["tax_month"]
        and asked.get("build", row["build"]).zfill(3) == row["build"]
        and oracle.says(row, asked.get("search", ""))
        and asked.get("tax_registration_status", row["tax_registration_status"]) == row["tax_registration_status"]
        and oracle.one_of(row, "pnd_status", filter(None, asked.get("pnd_status", "").split(",")))
        and oracle.one_of(row, "pp30_status", filter(None, asked.get("pp30_status", "").split(",")))
        and oracle.one_of(row, "pp30_payment_status", filter(None, asked.get("pp30_payment_status", "").split(",")))
        and oracle.within(row, asked.get("filterMode", "all"), asked.get("dateFrom"), asked.get("dateTo"))
        and all(asked.get(role) in (None, row[role]) for role in roles)
        and (not wanted or any(wanted))
    )


@pytest.fixture(scope="module")
def readers(lists: Flask) -> dict[str, Colleague]:
    return {name: Colleague(lists, name) for name in ("admin", "AC00024", "AC00012")}


@settings(max_examples=120, deadline=None)
@given(asked=queries, username=st.sampled_from(["admin", "AC00024", "AC00012"]))
def test_a_list_is_what_plain_python_says(
    readers: dict[str, Colleague], everything: list[Row], asked: Row, username: str
) -> None:
    asked = {name: value for name, value in asked.items() if value is not None}
    if asked.get("dateFrom", date.min) > asked.get("dateTo", date.max):
        del asked["dateTo"]
    answer = readers[username].get(**asked)
    assert answer.status_code == 200, answer.text
    mine = [row for row in everything if username == "admin" or username in {row[role] for role in oracle.PEOPLE}]
    wanted = oracle.in_order(
        (row for row in mine if matches(row, asked)), asked["sortBy"], descending=asked["sortOrder"] == "desc"
    )
    limit, page = asked.get("limit", 20), asked.get("page", 1)
    assert [row["id"] for row in answer.json["data"]] == [
        row["id"] for row in wanted[(page - 1) * limit : page * limit]
    ]
    assert answer.json["pagination"]["total"] == len(wanted)


@pytest.mark.parametrize("key", sorted(SORTS))
@pytest.mark.parametrize("order", ["asc", "desc"])
def test_every_key_sorts_with_the_empty_last(
    readers: dict[str, Colleague], everything: list[Row], key: str, order: str
) -> None:
    answer = readers["admin"].get(sortBy=key, sortOrder=order, limit=100)
    wanted = oracle.in_order(everything, key, descending=order == "desc")
    assert [row["id"] for row in answer.json["data"]] == [row["id"] for row in wanted][:100]


@pytest.mark.parametrize("key", ["pnd_status", "tax_year", "bank_impact"])
def test_no_row_is_on_two_pages_or_on_none(readers: dict[str, Colleague], everything: list[Row], key: str) -> None:
    """TRAP: without a last word between ties, rows moved from page to page (domain §7.2)."""
    seen = []
    for page in range(1, 20):
        seen += [row["id"] for row in readers["admin"].get(sortBy=key, limit=7, page=page).json["data"]]
    assert sorted(seen) == sorted(row["id"] for row in everything)


def test_builds_stand_as_people_count(readers: dict[str, Colleague]) -> None:
    rows = readers["admin"].get(sortBy="build", sortOrder="asc", limit=100, month=MONTH.month).json["data"]
    builds = [row["build"] for row in rows]
    assert builds == sorted(builds, key=oracle.counted)
    assert any("." in build for build in builds)


@pytest.mark.parametrize("typed", ["น\u0e4d้\u0e32ทิพย์", " น้ำทิพย์  abc ", "ทิพย์"])
def test_search_finds_what_was_typed_in_another_way(readers: dict[str, Colleague], typed: str) -> None:
    """TRAP: searching for a company's name returned nothing (domain §8.2)."""
    found = readers["admin"].get(search=typed, month=MONTH.month).json["data"]
    assert [row["company_name"] for row in found] == ["น้ำทิพย์ ABC จำกัด"]


@pytest.mark.parametrize(("typed", "found"), [("100%", 1), ("เหมา_ก", 1), ("A\\B", 1), ("B/C", 1), ("%%", 0)])
def test_search_takes_signs_as_they_are(readers: dict[str, Colleague], typed: str, found: int) -> None:
    assert len(readers["admin"].get(search=typed, month=MONTH.month).json["data"]) == found


@pytest.mark.parametrize(("start", "end", "count"), [(0, 0, 3), (-1, -1, 1), (1, 1, 1), (-1, 1, 5), (0, None, 4)])
def test_a_day_begins_and_ends_at_midnight_in_bangkok(
    lists: Flask, readers: dict[str, Colleague], everything: list[Row], start: int, end: int | None, count: int
) -> None:
    """TRAP: rows sent after 17:00 were found under the next day (domain §6)."""
    day = DAY.date()
    asked = {"dateFrom": day + timedelta(days=start)}
    if end is not None:
        asked["dateTo"] = day + timedelta(days=end)
    ids = {row["id"] for row in readers["admin"].get(limit=100, month=MONTH.month, **asked).json["data"]}
    first = [row["id"] for row in oracle.in_order(everything, "build") if row["tax_month"] == MONTH.month][:5]
    assert len(ids & set(first)) == count
