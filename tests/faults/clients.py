"""Those who hold on to a server: raw clients that show each packet, and the client that browsers run."""

from __future__ import annotations

import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import requests
import websocket

from tests.faults.server import PATIENCE, ROOT, Server

ENGINE = "/socket.io/?EIO=4"


@contextmanager
def javascript_client(server: Server, transport: str) -> Iterator[Callable[[], str]]:
    """The client that browsers run, in Node. Gives a function that waits for the next thing it tells."""
    node, library = shutil.which("node"), ROOT / "tests" / "js" / "node_modules"
    assert node and library.is_dir(), "run deploy/test-needs first"
    command = [node, str(Path(__file__).with_name("listener.mjs")), server.url, transport]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as client:
        alarm = threading.Timer(PATIENCE, client.kill)  # what is never told is read as ""
        alarm.start()
        try:
            lines = client.stdout
            assert lines is not None
            yield lambda: lines.readline().rstrip()
        finally:
            alarm.cancel()
            client.kill()


class OpenWebsocket:
    """A Socket.IO client that shows each packet as it came over the line."""

    def __init__(self, server: Server) -> None:
        url = server.url.replace("http", "ws") + ENGINE + "&transport=websocket"
        self.line = websocket.create_connection(url, timeout=PATIENCE)
        assert str(self.line.recv()).startswith("0")
        self.line.send("40")
        assert str(self.line.recv()).startswith("40")

    def rest(self) -> list[str]:
        """All further packets, up to the end of the line."""
        packets = []
        while packet := self.line.recv():
            packets.append(str(packet))
        self.drop()
        return packets

    def drop(self) -> None:
        """Leave without a word."""
        self.line.shutdown()


class OpenPolling:
    """The same over long polling."""

    def __init__(self, server: Server) -> None:
        self.url = server.url + ENGINE + "&transport=polling"
        self.url += "&sid=" + requests.get(self.url, timeout=PATIENCE).text.split('"')[3]
        requests.post(self.url, data="40", timeout=PATIENCE)
        assert self.poll().startswith("40")

    def poll(self) -> str:
        """What the next poll brings."""
        return requests.get(self.url, timeout=PATIENCE).text
