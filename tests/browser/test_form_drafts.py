"""What was typed into the monthly form and not saved: kept in the browser, offered again, gone when it should be."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.colleague import STATUS, Cast
from tests.browser.forms import ACCOUNTANT, ADMIN, ANSWER, WHT, Form, again, over, page_of
from tests.browser.people import Desk, Office, OpenDesk

KEPT = "JSON.stringify(localStorage)"


def typed(desk: Desk, build: str, text: str = "พิมพ์ค้างไว้") -> Form:
    """A form with a text that is not saved, but kept."""
    form = over(desk, build)
    form.go(WHT)
    form.type(ANSWER, text)
    kept(desk, text)
    return form


def kept(desk: Desk, text: str) -> None:
    desk.until(lambda: text in desk.page.evaluate(KEPT), "the draft to be kept")


@pytest.fixture
def left(office: Office, record: str) -> Desk:
    """A table in a browser in whose other tab, closed since, something was typed and not saved."""
    first = office.desk(ACCOUNTANT, STATUS, alone=True)
    typed(first, record)
    here = office.tab(first.page.context)
    first.page.close()
    here.page.goto(STATUS)
    return here.live()


def test_what_was_typed_in_a_tab_that_was_closed_is_offered_and_put_back(
    left: Desk, colleague: Cast, record: str
) -> None:
    form = again(left, record)
    expect(form.draft).to_be_visible()
    expect(form.draft).to_contain_text("1")
    expect(form.control(ANSWER)).to_have_value("")
    form.draft.locator("[data-action=restore]").click()
    form.keeps(ANSWER, "พิมพ์ค้างไว้")
    expect(form.draft).to_be_hidden()
    expect(form.tab(WHT).locator(".unsaved")).to_have_text("1")
    form.save()
    assert colleague(ACCOUNTANT).record(record)[ANSWER] == "พิมพ์ค้างไว้"
    assert left.page.evaluate("localStorage.length") == 0


def test_a_page_of_its_own_offers_it_too(left: Desk, record: str) -> None:
    form = page_of(left, STATUS, record)
    form.draft.locator("[data-action=restore]").click()
    form.keeps(ANSWER, "พิมพ์ค้างไว้")


def test_a_draft_that_is_thrown_away_is_not_offered_again(left: Desk, record: str) -> None:
    form = again(left, record)
    form.draft.locator("[data-action=forget]").click()
    expect(form.draft).to_be_hidden()
    form.press("Escape")
    expect(form.article).to_have_count(0)
    expect(again(left, record).draft).to_be_hidden()


def test_a_draft_nobody_has_decided_about_outlives_what_is_typed_and_saved_beside_it(left: Desk, record: str) -> None:
    form = again(left, record)
    form.choose("document_status", "received")
    kept(left, "received")
    form.save()
    expect(form.draft).to_be_visible()
    form.press("Escape")
    expect(form.article).to_have_count(0)
    form = again(left, record)
    form.draft.locator("[data-action=restore]").click()
    form.keeps(ANSWER, "พิมพ์ค้างไว้")
    form.holds("document_status", "received")


def test_a_draft_whose_field_moved_on_shows_both_values(left: Desk, colleague: Cast, record: str) -> None:
    colleague(ADMIN).save(record, STATUS, wht_response="เขียนทับแล้ว")
    left.row(record).locator(".company a").click()
    left.page.locator("#gate-word").fill("yes")
    left.page.keyboard.press("Enter")
    form = Form(left).is_open()
    form.draft.locator("[data-action=restore]").click()
    form.go(WHT)
    expect(form.control(ANSWER)).to_have_value("พิมพ์ค้างไว้")
    clash = form.clash(ANSWER)
    expect(clash.locator(".clash-theirs")).to_have_text("เขียนทับแล้ว")
    clash.locator("[data-take=both]").click()
    form.save()
    assert colleague(ACCOUNTANT).record(record)[ANSWER] == "เขียนทับแล้ว\nพิมพ์ค้างไว้"


def test_a_draft_of_an_amount_comes_back_with_its_status(office: Office, record: str) -> None:
    table = office.desk(ACCOUNTANT, STATUS, alone=True)
    form = over(table, record)
    form.go("vat")
    form.choose("pp30_payment_status", "has_payment")
    form.type("pp30_payment_amount", "55.25")
    kept(table, "55.25")
    table.page.once("dialog", lambda dialog: dialog.accept())
    table.page.reload()
    form = Form(table).is_open()
    form.draft.locator("[data-action=restore]").click()
    form.keeps("pp30_payment_status", "has_payment")
    form.keeps("pp30_payment_amount", "55.25")


def test_discarding_forgets_at_once(desk: OpenDesk, record: str) -> None:
    table = desk(ACCOUNTANT, STATUS)
    form = typed(table, record)
    form.press("Escape")
    form.answer("discard")
    expect(form.article).to_have_count(0)
    assert "พิมพ์ค้างไว้" not in table.page.evaluate(KEPT)


@pytest.mark.parametrize("own_page", [False, True], ids=["sheet", "page"])
def test_signing_out_leaves_no_draft_behind(office: Office, record: str, own_page: bool) -> None:
    context = office.context(ACCOUNTANT, fresh=True)
    here = office.tab(context)
    if own_page:
        form = page_of(here, STATUS, record)
        form.go(WHT)
        form.type(ANSWER, "ความลับของลูกค้า")
        kept(here, "ความลับของลูกค้า")
    else:
        here.page.goto(STATUS)
        form = typed(here.live(), record, "ความลับของลูกค้า")
    here.page.once("dialog", lambda dialog: dialog.accept())
    here.page.locator("form[action$='/logout']").evaluate("form => form.requestSubmit()")
    here.page.wait_for_url("**/login**")
    assert "ความลับของลูกค้า" not in here.page.evaluate(KEPT)


def test_nobody_is_offered_what_another_typed_in_the_same_browser(office: Office, left: Desk, record: str) -> None:
    mine = left.page.evaluate("({ ...localStorage })")
    assert mine
    other = office.desk(ADMIN, f"{STATUS}?q={record}", alone=True)
    other.page.evaluate("kept => Object.assign(localStorage, kept)", mine)
    expect(again(other, record).draft).to_be_hidden()
    assert other.page.evaluate("localStorage.length") == 0
