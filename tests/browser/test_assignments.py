"""The grid of a month's people in real browsers: one cell, many rows, last month's people, two administrators."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.colleague import STATUS, Cast
from tests.browser.house import Server
from tests.browser.people import Desk, Office, OpenDesk
from tests.browser.test_for_everybody import AXE, barriers
from tests.conftest import MONTH, STRANGER

GRID = "/assignments"
BOOKS, CHECKS, KEYS = "accounting_responsible", "tax_inspection_responsible", "document_entry_responsible"
WHT, VAT = "wht_filer_current_employee_id", "vat_filer_current_employee_id"
WHY = "ลาพักร้อน"
Open = Callable[[str], Desk]


@pytest.fixture
def grid(desk: OpenDesk) -> Open:
    """Opens the grid of the month of the tests."""
    return lambda username: desk(username, f"{GRID}?month={MONTH}")


def dialog(here: Desk) -> Locator:
    return here.page.locator("dialog.assign")


def choose(here: Desk, person: str, reason: str = WHY) -> None:
    """Say in the open dialog who it is and why, and save."""
    dialog(here).locator(f"[name=who][value='{person}']").check()
    if reason:
        dialog(here).locator("[name=reason]").fill(reason)
    dialog(here).get_by_role("button", name="บันทึก").click()


def cell(here: Desk, build: str, role: str, person: str, reason: str = WHY) -> None:
    here.cell(build, role).locator("button").click()
    choose(here, person, reason)


def pick(here: Desk, build: str, **how: bool) -> None:
    here.row(build).locator("[data-pick]").click(modifiers=["Shift"] if how.get("shift") else [])


def test_a_cell_is_reassigned_with_a_reason(grid: Open, colleague: Cast, build: str) -> None:
    here = grid("admin")
    cell(here, build, BOOKS, STRANGER)
    expect(dialog(here)).to_have_count(0)
    here.shows(build, BOOKS, STRANGER)
    expect(here.toast).to_contain_text("1 รายการ")
    line = colleague("admin").call("GET", f"/{colleague('admin').record(build)['id']}/history")["data"][0]
    assert (line["action"], line["reason"]) == ("hand_over", WHY)


def test_without_a_reason_nothing_is_saved(grid: Open, colleague: Cast, build: str) -> None:
    here = grid("admin")
    before = colleague("admin").record(build)["version"]
    cell(here, build, BOOKS, STRANGER, reason="")
    expect(dialog(here).locator("[name=reason]:invalid")).to_be_visible()
    here.page.keyboard.press("Escape")
    expect(dialog(here)).to_have_count(0)
    assert colleague("admin").record(build)["version"] == before


def test_the_list_offers_only_who_may_hold_the_role(grid: Open, build: str) -> None:
    here = grid("admin")
    here.cell(build, CHECKS).locator("button").click()
    expect(dialog(here).locator("[value=AC00008]")).to_have_count(1)
    expect(dialog(here).locator(f"[value={STRANGER}]")).to_have_count(0)
    dialog(here).locator(".find").fill("zzz")
    expect(dialog(here).locator("fieldset .choice:visible")).to_have_count(0)


def test_a_person_is_found_and_given_by_keyboard(grid: Open, build: str) -> None:
    here = grid("admin")
    here.cell(build, BOOKS).locator("button").focus()
    here.page.keyboard.press("Enter")
    dialog(here).locator(".find").fill("อรทัย")
    here.page.keyboard.press("Enter")
    expect(dialog(here).locator("[name=reason]")).to_be_focused()
    here.page.keyboard.type(WHY)
    here.page.keyboard.press("Enter")
    here.shows(build, BOOKS, STRANGER)
    expect(here.cell(build, BOOKS).locator("button")).to_be_focused()


def test_one_fills_many_rows_at_once(grid: Open, stage_builds: list[str]) -> None:
    here = grid("admin")
    first, *_, last = rows = [one for one in here.builds() if one in stage_builds]
    pick(here, first)
    pick(here, last, shift=True)
    listed = here.builds()
    chosen = listed[listed.index(first) : listed.index(last) + 1]
    expect(here.page.locator("[data-picked] b")).to_have_text(str(len(chosen)))
    assert len(chosen) >= len(rows) > 2
    here.page.locator(f"[data-fill={KEYS}]").click()
    choose(here, "AC00031")
    for one in chosen:
        here.shows(one, KEYS, "AC00031")
    expect(here.page.locator("[data-picked]")).to_be_hidden()
    assert here.rows() == here.fresh_rows(), "a patched row is the row of a fresh page"


def test_rows_are_chosen_by_keyboard(grid: Open, build: str) -> None:
    here = grid("admin")
    here.cell(here.builds()[0], BOOKS).locator("button").focus()
    for pressed in ("x", "ArrowDown", "ArrowDown", "Shift+X"):
        here.page.keyboard.press(pressed)
    expect(here.page.locator("[data-picked] b")).to_have_text("3")
    here.page.keyboard.press("x")
    expect(here.page.locator("[data-picked] b")).to_have_text("2")


def test_the_box_keeps_the_focus_that_a_click_gives_it(grid: Open, build: str) -> None:
    here = grid("admin")
    pick(here, build)
    expect(here.row(build).locator("[data-pick]")).to_be_focused()
    here.page.keyboard.press("Space")
    expect(here.row(build).locator("[data-pick]")).not_to_be_checked()


def test_a_vat_filer_is_given_only_where_there_is_vat(grid: Open) -> None:
    here = grid("admin")
    without = here.page.locator("tr[data-id]:has(td.absent)").first.get_attribute("data-build") or ""
    having = here.page.locator("tr[data-id]:not(:has(td.absent))").first.get_attribute("data-build") or ""
    pick(here, without)
    pick(here, having)
    here.page.locator(f"[data-fill={VAT}]").click()
    expect(dialog(here)).to_contain_text("ข้าม 1 รายการที่ไม่จด VAT")
    choose(here, "AC00015")
    here.shows(having, VAT, "AC00015")
    expect(here.row(without).locator("td.absent")).to_have_count(1)


def test_what_is_empty_is_filled_from_the_month_before(grid: Open, colleague: Cast, build: str) -> None:
    here = grid("admin")
    cell(here, build, WHT, "")
    expect(here.cell(build, WHT)).not_to_have_attribute("data-value", re.compile("."))
    expect(here.page.locator("[data-summary=gaps]")).not_to_have_text("0")
    pick(here, build)
    here.page.locator("[data-copy]").click()
    dialog(here).get_by_role("button", name="บันทึก").click()
    expect(here.cell(build, WHT)).to_have_attribute("data-value", re.compile("AC"))
    assert colleague("admin").record(build)[BOOKS] == "AC00024", "who was there stays"


def test_two_administrators_see_each_other(grid: Open, build: str) -> None:
    here, there = grid("admin"), grid("AC00008")
    pick(there, build)
    cell(here, build, BOOKS, STRANGER)
    for one in (here, there):
        one.shows(build, BOOKS, STRANGER)
    expect(there.row(build).locator("[data-pick]")).to_be_checked()
    expect(there.page.locator("#said")).to_contain_text(build)
    assert there.rows() == here.rows()


def test_of_two_who_assign_one_cell_the_second_is_told(grid: Open, colleague: Cast, build: str) -> None:
    here = grid("admin")
    here.cell(build, BOOKS).locator("button").click()
    asked = {"cells": [{"id": colleague("admin").record(build)["id"], "role": BOOKS, "employee_id": STRANGER}]}
    admin = colleague("AC00008")
    answer = admin.http.patch(f"{admin.server.url}/api/assignments", json={**asked, "reason": WHY}, timeout=10)
    assert answer.ok, answer.text
    here.shows(build, BOOKS, STRANGER)
    here.forgive("409")
    choose(here, "AC00001")
    expect(dialog(here).locator(".field-error")).to_contain_text(build)
    assert colleague("admin").record(build)[BOOKS] == STRANGER


def test_the_row_leaves_one_screen_and_reaches_the_other(grid: Open, desk: OpenDesk, build: str) -> None:
    old, new = desk("AC00024", STATUS), desk(STRANGER, STATUS)
    expect(old.row(build)).to_have_count(1)
    cell(grid("admin"), build, BOOKS, STRANGER)
    expect(old.row(build)).to_have_count(0)
    new.news.click()
    expect(new.row(build)).to_have_count(1)


def test_figures_and_loads_follow(grid: Open, build: str) -> None:
    here = grid("AC00008")
    here.page.locator(".loads > summary").click()
    load = here.page.locator(f"[data-load={STRANGER}] [data-load-role={BOOKS}] b")
    before = int(load.inner_text())
    here.page.keyboard.press("Escape")
    cell(here, build, BOOKS, STRANGER)
    here.until(lambda: int(load.text_content() or 0) == before + 1, "the load to grow")


def test_a_month_is_opened_and_planned_without_reasons(office: Office, house: Server) -> None:
    here, there = (office.tab(office.browsers.own(who)) for who in ("admin", "AC00008"))
    for one in (here, there):
        one.page.goto(f"{GRID}?month={MONTH.plus(1)}")
        one.live()
        expect(one.page.locator(".empty")).to_be_visible()
    here.page.get_by_role("button", name="เปิดเดือน").click()
    expect(here.page.locator("tr[data-id]").first).to_be_visible()
    here.live()
    there.news.click()
    expect(there.page.locator("tr[data-id]").first).to_be_visible()
    first = here.builds()[0]
    here.cell(first, BOOKS).locator("button").click()
    choose(here, STRANGER, reason="")
    here.shows(first, BOOKS, STRANGER)
    there.shows(first, BOOKS, STRANGER)


def test_without_scripts_one_record_is_assigned_by_a_plain_form(office: Office, colleague: Cast, build: str) -> None:
    here = office.tab(office.context("admin", java_script_enabled=False))
    here.page.goto(f"{GRID}?month={MONTH}")
    here.row(build).locator("a").click()
    here.page.select_option(f"#{BOOKS}", STRANGER)
    here.page.fill("#reason", WHY)
    here.page.get_by_role("button", name="บันทึก").click()
    expect(here.page.locator(".notice")).to_have_text("บันทึกแล้ว")
    assert colleague("admin").record(build)[BOOKS] == STRANGER
    expect(here.page.locator("[data-history]")).to_contain_text(WHY)


@pytest.fixture
def stage_builds(stage: object, build: str, house: Server) -> list[str]:
    """Builds that belong to the tests, this one's among them."""
    where = "accounting_responsible = 'AC00024' AND (tax_year, tax_month) = (?, ?)"
    found = house.query(f"SELECT build FROM monthly_tax_data WHERE {where}", *MONTH)
    return [one for (one,) in found]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_neither_editor_nor_statistics_are_a_barrier(office: Office, build: str, scheme: str) -> None:
    here = office.desk("admin", GRID, color_scheme=scheme, reduced_motion="reduce")
    here.page.locator(".loads > summary").click()
    found = barriers(here.page, AXE.read_text())
    here.page.keyboard.press("Escape")
    here.cell(build, BOOKS).locator("button").click()
    assert found + barriers(here.page, AXE.read_text()) == []
