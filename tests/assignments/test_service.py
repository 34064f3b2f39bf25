"""Opening, assigning, copying: what stays, what is told, and that it is all or nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from bmu.assignments import service
from bmu.errors import Conflict, Invalid, NotFound
from bmu.monthly_tax.fields import FIELDS, ORIGINALS, PEOPLE
from tests.assignments.conftest import BOOKS, BY, CHECKS, KEYS, VAT, WHT, WHY, Assign, Records, newest, told
from tests.conftest import MONTH, NOW, STRANGER, Colleague

SignIn = Callable[[str], Colleague]
NEXT = MONTH.plus(1)
LEFT = "AC00037"


def open_(app: Flask, month: Any = NEXT) -> int:
    with app.app_context():
        return service.open_month(BY, month, NOW)


def test_opening_adds_every_client_once(app: Flask, records: Records) -> None:
    assert records(NEXT) == []
    added = open_(app)
    assert added == len(records(NEXT)) > 30
    before = records(NEXT)
    assert open_(app) == 0
    assert records(NEXT) == before


def test_opening_touches_nothing_that_is_there(app: Flask, records: Records) -> None:
    before = records()
    open_(app, MONTH)
    assert [one for one in records() if one["id"] in {was["id"] for was in before}] == before


def test_a_new_month_begins_with_the_people_of_the_last_one(app: Flask, records: Records) -> None:
    last = {one["build"]: one for one in records()}
    open_(app)
    compared = [one for one in records(NEXT) if one["build"] in last]
    assert len(compared) > 30
    for one in compared:
        assert {role: one[role] for role in PEOPLE} == {role: last[one["build"]][role] for role in PEOPLE}
        assert {one[ORIGINALS[role]] == one[role] for role in PEOPLE} == {True}
        assert all(one[key] is None for key in FIELDS)


def test_a_far_future_is_not_opened(app: Flask, records: Records) -> None:
    with pytest.raises(Invalid):
        open_(app, MONTH.plus(12 * 20))
    assert records(MONTH.plus(12 * 20)) == []


def test_reassigning_keeps_the_original_and_the_tax_data(
    sign_in: SignIn, record: dict[str, Any], assign: Assign
) -> None:
    """TRAP: updating an assignment wiped the month's tax data (domain §14.1 10)."""
    assert assign((record["id"], BOOKS, STRANGER)) == [record["id"]]
    now = sign_in("admin").get(record["id"]).json["data"]
    assert now[BOOKS] == STRANGER and now[ORIGINALS[BOOKS]] == record[ORIGINALS[BOOKS]]
    assert {key: now[key] for key in FIELDS} == {key: record[key] for key in FIELDS}


def test_the_history_keeps_the_reason(sign_in: SignIn, record: dict[str, Any], assign: Assign) -> None:
    assign((record["id"], BOOKS, STRANGER), reason=f"  {WHY}\n")
    line = sign_in("admin").get(f"{record['id']}/history").json["data"][0]
    assert (line["action"], line["reason"]) == ("hand_over", WHY)
    assert line["fields"] == {BOOKS: ["AC00024", STRANGER]}
    assert WHY in sign_in("admin").get(f"/assignments/018/{MONTH}").text


@pytest.mark.parametrize("reason", ["", "   ", "x" * 301])
def test_no_reason_no_change(records: Records, record: dict[str, Any], assign: Assign, reason: str) -> None:
    with pytest.raises(Invalid) as refused:
        assign((record["id"], BOOKS, STRANGER), reason=reason)
    assert set(refused.value.errors) == {"reason"}
    assert records(build="018")[0]["version"] == record["version"]


def test_a_plan_changes_without_a_reason(app: Flask, records: Records, assign: Assign) -> None:
    open_(app)
    planned = records(NEXT)[0]
    assert assign((planned["id"], BOOKS, STRANGER), reason="") == [planned["id"]]


def test_old_and_new_are_told(app: Flask, record: dict[str, Any], assign: Assign) -> None:
    since = newest(app)
    assign((record["id"], BOOKS, STRANGER))
    assert sorted((topic, event) for topic, event, _ in told(app, since)) == [
        (BOOKS, "assigned"),
        (BOOKS, "unassigned"),
    ]


def test_of_many_each_person_is_told_once(app: Flask, sign_in: SignIn, records: Records, assign: Assign) -> None:
    """Four hundred entries in a list tell less than one."""
    since, some = newest(app), records(anyone="AC00024", roles=(BOOKS,))
    assert len(some) > 1
    assign(*((one["id"], BOOKS, STRANGER) for one in some))
    heard = told(app, since)
    assert sorted(event for _, event, _ in heard) == ["assigned", "unassigned"]
    assert {facts["more"] for _, _, facts in heard} == {len(some) - 1}
    entry = sign_in(STRANGER).get("/api/notifications").json["data"][0]
    assert f"และอีก {len(some) - 1} รายการ" in entry["message"]
    assert entry["action_url"] == f"/tax-status?month={MONTH}"


def test_one_wrong_cell_keeps_all_from_changing(records: Records, assign: Assign) -> None:
    before = records()
    first, second, plain = before[0], before[1], next(one for one in before if not one["is_vat"])
    with pytest.raises(Invalid) as refused:
        assign(
            (first["id"], BOOKS, STRANGER),
            (second["id"], CHECKS, STRANGER),
            (second["id"], KEYS, LEFT),
            (plain["id"], VAT, "AC00012"),
            (first["id"], WHT, "XX1"),
        )
    wrong = {f"{second['build']}.{CHECKS}", f"{second['build']}.{KEYS}", f"{plain['build']}.{VAT}"}
    assert set(refused.value.errors) == {*wrong, f"{first['build']}.{WHT}"}
    assert records() == before


def test_what_is_not_there_keeps_all_from_changing(records: Records, assign: Assign) -> None:
    before = records()
    with pytest.raises(NotFound):
        assign((before[0]["id"], BOOKS, STRANGER), ("nothing", BOOKS, STRANGER))
    assert records() == before


def test_who_is_there_already_may_stay_whatever_their_role(records: Records, assign: Assign) -> None:
    """AC00024 keys for some of her clients, which her account's role would not be given (design §8)."""
    exception = records(anyone="AC00024", roles=(KEYS,))[0]
    assert assign((exception["id"], KEYS, "AC00024")) == []


def test_nobody_overwrites_what_they_have_not_seen(records: Records, record: dict[str, Any], assign: Assign) -> None:
    assign((record["id"], BOOKS, STRANGER, "AC00024"))
    other = records()[0]
    with pytest.raises(Conflict) as refused:
        assign((record["id"], BOOKS, "AC00003", "AC00024"), (other["id"], BOOKS, STRANGER))
    assert set(refused.value.extra["conflicts"]) == {f"018.{BOOKS}"}
    assert records()[0] == other
    assert assign((record["id"], BOOKS, STRANGER, "AC00024")) == []  # both wanted the same


def test_too_many_at_once_are_refused(assign: Assign) -> None:
    with pytest.raises(Invalid):
        assign(*((str(number), BOOKS, STRANGER) for number in range(service.MOST + 1)))


def copy(app: Flask, **how: Any) -> list[str]:
    with app.app_context():
        return service.copy_previous(BY, MONTH, how.pop("builds", None), NOW, **how)


def test_copying_fills_empty_places_only(app: Flask, records: Records, record: dict[str, Any], assign: Assign) -> None:
    assign((record["id"], KEYS, None), (record["id"], BOOKS, STRANGER))
    changed = copy(app)
    now = records(build="018")[0]
    assert record["id"] in changed
    assert (now[KEYS], now[BOOKS]) == ("AC00031", STRANGER)


def test_copying_over_people_needs_a_reason(
    app: Flask, records: Records, record: dict[str, Any], assign: Assign
) -> None:
    assign((record["id"], BOOKS, STRANGER))
    with pytest.raises(Invalid):
        copy(app, builds={"018"}, replace=True)
    assert copy(app, builds={"018"}, replace=True, reason=WHY) == [record["id"]]
    assert records(build="018")[0][BOOKS] == "AC00024"


def test_what_month_has_begun_is_asked_of_the_clock(app: Flask, record: dict[str, Any]) -> None:
    with app.app_context():
        cell = service.Cell(record["id"], BOOKS, STRANGER)
        assert service.assign(BY, [cell], "", NOW - timedelta(days=62)) == [record["id"]]
