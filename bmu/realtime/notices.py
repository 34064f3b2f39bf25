"""Telling people of their notifications: in the room of their account, which each of their sockets joins at the door.

What to push is found by the places of the told changes in the log, so that a save by another process or the command
line is pushed too, when the tail tells it. Nothing here can fail a save: it runs after the commit.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import structlog

from bmu.accounts.rules import Actor
from bmu.changes.work import Change
from bmu.i18n import DEFAULT
from bmu.notifications import queries, service
from bmu.notifications.queries import Stored
from bmu.notifications.words import entry_html, item
from bmu.realtime import wire
from bmu.realtime.listeners import Listener, listeners

NEW, COUNT = "notification:new", "notification:count"
log = structlog.get_logger(__name__)


def room(user_id: str) -> str:
    """The room of an account: every authenticated socket of it is there, and nobody can ask to be."""
    return f"user:{user_id}"


def welcome(listener: Listener) -> None:
    """A socket was let in: it hears of its own account's notifications."""
    wire.enter(listener.sid, room(listener.actor.id))


def push(changes: Collection[Change]) -> None:
    """Push the notifications that these changes caused, to those of their readers whose sockets are here.

    One statement when somebody concerned is here, none otherwise. Raises what the database raises: the tail tries
    again.
    """
    people = set().union(*(change.before | change.after for change in changes))
    readers = {one.actor.id: one.actor for one in listeners.everyone() if one.actor.employee_id in people}
    found = queries.of_changes([change.seq for change in changes], readers) if readers else []
    for one, unread in found:
        try:
            _push(one, readers[one.user_id], unread)
        except Exception:
            log.exception("push_failed", id=one.id)


def _push(stored: Stored, reader: Actor, unread: int) -> None:
    lang = reader.language or DEFAULT
    said = item(stored, reader, lang) | {"html": str(entry_html(stored, reader, lang)), "unread": unread}
    wire.emit(NEW, said, room(stored.user_id))


def count(user_id: str, **_rest: Any) -> None:
    """Somebody read or deleted some: all their tabs count alike."""
    try:
        if any(listener.actor.id == user_id for listener in listeners.everyone()):
            wire.emit(COUNT, {"unread": queries.unread(user_id)}, room(user_id))
    except Exception:
        log.exception("count_failed", user=user_id)


def init_app() -> None:
    """Hear of what is read in this process. Connected once, however many apps there are."""
    service.seen.connect(count, weak=False)
