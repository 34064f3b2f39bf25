"""Employees and user accounts over HTTP (design §7). Everybody signed in may read who works here; the rest is for
those whose role opens the page."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from flask import Response
from flask_babel import gettext
from flask_openapi3 import APIBlueprint, Tag
from pydantic import BaseModel, Field, WithJsonSchema, create_model

from bmu.accounts import queries as accounts
from bmu.accounts import service, staff
from bmu.accounts.access import api_opens, current_actor, guard_api
from bmu.accounts.rules import ROLES, Actor
from bmu.accounts.staff import FIELDS
from bmu.errors import Forbidden, Invalid, NotFound
from bmu.monthly_tax.fields import PEOPLE
from bmu.openapi import FAILURES, SECURED, Strict, Success, ok, require_json
from bmu.people import holdings, queries
from bmu.people.pages import PAGE
from bmu.tables.kinds import Kind

Frame: dict[str, Any] = {"abp_security": SECURED, "abp_responses": FAILURES | {"200": Success}}
employees = APIBlueprint(
    "employees_api",
    __name__,
    url_prefix="/api/employees",
    abp_tags=[Tag(name="employees", description="Who works at the firm")],
    **Frame,
)
users = APIBlueprint(
    "users_api",
    __name__,
    url_prefix="/api/users",
    abp_tags=[Tag(name="users", description="User accounts (administrators)")],
    **Frame,
)
employees.before_request(guard_api)
employees.before_request(require_json)
users.before_request(lambda: api_opens(PAGE))
users.before_request(require_json)


def _value(kind: Kind) -> Any:
    return Annotated[Any, WithJsonSchema({"anyOf": [kind.schema(), {"type": "null"}]})]


def _administrator() -> Actor:
    actor = current_actor()
    if not actor.opens(PAGE):
        raise Forbidden()
    return actor


_fields: dict[str, Any] = {key: (_value(one.kind), Field(None, description=one.label)) for key, one in FIELDS.items()}
_successors: dict[str, Any] = {
    role: (str | None, Field(None, max_length=20, description=label)) for role, label in PEOPLE.items()
}


class _Edit(Strict):
    version: int | None = Field(None, ge=1, le=2**31 - 1, description="the version seen")


EditBody: type[Any] = create_model("EmployeeEdit", __base__=_Edit, **_fields)
HireBody: type[Any] = create_model(
    "EmployeeCreate", __base__=Strict, employee_id=(str, Field(..., max_length=50)), **_fields
)
HandOverBody: type[Any] = create_model("HandOver", __base__=Strict, **_successors)


class EmployeesQuery(Strict):
    """Which employees."""

    status: Literal["", "active", "resigned"] = ""


class EmployeePath(BaseModel):
    """An employee id."""

    id: str = Field(..., max_length=20)


class UserPath(BaseModel):
    """A user name."""

    username: str = Field(..., max_length=50)


class UserQuery(Strict):
    """Which accounts."""

    role: str = Field("", max_length=30)
    search: str = Field("", max_length=100)


class UserBody(Strict):
    """A new account."""

    username: str = Field(..., max_length=50)
    role: str = Field(..., max_length=30, description=", ".join(ROLES))
    employee_id: str | None = Field(None, max_length=20)


class UserEdit(Strict):
    """What to change of an account; only what is given."""

    role: str | None = Field(None, max_length=30)
    status: Literal["active", "inactive"] | None = None
    employee_id: str | None = Field(None, max_length=20, description="null: nobody's")


@employees.get("", summary="Who works here")
def list_employees(query: EmployeesQuery) -> Response:
    """{employee_id, first_name, last_name, nick_name, name, position, status}, by employee id. For everybody."""
    return ok([_short(one) for one in accounts.employees() if query.status in ("", one.status)])


def _short(one: accounts.Person) -> dict[str, Any]:
    keys = ("employee_id", "first_name", "last_name", "nick_name", "position", "status")
    return {key: getattr(one, key) for key in keys} | {"name": one.display_name}


@employees.get("/<string:id>", summary="One employee, with version and accounts")
def get_employee(path: EmployeePath) -> Response:
    """Administrators."""
    _administrator()
    one = _found(path.id)
    data = staff.to_json(one.employee) if one.employee else {}
    return ok(data | {"users": [queries.user_json(user) for user in one.users]})


def _found(employee_id: str) -> queries.Somebody:
    found = queries.find(employee_id)
    if found is None or found.employee is None:
        raise NotFound(gettext("ไม่พบพนักงาน"))
    return found


@employees.post("", summary="Hire somebody")
def post_employee(body: HireBody) -> Response:
    """Administrators. 409 when the id is taken."""
    return ok(staff.hire(_administrator().by, body.model_dump(exclude_unset=True)), status=201)


@employees.put("/<string:id>", summary="Save the given fields of an employee")
def put_employee(path: EmployeePath, body: EditBody) -> Response:
    """Administrators. 409 with both values when one of the fields was changed since `version`."""
    values = body.model_dump(exclude_unset=True)
    version = values.pop("version", None)
    return ok(staff.edit(_administrator().by, path.id, values, version))


@employees.get("/<string:id>/holdings", summary="What somebody still holds")
def get_holdings(path: EmployeePath) -> Response:
    """Administrators. From the current tax month on: [{role, count, months, able, lightest}]."""
    _administrator()
    _found(path.id)
    return ok([_holding(one) for one in holdings.held(path.id, datetime.now(UTC))])


def _holding(one: holdings.Holding) -> dict[str, Any]:
    able = [{"employee_id": other.employee_id, "name": other.name} for other in one.able]
    return {
        "role": one.role,
        "count": one.count,
        "months": [str(month) for month in one.months],
        "able": able,
        "lightest": one.lightest,
    }


@employees.post("/<string:id>/hand-over", summary="Give what somebody holds to others")
def post_hand_over(path: EmployeePath, body: HandOverBody) -> Response:
    """Administrators. {role: employee id} for each role to be handed over, from the current tax month on → {records}:
    how many changed. Open tables follow at once."""
    by = _administrator().by
    _found(path.id)
    successors = {role: who for role, who in body.model_dump(exclude_unset=True).items() if who}
    return ok({"records": holdings.hand_over(by, path.id, successors, datetime.now(UTC))})


@users.get("", summary="User accounts")
def list_users(query: UserQuery) -> Response:
    """By employee id; accounts that are nobody's last."""
    people = queries.chosen(queries.everybody(), query.search, query.role)
    return ok([queries.user_json(user) for one in people for user in one.users])


@users.get("/<string:username>", summary="One account")
def get_user(path: UserPath) -> Response:
    """Never its password."""
    return ok(_user(path.username))


def _user(username: str) -> dict[str, Any]:
    user = queries.user_of(username)
    if user is None:
        raise NotFound(gettext("ไม่พบผู้ใช้"))
    return queries.user_json(user)


@users.post("", summary="Create an account")
def post_user(body: UserBody) -> Response:
    """The answer's `password` is good once, must be changed at the first sign-in, and is told this once."""
    issued = service.create_user(current_actor().by, body.username, body.role, employee_id=body.employee_id)
    return ok(_user(body.username) | {"password": issued}, status=201)


@users.put("/<string:username>", summary="Change role, status or whose an account is")
def put_user(path: UserPath, body: UserEdit) -> Response:
    """`inactive` ends its sessions and sockets. 409 for the last administrator."""
    by, asked = current_actor().by, body.model_dump(exclude_unset=True)
    before = _user(path.username)
    if "role" in asked and asked["role"] not in ROLES:
        raise Invalid(errors={"role": [gettext("ไม่มีบทบาทนี้")]})
    if "employee_id" in asked and asked["employee_id"] != before["employee_id"]:
        staff.link(by, path.username, asked["employee_id"])
    if asked.get("role") not in (None, before["role"]):
        service.set_role(by, path.username, asked["role"])
    if asked.get("status") not in (None, before["status"]):
        (service.disable if asked["status"] == service.DISABLED else service.enable)(by, path.username)
    return ok(_user(path.username))


@users.post("/<string:username>/password", summary="A new one-time password")
def post_password(path: UserPath) -> Response:
    """{password}: good once, told this once. Ends the account's sessions."""
    return ok({"username": path.username, "password": service.set_password(current_actor().by, path.username)})
