"""The worker: gunicorn's accepting and parsing, eventlet's waiting. gunicorn 26 dropped its own (decision 0001).

Named in gunicorn.conf.py as "gunicorn_eventlet.EventletWorker". Four things here are dangerous, and marked:

* What is patched, and when. The arbiter imports this module; eventlet must not exist there. So `_go_green` imports
  it after the fork, before the app; and this file lies outside `bmu/`, whose import would load the app (trap 2).
* How a websocket is closed. See `_close_websocket`.
* How long a message may be. See `_push`.
* In what order a worker stops. See `_stop`.
"""

from __future__ import annotations

import contextvars
import os
import socket
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from typing import TYPE_CHECKING, Any

from gunicorn.errors import AppImportError
from gunicorn.sock import ssl_context
from gunicorn.workers.base_async import AsyncWorker

if TYPE_CHECKING:
    import eventlet

PATCHED = ("os", "select", "socket", "thread", "time")
DRAIN_EVERY = 0.5
ACCEPT_AT_ONCE = 150  # connections in a round of the event loop: some twenty milliseconds with looking at each
MOST_PARTS = 1000  # of a message: frames, or pieces of them as the network brings them


class Refused(AppImportError):
    """The worker will not serve like this. gunicorn prints the message and stops instead of trying again."""


class EventletWorker(AsyncWorker):
    """One process, one thread, a green thread for each connection (at most `worker_connections`).

    `drain_hook`: called while stopping, perhaps several times, to send home those who hold a connection open.
    `reception`: the app's "bmu.reception", around serving a connection: who may wait does so before its first request
    is read, which costs more than accepting it. A save that came after a thousand of them is read before they are.
    """

    drain_hook: Callable[[], None] | None = None
    reception: Callable[[Any], AbstractContextManager[None]] = nullcontext
    alive: bool
    _idle: dict[Any, Any]
    _patience: float
    _tls: Any

    # -- starting ------------------------------------------------------------------------------------------------

    def init_process(self) -> None:
        """Patch, check, load the app, serve. Raises Refused."""
        if self.app.callable is not None:
            raise Refused("gunicorn_eventlet: the app was loaded before eventlet could patch; do not use --preload.")
        _go_green()
        self._idle = {}  # green thread -> the limit of its waiting
        self._patience = self.cfg.graceful_timeout
        # os.sendfile refuses eventlet's sockets: every static file would be cut short (stack trap 3).
        self.cfg.set("sendfile", False)
        self._tls = ssl_context(self.cfg) if self.cfg.is_ssl else None
        super().init_process()

    def load_wsgi(self) -> None:
        """Load the app, then refuse one that would wait in a way that is not ours."""
        super().load_wsgi()
        _refuse_other_waiting(self.wsgi)
        self.reception = getattr(self.wsgi, "extensions", {}).get("bmu.reception", nullcontext)

    # -- serving -------------------------------------------------------------------------------------------------

    def run(self) -> None:
        """Accept until told to stop; then stop in order. Returns when the process may end."""
        pool = eventlet.GreenPool(self.worker_connections)
        listeners = [eventlet.greenio.GreenSocket(s.sock) for s in self.sockets]
        acceptors = [eventlet.spawn(self._accept, listener, pool) for listener in listeners]
        while self.alive:
            self.notify()
            self._rest(1.0)
            self.alive = self.alive and os.getppid() == self.ppid
        self._stop(acceptors, listeners, pool)

    def _accept(self, listener: Any, pool: Any) -> None:
        accepted = 0
        while True:
            try:
                client, address = _accept(listener)
            except OSError as error:
                # No descriptor left, or the peer is gone already. Were this to end the loop, the process would
                # live on and hear nobody, and the arbiter would never know.
                self.log.warning("Could not accept a connection: %s", error)
                eventlet.sleep(0.1)
            else:
                pool.spawn_n(self.handle, listener, client, address)
                accepted += 1
                if accepted % ACCEPT_AT_ONCE == 0:
                    eventlet.sleep(0)  # a thousand may have waited for us to start: others have their turn meanwhile

    def handle(self, listener: Any, client: Any, address: Any) -> None:
        """Serve one connection to its end."""
        if self._tls is not None:
            client = self._secured(client)
        if client is not None:
            with self.reception(client):
                super().handle(listener, client, address)

    def _secured(self, client: Any) -> Any:
        """`client` after the TLS handshake, or None when that fails or takes longer than an idle connection may."""
        try:
            with eventlet.Timeout(self.cfg.keepalive or 5, OSError("TLS handshake timed out")):
                return self._tls.wrap_socket(client, server_side=True)
        except OSError as error:
            self.log.debug("TLS handshake failed: %s", error)
            client.close()
            return None

    def handle_request(self, *request: Any) -> Any:
        """Serve one request in a context of its own.

        A kept-alive connection is one green thread: what one request puts into context variables (a name for
        the log lines) would still be there for the next one, perhaps another person's (stack trap 8).
        """
        return contextvars.Context().run(super().handle_request, *request)

    def is_already_handled(self, answer: Any) -> bool:
        """Whether the request became a websocket, which has written its own answer. Raises StopIteration."""
        if getattr(eventlet.wsgi.WSGI_LOCAL, "already_handled", False):
            raise StopIteration
        return bool(super().is_already_handled(answer))

    @contextmanager
    def timeout_ctx(self) -> Iterator[None]:
        """While a connection waits for its next request: for `keepalive` seconds, and not at all when stopping."""
        here = eventlet.getcurrent()
        with eventlet.Timeout(self.cfg.keepalive if self.alive else 0, False) as limit:
            self._idle[here] = limit
            try:
                yield
            finally:
                del self._idle[here]

    # -- signals -------------------------------------------------------------------------------------------------

    def _rest(self, seconds: float) -> None:
        """Sleep, but wake at a signal: Python writes each signal's number into the pipe (`signal.set_wakeup_fd`)."""
        with eventlet.Timeout(seconds, False):
            eventlet.hubs.trampoline(self.PIPE[0], read=True)
            os.read(self.PIPE[0], 4096)

    def handle_quit(self, sig: int, frame: Any) -> None:
        """SIGQUIT and SIGINT: leave without waiting for anybody.

        gunicorn's handler sleeps and exits right here; but this may be inside the hub, where a green sleep is an error.
        """
        self._patience = 0
        self.alive = False
        self.cfg.worker_int(self)

    def handle_usr1(self, sig: int, frame: Any) -> None:
        """SIGUSR1: reopen the log files, outside the handler because that takes green locks."""
        eventlet.spawn_n(super().handle_usr1, sig, frame)

    # -- stopping ------------------------------------------------------------------------------------------------

    def _stop(self, acceptors: list[Any], listeners: list[Any], pool: Any) -> None:
        """End in this order, because each step would undo itself if the one before it were missing.

        1. Stop listening: whoever is sent home must not come back to the process that is ending.
        2. Hang up on connections that wait for a next request: a browser keeps some open for nothing.
        3. Send home those who hold a connection open (websockets, long polls), and
        4. let running requests end, for at most `graceful_timeout` seconds.
        """
        for acceptor in acceptors:
            acceptor.kill()
        eventlet.sleep(0)  # connections accepted this instant begin, and read what they need of the listener
        for listener in listeners:
            listener.close()
        for connection, limit in list(self._idle.items()):
            eventlet.kill(connection, limit)  # as if its time to wait were up
        self._wait(pool)
        if pool.running():
            self.log.warning("Stopped with %d connections still open.", pool.running())

    def _wait(self, pool: Any) -> None:
        """Until nobody is served any more. Drain again and again: somebody may have come in by an open connection."""
        began = drain_at = time.monotonic()
        while pool.running() and (now := time.monotonic()) - began < self._patience:
            self.notify()
            if self.drain_hook and now >= drain_at:
                eventlet.spawn_n(self._drain)
                drain_at = now + DRAIN_EVERY
            eventlet.sleep(0.02)

    def _drain(self) -> None:
        try:
            assert self.drain_hook is not None
            self.drain_hook()
        except Exception:
            self.log.exception("The drain hook failed.")


def disconnect_all(server: Any) -> None:
    """Close every connection of a Socket.IO `server` so that its clients come back by themselves.

    At the engine's level, which the JavaScript client sees as "transport close". Never `server.disconnect`:
    that says "io server disconnect", after which the client stays away for good (stack trap 15).
    A green thread for each: closing a polling client lasts until that client fetches its last message.
    """
    for sid in list(server.eio.sockets):
        server.start_background_task(server.eio.disconnect, sid)


def _go_green() -> None:
    """Import eventlet and patch this process, once, after the fork. Raises Refused when it did not take."""
    global eventlet
    # psycopg waits inside C unless it is told otherwise before its first import (stack trap 5).
    os.environ["PSYCOPG_WAIT_FUNC"] = "wait_selector"
    warnings.filterwarnings("ignore", r"\s*Eventlet is deprecated")  # known, and decided: decision 0001
    import eventlet
    import eventlet.hubs
    import eventlet.patcher
    import eventlet.websocket
    import eventlet.wsgi

    eventlet.monkey_patch()
    missed = [name for name in PATCHED if not eventlet.patcher.is_monkey_patched(name)]
    if missed:
        raise Refused(f"gunicorn_eventlet: eventlet did not patch {', '.join(missed)}.")
    eventlet.websocket.RFC6455WebSocket.close = _close_websocket
    eventlet.websocket.RFC6455WebSocket.Message.push = _push


def _refuse_other_waiting(app: Any) -> None:
    """Raise Refused when parts of `app` would wait past eventlet: every person would wait with them."""
    sockets = getattr(app, "extensions", {}).get("socketio")
    if sockets is not None and sockets.async_mode != "eventlet":
        # Guessed wrongly, polling works and websockets break: seen only by some, and late (stack trap 4).
        raise Refused(
            f"gunicorn_eventlet: the app's sockets are in async_mode {sockets.async_mode!r}, the worker is eventlet's;"
            " leave BMU_ASYNC_MODE to gunicorn.conf.py."
        )
    psycopg = sys.modules.get("psycopg.waiting")
    if psycopg is not None and psycopg.wait.__name__ == "wait_c":
        raise Refused("gunicorn_eventlet: psycopg waits in C; PSYCOPG_WAIT_FUNC was set after its first import.")


def _accept(listener: Any) -> tuple[Any, Any]:
    """Wait for a connection: one green socket, and its address. Raises OSError.

    eventlet's own accept() makes a green socket within a green socket, because the one that it calls is patched: the
    inner one's way of waiting is to fail, each read and write goes through both, and it takes twice as long.
    """
    while True:
        try:
            client, address = eventlet.patcher.original("socket").socket.accept(listener.fd)
            return eventlet.greenio.GreenSocket(client), address
        except BlockingIOError:
            eventlet.hubs.trampoline(listener.fd, read=True)


def _close_websocket(websocket: Any, close_data: tuple[int, str] | None = None) -> None:
    """What RFC6455WebSocket.close should do: say goodbye and shut the line, but leave the descriptor alone.

    eventlet's own closes the descriptor while the request's green thread still waits in recv() on it. That
    thread then never wakes (a stop takes the whole graceful timeout), and the number, once reused, would wake
    it on a stranger's connection. After shutdown() the recv() returns at once, the request's own green thread
    ends, and gunicorn closes the descriptor there, where nobody waits on it any more.
    """
    with suppress(OSError):
        websocket._send_closing_frame(close_data=close_data, ignore_send_errors=True)
        websocket.socket.shutdown(socket.SHUT_RDWR)


def _push(message: Any, data: bytes, final: bool = False) -> None:
    """What RFC6455WebSocket.Message.push should do: keep a part of a message, as long as the whole has its bound.

    eventlet's own bounds each frame; a message of frames without end would fill the memory. Raises
    FailedConnectionError, upon which eventlet ends the connection.
    """
    message.finished = final
    message.data.append(data)
    message.size = getattr(message, "size", 0) + len(data)
    if message.size > message.max_frame_length or len(message.data) > MOST_PARTS:
        raise eventlet.websocket.FailedConnectionError(1009, "The message is too long.")
