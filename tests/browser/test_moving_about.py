"""Everything one looks at is in the address: links, back and forward, filters, pages, with scripts and without."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.colleague import FILING, INSPECTION, STATUS, Cast
from tests.browser.people import Desk, Office, OpenDesk
from tests.conftest import MONTH, PASSWORD


@pytest.fixture
def plain(office: Office) -> Desk:
    """The accountant's browser, in which scripts are off; signed in by the form, on the way to her table."""
    here = office.tab(office.context(java_script_enabled=False))
    here.page.goto(STATUS)
    here.page.fill("#username", "AC00024")
    here.page.fill("#password", PASSWORD)
    here.page.click("#sign-in .button-primary")
    here.page.wait_for_url(f"**{STATUS}")
    return here


def test_without_scripts_one_signs_in_and_reads(plain: Desk, colleague: Cast, build: str) -> None:
    expect(plain.row(build)).to_have_count(1)
    expect(plain.page.locator("noscript .live, .live[data-state=static]").last).to_have_text("หน้านี้ไม่อัปเดตเอง")
    plain.row(build).locator("a").click()
    plain.page.wait_for_url(f"**{STATUS}/{build}/*")
    if plain.page.locator("[data-gate]").count():  # what others wrote is read first
        plain.page.fill("[data-gate] [name=word]", "yes")
        plain.page.click("[data-gate] form button")
    expect(plain.page.locator("h1")).to_contain_text(colleague("AC00024").record(build)["company_name"])


def test_without_scripts_one_filters_sorts_and_turns_pages(plain: Desk, build: str) -> None:
    plain.page.fill("#q", build)
    plain.page.click("button.apply")
    plain.until(lambda: plain.builds() == [build], "the one that was sought")
    plain.page.click("a.reset")
    plain.page.click("[data-filter=pnd] summary")
    for code in ("draft_ready", "passed"):
        plain.page.check(f"[name=pnd][value={code}]")
    plain.page.click("button.apply")
    plain.page.wait_for_url("**pnd=*")
    expect(plain.row(build)).to_have_count(1)
    assert set(plain.column("pnd_status")) <= {"draft_ready", "passed"}
    plain.page.click("a.reset")
    plain.page.click("th[data-column=build] a")
    plain.until(lambda: plain.builds() == sorted(plain.builds(), key=float, reverse=True) != [], "the last one first")
    plain.page.click(".limits a >> nth=0")
    plain.until(lambda: len(plain.builds()) == 10, "ten of them")
    plain.page.click(".pages a[rel=next]")
    expect(plain.page.locator(".range")).to_contain_text("แสดง 11-")


def test_without_scripts_one_changes_the_month(plain: Desk) -> None:
    plain.page.click(".month a[rel=prev]")
    plain.page.wait_for_url(f"**month={MONTH.plus(-1)}")
    expect(plain.row("018")).to_have_count(1)
    plain.page.click(".picker summary")
    plain.page.click(f'.months a[href*="{MONTH.plus(-2)}"]')
    plain.page.wait_for_url(f"**month={MONTH.plus(-2)}")
    plain.page.goto(f"{STATUS}?month=2031-01")
    expect(plain.page.locator(".empty")).to_contain_text("ไม่พบข้อมูล")


def test_back_and_forward_show_what_was_shown(desk: OpenDesk) -> None:
    here = desk("AC00024", STATUS)
    first = here.builds()
    here.page.click("th[data-column=build] a")
    here.page.wait_for_url("**order=desc*")
    here.page.click(".month a[rel=prev]")
    here.page.wait_for_url(f"**month={MONTH.plus(-1)}*")
    here.page.go_back()
    here.until(lambda: here.builds() == first[::-1], "this month, last build first")
    here.page.go_back()
    here.until(lambda: here.builds() == first, "this month, first build first")
    here.page.go_forward()
    here.until(lambda: here.builds() == first[::-1], "this month, last build first again")
    expect(here.page.locator("thead th[data-column=build]")).to_have_attribute("aria-sort", "descending")
    here.live()


def test_back_from_a_record_returns_to_the_same_list(desk: OpenDesk, build: str) -> None:
    here = desk("AC00024", f"{STATUS}?sort=company_name&pnd=draft_ready")
    before = here.builds()
    here.row(build).locator("a").click()
    here.page.wait_for_url(f"**/{build}/*")
    here.page.go_back()
    assert here.live().builds() == before


def test_a_shared_link_opens_the_same_view_of_the_colleagues_own_rows(desk: OpenDesk) -> None:
    here = desk("AC00024", STATUS)
    here.page.fill("#q", "จำกัด")
    here.page.wait_for_url("**q=*")
    here.page.click("th[data-column=company_name] a")
    here.page.wait_for_url("**sort=company_name*")
    link = here.page.url
    there = desk("AC00040", link)
    expect(there.page.locator("#q")).to_have_value("จำกัด")
    expect(there.page.locator(".tag")).to_have_count(1)
    expect(there.page.locator("th[data-column=company_name]")).to_have_attribute("aria-sort", "ascending")
    assert set(there.column("accounting_responsible")) == {"AC00040"}
    assert set(here.column("accounting_responsible")) == {"AC00024"}


def test_a_link_of_nonsense_opens_the_plain_list(desk: OpenDesk) -> None:
    here = desk("AC00024", f"{STATUS}?month=never&sort=salary&page=-3&limit=7&mode=x&pnd=no&from=31/31&what=ever")
    assert here.builds() == list(desk("AC00024", STATUS).rows())


def test_an_administrator_sees_everybodys_rows_and_one_persons_by_role(desk: OpenDesk) -> None:
    here = desk("admin", STATUS)
    assert len(set(here.column("accounting_responsible"))) > 5
    here.page.select_option("[name=role]", "tax_inspection_responsible")
    here.page.select_option("[name=person]", "AC00008")
    here.page.wait_for_url("**person=AC00008*")
    here.until(lambda: set(here.column("tax_inspection_responsible")) == {"AC00008"}, "the inspector's rows")
    assert here.page.locator("[name=role]").input_value() == "tax_inspection_responsible"
    assert here.asked()["role"] == "tax_inspection_responsible"


def test_an_inspector_turns_from_own_rows_to_everybodys_and_back(desk: OpenDesk) -> None:
    here = desk("AC00008", INSPECTION)
    assert here.table.get_attribute("data-listen") == "AC00008"
    here.page.locator(".scope label", has_text="ทุกคน").click()
    here.page.locator("table[data-listen='*'][data-live=true]").wait_for()
    assert len(set(here.column("tax_inspection_responsible"))) > 1
    here.page.locator(".scope label", has_text="ของฉัน").click()
    here.page.locator("table[data-listen=AC00008][data-live=true]").wait_for()
    assert set(here.column("tax_inspection_responsible")) == {"AC00008"}


def test_after_turning_to_everybodys_rows_everybodys_saves_are_heard(desk: OpenDesk, colleague: Cast) -> None:
    here = desk("AC00008", f"{INSPECTION}?limit=100")
    here.page.locator(".scope label", has_text="ทุกคน").click()
    here.page.locator("table[data-listen='*'][data-live=true]").wait_for()
    other = next(
        build
        for build, inspector in zip(here.builds(), here.column("tax_inspection_responsible"), strict=True)
        if inspector not in ("AC00008", "") and re.fullmatch(r"\d+", build)
    )
    now = colleague("admin").record(other)["pnd_status"]
    wanted = "paid" if now != "paid" else "passed"
    colleague("admin").save(other, STATUS, pnd_status=wanted)
    here.shows(other, "pnd_status", wanted)


def test_the_menu_keeps_the_month(desk: OpenDesk) -> None:
    here = desk("AC00012", STATUS)
    here.page.click(".month a[rel=prev]")
    here.page.wait_for_url(f"**month={MONTH.plus(-1)}*")
    here.page.locator(".menu a", has_text="ยื่นภาษี").last.click()
    here.page.wait_for_url(f"**{FILING}?month={MONTH.plus(-1)}")
    assert here.live().row("018").count() == 1
