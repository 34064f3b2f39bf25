"""Keeping notifications: with their change or not at all, once each, to those who have an account."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, select, update
from sqlalchemy.exc import IntegrityError

from bmu.accounts.models import User
from bmu.changes.work import By, transaction
from bmu.extensions import db
from bmu.monthly_tax import creation, notices
from bmu.monthly_tax import service as records
from bmu.notifications import queries, service
from bmu.notifications.models import Notification
from tests.conftest import FIVE, MONTH, STRANGER, Colleague, actor
from tests.notifications.conftest import Save, listed

SignIn = Callable[[str], Colleague]
Record = dict[str, Any]


def rows(app: Flask) -> list[Notification]:
    with app.app_context():
        return list(db.session.scalars(select(Notification).order_by(Notification.seq)))


def test_it_carries_the_place_of_the_change_that_caused_it(app: Flask, save: Save) -> None:
    saved = save("AC00012", "taxFiling", pnd_status="sent_to_customer")
    [row] = rows(app)
    assert (row.seq, row.entity_id, row.event, row.topic) == (saved["seq"], saved["id"], "sent_to_customer", "wht")


def test_only_a_change_tells(app: Flask, save: Save) -> None:
    """TRAP: notifications came with every save in that state."""
    save("AC00012", "taxFiling", pnd_status="sent_to_customer")
    save("AC00012", "taxFiling", pnd_status="sent_to_customer", pnd_53_attachment_count=7)
    assert len(rows(app)) == 1


def test_a_newer_one_takes_the_place_of_the_unread_one(app: Flask, sign_in: SignIn, save: Save) -> None:
    """TRAP, BUG-119: they piled up."""
    first = save("AC00008", "taxInspection", wht_inquiry="หนึ่ง")
    before = listed(sign_in("AC00024"))
    second = save("AC00008", "taxInspection", wht_inquiry="สอง")
    [row], [now] = rows(app), listed(sign_in("AC00024"))
    assert (row.seq, row.facts["text"]) == (second["seq"], "สอง") and second["seq"] > first["seq"]
    assert now["id"] == before[0]["id"] and now["created_at"] >= before[0]["created_at"]


def test_after_it_was_read_a_newer_one_is_another(app: Flask, sign_in: SignIn, save: Save) -> None:
    save("AC00008", "taxInspection", wht_inquiry="หนึ่ง")
    sign_in("AC00024").call("PUT", "/api/notifications/read-all")
    save("AC00008", "taxInspection", wht_inquiry="สอง")
    assert [one["is_read"] for one in listed(sign_in("AC00024"))] == [False, True]


def test_the_notice_about_one_tax_never_swallows_the_other(app: Flask, sign_in: SignIn, save: Save) -> None:
    save("AC00008", "taxInspection", pnd_status="additional_review")
    save("AC00008", "taxInspection", pp30_status="additional_review")
    assert [one["metadata"]["tax_type"] for one in listed(sign_in("AC00024"))] == ["vat", "wht"]


def test_the_database_itself_keeps_at_most_one_unread_of_a_kind(app: Flask, save: Save) -> None:
    save("AC00008", "taxInspection", wht_inquiry="หนึ่ง")
    [row] = rows(app)
    copied = {column.key: getattr(row, column.key) for column in Notification.__table__.columns}
    with app.app_context(), pytest.raises(IntegrityError), transaction() as work:
        work.session.add(Notification(**copied | {"id": "another"}))


def test_a_save_that_fails_leaves_none(app: Flask, sign_in: SignIn, record: Record, save: Save) -> None:
    refused = sign_in("AC00012").save(record, "taxFiling", pnd_status="passed")
    stale = sign_in("AC00012").save(record, "taxFiling", version=1, pnd_status="sent_to_customer")
    assert (refused.status_code, stale.status_code) == (403, 409) and rows(app) == []
    save("AC00012", "taxFiling", pnd_status="sent_to_customer")
    assert len(rows(app)) == 1


def test_without_its_notice_no_change_is_kept(
    app: Flask, sign_in: SignIn, record: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One transaction: what is to be told and the change that tells it."""

    def broken(*_: Any) -> None:
        raise RuntimeError("no notice")

    monkeypatch.setattr(notices.notifications, "_accounts", broken)
    answer = sign_in("AC00012").save(record, "taxFiling", pnd_status="sent_to_customer")
    assert answer.status_code == 500
    assert sign_in("AC00012").get(record["id"]).json["data"] == record


def test_a_save_sent_twice_tells_once(app: Flask, sign_in: SignIn, record: Record) -> None:
    for _ in range(2):
        sign_in("AC00012").save(record, "taxFiling", headers={"Idempotency-Key": "k"}, pnd_status="sent_to_customer")
    assert len(rows(app)) == 1


def test_taking_back_a_save_tells_nobody(app: Flask, sign_in: SignIn, save: Save) -> None:
    saved = save("AC00012", "taxFiling", pnd_status="sent_to_customer")
    before = [row.seq for row in rows(app)]
    undone = sign_in("AC00012").call("POST", f"{saved['id']}/undo", json={"version": saved["version"]})
    assert undone.status_code == 200 and [row.seq for row in rows(app)] == before


def test_a_disabled_account_and_no_account_are_told_nothing(app: Flask, save: Save) -> None:
    with app.app_context(), transaction() as work:
        work.session.execute(update(User).where(User.employee_id == "AC00024").values(status="inactive"))
        work.session.execute(update(User).where(User.employee_id == "AC00015").values(employee_id=None))
    save("AC00008", "taxInspection", pnd_status="passed", pp30_status="passed")
    told = {row.user_id for row in rows(app)}
    assert told == {actor(app, "AC00012").id}


def test_old_and_new_are_told_of_a_reassignment(app: Flask, sign_in: SignIn, record: Record) -> None:
    with app.app_context():
        records.hand_over(By(None, "CLI"), record["id"], {"accounting_responsible": STRANGER})
    [new], [old] = listed(sign_in(STRANGER)), listed(sign_in("AC00024"))
    assert new["type"] == old["type"] == "work_assignment_updated"
    assert new["action_url"] == f"/tax-status/018/{MONTH}" and old["action_url"] is None
    assert "ผู้ทำบัญชี" in new["title"] and new["title"] != old["title"]


def test_a_record_created_with_values_tells_of_them_and_not_of_itself(app: Flask) -> None:
    values = {"pp30_status": "passed", "purchase_document_count": 1, "income_confirmed": "customer_confirmed"}
    with app.app_context():
        creation.create(actor(app, "admin"), "018", MONTH.plus(3), FIVE, values)
    assert [(row.event, row.topic) for row in rows(app)] == [("ready", "vat")]


def test_looking_at_a_record_reads_what_one_was_told_of_it(app: Flask, sign_in: SignIn, save: Save) -> None:
    saved = save("AC00008", "taxInspection", pnd_status="passed", pp30_status="additional_review")
    with app.app_context():
        assert service.read_record(actor(app, "AC00024"), saved["id"]) == 2
        assert queries.unread(actor(app, "AC00012").id) == 1
    assert all(one["is_read"] for one in listed(sign_in("AC00024")))


def test_looking_at_a_record_with_no_news_costs_one_select(app: Flask, record: Record) -> None:
    who, asked = actor(app, "AC00024"), []
    with app.app_context():
        event.listen(db.engine, "before_cursor_execute", lambda *args: asked.append(args[2]))
        assert service.read_record(who, record["id"]) == 0
    assert len([one for one in asked if one.startswith(("SELECT", "INSERT", "UPDATE", "DELETE"))]) == 1


@pytest.mark.parametrize("portion", [1, 500])
def test_old_ones_are_let_go_of_read_or_not(
    app: Flask, sign_in: SignIn, save: Save, monkeypatch: pytest.MonkeyPatch, portion: int
) -> None:
    monkeypatch.setattr(service, "PORTION", portion)
    save("AC00008", "taxInspection", pnd_status="passed")
    sign_in("AC00024").call("PUT", "/api/notifications/read-all")
    told = len(rows(app))
    with app.app_context():
        assert service.prune() == 0
        with transaction() as work:
            work.session.execute(update(Notification).values(created_at=work.now - timedelta(days=61)))
        assert service.prune(timedelta(days=62)) == 0
        assert service.prune() == told > 1
    assert rows(app) == []
