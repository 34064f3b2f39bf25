"""The lines that the drive breaks: each does what its name says, or the drive would prove nothing."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from tests.faults.wires import SOCKETS, Wire, Wires


@pytest.fixture
def echo() -> Iterator[socket.socket]:
    """Somebody who listens."""
    with socket.create_server(("127.0.0.1", 0)) as door:
        door.settimeout(10)
        yield door


@pytest.fixture
def wire(echo: socket.socket) -> Iterator[Wire]:
    wires = Wires()
    yield wires.to(echo.getsockname()[1])
    wires.close()


def call(wire: Wire) -> socket.socket:
    """Somebody who calls over the line."""
    return socket.create_connection(("127.0.0.1", wire.port), timeout=10)


def test_what_is_said_arrives_both_ways(echo: socket.socket, wire: Wire) -> None:
    with call(wire) as here, echo.accept()[0] as there:
        here.sendall(b"hello")
        assert there.recv(10) == b"hello"
        there.sendall(b"and you")
        assert here.recv(10) == b"and you"


def test_a_cut_line_ends_for_both_and_can_be_called_again(echo: socket.socket, wire: Wire) -> None:
    with call(wire) as here, echo.accept()[0] as there:
        there.sendall(b"first")  # the line stands
        assert here.recv(10) == b"first"
        wire.cut()
        assert gone(here)
        assert gone(there)
    with call(wire) as here, echo.accept()[0] as there:
        here.sendall(b"again")
        assert there.recv(10) == b"again"


def test_a_black_hole_tells_nobody_and_lets_go_of_it_later(echo: socket.socket, wire: Wire) -> None:
    with call(wire) as here, echo.accept()[0] as there:
        wire.hold()
        here.sendall(b"late")
        there.settimeout(0.2)
        with pytest.raises(TimeoutError):
            there.recv(10)
        wire.heal()
        there.settimeout(10)
        assert there.recv(10) == b"late"


def test_a_line_that_is_down_takes_no_call(wire: Wire) -> None:
    wire.down()
    with call(wire) as here:
        assert gone(here)


def test_only_what_is_refused_is_refused(echo: socket.socket, wire: Wire) -> None:
    wire.refuse(SOCKETS)
    with call(wire) as here, echo.accept()[0] as there:
        here.sendall(b"GET /tax-status HTTP/1.1\r\n\r\n")
        assert there.recv(100).startswith(b"GET /tax-status")
        here.sendall(b"GET /socket.io/?EIO=4 HTTP/1.1\r\n\r\n")
        assert here.recv(100).startswith(b"HTTP/1.1 403")


def gone(line: socket.socket) -> bool:
    """Whether the other end is no more."""
    try:
        return line.recv(10) == b""
    except ConnectionError:
        return True
