"""What a viewer notices of other people's saves: the row, the figures, who it was. And what nobody notices."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import WebSocketRoute, expect

from tests.browser.colleague import FILING, INSPECTION, STATUS, Cast
from tests.browser.house import Stage
from tests.browser.people import Office, OpenDesk

SHIFTS = """
    window.shifts = []
    new PerformanceObserver((list) => {
        for (const { value, sources } of list.getEntries()) window.shifts.push([value, sources.length])
    }).observe({ type: "layout-shift", buffered: true })
"""


def test_a_viewer_asks_nothing_of_the_server_when_others_save(office: Office, colleague: Cast, build: str) -> None:
    here = office.desk("AC00008", INSPECTION)
    asked: list[str] = []
    here.page.on("request", lambda request: asked.append(request.url))
    for status in ("passed", "paid", "sent_to_customer", "passed", "paid"):
        colleague("AC00024").save(build, STATUS, pnd_status=status)
        here.shows(build, "pnd_status", status)
    figure = here.figure("wht.pending")
    colleague("AC00024").save(build, STATUS, pnd_status="pending_review")
    expect(here.page.locator('[data-summary="wht.pending"]')).to_have_text(str(figure + 1))
    assert asked == []


@pytest.mark.parametrize(
    ("username", "path", "key", "status"),
    [
        ("AC00024", STATUS, "wht.responsible_count", "paid"),
        ("AC00008", INSPECTION, "wht.pending", "pending_review"),
        ("AC00012", FILING, "wht.passed", "passed"),
        ("admin", STATUS, "wht.responsible_count", "paid"),
    ],
)
def test_the_figures_follow_a_save(
    desk: OpenDesk, colleague: Cast, build: str, username: str, path: str, key: str, status: str
) -> None:
    here = desk(username, path)
    before = here.figure(key)
    colleague("AC00024").save(build, STATUS, pnd_status=status)
    expect(here.page.locator(f'[data-summary="{key}"]')).to_have_text(str(before + 1))
    colleague("AC00024").save(build, STATUS, pnd_status="draft_ready")
    expect(here.page.locator(f'[data-summary="{key}"]')).to_have_text(str(before))


def test_a_patched_row_is_the_row_of_a_fresh_page_while_it_still_glows(
    desk: OpenDesk, colleague: Cast, build: str
) -> None:
    desks = [desk("AC00024", STATUS), desk("AC00008", INSPECTION), desk("AC00012", FILING), desk("admin", STATUS)]
    colleague("AC00024").save(build, STATUS, pp30_payment_status="has_payment", pp30_payment_amount="1234567.50")
    colleague("AC00008").save(build, INSPECTION, pnd_status="passed")
    for one in desks:
        one.shows(build, "pnd_status", "passed")
        assert one.page.evaluate("document.getAnimations().length") > 0
        assert one.rows()[build] == one.fresh_rows()[build]


def test_ones_own_save_leaves_no_trace_either(desk: OpenDesk, build: str) -> None:
    here = desk("AC00024", STATUS)
    here.choose(build, "pnd_status", "passed")
    here.choose(build, "pp30_status", "paid")
    here.page.locator(".toast-action").last.click()
    here.shows(build, "pp30_status", "draft_ready")
    assert here.rows()[build] == here.fresh_rows()[build]


def test_a_changed_cell_says_who_changed_it_and_when(desk: OpenDesk, colleague: Cast, build: str) -> None:
    here = desk("AC00024", STATUS)
    colleague("AC00008").save(build, INSPECTION, pnd_status="passed")
    here.shows(build, "pnd_status", "passed")
    here.cell(build, "pnd_status").hover()
    expect(here.page.locator(".tip")).to_have_text(re.compile(r"^แก้ไขโดย ปกรณ์\(กร\) เมื่อ \d+ \S+ \d\d:\d\d"))
    here.page.locator("h1").hover()
    expect(here.page.locator(".tip")).to_be_hidden()


def test_a_change_is_told_to_screen_readers(desk: OpenDesk, colleague: Cast, build: str) -> None:
    here = desk("AC00024", STATUS)
    said = here.page.locator("[aria-live=polite]#said")
    colleague("AC00008").save(build, INSPECTION, pnd_status="passed")
    expect(said).to_have_text(re.compile(rf"{re.escape(build)} สถานะ ภ\.ง\.ด\.: ผ่าน โดย ปกรณ์\(กร\)"))


def test_ones_own_save_is_not_told_as_news(desk: OpenDesk, build: str) -> None:
    here = desk("AC00024", STATUS)
    here.choose(build, "pnd_status", "passed")
    assert here.page.evaluate("document.getAnimations().filter((one) => one.effect.target.matches('td')).length") == 0
    here.cell(build, "pnd_status").hover()
    expect(here.page.locator(".tip")).to_be_hidden()


def test_nothing_moves_when_a_row_is_patched(office: Office, colleague: Cast, build: str) -> None:
    here = office.tab(office.context("AC00024"))
    here.page.add_init_script(SHIFTS)
    here.page.goto(STATUS)
    here.live().page.evaluate("document.fonts.ready.then(() => true)")
    here.page.wait_for_timeout(500)
    here.page.evaluate("window.shifts.length = 0")
    colleague("AC00024").save(build, STATUS, pp30_payment_status="has_payment", pp30_payment_amount="98765432.10")
    for status in ("inquire_customer", "paid", "pending_recheck"):
        colleague("AC00024").save(build, STATUS, pnd_status=status, pp30_status=status)
        here.shows(build, "pnd_status", status)
    here.page.wait_for_timeout(300)
    assert here.page.evaluate("window.shifts") == []


def test_a_row_that_no_longer_fits_the_filter_stays_until_one_asks(desk: OpenDesk, colleague: Cast, build: str) -> None:
    here = desk("AC00008", f"{INSPECTION}?pnd=draft_ready")
    colleague("AC00024").save(build, STATUS, pnd_status="paid")
    expect(here.news).to_contain_text("1 รายการไม่อยู่ในรายการนี้แล้ว")
    expect(here.row(build)).to_have_attribute("data-left", "")
    colleague("AC00024").save(build, STATUS, pnd_status="draft_ready")
    expect(here.page.locator("#news")).to_be_hidden()
    expect(here.page.locator("[data-left]")).to_have_count(0)
    colleague("AC00024").save(build, STATUS, pnd_status="paid")
    here.news.click()
    expect(here.row(build)).to_have_count(0)


def test_a_row_that_comes_to_fit_the_filter_is_offered(desk: OpenDesk, colleague: Cast, build: str) -> None:
    here = desk("AC00008", f"{INSPECTION}?pnd=additional_review")
    colleague("AC00024").save(build, STATUS, pnd_status="additional_review")
    expect(here.news).to_contain_text("มีรายการใหม่ 1 รายการ")
    assert here.row(build).count() == 0
    here.news.click()
    expect(here.row(build)).to_have_count(1)
    expect(here.page.locator("#total")).to_have_text(str(len(here.builds())))


def test_a_change_of_order_is_offered_and_not_thrown_in(desk: OpenDesk, colleague: Cast, build: str) -> None:
    here = desk("AC00024", f"{STATUS}?sort=pnd_status")
    before = here.builds()
    colleague("AC00008").save(build, INSPECTION, pnd_status="received_receipt")
    here.shows(build, "pnd_status", "received_receipt")
    expect(here.news).to_contain_text("รายการเปลี่ยนไป")
    assert here.builds() == before
    here.news.click()
    expect(here.page.locator("#news")).to_be_hidden()
    assert here.builds() == list(here.fresh_rows()) != before


def test_a_row_that_goes_makes_a_page_of_a_list_offer_the_next_one(office: Office) -> None:
    here = office.desk("AC00024", f"{STATUS}?limit=10")
    gone, *rest = here.builds()
    office.server.hand_over(gone, "accounting_responsible", "AC00040")
    try:
        expect(here.news).to_contain_text("รายการเปลี่ยนไป")
        assert here.builds() == rest
        here.news.click()
        expect(here.page.locator("tbody tr")).to_have_count(10)
        assert here.builds()[:9] == rest
    finally:
        office.server.hand_over(gone, "accounting_responsible", "AC00024")


def test_a_message_that_comes_late_or_twice_changes_nothing(
    office: Office, colleague: Cast, stage: Stage, build: str
) -> None:
    here = office.tab(office.context("AC00024"))
    told: list[str | bytes] = []
    lines: list[WebSocketRoute] = []

    def carry(line: WebSocketRoute) -> None:
        lines.append(line)
        line.connect_to_server().on_message(lambda said: (told.append(said), line.send(said)))

    here.page.route_web_socket("**/socket.io/**", carry)
    here.page.goto(STATUS)
    here.live()
    for status in ("passed", "paid"):
        colleague("AC00008").save(build, INSPECTION, pnd_status=status)
        here.shows(build, "pnd_status", status)
    late, last = [said for said in told if "monthly-tax-data:updated" in str(said)]
    for said in (last, late):
        lines[0].send(said)
    other = stage.take()
    colleague("AC00008").save(other, INSPECTION, pp30_status="passed")
    here.shows(other, "pp30_status", "passed")
    assert here.rows()[build] == here.fresh_rows()[build]
