"""The lines below Socket.IO: what may come in over one, how fast, and how much may wait to go out.

Engine.IO queues what a client does not fetch without any bound, reads from a line as long as there is anything to
read without letting others run, and ends on a frame that is none with a traceback and a socket that nobody closes.
Here each line has its bounds; who passes one loses the line, comes back and catches up from the change log, and
nobody else is kept waiting. Nothing here knows what is said.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from io import BytesIO
from time import monotonic
from typing import Any
from urllib.parse import parse_qs

from engineio.packet import CLOSE, MESSAGE, PONG, Packet
from engineio.payload import Payload
from flask import Flask

from bmu import background
from bmu.offload import sleep
from bmu.realtime import fanout, wire
from bmu.realtime.listeners import listeners

LARGEST_MESSAGE = 16_000  # bytes in; what our pages send has three at most
MOST_WAITING, MOST_WAITING_SIZE = 2_000, 4_000_000  # packets and characters out
PER_SECOND, BURST, MOST_HELD = 20.0, 100.0, 200  # frames in
SLOWED = BURST / 4
COME_IN_WITHIN, SWEEP_EVERY = 10.0, 2.5
PATH = "/socket.io/"
KINDS = (CLOSE, PONG, MESSAGE)  # what a client may post


def bind(server: Any) -> None:
    """Give the lines of this Socket.IO `server` their bounds. Before its first connection."""
    engine, drivers = server.eio, server.eio._async
    websocket = drivers["websocket"]
    engine._async = {
        **drivers,
        "queue": _weighed(drivers["queue"], drivers["queue_empty"]),
        "websocket": websocket and partial(_websocket, websocket),
    }
    send = engine.send_packet
    engine.send_packet = lambda line, packet: _send(send, engine, line, packet)


def _weighed(queue: Any, empty: type[Exception]) -> Any:
    """The driver's queue, which knows the size of what waits in it. `empty`: what it raises when nothing does."""

    class Weighed(queue):
        size = taken = 0

        def get(self, block: bool = True, timeout: float | None = None) -> Any:
            """What is next. A poll takes one and then what else is there: so many that Python's client, which reads
            sixteen and hangs up at more, takes it."""
            self.taken = 1 if block else self.taken + 1
            if self.taken > Payload.max_decode_packets:
                raise empty
            return super().get(block, timeout)

        def forget(self) -> None:
            """Nothing of what waits is wanted any more."""
            self.queue.clear()
            self.size = 0

        def _put(self, item: Any) -> None:
            super()._put(item)
            self.size += _size(item)

        def _get(self) -> Any:
            item = super()._get()
            self.size -= _size(item)
            return item

    return Weighed


def _size(packet: Any) -> int:
    data = getattr(packet, "data", None)
    return len(data) if isinstance(data, str | bytes) else 0


def _send(send: Callable[[str, Any], None], engine: Any, line: str, packet: Any) -> None:
    """Send, or drop a line on which too much waits already. Never raises and never waits: others are sent to next."""
    socket = engine.sockets.get(line)
    if socket is None or socket.closed or getattr(socket, "dropped", False):
        return
    if socket.queue.qsize() < MOST_WAITING and socket.queue.size < MOST_WAITING_SIZE:
        send(line, packet)
        return
    socket.dropped = socket.queue.shut = True
    # Closing tells the app, which tells others: not in the middle of somebody's message.
    engine.start_background_task(wire.drop, socket)


class Pace:
    """How many frames a line may still send at once; so many more each second. Who is faster waits, by not being read:
    the network makes the sender slow down, and the event loop has time for the others."""

    def __init__(self) -> None:
        self.left, self.at, self.held = BURST, monotonic(), 0

    def wait(self) -> bool:
        """Let the others run; longer when the line is too fast. False for a line that has not slowed down for long:
        what its network still holds would take hours."""
        now = monotonic()
        self.left, self.at = min(BURST, self.left + (now - self.at) * PER_SECOND) - 1, now
        # Slowed down is who leaves some of the burst unused. Not who is held for once no time at all, because the loop
        # came late: under load that happens to every storm.
        self.held = 0 if self.left >= SLOWED else self.held + 1
        sleep(max(0.0, -self.left / PER_SECOND))
        return self.held < MOST_HELD


def _pace_of(socket: Any) -> Pace:
    if not hasattr(socket, "pace"):
        socket.pace = Pace()
    found: Pace = socket.pace
    return found


def _websocket(driver: Any, handler: Any, server: Any) -> Any:
    """The driver's WSGI application for one websocket, its frames looked at."""
    app = driver(partial(_serve, handler), server)
    app.support_legacy_versions = False  # a protocol of 2010, without any bound
    return app


def _serve(handler: Any, line: Any) -> Any:
    """What Engine.IO does with a websocket; however that ends, the socket ends with it.

    Unless it was to follow a long polling that goes on: where websockets are broken, upgrades fail every day.
    """
    socket, wait = handler.__self__, line.wait
    socket.line = line
    line.wait = lambda: _checked(wait(), socket)
    try:
        return handler(line)
    except Exception:  # a line that broke, or on which nobody spoke
        wire.hung_up.labels("broken").inc()
        socket.upgrading = False
        return []
    finally:
        if socket.upgraded:
            socket.close(wait=False, abort=True, reason="transport close")


def _checked(frame: Any, socket: Any) -> Any:
    """The frame, or None (the line has ended) for what is none of Engine.IO's, or too much."""
    in_time = _pace_of(socket).wait()
    if frame is None or socket.closed:
        return None
    if in_time and _is_packet(frame):
        return frame
    wire.hung_up.labels("malformed" if in_time else "storm").inc()
    return None


def _is_packet(frame: Any) -> bool:
    try:
        Packet(encoded_packet=frame)
    except Exception:  # what a stranger sends may raise anything: recursion, too, and errors of base64
        return False
    return len(frame) <= LARGEST_MESSAGE


def careful(wsgi_app: Callable[..., Any], server: Any) -> Callable[..., Iterable[bytes]]:
    """The app, with what long polling posts looked at first: Engine.IO logs a traceback for what it cannot read."""

    def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        # Without permessage-deflate: it would keep 150 to 300 kB for each socket, and compress a message to fifteen
        # sockets fifteen times.
        environ.pop("HTTP_SEC_WEBSOCKET_EXTENSIONS", None)
        if environ.get("PATH_INFO") == PATH and environ.get("REQUEST_METHOD") == "POST" and not _reads(environ, server):
            start_response("400 BAD REQUEST", [("Content-Type", "text/plain")])
            return [b"Bad Request"]
        answer: Iterable[bytes] = wsgi_app(environ, start_response)
        return answer

    return application


def _reads(environ: dict[str, Any], server: Any) -> bool:
    """Whether Engine.IO will understand this POST; its line is cut when not."""
    line = parse_qs(environ.get("QUERY_STRING", "")).get("sid", [""])[0]
    socket = server.eio.sockets.get(line)
    if socket is None:
        return False
    in_time, body = _pace_of(socket).wait(), _body(environ)
    environ["wsgi.input"] = BytesIO(body)
    if socket.closed:  # meanwhile; Engine.IO would raise
        return False
    if in_time and _is_payload(body):
        return True
    wire.hang_up(line, "malformed" if in_time else "storm")
    return False


def _body(environ: dict[str, Any]) -> bytes:
    """What was posted; of what is too long only so much that it is seen to be."""
    length = min(int(environ.get("CONTENT_LENGTH") or 0), LARGEST_MESSAGE + 1)
    found: bytes = environ["wsgi.input"].read(length)
    return found


def _is_payload(body: bytes) -> bool:
    """Whether Engine.IO takes it. Refusing by itself, it would wait for the client to fetch its goodbye: for ever."""
    if len(body) > LARGEST_MESSAGE:
        return False
    try:
        return all(packet.packet_type in KINDS for packet in Payload(encoded_payload=body.decode()).packets)
    except Exception:
        return False


class Doormat:
    """Lines whose owner has not come in: known since when. Anybody can open one, and could keep it for ever."""

    def __init__(self) -> None:
        self._since: dict[str, float] = {}

    def sweep(self, now: float) -> None:
        """Hang up on those who have not come in (or were shown out) for COME_IN_WITHIN. `now`: seconds, monotonic."""
        self._since = {line: self._since.get(line, now) for line in _strangers()}
        for line in [line for line, since in self._since.items() if now - since >= COME_IN_WITHIN]:
            wire.hang_up(line, "stranger")


def _strangers() -> list[str]:
    """The lines behind which nobody is whom the doorkeeper knows. Whatever a fault of ours did, none is overlooked."""
    server = wire.server()
    return [line for line in list(server.eio.sockets) if not _is_known(server.manager.sid_from_eio_sid(line, "/"))]


def _is_known(sid: str | None) -> bool:
    return sid is not None and listeners.get(sid) is not None


def start(app: Flask) -> None:
    """Send the short way and see off strangers on this process; called by the worker after its fork."""
    fanout.bind(wire.server(), app.extensions["bmu.config"])
    doormat = Doormat()
    background.start(app, "doormat", SWEEP_EVERY, lambda: doormat.sweep(monotonic()))
