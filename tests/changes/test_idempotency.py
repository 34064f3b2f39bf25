"""A save that is retried is applied once and answers the same (design §5)."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from bmu.changes import idempotency
from bmu.changes.idempotency import KEPT
from bmu.changes.models import ChangeLog, IdempotentAnswer
from bmu.changes.work import By, transaction
from bmu.extensions import db
from bmu.monthly_tax import service
from tests.conftest import Colleague, events

SignIn = Callable[[str], Colleague]
Record = dict[str, Any]
BODY = {"sourcePage": "taxStatus", "wht_response": "ครั้งเดียว"}
KEY = {"Idempotency-Key": "8d7e1b5c"}


def lines(app: Flask) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(ChangeLog)) or 0


def test_a_retry_answers_the_same_and_is_not_applied_again(app: Flask, sign_in: SignIn, record: Record) -> None:
    who = sign_in("AC00024")
    first = who.put(record["id"], BODY, KEY)
    who.put(record["id"], BODY | {"wht_response": "ต่อมา"})
    before = lines(app)
    again = who.put(record["id"], BODY, KEY)
    assert (again.status_code, again.json) == (200, first.json)
    assert (lines(app), who.get(record["id"]).json["data"]["wht_response"]) == (before, "ต่อมา")


def test_a_retry_tells_nobody_anything(sign_in: SignIn, record: Record) -> None:
    sign_in("AC00024").put(record["id"], BODY, KEY)
    socket = sign_in("AC00008").listen()
    sign_in("AC00024").put(record["id"], BODY, KEY)
    assert not events(socket)


def test_a_retry_of_a_save_with_a_version_is_no_conflict_with_itself(sign_in: SignIn, record: Record) -> None:
    first = sign_in("AC00024").save(record, "taxStatus", headers=KEY, wht_response="x")
    again = sign_in("AC00024").save(record, "taxStatus", headers=KEY, wht_response="x")
    assert (again.status_code, again.json["data"]) == (200, first.json["data"])


@pytest.mark.parametrize("other", [{"wht_response": "อื่น"}, {"sourcePage": "taxFiling"}, {"version": 1}])
def test_another_save_under_the_same_key_is_refused(sign_in: SignIn, record: Record, other: Record) -> None:
    assert sign_in("admin").put(record["id"], BODY, KEY).status_code == 200
    answer = sign_in("admin").put(record["id"], BODY | other, KEY)
    assert (answer.status_code, set(answer.json["errors"])) == (422, {"Idempotency-Key"})


def test_another_record_under_the_same_key_is_refused(sign_in: SignIn, record: Record) -> None:
    other = next(one for one in sign_in("admin").get(limit=5).json["data"] if one["id"] != record["id"])
    sign_in("admin").put(record["id"], BODY, KEY)
    assert sign_in("admin").put(other["id"], BODY, KEY).status_code == 422


def test_keys_of_two_people_have_nothing_to_do_with_each_other(sign_in: SignIn, record: Record) -> None:
    sign_in("AC00024").put(record["id"], BODY, KEY)
    answer = sign_in("admin").put(record["id"], BODY | {"wht_response": "ของหัวหน้า"}, KEY)
    assert (answer.status_code, answer.json["data"]["wht_response"]) == (200, "ของหัวหน้า")


def test_a_refused_save_does_not_use_its_key_up(sign_in: SignIn, record: Record) -> None:
    bad = {"sourcePage": "taxStatus", "purchase_document_count": -1}
    assert sign_in("AC00024").put(record["id"], bad, KEY).status_code == 422
    assert sign_in("AC00024").put(record["id"], BODY, KEY).status_code == 200


def test_a_key_that_is_too_long_is_refused(sign_in: SignIn, record: Record) -> None:
    answers = [sign_in("AC00024").put(record["id"], BODY, {"Idempotency-Key": "k" * n}) for n in (100, 101)]
    assert [one.status_code for one in answers] == [200, 422]
    assert set(answers[1].json["errors"]) == {"Idempotency-Key"}


def test_answers_are_let_go_of_after_two_days(app: Flask, sign_in: SignIn, record: Record) -> None:
    who = sign_in("AC00024")
    who.put(record["id"], BODY, KEY)
    with app.app_context(), transaction() as work:
        work.session.execute(update(IdempotentAnswer).values(at=work.now - KEPT - timedelta(minutes=1)))
    who.put(record["id"], BODY, {"Idempotency-Key": "another"})
    with app.app_context(), transaction() as work:
        assert idempotency.forget_old(work, 100) == 1
    with app.app_context():
        assert list(db.session.scalars(select(IdempotentAnswer.key))) == ["another"]


def test_the_same_save_sent_twice_at_once_is_applied_once(app: Flask, sign_in: SignIn, record: Record) -> None:
    who, before, answers = sign_in("AC00024"), lines(app), []

    def send() -> None:
        headers = {"Authorization": f"Bearer {who.token}", **KEY}
        answers.append(app.test_client().put(f"/api/monthly-tax-data/{record['id']}", json=BODY, headers=headers).json)

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert lines(app) == before + 1
    assert answers == [answers[0]] * 4


def test_a_retry_by_who_has_lost_the_record_shows_no_row_of_today(app: Flask, sign_in: SignIn, record: Record) -> None:
    """What she was told then may be told again, but not what her successor has made of it since."""
    headers = KEY | {"X-Table": "tax-status"}
    first = sign_in("AC00024").put(record["id"], BODY, headers)
    assert "html" in first.json["data"]
    with app.app_context():
        service.hand_over(By("tests"), record["id"], {"accounting_responsible": "AC00040"})
    sign_in("AC00040").put(record["id"], BODY | {"pnd_status": "paid"})
    again = sign_in("AC00024").put(record["id"], BODY, headers)
    assert (again.status_code, "html" in again.json["data"]) == (200, False)
