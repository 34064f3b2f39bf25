"""Sockets with the lines' bounds and the way out that BMU_FANOUT says, and nothing behind them: who subscribes to a
room is told numbered messages at once, so that they come while long polling changes over to a websocket."""

from __future__ import annotations

from typing import Any

from flask import Flask, request

from bmu.config import from_env
from bmu.extensions import socketio
from bmu.offload import sleep
from bmu.realtime import fanout, lines, wire

AT_ONCE = 300
app = Flask(__name__)
config = from_env()
socketio.init_app(app, async_mode=config.async_mode, ping_interval=1, ping_timeout=10)
lines.bind(wire.server())
app.wsgi_app = lines.careful(app.wsgi_app, wire.server())  # type: ignore[method-assign]
app.extensions["bmu.background"] = [lambda: fanout.bind(wire.server(), config)]


@socketio.on("connect")
def come_in(_auth: Any = None) -> None:
    """Everybody may."""


@socketio.on("subscribe:monthly-tax-data")
def subscribe(asked: dict[str, Any]) -> dict[str, Any]:
    """{employeeId}: the room. Its numbers begin before the answer and go on after it."""
    person = asked["employeeId"]
    wire.enter(request.sid, person)  # type: ignore[attr-defined]
    socketio.start_background_task(_count, person, AT_ONCE, 60, 0.002)
    return {"ok": True}


@app.post("/tell/<room>/<int:count>/<int:size>")
def tell(room: str, count: int, size: int) -> dict[str, bool]:
    """Tell a room `count` messages of `size` characters in a row."""
    _count(room, count, size, 0)
    return {"ok": True}


def _count(room: str, count: int, size: int, pause: float) -> None:
    for _ in range(count):
        told[room] = told.get(room, -1) + 1
        wire.emit("told", {"n": told[room], "and": "x" * size}, [room])
        if pause:
            sleep(pause)


told: dict[str, int] = {}


@app.get("/")
def state() -> dict[str, Any]:
    """How it sends, how much waits, and who is there."""
    direct = wire.server().eio.create_queue().__class__.__name__ == "Outbox"
    return {"direct": direct, "waiting": wire.longest_queue(), "sockets": len(wire.server().eio.sockets)}
