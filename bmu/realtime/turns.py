"""Turns: who comes in or subscribes waits for one, so that a thousand who come back at once keep nobody from saving.

Coming in costs some milliseconds of computing in three steps. Without turns all steps of all sockets are ready at the
same moment after a restart, and a save waits behind them for seconds. Here a few steps run in each round of the event
loop, and saves run between them.

Later steps go first. In order of coming, a slow server would begin everybody's and finish nobody's before the clients'
patience ends; they would come back, and it would never be done (decision 0014). For the same reason nothing is computed
for who has hung up, or has asked the same again, while waiting.
"""

from __future__ import annotations

import socket
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial, wraps
from threading import Event, Lock
from typing import Any

from bmu.errors import Unavailable
from bmu.offload import sleep
from bmu.realtime.lines import PATH
from bmu.realtime.listeners import Listener, listeners

SUBSCRIBING, CONNECTING, CALLING = range(3)  # the steps, the one that goes first first
AT_ONCE = 3  # some six milliseconds of computing in a round; a save waits for some eight rounds
HALL = 600  # so many can be finished before their clients' patience ends, on a machine three times as slow, too
TURN = "bmu.turn"  # of a handshake, in its WSGI environment
PEEK = int(socket.MSG_PEEK | socket.MSG_DONTWAIT)
CALL = f"GET {PATH}?".encode()
Answer = dict[str, Any]


class Turn:
    """The right to compute. Given back once, however often it is said."""

    def __init__(self, give: Callable[[], None]) -> None:
        self._give: Callable[[], None] | None = give

    def give_back(self, *, unused: bool = False) -> None:
        """Let the event loop go round, then the next one in; the next one at once when it was `unused`."""
        give, self._give = self._give, None
        if give is not None:
            try:
                # Held for the round: steps that never wait would follow each other in one round without end.
                if not unused:
                    sleep(0)
            finally:
                give()


class Turnstile:
    """Lets `at_once` in at the same time; who waits goes by rank, and among equals in order.

    Callers go before all others as long as fewer than `hall` of those wait: a handshake costs least and is waited for
    the shortest time, and who gives up comes back and costs another one.
    """

    def __init__(self, at_once: int, hall: int = 0) -> None:
        self._free, self._hall, self._lock = at_once, hall, Lock()
        self._waiting: tuple[deque[Event], ...] = (deque(), deque(), deque())

    def take(self, rank: int) -> Turn:
        """Wait for a turn."""
        with self._lock:
            if self._free:
                self._free -= 1
                return Turn(self._next)
            mine = Event()
            self._waiting[rank].append(mine)
        try:
            mine.wait()
        except BaseException:  # the worker ends this green thread: its turn, which may be on its way, is another's
            self._pass(rank, mine)
            raise
        return Turn(self._next)

    def _pass(self, rank: int, mine: Event) -> None:
        with self._lock:
            given = mine not in self._waiting[rank]
            if not given:
                self._waiting[rank].remove(mine)
        if given:
            self._next()

    def _next(self) -> None:
        with self._lock:
            line = self._first()
            if line:
                line.popleft().set()
            else:
                self._free += 1

    def _first(self) -> deque[Event] | None:
        """The line whose first one is next; None when nobody waits."""
        *inside, calling = self._waiting
        if calling and sum(map(len, inside)) < self._hall:
            return calling
        return next(filter(None, self._waiting), None)

    def waiting(self) -> int:
        """How many wait."""
        return sum(map(len, self._waiting))


turnstile = Turnstile(AT_ONCE, HALL)


@contextmanager
def turn(rank: int) -> Iterator[None]:
    """A turn for the block."""
    taken = turnstile.take(rank)
    try:
        yield
    finally:
        taken.give_back()


def in_turn(handler: Callable[[Listener, Answer], Answer]) -> Callable[[Listener, Answer], Answer]:
    """An event that is computed in its turn. Raises Unavailable when that would be for nobody."""

    @wraps(handler)
    def wait(listener: Listener, asked: Answer) -> Answer:
        listener.asked = asked
        with turn(SUBSCRIBING):
            again = listener.asked is not asked and listener.asked == asked
            if again or listeners.get(listener.sid) is not listener:
                raise Unavailable()
            return handler(listener, asked)

    return wait


def bind(server: Any) -> None:
    """Have a handshake of this Socket.IO `server` give its turn back where its websocket begins: that lasts as long
    as the page is open."""
    drivers = server.eio._async
    websocket = drivers["websocket"]
    server.eio._async = {**drivers, "websocket": websocket and partial(_websocket, websocket)}


def _websocket(driver: Any, handler: Any, server: Any) -> Any:
    app = driver(handler, server)

    def application(environ: dict[str, Any], start_response: Any) -> Any:
        if TURN in environ:
            environ[TURN].give_back()
        return app(environ, start_response)

    return application


_arrived: dict[Any, Turn] = {}


@contextmanager
def reception(line: Any) -> Iterator[None]:
    """Around all that a connection asks: when it begins with a handshake, that is not even read before its turn.

    Reading one request takes as long as accepting twenty. After a restart the listen queue holds a thousand of them,
    and the connection of somebody who saves is behind them.
    """
    if not _calls(line):
        yield
        return
    turn = _arrived[line] = turnstile.take(CALLING)
    try:
        yield
    finally:
        _arrived.pop(line, None)
        turn.give_back()


def _calls(line: Any) -> bool:
    """Whether what has come already is a handshake; a poll says whose it is (`sid=`)."""
    begun = _peek(line, 512)
    return begun is not None and begun.startswith(CALL) and b"sid=" not in begun.partition(b"\r\n")[0]


def _peek(line: Any, size: int) -> bytes | None:
    """What has come over a line, left in it; b"": it is closed. None: nothing yet, or that cannot be asked (TLS)."""
    line = getattr(line, "fd", line)  # eventlet's would wait
    try:
        found: bytes = line.recv(size, PEEK)
        return found
    except (BlockingIOError, ValueError, AttributeError):
        return None
    except OSError:
        return b""


def calling(wsgi_app: Callable[..., Any]) -> Callable[..., Iterable[bytes]]:
    """The app, whose handshakes wait for their turn. Who has given up by then is not let in."""

    def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        if environ.get("PATH_INFO") != PATH or "sid=" in environ.get("QUERY_STRING", ""):
            return wsgi_app(environ, start_response)
        environ[TURN] = _arrived.pop(environ.get("gunicorn.socket"), None) or turnstile.take(CALLING)
        try:
            if has_hung_up(environ):
                # Callers who gave up must cost no rounds, or those behind them give up as well.
                environ[TURN].give_back(unused=True)
                start_response("400 BAD REQUEST", [("Content-Type", "text/plain")])
                return [b"Gone"]
            return wsgi_app(environ, start_response)
        finally:
            environ[TURN].give_back()

    return application


def has_hung_up(environ: Mapping[str, Any]) -> bool:
    """Whether a caller is gone before the answer: looked up in the line itself, without reading from it."""
    return _peek(environ.get("gunicorn.socket"), 1) == b""
