"""Lines between clients and a server that can be cut, held, slowed, or kept from carrying something: a TCP proxy.

One thread carries all lines. What is asked of a line holds from that moment on, for what is open and for who calls.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress

WEBSOCKETS, SOCKETS = b"transport=websocket", b" /socket.io/"
REFUSAL = b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
AT_ONCE = 65536


class Wires:
    """The thread that carries all lines."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self._thread.start()
        self._all: list[Wire] = []

    def to(self, port: int) -> Wire:
        """A new line to `port` on the loopback address."""
        wire = Wire(self.loop, port)
        asyncio.run_coroutine_threadsafe(wire.open(), self.loop).result(10)
        self._all.append(wire)
        return wire

    def close(self) -> None:
        """Cut everything, and end the thread."""
        for wire in self._all:
            asyncio.run_coroutine_threadsafe(wire.end(), self.loop).result(10)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(10)
        self.loop.close()


class Wire:
    """One line: it listens on a port of its own, `url`. All but `open` and `end` may be called from any thread."""

    def __init__(self, loop: asyncio.AbstractEventLoop, target: int) -> None:
        self._loop, self._target = loop, target
        self._flowing = asyncio.Event()
        self._flowing.set()
        self._ends: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._down, self._refused = False, b""
        self._delay = 0.0

    async def open(self) -> None:
        """Begin to listen."""
        self._door = await asyncio.start_server(self._carry, "127.0.0.1", 0)
        self.port: int = self._door.sockets[0].getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"

    async def end(self) -> None:
        """Cut it for good."""
        self._door.close()
        self._abort()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    # -- what is done to it --------------------------------------------------------------------------------------

    def cut(self) -> None:
        """Drop what is open, without a goodbye. Whoever calls again gets through."""
        self._soon(self._abort)

    def down(self) -> None:
        """Drop what is open, and whoever calls, until it is `healed`."""
        self._down = True
        self.cut()

    def hold(self) -> None:
        """A black hole: nothing passes, nobody is told, until it is `healed`; then what was sent arrives late."""
        self._soon(self._flowing.clear)

    def refuse(self, what: bytes) -> None:
        """Answer 403 to requests that contain `what` (WEBSOCKETS, SOCKETS), and drop what is open."""
        self._refused = what
        self.cut()

    def slow(self, seconds: float) -> None:
        """Everything takes so long, each way."""
        self._delay = seconds

    def heal(self) -> None:
        """Let everything pass again."""
        self._down, self._refused, self._delay = False, b"", 0.0
        self._soon(self._flowing.set)

    def _soon(self, do: Callable[[], None]) -> None:
        self._loop.call_soon_threadsafe(do)

    def _abort(self) -> None:
        ends, self._ends = self._ends, set()
        for end in ends:
            end.transport.abort()

    # -- carrying ------------------------------------------------------------------------------------------------

    async def _carry(self, near: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            await self._connect(near, back)
        except asyncio.CancelledError:
            pass  # we end: nobody waits for this line any more
        finally:
            back.transport.abort()
            self._tasks.discard(task)

    async def _connect(self, near: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        if self._down:
            return
        self._ends.add(back)
        await self._flowing.wait()
        with suppress(OSError):
            far, there = await asyncio.open_connection("127.0.0.1", self._target)
            self._ends.add(there)
            try:
                await asyncio.gather(self._pump(near, there, back), self._pump(far, back))
            finally:
                there.transport.abort()
                self._ends -= {back, there}

    async def _pump(
        self, source: asyncio.StreamReader, target: asyncio.StreamWriter, answer: asyncio.StreamWriter | None = None
    ) -> None:
        """Until one end is gone; then the other goes too. `answer`: where a refused request is told so."""
        with suppress(OSError):
            while data := await source.read(AT_ONCE):
                if answer and self._refused and self._refused in data.split(b"\r\n", 1)[0]:
                    answer.write(REFUSAL)
                    await answer.drain()
                    break
                if self._delay:
                    await asyncio.sleep(self._delay)
                await self._flowing.wait()
                target.write(data)
                await target.drain()
        for end in (target, answer):
            if end is not None:
                with suppress(OSError, RuntimeError):
                    end.close()
