"""The door: who may connect, who is still welcome, and that each event is answered. Decided here, once (design §6).

The handshake's cookie or token is checked when the socket opens; its request context lives on unchanged for the
socket's whole life, so nothing later may be believed from it: the listener kept here is what counts, the tail
checks every few seconds that its session still holds. What an open socket may say stands in `subscriptions`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import wraps
from typing import Any

import structlog
from flask import Flask, g, request
from flask_babel import gettext
from prometheus_client import Counter, Gauge
from socketio.exceptions import ConnectionRefusedError

from bmu.accounts import access
from bmu.config import Config
from bmu.errors import DeskError, Invalid, TooMany, Unauthorized
from bmu.extensions import socketio
from bmu.i18n import language
from bmu.json import SocketJson
from bmu.logs import begin_event
from bmu.realtime import broadcast, lines, notices, packets, presence, turns, views, wire
from bmu.realtime.listeners import Listener, listeners

# Of one account in this process. The newest is refused, not the oldest shown out: a page in front of somebody is as
# often the one as the other, but one that is shown out would come back and show out the next, for ever.
MOST_SOCKETS = 50
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
    app.extensions["bmu.reception"] = turns.reception
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
    log.debug("socket_open", user=identity.actor.username)  # it says so itself when it subscribes


def _room_for_one_more(user_id: str) -> None:
    if listeners.of_account(user_id) >= MOST_SOCKETS:
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


def _cut_sessions(_sender: Any, sessions: Any = (), **_rest: Any) -> None:
    ended = set(sessions)
    for listener in listeners.everyone():
        if listener.session in ended:
            broadcast.expire(listener.sid, "signed_out")
