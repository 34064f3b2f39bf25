"""Several people at the same records: nobody's typing is lost, nobody's work is overwritten, nobody hears too much."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.colleague import FILING, INSPECTION, STATUS, Cast
from tests.browser.house import Server
from tests.browser.line import Line
from tests.browser.people import Office, OpenDesk
from tests.conftest import MONTH


def test_a_half_typed_search_survives_a_change_by_somebody_else(desk: OpenDesk, colleague: Cast, build: str) -> None:
    here = desk("AC00024", STATUS)
    search = here.page.locator("#q")
    search.press_sequentially("บริษ")
    colleague("AC00008").save(build, INSPECTION, pnd_status="passed")
    here.shows(build, "pnd_status", "passed")
    expect(search).to_have_value("บริษ")
    expect(search).to_be_focused()


def test_a_half_typed_amount_survives_and_the_other_amount_is_told(desk: OpenDesk, colleague: Cast, build: str) -> None:
    here = desk("AC00024", STATUS)
    editor = here.open_editor(build, "pp30_payment_status")
    editor.locator("[value=has_payment]").check()
    amount = editor.locator("[name=pp30_payment_amount]")
    amount.press_sequentially("12")
    colleague("AC00015").save(build, FILING, pp30_payment_status="has_payment", pp30_payment_amount="500.00")
    expect(editor.locator(".editor-title[data-other]")).to_be_attached()
    expect(amount).to_have_value("12")
    expect(amount).to_be_focused()
    here.shows(build, "pp30_payment_status", "no_payment")
    here.page.keyboard.press("Escape")
    here.shows(build, "pp30_payment_amount", "500.00")


def test_an_open_editor_holds_back_its_own_field_only(desk: OpenDesk, colleague: Cast, build: str) -> None:
    here = desk("AC00024", STATUS)
    editor = here.open_editor(build, "pnd_status")
    colleague("AC00008").save(build, INSPECTION, pp30_status="passed")
    here.shows(build, "pp30_status", "passed")
    expect(editor.locator(".editor-title")).not_to_have_attribute("data-other", "")
    assert editor.locator(".editor-title[data-other]").count() == 0


def test_two_people_change_two_fields_of_a_record_and_both_stay(desk: OpenDesk, colleague: Cast, build: str) -> None:
    here = desk("AC00024", STATUS)
    here.open_editor(build, "pnd_status")
    colleague("AC00008").save(build, INSPECTION, pp30_status="passed")
    here.shows(build, "pp30_status", "passed")
    here.pick("sent_to_customer")
    here.shows(build, "pnd_status", "sent_to_customer")
    saved = colleague("AC00024").record(build)
    assert (saved["pnd_status"], saved["pp30_status"]) == ("sent_to_customer", "passed")


@pytest.mark.parametrize(("answer", "kept"), [("theirs", "passed"), ("mine", "needs_correction")])
def test_of_two_values_for_one_field_the_second_person_chooses(
    desk: OpenDesk, colleague: Cast, build: str, answer: str, kept: str
) -> None:
    here = desk("AC00024", STATUS)
    here.forgive("409")
    editor = here.open_editor(build, "pnd_status")
    colleague("AC00008").save(build, INSPECTION, pnd_status="passed")
    expect(editor.locator(".editor-title[data-other]")).to_be_attached()
    here.pick("needs_correction")
    dialog = here.page.get_by_role("dialog")
    expect(dialog.locator(".yours")).to_have_text("แก้ไข")
    expect(dialog.locator(".theirs")).to_have_text("ผ่าน")
    expect(dialog.locator(".conflict-who")).to_contain_text("ปกรณ์(กร)")
    assert colleague("AC00024").record(build)["pnd_status"] == "passed"
    dialog.locator(f"[data-action={answer}]").click()
    here.shows(build, "pnd_status", kept)
    expect(here.cell(build, "pnd_status").locator("button")).to_be_focused()
    assert colleague("AC00024").record(build)["pnd_status"] == kept


def test_a_page_that_hears_nothing_still_learns_the_other_value_of_a_conflict(
    office: Office, line: Line, colleague: Cast, build: str
) -> None:
    line.websockets = "refuse"
    here = office.tab(office.context("AC00024", base_url=line.url))
    here.forgive("409", "ERR_FAILED", "WebSocket")
    for deaf in ("**/socket.io/**", "**/changes?*"):
        here.page.route(deaf, lambda route: route.abort())
    here.page.goto(STATUS)
    here.state("reconnecting")
    colleague("AC00008").save(build, INSPECTION, pnd_status="passed")
    here.open_editor(build, "pnd_status")
    here.pick("needs_correction")
    here.page.locator("dialog [data-action=theirs]").click()
    here.shows(build, "pnd_status", "passed")
    assert here.rows()[build] == here.fresh_rows()[build]


def test_in_a_conflict_about_one_field_the_rest_of_the_save_is_kept(
    desk: OpenDesk, colleague: Cast, build: str
) -> None:
    colleague("AC00024").save(build, STATUS, pp30_payment_status="has_payment", pp30_payment_amount="100.00")
    here = desk("AC00024", STATUS)
    here.forgive("409")
    editor = here.open_editor(build, "pp30_payment_amount")
    editor.locator("[name=pp30_payment_amount]").fill("250")
    colleague("AC00015").save(build, FILING, pp30_payment_amount="300.00")
    expect(editor.locator(".editor-title[data-other]")).to_be_attached()
    here.page.keyboard.press("Enter")
    dialog = here.page.get_by_role("dialog").locator("visible=true")
    expect(dialog.locator(".theirs")).to_have_text("300")
    dialog.locator("[data-action=mine]").click()
    here.shows(build, "pp30_payment_amount", "250.00")


def test_a_person_with_two_roles_on_a_record_gets_one_message(
    office: Office, colleague: Cast, house: Server, build: str
) -> None:
    seen = colleague("AC00024").record(build)
    house.query("UPDATE monthly_tax_data SET document_entry_responsible = 'AC00024' WHERE id = ?", seen["id"])
    here = office.tab(office.browsers.own("AC00024"))
    heard = here.frames()
    here.page.goto(STATUS)
    here.live()
    for status in ("passed", "paid"):
        colleague("AC00008").save(build, INSPECTION, pnd_status=status)
        here.shows(build, "pnd_status", status)
    updates = [frame for frame in heard if "monthly-tax-data:updated" in frame and seen["id"] in frame]
    assert len(updates) == 2


def test_a_reassigned_record_leaves_one_screen_and_is_offered_on_the_other(
    desk: OpenDesk, house: Server, build: str
) -> None:
    here, there = desk("AC00024", STATUS), desk("AC00040", STATUS)
    house.flask("month", "assign", build, str(MONTH), "accounting_responsible", "AC00040")
    expect(here.row(build)).to_have_count(0)
    expect(here.toast).to_contain_text(build)
    expect(there.news).to_contain_text("มีรายการใหม่ 1 รายการ")
    expect(there.row(build)).to_have_count(0)
    there.news.click()
    expect(there.row(build)).to_have_count(1)
    expect(there.page.locator("#news")).to_be_hidden()
    assert here.rows() == here.fresh_rows()


def test_a_stranger_sees_neither_row_nor_message(office: Office, colleague: Cast, build: str) -> None:
    colleague_desk, stranger = office.desk("AC00008", INSPECTION), office.tab(office.browsers.own("AC00040"))
    heard = stranger.frames()
    stranger.page.goto(STATUS)
    stranger.live()
    colleague("AC00024").save(build, STATUS, pnd_status="paid")
    colleague_desk.shows(build, "pnd_status", "paid")
    strange = colleague("AC00024").record(build)["id"]
    own = colleague("AC00040").call("GET", "", params={"year": MONTH.year, "month": MONTH.month})["data"][0]
    colleague("AC00040").save(own["build"], STATUS, pnd_status="paid" if own["pnd_status"] != "paid" else "passed")
    stranger.until(lambda: any(own["id"] in frame for frame in heard), "her own record's message")
    assert not any(strange in frame for frame in heard)
    assert stranger.row(build).count() == 0


def test_the_five_see_one_record_from_three_angles(desk: OpenDesk, colleague: Cast, build: str) -> None:
    desks = [desk("AC00024", STATUS), desk("AC00008", INSPECTION), desk("AC00012", FILING)]
    colleague("AC00015").save(build, FILING, pp30_status="draft_completed")
    for one in desks:
        one.shows(build, "pp30_status", "draft_completed")
        assert one.rows()[build] == one.fresh_rows()[build]
