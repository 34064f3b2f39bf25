"""The short way out of a socket: in order, whole, once; and in the library's way whenever that is not sure."""

from __future__ import annotations

import random
from collections.abc import Callable
from queue import Empty, Queue
from types import SimpleNamespace
from typing import Any

import pytest
import socketio
from engineio.packet import MESSAGE, Packet

from bmu.realtime.fanout import _outbox, _send
from bmu.realtime.lines import _weighed


class Writer:
    """A green thread that runs when the test says so."""

    def __init__(self, target: Callable[[], None]) -> None:
        self.run = target

    def join(self) -> None:
        self.run()


class Network:
    """What a websocket writes to: takes `room` bytes, then no more until it is read."""

    def __init__(self, room: int = 10**9) -> None:
        self.room, self.taken, self.broken = room, b"", False

    def send(self, data: bytes, _flags: int = 0) -> int:
        if self.broken:
            raise ConnectionResetError
        if not self.room:
            raise BlockingIOError
        part = data[: self.room]
        self.taken, self.room = self.taken + part, self.room - len(part)
        return len(part)


class Line:
    """A websocket whose frames are `<text>`. Writing waits for room, which means: there is some."""

    def __init__(self, network: Network) -> None:
        self.network, self.closed = network, False
        self.socket, self._sendlock = SimpleNamespace(fd=network), SimpleNamespace(counter=1)

    def _pack_message(self, text: str) -> bytes:
        return f"<{text}>".encode()

    def _send(self, frame: bytes) -> None:
        self.network.room = 10**9
        self.network.send(frame)

    def close(self) -> None:
        self.closed = True


def message(text: str) -> Packet:
    return Packet(MESSAGE, text)


@pytest.fixture
def network() -> Network:
    return Network()


@pytest.fixture
def line(network: Network) -> Line:
    return Line(network)


@pytest.fixture
def outbox() -> Any:
    return _outbox(_weighed(Queue, Empty), Writer)()


def test_what_is_said_goes_out_at_once(outbox: Any, line: Line, network: Network) -> None:
    outbox.open(line)
    outbox.put(message("a"))
    assert outbox.push(message("b"))
    assert (network.taken, outbox.qsize(), outbox.writer) == (b"<4a><4b>", 0, None)


def test_a_frame_is_made_once_for_all(outbox: Any, line: Line, network: Network) -> None:
    other, one = _outbox(_weighed(Queue, Empty), Writer)(), message("a")
    other.open(Line(network))
    outbox.open(line)
    outbox.push(one)
    first = one.frame
    other.push(one)
    assert one.frame is first and network.taken == b"<4a><4a>"


def test_nothing_is_pushed_before_the_websocket_is_the_way_out(outbox: Any, line: Line, network: Network) -> None:
    outbox.put(message("a"))
    assert not outbox.push(message("b")) and not network.taken
    outbox.open(line)
    assert not outbox.push(message("c")), "what waits goes first"
    outbox.writer.run()
    assert network.taken == b"<4a>" and outbox.push(message("b"))


def test_what_the_network_does_not_take_waits_and_nothing_overtakes_it(
    outbox: Any, line: Line, network: Network
) -> None:
    outbox.open(line)
    network.room = 2
    for text in "abc":
        assert outbox.push(message(text)) is (text == "a")
        outbox.put(message(text)) if text != "a" else None
    assert network.taken == b"<4" and outbox.size == len("a>bc")
    outbox.writer.run()
    assert network.taken == b"<4a><4b><4c>" and not outbox.size
    outbox.put(message("d"))
    assert network.taken.endswith(b"<4d>") and outbox.writer is None


def test_nobody_writes_into_a_frame_that_another_is_writing(outbox: Any, line: Line, network: Network) -> None:
    outbox.open(line)
    line._sendlock.counter = 0  # whoever reads answers a ping of the websocket
    assert not outbox.push(message("a"))
    line._sendlock.counter, outbox.writer = 1, Writer(outbox._write)  # or one writes what it took from the queue
    assert not outbox.push(message("a"))
    outbox.writer.run()
    assert outbox.push(message("a")) and network.taken == b"<4a>"


@pytest.mark.parametrize("seed", range(20))
def test_whatever_the_network_takes_all_arrive_in_order(seed: int, line: Line, network: Network) -> None:
    dice, outbox = random.Random(seed), _outbox(_weighed(Queue, Empty), Writer)()
    texts = [f"{number}{'x' * dice.randrange(30)}" for number in range(300)]
    opens = dice.randrange(100)
    for number, text in enumerate(texts):
        if number == opens:
            outbox.open(line)
        network.room = dice.choice((0, 1, 7, 40, 1000))
        packet = message(text)
        if dice.random() < 0.5 or not outbox.push(packet):
            outbox.put(packet)
        if outbox.writer and dice.random() < 0.3:
            outbox.writer.run()
    if outbox.writer:
        outbox.writer.run()
    assert network.taken.decode() == "".join(f"<4{text}>" for text in texts)


def test_a_poll_takes_no_more_than_a_client_reads() -> None:
    queue = _weighed(Queue, Empty)()
    for number in range(40):
        queue.put(number)
    polls = []
    while not queue.empty():
        polls.append([queue.get(timeout=1)])
        with pytest.raises(Empty):
            while True:
                polls[-1].append(queue.get(block=False))
    assert [len(poll) for poll in polls] == [16, 16, 8]
    assert [number for poll in polls for number in poll] == list(range(40))


def test_a_dropped_line_says_not_a_word_more(outbox: Any, line: Line, network: Network) -> None:
    outbox.open(line)
    outbox.shut = True
    assert not outbox.push(message("a")) and not network.taken


def test_a_broken_network_closes_its_line_and_raises_nothing(outbox: Any, line: Line, network: Network) -> None:
    outbox.open(line)
    network.broken = True
    outbox.put(message("a"))
    assert not line.closed
    outbox.writer.run()
    assert line.closed and not outbox.push(message("b"))
    outbox.end()


def test_at_the_end_all_is_written_and_the_line_closed(outbox: Any, line: Line, network: Network) -> None:
    outbox.open(line)
    network.room = 0
    outbox.put(message("a"))
    outbox.end()
    assert network.taken == b"<4a>" and line.closed and outbox.writer is None


def test_who_has_no_free_way_is_sent_to_by_the_library(outbox: Any) -> None:
    sent: list[Any] = []
    socket = SimpleNamespace(queue=outbox)
    engine = SimpleNamespace(sockets={"here": socket}, send_packet=lambda *what: sent.append(what))
    one = message("a")
    _send(engine, "here", one)
    _send(engine, "gone", one)
    assert sent == [("here", one)]


def test_the_library_sends_to_many_by_what_we_put_in_its_place() -> None:
    """Its name begins with an underscore: renamed, nothing would break, and everything be slow again."""
    server, sent = socketio.Server(async_mode="threading"), list[tuple[str, Packet]]()
    server._send_eio_packet = lambda line, packet: sent.append((line, packet))
    for line in ("a", "b"):
        server.manager.enter_room(server.manager.connect(line, "/"), "/", "room")
    server.emit("told", {"n": 1}, to=["room"], skip_sid=[])
    assert [line for line, _ in sent] == ["a", "b"]
    assert sent[0][1] is sent[1][1] and sent[0][1].encode() == '42["told",{"n":1}]'
