"""Clients over HTTP (design §7), for those whose role opens their page."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from flask import Response
from flask_babel import gettext
from flask_openapi3 import APIBlueprint, Tag
from pydantic import AfterValidator, BaseModel, Field, WithJsonSchema, create_model

from bmu.accounts.access import api_opens, current_actor
from bmu.changes.history import line_json, story
from bmu.clients import obliging, queries, service
from bmu.clients.fields import BUILD_FIELD, FIELDS
from bmu.clients.models import Client as Model
from bmu.clients.obligations import FormsKind, MonthKind
from bmu.clients.queries import ACTIVE, SORTS, UNSET, Filters
from bmu.clients.rules import SIZES, STATUSES, TAX_REGISTRATIONS
from bmu.errors import NotFound
from bmu.i18n import N_
from bmu.openapi import FAILURES, SECURED, Strict, Success, ok, require_json
from bmu.tables.kinds import Kind

PAGE = "clients"
HISTORY_LIMIT = 500
api = APIBlueprint(
    "clients_api",
    __name__,
    url_prefix="/api/clients",
    abp_tags=[Tag(name="clients", description="The firm's client companies")],
    abp_security=SECURED,
    abp_responses=FAILURES | {"200": Success},
)
api.before_request(lambda: api_opens(PAGE))
api.before_request(require_json)


def _value(kind: Kind) -> Any:
    return Annotated[Any, WithJsonSchema({"anyOf": [kind.schema(), {"type": "null"}]})]


def _known(*values: str) -> AfterValidator:
    def check(text: str) -> str:
        if text not in values:
            raise ValueError(N_("ไม่ใช่ตัวเลือกที่มี"))
        return text

    return AfterValidator(check)


_fields: dict[str, Any] = {
    key: (_value(field.kind), Field(None, description=field.label)) for key, field in FIELDS.items()
}
_shown: dict[str, Any] = {key: (annotated, ...) for key, (annotated, _) in _fields.items()}
_shown |= dict.fromkeys(("id", "build", "created_at", "updated_at"), (str, ...)) | {"is_vat": (bool, ...)}
_shown |= dict.fromkeys(("archived_at", "updated_by"), (str | None, ...)) | dict.fromkeys(
    ("version", "seq"), (int, ...)
)


_Version = Annotated[
    int | None, Field(ge=1, le=2**31 - 1, description="the version seen; without it the last writer wins")
]


class _Edit(Strict):
    version: _Version = None


EditBody: type[Any] = create_model("ClientEdit", __base__=_Edit, **_fields)
CreateBody: type[Any] = create_model(
    "ClientCreate",
    __base__=Strict,
    build=(_value(BUILD_FIELD.kind), Field(..., description="`18` becomes `018`; branches have a dot: `122.1`")),
    **_fields,
)
Client: type[BaseModel] = create_model("Client", **_shown)


class ClientsQuery(Strict):
    """Which clients, in which order."""

    search: str = Field("", max_length=200, description="part of the build, the name or the 13 digits")
    tax_registration_status: Annotated[str, _known("", UNSET, *TAX_REGISTRATIONS)] = Field(
        "", description="or `unset` for those without"
    )
    company_status: Annotated[str, _known("", *STATUSES)] = ""
    company_size: Annotated[str, _known("", *SIZES)] = ""
    archived: Literal["no", "yes", "all"] = ACTIVE  # type: ignore[assignment]
    sortBy: Annotated[str, _known(*SORTS)] = Field("build", description=", ".join(SORTS))
    sortOrder: Literal["asc", "desc"] = "asc"
    page: int = Field(1, ge=1, le=100_000)
    limit: int = Field(50, ge=1, le=100)


class BuildPath(BaseModel):
    """A client's build, as people write it."""

    build: str = Field(..., max_length=20)


class ObligationsBody(Strict):
    """What has to be filed from a month on."""

    forms: Annotated[Any, WithJsonSchema(FormsKind().schema())] = Field(..., description="codes; [] for nothing at all")
    version: _Version = None


class VersionQuery(Strict):
    """What was seen."""

    version: _Version = None


class SincePath(BuildPath):
    """A client's build, and the month from which something holds."""

    since: Annotated[str, WithJsonSchema(MonthKind().schema())] = Field(..., description="a tax month: `2026-09`")


class Period(BaseModel):
    """From the month `since` on these forms, until the next period."""

    since: str
    forms: list[str]


class Obligations(BaseModel):
    """A client's obligations, the oldest first; `in_force` in the current tax month: null where nothing is known and
    every form may have to be filed. `version` is the client's."""

    build: str
    version: int
    obligations: list[Period]
    in_force: list[str] | None


class ObligationsAnswer(Success):
    """What a client has to file."""

    data: Obligations


class ClientAnswer(Success):
    """One client."""

    data: Client


class ClientsAnswer(Success):
    """A page of clients."""

    data: list[Client]


@api.get("", summary="A page of clients", responses={"200": ClientsAnswer})
def list_clients(query: ClientsQuery) -> Response:
    """Archived ones are left out unless asked for."""
    filters = Filters(
        query.search, query.tax_registration_status, query.company_status, query.company_size, query.archived
    )
    found, total = queries.page(filters, query.sortBy, query.sortOrder == "desc", query.page, query.limit)
    pages = -(-total // query.limit)
    pagination = {"page": query.page, "limit": query.limit, "total": total, "totalPages": pages}
    return ok([queries.to_json(client) for client in found], pagination=pagination)


@api.get("/<string:build>", summary="One client", responses={"200": ClientAnswer})
def get_client(path: BuildPath) -> Response:
    """Archived or not."""
    return ok(queries.to_json(_found(path.build)))


def _found(build: str) -> Model:
    client = queries.find(build)
    if client is None:
        raise NotFound(gettext("ไม่พบลูกค้า"))
    return client


@api.get("/<string:build>/history", summary="What happened to a client")
def get_client_history(path: BuildPath) -> Response:
    """From the change log, the newest 500 lines, newest first."""
    client = _found(path.build)
    return ok([line_json(line) for line in story(client.entity, [client.id], HISTORY_LIMIT)])


@api.get("/<string:build>/obligations", summary="What a client has to file", responses={"200": ObligationsAnswer})
def get_obligations(path: BuildPath) -> Response:
    """Which forms, from which month on."""
    return ok(obliging.shown(_found(path.build), datetime.now(UTC)))


@api.put(
    "/<string:build>/obligations/<string:since>",
    summary="Say what a client has to file from a month on",
    responses={"200": ObligationsAnswer},
)
def put_obligations(path: SincePath, body: ObligationsBody) -> Response:
    """Until the next month that says otherwise. What is in force then already is no change. 409 when somebody else has
    changed the same month since `version`. Open tables and forms show it at once; what was entered stays."""
    said = {"since": path.since, "forms": body.forms}
    return ok(obliging.oblige(current_actor().by, path.build, said, body.version), message=gettext("บันทึกแล้ว"))


@api.delete(
    "/<string:build>/obligations/<string:since>",
    summary="Take back what was said from a month on",
    responses={"200": ObligationsAnswer},
)
def delete_obligations(path: SincePath, query: VersionQuery) -> Response:
    """The period before it goes on then. Once more does no harm."""
    return ok(obliging.release(current_actor().by, path.build, path.since, query.version))


@api.post("", summary="A new client", responses={"201": ClientAnswer})
def post_client(body: CreateBody) -> Response:
    """409 when the build is taken."""
    return ok(service.create(current_actor().by, body.model_dump(exclude_unset=True)), status=201)


@api.put("/<string:build>", summary="Save the given fields", responses={"200": ClientAnswer})
def put_client(path: BuildPath, body: EditBody) -> Response:
    """Only the fields in the body are touched. 409 with both values when one of them was changed since `version`.
    Open tables and forms of this client's records show it at once."""
    values = body.model_dump(exclude_unset=True)
    version = values.pop("version", None)
    return ok(service.edit(current_actor().by, path.build, values, version), message=gettext("บันทึกแล้ว"))


@api.put("/<string:build>/archive", summary="Archive a client", responses={"200": ClientAnswer})
def put_archive(path: BuildPath) -> Response:
    """It leaves the lists of later months; what was stays readable. Once more does no harm."""
    return ok(service.archive(current_actor().by, path.build))


@api.delete("/<string:build>/archive", summary="Bring a client back", responses={"200": ClientAnswer})
def delete_archive(path: BuildPath) -> Response:
    """Once more does no harm."""
    return ok(service.restore(current_actor().by, path.build))
