"""Catching up over plain HTTP, for pages whose network lets no socket through (design §6)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl

from flask import Response
from flask_openapi3 import APIBlueprint, Tag

from bmu.accounts.access import current_actor, guard_api
from bmu.accounts.rules import Actor
from bmu.errors import Forbidden
from bmu.i18n import language
from bmu.monthly_tax import queries
from bmu.monthly_tax.desk import digest, open_desk
from bmu.monthly_tax.schemas import ChangesQuery
from bmu.monthly_tax.table import TABLES
from bmu.notifications.queries import unread
from bmu.openapi import FAILURES, SECURED, Success, ok, require_json
from bmu.realtime import presence
from bmu.realtime.catchup import missed
from bmu.realtime.listeners import EVERYONE, PLAIN, Variant
from bmu.realtime.views import figures

api = APIBlueprint(
    "changes_api",
    __name__,
    url_prefix="/api/monthly-tax-data",
    abp_tags=[Tag(name="monthly-tax-data")],
    abp_security=SECURED,
    abp_responses=FAILURES | {"200": Success},
)
api.before_request(guard_api)
api.before_request(require_json)


@api.get("/changes", summary="What changed since")
def changes(query: ChangesQuery) -> Response:
    """The same as the acknowledgement of a subscription: {seq, missed, unread, reset?, view?, presence?}."""
    actor = current_actor()
    person = _person(actor, query.everybody)
    variant = PLAIN
    if query.table:
        if not actor.opens(query.table):
            raise Forbidden()
        variant = Variant(query.table, language())
    answer = missed(person, query.since, variant).answer()
    if present := presence.state({person}):
        answer["presence"] = present
    if query.table in TABLES and query.view:
        answer["view"] = _view(actor, query.table, query.view)
    answer["unread"] = unread(actor.id)
    return ok(answer)


def _person(actor: Actor, everybody: bool) -> str:
    if everybody:
        if not actor.reads_all:
            raise Forbidden()
        return EVERYONE
    return actor.employee_id or ""


def _view(actor: Actor, table: str, view: str) -> dict[str, Any]:
    desk = open_desk(table, dict(parse_qsl(view)), actor, datetime.now(UTC))
    ids = queries.ids(desk.filters, desk.sort)
    return {"digest": digest(ids), "total": len(ids), "figures": figures(desk)}
