"""The short way out: one message to a thousand sockets for the price of a thousand system calls.

Engine.IO puts each packet into each socket's queue, wakes a green thread that makes a frame of it, and keeps another
one asleep until the next ping. Here the frame is made once (a server's frames are not masked: the same bytes go to
all) and given to the network at once, by whoever has something to say, as long as the network takes it and nothing
waits. Only what it does not take goes the library's way, into the queue with its bounds (lines.py), and a green thread
begins that writes until the queue is empty. So no message overtakes another, and none is lost or sent twice.

Dangerous here, and each held by a test: two who write into one frame (`push`), a part of a frame that the network
took (`Rest`), an upgrade from long polling that has not happened yet (`line` is None until it has).

For eventlet's websockets only: that nobody else runs between asking and sending is what all this stands on.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import partial
from socket import MSG_DONTWAIT
from types import MethodType
from typing import Any

from engineio.exceptions import UnknownPacketError
from engineio.packet import NOOP, PING, PONG, UPGRADE, Packet

from bmu.config import Config
from bmu.realtime.pings import Pings


def bind(server: Any, config: Config) -> None:
    """Let this Socket.IO `server` send the short way. Before its first connection, after the lines' bounds.

    Not where sockets wait in another way, nor where `config` says so.
    """
    if config.async_mode != "eventlet" or config.fanout != "direct":
        return
    engine, drivers = server.eio, server.eio._async
    engine._async = {
        **drivers,
        "queue": _outbox(drivers["queue"], engine.start_background_task),
        "websocket": partial(_websocket, drivers["websocket"]),
    }
    server._send_eio_packet = partial(_send, engine)
    pings, welcome = Pings(engine), engine.handlers["connect"]

    def connect(line: str, environ: Any) -> Any:
        socket = engine.sockets[line]
        socket.schedule_ping = partial(pings.schedule, socket)
        return welcome(line, environ)

    engine.on("connect", connect)


def _send(engine: Any, line: str, packet: Packet) -> None:
    """One packet of a message to many. Never raises and never waits: others are sent to next."""
    socket = engine.sockets.get(line)
    if socket is not None and not socket.queue.push(packet):
        engine.send_packet(line, packet)


class Rest:
    """What the network did not take of a frame: it comes next, whatever else waits."""

    def __init__(self, data: bytes) -> None:
        self.data = data  # its size counts in the queue (lines.py)


def _outbox(queue: Any, begin: Callable[..., Any]) -> Any:
    """The driver's queue, which is passed by while a websocket takes what is said. `begin` starts a green thread."""

    class Outbox(queue):
        line: Any = None  # the websocket, once it is the way out; None for long polling
        network: Any = None  # its socket, without eventlet's waiting; None where that is not all (TLS)
        writer: Any = None  # the green thread that writes, while there is one
        shut = False  # the line was dropped: not a word more (lines.py)

        def open(self, line: Any) -> None:
            """From now on `line` is the way out, first of all for what waits."""
            self.line, self.network = line, getattr(line.socket, "fd", None)
            self._begin()

        def push(self, packet: Any) -> bool:
            """Send at once if that keeps the order and waits for nobody; False: it must go into the queue."""
            if self.network is None or self.writer or self.shut or packet is None:  # a writer: something waits
                return False
            if self.line._sendlock.counter <= 0:  # whoever reads the line is answering its ping
                return False
            frame = _frame(packet, self.line)
            try:
                sent = self.network.send(frame, MSG_DONTWAIT)
            except OSError:  # full; or broken, which the writer will find out
                return False
            if sent < len(frame):
                self.put(Rest(frame[sent:]))
            return True

        def put(self, item: Any, block: bool = True, timeout: float | None = None) -> None:
            if not isinstance(item, Rest) and self.push(item):
                return
            super().put(item, block, timeout)
            self._begin()

        def _begin(self) -> None:
            if self.line is not None and self.queue and self.writer is None:
                self.writer = begin(self._write)

        def _write(self) -> None:
            """Write until nothing waits. At the end of all (None), or when the network breaks, close the line."""
            ended = False
            try:
                while self.queue and not ended:
                    item = self.get()
                    self.task_done()
                    ended = item is None
                    if not ended:
                        self.line._send(item.data if isinstance(item, Rest) else _frame(item, self.line))
            except Exception:  # the network broke, or took nothing for too long
                ended = True
            self.writer = None
            if ended:
                line, self.line, self.network = self.line, None, None
                line.close()

        def end(self) -> None:
            """Nobody reads from the line any more: close it. Returns when nobody writes to it either, because its
            descriptor, once closed, may be another's."""
            self.put(None)
            if self.writer is not None:
                self.writer.join()

    return Outbox


def _frame(packet: Packet, line: Any) -> bytes:
    """The packet as a frame, made once: it goes to all as it is."""
    try:
        frame: bytes = packet.frame
    except AttributeError:
        frame = packet.frame = line._pack_message(packet.encode())
    return frame


def _websocket(driver: Any, handler: Any, server: Any) -> Any:
    return driver(MethodType(serve, handler.__self__), server)


def serve(socket: Any, line: Any) -> Any:
    """What Engine.IO's Socket does with a websocket, without a green thread that waits for something to write.

    Closing the socket is left to the caller (lines.py).
    """
    line.socket.settimeout(socket.server.ping_interval + socket.server.ping_timeout)
    if socket.connected and not _upgraded(socket, line):
        return []
    socket.connected = socket.upgraded = True
    socket.queue.open(line)
    try:
        _hear(socket, line)
    finally:
        socket.queue.end()
    return []


def _upgraded(socket: Any, line: Any) -> bool:
    """Whether the client has left long polling for `line`. While it does, what is said waits in the queue. Raises
    what a broken line raises, and what is no packet."""
    socket.upgrading = True
    probe = Packet(encoded_packet=line.wait())
    if probe.packet_type == PING and probe.data == "probe":
        line.send(Packet(PONG, data="probe").encode())
        socket.queue.put(Packet(NOOP))  # the poll that is open ends with this
        socket.upgraded = Packet(encoded_packet=line.wait()).packet_type == UPGRADE
    socket.upgrading = False
    return bool(socket.upgraded)


def _hear(socket: Any, line: Any) -> None:
    """Give the client's packets to the library until the line ends."""
    try:
        while (frame := line.wait()) is not None:
            with suppress(UnknownPacketError):
                socket.receive(Packet(encoded_packet=frame))
    except Exception:  # the network broke, or the socket was closed meanwhile: either way this is the end
        return
