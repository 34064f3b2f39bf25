"""Assignments over HTTP: the grid, its statistics, who may be given what; open, copy, assign, reset."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from flask import Response, request
from flask_babel import gettext
from flask_openapi3 import APIBlueprint, Tag

from bmu.accounts.access import current_actor, guard_api
from bmu.accounts.queries import workers
from bmu.assignments import queries, service
from bmu.assignments.plan import Plan
from bmu.assignments.schemas import (
    AssignBody,
    CopyBody,
    GridQuery,
    IdPath,
    MonthQuery,
    OpenBody,
    ResetBody,
    pagination,
)
from bmu.assignments.table import GRID
from bmu.extensions import db
from bmu.i18n import Month, language
from bmu.monthly_tax import queries as records
from bmu.openapi import FAILURES, SECURED, Success, ok, require_json

api = APIBlueprint(
    "assignments_api",
    __name__,
    url_prefix="/api/assignments",
    abp_tags=[Tag(name="assignments", description="Who is responsible for a client's month")],
    abp_security=SECURED,
    abp_responses=FAILURES | {"200": Success},
)
api.before_request(guard_api)


@api.before_request
def _only_who_assigns() -> None:
    """After who it is, and before what they ask is looked at: nobody else learns what there is."""
    service.allowed(current_actor())


api.before_request(require_json)


@api.get("", summary="The grid of a month")
def list_assignments(query: GridQuery) -> Response:
    """Each record with its five people and the roles that want somebody."""
    month = Month.parse(query.month)
    plan = Plan(month, month, query.q, query.role if query.role in GRID.by_key else "", query.person, query.gaps)
    rows = queries.rows(plan)
    first = (query.page - 1) * query.limit
    shown = [queries.row_json(row) for row in rows[first : first + query.limit]]
    return ok(shown, pagination=pagination(query.page, query.limit, len(rows)))


@api.get("/people", summary="Who may be given which role")
def list_people() -> Response:
    """{role: [{employee_id, name}]}."""
    able = queries.choices(workers().values())
    return ok(
        {role: [{"employee_id": one.employee_id, "name": one.name} for one in people] for role, people in able.items()}
    )


@api.get("/statistics", summary="How much each person has in a month")
def get_statistics(query: MonthQuery) -> Response:
    """{records, vat, gaps, people: [{employee_id, name, roles: {role: {vat, other}}}]}."""
    found = queries.statistics(Month.parse(query.month))
    people = [
        {
            "employee_id": load.person.employee_id,
            "name": load.person.name,
            "roles": {role: {"vat": vat, "other": other} for role, (vat, other) in load.roles.items()},
        }
        for load in found.loads
    ]
    return ok({"records": found.records, "vat": found.vat, "gaps": found.gaps, "people": people})


@api.post("/open", summary="Open a month")
def open_month(body: OpenBody) -> Response:
    """Adds the records that are missing, with the people of the month before; {created}. Once more adds nothing."""
    created = service.open_month(current_actor().by, Month.parse(body.month), datetime.now(UTC))
    return ok({"created": created}, message=gettext("เปิดเดือนแล้ว เพิ่ม %(n)s รายการ", n=created))


@api.post("/copy", summary="Take over the people of the month before")
def copy_previous(body: CopyBody) -> Response:
    """Into empty places; with `replace` into all. {changed: [id]}."""
    now = datetime.now(UTC)
    month, builds = Month.parse(body.month), None if body.builds is None else set(body.builds)
    changed = service.copy_previous(current_actor().by, month, builds, now, replace=body.replace, reason=body.reason)
    return _changed(changed)


@api.patch("", summary="Put people in charge")
def patch_assignments(body: AssignBody) -> Response:
    """All of the cells, or none: 422 and 409 name each that stands in the way as `build.role`."""
    cells = [cell.cell() for cell in body.cells]
    return _changed(service.assign(current_actor().by, cells, body.reason, datetime.now(UTC)))


@api.post("/<string:id>/reset", summary="Empty a record (administrators)")
def reset(path: IdPath, body: ResetBody) -> Response:
    """Its tax data go, its people and its history stay."""
    service.reset(current_actor(), path.id, body.version, body.confirm, body.reason)
    return ok({"id": path.id}, message=gettext("ล้างข้อมูลภาษีแล้ว"))


def _changed(ids: list[str]) -> Response:
    """Which records changed; for a page that shows the grid (X-Table) with their rows, as the event has them."""
    told: dict[str, Any] = {"changed": ids}
    if request.headers.get("X-Table") == GRID.name:
        db.session.rollback()  # read anew: after the commit
        lang = language()
        told["rows"] = queries.drawn(records.records(ids, table=GRID), lang)
    return ok(told, message=gettext("บันทึก %(n)s รายการแล้ว", n=len(ids)))
