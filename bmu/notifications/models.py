"""A notification: that somebody is to know of a change. Facts only; its words are found when it is read."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from bmu.changes.models import Sequence, UtcDateTime
from bmu.extensions import db

UNREAD = text("read_at IS NULL AND deleted_at IS NULL")
# What a notification is about, for its reader: of those with the same key at most one is unread.
KEY = ("user_id", "entity_id", "topic", "event")


class Notification(db.Model):
    """`seq` is the place in the change log of what it tells; `entity`, `entity_id` the row that changed. `topic` tells
    events of one row apart (a tax, a role). `facts` are codes, names and a preview, never a sentence."""

    __tablename__ = "notifications"
    __table_args__ = (
        # The database itself holds that nothing piles up (domain §14, BUG-119).
        Index("ix_notifications_unread", *KEY, unique=True, sqlite_where=UNREAD, postgresql_where=UNREAD),
        # The list in its order; and all that counting it asks for, so that no row is read for the bell of a page.
        Index("ix_notifications_list", "user_id", "created_at", "deleted_at", "read_at"),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    user_id: Mapped[str] = mapped_column(String(36), ForeignKey("users.id", ondelete="CASCADE"))
    seq: Mapped[int] = mapped_column(Sequence, index=True)
    event: Mapped[str] = mapped_column(String(40))
    topic: Mapped[str] = mapped_column(String(40))
    entity: Mapped[str] = mapped_column(String(32))
    entity_id: Mapped[str] = mapped_column(String(36))
    facts: Mapped[dict[str, Any]] = mapped_column(JSON)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    read_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    deleted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
