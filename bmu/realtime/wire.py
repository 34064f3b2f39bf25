"""What we ask of Socket.IO: the few calls that reach sockets, in one place."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from bmu.extensions import socketio

# The stubs know neither `server`, nor a list of rooms, nor `skip_sid`.
_io: Any = socketio


def emit(event: str, data: Any, rooms: list[str] | str, skip: Iterable[str] = ()) -> None:
    """One message to every socket in any of `rooms`, once each (a loop over rooms would send twice: market §D)."""
    _io.emit(event, data, to=rooms, skip_sid=list(skip))


def enter(sid: str, room: str) -> None:
    """Put a socket into a room."""
    _io.server.enter_room(sid, room)


def leave(sid: str, room: str) -> None:
    """Take a socket out of a room; it may be gone already."""
    try:
        _io.server.leave_room(sid, room)
    except (KeyError, ValueError):
        return


def cut(sid: str) -> None:
    """Close a socket for good: after `server.disconnect` the browser does not come back by itself with the same
    dead token (stack trap 15)."""
    _io.server.disconnect(sid)
