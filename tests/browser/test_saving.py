"""Saving in the table: taken back, refused, failed, tried again."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Request, Route, expect

from tests.browser.colleague import FILING, INSPECTION, STATUS, Cast
from tests.browser.people import Office, OpenDesk

API = "**/api/monthly-tax-data/*"


@pytest.mark.parametrize("way", ["button", "keys"])
def test_a_save_is_taken_back(desk: OpenDesk, colleague: Cast, build: str, way: str) -> None:
    here = desk("AC00024", STATUS)
    here.choose(build, "pnd_status", "passed")
    expect(here.toast).to_contain_text(build)
    if way == "button":
        here.toast.locator(".toast-action").click()
    else:
        here.page.keyboard.press("Control+z")
    here.shows(build, "pnd_status", "draft_ready")
    assert colleague("AC00024").record(build)["pnd_status"] == "draft_ready"
    expect(here.page.locator(".toast")).to_have_count(1)
    taken_back = colleague("AC00024").record(build)["version"]
    here.page.keyboard.press("Control+z")
    saved = colleague("AC00008").save(build, INSPECTION, pp30_status="passed")
    here.shows(build, "pp30_status", "passed")
    here.shows(build, "pnd_status", "draft_ready")
    assert saved["version"] == taken_back + 1, "it was taken back once"


def test_a_wrong_amount_is_told_at_its_field_and_kept(desk: OpenDesk, colleague: Cast, build: str) -> None:
    here = desk("AC00024", STATUS)
    here.forgive("422")
    editor = here.open_editor(build, "pp30_payment_amount")
    editor.locator("[value=has_payment]").check()
    amount = editor.locator("[name=pp30_payment_amount]")
    for typed, told in (("", "กรุณากรอกจำนวนยอดชำระ"), ("0", "มากกว่า 0"), ("12x", "")):
        amount.fill(typed)
        here.page.keyboard.press("Enter") if typed else editor.locator(".button-primary").click()
        error = editor.locator(".field-error")
        expect(error).to_be_visible()
        expect(error).to_contain_text(told)
        expect(amount).to_have_attribute("aria-invalid", "true")
        expect(amount).to_have_value(typed)
        expect(amount).to_be_focused()
    amount.fill("1,250.5")
    here.page.keyboard.press("Enter")
    here.shows(build, "pp30_payment_amount", "1250.50")
    expect(here.page.locator(".editor")).to_have_count(0)


def test_without_a_payment_there_is_no_amount(desk: OpenDesk, colleague: Cast, build: str) -> None:
    colleague("AC00024").save(build, STATUS, pp30_payment_status="has_payment", pp30_payment_amount="99.00")
    here = desk("AC00015", FILING)
    editor = here.open_editor(build, "pp30_payment_amount")
    editor.locator("[value=no_payment]").check()
    expect(editor.locator("[name=pp30_payment_amount]")).to_be_disabled()
    editor.locator(".button-primary").click()
    here.shows(build, "pp30_payment_status", "no_payment")
    assert colleague("AC00024").record(build)["pp30_payment_amount"] is None


def test_a_stray_click_does_not_throw_away_a_typed_amount(desk: OpenDesk, build: str) -> None:
    here = desk("AC00024", STATUS)
    editor = here.open_editor(build, "pp30_payment_amount")
    editor.locator("[value=has_payment]").check()
    editor.locator("[name=pp30_payment_amount]").fill("500")
    here.page.locator("h1").click()
    expect(editor.locator("[name=pp30_payment_amount]")).to_have_value("500")
    editor.locator("[data-action=cancel]").click()
    expect(editor).to_have_count(0)
    here.shows(build, "pp30_payment_status", "no_payment")


class Failing:
    """Lets saves fail until told otherwise, and remembers with which keys they were tried."""

    def __init__(self, page: Page, answer: Callable[[Route], None]) -> None:
        self.keys: list[str | None] = []
        self._page, self._answer = page, answer
        page.route(API, self._fail)

    def _fail(self, route: Route, request: Request) -> None:
        if request.method != "PUT":
            return route.continue_()
        self.keys.append(request.headers.get("idempotency-key"))
        self._answer(route) if len(self.keys) == 1 else route.continue_()


def lost(route: Route) -> None:
    """The save arrives; its answer does not."""
    route.fetch()
    route.abort()


@pytest.mark.parametrize("fate", [Route.abort, lost], ids=["the request is lost", "the answer is lost"])
def test_a_save_that_fails_says_so_and_is_tried_again_as_the_same_save(
    desk: OpenDesk, colleague: Cast, build: str, fate: Callable[[Route], None]
) -> None:
    here = desk("AC00024", STATUS)
    here.forgive("ERR_FAILED")
    before = colleague("AC00024").record(build)["version"]
    failing = Failing(here.page, fate)
    here.open_editor(build, "pnd_status")
    here.pick("passed")
    expect(here.toast).to_contain_text("บันทึกไม่ได้เพราะขาดการเชื่อมต่อ")
    here.toast.locator(".toast-action").click()
    here.shows(build, "pnd_status", "passed")
    expect(here.toast).to_contain_text("บันทึกแล้ว")
    assert failing.keys[0] and failing.keys[0] == failing.keys[1]
    assert colleague("AC00024").record(build)["version"] == before + 1


def test_an_amount_that_could_not_be_saved_stays_in_its_field_and_is_the_same_save_again(
    desk: OpenDesk, colleague: Cast, build: str
) -> None:
    here = desk("AC00024", STATUS)
    here.forgive("ERR_FAILED")
    before = colleague("AC00024").record(build)["version"]
    failing = Failing(here.page, lost)
    editor = here.open_editor(build, "pp30_payment_amount")
    editor.locator("[value=has_payment]").check()
    editor.locator("[name=pp30_payment_amount]").fill("321")
    here.page.keyboard.press("Enter")
    expect(editor.locator(".field-error")).to_contain_text("ขาดการเชื่อมต่อ")
    expect(editor.locator("[name=pp30_payment_amount]")).to_have_value("321")
    here.page.keyboard.press("Enter")
    expect(editor).to_have_count(0)
    here.shows(build, "pp30_payment_amount", "321.00")
    assert failing.keys[0] and failing.keys[0] == failing.keys[1]
    assert colleague("AC00024").record(build)["version"] == before + 1


def test_enter_pressed_twice_saves_once(desk: OpenDesk, colleague: Cast, build: str) -> None:
    here = desk("AC00024", STATUS)
    puts: list[str] = []
    here.page.on("request", lambda asked: puts.append(asked.url) if asked.method == "PUT" else None)
    editor = here.open_editor(build, "pp30_payment_amount")
    editor.locator("[value=has_payment]").check()
    editor.locator("[name=pp30_payment_amount]").fill("5")
    editor.evaluate("form => { form.requestSubmit(); form.requestSubmit() }")
    here.shows(build, "pp30_payment_amount", "5.00")
    assert len(puts) == 1


def test_what_the_rules_refuse_is_said_and_leads_to_the_record(office: Office, desk: OpenDesk, build: str) -> None:
    here = desk("AC00024", STATUS)
    here.forgive("422")
    office.server.query("UPDATE monthly_tax_data SET pnd_3_status = NULL WHERE build = ?", build)
    here.open_editor(build, "pnd_status")
    here.pick("pending_review")
    expect(here.toast).to_contain_text("กรุณาเลือกสถานะสำหรับ")
    here.shows(build, "pnd_status", "draft_ready")
    here.toast.locator(".toast-action").click()
    here.page.wait_for_url(f"**{STATUS}/{build}/*")


def test_a_record_that_is_no_longer_ones_own_is_not_saved(
    office: Office, desk: OpenDesk, colleague: Cast, build: str
) -> None:
    here = desk("AC00024", STATUS)
    here.forgive("404")
    here.open_editor(build, "pnd_status")
    office.server.query("UPDATE monthly_tax_data SET accounting_responsible = 'AC00040' WHERE build = ?", build)
    here.pick("paid")
    expect(here.toast).to_have_class("toast bad")
    assert colleague("AC00008").record(build)["pnd_status"] == "draft_ready"


def test_a_page_that_cannot_be_loaded_leaves_what_is_shown_and_says_so(desk: OpenDesk) -> None:
    here = desk("AC00008", INSPECTION)
    here.forgive("ERR_FAILED")
    before = here.builds()
    here.page.route(f"**{INSPECTION}?*", lambda route: route.abort(), times=1)
    here.page.click("th[data-column=build] a")
    expect(here.toast).to_contain_text("โหลดไม่ได้เพราะขาดการเชื่อมต่อ")
    assert here.builds() == before
    here.toast.locator(".toast-action").click()
    here.until(lambda: here.builds() == before[::-1], "the page to turn")
