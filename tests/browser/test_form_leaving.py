"""The monthly form asks before something unsaved is left, and keeps it where a save fails."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Route, expect

from tests.browser.colleague import STATUS, Cast
from tests.browser.forms import ACCOUNTANT, ANSWER, VAT, WHT, Form, deaf, over, page_of
from tests.browser.people import Office, OpenDesk


def leave_by_row(form: Form) -> None:
    form.desk.table.evaluate("table => table.querySelector('tbody tr:not([data-open]) .company a').click()")


WAYS: dict[str, Callable[[Form], object]] = {
    "Esc": lambda form: form.press("Escape"),
    "cross": lambda form: form.article.locator(".form-steps [data-close]").click(),
    "back": lambda form: form.page.go_back(),
    "next": lambda form: form.article.locator("[data-step]").first.click(),
    "another row": leave_by_row,
}


@pytest.mark.parametrize("way", WAYS)
def test_leaving_asks_and_the_three_answers_do_what_they_say(
    desk: OpenDesk, colleague: Cast, record: str, way: str
) -> None:
    table = desk(ACCOUNTANT, STATUS)
    form = over(table, record)
    form.go(WHT)
    form.type(ANSWER, "ค้างไว้")
    url = form.page.url
    WAYS[way](form)
    expect(form.question).to_contain_text("1")
    form.answer("stay")
    expect(form.control(ANSWER)).to_have_value("ค้างไว้")
    assert form.page.url == url
    WAYS[way](form)
    form.answer("discard")
    expect(form.article.get_by_text(record, exact=True)).to_have_count(0)
    assert colleague(ACCOUNTANT).record(record)[ANSWER] is None


def test_leaving_can_save_first_and_stays_where_it_cannot(desk: OpenDesk, colleague: Cast, record: str) -> None:
    table = desk(ACCOUNTANT, STATUS)
    table.forgive("422")
    form = over(table, record)
    form.go(VAT)
    form.type("purchase_document_count", "x")
    form.press("Escape")
    form.answer("save")
    expect(form.error("purchase_document_count")).to_be_visible()
    form.type("purchase_document_count", "8")
    form.press("Escape")
    form.answer("save")
    expect(form.article).to_have_count(0)
    assert colleague(ACCOUNTANT).record(record)["purchase_document_count"] == 8
    over(table, record)
    form.press("Escape")
    expect(form.article).to_have_count(0)


@pytest.mark.parametrize("own_page", [False, True], ids=["sheet", "page"])
def test_closing_the_tab_asks_the_browsers_way(office: Office, record: str, own_page: bool) -> None:
    here = office.tab(office.context(ACCOUNTANT)) if own_page else office.desk(ACCOUNTANT, STATUS, alone=True)
    form = page_of(here, STATUS, record) if own_page else over(here, record)
    asked: list[str] = []
    here.page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    form.choose("document_status", "received")
    here.page.close(run_before_unload=True)
    here.until(lambda: asked == ["beforeunload"], "the browser to ask")
    expect(form.control("document_status")).to_have_value("received")


def test_on_its_own_page_leaving_asks_too(office: Office, record: str) -> None:
    form = page_of(office.tab(office.context(ACCOUNTANT)), STATUS, record)
    form.choose("document_status", "received")
    form.press("Escape")
    form.answer("stay")
    form.press("Alt+ArrowDown") if form.article.locator("[rel=next]").count() else form.press("Alt+ArrowUp")
    form.answer("discard")
    expect(form.article.get_by_text(record, exact=True)).to_have_count(0)


def lost(route: Route) -> None:
    """The save arrives; its answer does not."""
    route.fetch()
    route.abort()


@pytest.mark.parametrize("fate", [Route.abort, lost], ids=["the request is lost", "the answer is lost"])
def test_a_save_that_fails_is_said_kept_and_tried_again_as_the_same(
    office: Office, colleague: Cast, record: str, fate: Callable[[Route], None]
) -> None:
    form = deaf(office, ACCOUNTANT, record)
    before = colleague(ACCOUNTANT).record(record)["version"]
    form.page.route("**/api/monthly-tax-data/*", lambda route: fate(route), times=1)
    form.choose("document_status", "received")
    form.press("Control+s")
    expect(form.desk.toast).to_contain_text("เก็บสิ่งที่พิมพ์ไว้ในเครื่องนี้แล้ว")
    assert "received" in form.page.evaluate("JSON.stringify(localStorage)")
    form.keeps("document_status", "received")
    form.desk.toast.locator(".toast-action").click()
    form.is_saved()
    keys = [put.headers["idempotency-key"] for put in form.puts]
    assert len(keys) == 2 and keys[0] == keys[1]
    assert colleague(ACCOUNTANT).record(record)["version"] == before + 1
    assert form.page.evaluate("localStorage.length") == 0
