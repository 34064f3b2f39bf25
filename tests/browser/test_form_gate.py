"""The gate before the monthly form: what others wrote is read and acknowledged first (domain §10.7)."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.colleague import FILING, INSPECTION, STATUS, Cast
from tests.browser.forms import ACCOUNTANT, INSPECTOR, VAT_FILER, WHT, Form, address, pass_gate
from tests.browser.people import Desk, Office, OpenDesk
from tests.conftest import MONTH


def gated(desk: Desk, build: str) -> bool:
    """Open a form; whether there is something to read first."""
    desk.row(build).locator(".company a").click()
    desk.page.locator("#sheet .build").first.wait_for()
    return bool(desk.page.locator("[data-gate]").count())


@pytest.fixture
def asked(colleague: Cast, record: str) -> str:
    """A record about which the inspector has asked something."""
    colleague(INSPECTOR).save(record, INSPECTION, wht_inquiry="ขอใบแนบ ภ.ง.ด.53")
    return record


def test_what_others_wrote_is_read_before_the_form_opens_in_the_sheet(desk: OpenDesk, asked: str) -> None:
    table = desk(ACCOUNTANT, STATUS)
    assert gated(table, asked)
    gate = table.page.locator("#sheet [data-gate]")
    expect(gate).to_contain_text("ขอใบแนบ ภ.ง.ด.53")
    expect(gate.locator("#gate-word")).to_be_focused()
    expect(gate.locator("form button")).to_be_disabled()
    pass_gate(table.page)
    form = Form(table).is_open()
    assert table.here().startswith(address(STATUS, asked))
    expect(form.article.locator("h1")).to_be_focused()
    form.press("Escape")
    expect(table.row(asked).locator(".company a")).to_be_focused()


def test_a_wrong_word_says_so_and_escape_leaves_the_gate(desk: OpenDesk, asked: str) -> None:
    table = desk(ACCOUNTANT, STATUS)
    table.forgive("422")
    assert gated(table, asked)
    table.page.locator("#gate-word").fill("ok")
    table.page.locator("[data-gate] form").evaluate("form => form.requestSubmit()")
    expect(table.page.locator("#gate-error")).to_contain_text("yes")
    table.page.keyboard.press("Escape")
    expect(table.page.locator("#sheet")).to_be_hidden()
    expect(table.row(asked).locator(".company a")).to_be_focused()


def test_it_is_asked_again_only_after_somebody_else_changed_the_texts(
    desk: OpenDesk, colleague: Cast, asked: str
) -> None:
    table = desk(ACCOUNTANT, STATUS)
    assert gated(table, asked)
    pass_gate(table.page)
    form = Form(table).is_open()
    form.go(WHT)
    form.type("wht_response", "ส่งแล้ว")
    form.save()
    form.press("Escape")
    expect(form.article).to_have_count(0)
    colleague(VAT_FILER).save(asked, FILING, pp30_status="draft_completed")
    assert not gated(table, asked)
    table.page.keyboard.press("Escape")
    expect(table.page.locator("#sheet")).to_be_hidden()
    colleague(INSPECTOR).save(asked, INSPECTION, wht_inquiry="ยังขาดอีกใบ")
    assert gated(table, asked)
    expect(table.page.locator("[data-gate]")).to_contain_text("ยังขาดอีกใบ")


def test_the_gate_of_the_page_of_its_own_opens_the_form_there(office: Office, asked: str) -> None:
    page = office.tab(office.browsers.own(ACCOUNTANT))
    page.page.goto(address(STATUS, asked))
    pass_gate(page.page, "YES")
    form = Form(page).is_open()
    page.state("live")
    expect(form.article.locator("[data-thread=wht_review]")).to_contain_text("ขอใบแนบ")
    assert re.search(rf"/{asked}/{MONTH}$", page.page.url)
