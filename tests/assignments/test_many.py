"""Many records handed over by a file: told, logged, refused as in the grid; a save of something else is no obstacle."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import select

from bmu.accounts import staff
from bmu.assignments import many, service
from bmu.changes.models import ChangeAudience, ChangeLog
from bmu.changes.work import last_seq, transaction
from bmu.errors import Conflict, Invalid
from bmu.extensions import db
from bmu.monthly_tax.fields import PEOPLE
from bmu.monthly_tax.models import MonthlyTaxData
from bmu.notifications.models import Notification
from bmu.papers.assignments import Assignments
from tests.assignments.conftest import BOOKS, BY, WHY
from tests.conftest import NOW, STRANGER


@pytest.fixture
def handed(app: Flask) -> Iterator[list[many.Handed]]:
    """Every record of AC00024's, to be given to STRANGER, as a file would have it."""
    with app.app_context():
        rows = Assignments().known().rows.values()
        yield [many.Handed(row, {BOOKS: STRANGER}) for row in rows if row[BOOKS] == "AC00024"]


def assign(handed: list[many.Handed], reason: str = WHY) -> None:
    assert list(many.assign(BY, handed, reason, NOW))[-1] == 1


def record_of(one: many.Handed) -> MonthlyTaxData:
    return db.session.get_one(MonthlyTaxData, one.record["id"], populate_existing=True)


def test_each_is_handed_over_as_by_a_click(handed: list[many.Handed]) -> None:
    assert len(handed) > 5
    before, [clicked, *others] = last_seq(), handed
    service.assign(BY, [service.Cell(clicked.record["id"], BOOKS, STRANGER)], WHY, NOW)
    assign(others)
    lines = {line.entity_id: line for line in db.session.scalars(select(ChangeLog).where(ChangeLog.seq > before))}
    wanted = lines[clicked.record["id"]]
    assert len(lines) == len(handed)
    for one in handed:
        line, record = lines[one.record["id"]], record_of(one)
        assert (line.action, line.fields, line.reason, line.actor) == ("hand_over", wanted.fields, WHY, BY.id)
        assert (record.accounting_responsible, record.original_accounting_responsible) == (STRANGER, "AC00024")
        assert (record.version, record.seq) == (line.version, line.seq)
        heard = db.session.scalars(select(ChangeAudience.employee_id).where(ChangeAudience.seq == line.seq))
        assert set(heard) == {one.record[role] for role in PEOPLE if one.record[role]} | {STRANGER}


def test_both_are_told_once_with_how_many(handed: list[many.Handed]) -> None:
    before = last_seq()
    assign(handed)
    told = db.session.scalars(select(Notification).where(Notification.seq > before)).all()
    assert sorted((one.event, one.facts["more"]) for one in told) == [
        ("assigned", len(handed) - 1),
        ("unassigned", len(handed) - 1),
    ]


def test_without_a_reason_nobody_is_taken_off_a_month_that_has_begun(handed: list[many.Handed]) -> None:
    with pytest.raises(Invalid) as refused:
        assign(handed, reason=" ")
    assert "reason" in refused.value.errors
    assert record_of(handed[0]).accounting_responsible == "AC00024"


def test_who_assigned_one_of_them_meanwhile_is_not_overwritten(handed: list[many.Handed]) -> None:
    service.assign(BY, [service.Cell(handed[-1].record["id"], BOOKS, "AC00025")], WHY, NOW)
    with pytest.raises(Conflict):
        assign(handed)
    assert [record_of(one).accounting_responsible for one in (handed[0], handed[-1])] == ["AC00024", "AC00025"]


def test_a_save_of_something_else_meanwhile_is_kept(handed: list[many.Handed]) -> None:
    with transaction(BY) as work:
        work.edit(record_of(handed[0]), {"wht_response": "ระหว่างนี้"}, page="taxStatus")
    assign(handed)
    record = record_of(handed[0])
    assert (record.accounting_responsible, record.wht_response) == (STRANGER, "ระหว่างนี้")


def test_who_left_meanwhile_gets_nothing(handed: list[many.Handed]) -> None:
    staff.edit(BY, STRANGER, {"status": "resigned"})
    with pytest.raises(Conflict):
        assign(handed)
    assert record_of(handed[0]).accounting_responsible == "AC00024"
