"""What is done to accounts, and who is who."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import select

from bmu.accounts import queries, service
from bmu.accounts.models import Employee, KnownDevice, User
from bmu.accounts.queries import Person
from bmu.changes.models import ChangeLog
from bmu.changes.work import By, transaction
from bmu.errors import Conflict, Invalid, NotFound
from bmu.extensions import db
from tests.accounts.cast import Browser, session_of

BY = By("AC00001", "สมชาย(ชาย)")


@pytest.fixture(autouse=True)
def within(app: Flask) -> Iterator[None]:
    with app.app_context():
        yield


def test_a_new_user_signs_in_once_and_must_change_the_password(visitor: Browser) -> None:
    password = service.create_user(BY, "registrar", "registration")
    user = visitor.tokens("registrar", password)["user"]
    assert (user["name"], user["employee_id"], user["must_change_password"]) == ("registrar", None, True)


def test_a_new_user_can_be_a_new_employee() -> None:
    new = Person("AC00077", "มานี", "ใจดี", "นี", "นักบัญชี", "active")
    service.create_user(BY, "AC00077", "service", hire=new)
    assert queries.names(["AC00077"]) == {"AC00077": new}
    assert queries.accounts("AC00077")[0].name == "มานี(นี)"


@pytest.mark.parametrize(
    ("username", "role", "employee_id", "field"),
    [("a b", "service", None, "username"), ("new", "king", None, "role"), ("new", "service", "AC99999", "employee_id")],
)
def test_an_unfit_user_is_refused_by_field(username: str, role: str, employee_id: str | None, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        service.create_user(BY, username, role, employee_id=employee_id)
    assert list(refused.value.errors) == [field]


def test_a_name_is_given_once_whatever_its_case() -> None:
    with pytest.raises(Conflict):
        service.create_user(BY, "ac00024", "service")


def test_an_employee_is_hired_once_and_a_refusal_leaves_nothing_behind() -> None:
    twin = Person("AC00024", "มานี", "", None, "", "active")
    with pytest.raises(Conflict):
        service.create_user(BY, "maanii", "service", hire=twin)
    with pytest.raises(Conflict):
        service.create_user(BY, "AC00024", "service", hire=Person("AC00078", "มานี", "", None, "", "active"))
    assert db.session.scalar(select(Employee.id).where(Employee.employee_id == "AC00078")) is None


def test_disabling_ends_what_is_open_and_refuses_what_comes(app: Flask, visitor: Browser) -> None:
    token = visitor.tokens()["access_token"]
    assert service.disable(BY, "AC00024") == 1
    assert visitor.call(token).status_code == 401
    assert visitor.login().status_code == 403
    assert session_of(app).end_reason == "disabled"


def test_enabling_lets_in_again(visitor: Browser) -> None:
    service.disable(BY, "AC00024")
    service.enable(BY, "AC00024")
    assert visitor.login().status_code == 200


def test_the_last_administrator_stays() -> None:
    with pytest.raises(Conflict):
        service.disable(BY, "admin")
    with pytest.raises(Conflict):
        service.set_role(BY, "admin", "service")
    service.set_role(BY, "AC00008", "admin")
    service.disable(BY, "admin")
    assert queries.accounts("admin")[0].status == "inactive"


def test_a_role_is_given_and_an_unknown_one_refused(visitor: Browser) -> None:
    token = visitor.tokens()["access_token"]
    service.set_role(BY, "AC00024", "audit")
    assert visitor.call(token).get_json()["role"] == "audit"
    with pytest.raises(Invalid):
        service.set_role(BY, "AC00024", "king")


def test_a_reset_password_ends_everything_the_old_one_opened(app: Flask, visitor: Browser) -> None:
    visitor.sign_in()
    assert db.session.scalar(select(KnownDevice)) is not None
    password = service.set_password(BY, "AC00024")
    assert visitor.get("/api/door").status_code == 401
    assert visitor.login().status_code == 401
    assert db.session.scalar(select(KnownDevice)) is None
    assert visitor.tokens("AC00024", password)["user"]["must_change_password"] is True


def test_who_did_it_is_in_the_log_and_no_hash_is() -> None:
    service.set_password(BY, "AC00024")
    service.set_role(BY, "AC00024", "audit")
    lines = db.session.scalars(select(ChangeLog).order_by(ChangeLog.seq.desc()).limit(2)).all()
    assert [(line.action, line.actor) for line in lines] == [("role", "AC00001"), ("password", "AC00001")]
    assert lines[0].fields == {"role": ["service", "audit"]}
    assert set(lines[1].fields) == {"password_changed_at", "must_change_password"}


@pytest.mark.parametrize("verb", [service.disable, service.enable, service.set_password])
def test_nobody_is_not_found(verb: object) -> None:
    with pytest.raises(NotFound):
        verb(BY, "AC99999")  # type: ignore[operator]


def test_names_come_in_one_query_and_unknown_ids_are_left_out() -> None:
    found = queries.names({"AC00024", "AC99999"})
    assert {person: one.display_name for person, one in found.items()} == {"AC00024": "วิภา(ภา)"}
    assert queries.names(set()) == {}


def test_pickers_offer_who_works_here_now(app: Flask) -> None:
    with transaction(BY) as work:
        left = work.session.scalars(select(Employee).where(Employee.employee_id == "AC00040")).one()
        work.edit(left, {"status": "resigned"})
    assert [person.employee_id for person in queries.active_employees()] == ["AC00001", "AC00008", "AC00024"]


@pytest.mark.parametrize(("key", "name"), [("nick_name", "วิภา"), ("employee_id", "AC00024")])
def test_an_account_reads_as_what_is_known_of_its_owner(app: Flask, key: str, name: str) -> None:
    model, columns = (Employee, {"nick_name": None}) if key == "nick_name" else (User, {"employee_id": None})
    with transaction(BY) as work:
        row = work.session.scalars(select(model).where(model.employee_id == "AC00024")).one()
        work.edit(row, columns)
    assert queries.accounts("AC00024")[0].name == name
