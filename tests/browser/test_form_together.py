"""Several people in one record's forms: each sees what the others save, and nobody's words are lost."""

from __future__ import annotations

import random
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.colleague import INSPECTION, STATUS, Cast
from tests.browser.forms import (
    ANSWER,
    COMMENT,
    HISTORY,
    QUESTION,
    WHT,
    Form,
    asking_nothing,
    deaf,
    over,
    page_of,
)
from tests.browser.house import Server, until
from tests.browser.people import Office, OpenDesk

ACCOUNTANT, INSPECTOR, WHT_FILER, ADMIN = "AC00024", "AC00008", "AC00012", "admin"


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
    expect(form.control("pnd_status")).to_have_value("passed", timeout=40_000)


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


# -- two values for one field ------------------------------------------------------------------------------------------

CHOICES = {"mine": "ของฉัน", "theirs": "ของเขา", "both": "ของเขา\nของฉัน"}


@pytest.mark.parametrize("choice", CHOICES)
def test_of_two_texts_both_are_shown_and_the_choice_does_what_it_says(
    desk: OpenDesk, colleague: Cast, record: str, choice: str
) -> None:
    form = over(desk(ACCOUNTANT, STATUS), record)
    form.go(WHT)
    form.type(ANSWER, "ของฉัน")
    colleague(ADMIN).save(record, STATUS, wht_response="ของเขา")
    clash = form.clash(ANSWER)
    expect(clash.locator(".clash-theirs")).to_have_text("ของเขา")
    expect(clash.locator(".clash-who")).to_contain_text(colleague(ADMIN).record(record)["updated_by_name"])
    expect(clash.locator(".clash-who")).to_contain_text(":")
    expect(form.control(ANSWER)).to_have_value("ของฉัน")
    form.press("Control+s")
    expect(form.desk.toast).to_contain_text("กรุณาเลือกค่าที่จะใช้ก่อนบันทึก")
    clash.locator(f"[data-take={choice}]").click()
    expect(clash).to_have_count(0)
    expect(form.control(ANSWER)).to_be_focused()
    form.save()
    assert colleague(ACCOUNTANT).record(record)[ANSWER] == CHOICES[choice]


def test_a_clash_of_statuses_offers_the_two_and_not_both(desk: OpenDesk, colleague: Cast, record: str) -> None:
    form = over(desk(ACCOUNTANT, STATUS), record)
    form.go(WHT)
    form.choose("pnd_status", "passed")
    colleague(INSPECTOR).save(record, INSPECTION, pnd_status="paid")
    clash = form.clash("pnd_status")
    expect(clash.locator(".clash-theirs .chip")).to_be_visible()
    expect(clash.locator("[data-take=both]")).to_be_hidden()
    clash.locator("[data-take=theirs]").click()
    form.holds("pnd_status", "paid")


def test_who_hears_nothing_learns_of_the_other_value_when_saving(office: Office, colleague: Cast, record: str) -> None:
    form = deaf(office, ACCOUNTANT, record)
    form.go(WHT)
    form.type(ANSWER, "ของฉัน")
    form.type(COMMENT, "ไม่มีใครแตะ")
    colleague(ADMIN).save(record, STATUS, wht_response="ของเขา", pnd_status="passed")
    form.press("Control+s")
    clash = form.clash(ANSWER)
    expect(clash.locator(".clash-theirs")).to_have_text("ของเขา")
    expect(clash.locator(".clash-who")).to_contain_text(colleague(ADMIN).record(record)["updated_by_name"])
    expect(form.control("pnd_status")).to_have_value("passed")
    clash.locator("[data-take=both]").click()
    form.save()
    saved = colleague(ACCOUNTANT).record(record)
    assert (saved[ANSWER], saved[COMMENT], saved["pnd_status"]) == ("ของเขา\nของฉัน", "ไม่มีใครแตะ", "passed")


def test_a_typed_amount_is_not_taken_away_by_a_payment_that_another_denies(
    desk: OpenDesk, colleague: Cast, record: str
) -> None:
    colleague(ACCOUNTANT).save(record, STATUS, pp30_payment_status="has_payment", pp30_payment_amount="100.00")
    form = over(desk(ACCOUNTANT, STATUS), record)
    form.go("vat")
    form.type("pp30_payment_amount", "777")
    colleague(ADMIN).save(record, STATUS, pp30_payment_status="no_payment")
    expect(form.clash("pp30_payment_status")).to_be_visible()
    expect(form.control("pp30_payment_amount")).to_have_value("777")
    for name in ("pp30_payment_status", "pp30_payment_amount"):
        form.clash(name).locator("[data-take=mine]").click()
    form.save()
    saved = colleague(ACCOUNTANT).record(record)
    assert (saved["pp30_payment_status"], saved["pp30_payment_amount"]) == ("has_payment", 777)


class Writer:
    """Somebody who types words into texts of a form, saves now and then, and chooses where there are two values."""

    def __init__(self, form: Form, name: str, dice: random.Random) -> None:
        self.form, self.name, self.dice = form, name, dice
        self.typed: set[str] = set()
        self.dropped: set[str] = set()

    def act(self) -> None:
        self.dice.choice([self.type, self.type, self.type, self.save, self.choose])()

    def type(self) -> None:
        word = f"{self.name}{len(self.typed)}"
        self.form.control(self.dice.choice((ANSWER, COMMENT))).focus()
        self.form.press("Control+End")
        self.form.page.keyboard.type(f" {word}")
        self.typed.add(word)

    def save(self) -> None:
        self.form.press("Control+s")

    def choose(self) -> None:
        """Choose in the first clash, if there is one, and remember what was let go of by choice."""
        theirs, mine, kept = self.form.page.evaluate(
            """(choice) => {
                const clash = document.querySelector(".clash")
                if (!clash) return ["", "", ""]
                const control = clash.closest(".field").querySelector("[name]")
                const [theirs, mine] = [clash.dataset.entry, control.value]
                clash.querySelector(`[data-take=${choice}]`).click()
                return [theirs, mine, control.value]
            }""",
            self.dice.choice(("mine", "theirs", "both", "both")),
        )
        self.dropped |= {*theirs.split(), *mine.split()} - set(kept.split())

    def finish(self) -> bool:
        """Choose and save; whether nothing is left to do."""
        self.choose()
        busy = self.form.article.evaluate("one => one.hasAttribute('data-dirty') || !!one.querySelector('.clash')")
        if busy:
            self.save()
        return not busy


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_no_word_is_ever_lost_without_a_choice(desk: OpenDesk, colleague: Cast, record: str, seed: int) -> None:
    dice = random.Random(seed)
    writers = [
        Writer(over(table, record), name, dice)
        for table, name in ((desk(ACCOUNTANT, STATUS), "a"), (desk(ADMIN, f"{STATUS}?q={record}"), "b"))
    ]
    for writer in writers:
        writer.form.desk.forgive("409")
        writer.form.go(WHT)
    for _ in range(40):
        dice.choice(writers).act()
    until(lambda: not [writer for writer in writers if not writer.finish()], "both to be done")
    saved: dict[str, Any] = colleague(ACCOUNTANT).record(record)
    there = set(f"{saved[ANSWER] or ''} {saved[COMMENT] or ''}".split())
    typed, dropped = ({*writers[0].__dict__[what], *writers[1].__dict__[what]} for what in ("typed", "dropped"))
    assert typed and typed - there <= dropped
    for writer in writers:
        for name in (ANSWER, COMMENT):
            writer.form.holds(name, saved[name] or "")


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
    before = lines.count()
    with asking_nothing(table):
        colleague(ACCOUNTANT).save(record, STATUS, pnd_status="pending_review")
        colleague(INSPECTOR).save(record, INSPECTION, pnd_status="needs_correction", wht_inquiry="ขอใบแนบ")
        form.go(HISTORY)
        expect(lines).to_have_count(before + 2)
    expect(lines.first.locator(".done-by")).to_contain_text("ปกรณ์(กร)")
    form.article.locator("[data-story-filter]").select_option(QUESTION)
    expect(lines.locator("visible=true")).to_have_count(1)
    colleague(INSPECTOR).save(record, INSPECTION, pnd_status="passed")
    expect(lines).to_have_count(before + 3)
    expect(lines.locator("visible=true")).to_have_count(1)
    form.go(WHT)
    expect(thread.locator("[data-current]")).to_contain_text("ขอใบแนบ")
    expect(thread.locator("[data-current] .said-by")).to_contain_text("ปกรณ์(กร)")
    expect(rounds).to_contain_text(f"ส่งตรวจ {sent + 1} ครั้ง")
    expect(rounds).to_contain_text(f"ตรวจคืน {returned + 2} ครั้ง")


def rounds_of(form: Form) -> list[int]:
    """How often the record went to review and came back, as its form says it."""
    said = form.article.locator("[data-rounds=wht] > span:not(.waits)").all_inner_texts()
    return [int("".join(filter(str.isdigit, one))) for one in said] or [0, 0]
