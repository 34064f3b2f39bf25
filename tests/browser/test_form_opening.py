"""The monthly form: opened over the table and as a page of its own, closed, passed through the gate."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.colleague import FILING, INSPECTION, STATUS, Cast
from tests.browser.forms import (
    ACCOUNTANT,
    GENERAL,
    INSPECTOR,
    QUESTION,
    VAT,
    VAT_FILER,
    WHT,
    WHT_FILER,
    Form,
    address,
    blank,
    over,
    page_of,
)
from tests.browser.house import Server
from tests.browser.people import Desk, Office, OpenDesk
from tests.conftest import MONTH

LIST = f"{STATUS}?sort=company_name&order=desc"


def here(desk: Desk) -> str:
    found: str = desk.page.evaluate("location.pathname + location.search")
    return found


def scroll(desk: Desk) -> int:
    found: int = desk.page.evaluate("document.querySelector('.wrap').scrollTop")
    return found


# -- over the table ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("way", ["click", "Enter"])
def test_it_opens_over_the_table_which_stays_as_it_was(desk: OpenDesk, record: str, way: str) -> None:
    table = desk(ACCOUNTANT, LIST)
    table.page.set_viewport_size({"width": 1440, "height": 560})
    link = table.row(record).locator(".company a")
    link.focus()
    table.page.evaluate("document.querySelector('.wrap').scrollTop += 10")
    listed, at = table.rows(), scroll(table)
    assert at > 0
    link.click() if way == "click" else table.page.keyboard.press("Enter")
    form = Form(table).is_open()
    expect(form.article.locator("h1")).to_contain_text(record)
    assert here(table).startswith(f"{address(STATUS, record)}?")
    assert "sort=company_name" in here(table)
    assert (set(table.rows()), scroll(table)) == (set(listed), at)


@pytest.mark.parametrize(
    "close",
    [
        lambda page: page.go_back(),
        lambda page: page.keyboard.press("Escape"),
        lambda page: page.locator(".form-steps [data-close]").click(),
        lambda page: page.locator(".form-foot [data-close]").click(),
    ],
    ids=["back", "Esc", "cross", "cancel"],
)
def test_closing_it_leads_back_to_its_row(desk: OpenDesk, record: str, close: Callable[..., None]) -> None:
    table = desk(ACCOUNTANT, LIST)
    form = over(table, record)
    close(table.page)
    expect(form.article).to_have_count(0)
    expect(table.row(record).locator(".company a")).to_be_focused()
    table.page.wait_for_url(f"**{LIST}")
    assert table.page.locator("#sheet").is_hidden()


def test_forward_opens_it_again(desk: OpenDesk, record: str) -> None:
    table = desk(ACCOUNTANT, STATUS)
    over(table, record)
    table.page.go_back()
    expect(table.page.locator("[data-form]")).to_have_count(0)
    table.page.go_forward()
    expect(Form(table).is_open().article.locator("h1")).to_contain_text(record)


def test_reloaded_it_is_the_same_form_as_a_page_and_back_is_the_table(desk: OpenDesk, record: str) -> None:
    table = desk(ACCOUNTANT, STATUS)
    over(table, record)
    table.page.reload()
    form = Form(table).is_open()
    expect(form.article.locator("h1")).to_contain_text(record)
    expect(table.table).to_have_count(0)
    table.page.go_back()
    table.live()
    expect(form.article).to_have_count(0)


def test_a_shared_link_works_without_the_table_and_leads_to_it(desk: OpenDesk, office: Office, record: str) -> None:
    page = office.tab(office.browsers.own(ACCOUNTANT))
    form = page_of(page, STATUS, record)
    expect(form.tab(GENERAL)).to_have_attribute("aria-selected", "true")
    page.page.keyboard.press("Escape")
    page.live()
    assert here(page).startswith(STATUS)


def test_previous_and_next_go_along_the_filtered_and_sorted_list_over_its_pages(
    desk: OpenDesk, house: Server, record: str
) -> None:
    beyond = desk(ACCOUNTANT, f"{STATUS}?q=บริษัท&order=desc&limit=10&page=2").builds()
    table = desk(ACCOUNTANT, f"{STATUS}?q=บริษัท&order=desc&limit=10")
    listed = table.builds()
    assert listed == sorted(listed, reverse=True) and listed[-1] > beyond[0]
    for build in (*listed, *beyond):
        blank(house, build)
    over(table, listed[-2])
    shown = table.page.locator("#sheet .build")
    for key, build in (("Down", listed[-1]), ("Down", beyond[0]), ("Down", beyond[1]), ("Up", beyond[0])):
        table.page.keyboard.press(f"Alt+Arrow{key}")
        expect(shown).to_have_text(build)
        table.page.wait_for_url(f"**{address(STATUS, build)}?*")
    table.page.go_back()
    expect(table.page.locator("#sheet")).to_be_hidden()
    assert table.builds() == listed


def gated(desk: Desk, build: str) -> bool:
    """Open a form; whether there is something to read first."""
    desk.row(build).locator(".company a").click()
    desk.page.locator("#sheet .build").first.wait_for()
    return bool(desk.page.locator("[data-gate]").count())


def test_it_reads_without_scripts(office: Office, record: str) -> None:
    page = office.tab(office.context(ACCOUNTANT, java_script_enabled=False))
    page.page.goto(address(STATUS, record))
    expect(page.page.locator("h1")).to_contain_text(record)
    page.page.locator("#tab-wht").click()
    for panel in (GENERAL, WHT, VAT):
        expect(page.page.locator(f"#panel-{panel}")).to_be_visible()
    expect(page.page.locator("[data-field=pnd_status] select")).to_have_value("draft_ready")
    expect(page.page.locator(".form-foot button")).to_be_disabled()
    expect(page.page.locator(".notices noscript")).to_be_visible()


# -- who may do what ---------------------------------------------------------------------------------------------------

ROLES = {
    (ACCOUNTANT, STATUS): (
        GENERAL,
        "",
        ("document_status", "pnd_status", "pp30_response"),
        ("pnd_review_returned_date",),
    ),
    (INSPECTOR, INSPECTION): (GENERAL, "", ("pnd_status", QUESTION), ("document_status", "pnd_3_attachment_count")),
    (WHT_FILER, FILING): (
        WHT,
        VAT,
        ("pnd_status", "pnd_3_attachment_count"),
        ("document_status", "pnd_sent_for_review_date"),
    ),
    (VAT_FILER, FILING): (VAT, WHT, ("pp30_status", "pp30_payment_status"), ("document_status", "income_confirmed")),
}


@pytest.mark.parametrize(("username", "page"), ROLES)
def test_each_opens_the_form_of_018_as_their_role_has_it(office: Office, username: str, page: str) -> None:
    start, closed, written, read = ROLES[username, page]
    form = Form(office.tab(office.context(username)))
    form.page.goto(address(page, "018"))
    if form.page.locator("[data-gate]").count():
        pass_gate(form)
    form.is_open()
    expect(form.tab(start)).to_have_attribute("aria-selected", "true")
    for name in written:
        expect(form.control(name)).to_be_enabled()
    for name in read:
        expect(form.field(name).locator(".shown")).to_have_count(1)
        expect(form.control(name)).to_have_count(0)
    for key in (WHT, VAT):
        assert (form.tab(key).get_attribute("data-closed") is not None) == (key == closed), key
    if closed:
        form.go(closed)
        expect(form.page.locator(f"#panel-{closed} .notice")).to_contain_text("ไม่สามารถเข้าถึงแถบ")


# -- the gate ----------------------------------------------------------------------------------------------------------


def pass_gate(form: Form, word: str = "yes") -> None:
    form.page.locator("#gate-word").fill(word)
    form.page.keyboard.press("Enter")


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
    pass_gate(Form(table))
    form = Form(table).is_open()
    assert here(table).startswith(address(STATUS, asked))
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
    pass_gate(Form(table))
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
    pass_gate(Form(page), "YES")
    form = Form(page).is_open()
    page.state("live")
    expect(form.article.locator("[data-thread=wht_review]")).to_contain_text("ขอใบแนบ")
    assert re.search(rf"/{asked}/{MONTH}$", page.page.url)
