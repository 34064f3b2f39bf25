"""The change log: what happened, in the order in which it was committed. Audit and catch-up in one."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, DateTime, ForeignKey, Index, Integer, String
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import TypeDecorator

from bmu.extensions import db

LONGEST_REASON = 300
Sequence = BigInteger().with_variant(Integer, "sqlite")


class UtcDateTime(TypeDecorator[datetime]):
    """An aware time, stored in UTC. Naive values are refused: they are how 7 hours got lost (domain §6)."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive datetime")
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.replace(tzinfo=UTC)


class Logged:
    """Mixin of every row whose changes are logged and told. `version` counts its saves; `seq` is its last place
    in the change log; `entity` names its kind there."""

    entity: str
    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    version: Mapped[int] = mapped_column(default=1)
    seq: Mapped[int] = mapped_column(Sequence, default=0)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_by: Mapped[str | None] = mapped_column(String(50))

    def audience(self) -> frozenset[str]:
        """The employee ids that hear of this row. Nobody, unless the model says otherwise."""
        return frozenset()


class ChangeLog(db.Model):
    """One saved row in one commit. `fields` holds {field: [old, new]} as JSON values; `reason` is what the person
    gave as one, where they were asked."""

    __tablename__ = "change_log"
    __table_args__ = (Index("ix_change_log_row", "entity", "entity_id", "version"),)

    seq: Mapped[int] = mapped_column(Sequence, primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    entity: Mapped[str] = mapped_column(String(32))
    entity_id: Mapped[str] = mapped_column(String(36))
    version: Mapped[int]
    action: Mapped[str] = mapped_column(String(16))
    page: Mapped[str | None] = mapped_column(String(16))
    actor: Mapped[str | None] = mapped_column(String(50))
    actor_name: Mapped[str | None] = mapped_column(String(200))
    fields: Mapped[dict[str, list[Any]]] = mapped_column(JSON)
    reason: Mapped[str | None] = mapped_column(String(LONGEST_REASON))


class ChangeAudience(db.Model):
    """Who was to hear of a change: the people before ∪ after it (design §6). Read when somebody catches up."""

    __tablename__ = "change_audience"
    # By place alone too: the tail of every process asks so for what others committed, and a change that is trimmed
    # takes these lines with it; both would read the whole table.
    __table_args__ = (Index(None, "seq"),)

    employee_id: Mapped[str] = mapped_column(String(20), primary_key=True)
    seq: Mapped[int] = mapped_column(
        Sequence, ForeignKey("change_log.seq", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )


class Counter(db.Model):
    """A number handed out under a row lock that is held until commit, so that its order is the order of commits.

    `seq` is the newest place of the change log. `horizon` is the place before which the log tells nobody what they
    missed: trimmed up to there, or taken over by a restored backup (changes.horizon).
    """

    __tablename__ = "counters"

    name: Mapped[str] = mapped_column(String(32), primary_key=True)
    value: Mapped[int] = mapped_column(Sequence)


class IdempotentAnswer(db.Model):
    """What a save answered, kept so that its retry answers the same and is not applied again."""

    __tablename__ = "idempotent_answers"

    user_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    key: Mapped[str] = mapped_column(String(100), primary_key=True)
    request_hash: Mapped[str] = mapped_column(String(64))
    answer: Mapped[dict[str, Any]] = mapped_column(JSON)
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
