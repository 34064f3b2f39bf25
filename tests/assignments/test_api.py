"""Assignments over HTTP: the same rules, for the same people."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from bmu.monthly_tax.fields import PEOPLE
from tests.assignments.conftest import BOOKS, CHECKS, VAT, WHT, WHY, Records
from tests.conftest import MONTH, STRANGER, Colleague, events

SignIn = Callable[[str], Colleague]
API = "/api/assignments"
CALLS: list[tuple[str, str, Any]] = [
    ("GET", f"{API}?month={MONTH}", None),
    ("GET", f"{API}/people", None),
    ("GET", f"{API}/statistics?month={MONTH}", None),
    ("POST", f"{API}/open", {"month": str(MONTH)}),
    ("POST", f"{API}/copy", {"month": str(MONTH)}),
    ("PATCH", API, {"cells": [{"id": "{id}", "role": BOOKS, "employee_id": STRANGER}], "reason": WHY}),
]


def body(given: Any, record: dict[str, Any]) -> Any:
    if given and "cells" in given:
        return given | {"cells": [cell | {"id": record["id"]} for cell in given["cells"]]}
    return given


@pytest.mark.parametrize("call", CALLS, ids=lambda call: f"{call[0]} {call[1].partition('?')[0]}")
@pytest.mark.parametrize(
    ("username", "status"), [("admin", 200), ("AC00008", 200), ("AC00024", 403), ("AC00012", 403), ("AC00031", 403)]
)
def test_administrators_and_auditors_assign(
    sign_in: SignIn, record: dict[str, Any], call: Any, username: str, status: int
) -> None:
    method, path, given = call
    answer = sign_in(username).call(method, path, json=body(given, record))
    assert answer.status_code == status, answer.text
    if status == 403:
        assert sign_in("admin").get(record["id"]).json["data"] == record


def test_only_an_administrator_empties_a_record(sign_in: SignIn, record: dict[str, Any]) -> None:
    asked = {"version": record["version"], "confirm": "018", "reason": WHY}
    for username, status in (("AC00024", 403), ("AC00008", 403), ("admin", 200), ("admin", 409)):
        assert sign_in(username).call("POST", f"{API}/{record['id']}/reset", json=asked).status_code == status


def test_the_grid_says_who_has_what_and_what_wants_somebody(sign_in: SignIn, record: dict[str, Any]) -> None:
    admin = sign_in("admin")
    admin.call("PATCH", API, json={"cells": [{"id": record["id"], "role": WHT, "employee_id": None}], "reason": WHY})
    answer = admin.call("GET", API, query_string={"month": str(MONTH), "gaps": "true", "q": "018"}).json
    [row] = answer["data"]
    assert (row["build"], row["gaps"], row["people"][WHT]) == ("018", [WHT], None)
    assert row["people"][BOOKS] == {"employee_id": "AC00024", "name": "วิภา(ภา)"}
    assert answer["pagination"]["total"] == 1


def test_a_page_of_the_grid_is_part_of_it(sign_in: SignIn, records: Records) -> None:
    builds: list[str] = []
    for page in range(1, 6):
        query = {"month": str(MONTH), "page": page, "limit": 10}
        builds += [row["build"] for row in sign_in("admin").call("GET", API, query_string=query).json["data"]]
    assert builds == [one["build"] for one in records()][:50]


def test_statistics_count_what_the_records_say(sign_in: SignIn, records: Records) -> None:
    found = sign_in("admin").call("GET", f"{API}/statistics", query_string={"month": str(MONTH)}).json["data"]
    listed = records()
    assert (found["records"], found["vat"]) == (len(listed), sum(one["is_vat"] for one in listed))
    told = {one["employee_id"]: one["roles"] for one in found["people"]}
    for who in {one[role] for one in listed for role in PEOPLE if one[role]}:
        for role in PEOPLE:
            mine = [one["is_vat"] for one in listed if one[role] == who]
            assert told[who][role] == {"vat": sum(mine), "other": len(mine) - sum(mine)}


def test_people_are_those_who_may_be_given_the_role(sign_in: SignIn) -> None:
    able = sign_in("admin").call("GET", f"{API}/people").json["data"]
    ids = {role: {one["employee_id"] for one in people} for role, people in able.items()}
    assert "AC00008" in ids[CHECKS] and "AC00024" not in ids[CHECKS]
    assert {"AC00012", "AC00015"} <= ids[VAT] and "AC00031" not in ids[VAT]
    assert not any("AC00037" in people for people in ids.values()), "she has left"


@pytest.mark.parametrize(
    ("cells", "status", "named"),
    [
        ([], 422, "cells"),
        ([{"role": CHECKS, "employee_id": STRANGER}], 422, f"018.{CHECKS}"),
        ([{"role": "boss", "employee_id": STRANGER}], 422, "018.boss"),
        ([{"role": "pnd_status", "employee_id": None}], 422, "018.pnd_status"),
        ([{"role": BOOKS, "employee_id": STRANGER, "nonsense": 1}], 422, "cells.0.nonsense"),
    ],
)
def test_refusals_name_the_cell(
    sign_in: SignIn, record: dict[str, Any], cells: list[dict[str, Any]], status: int, named: str
) -> None:
    asked = {"cells": [{"id": record["id"], **cell} for cell in cells], "reason": WHY}
    answer = sign_in("admin").call("PATCH", API, json=asked)
    assert answer.status_code == status
    assert named in answer.json["errors"], answer.json


def test_a_cell_that_somebody_else_assigned_meanwhile_is_a_conflict(sign_in: SignIn, record: dict[str, Any]) -> None:
    cell = {"id": record["id"], "role": BOOKS, "employee_id": STRANGER, "was": "AC00003"}
    answer = sign_in("admin").call("PATCH", API, json={"cells": [cell], "reason": WHY})
    assert answer.status_code == 409
    assert answer.json["conflicts"][f"018.{BOOKS}"]["theirs"] == "AC00024"


def test_the_row_moves_from_one_screen_to_the_other(sign_in: SignIn, record: dict[str, Any]) -> None:
    old, new = sign_in("AC00024").listen(table="tax-status"), sign_in(STRANGER).listen(table="tax-status")
    clerk = sign_in("AC00031").listen()
    cell = {"id": record["id"], "role": BOOKS, "employee_id": STRANGER}
    assert sign_in("AC00008").call("PATCH", API, json={"cells": [cell], "reason": WHY}).status_code == 200
    assert [name for name, _ in events(old)] == ["monthly-tax-data:removed"]
    [(name, told)] = events(new)
    assert (name, told["id"]) == ("monthly-tax-data:updated", record["id"])
    assert f'data-id="{record["id"]}"' in told["html"]
    assert [name for name, _ in events(clerk)] == ["monthly-tax-data:updated"]


def test_two_administrators_see_each_others_rows(sign_in: SignIn, record: dict[str, Any]) -> None:
    """Answer, event and page carry one row."""
    other = sign_in("AC00008").listen(employeeId="*", table="assignments", lang="th")
    cell = {"id": record["id"], "role": BOOKS, "employee_id": STRANGER}
    headers = {"X-Table": "assignments"}
    answer = sign_in("admin").call("PATCH", API, json={"cells": [cell], "reason": WHY}, headers=headers)
    [row] = answer.json["data"]["rows"]
    assert [told["html"] for _, told in events(other)] == [row]
    assert row in sign_in("AC00008").get("/assignments", month=str(MONTH)).text
    missed = sign_in("AC00008").get("changes", since=record["seq"], table="assignments", everybody="true")
    assert [one["html"] for one in missed.json["data"]["missed"] if one["id"] == record["id"]] == [row]


def test_nobody_else_gets_rows_of_the_grid(sign_in: SignIn) -> None:
    socket = sign_in("AC00024").socket()
    asked = {"employeeId": "AC00024", "table": "assignments"}
    answer = socket.emit("subscribe:monthly-tax-data", asked, callback=True)
    assert (answer["ok"], answer["error"]["code"]) == (False, "forbidden")


def test_a_view_of_the_grid_is_none(sign_in: SignIn) -> None:
    """The grid lists without views: asking for one does no harm."""
    socket = sign_in("admin").socket()
    asked = {"employeeId": "*", "table": "assignments", "view": "month=2026-10"}
    answer = socket.emit("subscribe:monthly-tax-data", asked, callback=True)
    assert answer["ok"] and "view" not in answer
    assert sign_in("admin").get("changes", since=0, table="assignments", everybody="true", view="x").status_code == 200


def test_many_at_once_are_one_commit(app: Flask, sign_in: SignIn, records: Records) -> None:
    some = records()
    cells = [{"id": one["id"], "role": BOOKS, "employee_id": STRANGER} for one in some]
    answer = sign_in("admin").call("PATCH", API, json={"cells": cells, "reason": WHY})
    assert answer.status_code == 200, answer.text
    now = records()
    assert {one[BOOKS] for one in now} == {STRANGER}
    assert len({one["updated_at"] for one in now if one["id"] in answer.json["data"]["changed"]}) == 1
