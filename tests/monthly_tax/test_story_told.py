"""How the story of a record is told: in words, in HTML, and in the demo (domain §4.4, §10.7)."""

from __future__ import annotations

from typing import Any

from flask import Flask

from bmu.i18n import translate
from bmu.monthly_tax import queries, story
from bmu.monthly_tax.story import Line
from tests.conftest import FIVE, MONTH
from tests.monthly_tax.tellings import THEN, Record, blank, line, told

# Words


def test_the_history_in_words_is_in_the_readers_language(inside: Flask) -> None:
    found = [line(2, pnd_status=[None, "passed"], purchase_document_count=[None, 1200])]
    [thai], [english] = story.in_words(found, "th"), story.in_words(found, "en")
    assert thai.said[0] == ("pnd_status", "สถานะ ภ.ง.ด.", "ยังไม่ดำเนินการ", "ผ่าน") and thai.page == "สถานะยื่นภาษี"
    assert english.said[0].new == translate("ผ่าน", "en") and english.page == translate("สถานะยื่นภาษี", "en")
    assert english.said[1].new == "1,200"


def test_people_are_told_by_name_once_each(inside: Flask, record: Record) -> None:
    created = story.in_words(story.lines(record["id"]), "th")[-1]
    names = {one.key: one.new for one in created.said}
    assert created.created and names.keys() == FIVE.keys()
    assert names["accounting_responsible"] == record["accounting_responsible_name"]


def test_who_was_first_is_no_news_beside_who_is_responsible(inside: Flask) -> None:
    """`original_…` is set with the first person, has no label, and says nothing that the line does not say."""
    roles = {"accounting_responsible": [None, "AC00024"], "original_accounting_responsible": [None, "AC00024"]}
    [found] = story.in_words([line(2, **roles)], "th")
    assert [one.label for one in found.said] == ["ผู้ทำบัญชี"]


def test_what_nobody_did_is_the_systems(inside: Flask) -> None:
    nobody = Line(2, 9, THEN, None, None, "update", None, {})
    assert [one.by for one in story.in_words([nobody], "th")] == ["ระบบ"]


# HTML


def drawn(inside: Flask, name: str, *what: Any) -> str:
    return str(getattr(inside.jinja_env.get_template("monthly_tax/story.html").module, name)(*what, "th", translate))


def test_the_html_needs_no_viewer_and_no_clock(app: Flask, record: Record) -> None:
    """Events carry it: an application context, never a request."""
    with app.app_context():
        found = told(record)
        first = [drawn(app, "thread", one) for one in found.threads] + [
            drawn(app, "rounds", one) for one in found.rounds
        ]
        assert "ที่แล้ว" not in "".join(first) and "<time datetime=" in first[-2]
        assert drawn(app, "history", story.in_words(found.lines, "th"))


def test_what_people_wrote_is_text_and_not_html(inside: Flask) -> None:
    row, found = blank(wht_inquiry="<b>x</b>"), [line(2, "<i>", wht_inquiry=[None, "<b>x</b>"])]
    html = drawn(inside, "thread", story.threads("taxStatus", row, found)[0])
    html += drawn(inside, "history", story.in_words(found, "th"))
    assert "<b>x" not in html and "<i>" not in html and "&lt;b&gt;x" in html


def test_the_history_offers_each_changed_field_once(inside: Flask, record: Record) -> None:
    found = told(record).lines
    html = drawn(inside, "history", story.in_words(found, "th"))
    assert html.count("<li data-version=") == len(found)
    for key in {key for one in found for key in one.fields if not key.startswith("original_")}:
        assert html.count(f'<option value="{key}">') == 1


def test_the_history_says_when_it_is_not_all(inside: Flask, record: Record) -> None:
    whole = story.in_words(story.lines(record["id"]), "th")
    assert "ยังมีรายการเก่ากว่านี้" in drawn(inside, "history", whole[:2])
    assert "ยังมีรายการเก่ากว่านี้" not in drawn(inside, "history", whole)


# The demo


def test_in_the_demo_every_text_has_an_author_who_may_write_it(inside: Flask) -> None:
    """Threads of the demo read as they would at a firm: each text written by its author, in office hours."""
    ids, seen = queries.ids(queries.Filters(*MONTH), queries.Sort()), 0
    for row in queries.records(ids):
        for one in (entry for thread in story.story("taxStatus", row).threads for entry in thread.entries):
            role = AUTHORS[one.key.split("_", 1)[1]]
            filer = "wht_filer" if one.key.startswith("wht") else "vat_filer"
            holder = row[f"{filer}_current_employee_id" if role == "filer" else role]
            assert one.by == row["names"][holder] and one.at is not None and one.current
            seen += 1
    assert seen > 10


AUTHORS = {
    "inquiry": "tax_inspection_responsible",
    "response": "accounting_responsible",
    "submission_comment": "accounting_responsible",
    "filing_response": "filer",
}
