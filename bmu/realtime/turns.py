"""Turns: who comes in or subscribes waits for one, so that a thousand who come back at once keep nobody from saving.

Coming in costs some milliseconds of computing in three steps. Without turns all steps of all sockets are ready at the
same moment after a restart, and a save waits behind them for seconds. Here a few steps run in each round of the event
loop, and saves run between them.

Later steps go first. In order of coming, a slow server would begin everybody's and finish nobody's before the clients'
patience ends; they would come back, and it would never be done (decision 0014). For the same reason nothing is computed
for who has hung up, or has asked the same again, while waiting.
"""

from __future__ import annotations

import heapq
import itertools
import socket
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
AT_ONCE = 10  # some twenty-five milliseconds of computing in a round
TURN = "bmu.turn"  # of a handshake, in its WSGI environment
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
    """Lets `at_once` in at the same time; who waits goes by rank, and among equals in order."""

    def __init__(self, at_once: int) -> None:
        self._free, self._lock = at_once, Lock()
        self._waiting: list[tuple[int, int, Event]] = []
        self._number = itertools.count()

    def take(self, rank: int) -> Turn:
        """Wait for a turn."""
        with self._lock:
            if self._free:
                self._free -= 1
                return Turn(self._next)
            mine = Event()
            heapq.heappush(self._waiting, (rank, next(self._number), mine))
        try:
            mine.wait()
        except BaseException:  # the worker ends this green thread: its turn, which may be on its way, is another's
            self._pass(mine)
            raise
        return Turn(self._next)

    def _pass(self, mine: Event) -> None:
        with self._lock:
            left = [one for one in self._waiting if one[2] is not mine]
            given = len(left) == len(self._waiting)
            self._waiting[:] = left
            heapq.heapify(self._waiting)
        if given:
            self._next()

    def _next(self) -> None:
        with self._lock:
            if self._waiting:
                heapq.heappop(self._waiting)[2].set()
            else:
                self._free += 1

    def waiting(self) -> int:
        """How many wait."""
        return len(self._waiting)


turnstile = Turnstile(AT_ONCE)


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


def calling(wsgi_app: Callable[..., Any]) -> Callable[..., Iterable[bytes]]:
    """The app, whose handshakes wait for their turn. Who has given up by then is not let in."""

    def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        if environ.get("PATH_INFO") != PATH or "sid=" in environ.get("QUERY_STRING", ""):
            return wsgi_app(environ, start_response)
        environ[TURN] = turnstile.take(CALLING)
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
    line = environ.get("gunicorn.socket")
    line = getattr(line, "fd", line)  # eventlet's would wait
    try:
        return line is not None and line.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT) == b""
    except (BlockingIOError, ValueError, AttributeError):  # there and silent; or TLS, which cannot be asked
        return False
    except OSError:
        return True
