"""Filters and the pages of a list."""

from __future__ import annotations

from playwright.sync_api import Route, expect

from tests.browser.colleague import INSPECTION, STATUS
from tests.browser.people import OpenDesk

ALL = f"{STATUS}?scope=all"


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
    assert here.asked()["pnd"] == "draft_ready"
    here.page.click("a.reset")
    expect(here.page.locator(".tag")).to_have_count(0)
    expect(here.page.locator(".active-filters")).to_be_hidden()
    assert len(here.builds()) > 1


def test_a_choice_is_found_by_typing_and_the_list_stays_open(desk: OpenDesk) -> None:
    here = desk("AC00024", STATUS)
    here.page.click("[data-filter=pp30] summary")
    shown = here.page.locator("[data-filter=pp30] .choice:visible")
    expect(shown).to_have_count(13)
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
    here = desk("AC00008", INSPECTION, alone=True)
    days = sorted(filter(None, here.column("pnd_sent_for_review_date")))
    pages: list[str] = []
    here.page.on("request", lambda request: pages.append(request.url) if "?month" in request.url else None)
    here.page.click("[data-filter=dates] summary")
    here.stop_clock()
    here.page.fill("[name=from]", days[0][:10])
    here.page.fill("[name=to]", days[-1][:10])
    here.let_pass(1)
    here.page.wait_for_url("**to=*")
    expect(here.page.locator(".tag")).to_have_count(1)
    found = here.column("pnd_sent_for_review_date")
    assert found and found == sorted(found)
    assert len(pages) == 1


def test_choosing_one_tax_clears_the_filters_of_the_other(desk: OpenDesk) -> None:
    here = desk("AC00024", f"{STATUS}?pnd=draft_ready&pp30=draft_ready")
    here.page.locator(".segments label", has_text="ภาษีมูลค่าเพิ่ม").click()
    here.page.wait_for_url("**mode=vat*")
    expect(here.page.locator(".tag")).to_have_count(2)
    expect(here.page.locator("[name=pnd]")).to_have_count(0)
    expect(here.page.locator("th[data-column=pnd_status]")).to_be_hidden()
    expect(here.page.locator("th[data-column=pp30_status]")).to_be_visible()


def test_typing_a_search_asks_once_and_keeps_the_caret(desk: OpenDesk, build: str) -> None:
    here = desk("AC00024", STATUS, alone=True)
    pages: list[str] = []
    here.page.on("request", lambda request: pages.append(request.url) if STATUS in request.url else None)
    search = here.page.locator("#q")
    here.stop_clock()
    search.press_sequentially(build)
    here.let_pass(1)
    here.page.wait_for_url("**q=*")
    expect(here.row(build)).to_have_count(1)
    expect(search).to_be_focused()
    search.press_sequentially("9")
    here.let_pass(1)
    expect(search).to_have_value(f"{build}9")
    expect(here.page.locator(".empty")).to_contain_text("ไม่พบข้อมูลที่ตรงกับตัวกรอง")
    assert len(pages) == 2


def test_what_is_typed_while_the_list_is_on_its_way_is_kept_and_sought(desk: OpenDesk, build: str) -> None:
    here = desk("AC00024", STATUS)
    held: list[Route] = []
    here.page.route(f"**{STATUS}?*", lambda route: held.append(route), times=1)
    here.page.locator("#q").focus()
    here.page.keyboard.type(build[0])
    here.until(lambda: held, "the first search to be asked")
    answer = held[0].fetch()
    here.page.keyboard.type(build[1])
    held[0].fulfill(response=answer)
    here.page.locator(".tag").wait_for()
    here.page.keyboard.type(build[2:])
    here.page.wait_for_url(f"**q={build}*")
    expect(here.page.locator("#q")).to_have_value(build)
    expect(here.row(build)).to_have_count(1)


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
