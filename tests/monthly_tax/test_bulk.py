"""The same fields on many records: each is its own save and answers for itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.conftest import STRANGER, Colleague, events

SignIn = Callable[[str], Colleague]
Record = dict[str, Any]


def bulk(who: Colleague, records: list[Record], page: str, **values: Any) -> Any:
    items = [{"id": one["id"], "version": one["version"]} for one in records]
    return who.call("PATCH", "bulk", json={"sourcePage": page, "records": items, "values": values})


@pytest.fixture
def hers(sign_in: SignIn, record: Record) -> list[Record]:
    """Three records that AC00024 keeps the books of."""
    listed = sign_in("AC00024").get(limit=100, accounting_responsible="AC00024").json["data"]
    return [record, *(one for one in listed if one["id"] != record["id"])][:3]


def test_every_record_is_saved_and_told_of(sign_in: SignIn, hers: list[Record]) -> None:
    socket = sign_in("AC00024").listen()
    answer = bulk(sign_in("AC00024"), hers, "taxStatus", bank_impact="no_docs")
    results = answer.json["data"]
    assert [(one["id"], one["ok"]) for one in results] == [(one["id"], True) for one in hers]
    assert {one["data"]["bank_impact"] for one in results} == {"no_docs"}
    changed = [one["id"] for one in hers if one["bank_impact"] != "no_docs"]
    assert [data["id"] for _, data in events(socket)] == changed != []


def test_one_that_fails_does_not_stop_the_others(sign_in: SignIn, hers: list[Record]) -> None:
    mine, stale, theirs = hers
    sign_in("admin").save(stale, "taxStatus", wht_response="ก่อน")
    foreign = next(
        one for one in sign_in(STRANGER).get(limit=100).json["data"] if one["accounting_responsible"] == STRANGER
    )
    results = bulk(sign_in("AC00024"), [mine, stale, foreign, theirs], "taxStatus", wht_response="ใหม่").json["data"]
    assert [one["ok"] for one in results] == [True, False, False, True]
    assert [results[1]["status"], results[2]["status"]] == [409, 404]
    assert results[1]["conflicts"]["wht_response"]["theirs"] == "ก่อน"
    assert results[1]["message"] and results[2]["message"]


def test_refusals_name_their_fields(sign_in: SignIn, hers: list[Record]) -> None:
    [forbidden] = bulk(sign_in("AC00024"), hers[:1], "taxStatus", wht_inquiry="ของผู้ตรวจ").json["data"]
    assert (forbidden["status"], set(forbidden["errors"])) == (403, {"wht_inquiry"})
    [invalid] = bulk(sign_in("AC00024"), hers[:1], "taxStatus", purchase_document_count="x").json["data"]
    assert (invalid["status"], set(invalid["errors"])) == (422, {"purchase_document_count"})
    [unknown] = bulk(sign_in("AC00024"), hers[:1], "taxStatus", no_such_field=1).json["data"]
    assert (unknown["status"], set(unknown["errors"])) == (422, {"no_such_field"})


def test_a_record_named_twice_is_refused(sign_in: SignIn, hers: list[Record]) -> None:
    answer = bulk(sign_in("AC00024"), [hers[0], hers[0]], "taxStatus", wht_response="x")
    assert (answer.status_code, set(answer.json["errors"])) == (422, {"records"})


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"records": []}, "records"),
        ({"records": [{"id": str(n)} for n in range(101)]}, "records"),
        ({"values": {}}, "values"),
        ({"sourcePage": "x"}, "sourcePage"),
        ({"extra": 1}, "extra"),
        ({"records": [{"id": "a", "other": 1}]}, "records.0.other"),
        ({"records": [{"version": 1}]}, "records.0.id"),
    ],
    ids=str,
)
def test_a_request_that_is_none_is_refused_by_name(sign_in: SignIn, change: Record, named: str) -> None:
    body = {"sourcePage": "taxStatus", "records": [{"id": "a"}], "values": {"wht_response": "x"}} | change
    answer = sign_in("AC00024").call("PATCH", "bulk", json=body)
    assert (answer.status_code, set(answer.json["errors"])) == (422, {named})


def test_a_record_the_database_cannot_write_now_answers_for_itself(
    sign_in: SignIn, hers: list[Record], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two of three are saved; the answer must say which."""
    from sqlalchemy.exc import OperationalError

    from bmu.monthly_tax import service

    save = service.save

    def busy(actor: Any, record_id: str, *rest: Any) -> Any:
        if record_id == hers[1]["id"]:
            raise OperationalError("BEGIN IMMEDIATE", None, Exception("database is locked"))
        return save(actor, record_id, *rest)

    monkeypatch.setattr(service, "save", busy)
    answer = bulk(sign_in("AC00024"), hers, "taxStatus", wht_response="ใหม่")
    assert answer.status_code == 200
    assert [one.get("status", 200) for one in answer.json["data"]] == [200, 503, 200]
