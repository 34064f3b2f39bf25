"""The bell: a save is heard of at once, read once, and leads to the record."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.colleague import FILING, INSPECTION, STATUS, Cast
from tests.browser.people import Desk, Office, OpenDesk
from tests.conftest import MONTH


@pytest.fixture(autouse=True)
def nothing_unread(colleague: Cast) -> None:
    """What other tests on this server left behind is read: an unread one gives its place to a newer one, uncounted."""
    for one in (colleague("AC00024"), colleague("AC00012")):
        assert one.http.put(f"{one.server.url}/api/notifications/read-all", timeout=10).ok


def bell(desk: Desk) -> Locator:
    return desk.page.locator("#bell")


def drawer(desk: Desk) -> Locator:
    return desk.page.locator("#notices-drawer")


def opened(desk: Desk) -> Locator:
    """The entries of the drawer, once it is open."""
    bell(desk).click()
    expect(drawer(desk).locator("#notices")).to_be_visible()
    return drawer(desk).locator(".bell-entry")


def test_a_save_counts_is_told_and_leads_to_the_record(desk: OpenDesk, colleague: Cast, build: str) -> None:
    here = desk("AC00024", STATUS)
    colleague("AC00008").save(build, INSPECTION, pnd_status="additional_review", wht_inquiry="ขอเอกสารเพิ่ม 2 ใบ")
    expect(here.page.locator(".bell-count")).to_have_text("1")
    expect(bell(here)).to_have_attribute("title", "แจ้งเตือนใหม่ (1)")
    told = here.page.locator(".toast", has_text="ผู้ตรวจได้ตรวจสอบข้อมูล")
    expect(told).to_be_visible()
    expect(here.page.locator("#said")).to_contain_text("ผู้ตรวจได้ตรวจสอบข้อมูล")
    entry = opened(here).first
    expect(entry).to_contain_text(build)
    expect(entry).to_contain_text("ขอเอกสารเพิ่ม 2 ใบ")
    expect(entry).to_have_attribute("data-unread", "")
    entry.locator("a").click()
    here.page.wait_for_url(f"**/tax-status/{build}/{MONTH}*")
    expect(here.page.locator("#main")).to_contain_text(build)


def test_the_toast_leads_there_too(desk: OpenDesk, colleague: Cast, build: str) -> None:
    here = desk("AC00012", FILING)
    colleague("AC00024").save(build, STATUS, wht_submission_comment=f"ยื่นได้เลย {build}")
    told = here.page.locator(".toast", has_text="มีความเห็นส่งงานยื่นภาษี")
    told.locator(".toast-action").click()
    here.page.wait_for_url(f"**/tax-filing/{build}/{MONTH}*")


def test_what_comes_at_once_is_one_toast_that_says_how_many(desk: OpenDesk, colleague: Cast, build: str) -> None:
    here = desk("AC00024", STATUS)
    colleague("AC00008").save(build, INSPECTION, pp30_inquiry=f"หนึ่ง {build}", wht_inquiry=f"สอง {build}")
    expect(here.toast.locator(".toast-text")).to_have_text("แจ้งเตือนใหม่ (2)")
    assert here.page.locator(".toast").count() == 1
    here.toast.locator(".toast-action").click()
    expect(drawer(here).locator(".bell-entry", has_text=f"หนึ่ง {build}")).to_be_visible()


def test_what_is_read_in_one_tab_counts_in_the_other(desk: OpenDesk, colleague: Cast, build: str) -> None:
    first, second = desk("AC00024", STATUS), desk("AC00024", STATUS)
    colleague("AC00008").save(build, INSPECTION, pp30_inquiry=f"ขอใบกำกับ {build}")
    for tab in (first, second):
        expect(tab.page.locator(".bell-count")).to_have_text("1")
    entry = opened(first).filter(has_text=f"ขอใบกำกับ {build}")
    entry.get_by_role("button", name=re.compile("^อ่านแล้ว")).click()
    expect(entry).not_to_have_attribute("data-unread", "")
    for tab in (first, second):
        expect(tab.page.locator(".bell-count")).to_be_hidden()
    expect(bell(second)).to_have_attribute("title", "ระบบแจ้งเตือน")


def test_all_are_read_at_once_in_every_tab(desk: OpenDesk, colleague: Cast, build: str) -> None:
    colleague("AC00008").save(build, INSPECTION, pp30_inquiry="หนึ่ง", wht_inquiry="สอง")
    first, second = desk("AC00024", STATUS), desk("AC00024", STATUS)
    expect(second.page.locator(".bell-count")).to_have_text("2")
    entries = opened(first)
    drawer(first).get_by_role("button", name="อ่านทั้งหมด").click()
    expect(second.page.locator(".bell-count")).to_be_hidden()
    expect(entries.first).not_to_have_attribute("data-unread", "")


def test_an_open_drawer_grows_and_says_so(desk: OpenDesk, colleague: Cast, build: str) -> None:
    here = desk("AC00024", STATUS)
    entries = opened(here)
    colleague("AC00012").save(build, FILING, wht_filing_response=f"ส่งแล้ว {build}")
    expect(entries.first).to_contain_text(f"ส่งแล้ว {build}")
    expect(drawer(here).get_by_role("status")).to_contain_text("ผู้ยื่นภาษีตอบกลับ")
    before = entries.count()
    colleague("AC00012").save(build, FILING, wht_filing_response=f"ส่งอีกครั้ง {build}")
    expect(entries.first).to_contain_text(f"ส่งอีกครั้ง {build}")
    assert entries.count() == before, "the newer one did not take the older one's place"
    entries.first.get_by_role("button", name=re.compile("^ลบ")).click()
    expect(drawer(here)).not_to_contain_text(f"ส่งอีกครั้ง {build}")


def test_the_drawer_is_worked_by_keyboard_and_gives_the_focus_back(desk: OpenDesk, colleague: Cast, build: str) -> None:
    here = desk("AC00024", STATUS)
    for text in ("หนึ่ง", "สอง"):
        colleague("AC00008").save(build, INSPECTION, **{"pp30_inquiry" if text == "สอง" else "wht_inquiry": text})
    bell(here).focus()
    here.page.keyboard.press("Enter")
    entries = drawer(here).locator(".bell-entry")
    expect(entries.first).to_be_visible()
    here.page.keyboard.press("ArrowDown")
    expect(entries.nth(0).locator("a")).to_be_focused()
    here.page.keyboard.press("ArrowDown")
    expect(entries.nth(1).locator("a")).to_be_focused()
    here.page.keyboard.press("Tab")
    here.page.keyboard.press("Enter")
    expect(entries.nth(1)).not_to_have_attribute("data-unread", "")
    assert here.page.evaluate("document.activeElement.closest('#notices-drawer') !== null")
    here.page.keyboard.press("Escape")
    expect(drawer(here)).to_be_hidden()
    expect(bell(here)).to_be_focused()


def test_who_is_not_concerned_hears_nothing(office: Office, desk: OpenDesk, colleague: Cast, build: str) -> None:
    stranger = office.tab(office.browsers.own("AC00040"))
    heard = stranger.frames()
    stranger.page.goto(STATUS)
    stranger.live()
    here = desk("AC00024", STATUS)
    colleague("AC00008").save(build, INSPECTION, wht_inquiry=f"เฉพาะผู้ทำบัญชี {build}")
    expect(here.page.locator(".bell-count")).to_have_text("1")
    assert not any("notification:" in frame for frame in heard)


def test_without_scripts_the_bell_is_a_page_with_working_buttons(office: Office, colleague: Cast, build: str) -> None:
    colleague("AC00008").save(build, INSPECTION, wht_inquiry=f"ไม่มีสคริปต์ {build}", pp30_inquiry="อีกเรื่อง")
    here = office.tab(office.context("AC00024", java_script_enabled=False))
    here.page.goto(STATUS)
    bell(here).click()
    here.page.wait_for_url("**/notifications")
    entry = here.page.locator(".bell-entry", has_text=f"ไม่มีสคริปต์ {build}")
    entry.get_by_role("button", name=re.compile("^อ่านแล้ว")).click()
    expect(entry).not_to_have_attribute("data-unread", "")
    here.page.get_by_role("button", name="อ่านทั้งหมด").click()
    expect(here.page.locator("#notices")).to_have_attribute("data-unread", "0")
    entry.locator("a").click()
    here.page.wait_for_url(f"**/tax-status/{build}/{MONTH}")
