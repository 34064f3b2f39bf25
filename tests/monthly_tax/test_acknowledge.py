"""What others wrote is read and acknowledged before the form opens, and that is kept (domain §10.7)."""

from __future__ import annotations

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
from tests.conftest import STRANGER

Record = dict[str, Any]
HERS, HIS, FILERS = "AC00024", "AC00008", "AC00012"
LOG = ChangeLog.entity == MonthlyTaxData.entity


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
