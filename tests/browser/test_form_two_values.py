"""Two values for one field of the monthly form: both are shown, a person chooses, no word is lost."""

from __future__ import annotations

import random
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.colleague import INSPECTION, STATUS, Cast
from tests.browser.forms import ACCOUNTANT, ADMIN, ANSWER, COMMENT, INSPECTOR, WHT, Form, deaf, over
from tests.browser.house import until
from tests.browser.people import Office, OpenDesk

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
        self.did: list[str] = []  # in order: what a failure shows

    def act(self) -> None:
        self.dice.choice([self.type, self.type, self.type, self.save, self.choose])()

    def type(self) -> None:
        word = f"{self.name}{len(self.typed)}"
        field = self.dice.choice((ANSWER, COMMENT))
        self.did.append(f"{word} into {field}")
        self.form.control(field).focus()
        self.form.press("Control+End")
        self.form.page.keyboard.type(f" {word}")
        self.typed.add(word)

    def save(self) -> None:
        self.did.append("save")
        self.form.press("Control+s")

    def choose(self) -> None:
        """Choose in the first clash, if there is one, and remember what was let go of by choice."""
        choice = self.dice.choice(("mine", "theirs", "both", "both"))
        theirs, mine, kept = self.form.page.evaluate(
            """(choice) => {
                const clash = document.querySelector(".clash")
                if (!clash) return ["", "", ""]
                const control = clash.closest(".field").querySelector("[name]")
                const [theirs, mine] = [clash.dataset.entry, control.value]
                clash.querySelector(`[data-take=${choice}]`).click()
                return [theirs, mine, control.value]
            }""",
            choice,
        )
        self.did.append(f"{choice} of {theirs!r} and {mine!r}: {kept!r}")
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
    assert typed and typed - there <= dropped, [writer.did for writer in writers]
    for writer in writers:
        for name in (ANSWER, COMMENT):
            writer.form.holds(name, saved[name] or "")
