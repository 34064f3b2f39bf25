"""Saving the monthly form: what is sent, what is refused and where that is said, what is asked before leaving."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.colleague import FILING, INSPECTION, STATUS, Cast
from tests.browser.forms import (
    ACCOUNTANT,
    ANSWER,
    COMMENT,
    FILED,
    GENERAL,
    INSPECTOR,
    QUESTION,
    VAT,
    VAT_FILER,
    WHT,
    WHT_FILER,
    Form,
    asking_nothing,
    over,
)
from tests.browser.house import Server
from tests.browser.people import OpenDesk

Fields = dict[str, str]
TYPED = {
    ACCOUNTANT: {
        "document_received_date": ("05/06/2569", "2026-06-05"),
        "document_status": ("received", "received"),
        "pnd_status": ("paid", "paid"),
        "pnd_3_status": ("passed", "passed"),
        "pnd_3_attachment_count": ("4", 4),
        "purchase_document_count": ("0", 0),
        "expenses_confirmed": (None, None),
        "pp30_payment_status": ("has_payment", "has_payment"),
        "pp30_payment_amount": ("1,250.5", 1250.5),
        COMMENT: ("ยื่นได้เลย\nบรรทัดสอง", "ยื่นได้เลย\nบรรทัดสอง"),
    },
    INSPECTOR: {"pnd_status": ("needs_correction",) * 2, "pp_36_status": ("passed",) * 2, QUESTION: ("ขอใบแนบ",) * 2},
    WHT_FILER: {"pnd_status": ("paid",) * 2, "pnd_2_attachment_count": ("7", 7), FILED: ("ยื่นแล้ว",) * 2},
    VAT_FILER: {"pp30_status": ("draft_completed",) * 2, "pp30_filing_response": ("ยื่น ภ.พ.30 แล้ว",) * 2},
}
OTHER = "one => [...one.options].find((option) => option.value && !option.disabled && !option.selected).value"
PAGES = {ACCOUNTANT: STATUS, INSPECTOR: INSPECTION, WHT_FILER: FILING, VAT_FILER: FILING}


def enter(form: Form, name: str, value: str | None) -> object:
    """Type or choose; where there is none to name, a choice that is not made yet. What was entered."""
    side = form.control(name).locator("xpath=ancestor::*[@role='tabpanel']").get_attribute("data-tab")
    form.go(str(side))
    if form.control(name).evaluate("one => one.matches('select')"):
        other = form.control(name).evaluate(OTHER)
        form.control(name).select_option(value or other)
    else:
        form.type(name, value or "")
    return value or form.control(name).input_value()


@pytest.mark.parametrize("username", PAGES)
def test_every_kind_of_field_is_saved_and_reaches_other_tables_and_forms_by_itself(
    desk: OpenDesk, colleague: Cast, record: str, username: str
) -> None:
    other, path = (INSPECTOR, INSPECTION) if username != INSPECTOR else (ACCOUNTANT, STATUS)
    mine, table, reader = desk(username, PAGES[username]), desk(other, path), desk(other, path)
    form, read = over(mine, record), over(reader, record)
    wanted = {}
    for name, (typed, stored) in TYPED[username].items():
        entered = enter(form, name, typed)
        wanted[name] = stored if stored is not None else entered
    with asking_nothing(table, reader):
        form.save()
        side = "pp30_status" if username == VAT_FILER else "pnd_status"
        table.shows(record, side, str(wanted[side]))
        read.holds(side, str(wanted[side]))
    saved = colleague(username).record(record)
    assert {name: saved[name] for name in wanted} == wanted
    assert set(form.sent()) == set(wanted)
    mine.shows(record, side, str(wanted[side]))


def test_only_what_was_changed_is_sent_and_a_value_typed_back_is_not(
    desk: OpenDesk, colleague: Cast, record: str
) -> None:
    form = over(desk(ACCOUNTANT, STATUS), record)
    form.choose("document_status", "received")
    form.go(WHT)
    form.choose("pnd_status", "passed")
    form.choose("pnd_status", "draft_ready")
    form.save()
    assert form.sent() == {"document_status": "received"}
    form.press("Control+s")
    expect(form.desk.toast).to_contain_text("บันทึกครบแล้ว")
    assert len(form.puts) == 1


def test_what_is_not_saved_is_marked_at_its_field_counted_on_its_tab_and_below(desk: OpenDesk, record: str) -> None:
    form = over(desk(ACCOUNTANT, STATUS), record)
    form.go(WHT)
    form.type(ANSWER, "ก")
    form.type(COMMENT, "ข")
    form.go(VAT)
    form.choose("pp30_status", "passed")
    for name in (ANSWER, COMMENT, "pp30_status"):
        expect(form.field(name)).to_have_attribute("data-unsaved", "")
    expect(form.tab(WHT).locator(".unsaved")).to_have_text("2")
    expect(form.tab(VAT).locator(".unsaved")).to_have_text("1")
    expect(form.tab(GENERAL).locator(".unsaved")).to_be_hidden()
    expect(form.state).to_contain_text("3")
    form.save()
    expect(form.article.locator("[data-unsaved]")).to_have_count(0)
    expect(form.tab(WHT).locator(".unsaved")).to_be_hidden()


# -- what the rules refuse ---------------------------------------------------------------------------------------------

RULES: dict[str, tuple[Fields, Fields, str, str]] = {
    "all ten forms are chosen": ({"pnd_3_status": ""}, {"pnd_status": "pending_review"}, "pnd_3_status", "ภ.ง.ด.3"),
    "a form in review has sheets": ({}, {"pnd_53_status": "pending_review"}, "pnd_53_attachment_count", "จำนวนใบแนบ"),
    "purchases are counted": ({}, {"purchase_document_count": ""}, "purchase_document_count", "เอกสารภาษีซื้อ"),
    "income is confirmed": ({}, {"income_confirmed": ""}, "income_confirmed", "คอนเฟิร์มรายได้"),
    "a payment has an amount": ({}, {"pp30_payment_status": "has_payment"}, "pp30_payment_amount", "กรุณากรอก"),
    "an amount is above 0": (
        {},
        {"pp30_payment_status": "has_payment", "pp30_payment_amount": "0"},
        "pp30_payment_amount",
        "มากกว่า 0",
    ),
}


@pytest.mark.parametrize("rule", RULES)
def test_what_a_rule_refuses_is_said_at_its_field_whose_tab_opens(
    desk: OpenDesk, house: Server, colleague: Cast, record: str, rule: str
) -> None:
    before, typed, wrong, told = RULES[rule]
    for name in before:
        house.query(f"UPDATE monthly_tax_data SET {name} = NULL WHERE build = ?", record)
    table = desk(ACCOUNTANT, STATUS)
    table.forgive("422")
    form = over(table, record)
    for name, value in typed.items():
        side = VAT if "p30" in name or name in ("purchase_document_count", "income_confirmed") else WHT
        form.go(side)
        form.choose(name, value) if name.endswith(("status", "confirmed")) else form.type(name, value)
    form.go(GENERAL)
    form.press("Control+s")
    expect(form.error(wrong)).to_contain_text(told)
    expect(form.control(wrong)).to_be_focused()
    expect(form.control(wrong)).to_have_attribute("aria-invalid", "true")
    expect(form.tab(side).locator(".wrong")).to_have_text("1")
    for name, value in typed.items():
        expect(form.control(name)).to_have_value(value)
        expect(form.field(name)).to_have_attribute("data-unsaved", "")
    assert colleague(ACCOUNTANT).record(record)["version"] == int(form.puts[-1].post_data_json["version"])


def test_only_review_asks_for_all_ten_forms_and_no_purchases_are_a_number_too(
    desk: OpenDesk, house: Server, colleague: Cast, record: str
) -> None:
    house.query("UPDATE monthly_tax_data SET pnd_3_status = NULL WHERE build = ?", record)
    form = over(desk(ACCOUNTANT, STATUS), record)
    form.go(WHT)
    form.choose("pnd_status", "needs_correction")
    form.go(VAT)
    form.choose("pp30_status", "pending_review")
    form.type("purchase_document_count", "0")
    form.save()
    saved = colleague(ACCOUNTANT).record(record)
    assert (saved["pnd_status"], saved["pp30_status"]) == ("needs_correction", "pending_review")
    assert saved["purchase_document_count"] == 0


def test_an_error_goes_when_its_field_is_mended(desk: OpenDesk, record: str) -> None:
    table = desk(ACCOUNTANT, STATUS)
    table.forgive("422")
    form = over(table, record)
    form.go(VAT)
    form.type("purchase_document_count", "x")
    form.press("Control+s")
    expect(form.error("purchase_document_count")).to_be_visible()
    form.type("purchase_document_count", "12")
    expect(form.error("purchase_document_count")).to_be_hidden()
    expect(form.tab(VAT).locator(".wrong")).to_be_hidden()
    form.save()


# -- one action for many, one field that waits for another -------------------------------------------------------------


@pytest.mark.parametrize("way", ["the rest", "the same"])
def test_many_forms_are_filled_by_one_action_and_just_these_emptied_by_undo(
    desk: OpenDesk, house: Server, record: str, way: str
) -> None:
    house.query("UPDATE monthly_tax_data SET pnd_3_status = NULL, pt_40_status = NULL WHERE build = ?", record)
    form = over(desk(ACCOUNTANT, STATUS), record)
    form.go(WHT)
    form.choose("pnd_2_status", "passed")
    code = "not_submitted" if way == "the rest" else "paid"
    if way == "the rest":
        form.article.locator("[data-fill-with=not_submitted]").click()
    else:
        form.article.locator("[data-fill]").select_option("paid")
    for name in ("pnd_3_status", "pt_40_status"):
        expect(form.control(name)).to_have_value(code)
    expect(form.control("pnd_2_status")).to_have_value("passed")
    expect(form.state).to_contain_text("3")
    form.desk.toast.locator(".toast-action").click()
    for name in ("pnd_3_status", "pt_40_status"):
        expect(form.control(name)).to_have_value("")
    expect(form.control("pnd_2_status")).to_have_value("passed")
    expect(form.state).to_contain_text("1")


def test_an_amount_follows_its_status_and_what_was_typed_comes_back(
    desk: OpenDesk, colleague: Cast, record: str
) -> None:
    form = over(desk(ACCOUNTANT, STATUS), record)
    form.go(VAT)
    amount = form.control("pp30_payment_amount")
    expect(amount).to_be_disabled()
    form.choose("pp30_payment_status", "has_payment")
    amount.fill("77.50")
    form.choose("pp30_payment_status", "no_payment")
    expect(amount).to_be_disabled()
    expect(amount).to_have_value("")
    form.choose("pp30_payment_status", "has_payment")
    expect(amount).to_have_value("77.50")
    form.save()
    form.choose("pp30_payment_status", "no_payment")
    form.save()
    assert form.sent() == {"pp30_payment_status": "no_payment"}
    assert colleague(ACCOUNTANT).record(record)["pp30_payment_amount"] is None
