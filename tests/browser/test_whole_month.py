"""A whole month as a firm would live it: its clients and who works for them come from workbooks, the month is opened,
worked through by five people who see each other's saves, partly handed over, and taken out again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from bmu.papers import assignments, clients, employees
from bmu.papers.exports import MONTH as MONTH_SHEET
from tests.browser.colleague import FILING, INSPECTION, STATUS, Colleague
from tests.browser.firm_month import (
    bring_in,
    differences,
    five_of,
    lines_of,
    new_clients,
    stored,
    taken_out,
    workbook,
)
from tests.browser.forms import Form, asking_nothing, through_the_gate
from tests.browser.house import Server, copy_of, found
from tests.browser.people import Browsers, Desk, Office
from tests.conftest import FIVE, MONTH, STRANGER
from tests.papers.test_reading import WRONG

CLIENTS = 375
ACCOUNTANT, INSPECTOR, WHT_FILER, VAT_FILER, CLERK = FIVE.values()
WHT_TAB = "wht"


@pytest.fixture(scope="module")
def firm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server of a firm that has people and a handful of clients."""
    base = found(tmp_path_factory.mktemp("base"), clients=20, months=1)
    server = copy_of(base, tmp_path_factory.mktemp("firm")).start()
    yield server
    server.stop()
    assert "Traceback" not in server.log.read_text(), server.log.read_text()


@pytest.fixture
def people(browser: Browser, firm: Server) -> Iterator[Office]:
    """Everybody's browsers on it."""
    browsers = Browsers(browser, firm)
    made = Office(browsers)
    yield made
    made.close()
    browsers.close()


def able(firm: Server) -> dict[str, list[str]]:
    """Who may be given which role, as the API says."""
    admin = Colleague(firm, "admin")
    told = admin.http.get(f"{firm.url}/api/assignments/people", timeout=10).json()["data"]
    admin.http.close()
    return {role: [one["employee_id"] for one in some] for role, some in told.items()}


def opened(desk: Desk, build: str) -> Form:
    """A record's form over its table; what others wrote is read first."""
    desk.row(build).locator(".company a").click()
    return through_the_gate(desk)


def close(form: Form) -> None:
    form.page.keyboard.press("Escape")
    expect(form.article).to_have_count(0)


def test_a_whole_month(people: Office, firm: Server, tmp_path: Path) -> None:
    office = people.tab(people.browsers.own("admin")).page
    listed = new_clients(CLIENTS)
    brings_clients_and_opens_the_month(office, firm, listed, tmp_path)
    says_who_works_for_whom(office, firm, listed, tmp_path)
    desks = {
        ACCOUNTANT: people.desk(ACCOUNTANT, f"{STATUS}?limit=100"),
        INSPECTOR: people.desk(INSPECTOR, f"{INSPECTION}?limit=100"),
        WHT_FILER: people.desk(WHT_FILER, f"{FILING}?limit=100"),
        VAT_FILER: people.desk(VAT_FILER, f"{FILING}?limit=100"),
        "everybody": people.desk("admin", f"{STATUS}?scope=all&q={listed[1]['build']}"),
    }
    work_through_review_and_filing(desks, listed[1]["build"])
    one_record_changes_hands(people, desks[ACCOUNTANT], listed[2]["build"])
    what_is_taken_out_is_what_there_is(office, firm, tmp_path)
    what_comes_back_changes_nothing(office, firm, tmp_path)


def brings_clients_and_opens_the_month(page: Page, firm: Server, listed: list[dict[str, Any]], folder: Path) -> None:
    said = bring_in(page, "clients", workbook(clients.SHEET, listed, folder))
    assert f"เพิ่ม {CLIENTS}" in said
    page.goto("/assignments")
    page.get_by_role("button", name="เปิดเดือน / เติมรายการที่ขาด").click()
    page.locator("table[data-live=true]").wait_for()
    shown = stored(firm, "SELECT count(*) AS n FROM monthly_tax_data WHERE (tax_year, tax_month) = (?, ?)", *MONTH)
    expect(page.locator("tbody tr[data-id]")).to_have_count(shown[0]["n"])
    expect(page.locator(f'tr[data-build="{listed[-1]["build"]}"]')).to_have_count(1)


def says_who_works_for_whom(page: Page, firm: Server, listed: list[dict[str, Any]], folder: Path) -> None:
    five = five_of(listed, able(firm))
    said = bring_in(page, "assignments", workbook(assignments.SHEET, five, folder))
    assert f"แก้ไข {CLIENTS}" in said
    where = "WHERE build >= '2001' AND length(build) = 4 ORDER BY build"
    kept = stored(firm, f"SELECT build, {', '.join(FIVE)} FROM monthly_tax_data {where}")
    assert [{key: row[key] or "" for key in row} for row in kept] == [
        {key: line[key] for key in ("build", *FIVE)} for line in five
    ]


def work_through_review_and_filing(desks: dict[str, Desk], build: str) -> None:
    """Sent to review, returned with a question, answered, passed, filed: each sees each save where they look."""
    status, inspection, wht, vat, everybody = desks.values()

    form = opened(status, build)
    form.go(WHT_TAB)
    form.article.locator("[data-fill-with=not_submitted]").click()
    form.choose("pnd_status", "pending_review")
    with asking_nothing(inspection, wht, vat, everybody):
        form.save()
        for desk in (inspection, wht, everybody):
            desk.shows(build, "pnd_status", "pending_review")
    close(form)

    form = opened(inspection, build)
    form.go(WHT_TAB)
    form.choose("pnd_status", "inquire_customer")
    form.type("wht_inquiry", "ขอหนังสือรับรองหัก ณ ที่จ่ายของเดือนนี้")
    with asking_nothing(status, wht, everybody):
        form.save()
        for desk in (status, wht, everybody):
            desk.shows(build, "pnd_status", "inquire_customer")
    close(form)

    form = opened(status, build)
    form.go(WHT_TAB)
    form.type("wht_response", "แนบในโฟลเดอร์ลูกค้าแล้ว")
    form.choose("pnd_status", "pending_recheck")
    form.save()
    close(form)
    for desk in (inspection, wht, everybody):
        desk.shows(build, "pnd_status", "pending_recheck")

    chosen(inspection, (status, wht, everybody), build, "pnd_status", "passed")
    chosen(status, (inspection, wht, everybody), build, "pnd_status", "draft_ready")
    for code in ("draft_completed", "sent_to_customer", "paid"):
        chosen(wht, (status, inspection, everybody), build, "pnd_status", code)

    form = opened(status, build)
    form.go("vat")
    form.type("purchase_document_count", "12")
    form.choose("income_confirmed", "customer_confirmed")
    form.choose("pp30_status", "draft_ready")
    form.save()
    close(form)
    vat.shows(build, "pp30_status", "draft_ready")
    chosen(vat, (status, inspection, wht, everybody), build, "pp30_status", "draft_completed")
    for desk in desks.values():
        assert desk.rows()[build] == desk.fresh_rows()[build]


def chosen(desk: Desk, others: tuple[Desk, ...], build: str, column: str, code: str) -> None:
    """Somebody chooses a status in the table; all the others see it, without asking."""
    with asking_nothing(*others):
        desk.choose(build, column, code)
        for other in others:
            other.shows(build, column, code)


def one_record_changes_hands(people: Office, before: Desk, build: str) -> None:
    """It leaves one screen and reaches the other."""
    after = people.desk(STRANGER, f"{STATUS}?limit=100")
    expect(before.row(build)).to_have_count(1)
    expect(after.row(build)).to_have_count(0)
    grid = people.desk("admin", f"/assignments?q={build}")
    grid.cell(build, "accounting_responsible").locator("button").click()
    dialog = grid.page.locator("dialog.assign")
    dialog.locator(f"[name=who][value='{STRANGER}']").check()
    dialog.locator("[name=reason]").fill("ลาคลอด")
    dialog.get_by_role("button", name="บันทึก").click()
    expect(before.row(build)).to_have_count(0)
    after.news.click()
    expect(after.row(build)).to_have_count(1)


def what_is_taken_out_is_what_there_is(page: Page, firm: Server, folder: Path) -> None:
    """The month of the whole firm, every table, and the lists, cell by cell."""
    names = {row["employee_id"]: row["name"] for row in stored(firm, NAMES)}
    listed = "SELECT m.*, c.* FROM monthly_tax_data m JOIN clients c ON c.build = m.build"
    month = stored(firm, f"{listed} WHERE (tax_year, tax_month) = (?, ?) ORDER BY c.build_order", *MONTH)
    file = taken_out(page, f"{STATUS}?scope=all", "/papers/month.xlsx", folder)
    assert differences(lines_of(file), MONTH_SHEET, month, names) == []
    for sheet, address, statement in (
        (clients.SHEET, "/clients", "SELECT * FROM clients ORDER BY build_order"),
        (employees.SHEET, "/people", "SELECT * FROM employees ORDER BY employee_id"),
    ):
        file = taken_out(page, address, "/export.xlsx", folder)
        assert differences(lines_of(file), sheet, stored(firm, statement)) == []
    for table in (STATUS, INSPECTION, FILING):
        rows = lines_of(taken_out(page, f"{table}?scope=all&q=20", f"{table}/export.xlsx", folder))
        wanted = [row["build"] for row in month if "20" in row["build"] or "20" in row["company_name"]]
        assert [line[0] for line in rows[1:]] == wanted


NAMES = """SELECT employee_id, CASE WHEN coalesce(nick_name, '') = '' THEN first_name
    ELSE first_name || '(' || nick_name || ')' END AS name FROM employees"""


def what_comes_back_changes_nothing(page: Page, firm: Server, folder: Path) -> None:
    """Each list and the month's people, taken out and brought in."""
    before = stored(firm, "SELECT max(seq) AS seq FROM change_log")
    for sheet, address in (("clients", "/clients"), ("employees", "/people"), ("assignments", "/assignments")):
        said = bring_in(page, sheet, taken_out(page, address, "/export.xlsx", folder))
        assert "จะเพิ่ม 0 แก้ไข 0" in said
    assert stored(firm, "SELECT max(seq) AS seq FROM change_log") == before


def test_a_wrong_workbook_is_told_at_its_cell_in_the_page(people: Office, firm: Server, tmp_path: Path) -> None:
    page = people.tab(people.browsers.own("admin")).page
    before = stored(firm, "SELECT count(*) AS n FROM clients")
    page.goto("/import/clients")
    wrong = {name: one for name, one in WRONG.items() if one[0]}
    assert len(wrong) >= 20
    for name, (data, at, _why) in wrong.items():
        file = tmp_path / ("x.csv" if name.endswith("CSV") else "x.xlsx")
        file.write_bytes(data)
        page.evaluate("document.getElementById('bring-result').replaceChildren()")
        page.set_input_files("[name=file]", file)
        page.click("[value=preview]")
        expect(page.locator("#bring-result [data-tone=bad]"), name).to_be_visible()
        told = page.locator("#bring-result .faults li").first
        assert told.locator("b").all_inner_texts() == ([at] if at else []), name
    assert stored(firm, "SELECT count(*) AS n FROM clients") == before
