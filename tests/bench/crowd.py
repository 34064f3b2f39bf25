"""Many websockets that listen, in this process and cheaply: no client library, one epoll, frames only counted.

A receiver that costs more than the server's sending would be what is measured. Speaks what Socket.IO speaks over a
websocket, with any server: come in, subscribe, answer pings, count events.
"""

from __future__ import annotations

import json
import select
import socket
import time
from dataclasses import dataclass, field

UPDATED = b'42["monthly-tax-data:updated",'
PATIENCE = 60.0
AT_ONCE = 32  # who are coming in at the same time
HELLO = (
    "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\n"
    "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
)
PUT = (
    "PUT {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAuthorization: Bearer {token}\r\n"
    "Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
)


@dataclass(frozen=True)
class Heard:
    """Milliseconds since a PUT was sent: until its answer, and until the last of those who listen had the event."""

    answered: float
    last: float


@dataclass(eq=False)
class _Line:
    """One websocket: what it wants to listen to, and what came of a frame that is not whole yet."""

    socket: socket.socket
    room: str
    is_open: bool = False
    held: bytes = b""


@dataclass
class Crowd:
    """Websockets at the server on `port` of the loopback address, signed in by `token`."""

    port: int
    token: str
    since: int = 0
    heard: int = 0
    entered: int = 0
    _mark: bytes = b""
    _kept: socket.socket | None = None
    _lines: dict[int, _Line] = field(default_factory=dict)
    _epoll: select.epoll = field(default_factory=select.epoll)

    def open(self, rooms: list[str]) -> float:
        """One more socket for each of `rooms`; the seconds it took until all had subscribed."""
        began, start = time.perf_counter(), self.entered
        for number, room in enumerate(rooms):
            self._until(lambda number=number: number - (self.entered - start) < AT_ONCE)  # type: ignore[misc]
            self._call(room)
        self._until(lambda: self.entered - start == len(rooms))
        return time.perf_counter() - began

    def join(self, room: str) -> None:
        """Every socket listens to `room` as well."""
        start = self.entered
        for number, line in enumerate(self._lines.values()):
            self._subscribe(line, room)
            self._until(lambda number=number: number - (self.entered - start) < AT_ONCE)  # type: ignore[misc]
        self._until(lambda: self.entered - start == len(self._lines))

    def put(self, path: str, asked_for: dict[str, object], mark: str = "") -> Heard:
        """PUT what makes the server tell everybody, and wait until all have heard it: as many events that hold `mark`
        as there are sockets. A save may be told twice (design §6), so each needs a mark of its own."""
        self._mark = mark.encode()
        body = json.dumps(asked_for)
        asked = PUT.format(path=path, port=self.port, token=self.token, length=len(body), body=body).encode()
        wanted = self.heard + len(self._lines)
        caller = self._caller()
        began = time.perf_counter()
        caller.send(asked)
        answered, last = 0.0, 0.0
        while not (answered and last):
            self._turn(0)  # never asleep: waking us would be work of the server's
            now = time.perf_counter()
            last = last or (now if self.heard >= wanted else 0.0)
            answered = answered or (now if self._answered(caller) else 0.0)
            assert now - began < PATIENCE, f"{wanted - self.heard} did not hear"
        assert self.heard == wanted or mark, f"{self.heard - wanted} events too many"
        return Heard(1000 * (answered - began), 1000 * (last - began))

    def rest(self, seconds: float) -> None:
        """Do nothing but answer pings."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self._turn(0.05)

    def close(self) -> None:
        """Leave without a word."""
        for line in self._lines.values():
            line.socket.close()
        self._lines.clear()
        if self._kept is not None:
            self._kept.close()
        self._epoll.close()

    def _call(self, room: str) -> None:
        line = _Line(socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE), room)
        line.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        line.socket.sendall(HELLO.format(port=self.port).encode())
        line.socket.setblocking(False)
        self._lines[line.socket.fileno()] = line
        self._epoll.register(line.socket, select.EPOLLIN)

    def _subscribe(self, line: _Line, room: str) -> None:
        asked = json.dumps({"employeeId": room, "since": self.since})
        line.socket.sendall(_frame(f'421["subscribe:monthly-tax-data",{asked}]'))

    def _caller(self) -> socket.socket:
        """A connection for a PUT: the last one's, or another when that was closed meanwhile."""
        if self._kept is None or self._answered(self._kept) is None:
            self._kept = socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE)
            self._kept.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._kept.setblocking(False)
        return self._kept

    @staticmethod
    def _answered(caller: socket.socket) -> bool | None:
        """Whether the answer is there; None when the connection has ended. Raises when it is none of success."""
        try:
            said = caller.recv(65536)
        except BlockingIOError:
            return False
        assert said[:13] in (b"", b"HTTP/1.1 200 ") or b"success" in said, said
        return b"success" in said if said else None

    def _until(self, done: object) -> None:
        end = time.monotonic() + PATIENCE
        while not done():  # type: ignore[operator]
            self._turn()
            assert time.monotonic() < end, f"{self.entered} of {len(self._lines)} came in"

    def _turn(self, patience: float = 1.0) -> None:
        """Read what has come. The usual case first: one whole event and nothing else."""
        for number, _ in self._epoll.poll(patience, 4096):
            line = self._lines.get(number)
            if line is None:
                continue
            data = line.socket.recv(65536)
            usual = not line.held and data[:2] == b"\x81\x7e" and len(data) == 4 + int.from_bytes(data[2:4])
            if usual and data.startswith(UPDATED, 4):
                self.heard += self._mark in data
            else:
                self._read(line, data)

    def _read(self, line: _Line, data: bytes) -> None:
        assert data, "the server has ended a line"
        line.held += data
        if not line.is_open:
            hello, _, rest = line.held.partition(b"\r\n\r\n")
            if b"\r\n\r\n" not in line.held:
                return
            assert hello.startswith(b"HTTP/1.1 101"), hello
            line.is_open, line.held = True, rest
        while (size := _whole(line.held)) is not None:
            start, end = size
            frame, line.held = line.held[start:end], line.held[end:]
            self._hear(line, frame)

    def _hear(self, line: _Line, text: bytes) -> None:
        if text.startswith(b"42["):
            self.heard += text.startswith(UPDATED) and self._mark in text
        elif text == b"2":
            line.socket.sendall(_frame("3"))
        elif text.startswith(b"0"):
            line.socket.sendall(_frame("40" + json.dumps({"token": self.token})))
        elif text.startswith(b"40"):
            self._subscribe(line, line.room)
        elif text.startswith(b"431["):
            assert b'"ok":true' in text, text
            self.entered += 1
        else:
            raise AssertionError(text)


def _whole(data: bytes) -> tuple[int, int] | None:
    """Where the text of the first frame in `data` begins and ends, if it is all there."""
    start, size = 2, data[1] & 127 if len(data) > 1 else 0
    if size >= 126:
        start = 4 if size == 126 else 10
        size = int.from_bytes(data[2:start])
    return (start, start + size) if len(data) >= max(2, start + size) else None


def _frame(text: str) -> bytes:
    """A client's frame: masked, as it must be, with nothing."""
    data = text.encode()
    size = bytes([128 | len(data)]) if len(data) < 126 else b"\xfe" + len(data).to_bytes(2)
    return b"\x81" + size + bytes(4) + data
