"""Presence as a browser speaks of it, and the clock by which it passes. Answers are as for every event (sockets)."""

from __future__ import annotations

from time import monotonic

from flask import Flask

from bmu import background
from bmu.extensions import socketio
from bmu.realtime import presence
from bmu.realtime.listeners import Listener
from bmu.realtime.sockets import Answer, answered

SWEEP_EVERY = 2.0


def start(app: Flask) -> None:
    """Start asking after silent forms on this process; called by the worker after its fork."""
    background.start(app, "presence", SWEEP_EVERY, lambda: presence.sweep(monotonic()))


@socketio.on(presence.HERE)
@answered
def on_here(listener: Listener, asked: Answer) -> Answer:
    """{id, field} → {ok, people}: I have this record's form open and am in this field (null: in none)."""
    return {"ok": True, "people": presence.beat(listener, asked, monotonic())}


@socketio.on(presence.GONE)
@answered
def on_gone(listener: Listener, asked: Answer) -> Answer:
    """{id} → {ok}: I closed it."""
    presence.gone(listener, asked)
    return {"ok": True}
