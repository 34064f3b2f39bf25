"""The story of a record comes from the change log: threads, rounds, lines (domain §4.4, §10.7)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, update

from bmu.changes.models import ChangeLog
from bmu.changes.work import transaction
from bmu.i18n import iso
from bmu.monthly_tax import story
from bmu.monthly_tax.fields import FIELDS, PND, PP30
from bmu.monthly_tax.models import MonthlyTaxData
from bmu.monthly_tax.story import Line
from bmu.monthly_tax.talks import talks
from tests.conftest import Colleague
from tests.monthly_tax.tellings import THEN, Record, blank, line, told

SignIn = Callable[[str], Colleague]


def entries(row: Record, *found: Line, page: str = "taxStatus", talk: int = 0) -> list[Any]:
    return list(story.threads(page, row, found)[talk].entries)


# Threads


def test_a_thread_has_its_two_fields_texts_newest_first() -> None:
    row = blank(wht_inquiry="ครบหรือยัง", wht_response="ครบแล้ว")
    asked = line(2, "ปกรณ์(กร)", wht_inquiry=[None, "ครบหรือยัง"])
    found = entries(row, line(3, wht_response=[None, "ครบแล้ว"]), asked)
    assert [(one.key, one.by, one.text) for one in found] == [
        ("wht_response", "วิภา(ภา)", "ครบแล้ว"),
        ("wht_inquiry", "ปกรณ์(กร)", "ครบหรือยัง"),
    ]
    assert found[1].at == asked.at and found[1].label == FIELDS["wht_inquiry"].label


def test_only_the_text_that_the_field_holds_is_current() -> None:
    row = blank(wht_inquiry="สอง")
    found = entries(row, line(3, wht_inquiry=["หนึ่ง", "สอง"]), line(2, wht_inquiry=[None, "หนึ่ง"]))
    assert [(one.text, one.current) for one in found] == [("สอง", True), ("หนึ่ง", False)]


def test_an_emptied_text_is_an_entry_and_none_is_current() -> None:
    found = entries(blank(), line(3, wht_inquiry=["หนึ่ง", None]), line(2, wht_inquiry=[None, "หนึ่ง"]))
    assert [(one.text, one.current) for one in found] == [("", False), ("หนึ่ง", False)]


def test_a_text_that_no_line_tells_of_is_current_without_an_author() -> None:
    [only] = entries(blank(wht_inquiry="นำเข้า"), line(2, pnd_status=[None, "passed"]))
    assert (only.text, only.current, only.by, only.at) == ("นำเข้า", True, None, None)


def test_a_text_from_before_the_log_stands_below_the_one_that_replaced_it() -> None:
    found = entries(blank(wht_inquiry="ใหม่"), line(2, wht_inquiry=["นำเข้า", "ใหม่"]))
    assert [(one.text, one.by, one.current) for one in found] == [("ใหม่", "วิภา(ภา)", True), ("นำเข้า", None, False)]


def test_a_text_that_took_the_place_of_a_told_one_is_current_without_an_author() -> None:
    found = entries(blank(wht_inquiry="นำเข้าทับ"), line(2, wht_inquiry=[None, "หนึ่ง"]))
    assert [(one.text, one.by, one.current) for one in found] == [("นำเข้าทับ", None, True), ("หนึ่ง", "วิภา(ภา)", False)]


def test_a_text_that_came_back_by_undo_says_so() -> None:
    back, typed = line(4, action="undo", wht_inquiry=["สอง", "หนึ่ง"]), line(3, wht_inquiry=["หนึ่ง", "สอง"])
    found = entries(blank(wht_inquiry="หนึ่ง"), back, typed, line(2, wht_inquiry=[None, "หนึ่ง"]))
    assert [(one.text, one.undone, one.current) for one in found] == [
        ("หนึ่ง", True, True),
        ("สอง", False, False),
        ("หนึ่ง", False, False),
    ]


@pytest.mark.parametrize(
    ("page", "wanted"),
    [
        ("taxStatus", ["wht_review", "wht_filing", "vat_review", "vat_filing"]),
        ("taxInspection", ["wht_review", "vat_review"]),
        ("taxFiling", ["wht_filing", "vat_filing"]),
    ],
)
def test_a_page_shows_its_talks_and_those_of_vat_only_with_vat(page: str, wanted: list[str]) -> None:
    assert [talk.key for talk in talks(page, is_vat=True)] == wanted
    assert [talk.key for talk in talks(page, is_vat=False)] == [key for key in wanted if key.startswith("wht")]


# Rounds


def sent(version: int, **more: Any) -> Line:
    return line(version, pnd_sent_for_review_date=[None, iso(THEN)], **more)


def back(version: int) -> Line:
    return line(version, pnd_review_returned_date=[None, iso(THEN)])


def test_rounds_count_how_often_a_side_was_sent_and_returned() -> None:
    found = story.rounds(PND, blank(pnd_status="needs_correction"), [back(5), sent(4), back(3), sent(2)])
    assert (found.sent, found.returned, found.waiting_since) == (2, 2, None)
    other = story.rounds(PP30, blank(), [back(5), sent(4)])
    assert (other.sent, other.returned) == (0, 0)


@pytest.mark.parametrize(("status", "waits"), [("pending_review", True), ("pending_recheck", True), ("passed", False)])
def test_a_side_waits_since_it_was_sent_and_only_while_it_is_pending(status: str, waits: bool) -> None:
    row = blank(pnd_status=status, pnd_sent_for_review_date=THEN)
    assert story.rounds(PND, row, [sent(2)]).waiting_since == (THEN if waits else None)


def test_a_round_that_was_taken_back_does_not_count() -> None:
    undone = line(3, action="undo", pnd_sent_for_review_date=[iso(THEN), None])
    assert story.rounds(PND, blank(), [undone, sent(2)]).sent == 0


def test_the_rounds_of_real_saves(app: Flask, sign_in: SignIn, record: Record) -> None:
    before = rounds_now(app, record)
    returned = sign_in("AC00008").save(record, "taxInspection", pnd_status="needs_correction").json["data"]
    again = sign_in("AC00024").save(returned, "taxStatus", pnd_status="pending_recheck").json["data"]
    now = rounds_now(app, record)
    assert (now["wht"].sent, now["wht"].returned) == (before["wht"].sent + 1, before["wht"].returned + 1)
    assert iso(now["wht"].waiting_since) == again["pnd_sent_for_review_date"]
    assert now["vat"] == before["vat"]


def rounds_now(app: Flask, record: Record) -> dict[str, story.Rounds]:
    with app.app_context():
        return {one.side: one for one in told(record).rounds}


# Lines


def many(record: Record, count: int) -> None:
    """So many more saves of the record, of which each changes a count."""
    with transaction() as work:
        found = work.session.get(MonthlyTaxData, record["id"])
        for number in range(count):
            work.edit(found, {"purchase_document_count": 1000 + number})


def test_lines_are_the_newest_and_say_when_there_are_more(inside: Flask, record: Record) -> None:
    whole = story.lines(record["id"])
    assert whole[-1].action == "create" and not story.are_more(whole)
    assert [one.version for one in whole] == list(range(record["version"], 0, -1))
    assert story.lines(record["id"], 2) == whole[:2] and story.are_more(whole[:2])


def test_lines_about_a_field_are_those_that_changed_it(inside: Flask, record: Record) -> None:
    found = story.lines(record["id"], None, about=("pp30_inquiry",))
    assert found == [one for one in story.lines(record["id"]) if "pp30_inquiry" in one.fields] != []
    assert story.lines(record["id"], None, about=("pp30_inquiry",), since=found[0].version) == []


def test_rounds_and_threads_know_what_lies_before_the_newest_lines(inside: Flask, record: Record) -> None:
    before = told(record)
    many(record, story.NEWEST + 1)
    now = told(record)
    assert len(now.lines) == story.NEWEST and story.are_more(now.lines)
    assert now.rounds == before.rounds and before.rounds[0].sent
    assert now.threads == before.threads and any(thread.entries for thread in before.threads)


def test_everything_the_story_says_comes_from_the_log(inside: Flask, record: Record) -> None:
    """What the log never knew, and what it was made to say differently, is what is told."""
    where = (ChangeLog.entity == MonthlyTaxData.entity, ChangeLog.entity_id == record["id"])
    with transaction() as work:
        work.session.execute(update(ChangeLog).where(*where).values(actor_name="คนใหม่"))
    assert {one.by for one in story.in_words(told(record).lines, "th")} == {"คนใหม่"}
    assert {one.by for thread in told(record).threads for one in thread.entries} == {"คนใหม่"}
    with transaction() as work:
        work.session.execute(delete(ChangeLog).where(*where))
    bare = told(record)
    assert bare.lines == [] and {(one.sent, one.returned) for one in bare.rounds} == {(0, 0)}
    assert {one.by for thread in bare.threads for one in thread.entries} == {None}
