"""What others wrote is read and acknowledged before the form opens, and that is kept (domain §10.7)."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, select, update

from bmu.accounts.models import User
from bmu.accounts.rules import Actor
from bmu.changes.models import ChangeLog
from bmu.changes.work import transaction
from bmu.clients.models import Client
from bmu.errors import Conflict, Forbidden, Invalid, NotFound
from bmu.extensions import db
from bmu.monthly_tax import acknowledge, queries, service
from bmu.monthly_tax.acknowledge import Reading
from bmu.monthly_tax.models import Acknowledgement, MonthlyTaxData
from bmu.monthly_tax.service import Save
from bmu.monthly_tax.talks import TEXTS
from tests.conftest import MONTH, STRANGER, Colleague

SignIn = Callable[[str], Colleague]
Record = dict[str, Any]
HERS, HIS, FILERS = "AC00024", "AC00008", "AC00012"
LOG = ChangeLog.entity == MonthlyTaxData.entity
QUIET = {"sourcePage": "taxStatus", "word": "yes"}


class Desk:
    """The firm, whose people read, write and acknowledge build 018 without HTTP."""

    def __init__(self, record_id: str) -> None:
        self.id = record_id

    def actor(self, username: str) -> Actor:
        user = db.session.execute(select(User).where(User.username == username)).scalar_one()
        return Actor(user.id, user.username, user.role, user.employee_id, f"ชื่อ {username}")

    def row(self) -> queries.Values:
        db.session.rollback()
        found = queries.record(self.id)
        assert found is not None
        return found

    def to_read(self, who: str, page: str) -> Reading | None:
        return acknowledge.to_read(self.actor(who), page, self.row())

    def write(self, who: str, page: str, **texts: str | None) -> None:
        service.save(self.actor(who), self.id, Save(page, None, texts))

    def read(self, who: str, page: str) -> Reading:
        """What there is to read, acknowledged."""
        found = self.to_read(who, page)
        assert found is not None
        acknowledge.acknowledge(self.actor(who), page, self.id, found.hash, "yes")
        return found


@pytest.fixture
def desk(app: Flask, record: Record) -> Any:
    """Build 018 without a word written: its texts are empty, and its log tells of none."""
    with app.test_request_context():
        with transaction() as work:
            work.session.execute(update(MonthlyTaxData).values(dict.fromkeys(TEXTS)))
            for line in work.session.scalars(select(ChangeLog).where(LOG, ChangeLog.entity_id == record["id"])):
                line.fields = {key: pair for key, pair in line.fields.items() if key not in TEXTS}
        yield Desk(record["id"])


# When one is asked


def test_nobody_is_asked_where_nothing_is_written(desk: Desk) -> None:
    assert desk.to_read(HERS, "taxStatus") is None


def test_one_is_asked_to_read_what_another_wrote(desk: Desk) -> None:
    desk.write(HIS, "taxInspection", wht_inquiry="ขอใบแนบ\nอีกใบ")
    found = desk.to_read(HERS, "taxStatus")
    assert found is not None and found.texts["wht_inquiry"] == "ขอใบแนบ\nอีกใบ" and found.texts["wht_response"] == ""


def test_one_is_not_asked_to_read_ones_own_words(desk: Desk) -> None:
    desk.write(HERS, "taxStatus", wht_response="แก้แล้ว")
    assert desk.to_read(HERS, "taxStatus") is None
    assert desk.to_read(HIS, "taxInspection") is not None


def test_one_is_asked_once_and_again_when_another_has_changed_the_texts(desk: Desk) -> None:
    desk.write(HIS, "taxInspection", wht_inquiry="หนึ่ง")
    desk.read(HERS, "taxStatus")
    assert desk.to_read(HERS, "taxStatus") is None
    desk.write(HERS, "taxStatus", wht_response="ตอบ")
    assert desk.to_read(HERS, "taxStatus") is None
    desk.write(HIS, "taxInspection", wht_inquiry="สอง")
    assert desk.to_read(HERS, "taxStatus") is not None


def test_a_change_of_something_else_asks_nobody_again(desk: Desk) -> None:
    desk.write(HIS, "taxInspection", wht_inquiry="หนึ่ง")
    desk.read(HERS, "taxStatus")
    desk.write(HIS, "taxInspection", pnd_status="needs_correction")
    assert desk.to_read(HERS, "taxStatus") is None


def test_texts_that_are_again_as_they_were_read_ask_nobody(desk: Desk) -> None:
    desk.write(HIS, "taxInspection", wht_inquiry="หนึ่ง")
    desk.read(HERS, "taxStatus")
    desk.write(HIS, "taxInspection", wht_inquiry="สอง")
    assert desk.to_read(HERS, "taxStatus") is not None
    desk.write(HIS, "taxInspection", wht_inquiry="หนึ่ง")
    assert desk.to_read(HERS, "taxStatus") is None


def test_each_page_and_each_person_is_asked_by_itself(desk: Desk) -> None:
    desk.write(HIS, "taxInspection", wht_inquiry="หนึ่ง")
    desk.read(HERS, "taxStatus")
    assert desk.to_read("admin", "taxStatus") is not None
    desk.read("admin", "taxStatus")
    assert desk.to_read("admin", "taxInspection") is not None


def test_a_text_of_which_the_log_knows_nothing_is_read_once(desk: Desk) -> None:
    with transaction() as work:
        work.session.execute(update(MonthlyTaxData).values(wht_inquiry="นำเข้า"))
        work.session.execute(delete(ChangeLog).where(LOG, ChangeLog.entity_id == desk.id))
    assert desk.to_read(HIS, "taxInspection") is not None
    desk.read(HIS, "taxInspection")
    assert desk.to_read(HIS, "taxInspection") is None


def test_texts_that_were_all_taken_away_ask_nobody(desk: Desk) -> None:
    desk.write(HIS, "taxInspection", wht_inquiry="หนึ่ง")
    desk.write(HIS, "taxInspection", wht_inquiry=None)
    assert desk.to_read(HERS, "taxStatus") is None


# What is read


@pytest.mark.parametrize(
    ("page", "wanted"),
    [
        ("taxStatus", {"wht_inquiry", "wht_submission_comment", "pp30_inquiry", "pp30_submission_comment"}),
        ("taxInspection", {"wht_inquiry", "pp30_inquiry"}),
        ("taxFiling", {"wht_submission_comment", "pp30_submission_comment"}),
    ],
)
def test_a_page_asks_for_its_own_sections(desk: Desk, page: str, wanted: set[str]) -> None:
    desk.write(HERS, "taxStatus", wht_response="ก", wht_submission_comment="ข")
    found = desk.to_read("admin", page)
    assert found is not None and {section.texts[0].key for section in found.sections} == wanted


def test_a_page_does_not_ask_for_what_it_does_not_show(desk: Desk) -> None:
    desk.write(HERS, "taxStatus", wht_submission_comment="ยื่นได้")
    assert desk.to_read(HIS, "taxInspection") is None
    assert desk.to_read(FILERS, "taxFiling") is not None


def test_without_vat_there_is_nothing_of_vat_to_read(desk: Desk) -> None:
    desk.write(HIS, "taxInspection", pp30_inquiry="ใบกำกับ")
    with transaction() as work:
        work.session.execute(update(Client).where(Client.build == "018").values(tax_registration_status=None))
    assert desk.to_read(HERS, "taxStatus") is None
    desk.write(HIS, "taxInspection", wht_inquiry="ใบแนบ")
    found = desk.to_read(HERS, "taxStatus")
    assert found is not None and {section.key for section in found.sections} == {"wht_review", "wht_filing"}


# Acknowledging


def test_it_is_kept_who_read_what_and_when(desk: Desk) -> None:
    desk.write(HIS, "taxInspection", wht_inquiry="หนึ่ง")
    found = desk.read(HERS, "taxStatus")
    [kept] = db.session.scalars(select(Acknowledgement)).all()
    hers = desk.actor(HERS)
    assert (kept.user_id, kept.employee_id, kept.name) == (hers.id, HERS, hers.name)
    assert (kept.record_id, kept.page, kept.version, kept.hash) == (desk.id, "taxStatus", found.version, found.hash)
    assert kept.at.tzinfo is not None


def test_it_changes_nothing_of_the_record(desk: Desk) -> None:
    desk.write(HIS, "taxInspection", wht_inquiry="หนึ่ง")
    before = desk.row()
    desk.read(HERS, "taxStatus")
    assert desk.row() == before


def test_acknowledging_twice_is_once(desk: Desk) -> None:
    desk.write(HIS, "taxInspection", wht_inquiry="หนึ่ง")
    found = desk.read(HERS, "taxStatus")
    acknowledge.acknowledge(desk.actor(HERS), "taxStatus", desk.id, found.hash, "yes")
    assert len(acknowledge.acknowledged(desk.actor(HERS), desk.id)) == 1


@pytest.mark.parametrize("word", ["yes", "Yes", "YES", "  yes\t"])
def test_the_words_that_are_taken(desk: Desk, word: str) -> None:
    desk.write(HIS, "taxInspection", wht_inquiry="หนึ่ง")
    found = desk.to_read(HERS, "taxStatus")
    assert found is not None
    acknowledge.acknowledge(desk.actor(HERS), "taxStatus", desk.id, found.hash, word)
    assert desk.to_read(HERS, "taxStatus") is None


@pytest.mark.parametrize("word", ["", "yEs", "YEs", "y", "ใช่", "yes!", "y es", "no"])
def test_the_words_that_are_not(desk: Desk, word: str) -> None:
    desk.write(HIS, "taxInspection", wht_inquiry="หนึ่ง")
    found = desk.to_read(HERS, "taxStatus")
    assert found is not None
    with pytest.raises(Invalid) as refused:
        acknowledge.acknowledge(desk.actor(HERS), "taxStatus", desk.id, found.hash, word)
    assert refused.value.errors.keys() == {"word"}
    assert desk.to_read(HERS, "taxStatus") is not None


def test_texts_that_changed_while_one_read_are_shown_anew(desk: Desk) -> None:
    desk.write(HIS, "taxInspection", wht_inquiry="หนึ่ง")
    found = desk.to_read(HERS, "taxStatus")
    assert found is not None
    desk.write(HIS, "taxInspection", wht_inquiry="สอง")
    with pytest.raises(Conflict) as refused:
        acknowledge.acknowledge(desk.actor(HERS), "taxStatus", desk.id, found.hash, "yes")
    assert refused.value.extra["reading"]["texts"]["wht_inquiry"] == "สอง"
    assert acknowledge.acknowledged(desk.actor(HERS), desk.id) == []


def test_who_may_not_know_of_the_record_or_open_the_page_acknowledges_nothing(desk: Desk) -> None:
    with pytest.raises(NotFound):
        acknowledge.acknowledge(desk.actor(STRANGER), "taxStatus", desk.id, "x", "yes")
    with pytest.raises(Forbidden):
        acknowledge.acknowledge(desk.actor(HERS), "taxInspection", desk.id, "x", "yes")


def test_an_administrator_sees_everybodys_and_others_their_own(desk: Desk) -> None:
    desk.write(HIS, "taxInspection", wht_inquiry="หนึ่ง")
    desk.read(HERS, "taxStatus")
    desk.read("admin", "taxStatus")
    seen = {who: {one.employee_id for one in acknowledge.acknowledged(desk.actor(who), desk.id)} for who in CAST}
    assert seen == {"admin": {HERS, "AC00001"}, HERS: {HERS}, HIS: set()}


CAST = ("admin", HERS, HIS)


# Over HTTP


@pytest.fixture
def asked(sign_in: SignIn, record: Record) -> Record:
    """Build 018 after the inspector asked the accountant something."""
    saved: Record = sign_in(HIS).save(record, "taxInspection", wht_inquiry="ขอ <b>ใบแนบ</b>\nอีกใบ").json["data"]
    return saved


def hash_for(who: Colleague, record: Record, page: str = "taxStatus") -> str:
    """The hash of the texts as they are now: what a program asks for by a wrong one."""
    body = {**QUIET, "sourcePage": page, "hash": "?"}
    answer = who.call("POST", f"{record['id']}/acknowledgements", json=body)
    assert (answer.status_code, answer.json["code"]) == (409, "conflict")
    return str(answer.json["reading"]["hash"])


def test_the_api_keeps_an_acknowledgement_and_lists_it(sign_in: SignIn, asked: Record) -> None:
    hers, path = sign_in(HERS), f"{asked['id']}/acknowledgements"
    answer = hers.call("POST", path, json={**QUIET, "hash": hash_for(hers, asked)})
    assert answer.status_code == 200
    [kept] = sign_in("admin").get(path).json["data"]
    assert kept.keys() == {"employee_id", "name", "sourcePage", "version", "hash", "at"}
    assert (kept["employee_id"], kept["version"]) == (HERS, asked["version"]) and kept["at"].endswith("Z")
    assert sign_in(HERS).get(path).json["data"] == [kept] and sign_in(HIS).get(path).json["data"] == []


@pytest.mark.parametrize(
    ("who", "page", "wanted"),
    [
        (HERS, "taxStatus", 409),
        (HERS, "taxInspection", 403),
        (HIS, "taxInspection", 409),
        (FILERS, "taxFiling", 409),
        ("AC00031", "taxStatus", 403),
        (STRANGER, "taxStatus", 404),
        ("admin", "taxFiling", 409),
        (HERS, "elsewhere", 422),
    ],
)
def test_the_api_by_role(sign_in: SignIn, asked: Record, who: str, page: str, wanted: int) -> None:
    body = {**QUIET, "sourcePage": page, "hash": "?"}
    assert sign_in(who).call("POST", f"{asked['id']}/acknowledgements", json=body).status_code == wanted


def test_a_wrong_word_is_told_at_its_field(sign_in: SignIn, asked: Record) -> None:
    hers = sign_in(HERS)
    body = {**QUIET, "hash": hash_for(hers, asked), "word": "ok"}
    answer = hers.call("POST", f"{asked['id']}/acknowledgements", json=body)
    assert (answer.status_code, list(answer.json["errors"])) == (422, ["word"])


# The page, without a script


def post(who: Colleague, values: dict[str, str], query: str = "") -> Any:
    form = {"csrf_token": who.csrf, **values}
    return who.browser().post(f"/tax-status/018/{MONTH}/acknowledge{query}", data=form)


def gate(who: Colleague) -> str:
    """The gate's HTML, as it comes back for a word that is none."""
    answer = post(who, {"hash": "?", "word": ""})
    assert answer.status_code == 409
    return str(answer.text)


def hidden(html: str, name: str) -> str:
    found = re.search(f'name="{name}" value="([^"]*)"', html)
    assert found
    return found[1]


def test_the_gate_shows_the_texts_as_text_and_what_is_empty_as_empty(sign_in: SignIn, asked: Record) -> None:
    html = gate(sign_in(HERS))
    assert "ขอ &lt;b&gt;ใบแนบ&lt;/b&gt;\nอีกใบ" in html and "<b>ใบแนบ" not in html
    for words in ("กรุณาอ่านและยืนยัน", "(ไม่มีข้อมูล)", "พิมพ์ yes เพื่อยืนยัน", "ยืนยันและเปิดฟอร์ม", "ยกเลิก"):
        assert words in html


def test_the_gate_claims_to_be_neither_live_nor_on_its_way(sign_in: SignIn, asked: Record) -> None:
    """Nothing on it changes by itself: what changed meanwhile is told by the answer."""
    html = gate(sign_in(HERS))
    assert 'id="live"' not in html
    assert 'id="live"' in sign_in(HIS).browser().get(f"/tax-inspection/018/{MONTH}").text


def test_the_address_of_the_form_shows_the_gate_first(sign_in: SignIn, asked: Record) -> None:
    hers, address = sign_in(HERS), f"/tax-status/018/{MONTH}?pnd=paid"
    html = hers.browser().get(address).text
    assert "data-gate" in html and "data-form" not in html
    assert post(hers, {"hash": hidden(html, "hash"), "word": "yes"}).status_code == 303
    html = hers.browser().get(address).text
    assert "data-form" in html and "data-gate" not in html


def test_the_gate_leads_to_the_form_and_keeps_the_query(sign_in: SignIn, asked: Record) -> None:
    hers = sign_in(HERS)
    values = {"hash": hidden(gate(hers), "hash"), "word": "Yes"}
    answer = post(hers, values, "?pnd=pending_review&page=2")
    assert answer.status_code == 303
    assert answer.headers["Location"] == f"/tax-status/018/{MONTH}?pnd=pending_review&page=2"


def test_a_wrong_word_is_said_in_the_same_page_and_the_query_stays(sign_in: SignIn, asked: Record) -> None:
    hers = sign_in(HERS)
    answer = post(hers, {"hash": hidden(gate(hers), "hash"), "word": "ok"}, "?pnd=paid&page=2")
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.text and 'role="alert"' in answer.text
    assert f'action="/tax-status/018/{MONTH}/acknowledge?pnd=paid&page=2"' in unescape(answer.text)


def test_texts_that_changed_come_back_fresh_in_the_page(sign_in: SignIn, asked: Record) -> None:
    hers = sign_in(HERS)
    old = hidden(gate(hers), "hash")
    sign_in(HIS).save(asked, "taxInspection", wht_inquiry="คำถามใหม่")
    answer = post(hers, {"hash": old, "word": "yes"})
    assert answer.status_code == 409 and "คำถามใหม่" in answer.text and hidden(answer.text, "hash") != old


def test_the_gate_answers_only_forms_of_this_session(sign_in: SignIn, asked: Record) -> None:
    answer = post(sign_in(HERS), {"csrf_token": sign_in(HIS).csrf, "hash": "?", "word": "yes"})
    assert answer.status_code == 403


@pytest.mark.parametrize(("where", "wanted"), [("018/2026-13", 404), ("999/2026-10", 404), ("abc/2026-10", 404)])
def test_a_record_that_is_not_there_has_no_gate(sign_in: SignIn, where: str, wanted: int) -> None:
    hers = sign_in(HERS)
    answer = hers.browser().post(f"/tax-status/{where}/acknowledge", data={"csrf_token": hers.csrf})
    assert answer.status_code == wanted
