"""What the open pages list, so that figures follow and rows that enter or leave a list are told of.

A view is what a desk lists (Desk.key); all sockets with the same view share one entry and one room. After changes
the views they touch settle once, a moment later, however many changes came: two queries per view, no request by
any browser.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import structlog
from flask import Flask, current_app

from bmu.changes.work import last_seq
from bmu.extensions import db, socketio
from bmu.monthly_tax import queries, summary
from bmu.monthly_tax.desk import Desk, digest
from bmu.offload import sleep
from bmu.realtime import wire
from bmu.realtime.listeners import Listener
from bmu.realtime.recent import recent

SETTLED = "table:settled"
PAUSE = 0.25
log = structlog.get_logger(__name__)


@dataclass(slots=True)
class View:
    """What one or more open pages list. `ids`: as told last; `figures`: as told last; both at the place `seq` of the
    log, or later."""

    key: str
    desk: Desk
    sids: set[str] = field(default_factory=set)
    ids: frozenset[str] = frozenset()
    figures: dict[str, list[int]] = field(default_factory=dict)
    seq: int = -1

    @property
    def room(self) -> str:
        return f"view:{self.key}"

    def read(self) -> tuple[frozenset[str], dict[str, list[int]]]:
        """The ids it lists and its figures, as the database has them now."""
        return frozenset(queries.ids(self.desk.filters, self.desk.sort)), figures(self.desk)

    def state(self) -> dict[str, Any]:
        """What a page needs to know whether its list is complete."""
        return state(self.ids, self.figures)


def state(ids: frozenset[str], told: dict[str, list[int]]) -> dict[str, Any]:
    """A list as its pages hear of it."""
    return {"digest": digest(ids), "total": len(ids), "figures": told}


_views: dict[str, View] = {}
_dirty: set[str] = set()
_settling = False


def figures(desk: Desk) -> dict[str, list[int]]:
    """The figures of a desk's bar: dotted key → [number, of how many]."""
    found = summary.summary(desk.table.page, desk.base)
    return {
        one.key: [summary.figure(found, one.key), summary.figure(found, one.total)]
        for one in summary.FIGURES[desk.table.page]
    }


def enter(listener: Listener, desk: Desk, since: int) -> dict[str, Any]:
    """A socket shows `desk` from now on; answers the state of its list, as of place `since` of the log or later."""
    leave(listener)
    view = _views.setdefault(desk.key, View(desk.key, desk))
    view.sids.add(listener.sid)
    listener.view = view.key
    if not _stands(view, since):
        db.session.rollback()  # read what is there now, not the snapshot in which the log was read
        _dirty.discard(view.key)
        settle(view.key)  # who shows it already hears of it, too
    # Nobody else has a turn between the reading and this: what is told of the list from here on follows its state.
    wire.enter(listener.sid, view.room)
    return view.state()


def _stands(view: View, since: int) -> bool:
    """Whether what was read of a list serves who has caught up with the log until `since`, too: a thousand who come
    back at once show some hundred lists.

    What is committed but not known here yet will be told to all who show it.
    """
    if view.seq < 0:
        return False
    if recent.frontier >= since and recent.is_quiet(view.desk.person, view.seq):
        view.seq = recent.frontier
        return True
    return view.seq == last_seq()


def leave(listener: Listener) -> None:
    """A socket no longer shows its view; a view nobody shows is forgotten."""
    view = _views.get(listener.view)
    listener.view = ""
    if view is None:
        return
    view.sids.discard(listener.sid)
    wire.leave(listener.sid, view.room)
    if not view.sids:
        _views.pop(view.key, None)


def touch(row: Mapping[str, Any], people: set[str]) -> None:
    """A record changed; `people`: those before ∪ after. The views of its month and people will settle."""
    month = (row["tax_year"], row["tax_month"])
    found = {
        view.key
        for view in _views.values()
        if view.desk.month == month and (view.desk.person is None or view.desk.person in people)
    }
    if found:
        _dirty.update(found)
        _settle_soon(current_app._get_current_object())  # type: ignore[attr-defined]


def _settle_soon(app: Flask) -> None:
    global _settling
    if not _settling:
        _settling = True
        socketio.start_background_task(_settle, app)


def _settle(app: Flask) -> None:
    global _settling
    try:
        sleep(PAUSE)
        with app.app_context():
            while _dirty:
                settle(_dirty.pop())
                db.session.rollback()
                sleep(0)
    except Exception:
        log.exception("settle_failed")
    finally:
        _settling = False
    if _dirty:
        _settle_soon(app)


def settle(key: str) -> None:
    """Tell the pages of a view what entered and left their list, and their figures, if anything did."""
    view = _views.get(key)
    if view is None:
        return
    seq = last_seq()  # before: what is committed meanwhile makes it look older than it is, never newer
    ids, told = view.read()
    if seq < view.seq:
        return  # somebody else has read later, while the database let us wait
    same = view.seq < 0 or (ids == view.ids and told == view.figures)
    entered, left = sorted(ids - view.ids), sorted(view.ids - ids)
    view.ids, view.figures, view.seq = ids, told, seq
    if same:
        return
    wire.emit(SETTLED, view.state() | {"entered": entered, "left": left}, view.room)


def open_views() -> int:
    """How many different views are open, for /metrics."""
    return len(_views)
