"""What we ask of Socket.IO: the few calls that reach sockets, in one place."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from socket import SHUT_RDWR
from typing import Any

import structlog
from prometheus_client import Counter, Gauge

from bmu.extensions import socketio

# The stubs know neither `server`, nor a list of rooms, nor `skip_sid`.
_io: Any = socketio
log = structlog.get_logger(__name__)
hung_up = Counter("bmu_lines_cut_total", "Lines that this process hung up on", ["why"])


def server() -> Any:
    """Socket.IO's server of this process."""
    return _io.server


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


def hang_up(line: str, why: str, **facts: object) -> None:
    """End an Engine.IO connection, counted as `why`: a client that means well comes back and catches up."""
    log.info("line_cut", why=why, **facts)
    hung_up.labels(why).inc()
    socket = _io.server.eio.sockets.get(line)
    if socket is not None:
        socket.close(wait=False)


def drop(socket: Any) -> None:
    """End an Engine.IO connection on which nobody reads: not a word more, and nothing kept of what waited.

    Both green threads of a websocket may be waiting for its network; only shutting it down wakes them.
    """
    log.info("line_cut", why="slow", packets=socket.queue.qsize(), size=socket.queue.size)
    hung_up.labels("slow").inc()
    socket.close(wait=False, abort=True, reason="transport error")
    socket.queue.forget()
    socket.queue.put(None)
    network = getattr(getattr(socket, "line", None), "socket", None)
    if network is not None:
        with suppress(OSError):
            network.shutdown(SHUT_RDWR)


def rooms() -> int:
    """How many rooms somebody is in, leaving out the one that each socket has for itself."""
    known = _io.server.manager.rooms.get("/", {}) if _io.server else {}
    return max(0, len(known) - len(known.get(None, ())) - 1)


def longest_queue() -> int:
    """How many packets wait on the line on which most do."""
    sockets = list(_io.server.eio.sockets.values()) if _io.server else []
    return max((socket.queue.qsize() for socket in sockets), default=0)


Gauge("bmu_rooms_open", "Rooms in which somebody of this process is").set_function(rooms)
Gauge("bmu_queue_longest", "Packets waiting on the line on which most wait").set_function(longest_queue)
