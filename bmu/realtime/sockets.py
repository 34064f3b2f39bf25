"""The door: who may connect, and to whose records they may listen. Decided here, once (design §6).

The handshake's cookie or token is checked when the socket opens; its request context lives on unchanged for the
socket's whole life, so nothing later may be believed from it: the listener kept here is what counts, the tail
checks every few seconds that its session still holds, and a subscription is compared with who it is, never with
what it says it is. No event changes data (writes go by HTTP, with CSRF).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import wraps
from typing import Any
from urllib.parse import parse_qsl

import structlog
from flask import Flask, g, request
from flask_babel import gettext
from prometheus_client import Counter, Gauge
from socketio.exceptions import ConnectionRefusedError

from bmu.accounts import access
from bmu.assignments.table import LIVE_TABLES
from bmu.config import Config
from bmu.errors import DeskError, Forbidden, Invalid, TooMany, Unauthorized
from bmu.extensions import socketio
from bmu.i18n import DEFAULT, LANGUAGES, iso, language
from bmu.json import SocketJson
from bmu.logs import begin_event
from bmu.monthly_tax.desk import open_desk
from bmu.monthly_tax.table import TABLES
from bmu.notifications.queries import unread
from bmu.realtime import broadcast, forms, lines, notices, packets, presence, turns, views, wire
from bmu.realtime.catchup import missed
from bmu.realtime.listeners import Listener, Variant, listeners, room

SUBSCRIBE, UNSUBSCRIBE = "subscribe:monthly-tax-data", "unsubscribe:monthly-tax-data"
MOST_SUBSCRIPTIONS = 8
# Of one account in this process. The newest is refused, not the oldest shown out: a page in front of somebody is as
# often the one as the other, but one that is shown out would come back and show out the next, for ever.
MOST_SOCKETS = 50
LONGEST_VIEW = 2000
log = structlog.get_logger(__name__)
refused = Counter("bmu_sockets_refused_total", "Connections and subscriptions refused", ["why"])
Gauge("bmu_sockets_open", "Open sockets of this process").set_function(lambda: len(listeners.everyone()))
Gauge("bmu_views_open", "Different lists on open pages").set_function(views.open_views)
Answer = dict[str, Any]


def init_app(app: Flask, config: Config) -> None:
    """Bind Socket.IO: same origin and BMU_ORIGINS, websocket and polling, bounded messages."""
    settings: dict[str, Any] = {
        "async_mode": config.async_mode,
        "cors_allowed_origins": _origin_check(config.origins),
        "json": SocketJson,
        "serializer": packets.Packet,
        "max_http_buffer_size": lines.LARGEST_MESSAGE,
        "ping_interval": 20,
        "ping_timeout": 15,
        "manage_session": False,
        "logger": False,
        "engineio_logger": False,
    }
    socketio.init_app(app, **settings)
    packets.guard(wire.server())
    lines.bind(wire.server())
    turns.bind(wire.server())
    app.wsgi_app = turns.calling(lines.careful(app.wsgi_app, wire.server()))  # type: ignore[method-assign]
    access.sessions_ended.connect(_cut_sessions, weak=False)


def _origin_check(origins: tuple[str, ...]) -> Callable[[str, Mapping[str, str]], bool]:
    """The origin's own page, and those of the configuration. A request without Origin passes (programs): it must
    authenticate all the same."""

    def allowed(origin: str, environ: Mapping[str, str]) -> bool:
        scheme = environ.get("HTTP_X_FORWARDED_PROTO", environ.get("wsgi.url_scheme", "http")).split(",")[0].strip()
        return origin == f"{scheme}://{environ.get('HTTP_HOST', '')}" or origin in origins

    return allowed


@socketio.on("connect")
def on_connect(auth: Any = None) -> None:
    """Let a signed-in person in; refuse everybody else (missing, expired, revoked, refresh token, inactive)."""
    begin_event(sid=request.sid)  # type: ignore[attr-defined]
    token = auth.get("token") if isinstance(auth, dict) else None
    if token is not None and not isinstance(token, str):
        token = ""
    try:
        with turns.turn(turns.CONNECTING):
            identity = access.authenticate_socket(token)
        _room_for_one_more(identity.actor.id)
    except DeskError as error:
        refused.labels(error.code if isinstance(error, TooMany) else "connect").inc()
        log.info("socket_refused", why=error.code)
        # The first argument is the message; only a second one reaches the client as `error.data`.
        raise ConnectionRefusedError(error.said(), {"code": error.code}) from None
    listener = Listener(request.sid, identity.actor, identity.session_id, identity.expires_at)  # type: ignore[attr-defined]
    listeners.add(listener)
    notices.welcome(listener)
    log.info("socket_open", user=identity.actor.username)


def _room_for_one_more(user_id: str) -> None:
    if sum(one.actor.id == user_id for one in listeners.everyone()) >= MOST_SOCKETS:
        raise TooMany(60)


@socketio.on("disconnect")
def on_disconnect(_reason: Any = None) -> None:
    """Forget the socket."""
    listener = listeners.get(request.sid)  # type: ignore[attr-defined]
    if listener:
        views.leave(listener)
        listeners.remove(listener.sid)
        presence.leave(listener.sid)


def answered(handler: Callable[[Listener, Answer], Answer]) -> Callable[..., Answer]:
    """Acknowledge every event: what the handler says, or `{ok: false, error}`. Nothing is raised to the library."""

    @wraps(handler)
    def answer(payload: Any = None, *_rest: Any) -> Answer:
        begin_event(sid=request.sid)  # type: ignore[attr-defined]
        try:
            listener = _welcome(request.sid)  # type: ignore[attr-defined]
            if not packets.is_plain(payload):
                raise Invalid(gettext("รูปแบบคำขอไม่ถูกต้อง"))
            return handler(listener, payload)
        except DeskError as error:
            refused.labels(error.code).inc()
            log.info("event_refused", event_name=handler.__name__, why=error.code)
            return {"ok": False, "error": {"code": error.code, "message": error.said()}}
        except Exception:
            log.exception("event_failed", event_name=handler.__name__)
            return {"ok": False, "error": {"code": DeskError.code, "message": gettext(DeskError.message)}}

    return answer


def _welcome(sid: str) -> Listener:
    """The listener of an open socket whose token still holds. Raises Unauthorized, and shows it out."""
    listener = listeners.get(sid)
    if listener is None or listener.expires_at <= datetime.now(UTC):
        broadcast.expire(sid, "expired")
        raise Unauthorized()
    g.language = listener.actor.language or language()
    return listener


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
        answer["view"] = views.enter(listener, desk)
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


def _cut_sessions(_sender: Any, sessions: Any = (), **_rest: Any) -> None:
    ended = set(sessions)
    for listener in listeners.everyone():
        if listener.session in ended:
            broadcast.expire(listener.sid, "signed_out")
