"""What somebody missed: read from the change log, authorised as of now (design §6)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from bmu.changes.models import ChangeAudience, ChangeLog
from bmu.changes.work import last_seq
from bmu.extensions import db
from bmu.monthly_tax import queries
from bmu.monthly_tax.models import MonthlyTaxData
from bmu.realtime.broadcast import form
from bmu.realtime.listeners import EVERYONE, PLAIN, Variant

MOST = 200


@dataclass(frozen=True, slots=True)
class Missed:
    """`seq`: the log has been read up to here. `items`: records as they are now, and `{id, seq, removed: true}` for
    those that are no longer the listener's. `reset`: it was too much, read the list anew."""

    seq: int
    items: list[dict[str, Any]]
    reset: bool = False

    def answer(self) -> dict[str, Any]:
        """The part of the acknowledgement that says it."""
        told: dict[str, Any] = {"seq": self.seq, "missed": self.items}
        return told | {"reset": True} if self.reset else told


def missed(person: str, since: int, variant: Variant = PLAIN) -> Missed:
    """What changed after `since` in the records that `person` was to hear of (`*`: in any)."""
    now = last_seq()
    if since >= now:
        # A page from before a restored backup believes in a future that never was: it reads anew.
        return Missed(now, [], reset=since > now)
    changed = _changed(person, since)
    if len(changed) > MOST:
        return Missed(now, [], reset=True)
    rows = {row["id"]: row for row in queries.records(list(changed))}
    items = [_item(record_id, seq, rows.get(record_id), person, variant) for record_id, seq in changed.items()]
    return Missed(now, items)


def _changed(person: str, since: int) -> dict[str, int]:
    """The ids of the records that changed, with their last place, in that order."""
    newest = func.max(ChangeLog.seq)
    statement = select(ChangeLog.entity_id, newest).where(ChangeLog.seq > since)
    if person != EVERYONE:
        heard = (ChangeAudience.employee_id == person, ChangeAudience.seq > since)
        statement = statement.join(ChangeAudience, ChangeAudience.seq == ChangeLog.seq).where(*heard)
    statement = statement.where(ChangeLog.entity == MonthlyTaxData.entity).group_by(ChangeLog.entity_id)
    return dict(db.session.execute(statement.order_by(newest).limit(MOST + 1)).all())


def _item(record_id: str, seq: int, row: queries.Values | None, person: str, variant: Variant) -> dict[str, Any]:
    if row is None or not (person == EVERYONE or queries.holds_any(row, person)):
        return {"id": record_id, "seq": seq, "removed": True}
    return form(queries.to_json(row), row, variant)
