"""Who else has a record's form open, and in which field they are.

Told on change only, to who may read the record now: the rooms of its five people and of everybody, and the open
forms themselves.

The server holds the only clock. Who was not heard of for a while is asked, and is gone when no answer comes: a
browser's own timers ring once a minute in a tab that is hidden for long, but it answers a message at once.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import structlog
from flask_babel import gettext

from bmu.accounts.queries import names
from bmu.errors import Invalid, NotFound
from bmu.monthly_tax import queries, service
from bmu.monthly_tax.fields import FIELDS, PEOPLE
from bmu.realtime import wire
from bmu.realtime.listeners import EVERYONE, Listener, listeners, room
from bmu.realtime.presence_store import Elsewhere, Here, Person, present

HERE, GONE, CHANGED, ASK = "presence:here", "presence:gone", "presence:changed", "presence:ask"
ASK_AFTER, SILENT_AFTER, CHECK_AFTER = 4.0, 8.0, 12.0
LONGEST = 64
log = structlog.get_logger(__name__)


def beat(listener: Listener, asked: Mapping[str, Any], now: float) -> list[Person]:
    """{id, field}: the socket has the form of record `id` open and is in `field` (or in none); who is there with it.

    Asks the database only when the record is another than before, or the last look is a few beats ago.
    Raises Invalid, NotFound (a record one may not know of).
    """
    record_id, field = _record_of(asked), _field_of(asked)
    before = present.get(listener.sid)
    if before is None or before.record_id != record_id or now - before.checked > CHECK_AFTER:
        here = _let_in(listener, record_id, now)
    else:
        here = before
    here.heard = now
    if here is not before or here.field != field:
        here.field = field
        present.put(listener.sid, here)
        for changed in {record_id, before.record_id if before else record_id}:
            _tell(changed)
    return present.people(record_id)


def gone(listener: Listener, asked: Mapping[str, Any]) -> None:
    """{id}: the form of this record is closed. A word about another record comes late, and is no news."""
    here = present.get(listener.sid)
    if here and here.record_id == _record_of(asked):
        leave(listener.sid)


def leave(sid: str) -> None:
    """A socket is gone, no longer welcome, or silent."""
    here = present.drop(sid)
    if here:
        _tell(here.record_id)


def sweep(now: float) -> None:
    """Ask who was not heard of lately, and let go of those who did not answer: gone within ten seconds."""
    for sid in present.unheard(now - SILENT_AFTER):
        leave(sid)
    for sid in present.unheard(now - ASK_AFTER):
        _emit(ASK, {}, [sid])


def hear_elsewhere(process: str, said: list[Elsewhere], now: float) -> None:
    """Another process has said who is at its sockets; ours hear what is new of it."""
    for record_id in present.hear(process, said, now):
        _tell(record_id)


def forget_elsewhere(since: float) -> None:
    """Processes that have said nothing since then are gone, and their people with them."""
    for process in present.silent(since):
        hear_elsewhere(process, [], since)


def read_by(record_id: str, row: Mapping[str, Any] | None) -> None:
    """A record was saved (`row` None: it is no more). Who may not read it any longer is not there any longer, and
    hears nothing of it from now on; who may now, hears who is there."""
    here = present.at(record_id)
    if not here and record_id not in present.readers:
        return
    for sid, one in here.items():
        if row is None or not service.may_read(one.actor, row):
            present.drop(sid)
    before = present.readers.get(record_id)
    if row is not None:
        present.readers[record_id] = _five(row)
    _tell(record_id, anew=before != present.readers.get(record_id))


def is_open(record_id: str) -> bool:
    """Whether anybody has the form of this record open, here or at another process."""
    return bool(present.at(record_id)) or record_id in present.readers


def state(rooms: Collection[str]) -> list[dict[str, Any]]:
    """What who listens to the records of these people (`*`: all) needs to know: {id, people} where anybody is."""
    heard = [one for one, readers in present.readers.items() if EVERYONE in rooms or readers.intersection(rooms)]
    return [{"id": one, "people": people} for one in heard if (people := present.people(one))]


def _record_of(asked: Mapping[str, Any]) -> str:
    record_id = asked.get("id")
    if not isinstance(record_id, str) or not 1 <= len(record_id) <= LONGEST:
        raise Invalid(gettext("รูปแบบคำขอไม่ถูกต้อง"))
    return record_id


def _field_of(asked: Mapping[str, Any]) -> str | None:
    field = asked.get("field")
    if field is not None and (not isinstance(field, str) or field not in FIELDS):
        raise Invalid(gettext("รูปแบบคำขอไม่ถูกต้อง"))
    return field


def _let_in(listener: Listener, record_id: str, now: float) -> Here:
    """Whether the actor may read the record now. Who may not is nowhere.

    A hand-over that is told between this look and its being remembered is found by the next look (CHECK_AFTER).
    """
    actor = listener.actor
    try:
        row = service.read(actor, record_id)
    except NotFound:
        leave(listener.sid)
        raise
    present.readers[record_id] = _five(row)
    person = names({actor.employee_id} if actor.employee_id else ()).get(actor.employee_id or "")
    name = (person.nick_name or person.first_name) if person else actor.name
    return Here(actor, name, record_id, checked=now, heard=now)


def _five(row: Mapping[str, Any]) -> frozenset[str]:
    return frozenset(row[role] for role in PEOPLE if row[role])


def _tell(record_id: str, *, anew: bool = False) -> None:
    people = present.people(record_id)
    if people and record_id not in present.readers:  # known from another process only
        row = queries.record(record_id)
        present.readers[record_id] = _five(row) if row else frozenset()
    if present.is_news(record_id, people) or (anew and people):
        audience = {*present.readers.get(record_id, ()), EVERYONE}
        rooms = [room(person, variant) for variant in listeners.variants(audience) for person in sorted(audience)]
        _emit(CHANGED, {"id": record_id, "people": people}, [*rooms, *present.at(record_id)])
    if not people:
        present.readers.pop(record_id, None)


def _emit(event: str, data: Any, rooms: list[str]) -> None:
    """Nothing here may fail a save or a goodbye."""
    try:
        if rooms:
            wire.emit(event, data, rooms)
    except Exception:
        log.exception("emit_failed", event_name=event, rooms=rooms)
