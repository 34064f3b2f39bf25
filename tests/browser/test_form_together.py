"""Several people in one record's forms: each sees what the others save, and nobody's words are lost."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Route, expect

from tests.browser.colleague import INSPECTION, STATUS, Cast
from tests.browser.forms import (
    ACCOUNTANT,
    ANSWER,
    COMMENT,
    HISTORY,
    INSPECTOR,
    QUESTION,
    WHT,
    Form,
    asking_nothing,
    deaf,
    over,
    page_of,
)
from tests.browser.house import Server
from tests.browser.people import Office, OpenDesk

# -- what others save --------------------------------------------------------------------------------------------------


def test_anothers_save_changes_untouched_fields_in_place_and_says_so(
    desk: OpenDesk, colleague: Cast, record: str
) -> None:
    table = desk(ACCOUNTANT, STATUS)
    form = over(table, record)
    form.go(WHT)
    form.type(COMMENT, "กำลังพิมพ์")
    with asking_nothing(table):
        colleague(INSPECTOR).save(record, INSPECTION, pnd_status="needs_correction", wht_inquiry="แก้แบบ 53")
        form.holds("pnd_status", "needs_correction")
        expect(form.article.locator("[data-thread=wht_review]")).to_contain_text("แก้แบบ 53")
        expect(table.page.locator(".toast", has_text="ปกรณ์(กร) บันทึกรายการนี้")).to_be_visible()
    expect(form.article.locator("[data-part=updated] b")).to_have_text("ปกรณ์(กร)")
    expect(form.control(COMMENT)).to_be_focused()
    form.keeps(COMMENT, "กำลังพิมพ์")
    expect(form.article.locator(".clash")).to_have_count(0)


def test_a_page_of_its_own_hears_too_also_after_its_line_was_cut(office: Office, colleague: Cast, record: str) -> None:
    form = page_of(office.tab(office.context(ACCOUNTANT)), STATUS, record)
    form.go(WHT)
    with asking_nothing(form.desk):
        colleague(INSPECTOR).save(record, INSPECTION, pnd_status="passed")
        form.holds("pnd_status", "passed")
    form.page.context.set_offline(True)
    form.desk.state("offline")
    colleague(INSPECTOR).save(record, INSPECTION, pnd_status="paid")
    form.page.context.set_offline(False)
    form.holds("pnd_status", "paid")
    form.desk.state("live")
    colleague(INSPECTOR).save(record, INSPECTION, pnd_status="passed")
    form.holds("pnd_status", "passed")
    form.desk.forgive("ERR_", "WebSocket")


def test_where_no_socket_passes_the_form_asks_for_what_is_new(office: Office, colleague: Cast, record: str) -> None:
    form = deaf(office, ACCOUNTANT, record, slow=True)
    form.go(WHT)
    colleague(INSPECTOR).save(record, INSPECTION, pnd_status="passed")
    form.desk.let_pass(20)
    expect(form.control("pnd_status")).to_have_value("passed")


def test_ones_own_save_in_another_tab_and_the_same_person_twice_agree(desk: OpenDesk, record: str) -> None:
    one, two = over(desk(ACCOUNTANT, STATUS), record), over(desk(ACCOUNTANT, STATUS), record)
    for form in (one, two):
        form.go(WHT)
    two.type(COMMENT, "อีกแท็บหนึ่ง")
    one.type(ANSWER, "จากแท็บแรก")
    one.save()
    two.holds(ANSWER, "จากแท็บแรก")
    two.keeps(COMMENT, "อีกแท็บหนึ่ง")
    expect(two.article.locator(".clash")).to_have_count(0)
    two.save()
    one.holds(COMMENT, "อีกแท็บหนึ่ง")


def test_whoever_types_on_while_saving_meets_no_other_value(desk: OpenDesk, colleague: Cast, record: str) -> None:
    form = over(desk(ACCOUNTANT, STATUS), record)
    form.go(WHT)
    form.type(ANSWER, "หนึ่ง")
    form.page.route(
        "**/api/monthly-tax-data/*", lambda route: (form.control(ANSWER).fill("หนึ่ง สอง"), route.continue_())
    )
    form.press("Control+s")
    expect(form.desk.toast).to_contain_text("บันทึกแล้ว")
    form.keeps(ANSWER, "หนึ่ง สอง")
    expect(form.article.locator(".clash")).to_have_count(0)
    form.save()
    assert colleague(ACCOUNTANT).record(record)[ANSWER] == "หนึ่ง สอง"


def test_what_the_same_person_saves_elsewhere_is_not_taken_for_the_save_under_way(
    desk: OpenDesk, colleague: Cast, record: str
) -> None:
    form = while_saving(
        desk, record, lambda: colleague(ACCOUNTANT).save(record, STATUS, wht_submission_comment="อีกแท็บ")
    )
    form.holds(COMMENT, "อีกแท็บ")
    form.holds(ANSWER, "หนึ่ง")
    assert colleague(ACCOUNTANT).record(record)[ANSWER] == "หนึ่ง"


def test_of_two_texts_that_one_person_saves_in_two_tabs_both_are_shown(
    desk: OpenDesk, colleague: Cast, record: str
) -> None:
    form = while_saving(desk, record, lambda: colleague(ACCOUNTANT).save(record, STATUS, wht_response="อีกแท็บ"))
    expect(form.clash(ANSWER).locator(".clash-theirs")).to_have_text("อีกแท็บ")
    expect(form.control(ANSWER)).to_have_value("หนึ่ง")


def while_saving(desk: OpenDesk, record: str, happens: Callable[[], object]) -> Form:
    """An accountant's form whose save is held on its way until what `happens` has reached the page."""
    form = over(desk(ACCOUNTANT, STATUS), record)
    form.desk.forgive("409")
    form.go(WHT)
    form.type(ANSWER, "หนึ่ง")

    def hold(route: Route) -> None:
        before = form.desk.row(record).get_attribute("data-version")
        happens()
        expect(form.desk.row(record)).not_to_have_attribute("data-version", before or "")
        form.page.wait_for_timeout(300)  # the form is told after the row
        route.continue_()

    form.page.route("**/api/monthly-tax-data/*", hold, times=1)
    form.press("Control+s")
    expect(form.state).not_to_contain_text("กำลังบันทึก")
    return form


# -- whose record it is ------------------------------------------------------------------------------------------------


def test_a_record_taken_away_is_said_and_what_was_typed_stays_to_be_copied(
    desk: OpenDesk, house: Server, colleague: Cast, record: str
) -> None:
    table = desk(ACCOUNTANT, STATUS)
    table.forgive("404")
    form = over(table, record)
    form.go(WHT)
    form.type(ANSWER, "ยังไม่ได้บันทึก")
    house.hand_over(record, "accounting_responsible", "AC00040")
    expect(form.article.locator("[data-lost]")).to_be_visible()
    expect(form.article.locator(".form-foot button")).to_be_disabled()
    expect(form.control(ANSWER)).to_have_value("ยังไม่ได้บันทึก")
    form.press("Control+s")
    expect(form.control(ANSWER)).to_have_value("ยังไม่ได้บันทึก")
    assert colleague(INSPECTOR).record(record)[ANSWER] is None


def test_losing_and_gaining_responsibility_draws_the_form_anew_and_keeps_what_was_typed(
    desk: OpenDesk, house: Server, record: str
) -> None:
    table = desk(INSPECTOR, f"{INSPECTION}?scope=all")
    form = over(table, record)
    form.go(WHT)
    form.type(QUESTION, "คำถามค้างไว้")
    house.hand_over(record, "tax_inspection_responsible", "AC00003")
    expect(form.control(QUESTION)).to_have_count(0)
    expect(form.article.locator("[data-orphans]")).to_contain_text("คำถามค้างไว้")
    expect(form.tab(WHT)).to_have_attribute("aria-selected", "true")
    house.hand_over(record, "tax_inspection_responsible", INSPECTOR)
    expect(form.control(QUESTION)).to_be_visible()
    form.keeps(QUESTION, "คำถามค้างไว้")


# -- the story ---------------------------------------------------------------------------------------------------------


def test_history_threads_and_rounds_grow_while_one_looks(desk: OpenDesk, colleague: Cast, record: str) -> None:
    table = desk(ACCOUNTANT, STATUS)
    form = over(table, record)
    rounds, thread = form.article.locator("[data-rounds=wht]"), form.article.locator("[data-thread=wht_review]")
    form.go(WHT)
    sent, returned = rounds_of(form)
    lines = form.article.locator("[data-history] > li")
    before, asked = lines.count(), questions(form)
    with asking_nothing(table):
        colleague(ACCOUNTANT).save(record, STATUS, pnd_status="pending_review")
        colleague(INSPECTOR).save(record, INSPECTION, pnd_status="needs_correction", wht_inquiry="ขอใบแนบ")
        form.go(HISTORY)
        expect(lines).to_have_count(before + 2)
    expect(lines.first.locator(".done-by")).to_contain_text("ปกรณ์(กร)")
    form.article.locator("[data-story-filter]").select_option(QUESTION)
    expect(lines.locator("visible=true")).to_have_count(asked + 1)
    colleague(INSPECTOR).save(record, INSPECTION, pnd_status="passed")
    expect(lines).to_have_count(before + 3)
    expect(lines.locator("visible=true")).to_have_count(asked + 1)
    form.go(WHT)
    expect(thread.locator("[data-current]")).to_contain_text("ขอใบแนบ")
    expect(thread.locator("[data-current] .said-by")).to_contain_text("ปกรณ์(กร)")
    expect(rounds).to_contain_text(f"ส่งตรวจ {sent + 1} ครั้ง")
    expect(rounds).to_contain_text(f"ตรวจคืน {returned + 2} ครั้ง")


def questions(form: Form) -> int:
    """How many lines of the history tell of a question."""
    form.go(HISTORY)
    which = form.article.locator("[data-story-filter]")
    if not which.locator(f"[value={QUESTION}]").count():
        return 0
    which.select_option(QUESTION)
    found = form.article.locator("[data-history] > li").locator("visible=true").count()
    which.select_option("")
    return found


def rounds_of(form: Form) -> list[int]:
    """How often the record went to review and came back, as its form says it."""
    said = form.article.locator("[data-rounds=wht] > span:not(.waits)").all_inner_texts()
    return [int("".join(filter(str.isdigit, one))) for one in said] or [0, 0]
