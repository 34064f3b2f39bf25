"""Turns: what goes first when everybody comes at once, and for whom nothing is computed any more."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest

from bmu.accounts.rules import Actor
from bmu.errors import Unavailable
from bmu.realtime import turns
from bmu.realtime.lines import PATH
from bmu.realtime.listeners import Listener, listeners
from bmu.realtime.turns import CALLING, CONNECTING, SUBSCRIBING, Turnstile

HANDSHAKE = {"PATH_INFO": PATH, "QUERY_STRING": "EIO=4&transport=websocket"}


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor() as made:
        yield made


@pytest.fixture
def one_at_a_time(monkeypatch: pytest.MonkeyPatch) -> Turnstile:
    """The turnstile of the process, narrow."""
    narrow = Turnstile(1)
    monkeypatch.setattr(turns, "turnstile", narrow)
    return narrow


@pytest.fixture
def listener() -> Iterator[Listener]:
    """A socket that is open."""
    actor = Actor("u", "AC00024", "service", "AC00024", "น้ำ", None, "s", False)
    made = Listener("a socket", actor, "s", datetime.now(UTC))
    listeners.add(made)
    yield made
    listeners.remove(made.sid)


def queue(pool: ThreadPoolExecutor, stile: Turnstile, do: Callable[[], Any]) -> Future[Any]:
    """Have a thread do something, and return when it waits for its turn."""
    before, future = stile.waiting(), pool.submit(do)
    while stile.waiting() == before and not future.done():
        pass
    return future


def test_who_is_nearly_done_goes_before_who_only_comes(pool: ThreadPoolExecutor, one_at_a_time: Turnstile) -> None:
    order: list[int] = []

    def step(rank: int) -> None:
        with turns.turn(rank):
            order.append(rank)

    busy = one_at_a_time.take(CALLING)
    steps = [queue(pool, one_at_a_time, lambda rank=rank: step(rank)) for rank in (CALLING, CONNECTING, SUBSCRIBING)]
    busy.give_back()
    for one in steps:
        one.result(10)
    assert order == [SUBSCRIBING, CONNECTING, CALLING]


def test_among_equals_it_goes_in_order(pool: ThreadPoolExecutor, one_at_a_time: Turnstile) -> None:
    order: list[str] = []

    def call(name: str) -> None:
        with turns.turn(CALLING):
            order.append(name)

    busy = one_at_a_time.take(CALLING)
    calls = [queue(pool, one_at_a_time, lambda name=name: call(name)) for name in "abc"]
    busy.give_back()
    for one in calls:
        one.result(10)
    assert order == ["a", "b", "c"]


def test_a_turn_that_is_given_back_twice_lets_one_in(one_at_a_time: Turnstile, pool: ThreadPoolExecutor) -> None:
    turn = one_at_a_time.take(CALLING)
    turn.give_back()
    turn.give_back()
    one_at_a_time.take(CALLING)
    second = queue(pool, one_at_a_time, lambda: one_at_a_time.take(CALLING))
    assert one_at_a_time.waiting() == 1
    one_at_a_time._next()
    second.result(10)


def test_whoever_hung_up_while_waiting_is_not_let_in_and_costs_no_round(monkeypatch: pytest.MonkeyPatch) -> None:
    here, there = socket.socketpair()
    asked: list[str] = []
    rounds: list[float] = []
    monkeypatch.setattr(turns, "sleep", rounds.append)
    app = turns.calling(lambda environ, _start: asked.append(environ["PATH_INFO"]) or [b"in"])
    with here, there:
        assert app({**HANDSHAKE, "gunicorn.socket": here}, lambda *_: None) == [b"in"]
        there.close()
        assert app({**HANDSHAKE, "gunicorn.socket": here}, lambda *_: None) == [b"Gone"]
    assert asked == [PATH]
    assert len(rounds) == 1


def test_an_open_websocket_holds_no_turn(one_at_a_time: Turnstile) -> None:
    """Four of them would else keep everybody out."""
    waiting: list[int] = []

    def websocket(_handler: Any, _server: Any) -> Any:
        return lambda _environ, _start: waiting.append(one_at_a_time._free) or []

    app = turns.calling(lambda environ, start: turns._websocket(websocket, None, None)(environ, start))
    assert list(app({**HANDSHAKE}, lambda *_: None)) == []
    assert waiting == [1]
    assert one_at_a_time._free == 1


def test_a_failed_handshake_gives_its_turn_back(one_at_a_time: Turnstile) -> None:
    def broken(_environ: Any, _start: Any) -> Any:
        raise RuntimeError

    with pytest.raises(RuntimeError):
        turns.calling(broken)({**HANDSHAKE}, lambda *_: None)
    assert one_at_a_time._free == 1


def test_what_is_asked_again_while_it_waits_is_computed_once(
    pool: ThreadPoolExecutor, one_at_a_time: Turnstile, listener: Listener
) -> None:
    computed: list[Any] = []
    ask = turns.in_turn(lambda _listener, asked: computed.append(asked) or {"ok": True})
    busy = one_at_a_time.take(SUBSCRIBING)
    first, again = (
        queue(pool, one_at_a_time, lambda asked=asked: ask(listener, asked)) for asked in ({"since": 1}, {"since": 1})
    )
    busy.give_back()
    assert isinstance(first.exception(10), Unavailable)
    assert again.result(10) == {"ok": True}
    assert len(computed) == 1


def test_other_subscriptions_of_the_same_socket_are_all_computed(
    pool: ThreadPoolExecutor, one_at_a_time: Turnstile, listener: Listener
) -> None:
    ask = turns.in_turn(lambda _listener, asked: asked)
    busy = one_at_a_time.take(SUBSCRIBING)
    asked = [{"employeeId": "AC00024"}, {"employeeId": "*"}]
    both = [queue(pool, one_at_a_time, lambda one=one: ask(listener, one)) for one in asked]
    busy.give_back()
    assert [one.result(10) for one in both] == asked


def test_nothing_is_computed_for_a_socket_that_closed_while_it_waited(
    pool: ThreadPoolExecutor, one_at_a_time: Turnstile, listener: Listener
) -> None:
    ask = turns.in_turn(lambda _listener, asked: asked)
    busy = one_at_a_time.take(SUBSCRIBING)
    late = queue(pool, one_at_a_time, lambda: ask(listener, {}))
    listeners.remove(listener.sid)
    busy.give_back()
    assert isinstance(late.exception(10), Unavailable)


def test_callers_go_first_while_few_wait_inside(pool: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch) -> None:
    """Their patience is the shortest; but what was begun is finished before too many are begun."""
    stile, order = Turnstile(1, hall=2), list[int]()
    monkeypatch.setattr(turns, "turnstile", stile)

    def step(rank: int) -> None:
        with turns.turn(rank):
            order.append(rank)

    busy = stile.take(CALLING)
    ranks = (CALLING, CALLING, CONNECTING, SUBSCRIBING)
    steps = [queue(pool, stile, lambda rank=rank: step(rank)) for rank in ranks]
    busy.give_back()
    for one in steps:
        one.result(10)
    assert order == [SUBSCRIBING, CALLING, CALLING, CONNECTING]


def test_a_handshake_waits_before_it_is_read(pool: ThreadPoolExecutor, one_at_a_time: Turnstile) -> None:
    served: list[bool] = []

    def serve(line: socket.socket) -> None:
        with turns.reception(line):
            served.append(True)

    busy, (here, there) = one_at_a_time.take(CALLING), socket.socketpair()
    with here, there:
        there.sendall(b"GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\n\r\n")
        late = queue(pool, one_at_a_time, lambda: serve(here))
        assert one_at_a_time.waiting() == 1 and not served
        busy.give_back()
        late.result(10)
    assert served and one_at_a_time._free == 1 and not turns._arrived


@pytest.mark.parametrize(
    "begun",
    [b"PUT /api/monthly-tax-data/1 HTTP/1.1\r\n", b"GET /socket.io/?EIO=4&sid=x HTTP/1.1\r\n", b""],
    ids=["a save", "a poll of somebody who is in", "nothing yet"],
)
def test_others_are_read_at_once(one_at_a_time: Turnstile, begun: bytes) -> None:
    one_at_a_time.take(CALLING)
    here, there = socket.socketpair()
    with here, there:
        there.sendall(begun)
        with turns.reception(here):
            assert one_at_a_time.waiting() == 0
        assert here.recv(200, socket.MSG_DONTWAIT) == begun if begun else True


def test_the_turn_taken_at_the_door_is_the_handshakes_own(one_at_a_time: Turnstile) -> None:
    """A second one would wait for itself."""
    here, there = socket.socketpair()
    app = turns.calling(lambda _environ, _start: [b"in"])
    with here, there:
        there.sendall(b"GET /socket.io/?EIO=4 HTTP/1.1\r\n\r\n")
        with turns.reception(here):
            assert app({**HANDSHAKE, "gunicorn.socket": here}, lambda *_: None) == [b"in"]
    assert one_at_a_time._free == 1
