"""Everybody is asked in their time, by one green thread."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from engineio.packet import PING, PONG, Packet

from bmu.realtime.pings import Pings


class Pinged:
    """A socket that keeps what it was sent."""

    def __init__(self) -> None:
        self.last_ping: float | None = 1.0
        self.closing = self.closed = False
        self.sent: list[int] = []

    def send(self, packet: Packet) -> None:
        self.sent.append(packet.packet_type)


@pytest.fixture
def pings(monkeypatch: pytest.MonkeyPatch) -> Pings:
    monkeypatch.setattr("bmu.realtime.pings.time.monotonic", lambda: 100.0)
    return Pings(SimpleNamespace(ping_interval=20, start_background_task=lambda _: None))


def test_who_came_in_is_asked_after_an_interval_and_once(pings: Pings) -> None:
    socket = Pinged()
    pings.schedule(socket)
    pings.schedule(socket)
    pings.ask(119.9)
    assert socket.sent == [] and socket.last_ping is None
    pings.ask(120.0)
    pings.ask(200.0)
    assert socket.sent == [PING] != [PONG] and socket.last_ping


def test_who_has_left_is_not_asked(pings: Pings) -> None:
    gone, here = Pinged(), Pinged()
    pings.schedule(gone)
    pings.schedule(here)
    gone.closed = True
    pings.ask(120.0)
    assert (gone.sent, here.sent) == ([], [PING])
