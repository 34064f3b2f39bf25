"""Open lists of clients and of people. A line does not change under its reader's eyes, as a row of a table does: who
has a list open is told that something in it changed, and reads it anew when they like. Idle pages ask nothing."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

import structlog
from sqlalchemy import exists, select

from bmu.accounts.models import Employee, User
from bmu.changes.models import ChangeLog
from bmu.changes.work import Change
from bmu.clients.models import Client
from bmu.errors import Forbidden
from bmu.extensions import db
from bmu.realtime import wire
from bmu.realtime.listeners import Listener

WATCH, CHANGED = "watch:list", "list:changed"
# By the page's name, which is also the name of who may open it (accounts.rules.PAGES).
SHOWN: Final = {"clients": frozenset({Client.entity}), "people": frozenset({Employee.entity, User.entity})}
log = structlog.get_logger(__name__)


def watch(listener: Listener, name: Any, since: int) -> dict[str, Any]:
    """The socket hears from now on when the list `name` changes. {changed}: whether it did after the place `since`.

    The room is joined first and the log read second, so that nothing in between is missed. Raises Forbidden.
    """
    if not isinstance(name, str) or name not in SHOWN or not listener.actor.opens(name):
        raise Forbidden()
    wire.enter(listener.sid, _room(name))
    later = exists().where(ChangeLog.seq > since, ChangeLog.entity.in_(SHOWN[name]))
    return {"changed": bool(db.session.scalar(select(later)))}


def tell(changes: Iterable[Change]) -> None:
    """Tell those who have a list open that these changes are in it."""
    entities = {change.entity for change in changes}
    for name, shown in SHOWN.items():
        if shown & entities:
            try:
                wire.emit(CHANGED, {"list": name}, _room(name))
            except Exception:
                log.exception("emit_failed", event_name=CHANGED)


def _room(name: str) -> str:
    return f"list:{name}"
