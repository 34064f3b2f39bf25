"""Asking open sockets whether they are still there: one green thread for all of them.

Engine.IO starts one for each, at each ping. It sleeps through the interval in a stack of its own, some 8 kB.
"""

from __future__ import annotations

import time
from collections import deque
from typing import Any

from engineio.packet import PING, Packet

ASK_EVERY = 1.0  # seconds between two rounds: a ping may be so late


class Pings:
    """Who of this Engine.IO `engine` is to be asked, and when. Waits in a green thread that begins with the first."""

    def __init__(self, engine: Any) -> None:
        self._engine, self._due, self._begun = engine, deque[tuple[float, Any]](), False

    def schedule(self, socket: Any) -> None:
        """Ask `socket` in an interval, if it has answered the last time: in the place of its own method."""
        if socket.last_ping:
            socket.last_ping = None
            self._due.append((time.monotonic() + self._engine.ping_interval, socket))
        if not self._begun:
            self._begun = True
            self._engine.start_background_task(self._run)

    def _run(self) -> None:
        while True:
            self._engine.sleep(ASK_EVERY)
            self.ask(time.monotonic())

    def ask(self, now: float) -> None:
        """Ask those who are due by `now` (seconds, monotonic). All wait equally long: who came first is due first."""
        while self._due and self._due[0][0] <= now:
            _, socket = self._due.popleft()
            if not socket.closing and not socket.closed:
                socket.last_ping = time.time()
                socket.send(Packet(PING))
