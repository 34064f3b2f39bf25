"""What is taken out is what the page shows: cell by cell, typed, for nobody who does not see it there."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import unquote

import pytest
from flask import Flask
from python_calamine import CalamineWorkbook
from sqlalchemy import func, select, update

from bmu.changes.models import ChangeLog
from bmu.changes.work import transaction
from bmu.clients.models import Client
from bmu.extensions import db
from bmu.i18n import BANGKOK, N_
from bmu.monthly_tax import queries
from bmu.monthly_tax.filters import Filters
from bmu.monthly_tax.queries import Sort
from bmu.monthly_tax.table import TABLES
from bmu.tables.kinds import Moment
from tests.conftest import MONTH, STRANGER, Colleague

SignIn = Callable[[str], Colleague]
Lines = list[list[Any]]
EVIL = "=cmd|' /C calc'!A0"


def book(answer: Any) -> Lines:
    """The first sheet of a workbook that was sent."""
    assert answer.status_code == 200, answer.text
    return CalamineWorkbook.from_filelike(io.BytesIO(answer.data)).get_sheet_by_index(0).to_python()


def lines(answer: Any) -> Lines:
    """The lines of a CSV file that was sent."""
    assert answer.data.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))


def shown(app: Flask, table: str, **filters: Any) -> Lines:
    """What the file must hold, from the database by another way."""
    columns = TABLES[table].columns
    with app.app_context():
        ids = queries.ids(Filters(*MONTH, **filters), Sort())
        return [[_value(table, column, row) for column in columns] for row in queries.records(ids)]


def _value(table: str, column: Any, row: dict[str, Any]) -> Any:
    value = row[column.key]
    if why := TABLES[table].absent(column, row):
        return why if column.key in ("pnd_status", "pp30_status") else ""
    if value is None:
        return ""
    if isinstance(column.kind, Moment):
        return value.astimezone(BANGKOK).replace(tzinfo=None, microsecond=0)
    if column.kind.macro == "chip":
        return column.kind.text(value, "th")
    return row["names"].get(value, value) if column.kind.macro == "person" else value


@pytest.mark.parametrize("table", TABLES)
def test_a_workbook_holds_what_the_database_does(app: Flask, sign_in: SignIn, table: str) -> None:
    found = book(sign_in("admin").get(f"/{table}/export.xlsx", month=str(MONTH), scope="all"))
    wanted = shown(app, table)
    assert found[0] == [column.label for column in TABLES[table].columns]
    assert len(wanted) == len(found) - 1 > 20
    for mine, theirs in zip(found[1:], wanted, strict=True):
        assert mine == [float(one) if type(one).__name__ == "Decimal" else one for one in theirs]


def test_dates_are_dates_and_amounts_are_numbers(sign_in: SignIn) -> None:
    found = book(sign_in("admin").get("/papers/month.xlsx", month=str(MONTH)))
    head = found[0]
    kinds = {name: {type(line[place]) for line in found[1:]} - {str} for place, name in enumerate(head)}
    assert kinds["วันที่ส่งตรวจ ภ.ง.ด."] == {datetime}
    assert kinds["จำนวนยอดชำระ"] == {float}


def test_all_pages_of_the_list_are_taken_out_and_only_what_the_filters_leave(app: Flask, sign_in: SignIn) -> None:
    asked = {"month": str(MONTH), "scope": "all", "limit": "10", "page": "2", "pnd": "passed,paid"}
    found = book(sign_in("admin").get("/tax-status/export.xlsx", **asked))
    assert found[1:] == [
        [float(one) if type(one).__name__ == "Decimal" else one for one in row]
        for row in shown(app, "tax-status", pnd=("paid", "passed"))
    ]
    assert found[1:]


def test_a_mode_takes_out_its_own_columns(sign_in: SignIn) -> None:
    [head, *_] = book(sign_in("admin").get("/tax-status/export.xlsx", month=str(MONTH), mode="wht"))
    assert "สถานะ ภ.ง.ด." in head
    assert "สถานะ ภ.พ.30" not in head


def test_one_takes_out_ones_own_rows_and_nobody_elses(sign_in: SignIn) -> None:
    own, strangers = (
        book(sign_in(who).get("/tax-status/export.xlsx", month=str(MONTH), scope="all", person="", role=""))
        for who in ("AC00024", STRANGER)
    )
    assert "018" in {line[0] for line in own}
    assert "018" not in {line[0] for line in strangers}


@pytest.mark.parametrize(
    ("path", "may"),
    [
        ("/tax-status/export.csv", {"admin", "AC00008", "AC00024", "AC00012"}),
        ("/tax-inspection/export.xlsx", {"admin", "AC00008"}),
        ("/tax-filing/print", {"admin", "AC00008", "AC00012"}),
        ("/papers/month.xlsx", {"admin", "AC00008"}),
        ("/papers/changes.csv", {"admin", "AC00008"}),
        ("/clients/export.xlsx", {"admin", "AC00008"}),
        ("/people/export.csv", {"admin"}),
        ("/assignments/export.xlsx", {"admin", "AC00008"}),
    ],
)
def test_a_file_opens_for_whom_its_page_opens(sign_in: SignIn, path: str, may: set[str]) -> None:
    for username in ("admin", "AC00008", "AC00024", "AC00012", "AC00031"):
        answer = sign_in(username).get(path)
        assert answer.status_code == (200 if username in may else 403), username


def test_a_name_that_looks_like_a_formula_is_one_nowhere(app: Flask, sign_in: SignIn) -> None:
    with app.app_context(), transaction() as work:
        work.session.execute(update(Client).where(Client.build == "018").values(company_name=EVIL))
    who = sign_in("AC00024")
    texts = {line[0]: line[1] for line in lines(who.get("/tax-status/export.csv"))}
    assert texts["018"] == f"'{EVIL}"
    answer = who.get("/tax-status/export.xlsx")
    assert {line[0]: line[1] for line in book(answer)}["018"] == EVIL
    assert b"<f>" not in sheet_xml(answer)


def sheet_xml(answer: Any) -> bytes:
    from zipfile import ZipFile

    return ZipFile(io.BytesIO(answer.data)).read("xl/worksheets/sheet1.xml")


def test_the_head_is_frozen_and_the_sheet_has_a_thai_name(sign_in: SignIn) -> None:
    answer = sign_in("AC00024").get("/tax-status/export.xlsx")
    assert b'state="frozen"' in sheet_xml(answer)
    assert CalamineWorkbook.from_filelike(io.BytesIO(answer.data)).sheet_names == ["สถานะยื่นภาษี"]


def test_statuses_have_their_colours(sign_in: SignIn) -> None:
    from zipfile import ZipFile

    from bmu.papers.cells import tint

    answer = sign_in("admin").get("/papers/month.xlsx", month=str(MONTH))
    styles = ZipFile(io.BytesIO(answer.data)).read("xl/styles.xml").decode()
    assert tint("passed")[1:].upper() in styles


def test_a_file_is_named_by_page_and_month_in_both_ways(sign_in: SignIn) -> None:
    said = sign_in("AC00024").get("/tax-status/export.xlsx", month="2026-10").headers["Content-Disposition"]
    assert 'filename="tax-status_2026-10.xlsx"' in said
    assert unquote(said.rpartition("''")[2]) == "สถานะยื่นภาษี_2026-10.xlsx"


def test_the_log_tells_every_change_of_the_month_in_words(app: Flask, sign_in: SignIn, record: Any) -> None:
    here = datetime.now(BANGKOK)
    who = sign_in("AC00024")
    assert who.save(record, "taxStatus", wht_response="ตอบแล้ว").status_code == 200
    found = lines(sign_in("AC00008").get("/papers/changes.csv", month=f"{here:%Y-%m}"))
    newest = dict(zip(found[0], found[-1], strict=True))
    assert (newest["Build"], newest["ช่อง"], newest["ค่าใหม่"]) == ("018", "ตอบกลับ ภ.ง.ด.", "ตอบแล้ว")


def test_the_log_tells_of_no_other_month_and_forgets_none(app: Flask, sign_in: SignIn) -> None:
    with app.app_context():
        kinds = ("monthly_tax_data", "clients")
        wanted = db.session.scalar(select(func.count()).select_from(ChangeLog).where(ChangeLog.entity.in_(kinds)))
        first = db.session.scalar(select(func.min(ChangeLog.at))).astimezone(BANGKOK)
    month, told = MONTH.__class__(first.year, first.month), 0
    for step in range(6):
        found = lines(sign_in("admin").get("/papers/changes.csv", month=str(month.plus(step))))
        assert all(line[0].startswith(str(month.plus(step))) for line in found[1:])
        told += len({(line[0], line[2], line[3]) for line in found[1:]})
    assert 0 < told <= wanted


def test_the_page_offers_the_files_with_its_own_query(sign_in: SignIn) -> None:
    page = sign_in("AC00024").get("/tax-status", month="2026-09", q="018").text
    assert 'href="/tax-status/export.xlsx?month=2026-09&amp;q=018"' in page
    assert "/papers/month.xlsx" not in page
    assert "/papers/month.xlsx" in sign_in("AC00008").get("/tax-status").text


def test_the_print_view_has_every_row_as_the_page_draws_it(app: Flask, sign_in: SignIn) -> None:
    text = sign_in("admin").get("/tax-status/print", month=str(MONTH), scope="all", limit="10").text
    assert text.count("<tr data-id=") == len(shown(app, "tax-status"))
    row = sign_in("admin").get("/tax-status", month=str(MONTH), scope="all", q="018").text
    assert row[row.index("<tr data-id=") :].partition("</tr>")[0] in text


def test_the_headings_are_on_every_sheet_of_paper() -> None:
    from tests.contracts.source import ROOT

    style = (ROOT / "static/css/print.css").read_text()
    assert "size: a4 landscape" in style
    printing = style[style.index("@media print") :]
    assert "thead { display: table-header-group; }" in printing


def test_the_english_headings_are_those_of_the_catalogue(sign_in: SignIn) -> None:
    head = lines(sign_in("AC00024").speaking("en").get("/tax-status/export.csv"))[0]
    assert head[1] == "Company"
    assert N_("ชื่อบริษัท") not in head
