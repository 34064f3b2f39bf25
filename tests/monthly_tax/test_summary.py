"""The figures of the three pages against a count in plain Python (domain §7.3 with its R)."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask

from bmu.monthly_tax.summary import FIGURES
from bmu.monthly_tax.table import TABLES
from tests.conftest import FIVE, MONTH, STRANGER, Colleague
from tests.monthly_tax import oracle

Row = dict[str, Any]
SHOWN = re.compile(r'data-summary="([^"]+)"[^>]*>(\d+)<')
TOTALS = re.compile(r'data-summary-total="([^"]+)"[^>]*>(\d+)<')
OLD_NAMES = {"wht_filer_current_employee_id": "wht_filer_employee_id"}


def flat(figures: dict[str, dict[str, int]]) -> dict[str, int]:
    return {f"{part}.{name}": number for part, found in figures.items() for name, number in found.items()}


def of_month(rows: list[Row]) -> list[Row]:
    return [row for row in rows if (row["tax_year"], row["tax_month"]) == tuple(MONTH)]


def asked(lists: Flask, username: str, **query: Any) -> dict[str, int]:
    answer = Colleague(lists, username).get("summary", **query)
    assert answer.status_code == 200, answer.text
    return flat(answer.json["data"])


@pytest.mark.parametrize("person", [*FIVE.values(), "AC00032", STRANGER])
@pytest.mark.parametrize("role", oracle.PEOPLE)
def test_the_figures_of_anybody_in_any_role(lists: Flask, everything: list[Row], role: str, person: str) -> None:
    rows = [row for row in of_month(everything) if row[role] == person]
    table = next((name for name, roles in oracle.OF_PAGE.items() if role in roles), "tax-status")
    found = asked(lists, "admin", year=MONTH.year, month=MONTH.month, **{role: person})
    assert found == oracle.figures(rows, table, lambda row, filer: role == filer)
    old_name = {OLD_NAMES.get(role, role): person}
    assert asked(lists, "admin", year=MONTH.year, month=MONTH.month, **old_name) == found


def test_on_the_filing_page_each_tax_counts_what_one_files(lists: Flask, everything: list[Row]) -> None:
    """TRAP: WHT totals included rows of which one files only the VAT (domain §7.3)."""
    filers = dict.fromkeys(oracle.FILERS, "AC00012")
    rows = [row for row in everything if "AC00012" in {row[role] for role in oracle.FILERS}]
    found = asked(lists, "admin", **filers)
    assert found == oracle.figures(rows, "tax-filing", lambda row, filer: row[filer] == "AC00012")
    assert 0 < found["vat.total"] < len(rows)


def test_two_filers_at_once_are_counted_each_for_their_tax(lists: Flask, everything: list[Row]) -> None:
    filers = dict(zip(oracle.FILERS, ("AC00012", "AC00015"), strict=True))
    rows = [row for row in everything if any(row[role] == who for role, who in filers.items())]
    wanted = oracle.figures(rows, "tax-filing", lambda row, filer: row[filer] == filers[filer])
    assert asked(lists, "admin", **filers) == wanted


@pytest.mark.parametrize("username", ["AC00024", "AC00012", "AC00031", STRANGER])
def test_one_counts_only_what_one_reads(lists: Flask, everything: list[Row], username: str) -> None:
    rows = [row for row in everything if username in {row[role] for role in oracle.PEOPLE}]
    assert asked(lists, username) == oracle.figures(rows, "tax-status", lambda *_: True)


def test_an_accountant_may_count_by_the_filers_of_her_records(lists: Flask, everything: list[Row]) -> None:
    hers = [row for row in everything if "AC00024" in {row[role] for role in oracle.PEOPLE}]
    rows = [row for row in hers if row["wht_filer_current_employee_id"] == "AC00012"]
    wanted = oracle.figures(rows, "tax-filing", lambda row, filer: filer == "wht_filer_current_employee_id")
    assert rows
    assert asked(lists, "AC00024", wht_filer_employee_id="AC00012") == wanted


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("username", ["AC00024", "AC00008", "AC00012", "admin"])
@pytest.mark.parametrize("scope", ["", "mine", "all"])
def test_a_page_shows_the_figures_of_its_rows(
    lists: Flask, everything: list[Row], table: str, username: str, scope: str
) -> None:
    who = Colleague(lists, username)
    answer = who.get(f"/{table}", month=str(MONTH), scope=scope)
    if answer.status_code == 403:
        return
    rows, employee = of_month(everything), who.employee_id
    own = [row for row in rows if employee in {row[role] for role in oracle.OF_PAGE[table]}]
    mine = username not in ("admin", "AC00008") or scope == "mine" or (scope != "all" and bool(own))
    wanted = oracle.figures(own if mine else rows, table, lambda row, filer: not mine or row[filer] == employee)
    assert {key: int(number) for key, number in SHOWN.findall(answer.text)} == {
        figure.key: wanted[figure.key] for figure in FIGURES[TABLES[table].page]
    }
    totals = {figure.key: wanted[figure.total] for figure in FIGURES[TABLES[table].page]}
    assert {key: int(number) for key, number in TOTALS.findall(answer.text)} == totals


def test_filters_do_not_change_the_figures(lists: Flask) -> None:
    """domain §7.4: cards are not affected by filters."""
    who = Colleague(lists, "AC00008")
    plain = SHOWN.findall(who.get("/tax-inspection").text)
    narrowed = who.get("/tax-inspection", q="018", pnd="paid", mode="vat", page=2).text
    assert SHOWN.findall(narrowed) == plain


def test_figures_equal_the_list_that_the_same_words_give(lists: Flask, everything: list[Row]) -> None:
    """TRAP: a row could show รอตรวจ and not be counted as รอตรวจ (domain §2.3)."""
    admin, month = Colleague(lists, "admin"), {"year": MONTH.year, "month": MONTH.month}
    figures = asked(lists, "admin", tax_inspection_responsible="AC00008", **month)
    for key, filters in (
        ("wht.pending", {"pnd_status": "pending_review"}),
        ("wht.recheck", {"pnd_status": "pending_recheck"}),
        ("vat.pending", {"pp30_status": "pending_review", "tax_registration_status": oracle.VAT}),
    ):
        listed = admin.get(tax_inspection_responsible="AC00008", limit=1, **filters, **month)
        assert figures[key] == listed.json["pagination"]["total"], key


def test_an_empty_month_counts_nothing(lists: Flask) -> None:
    assert set(asked(lists, "admin", year=2001, month=1).values()) == {0}
