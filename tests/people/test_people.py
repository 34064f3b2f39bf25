"""Employees, their accounts and what they hold: services, API by role, pages, commands."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from tests.conftest import STRANGER, Colleague, events

SignIn = Callable[[str], Colleague]
ADMINISTRATORS_ONLY = [
    *(("GET", "/api/employees/AC00024"), ("POST", "/api/employees"), ("PUT", "/api/employees/AC00024")),
    *(("GET", "/api/employees/AC00024/holdings"), ("POST", "/api/employees/AC00024/hand-over")),
    *(("GET", "/api/users"), ("GET", "/api/users/AC00024"), ("POST", "/api/users"), ("PUT", "/api/users/AC00024")),
    ("POST", "/api/users/AC00024/password"),
]
BODIES = {"/api/employees": {"employee_id": "x", "first_name": "x"}, "/api/users": {"username": "x", "role": "hr"}}


@pytest.fixture
def admin(sign_in: SignIn) -> Colleague:
    return sign_in("admin")


def send(who: Colleague, path: str, **fields: Any) -> Any:
    return who.browser().post(path, data={"csrf_token": who.csrf, **fields})


def holdings(admin: Colleague, who: str) -> dict[str, int]:
    found = admin.call("GET", f"/api/employees/{who}/holdings").json["data"]
    return {one["role"]: one["count"] for one in found}


@pytest.mark.parametrize("username", ["AC00008", "AC00024", "AC00031"])
def test_only_administrators_manage_people(sign_in: SignIn, username: str) -> None:
    who = sign_in(username)
    for method, path in ADMINISTRATORS_ONLY:
        answer = who.call(method, path, json=None if method == "GET" else BODIES.get(path, {}))
        assert answer.status_code == 403, f"{method} {path}"
    for path in ("/people", "/people/new", "/people/AC00024"):
        assert who.get(path).status_code == 403
    assert 'href="/people"' not in who.get("/account").text


def test_everybody_may_read_who_works_here(sign_in: SignIn) -> None:
    listed = sign_in("AC00031").call("GET", "/api/employees?status=active").json["data"]
    assert {"employee_id", "name", "position"} <= listed[0].keys()
    assert "version" not in listed[0]


def test_somebody_is_hired_gets_an_account_and_may_sign_in_once(app: Flask, admin: Colleague) -> None:
    hired = admin.call("POST", "/api/employees", json={"employee_id": "AC00900", "first_name": "มานี", "nick_name": "นี"})
    assert (hired.status_code, hired.json["data"]["name"]) == (201, "มานี(นี)")
    made = admin.call("POST", "/api/users", json={"username": "manee", "role": "service", "employee_id": "AC00900"})
    tried = {"username": "manee", "password": made.json["data"]["password"]}
    user = app.test_client().post("/api/auth/login", json=tried).json["data"]["user"]
    assert (user["employee_id"], user["must_change_password"]) == ("AC00900", True)


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "/api/employees", {"employee_id": "AC00024", "first_name": "ซ้ำ"}, 409),
        ("POST", "/api/employees", {"employee_id": "ก1", "first_name": "x"}, 422),
        ("POST", "/api/employees", {"employee_id": "AC00901", "first_name": " "}, 422),
        ("PUT", "/api/employees/AC00024", {"status": "gone"}, 422),
        ("PUT", "/api/employees/nobody", {"first_name": "x"}, 404),
        ("POST", "/api/users", {"username": "AC00024", "role": "service"}, 409),
        ("POST", "/api/users", {"username": "x y", "role": "king"}, 422),
        ("PUT", "/api/users/AC00024", {"role": "king"}, 422),
        ("PUT", "/api/users/AC00024", {"employee_id": "AC00008"}, 422),
        ("PUT", "/api/users/AC00024", {"employee_id": "nobody"}, 422),
        ("PUT", "/api/users/nobody", {"role": "hr"}, 404),
        ("PUT", "/api/users/admin", {"status": "inactive"}, 409),
        ("POST", "/api/users/nobody/password", None, 404),
        ("POST", "/api/employees/AC00024/hand-over", {"accounting_responsible": "nobody"}, 422),
        ("POST", "/api/employees/AC00024/hand-over", {"tax_inspection_responsible": "AC00040"}, 422),
        ("POST", "/api/employees/AC00024/hand-over", {"accounting_responsible": "AC00024"}, 422),
        ("POST", "/api/employees/AC00024/hand-over", {"nonsense": "AC00040"}, 422),
    ],
)
def test_what_cannot_be_is_refused(admin: Colleague, method: str, path: str, body: object, status: int) -> None:
    assert admin.call(method, path, json=body).status_code == status


def test_the_second_to_change_a_field_of_an_employee_sees_both(admin: Colleague) -> None:
    version = admin.call("GET", "/api/employees/AC00024").json["data"]["version"]
    admin.call("PUT", "/api/employees/AC00024", json={"position": "หัวหน้า", "version": version})
    refused = admin.call("PUT", "/api/employees/AC00024", json={"position": "ผู้ช่วย", "version": version})
    assert (refused.status_code, refused.json["conflicts"]["position"]["theirs"]) == (409, "หัวหน้า")
    page = send(admin, "/people/AC00024", version=version, position="ผู้ช่วย")
    assert page.status_code == 409
    assert 'value="ผู้ช่วย"' in page.text and "<b>หัวหน้า</b>" in page.text


def test_disabling_ends_sessions_and_sockets_and_shows_what_is_held(sign_in: SignIn, admin: Colleague) -> None:
    hers = sign_in("AC00024")
    socket = hers.listen()
    done = send(admin, "/people/AC00024/account", username="AC00024", do="disable")
    assert hers.get("/api/auth/me").status_code == 401
    assert [name for name, _ in events(socket)] == ["auth:expired"]
    assert done.headers["Location"] == "/people/AC00024?done=disable"
    page = admin.get("/people/AC00024").text
    assert 'id="held"' in page and "data-urgent" in page
    assert 'value="enable"' in page


def test_one_click_hands_everything_over_and_open_tables_follow(sign_in: SignIn, admin: Colleague) -> None:
    count = holdings(admin, "AC00024")["accounting_responsible"]
    had = holdings(admin, STRANGER)["accounting_responsible"]
    socket = sign_in(STRANGER).listen()
    done = send(admin, "/people/AC00024/hand-over", accounting_responsible=STRANGER)
    assert done.status_code == 303
    assert "accounting_responsible" not in holdings(admin, "AC00024")
    assert holdings(admin, STRANGER)["accounting_responsible"] == had + count
    assert [name for name, _ in events(socket)].count("monthly-tax-data:updated") == count > 0


def test_the_page_proposes_whoever_may_and_holds_least(admin: Colleague) -> None:
    found = admin.call("GET", "/api/employees/AC00008/holdings").json["data"]
    [inspecting] = [one for one in found if one["role"] == "tax_inspection_responsible"]
    able = [one["employee_id"] for one in inspecting["able"]]
    assert inspecting["lightest"] in able and "AC00008" not in able and "AC00024" not in able


def test_a_vat_filer_of_a_client_that_left_vat_is_let_go(admin: Colleague) -> None:
    admin.call("PUT", "/api/clients/018", json={"tax_registration_status": "ยังไม่จดภาษีมูลค่าเพิ่ม"})
    able = admin.call("GET", "/api/employees/AC00015/holdings").json["data"]
    [filing] = [one for one in able if one["role"] == "vat_filer_current_employee_id"]
    body = {"vat_filer_current_employee_id": filing["lightest"]}
    assert admin.call("POST", "/api/employees/AC00015/hand-over", json=body).json["data"]["records"] == filing["count"]
    assert "vat_filer_current_employee_id" not in holdings(admin, "AC00015")


def test_earlier_months_stay_as_they_were(admin: Colleague) -> None:
    body = {"accounting_responsible": STRANGER}
    admin.call("POST", "/api/employees/AC00024/hand-over", json=body)
    theirs = admin.get(accounting_responsible="AC00024", limit=100).json["data"]
    assert theirs and len({one["tax_month"] for one in theirs}) == 1


def test_a_one_time_password_is_shown_once(app: Flask, admin: Colleague) -> None:
    page = send(admin, "/people/AC00024/account", username="AC00024", do="password")
    found = re.search(r'class="one-time">([^<]+)<', page.text)
    assert found
    tried = {"username": "AC00024", "password": found[1]}
    user = app.test_client().post("/api/auth/login", json=tried).json["data"]["user"]
    assert user["must_change_password"]
    assert found[1] not in admin.get("/people/AC00024").text


def test_the_pages_create_link_and_change_a_role(admin: Colleague) -> None:
    made = send(admin, "/people/new", employee_id="AC00900", first_name="มานี", status="active")
    assert made.headers["Location"] == "/people/AC00900?done=hired"
    issued = send(admin, "/people/AC00900/account", username="manee", role="service", do="create")
    assert (issued.status_code, "one-time" in issued.text) == (200, True)
    send(admin, "/people/AC00900/account", username="manee", role="audit", do="role")
    assert admin.call("GET", "/api/users/manee").json["data"]["role"] == "audit"
    admin.call("PUT", "/api/users/manee", json={"employee_id": None})
    linked = send(admin, "/people/manee/account", username="manee", employee_id="AC00900", do="link")
    assert linked.headers["Location"] == "/people/AC00900?done=link"


def test_what_is_wrong_is_said_and_nothing_typed_is_lost(admin: Colleague) -> None:
    refused = send(admin, "/people/new", employee_id="AC00024", first_name="มานะ", status="active")
    assert (refused.status_code, 'value="มานะ"' in refused.text) == (409, True)
    assert 'id="employee_id-error"' in refused.text
    last = send(admin, "/people/AC00001/account", username="admin", do="disable")
    assert (last.status_code, 'role="alert"' in last.text) == (409, True)
    other = send(admin, "/people/AC00024/account", username="admin", do="disable")
    assert other.status_code == 404


def test_the_list_is_searched_and_filtered(admin: Colleague) -> None:
    def shown(**asked: str) -> set[str]:
        return set(re.findall(r'href="/people/(AC\d+)"', admin.get("/people", **asked).text))

    assert len(shown()) == 40
    assert shown(q="ac00024") == {"AC00024"}
    assert "AC00008" in shown(role="audit") and "AC00024" not in shown(role="audit")
    admin.call("PUT", "/api/users/AC00024", json={"status": "inactive"})
    admin.call("PUT", "/api/employees/AC00024", json={"status": "resigned"})
    assert shown(status="resigned") >= {"AC00024"}
    assert "AC00024" not in shown(status="active")


def test_every_write_is_in_the_history(admin: Colleague) -> None:
    admin.call("PUT", "/api/employees/AC00024", json={"position": "หัวหน้า"})
    admin.call("PUT", "/api/users/AC00024", json={"role": "audit"})
    page = admin.get("/people/AC00024").text
    story = page[page.index('class="told"') :]
    assert "หัวหน้า" in story and "ผู้ตรวจสอบ" in story


def test_commands_link_tell_what_is_held_and_hand_it_over(app: Flask, admin: Colleague) -> None:
    def run(*words: str) -> Any:
        done = app.test_cli_runner().invoke(args=["user", *words])
        assert "Traceback" not in done.output
        return done

    assert run("hire", "AC00900", "มานี", "--nick-name", "นี").exit_code == 0
    assert run("create", "manee", "--role", "service").exit_code == 0
    assert run("link", "manee", "AC00900").exit_code == 0
    assert run("link", "manee", "AC00024").exit_code == 1
    assert "accounting_responsible" in run("holds", "AC00024").output
    assert run("hand-over", "AC00024", "accounting_responsible", "AC00900").exit_code == 0
    assert "accounting_responsible" not in run("holds", "AC00024").output
    assert run("hand-over", "AC00008", "tax_inspection_responsible", "AC00900").exit_code == 1
