"""The line between a browser and the server, which can be cut, held, or kept from carrying websockets."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress

REFUSAL = b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


class Line:
    """A TCP proxy to `port` on the loopback address.

    websockets: "pass"; "refuse", as proxies do that know only HTTP; "swallow", as those do that answer nothing.
    """

    def __init__(self, port: int) -> None:
        self.websockets = "pass"
        self.calls = 0
        self._target = ("127.0.0.1", port)
        self._down = False
        self._flowing = threading.Event()
        self._flowing.set()
        self._ends: list[socket.socket] = []
        self._door = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._door.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()

    def cut(self) -> None:
        """Drop everything that is open; whoever calls again gets through."""
        ends, self._ends = self._ends, []
        for end in ends:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def down(self) -> None:
        """Drop everything, and whoever calls."""
        self._down = True
        self.cut()

    def up(self) -> None:
        """Let calls through again."""
        self._down = False

    def hold(self) -> None:
        """Nothing passes any more, and nobody is told: a laptop sleeps, a cable is out."""
        self._flowing.clear()

    def resume(self) -> None:
        """Let it flow again; what was held has been lost with its connections."""
        self.cut()
        self._flowing.set()

    def close(self) -> None:
        self._flowing.set()
        self.down()
        self._door.close()

    def _serve(self) -> None:
        while True:
            try:
                near, _ = self._door.accept()
            except OSError:
                return
            self.calls += 1
            threading.Thread(target=self._carry, args=(near,), daemon=True).start()

    def _carry(self, near: socket.socket) -> None:
        with near, suppress(OSError):
            if self._down:
                return
            self._ends.append(near)
            first = near.recv(65536)
            if b"transport=websocket" in first.split(b"\r\n", 1)[0] and self.websockets != "pass":
                return self._no_websocket(near)
            with socket.create_connection(self._target) as far:
                self._ends.append(far)
                far.sendall(first)
                back = threading.Thread(target=self._pump, args=(far, near), daemon=True)
                back.start()
                self._pump(near, far)
                back.join()

    def _no_websocket(self, near: socket.socket) -> None:
        if self.websockets == "refuse":
            near.sendall(REFUSAL)
        while near.recv(65536):
            pass

    def _pump(self, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                self._flowing.wait()
                target.sendall(data)
        for end in (source, target):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
