"""Websockets whose bytes are wrong, or too many, on the real server: the line ends, and nobody else notices."""

from __future__ import annotations

import socket
import struct
from collections.abc import Callable

import pytest

from bmu.realtime.lines import LARGEST_MESSAGE
from tests.conftest import STRANGER
from tests.faults.firm import ENGINE, PATIENCE, House, until

pytestmark = [pytest.mark.faults, pytest.mark.usefixtures("leaving")]

HELLO = (
    f"GET {ENGINE}websocket HTTP/1.1\r\nHost: {{host}}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
)


def raw(house: House, hello: str = HELLO) -> socket.socket:
    """A connection on which the websocket is open, if the server takes `hello`."""
    host, port = "127.0.0.1", house.server.port
    line = socket.create_connection((host, port), timeout=PATIENCE)
    line.sendall(hello.format(host=f"{host}:{port}").encode())
    line.recv(65536)
    return line


def frame(opcode: int, data: bytes, final: bool = True, masked: bool = True, length: int | None = None) -> bytes:
    """A frame of RFC 6455, not necessarily a right one."""
    size = len(data) if length is None else length
    head = bytes([opcode | (128 if final else 0)])
    mark = 128 if masked else 0
    head += bytes([mark | size]) if size < 126 else bytes([mark | 127]) + struct.pack("!Q", size)
    return head + (b"\x00" * 4 if masked else b"") + data


def closed(line: socket.socket) -> bool:
    """True once the server has ended the connection."""
    try:
        while line.recv(65536):
            pass
    except ConnectionError:
        pass
    return True


@pytest.mark.parametrize(
    "sent",
    [
        frame(1, b"40", masked=False),
        frame(3, b"40"),
        frame(0, b"40"),
        frame(9, b"x" * 126),
        frame(8, b"\x00"),
        frame(8, struct.pack("!H", 1)),
        frame(1, b"", length=2**40),
        frame(1, b"\xff\xff"),
        frame(1 | 64, b"40"),
        frame(1, b"4" * 9000, final=False) + frame(0, b"4" * 9000, final=False),
        frame(1, b"4", final=False) + frame(0, b"", final=False) * 1200,
        frame(1, b"4" * (LARGEST_MESSAGE + 1)),
    ],
    ids=[
        *("unmasked", "unknown opcode", "nothing to continue", "long ping", "short close", "bad close", "endless"),
        *("no unicode", "compressed", "large in parts", "many parts", "large"),
    ],
)
def test_a_frame_against_the_rules_ends_its_line(house: House, watcher: Callable[[], None], sent: bytes) -> None:
    with raw(house) as line:
        line.sendall(sent)
        assert closed(line)
    watcher()


@pytest.mark.parametrize(
    "change",
    [
        ("Sec-WebSocket-Version: 13\r\n", ""),
        ("Sec-WebSocket-Version: 13", "Sec-WebSocket-Version: x"),
        ("Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n", ""),
        ("Upgrade: websocket\r\nConnection: Upgrade\r\n", ""),
        ("EIO=4", "EIO=3"),
        ("transport=websocket", "transport=x"),
        ("websocket HTTP", "websocket&sid=x HTTP"),
        ("websocket HTTP", "websocket&j=0 HTTP"),
        ("GET ", "POST "),
        ("GET ", "BREW "),
    ],
    ids=lambda change: change[1].strip() or change[0].split(":")[0],
)
def test_a_handshake_against_the_rules_is_refused(
    house: House, watcher: Callable[[], None], change: tuple[str, str]
) -> None:
    raw(house, HELLO.replace(*change)).close()
    watcher()
    assert house.lives()


def test_a_line_that_never_stops_sending_leaves_the_others_their_turn(
    house: House, watcher: Callable[[], None]
) -> None:
    with raw(house) as line:
        # Somebody we know: a stranger would be hung up on at about the same time.
        line.sendall(frame(1, f'40{{"token":"{house.sign_in(STRANGER).token}"}}'.encode()))
        line.settimeout(0.5)
        # Not read any more, the network is full; or cut off already.
        with pytest.raises((TimeoutError, ConnectionError)):
            for _ in range(5000):
                line.sendall(frame(1, b"6" * 5) * 2000)
        watcher()
        until(lambda: house.metric('bmu_lines_cut_total{why="storm"}'), "the storm to be cut off")
