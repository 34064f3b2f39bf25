"""Telling open pages what was committed: one message per socket, to the people before ∪ after (design §6).

Nothing here can fail a save: it runs after the commit, and what goes wrong is logged. The change log repairs
whoever missed it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import structlog
from prometheus_client import Counter

from bmu.accounts.rules import Actor
from bmu.assignments.table import LIVE_TABLES
from bmu.changes.work import Change, committed
from bmu.extensions import db
from bmu.monthly_tax import queries
from bmu.monthly_tax.fields import PEOPLE
from bmu.offload import sleep
from bmu.realtime import forms, lists, notices, presence, views, wire
from bmu.realtime.listeners import EVERYONE, PLAIN, Variant, listeners, room
from bmu.realtime.reach import TOLD, Touched, touched
from bmu.realtime.recent import recent
from bmu.tables.render import row_html

UPDATED, REMOVED, EXPIRED = "monthly-tax-data:updated", "monthly-tax-data:removed", "auth:expired"
AT_ONCE = 50
log = structlog.get_logger(__name__)
told = Counter("bmu_events_total", "Messages to rooms by event", ["event"])


class Told:
    """Places in the log that this process has told already, so that nobody tells them again: neither the tail what
    was saved here, nor a save what the tail has read while its commit was still waited for."""

    def __init__(self) -> None:
        self.begin()

    def begin(self, seq: int = 0) -> None:
        """Up to `seq` all was told, and nothing after it."""
        self.behind, self.seqs = seq, set[int]()

    def __contains__(self, seq: int) -> bool:
        return seq <= self.behind or seq in self.seqs

    def until(self, seq: int) -> int:
        """How far after `seq` everything was told, without a gap."""
        while seq + 1 in self.seqs:
            seq += 1
        return seq

    def forget_until(self, seq: int) -> None:
        """Places up to `seq` are behind the tail: no need to remember each."""
        self.behind = seq
        self.seqs = {one for one in self.seqs if one > seq}


already = Told()


def hear(changes: list[Change]) -> None:
    """A commit of this process. A large one is left to the tail, which lets others run between two portions."""
    recent.note(changes)  # first: who comes in while others are told finds it there
    if len(changes) <= AT_ONCE:
        tell(change for change in changes if change.seq not in already)


def init_app() -> None:
    """Hear of every commit of this process. Connected once, however many apps there are."""
    committed.connect(hear, weak=False)
    notices.init_app()


def tell(changes: Iterable[Change]) -> None:
    """Tell those who listen of these changes, and let the views that show them settle.

    What cannot be read now is told by the tail, later. A row that cannot be drawn keeps no other from being told.
    """
    changes = list(changes)
    lists.tell(changes)
    changes = [change for change in changes if change.entity in TOLD]
    places = {change.seq for change in changes}
    already.seqs |= places
    try:
        _tell_all(changes)
    except Exception:
        already.seqs -= places
        raise


def _tell_all(changes: list[Change]) -> None:
    found = touched(changes)
    # Rows are read and drawn only where somebody listens, and a large import not all at once.
    wanted = [one for one, who in found.items() if listeners.hearing({*who.people, EVERYONE}) or _is_open(one)]
    for start in range(0, len(wanted), AT_ONCE):
        if start:  # one client has many months: let others run, then read what is there by now
            sleep(0)
            db.session.rollback()
        _tell_rows({one: found[one] for one in wanted[start : start + AT_ONCE]})
    notices.push(changes)


def _is_open(record_id: str) -> bool:
    """Whether anybody has the record's form open, with or without listening to a room."""
    return forms.is_open(record_id) or presence.is_open(record_id)


def _tell_rows(found: Mapping[str, Touched]) -> None:
    rows = _rows(found)
    for record_id, who in found.items():
        row = rows.get(record_id)
        try:
            _tell_row(record_id, row, who.people, who.seq)
            presence.read_by(record_id, row)
            if row is not None:
                forms.tell(row)
                views.touch(row, who.people)
        except Exception:
            log.exception("row_told_badly", id=record_id)


def _rows(found: Mapping[str, Touched]) -> dict[str, Mapping[str, Any]]:
    """The records' values, read anew where the saver had not read them, or something later has been told: who is
    shown out of a record must not hear of it once more."""
    newest = max(already.seqs, default=0)
    known = {one: who.row for one, who in found.items() if who.row is not None and who.seq >= newest}
    return known | {row["id"]: row for row in queries.records([one for one in found if one not in known])}


def _tell_row(record_id: str, row: Mapping[str, Any] | None, people: set[str], seq: int) -> None:
    now = {row[role] for role in PEOPLE if row[role]} if row else set()
    if row is not None:
        audience = sorted({*now, EVERYONE})
        data = queries.to_json(dict(row))
        for variant in listeners.variants(audience):
            _emit(UPDATED, form(data, row, variant), [room(person, variant) for person in audience])
    # Who is no longer among the five gets the fact, never the record; unless they hear of it in another way.
    gone = sorted(people - now)
    still = listeners.hearing({*now, EVERYONE}) if row is not None else set()
    rooms = [room(person, variant) for variant in listeners.variants(gone) for person in gone]
    if rooms:
        _emit(REMOVED, {"id": record_id, "seq": seq}, rooms, skip=still)


def form(data: dict[str, Any], row: Mapping[str, Any], variant: Variant) -> dict[str, Any]:
    """The record in the form a listener wants: plain, or with its row of a table as `html`."""
    if variant == PLAIN:
        return data
    return data | {"html": str(row_html(LIVE_TABLES[variant.table], row, variant.lang))}


def _emit(event: str, data: Any, rooms: list[str], skip: Iterable[str] = ()) -> None:
    try:
        wire.emit(event, data, rooms, skip)
        told.labels(event).inc()
    except Exception:
        log.exception("emit_failed", event_name=event, rooms=rooms)


def expire(sid: str, reason: str) -> None:
    """Tell a socket that it is no longer welcome, and close it. The client renews its sign-in or leaves."""
    listener = listeners.remove(sid)
    if listener:
        views.leave(listener)
    try:
        wire.emit(EXPIRED, {"reason": reason}, sid)
        wire.cut(sid)
    except Exception:
        log.exception("expire_failed", sid=sid)
    presence.leave(sid)


def readable(actor: Actor, person: str) -> bool:
    """Whether `actor` may listen to the records of `person` (`*`: everybody's)."""
    return actor.reads_all or (person != EVERYONE and person == actor.employee_id)
