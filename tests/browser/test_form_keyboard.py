"""The monthly form without a mouse, and without barriers."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from bmu.monthly_tax.fields import FORMS
from tests.browser.colleague import STATUS, Cast
from tests.browser.forms import ACCOUNTANT, ADMIN, ANSWER, GENERAL, HISTORY, VAT, WHT, Form, address, over, page_of
from tests.browser.people import Desk, Office, OpenDesk
from tests.browser.test_for_everybody import AXE, barriers

ORDER = (GENERAL, WHT, VAT, HISTORY)


@pytest.fixture(scope="module")
def axe() -> str:
    return AXE.read_text()


def test_a_record_is_opened_changed_saved_and_left_by_keys_alone(desk: OpenDesk, colleague: Cast, record: str) -> None:
    table = desk(ACCOUNTANT, STATUS)
    form, press = Form(table), table.page.keyboard.press
    table.row(record).locator(".company a").focus()
    press("Enter")
    form.is_open()
    expect(form.article.locator("h1")).to_be_focused()
    press("Control+2")
    for _ in range(12):
        press("Tab")
        if form.control("pnd_status").evaluate("one => one === document.activeElement"):
            break
    expect(form.control("pnd_status")).to_be_focused()
    press("ArrowDown")
    expect(form.control("pnd_status")).to_have_value("needs_correction")
    press("Escape")
    expect(form.question).to_be_visible()
    press("Escape")
    expect(form.question).to_have_count(0)
    expect(form.control("pnd_status")).to_be_focused()
    press("Control+s")
    form.is_saved()
    press("Escape")
    expect(table.row(record).locator(".company a")).to_be_focused()
    assert colleague(ACCOUNTANT).record(record)["pnd_status"] == "needs_correction"


@pytest.mark.parametrize("modifier", ["Control", "Alt"])
def test_a_number_goes_to_its_tab(desk: OpenDesk, record: str, modifier: str) -> None:
    form = over(desk(ACCOUNTANT, STATUS), record)
    for number, key in reversed(list(enumerate(ORDER, 1))):
        form.press(f"{modifier}+{number}")
        expect(form.tab(key)).to_have_attribute("aria-selected", "true")
        expect(form.page.locator("[role=tabpanel]:visible")).to_have_attribute("data-tab", key)


def test_arrows_go_round_the_tabs_and_only_the_chosen_one_is_in_the_way_of_tab(desk: OpenDesk, record: str) -> None:
    form = over(desk(ACCOUNTANT, STATUS), record)
    form.tab(GENERAL).focus()
    for key in (*ORDER[1:], GENERAL):
        form.press("ArrowRight")
        expect(form.tab(key)).to_be_focused()
        expect(form.tab(key)).to_have_attribute("aria-selected", "true")
        expect(form.article.locator("[role=tab]:not([tabindex='-1'])")).to_have_count(1)
    form.press("ArrowLeft")
    expect(form.tab(HISTORY)).to_be_focused()


def test_up_and_down_walk_through_the_counts_of_the_ten_forms(desk: OpenDesk, record: str) -> None:
    form = over(desk(ACCOUNTANT, STATUS), record)
    form.go(WHT)
    counts = [f"{one}_attachment_count" for one in FORMS]
    form.control(counts[0]).focus()
    for number, name in enumerate(counts):
        expect(form.control(name)).to_be_focused()
        form.page.keyboard.type(str(number))
        form.press("Enter" if number % 2 else "ArrowDown")
    form.press("ArrowUp")
    expect(form.control(counts[-2])).to_be_focused()
    form.page.keyboard.type("88")
    expect(form.control(counts[-2])).to_have_value("88")
    assert not form.puts


def test_keys_of_the_table_are_letters_in_the_form(desk: OpenDesk, record: str) -> None:
    form = over(desk(ACCOUNTANT, STATUS), record)
    form.go(WHT)
    form.control(ANSWER).focus()
    form.page.keyboard.type("s/ห ")
    expect(form.control(ANSWER)).to_have_value("s/ห ")
    expect(form.page.locator(".editor")).to_have_count(0)


# -- barriers ----------------------------------------------------------------------------------------------------------


def fill_with_trouble(form: Form, colleague: Cast, record: str) -> None:
    """Something unsaved, something wrong, and a field with two values."""
    form.desk.forgive("422")
    form.go(VAT)
    form.type("purchase_document_count", "x")
    form.press("Control+s")
    expect(form.error("purchase_document_count")).to_be_visible()
    form.go(WHT)
    form.type(ANSWER, "ของฉัน")
    colleague(ADMIN).save(record, STATUS, wht_response="ของเขา")
    expect(form.clash(ANSWER)).to_be_visible()


@pytest.mark.parametrize("place", ["sheet", "page"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_state_of_the_form_has_a_barrier(
    office: Office,
    axe: str,
    colleague: Cast,
    record: str,
    scheme: str,
    place: str,
) -> None:
    here = office.tab(office.context(ACCOUNTANT, color_scheme=scheme, reduced_motion="reduce"))
    form = fresh(here, record, place)
    found: dict[str, list[str]] = {}
    for key in ORDER:
        form.go(key)
        found[key] = barriers(here.page, axe)
    fill_with_trouble(form, colleague, record)
    for key in (WHT, VAT):
        form.go(key)
        found[f"{key} in trouble"] = barriers(here.page, axe)
    form.press("Escape")
    expect(form.question).to_be_visible()
    found["question"] = barriers(here.page, axe)
    form.answer("discard")
    here.page.goto(address(STATUS, record))
    expect(here.page.locator("[data-gate]")).to_be_visible()
    found["gate"] = barriers(here.page, axe)
    assert not any(found.values()), found


def fresh(here: Desk, record: str, place: str) -> Form:
    if place == "page":
        return page_of(here, STATUS, record)
    here.page.goto(STATUS)
    return over(here.live(), record)
