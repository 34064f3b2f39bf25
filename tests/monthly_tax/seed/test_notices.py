"""The demo's notifications: of its newest month, as its own saves would have made them."""

from __future__ import annotations

from typing import Any

from bmu.monthly_tax import notices
from bmu.monthly_tax.fields import PEOPLE
from tests.monthly_tax.seed.conftest import Demo


def test_each_is_one_that_the_save_at_its_place_would_have_caused(demo: Demo) -> None:
    lines = {line.seq: line for lines in demo.lines.values() for line in lines}
    people_of = {record["id"]: {role: record[role] for role in PEOPLE} for record in demo.records}
    employees = {user.id: employee for employee, user in demo.users.items()}
    assert len(demo.notifications) > 50
    for one in demo.notifications:
        line = lines[one.seq]
        people = people_of[line.entity_id]
        caused = notices.of_change(line.action, line.page, line.fields, people, line.actor)
        assert (employees[one.user_id], one.event, one.topic) in {
            (told.person, told.event, told.topic) for told in caused
        }
        assert (one.entity_id, one.created_at) == (line.entity_id, line.at)


def test_they_are_of_the_newest_month_and_of_people_who_may_sign_in(demo: Demo) -> None:
    newest = {record["id"] for record in demo.newest}
    active = {user.id for user in demo.users.values() if user.status == "active"}
    assert {one.entity_id for one in demo.notifications} <= newest
    assert {one.user_id for one in demo.notifications} <= active


def test_what_waits_is_unread_and_what_was_done_is_read(demo: Demo) -> None:
    records = {record["id"]: record for record in demo.newest}
    reviews = [one for one in demo.notifications if one.event == notices.REVIEW]
    unread: list[Any] = [one for one in reviews if one.read_at is None]
    assert unread and len(unread) < len(reviews)
    for one in demo.notifications:
        assert one.read_at is None or one.created_at <= one.read_at <= demo.now
        later = [line for line in demo.lines[one.entity_id] if line.seq > one.seq]
        if one.read_at is None and one.event in {notices.REVIEW, notices.RECHECK, notices.INSPECTED}:
            acted = {line.actor for line in later}
            reader = next(employee for employee, user in demo.users.items() if user.id == one.user_id)
            assert reader not in acted, records[one.entity_id]["build"]


def test_everybody_of_the_cast_who_has_work_has_news(demo: Demo) -> None:
    told = {one.user_id for one in demo.notifications if one.read_at is None}
    assert {"AC00024", "AC00008"} <= {employee for employee, user in demo.users.items() if user.id in told}
