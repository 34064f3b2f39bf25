"""What an open socket may say: to whose records it listens, which list and which form it shows.

A subscription is compared with who the socket is, never with what it says it is. No event changes data (writes go by
HTTP, with CSRF). Every event is answered (sockets.answered).
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl

import structlog
from flask_babel import gettext

from bmu.assignments.table import LIVE_TABLES
from bmu.errors import Forbidden, Invalid
from bmu.extensions import socketio
from bmu.i18n import DEFAULT, LANGUAGES, iso, language
from bmu.monthly_tax.desk import open_desk
from bmu.monthly_tax.table import TABLES
from bmu.notifications.queries import unread
from bmu.realtime import broadcast, forms, lists, presence, turns, views, wire
from bmu.realtime.catchup import missed
from bmu.realtime.listeners import Listener, Variant, listeners, room
from bmu.realtime.sockets import Answer, answered

SUBSCRIBE, UNSUBSCRIBE = "subscribe:monthly-tax-data", "unsubscribe:monthly-tax-data"
MOST_SUBSCRIPTIONS = 8
LONGEST_VIEW = 2000
log = structlog.get_logger(__name__)


@socketio.on(SUBSCRIBE)
@answered
@turns.in_turn
def on_subscribe(listener: Listener, asked: Answer) -> Answer:
    """{employeeId, table?, lang?, view?, since?} → {ok, room, seq, missed, unread, reset?, view?, presence?}.

    The room is joined first and the log read second: what is committed in between comes by either way, or both.
    """
    person = _person(listener, asked)
    variant = _variant(listener, asked)
    since, view = _since(asked), _view(asked)
    if len(listener.people | {person}) > MOST_SUBSCRIPTIONS:
        raise Forbidden(gettext("ติดตามพร้อมกันมากเกินไป"))
    _wear(listener, variant)
    listeners.join(listener, person)
    wire.enter(listener.sid, room(person, variant))
    found = missed(person, since, variant) if since is not None else missed(person, 2**53, variant)
    answer: Answer = {"ok": True, "room": room(person), "seq": found.seq, "missed": found.items}
    answer["expires_at"] = iso(listener.expires_at)
    if found.reset and since is not None:
        answer["reset"] = True
    if variant.table in TABLES and view is not None:
        desk = open_desk(variant.table, dict(parse_qsl(view)), listener.actor, datetime.now(UTC))
        answer["view"] = views.enter(listener, desk, found.seq)
    if present := presence.state(listener.people):
        answer["presence"] = present
    answer["unread"] = unread(listener.actor.id)
    log.info("subscribed", user=listener.actor.username, person=person, table=variant.table, missed=len(found.items))
    return answer


@socketio.on(UNSUBSCRIBE)
@answered
def on_unsubscribe(listener: Listener, asked: Answer) -> Answer:
    """{employeeId} → {ok, room}. Leaving a room one is not in is no fault."""
    person = str(asked.get("employeeId"))
    if person in listener.people:
        wire.leave(listener.sid, room(person, listener.variant))
        listeners.leave(listener, person)
        views.leave(listener)
    return {"ok": True, "room": room(person)}


@socketio.on(lists.WATCH)
@answered
def on_watch_list(listener: Listener, asked: Answer) -> Answer:
    """{list, since} → {ok, changed, expires_at}. From now on `list:changed` comes when something in it changes."""
    told = lists.watch(listener, asked.get("list"), _since(asked) or 0)
    return {"ok": True, "expires_at": iso(listener.expires_at), **told}


@socketio.on(forms.OPEN)
@answered
def on_open_form(listener: Listener, asked: Answer) -> Answer:
    """{id, page, version?} → {ok, form?}. From now on `form:updated` comes at each save of the record."""
    return {"ok": True, **forms.open_form(listener, asked, language())}


@socketio.on(forms.CLOSE)
@answered
def on_close_form(listener: Listener, asked: Answer) -> Answer:
    """{} → {ok}."""
    forms.close_form(listener)
    return {"ok": True}


@answered
def _unknown(_listener: Listener, _asked: Answer) -> Answer:
    raise Invalid(gettext("ไม่รู้จักคำสั่งนี้"))


@socketio.on("*")
def on_unknown(*_said: Any) -> Answer:
    """An event that nobody here knows is answered too."""
    return _unknown({})


def _person(listener: Listener, asked: Answer) -> str:
    """Whose records: never believed, always compared with who is signed in."""
    person = asked.get("employeeId")
    if not isinstance(person, str) or not 1 <= len(person) <= 20:
        raise Invalid(gettext("รหัสพนักงานไม่ถูกต้อง"))
    if not broadcast.readable(listener.actor, person):
        raise Forbidden()
    return person


def _variant(listener: Listener, asked: Answer) -> Variant:
    table, lang = asked.get("table"), asked.get("lang")
    if table is None:
        return listener.variant
    if not isinstance(table, str) or table not in LIVE_TABLES:
        raise Invalid(gettext("ไม่รู้จักตารางนี้"))
    if not listener.actor.opens(table):
        raise Forbidden()
    return Variant(table, lang if isinstance(lang, str) and lang in LANGUAGES else listener.actor.language or DEFAULT)


def _since(asked: Answer) -> int | None:
    since = asked.get("since")
    if since is None:
        return None
    if isinstance(since, bool) or not isinstance(since, int) or not 0 <= since <= 2**53:
        raise Invalid(gettext("ลำดับไม่ถูกต้อง"))
    return since


def _view(asked: Answer) -> str | None:
    """The query string of the list that the page shows. Looked at before anything is joined: who is refused hears
    nothing. Read only after, because reading the database begins a snapshot."""
    view = asked.get("view", "")
    if not isinstance(view, str) or len(view) > LONGEST_VIEW:
        raise Invalid(gettext("รูปแบบคำขอไม่ถูกต้อง"))
    return view if "view" in asked else None


def _wear(listener: Listener, variant: Variant) -> None:
    """One socket, one form of rows: its other rooms change to the new form, so that it never hears anything twice."""
    if listener.variant == variant:
        return
    for person in listener.people:
        wire.leave(listener.sid, room(person, listener.variant))
        wire.enter(listener.sid, room(person, variant))
    listener.variant = variant
