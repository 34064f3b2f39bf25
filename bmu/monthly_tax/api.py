"""The record over HTTP (design §7, domain §7): list, figures, one, its history; save, save many, create, undo."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Response, request
from flask_babel import gettext
from flask_openapi3 import APIBlueprint, Tag

from bmu.accounts.access import current_actor, guard_api
from bmu.accounts.rules import Actor
from bmu.accounts.unchanged import unless_unchanged
from bmu.changes.idempotency import Key, KeyReused
from bmu.clients.rules import normal_build
from bmu.errors import Conflict, Forbidden, Invalid, NotFound
from bmu.extensions import db
from bmu.i18n import Month, language
from bmu.monthly_tax import acknowledge, creation, many, queries, service, story, summary
from bmu.monthly_tax import undo as undoing
from bmu.monthly_tax.filters import Filters
from bmu.monthly_tax.rules import FILING_PAGE, INSPECTION_PAGE, STATUS_PAGE
from bmu.monthly_tax.schemas import (
    HISTORY_LIMIT,
    AcknowledgeBody,
    BulkBody,
    CreateBody,
    FormQuery,
    IdPath,
    ListQuery,
    MonthPath,
    RecordAnswer,
    RecordsAnswer,
    SaveBody,
    SummaryAnswer,
    SummaryQuery,
    UndoBody,
)
from bmu.monthly_tax.snapshot import snapshot
from bmu.monthly_tax.sorting import Sort
from bmu.monthly_tax.table import BY_PAGE, TABLES
from bmu.openapi import FAILURES, SECURED, Success, ok, require_json
from bmu.tables.render import row_html

api = APIBlueprint(
    "monthly_tax_api",
    __name__,
    url_prefix="/api/monthly-tax-data",
    abp_tags=[Tag(name="monthly-tax-data", description="One record per client company and tax month")],
    abp_security=SECURED,
    abp_responses=FAILURES | {"200": Success},
)
api.before_request(guard_api)
api.before_request(require_json)


@api.get("", summary="Records one may read", responses={"200": RecordsAnswer})
@unless_unchanged
def list_records(query: ListQuery) -> Response:
    """A page of records: of everybody for those who read everything, else those on which one is of the five."""
    actor = current_actor()
    _no_reversed_dates(query)
    filters = Filters(
        year=query.year,
        month=query.month,
        search=query.search,
        build=query.build or "",
        pnd=_split(query.pnd_status),
        pp30=_split(query.pp30_status),
        payment=_split(query.pp30_payment_status),
        date_from=query.dateFrom,
        date_to=query.dateTo,
        date_mode=query.filterMode,
        tax_registration=query.tax_registration_status,
        people=query.people(),
        anyone=_scope(actor),
    )
    sort = Sort(query.sortBy, query.sortOrder == "desc")
    rows, total = queries.page(filters, sort, query.page, query.limit)
    pages = -(-total // query.limit)
    pagination = {"page": query.page, "limit": query.limit, "total": total, "totalPages": pages}
    return ok([queries.to_json(row) for row in rows], pagination=pagination)


@api.get("/summary", summary="The figures of a page", responses={"200": SummaryAnswer})
@unless_unchanged
def get_summary(query: SummaryQuery) -> Response:
    """Which page asks is told by the people given: an inspector, a filer, else TaxStatus (domain §7.3)."""
    people = query.people()
    filters = Filters(year=query.year, month=query.month, people=people, anyone=_scope(current_actor()))
    return ok(summary.summary(_page_of(people), filters))


def _page_of(people: dict[str, str]) -> str:
    if "tax_inspection_responsible" in people:
        return INSPECTION_PAGE
    return FILING_PAGE if any("filer" in role for role in people) else STATUS_PAGE


@api.get("/<string:id>", summary="One record", responses={"200": RecordAnswer})
def get_record(path: IdPath) -> Response:
    """404 when there is none, or none that one may know of."""
    return ok(queries.to_json(service.read(current_actor(), path.id)))


@api.get("/<string:id>/history", summary="What happened to a record")
def get_history(path: IdPath) -> Response:
    """From the change log, the newest 500 lines, newest first."""
    row = service.read(current_actor(), path.id)
    return ok([line.to_json() for line in story.lines(row["id"], HISTORY_LIMIT)])


@api.get("/<string:id>/form", summary="A record as an open form of a page shows it")
def get_form(path: IdPath, query: FormQuery) -> Response:
    """For pages whose network lets no socket through: what the event `form:updated` carries."""
    actor = current_actor()
    if not actor.opens(BY_PAGE[query.page].name):
        raise Forbidden()
    return ok(snapshot(query.page, service.read(actor, path.id), language()))


@api.get("/<string:id>/acknowledgements", summary="Who has read what was written")
def get_acknowledgements(path: IdPath) -> Response:
    """Newest first: {employee_id, name, sourcePage, version, hash, at}; one's own for who does not administer."""
    actor = current_actor()
    row = service.read(actor, path.id)
    return ok([one.to_json() for one in acknowledge.acknowledged(actor, row["id"])])


@api.post("/<string:id>/acknowledgements", summary="Say that one has read what was written")
def post_acknowledgement(path: IdPath, body: AcknowledgeBody) -> Response:
    """409 with the texts as they are now (`reading`) when `hash` is not theirs. Twice is once."""
    actor = current_actor()
    acknowledge.acknowledge(actor, body.sourcePage, path.id, body.hash, body.word)
    return ok([one.to_json() for one in acknowledge.acknowledged(actor, path.id)])


@api.get(
    "/<string:build>/<int:year>/<int:month>", summary="The record of a build and month", responses={"200": RecordAnswer}
)
def get_month(path: MonthPath) -> Response:
    """404 when there is none, or none that one may know of; 422 for a month that is none."""
    if not 1 <= path.month <= 12:
        raise Invalid(errors={"month": [gettext("เดือนต้องเป็น 1-12")]})
    try:
        build, month = normal_build(path.build), Month.parse(f"{path.year:04d}-{path.month:02d}")
    except ValueError:
        raise NotFound() from None
    found = service.read(current_actor(), queries.id_of(build, *month))
    return ok(queries.to_json(found))


@api.put("/<string:id>", summary="Save the given fields", responses={"200": RecordAnswer})
def put_record(path: IdPath, body: SaveBody) -> Response:
    """Only the fields in the body are touched. 409 with both values when one of them was changed since `version`."""
    actor = current_actor()
    save = service.Save(body.sourcePage, body.version, body.values())
    key = _key(actor, "PUT", path.id, request.get_json())
    try:
        saved = service.save(actor, path.id, save, key)
    except KeyReused:
        raise Invalid(errors={"Idempotency-Key": [gettext("คีย์นี้ใช้กับคำขออื่นไปแล้ว")]}) from None
    except Conflict as conflict:  # whose page may be deaf to events: it gets the row as it now is
        conflict.extra["data"] = _dressed(service.Saved(conflict.extra["data"], None))
        raise
    return ok(_dressed(saved), message=gettext("บันทึกข้อมูลภาษีรายเดือนเรียบร้อยแล้ว"))


@api.post("/<string:id>/undo", summary="Take back one's own last save", responses={"200": RecordAnswer})
def undo(path: IdPath, body: UndoBody) -> Response:
    """Within a minute, while nobody changed the same fields since. The history keeps both."""
    saved = undoing.undo(current_actor(), path.id, body.version)
    return ok(_dressed(saved), message=gettext("เลิกทำแล้ว"))


@api.patch("/bulk", summary="Save the same fields on many records")
def patch_bulk(body: BulkBody) -> Response:
    """Each record is its own save and answers for itself: {id, ok, data | status, message, errors}."""
    actor = current_actor()
    if len({item.id for item in body.records}) != len(body.records):
        raise Invalid(errors={"records": [gettext("มีรายการซ้ำ")]})
    saves = {item.id: service.Save(body.sourcePage, item.version, body.values) for item in body.records}
    return ok([many.save_one(actor, record_id, save) for record_id, save in saves.items()])


@api.post("", summary="Create a record (administrators)", responses={"201": RecordAnswer})
def post_record(body: CreateBody) -> Response:
    """409 when the month exists, 404 when the client does not, 422 when it was archived before the month."""
    actor = current_actor()
    saved = creation.create(actor, body.build, Month(body.tax_year, body.tax_month), body.people(), body.values)
    return ok(saved.data, status=201)


def _scope(actor: Actor) -> str | None:
    """Whose records: None for everybody's. Somebody without an employee id has none."""
    return None if actor.reads_all else actor.employee_id or ""


def _split(codes: str) -> tuple[str, ...]:
    return tuple(code for code in codes.split(",") if code)


def _no_reversed_dates(query: ListQuery) -> None:
    if query.dateFrom and query.dateTo and query.dateFrom > query.dateTo:
        raise Invalid(errors={"dateTo": [gettext("วันที่สิ้นสุดต้องไม่ก่อนวันที่เริ่มต้น")]})


def _key(actor: Actor, *asked: Any) -> Key | None:
    try:
        return Key.of(actor.id, request.headers.get("Idempotency-Key"), *asked)
    except ValueError:
        raise Invalid(errors={"Idempotency-Key": [gettext("ข้อความยาวเกินไป")]}) from None


def _dressed(saved: service.Saved) -> Mapping[str, Any]:
    """The answer for a page: with its table named in X-Table, the row's HTML comes along, as in the event; with
    X-Form, what an open form of that table's page shows.

    The save is done, so nothing is refused any more: a table that one's role does not open gets no row, and so does
    who retries a save of a record that has been handed over since.
    """
    name, actor = request.headers.get("X-Table", ""), current_actor()
    if name not in TABLES or not actor.opens(name):
        return saved.data
    row = saved.row or _read_anew(saved.data["id"])
    if row is None or not service.may_read(actor, row):
        return saved.data
    table, lang = TABLES[name], language()
    form = {"form": snapshot(table.page, row, lang)} if "X-Form" in request.headers else {}
    return {**saved.data, **form, "html": str(row_html(table, row, lang))}


def _read_anew(record_id: str) -> queries.Values | None:
    """The record as it is now: not as the transaction saw it that has just ended."""
    db.session.rollback()
    return queries.record(record_id)
