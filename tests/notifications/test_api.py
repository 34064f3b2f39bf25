"""/api/notifications: one's own, newest first, counted by the database."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from tests.conftest import FIVE, MONTH, STRANGER
from tests.notifications.conftest import Save, SignIn, listed


@pytest.fixture
def some(save: Save) -> list[dict[str, Any]]:
    """Four things that AC00024 was told."""
    save("AC00008", "taxInspection", pnd_status="additional_review", wht_inquiry="ขอเอกสาร")
    save("AC00008", "taxInspection", pp30_inquiry="ขอใบกำกับ")
    save("AC00012", "taxFiling", wht_filing_response="รับทราบ")
    return [save("AC00012", "taxFiling", pnd_status="sent_to_customer")]


def test_an_item_has_what_the_original_had(sign_in: SignIn, some: Any, record: dict[str, Any]) -> None:
    found = listed(sign_in("AC00024"))[-1]
    assert set(found) == {
        *("id", "type", "category", "priority", "title", "message", "action_url", "action_label", "is_read"),
        *("read_at", "created_at", "related_entity_type", "related_entity_id", "metadata"),
    }
    assert found["category"] == "tax" and found["priority"] == "high" and found["created_at"].endswith("Z")
    assert (found["related_entity_type"], found["related_entity_id"]) == ("monthly_tax_data", record["id"])
    assert found["action_url"] == f"/tax-status/018/{MONTH}" and found["action_label"] == "ดูรายละเอียด"
    assert found["metadata"]["company_name"] == record["company_name"]
    assert found["message"].endswith("ขอเอกสาร")


def test_the_newest_come_first_in_pages(sign_in: SignIn, some: Any) -> None:
    answer = sign_in("AC00024").get("/api/notifications", limit=3).json
    times = [one["created_at"] for one in answer["data"]]
    assert times == sorted(times, reverse=True) and len(times) == 3
    assert answer["pagination"] == {"page": 1, "limit": 3, "total": 4, "totalPages": 2}
    [last] = listed(sign_in("AC00024"), limit=3, page=2)
    assert last["id"] not in {one["id"] for one in answer["data"]}


def test_the_count_is_of_all_and_not_of_the_page(sign_in: SignIn, some: Any) -> None:
    """TRAP: it was 0 when the page was empty."""
    answer = sign_in("AC00024").get("/api/notifications", page=9).json
    assert (answer["data"], answer["unread_count"]) == ([], 4)


def test_reading_one_is_told_and_may_be_repeated(sign_in: SignIn, some: Any) -> None:
    who = sign_in("AC00024")
    wanted = listed(who)[1]["id"]
    for _ in range(2):
        answer = who.call("PUT", f"/api/notifications/{wanted}/read")
        assert answer.status_code == 200 and answer.json["data"]["is_read"] and answer.json["data"]["read_at"]
    assert [one["id"] for one in listed(who, is_read="true")] == [wanted]
    assert len(listed(who, is_read="false")) == 3


def test_reading_all_says_how_many(sign_in: SignIn, some: Any) -> None:
    who = sign_in("AC00024")
    assert who.call("PUT", "/api/notifications/read-all").json["data"] == {"read": 4}
    assert who.get("/api/notifications").json["unread_count"] == 0


def test_what_is_deleted_is_off_the_list_and_out_of_the_count(sign_in: SignIn, some: Any) -> None:
    who = sign_in("AC00024")
    gone = listed(who)[0]["id"]
    assert who.call("DELETE", f"/api/notifications/{gone}").json["data"] == {"id": gone}
    answer = who.get("/api/notifications").json
    assert gone not in {one["id"] for one in answer["data"]} and answer["unread_count"] == 3
    assert who.call("DELETE", f"/api/notifications/{gone}").status_code == 404
    assert who.call("PUT", f"/api/notifications/{gone}/read").status_code == 404


@pytest.mark.parametrize("who", ["admin", STRANGER, "AC00012", "AC00008", "AC00031"])
def test_those_of_others_are_not_there(sign_in: SignIn, some: Any, who: str) -> None:
    hers = listed(sign_in("AC00024"))[0]["id"]
    other = sign_in(who)
    assert hers not in {one["id"] for one in listed(other)}
    assert other.call("PUT", f"/api/notifications/{hers}/read").status_code == 404
    assert other.call("DELETE", f"/api/notifications/{hers}").status_code == 404
    other.call("PUT", "/api/notifications/read-all")
    assert sign_in("AC00024").get("/api/notifications").json["unread_count"] == 4


def test_each_role_gets_a_link_it_may_open(app: Flask, sign_in: SignIn, save: Save) -> None:
    save("AC00024", "taxStatus", pnd_status="passed", wht_response="แก้แล้ว", pp30_submission_comment="ยื่นได้")
    save("AC00008", "taxInspection", wht_inquiry="ขอเอกสาร")
    links = {who: {one["action_url"] for one in listed(sign_in(who))} for who in FIVE.values()}
    assert links == {
        "AC00024": {f"/tax-status/018/{MONTH}"},
        "AC00008": {f"/tax-inspection/018/{MONTH}"},
        "AC00012": {f"/tax-filing/018/{MONTH}"},
        "AC00015": {f"/tax-filing/018/{MONTH}"},
        "AC00031": set(),
    }
    for who, found in links.items():
        assert all(sign_in(who).get(url).status_code == 200 for url in found)


@pytest.mark.parametrize("query", [{"limit": 101}, {"limit": 0}, {"page": 0}, {"is_read": "maybe"}, {"nonsense": 1}])
def test_what_cannot_be_asked_is_refused_by_name(sign_in: SignIn, query: dict[str, Any]) -> None:
    answer = sign_in("AC00024").get("/api/notifications", **query)
    assert answer.status_code == 422 and set(answer.json["errors"]) == set(query)
