"""Everything one looks at is in the address: links, back and forward, filters, pages, with scripts and without."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.browser.people import FILING, INSPECTION, STATUS, Colleague, Desk, Office
from tests.conftest import MONTH, PASSWORD

OpenDesk = Callable[..., Desk]
Cast = Callable[[str], Colleague]
ALL = f"{STATUS}?scope=all"


def asked(page: Page) -> dict[str, str]:
    """The parameters of the address."""
    return {name: values[0] for name, values in parse_qs(urlsplit(page.url).query).items()}


def columns(here: Desk, column: str) -> list[str]:
    """The raw values of a column, row by row."""
    script = "cells => cells.map(cell => cell.dataset.value ?? '')"
    found: list[str] = here.page.eval_on_selector_all(f'tbody [data-column="{column}"]', script)
    return found


# -- without scripts ---------------------------------------------------------------------------------------------


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
    assert plain.row(build).count() == 1
    expect(plain.page.locator("noscript .live, .live[data-state=static]").last).to_have_text("หน้านี้ไม่อัปเดตเอง")
    plain.row(build).locator("a").click()
    expect(plain.page.locator("h1")).to_contain_text(colleague("AC00024").record(build)["company_name"])


def test_without_scripts_one_filters_sorts_and_turns_pages(plain: Desk, build: str) -> None:
    plain.page.fill("#q", build)
    plain.page.click("button.apply")
    assert plain.builds() == [build]
    plain.page.click("a.reset")
    plain.page.click("[data-filter=pnd] summary")
    for code in ("draft_ready", "passed"):
        plain.page.check(f"[name=pnd][value={code}]")
    plain.page.click("button.apply")
    assert plain.row(build).count() == 1
    assert set(columns(plain, "pnd_status")) <= {"draft_ready", "passed"}
    plain.page.click("a.reset")
    plain.page.click("th[data-column=build] a")
    assert plain.builds() == sorted(plain.builds(), key=float, reverse=True)
    plain.page.click(".limits a >> nth=0")
    assert len(plain.builds()) == 10
    plain.page.click(".pages a[rel=next]")
    expect(plain.page.locator(".range")).to_contain_text("แสดง 11-")


def test_without_scripts_one_changes_the_month(plain: Desk) -> None:
    plain.page.click(".month a[rel=prev]")
    assert asked(plain.page)["month"] == str(MONTH.plus(-1))
    assert plain.row("018").count() == 1
    plain.page.click(".picker summary")
    plain.page.click(f'.months a[href*="{MONTH.plus(-2)}"]')
    assert asked(plain.page)["month"] == str(MONTH.plus(-2))
    plain.page.goto(f"{STATUS}?month=2031-01")
    expect(plain.page.locator(".empty")).to_contain_text("ไม่พบข้อมูล")


# -- addresses ---------------------------------------------------------------------------------------------------


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
    assert set(columns(there, "accounting_responsible")) == {"AC00040"}
    assert set(columns(here, "accounting_responsible")) == {"AC00024"}


def test_a_link_of_nonsense_opens_the_plain_list(desk: OpenDesk) -> None:
    here = desk("AC00024", f"{STATUS}?month=never&sort=salary&page=-3&limit=7&mode=x&pnd=no&from=31/31&what=ever")
    assert here.builds() == list(desk("AC00024", STATUS).rows())


# -- filters -----------------------------------------------------------------------------------------------------


def test_filters_are_counted_shown_as_chips_and_taken_out_one_by_one(desk: OpenDesk, build: str) -> None:
    here = desk("AC00024", STATUS)
    here.page.click("[data-filter=pnd] summary")
    here.page.check("[name=pnd][value=draft_ready]")
    here.page.check("[name=pnd][value=passed]")
    here.page.keyboard.press("Escape")
    expect(here.page.locator("[data-filter=pnd] summary")).to_be_focused()
    here.page.fill("#q", build)
    expect(here.page.locator(".tag")).to_have_count(3)
    expect(here.page.locator(".active-filters")).to_contain_text("2 ตัวกรองที่ใช้งาน")
    assert here.builds() == [build]
    here.page.locator(".tag", has_text="WHT: ผ่าน").click()
    expect(here.page.locator(".tag")).to_have_count(2)
    assert asked(here.page)["pnd"] == "draft_ready"
    here.page.click("a.reset")
    expect(here.page.locator(".tag")).to_have_count(0)
    expect(here.page.locator(".active-filters")).to_be_hidden()
    assert len(here.builds()) > 1


def test_a_choice_is_found_by_typing_and_the_list_stays_open(desk: OpenDesk) -> None:
    here = desk("AC00024", STATUS)
    here.page.click("[data-filter=pp30] summary")
    shown = here.page.locator("[data-filter=pp30] .choice:visible")
    assert shown.count() == 13
    here.page.fill("[data-filter=pp30] [data-find]", "รอตรวจ")
    expect(shown).to_have_count(2)
    shown.last.click()
    here.page.wait_for_url("**pp30=pending_recheck*")
    expect(shown).to_have_count(2)
    expect(here.page.locator("[name=pp30][value=pending_recheck]")).to_be_checked()
    expect(here.page.locator("[name=pp30][value=pending_recheck]")).to_be_focused()
    shown.first.click()
    expect(here.page.locator("[data-filter=pp30] summary em")).to_have_text("2")


def test_a_range_of_days_filters_and_orders_by_that_day(desk: OpenDesk, build: str) -> None:
    here = desk("AC00008", INSPECTION)
    days = sorted(filter(None, columns(here, "pnd_sent_for_review_date")))
    here.page.click("[data-filter=dates] summary")
    here.page.fill("[name=from]", days[0][:10])
    here.page.fill("[name=to]", days[-1][:10])
    here.page.wait_for_url("**to=*")
    expect(here.page.locator(".tag")).to_have_count(1)
    found = columns(here, "pnd_sent_for_review_date")
    assert found and found == sorted(found)
    assert days[0][:8] <= found[0][:8]


def test_choosing_one_tax_clears_the_filters_of_the_other(desk: OpenDesk) -> None:
    here = desk("AC00024", f"{STATUS}?pnd=draft_ready&pp30=draft_ready")
    here.page.locator(".segments label", has_text="ภาษีมูลค่าเพิ่ม").click()
    here.page.wait_for_url("**mode=vat*")
    expect(here.page.locator(".tag")).to_have_count(2)
    assert here.page.locator("[name=pnd]").count() == 0
    expect(here.page.locator("th[data-column=pnd_status]")).to_be_hidden()
    expect(here.page.locator("th[data-column=pp30_status]")).to_be_visible()


def test_typing_a_search_asks_once_and_keeps_the_caret(desk: OpenDesk, build: str) -> None:
    here = desk("AC00024", STATUS)
    pages: list[str] = []
    here.page.on("request", lambda request: pages.append(request.url) if STATUS in request.url else None)
    search = here.page.locator("#q")
    search.press_sequentially(build, delay=20)
    here.page.wait_for_url("**q=*")
    expect(here.row(build)).to_have_count(1)
    expect(search).to_be_focused()
    search.press_sequentially("9")
    expect(search).to_have_value(f"{build}9")
    expect(here.page.locator(".empty")).to_contain_text("ไม่พบข้อมูลที่ตรงกับตัวกรอง")
    assert len(pages) == 2


# -- pages of a list ---------------------------------------------------------------------------------------------


def test_pages_turn_and_say_where_one_is(desk: OpenDesk) -> None:
    here = desk("admin", f"{ALL}&limit=20")
    total = int(here.page.locator("#total").inner_text())
    expect(here.page.locator(".range")).to_have_text(f"แสดง 1-20 จาก {total} รายการ")
    assert here.page.locator(".pages a[rel=prev]").count() == 0
    seen = here.builds()
    while here.page.locator(".pages a[rel=next]").count():
        before = here.builds()
        here.page.click(".pages a[rel=next]")
        here.until(lambda before=before: here.builds() != before, "the next page")
        seen += here.builds()
    assert len(seen) == len(set(seen)) == total
    expect(here.page.locator(".range")).to_contain_text(f"-{total} จาก {total}")


def test_a_page_beyond_the_last_shows_the_last(desk: OpenDesk) -> None:
    here = desk("admin", f"{ALL}&limit=20&page=99")
    assert here.builds() == desk("admin", f"{ALL}&limit=20&page=3").builds()
    expect(here.page.locator(".pages [aria-current=page]")).to_have_text("3")


def test_more_rows_on_a_page_begin_at_the_first(desk: OpenDesk) -> None:
    here = desk("admin", f"{ALL}&limit=10&page=3")
    here.page.locator(".limits a", has_text="100").click()
    here.page.wait_for_url("**limit=100*")
    expect(here.page.locator(".range")).to_contain_text("แสดง 1-")
    assert here.page.locator(".pages").count() == 0


# -- those who see everything ------------------------------------------------------------------------------------


def test_an_administrator_sees_everybodys_rows_and_one_persons_by_role(desk: OpenDesk) -> None:
    here = desk("admin", STATUS)
    assert len(set(columns(here, "accounting_responsible"))) > 5
    here.page.select_option("[name=role]", "tax_inspection_responsible")
    here.page.select_option("[name=person]", "AC00008")
    here.page.wait_for_url("**person=AC00008*")
    here.until(lambda: set(columns(here, "tax_inspection_responsible")) == {"AC00008"}, "the inspector's rows")
    assert here.page.locator("[name=role]").input_value() == "tax_inspection_responsible"
    assert asked(here.page)["role"] == "tax_inspection_responsible"


def test_an_inspector_turns_from_own_rows_to_everybodys_and_back(desk: OpenDesk) -> None:
    here = desk("AC00008", INSPECTION)
    assert here.table.get_attribute("data-listen") == "AC00008"
    here.page.locator(".scope label", has_text="ทุกคน").click()
    here.page.locator("table[data-listen='*'][data-live=true]").wait_for()
    assert len(set(columns(here, "tax_inspection_responsible"))) > 1
    here.page.locator(".scope label", has_text="ของฉัน").click()
    here.page.locator("table[data-listen=AC00008][data-live=true]").wait_for()
    assert set(columns(here, "tax_inspection_responsible")) == {"AC00008"}


def test_after_turning_to_everybodys_rows_everybodys_saves_are_heard(desk: OpenDesk, colleague: Cast) -> None:
    here = desk("AC00008", f"{INSPECTION}?limit=100")
    here.page.locator(".scope label", has_text="ทุกคน").click()
    here.page.locator("table[data-listen='*'][data-live=true]").wait_for()
    other = next(
        build
        for build, inspector in zip(here.builds(), columns(here, "tax_inspection_responsible"), strict=True)
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
