"""One's own notifications over HTTP (domain §7.10, design §7). Others' are not there: 404."""

from __future__ import annotations

from typing import Literal

from flask import Response
from flask_openapi3 import APIBlueprint, Tag
from pydantic import BaseModel, Field

from bmu.accounts.access import current_actor, guard_api
from bmu.i18n import language
from bmu.notifications import queries, service
from bmu.notifications.words import item
from bmu.openapi import FAILURES, SECURED, Strict, Success, ok, require_json

api = APIBlueprint(
    "notifications_api",
    __name__,
    url_prefix="/api/notifications",
    abp_tags=[Tag(name="notifications", description="What changed for the signed-in person")],
    abp_security=SECURED,
    abp_responses=FAILURES | {"200": Success},
)
api.before_request(guard_api)
api.before_request(require_json)


class NotificationsQuery(Strict):
    """Which of one's notifications."""

    is_read: bool | None = Field(None, description="only the read, or only the unread ones")
    page: int = Field(1, ge=1, le=100_000)
    limit: int = Field(50, ge=1, le=100)


class NotificationPath(BaseModel):
    """A notification's id."""

    id: str = Field(..., max_length=36)


class About(BaseModel):
    """The client and tax month that a notification is about; `tax_type` null when it is about no single tax."""

    build: str
    company_name: str
    tax_type: Literal["wht", "vat"] | None
    tax_year: int
    tax_month: int


class Notification(BaseModel):
    """A notification in the reader's language. `action_url` is null when there is nothing they may open."""

    id: str
    type: str
    category: str
    priority: Literal["low", "medium", "high", "urgent"]
    title: str
    message: str
    action_url: str | None
    action_label: str | None
    is_read: bool
    read_at: str | None
    created_at: str
    related_entity_type: str
    related_entity_id: str
    metadata: About


class NotificationsAnswer(Success):
    """A page of notifications. `unread_count`: of all of them."""

    data: list[Notification]
    unread_count: int


class NotificationAnswer(Success):
    """One notification."""

    data: Notification


@api.get("", summary="One's notifications", responses={"200": NotificationsAnswer})
def list_notifications(query: NotificationsQuery) -> Response:
    """Newest first, with how many are unread in all."""
    actor, lang = current_actor(), language()
    found, total = queries.page(actor.id, query.is_read, query.page, query.limit)
    pages = -(-total // query.limit)
    pagination = {"page": query.page, "limit": query.limit, "total": total, "totalPages": pages}
    listed = [item(one, actor, lang) for one in found]
    return ok(listed, pagination=pagination, unread_count=queries.unread(actor.id))


@api.put("/<string:id>/read", summary="Mark one as read", responses={"200": NotificationAnswer})
def put_read(path: NotificationPath) -> Response:
    """Once more does no harm."""
    actor = current_actor()
    return ok(item(service.read(actor, path.id), actor, language()))


@api.put("/read-all", summary="Mark all as read")
def put_read_all() -> Response:
    """{read}: how many were not."""
    return ok({"read": service.read_all(current_actor())})


@api.delete("/<string:id>", summary="Take one off the list")
def delete_notification(path: NotificationPath) -> Response:
    """For oneself and for good."""
    service.remove(current_actor(), path.id)
    return ok({"id": path.id})
