"""What somebody missed: read from the change log, authorised as of now (design §6)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from prometheus_client import Counter
from sqlalchemy import select

from bmu.changes.horizon import horizon
from bmu.changes.models import ChangeAudience, ChangeLog
from bmu.changes.work import last_seq
from bmu.clients.models import Client
from bmu.extensions import db
from bmu.monthly_tax import queries
from bmu.monthly_tax.models import MonthlyTaxData
from bmu.realtime.listeners import EVERYONE, PLAIN, Variant
from bmu.realtime.reach import of_clients
from bmu.realtime.recent import recent
from bmu.realtime.rows import rows

MOST = 200
catchups = Counter("bmu_catchups_total", "Pages that asked what they missed", ["found"])


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
    found = _missed(person, since, variant)
    catchups.labels("reset" if found.reset else "some" if found.items else "nothing").inc()
    return found


def _missed(person: str, since: int, variant: Variant) -> Missed:
    recent.reach(since)
    lines = recent.after(since, person)
    if lines is None:
        return _from_the_log(person, since, variant)
    return _of_lines(lines, recent.frontier, person, variant)


def _from_the_log(person: str, since: int, variant: Variant) -> Missed:
    """For who was away for long, or comes from a process that has read further than this one."""
    now = last_seq()
    if since >= now:
        # A page from before a restored backup believes in a future that never was: it reads anew.
        return Missed(now, [], reset=since > now)
    if since < horizon():
        return Missed(now, [], reset=True)
    return _of_lines(_lines(person, since), now, person, variant)


def _of_lines(lines: Sequence[Any], now: int, person: str, variant: Variant) -> Missed:
    if len(lines) > MOST:
        return Missed(now, [], reset=True)
    last = _places(lines, person)
    if len(last) > MOST:
        return Missed(now, [], reset=True)
    found = rows.read(list(last))
    changed = sorted(last.items(), key=lambda item: item[1])
    return Missed(now, [_item(record_id, seq, found.get(record_id), person, variant) for record_id, seq in changed])


def _places(lines: Sequence[Any], person: str) -> dict[str, int]:
    """Each touched record once, at its last place; of a client's records those that are `person`'s now."""
    last = {line.entity_id: line.seq for line in lines if line.entity == MonthlyTaxData.entity}
    clients = {line.entity_id: line.seq for line in lines if line.entity == Client.entity}
    for record_id, (people, seq) in of_clients(clients).items():
        if person == EVERYONE or person in people:
            last[record_id] = max(seq, last.get(record_id, 0))
    return last


def _lines(person: str, since: int) -> Sequence[Any]:
    """The log after `since` in order, of every kind: `entity`, `entity_id`, `seq`; at most one line more than MOST.

    Asked by place alone, neither grouped by record nor limited to records: for these SQLite would rather walk
    through the whole log by the other index.
    """
    place = (ChangeLog.seq if person == EVERYONE else ChangeAudience.seq).label("seq")
    statement = select(ChangeLog.entity, ChangeLog.entity_id, place).where(place > since)
    if person != EVERYONE:
        statement = statement.join(ChangeAudience, ChangeAudience.seq == ChangeLog.seq)
        statement = statement.where(ChangeAudience.employee_id == person)
    return db.session.execute(statement.order_by(place).limit(MOST + 1)).all()


def _item(record_id: str, seq: int, row: queries.Values | None, person: str, variant: Variant) -> dict[str, Any]:
    if row is None or not (person == EVERYONE or queries.holds_any(row, person)):
        return {"id": record_id, "seq": seq, "removed": True}
    return rows.form(row, variant)
